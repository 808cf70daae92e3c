// The machine's clocks and randomness, read only at the edges (main loops, store, agent):
// everything below gets time as a parameter. Any thread.
#ifndef SYNC_BASE_CLOCK_H
#define SYNC_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

// Milliseconds since this machine booted, sleep included; never steps.
uint64_t clock_mono_ms(void);
// Milliseconds since 1970 by the machine's own clock: may be wrong by years.
int64_t clock_wall_ms(void);
// A number that is the same for every process of one boot and differs between boots.
uint64_t clock_boot_id(void);

// From libsodium.
void random_fill(void *out, size_t len);
uint64_t random_u64(void); // never 0

#endif

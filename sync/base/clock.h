// The machine's clocks and randomness, read only at the edges (main loops, store, agent):
// everything below gets time as a parameter. Any thread.
#ifndef SYNC_BASE_CLOCK_H
#define SYNC_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Milliseconds since this machine booted, sleep included; never steps.
uint64_t clock_mono_ms(void);
// Milliseconds since 1970 by the machine's own clock: may be wrong by years.
int64_t clock_wall_ms(void);
// Does the kernel say that a time service keeps the wall clock right? Then *out_error_ms is
// how wrong it may be at most.
bool clock_is_synced(int64_t *out_error_ms);
// A number that is the same for every process of one boot and differs between boots.
uint64_t clock_boot_id(void);

// From libsodium.
void random_fill(void *out, size_t len);
uint64_t random_u64(void); // never 0

#endif

// A snapshot under way: the server's manifest and chunks as the hub makes them, fetched one
// at a time over the lossy network, given up and resumed. A bad mirror serves a manifest
// that fits its chunks and batches that their authors never signed.
#ifndef TESTS_SIM_SNAP_H
#define TESTS_SIM_SNAP_H

#include "sync/exchange/client.h"

enum { SNAP_CHUNKS_MAX = 64 };

struct snap {
    bool is_under_way;
    struct bytes chunks[SNAP_CHUNKS_MAX]; // packed
    size_t count, at;
    struct client_saved saved; // where the cursor stands at the end
    uint32_t channels;
    uint64_t due_ms;
    unsigned tries;
    bool is_bad;
};

struct sim;
// Machine i, link k. Answers CLIENT_SNAP; the step machine is told when it ends.
void snap_begin(struct sim *s, size_t i, size_t k);
void snap_step(struct sim *s, size_t i, size_t k);
uint64_t snap_next_ms(const struct snap *p); // UINT64_MAX: none
// Told to stop: the step machine is answered now.
void snap_abort(struct sim *s, size_t i, size_t k);
void snap_forget(struct snap *p); // the program is gone; frees

#endif

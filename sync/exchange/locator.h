// Points of an upstream's history that a device remembers, dense near the head and sparse
// far back, so that a hub restored from any backup finds a common one. Pure; any thread.
#ifndef SYNC_EXCHANGE_LOCATOR_H
#define SYNC_EXCHANGE_LOCATOR_H

#include "sync/exchange/message.h"

// Ascending by seq, no two alike. All zero is empty.
struct exchange_locator {
    struct exchange_mark marks[EXCHANGE_LOCATOR_MAX];
    size_t count;
};

// Adds a point; when full, the one whose neighbours cover it best goes. seq 0 is left out:
// the beginning is always common.
void locator_add(struct exchange_locator *l, const struct exchange_mark *m);
// Forgets everything after seq: that history is gone.
void locator_cut(struct exchange_locator *l, uint64_t seq);
// Newest first, as the wire wants them; returns how many.
size_t locator_list(const struct exchange_locator *l,
                    struct exchange_mark out[EXCHANGE_LOCATOR_MAX]);

#endif

// What hubs said themselves and nobody else may hold yet; for the verb status. Store thread;
// no state of its own.
#ifndef SYNC_STORE_AUTHORED_H
#define SYNC_STORE_AUTHORED_H

#include "sync/store/store.h"

enum { AUTHORED_KINDS_MAX = 32, AUTHORED_LOOK_BACK = 200000 };

struct authored {
    uint64_t count;
    struct authored_kind {
        char kind[FACT_KIND_MAX + 1];
        uint64_t count;
    } kinds[AUTHORED_KINDS_MAX]; // by name
    size_t kind_count;
};

// Counts the facts of the root and of hubs (who may enrol) that stand after held[channel] in
// the numbered log; looks at its last AUTHORED_LOOK_BACK facts. ERR_IO, ERR_CORRUPT.
MUST_CHECK enum err store_count_authored(struct store *s,
                                         const uint64_t held[CHANNEL_COUNT],
                                         struct authored *out);

#endif

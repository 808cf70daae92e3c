// What the store knows of its upstreams beside cursors (peer.h): which is which, how far the
// hub itself has what a relay took, and what a relay tells its devices of that. Everything
// runs on the store's thread. Failures of the database: ERR_IO, ERR_FULL, ERR_CORRUPT.
#ifndef SYNC_STORE_UPSTREAM_H
#define SYNC_STORE_UPSTREAM_H

#include "sync/exchange/message.h"
#include "sync/store/store.h"

enum {
    UPSTREAM_NAME_SIZE = 2 * EXCHANGE_LOG_BYTES + 1,
    UPSTREAMS_KEPT = 8 // upstreams remembered; beyond, the one met first is forgotten
};

// Creates its tables when they are missing; peer_migrate calls it.
MUST_CHECK enum err upstream_migrate(struct store *s);

// The name under which an upstream with this log is kept: an address may change hands, a log
// never does. The first hub of a store is called "hub".
MUST_CHECK enum err upstream_name(struct store *s, const uint8_t log[EXCHANGE_LOG_BYTES],
                                  char out[UPSTREAM_NAME_SIZE]);

// Own facts on their way; both 0 while there is no upstream.
struct upstream_waiting {
    int64_t unsent; // nobody else has them
    int64_t on_lan; // a relay has them, the hub not yet as far as we know
};
struct upstream_waiting upstream_count_waiting(struct store *s);

// A session with this upstream begins (again): of the streams it is not known to hold, ask
// before pushing. It may have them by another way, and a relay's whole store is large.
MUST_CHECK enum err upstream_ask_again(struct store *s, int64_t upstream);
// Forgets the upstreams met first beyond UPSTREAMS_KEPT, but never this one.
MUST_CHECK enum err upstream_prune(struct store *s, int64_t upstream);

// Keeps what the answer of a relay says of the hub; after the haves and facts were applied.
MUST_CHECK enum err upstream_take_up(struct store *s, int64_t upstream,
                                     const struct exchange_up *up);
// For a relay's answer: which streams of the device (0: of everybody) the hub lacks facts of.
// Fills all but the version.
MUST_CHECK enum err upstream_read_up(struct store *s, uint64_t dev,
                                     struct exchange_up *out);

#endif

// The exchange's queries on the store, device side: what to push and offer to an upstream,
// what came back, and where we stand with it. Everything runs on the store's thread. An
// upstream is known by a short name ("hub"); cursor, `seen`, locator and acknowledgements
// are kept for each. Failures of the database: ERR_IO, ERR_FULL, ERR_CORRUPT.
#ifndef SYNC_STORE_PEER_H
#define SYNC_STORE_PEER_H

#include "sync/exchange/client.h"
#include "sync/store/store.h"

// Creates the tables of the exchange when they are missing; store_open calls it.
MUST_CHECK enum err peer_migrate(struct store *s);

// What is left for this upstream.
struct peer_pending {
    uint64_t facts;  // to push
    uint64_t offers; // streams of which it is not known what the upstream still has
};
struct peer_pending peer_count_pending(struct store *s, const char *upstream);

// Where we stand; all zero for a new upstream, which is created.
MUST_CHECK enum err peer_load(struct store *s, const char *upstream,
                              struct client_saved *out);

struct peer_gather {
    const char *upstream;
    const struct client_saved *saved; // cursor, seen and locator to show
    size_t max_bytes;                 // of batches pushed, and of facts wanted
    bool wants_grants;
};
// Seals what is not signed yet and fills everything of out but clock and health. Fleet
// first, then desk, then the rest. out must be zeroed or used before.
MUST_CHECK enum err peer_gather(struct store *s, const struct peer_gather *g,
                                struct exchange_request *out);

// Writes one answer in one commit: adopts what the hub has (even when it is less), takes the
// facts, drops channels, authors the anchor, stores the cursor. Facts that fail to verify
// are left to the reject table. A channel with own facts that the hub lacks is not dropped
// yet: plan->defers_drop. ERR_GAP: the facts are kept as far as they connect, the cursor
// goes back to the beginning. *out_pending as peer_count_pending.
MUST_CHECK enum err peer_apply(struct store *s, const char *upstream,
                               struct client_plan *plan, const struct moment *now,
                               struct peer_pending *out_pending);

// Some batches of a snapshot's chunk: each u32 big-endian length, then the batch.
struct peer_snap {
    const char *upstream;
    const uint8_t *data;
    size_t len;
    const uint8_t *done; // the chunk's hash when these are its last ones, else NULL
    struct moment now;
};
// Takes them in one commit and acknowledges nothing: their streams are offered to the
// upstream, which may have lost them since. ERR_INPUT: no such list. ERR_GAP: a predecessor
// is missing. ERR_SIGNATURE: a batch is not its author's. Nothing is taken then.
MUST_CHECK enum err peer_snap_take(struct store *s, const struct peer_snap *p);
// Was this chunk taken, before a restart perhaps?
bool peer_snap_has(struct store *s, const uint8_t hash[FACT_HASH_BYTES]);
// All chunks are taken: the cursor stands at the snapshot's end.
MUST_CHECK enum err peer_snap_finish(struct store *s, const char *upstream,
                                     const struct client_saved *saved);

#endif

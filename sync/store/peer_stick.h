// The exchange without a network: what goes into a file and what is taken from one, both as
// /v1/sync requests. Store thread. Errors of the database: ERR_IO, ERR_FULL, ERR_CORRUPT.
#ifndef SYNC_STORE_PEER_STICK_H
#define SYNC_STORE_PEER_STICK_H

#include "sync/exchange/message.h"
#include "sync/store/store.h"

// Where an export stands. All zero but channels to begin; peer_stick_finish at the end.
struct peer_stick_walk {
    uint32_t channels; // CHANNEL_BIT mask wanted; 0: all
    uint64_t *streams; // fleet first
    size_t count, at;
    size_t fleet_count; // a request ends with them: they say what the reader may see
    uint64_t n;
    bool has_begun, is_done;
};
// Fills out->push with the next whole batches, signing our own first. Erased bodies stay
// erased: only their digests go. is_done with an empty push: nothing is left.
MUST_CHECK enum err peer_stick_read(struct store *s, struct peer_stick_walk *w,
                                    struct exchange_request *out);
void peer_stick_finish(struct peer_stick_walk *w);

enum { PEER_STICK_DEVICES_MAX = 256 };
struct peer_stick_report {
    uint64_t added, known;
    uint64_t refused; // batches that do not verify, or another branch: kept as evidence
    uint64_t gaps;    // batches whose predecessor is not here
    uint64_t unseen;  // batches of channels this device may not see
    uint64_t devices[PEER_STICK_DEVICES_MAX]; // who wrote what was new
    size_t device_count;
};
// Takes a request's batches, in the caller's commit. Streams of others are offered to each
// upstream, not pushed: most likely it has them.
MUST_CHECK enum err peer_stick_take(struct store *s, const struct exchange_request *r,
                                    const struct moment *now,
                                    struct peer_stick_report *io);

#endif

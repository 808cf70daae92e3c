// Whole batches into the lists of messages, and the batches that prove a device's grant.
// Everything runs on the store's thread. Failures of the database: ERR_IO, ERR_CORRUPT.
#ifndef SYNC_STORE_PEER_GRANTS_H
#define SYNC_STORE_PEER_GRANTS_H

#include "sync/exchange/message.h"
#include "sync/store/store.h"

struct peer_from {
    uint64_t stream, after;
};
// Adds whole batches of one stream while they fit; *out_is_full when one did not.
MUST_CHECK enum err peer_add_batches(struct store *s, const struct peer_from *p,
                                     size_t max_bytes, struct exchange_batches *out,
                                     bool *out_is_full);

// Copies whole fleet streams with grants in them until the list is full: the proof a hub asks
// for that does not know the key's device. The root's come first, then those that grant
// something to the key; its newest grant is among them even when its stream is too long.
MUST_CHECK enum err peer_read_grants(struct store *s, const uint8_t key[FACT_KEY_BYTES],
                                     struct exchange_batches *out);

#endif

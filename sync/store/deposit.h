// Keys of sealed stores that devices leave with this upstream (vault.h): one each, beside the
// log, never a fact, in no export and no snapshot. Store thread. Errors of the database.
#ifndef SYNC_STORE_DEPOSIT_H
#define SYNC_STORE_DEPOSIT_H

#include "sync/store/seal.h"
#include "sync/store/store.h"

// Keeps or replaces; writes nothing when it is the same. *out_is_new: it was not there.
MUST_CHECK enum err deposit_put(struct store *s, uint64_t dev,
                                const uint8_t key[SEAL_KEY_BYTES], bool *out_is_new);
// ERR_NOT_FOUND.
MUST_CHECK enum err deposit_get(struct store *s, uint64_t dev,
                                uint8_t out[SEAL_KEY_BYTES]);
// A revoked device: without its key what is on its card can not be read any more.
MUST_CHECK enum err deposit_drop(struct store *s, uint64_t dev);

#endif

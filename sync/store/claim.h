// Strict gates in the store: who holds the place, and the hub's answer to a claim. Store
// thread. Failures of the database: ERR_IO, ERR_FULL, ERR_CORRUPT.
#ifndef SYNC_STORE_CLAIM_H
#define SYNC_STORE_CLAIM_H

#include "sync/event/claim.h"
#include "sync/exchange/message.h"
#include "sync/store/store.h"

// Who holds the one place of this holder (a person id, or 't' and a ticket) at the gate, as
// far as is known here. ERR_NOT_FOUND: nobody.
MUST_CHECK enum err store_find_claim(struct store *s, const char *holder,
                                     const char *gate, const struct moment *now,
                                     struct claim_holder *out);

// The hub's half: answers the claim of device dev and keeps the answer as a gate.claim fact,
// in the commit that is open. The same nonce gets the same answer. ERR_DENIED: not answered,
// for this store may not author claims, the device may not admit, or the gate is not strict.
MUST_CHECK enum err store_answer_claim(struct store *s, uint64_t dev,
                                       const struct exchange_claim *claim,
                                       const struct moment *now,
                                       struct exchange_claimed *out);

#endif

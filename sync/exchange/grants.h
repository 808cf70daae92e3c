// Does a chain of grants lead from the root to a key? For a hub that does not know the
// device that calls (restored from a backup): only what verifies is let into its store.
// Pure; any thread.
#ifndef SYNC_EXCHANGE_GRANTS_H
#define SYNC_EXCHANGE_GRANTS_H

#include "sync/exchange/message.h"

enum { GRANTS_KEYS_MAX = 64 };

struct grants_chain {
    struct {
        uint8_t key[FACT_KEY_BYTES];
        bool may_enrol; // may grant in turn
    } items[GRANTS_KEYS_MAX];
    size_t count;
};

// Reads every batch that verifies and whose author is the root or a key that may enrol by
// then; repeats until nothing new is found. More keys than fit are left out.
void grants_follow(struct grants_chain *c, const uint8_t root[FACT_KEY_BYTES],
                   const struct exchange_batches *batches);
bool grants_has(const struct grants_chain *c, const uint8_t key[FACT_KEY_BYTES]);
// May this batch be taken on the strength of the chain?
bool grants_allow(const struct grants_chain *c, const void *batch, size_t len);

#endif

// Does a chain of grants lead from the root to a key? For a hub that does not know the
// device that calls (restored from a backup): only what verifies is let into its store.
// Pure; any thread.
#ifndef SYNC_EXCHANGE_GRANTS_H
#define SYNC_EXCHANGE_GRANTS_H

#include "sync/exchange/message.h"

enum { GRANTS_KEYS_MAX = 64 }; // beside the devices, which need no place

struct grants_chain {
    uint8_t may_enrol[GRANTS_KEYS_MAX]
                     [FACT_KEY_BYTES]; // keys that may grant; the root first
    size_t count;
    uint8_t wanted[FACT_KEY_BYTES];
    bool has_wanted; // was granted anything
};

// Reads every batch that verifies and whose author is the root or a key that may enrol by
// then, for the key wanted; repeats until nothing new is found. More enrollers than fit are
// left out: they are the hubs and relays of one event.
void grants_follow(struct grants_chain *c, const uint8_t root[FACT_KEY_BYTES],
                   const uint8_t wanted[FACT_KEY_BYTES],
                   const struct exchange_batches *batches);
// May this batch be taken on the strength of the chain?
bool grants_allow(const struct grants_chain *c, const void *batch, size_t len);

#endif

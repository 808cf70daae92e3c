// Whoever keeps the key of a sealed store (store/vault.h), a thread of its own: asks the
// upstreams for it at the start, leaves it with each of them, makes a new one, and tries
// staff codes, which take half a second. Works before the store is open. start, stop and
// join from the main thread; the rest from any.
#ifndef SYNC_AGENT_KEEPER_H
#define SYNC_AGENT_KEEPER_H

#include "sync/event/person.h"
#include "sync/store/vault.h"

enum {
    KEEPER_URLS_MAX = 8,
    KEEPER_ANSWER_MS = 3000,
    KEEPER_RETRY_MIN_MS = 500, // between rounds without a key, doubling
    KEEPER_RETRY_MAX_MS = 8000,
    KEEPER_AGAIN_MS = 5 * 60 * 1000 // an upstream may have been restored from a backup
};

enum keeper_news_kind {
    KEEPER_OPEN,    // the key, for store_open
    KEEPER_MADE,    // a new key, and an upstream has it: for vault_seal
    KEEPER_WRONG,   // a code was wrong or too early: wait_ms until the next
    KEEPER_NO_CODE, // no codes are kept here
    KEEPER_TROUBLE  // the disk: the code was not tried
};

struct keeper_news {
    enum keeper_news_kind kind;
    uint64_t wait_ms;
    uint8_t key[SEAL_KEY_BYTES];
};

struct keeper;

struct keeper_options {
    const char *dir;
    const char *urls; // "http://hub.example:8092, http://relay:8092"; copied
    bool is_locked;   // ask for the key at once
    // On the keeper's thread; must only hand over.
    void (*post)(void *arg, const struct keeper_news *news);
    void *post_arg;
};

// ERR_IO, ERR_CORRUPT: the device's own key cannot be read.
MUST_CHECK enum err keeper_start(const struct keeper_options *o, struct keeper **out);
void keeper_stop(struct keeper *k);
void keeper_join(struct keeper *k); // then frees it; NULL is fine

// The store is plain and should not be: KEEPER_MADE follows once an upstream has the key.
void keeper_make(struct keeper *k);
// KEEPER_OPEN, KEEPER_WRONG or KEEPER_NO_CODE follows. badge: person id, or "".
void keeper_try(struct keeper *k, const char *badge, const char *pin);
// Blocks for half a second. ERR_DENIED: there is no key, the store is locked or plain.
MUST_CHECK enum err keeper_add_code(struct keeper *k, const struct vault_code *code);

// Asks the upstreams once, for verbs on the command line. ERR_NOT_FOUND: none has it.
MUST_CHECK enum err keeper_fetch(const char *dir, const char *urls,
                                 uint8_t out_key[SEAL_KEY_BYTES]);

#endif

// A store whose files are sealed (seal.h), and who holds its key. The key is 64 random bytes
// that never lie in plain on the device: upstreams keep a copy and hand it out at the start
// (GET /v1/key), and staff codes unwrap it when no upstream can be reached.
//
// DIR/seal says that the store is sealed and how to tell its key from another; also where an
// upstream is, for that is asked before the store is open. DIR/unlock holds the staff codes:
// for each the key in a secretbox under Argon2id of badge and PIN. With a badge its 80 random
// bits protect the key; a PIN of six digits alone stops a finder, not somebody who copies the
// card: a million tries of half a second each are days of one computer.
//
// Functions with a dir: any thread, but the codes of one dir by one thread at a time.
#ifndef SYNC_STORE_VAULT_H
#define SYNC_STORE_VAULT_H

#include "sync/store/seal.h"
#include "sync/store/store.h"

enum {
    VAULT_URL_SIZE = 256,
    VAULT_CODES_MAX = 16,
    VAULT_PIN_MIN = 6,
    VAULT_PIN_MAX = 12
};

bool vault_is_locked(const char *dir); // sealed; also when that cannot be read
bool vault_is_key(const char *dir, const uint8_t key[SEAL_KEY_BYTES]);

// Seals an open plain store: writes a sealed copy, puts it in the store's place and overwrites
// the old file. The caller saw to it that somebody else has the key. On failure the store is
// as it was, or has failed (recover.h). ERR_UNSUPPORTED: not on real files. ERR_EXISTS.
MUST_CHECK enum err vault_seal(struct store *s, const uint8_t key[SEAL_KEY_BYTES]);

// Where an upstream is, beside the sealed store. "" when unknown.
MUST_CHECK enum err vault_set_url(const char *dir, const char *url);
void vault_get_url(const char *dir, char out[VAULT_URL_SIZE]);

struct vault_code {
    const char *name; // of the staff member; a new code of the same name replaces the old
    const char *badge; // person id on their badge; "" or NULL: the PIN alone
    const char *pin;   // VAULT_PIN_MIN to VAULT_PIN_MAX digits
};
// ERR_INPUT: no such PIN or name. ERR_LIMIT: too many codes. Takes about half a second.
MUST_CHECK enum err vault_add_code(const char *dir, const struct vault_code *c,
                                   const uint8_t key[SEAL_KEY_BYTES]);

struct vault_try {
    const char *badge, *pin;
    uint64_t now_ms;  // monotonic
    uint64_t last_ms; // monotonic, of the last try in this process, or of its start
};
// Wrong tries are counted on the disk before they are looked at, and the delay that they
// cost begins anew with the process, for the clock may be wrong: no restart helps.
// ERR_DENIED: wrong. ERR_BUSY: too early. ERR_NOT_FOUND: no codes here. *out_wait_ms: until
// the next try.
MUST_CHECK enum err vault_try_code(const char *dir, const struct vault_try *t,
                                   uint8_t out_key[SEAL_KEY_BYTES],
                                   uint64_t *out_wait_ms);

#endif

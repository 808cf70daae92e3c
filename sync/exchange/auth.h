// Requests are signed by the device's key; replaying one is harmless, since all of them are
// idempotent. Both ends use this. Pure; any thread.
//   Foyer-Key: 64 hex digits, the public key
//   Foyer-Sig: 128 hex digits, Ed25519 over "foyer request 1" || BLAKE2b-256(method || " " ||
//              path with query || 0x0a || body as sent)
#ifndef SYNC_EXCHANGE_AUTH_H
#define SYNC_EXCHANGE_AUTH_H

#include "sync/event/fact.h"

enum { AUTH_TEXT_BYTES = 15 + 32, AUTH_HEX_SIZE = 2 * FACT_SIG_BYTES + 1 };

// What is signed, for store_sign.
void auth_text(const char *method, const char *path, const void *body, size_t len,
               uint8_t out[AUTH_TEXT_BYTES]);
// The two header values as received, NULL when absent. ERR_INPUT: absent or no hex.
// ERR_SIGNATURE. out_key is filled on success.
MUST_CHECK enum err auth_check(const char *key_hex, const char *sig_hex,
                               const uint8_t text[AUTH_TEXT_BYTES],
                               uint8_t out_key[FACT_KEY_BYTES]);

#endif

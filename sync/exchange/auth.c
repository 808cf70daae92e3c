#include "sync/exchange/auth.h"

#include <sodium.h>
#include <string.h>

static const char auth_prefix[] = "foyer request 1";

void auth_text(const char *method, const char *path, const void *body, size_t len,
               uint8_t out[AUTH_TEXT_BYTES]) {
    size_t prefix = sizeof auth_prefix - 1;
    crypto_generichash_state state;
    memcpy(out, auth_prefix, prefix);
    crypto_generichash_init(&state, NULL, 0, AUTH_TEXT_BYTES - prefix);
    crypto_generichash_update(&state, (const uint8_t *)method, strlen(method));
    crypto_generichash_update(&state, (const uint8_t *)" ", 1);
    crypto_generichash_update(&state, (const uint8_t *)path, strlen(path));
    crypto_generichash_update(&state, (const uint8_t *)"\n", 1);
    if (len) {
        crypto_generichash_update(&state, body, len);
    }
    crypto_generichash_final(&state, out + prefix, AUTH_TEXT_BYTES - prefix);
}

enum err auth_check(const char *key_hex, const char *sig_hex,
                    const uint8_t text[AUTH_TEXT_BYTES],
                    uint8_t out_key[FACT_KEY_BYTES]) {
    uint8_t key[FACT_KEY_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
    if (!key_hex || !sig_hex || hex_parse(key_hex, key, sizeof key) != ERR_NONE ||
        hex_parse(sig_hex, sig, sizeof sig) != ERR_NONE) {
        return ERR_INPUT;
    }
    if (crypto_sign_verify_detached(sig, text, AUTH_TEXT_BYTES, key) != 0) {
        return ERR_SIGNATURE;
    }
    memcpy(out_key, key, sizeof key);
    return ERR_NONE;
}

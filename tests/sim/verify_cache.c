// The same signature is checked on every machine that takes its batch, some ten times in a
// seed, and checking is a fifth of its time. This stands in front of libsodium's function for
// this program only: what was verified once, byte for byte, is not computed again.
#define _GNU_SOURCE // RTLD_NEXT
#include "sync/base/mem.h"

#include <dlfcn.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS = 1 << 12, TEXT_MAX = 96 };

struct slot {
    uint8_t sig[crypto_sign_BYTES];
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
    uint8_t text[TEXT_MAX];
    size_t len; // 0: free
};

typedef int verify_function(const unsigned char *sig, const unsigned char *m,
                            unsigned long long len, const unsigned char *key);

static verify_function *real_function(void) {
    static verify_function *real;
    if (!real) {
        void *found = dlsym(RTLD_NEXT, "crypto_sign_verify_detached");
        CHECK(found);
        memcpy(&real, &found, sizeof found);
    }
    return real;
}

int crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m,
                                unsigned long long len, const unsigned char *key) {
    static struct slot slots[SLOTS];
    uint64_t hash;
    memcpy(&hash, sig + 8, sizeof hash);
    struct slot *s = &slots[hash % SLOTS];
    bool is_small = len && len <= TEXT_MAX;
    if (is_small && s->len == len && memcmp(s->sig, sig, sizeof s->sig) == 0 &&
        memcmp(s->key, key, sizeof s->key) == 0 && memcmp(s->text, m, s->len) == 0) {
        return 0;
    }
    int result = real_function()(sig, m, len, key);
    if (result == 0 && is_small) { // only what is good is remembered
        memcpy(s->sig, sig, sizeof s->sig);
        memcpy(s->key, key, sizeof s->key);
        memcpy(s->text, m, (size_t)len);
        s->len = (size_t)len;
    }
    return result;
}

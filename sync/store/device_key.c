#include "sync/store/device_key.h"

#include "sync/base/file.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <sodium.h>
#include <string.h>

enum err device_key_load(const char *dir, uint8_t out_secret[FACT_SECRET_BYTES]) {
    char *path = mem_format("%s/device.key", dir);
    struct bytes b = {0};
    CHECK(sodium_init() >= 0);
    enum err e = file_read(path, 0, FACT_SECRET_BYTES, &b);
    if (e == ERR_NOT_FOUND) {
        uint8_t public_key[FACT_KEY_BYTES];
        crypto_sign_keypair(public_key, out_secret);
        e = file_write(path, out_secret, FACT_SECRET_BYTES);
    } else if (e == ERR_NONE && b.len == FACT_SECRET_BYTES) {
        memcpy(out_secret, b.data, FACT_SECRET_BYTES);
    } else {
        e = e == ERR_IO ? e : ERR_CORRUPT;
    }
    if (e != ERR_NONE) {
        log_error("store: %s cannot be used: %s", path, err_text(e));
    }
    if (b.len) {
        sodium_memzero(b.data, b.len);
    }
    bytes_finish(&b);
    mem_free(path);
    return e;
}

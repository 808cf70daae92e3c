#include "sync/hub/keys.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEYS_BYTES_MAX = 64 };

static enum err write_file(const char *dir, const char *name, const void *data,
                           size_t len) {
    char text[2 * KEYS_BYTES_MAX + 2];
    CHECK(len <= KEYS_BYTES_MAX);
    hex_format(data, len, text);
    text[2 * len] = '\n';
    char *path = mem_format("%s/%s", dir, name);
    enum err e = ERR_NONE;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        e = errno == EEXIST ? ERR_EXISTS : ERR_IO;
    } else {
        ssize_t put = write(fd, text, 2 * len + 1);
        bool is_kept = put == (ssize_t)(2 * len + 1) && fsync(fd) == 0;
        e = close(fd) == 0 && is_kept ? ERR_NONE : ERR_IO;
    }
    if (e == ERR_IO) {
        log_error("hub: %s: %s", path, strerror(errno));
    }
    sodium_memzero(text, sizeof text);
    mem_free(path);
    return e;
}

enum err keys_make_pair(const char *dir, const char *name) {
    uint8_t key[FACT_KEY_BYTES];
    uint8_t secret[FACT_SECRET_BYTES];
    crypto_sign_keypair(key, secret);
    enum err e = write_file(dir, name, secret, sizeof secret);
    sodium_memzero(secret, sizeof secret);
    return e;
}

enum err keys_make_random(const char *dir, const char *name, size_t len) {
    uint8_t data[KEYS_BYTES_MAX];
    CHECK(len <= sizeof data);
    randombytes_buf(data, len);
    enum err e = write_file(dir, name, data, len);
    sodium_memzero(data, sizeof data);
    return e;
}

enum err keys_read(const char *dir, const char *name, void *out, size_t len) {
    char text[2 * KEYS_BYTES_MAX + 3] = {0};
    char *path = mem_format("%s/%s", dir, name);
    FILE *f = fopen(path, "re");
    enum err e = f ? ERR_NONE : ERR_NOT_FOUND;
    if (f && !fgets(text, sizeof text, f)) {
        e = ERR_INPUT;
    }
    if (f) {
        fclose(f);
    }
    text[strcspn(text, "\r\n")] = '\0';
    if (e == ERR_NONE) {
        e = hex_parse(text, out, len);
    }
    if (e == ERR_INPUT) {
        log_error("hub: %s: not %zu bytes in hex", path, len);
    }
    sodium_memzero(text, sizeof text);
    mem_free(path);
    return e;
}

void keys_public(const uint8_t secret[FACT_SECRET_BYTES], uint8_t out[FACT_KEY_BYTES]) {
    crypto_sign_ed25519_sk_to_pk(out, secret);
}

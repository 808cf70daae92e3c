#include "sync/store/vault.h"

#include "sync/base/file.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/mend.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHECK_BYTES = 16, FILE_BYTES_MAX = 64 * 1024, COPY_BYTES = 64 * 1024 };

// ---- DIR/seal -----------------------------------------------------------------------------

// ERR_NOT_FOUND: there is none. Any other error: it is there and cannot be trusted.
static enum err read_json(const char *dir, const char *name, json_t **out) {
    char *path = mem_format("%s/%s", dir, name);
    struct bytes b = {0};
    *out = NULL;
    enum err e = file_read(path, 0, FILE_BYTES_MAX, &b);
    e = e == ERR_NONE ? json_parse(b.data, b.len, out) : e;
    if (e != ERR_NONE && e != ERR_NOT_FOUND) {
        log_error("store: %s cannot be read: %s", path, err_text(e));
        *out = NULL;
    }
    bytes_finish(&b);
    mem_free(path);
    return e;
}

static enum err write_json(const char *dir, const char *name, const json_t *json) {
    char *path = mem_format("%s/%s", dir, name);
    char *text = json_format(json);
    enum err e = file_write(path, text, strlen(text));
    if (e != ERR_NONE) {
        log_error("store: %s cannot be written", path);
    }
    mem_free(text);
    mem_free(path);
    return e;
}

static void key_check(const uint8_t key[SEAL_KEY_BYTES], char out[2 * CHECK_BYTES + 1]) {
    static const char text[] = "foyer seal 1";
    uint8_t hash[CHECK_BYTES];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)text, sizeof text - 1, key,
                       SEAL_KEY_BYTES);
    hex_format(hash, sizeof hash, out);
}

// A change-over that was cut short leaves the plain database and the mark beside it.
static bool is_plain_file(const char *dir) {
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic] = {0};
    char *path = mem_format("%s/store.db", dir);
    FILE *f = fopen(path, "rbe");
    bool is_plain = f && fread(head, 1, sizeof head, f) == sizeof head &&
                    memcmp(head, magic, sizeof magic) == 0;
    if (f) {
        (void)fclose(f);
    }
    mem_free(path);
    return is_plain;
}

bool vault_is_locked(const char *dir) {
    json_t *json;
    enum err e = read_json(dir, "seal", &json);
    bool is_marked = (e != ERR_NONE && e != ERR_NOT_FOUND) ||
                     json_get_text(json, "check", "")[0] != '\0';
    json_decref(json);
    return is_marked && !is_plain_file(dir);
}

bool vault_is_key(const char *dir, const uint8_t key[SEAL_KEY_BYTES]) {
    char check[2 * CHECK_BYTES + 1];
    json_t *json;
    key_check(key, check);
    bool is_it = read_json(dir, "seal", &json) == ERR_NONE &&
                 strcmp(json_get_text(json, "check", ""), check) == 0;
    json_decref(json);
    return is_it;
}

static enum err write_field(const char *dir, const char *field, const char *value) {
    json_t *json;
    enum err e = read_json(dir, "seal", &json);
    if (e != ERR_NONE && e != ERR_NOT_FOUND) {
        return e; // what it says of the key must not be written over
    }
    e = ERR_NONE;
    if (!json || strcmp(json_get_text(json, field, ""), value) != 0) {
        json = json ? json : json_object();
        json_object_set_new(json, field, json_string(value));
        e = write_json(dir, "seal", json);
    }
    json_decref(json);
    return e;
}

static enum err write_mark(const char *dir, const uint8_t key[SEAL_KEY_BYTES]) {
    char check[2 * CHECK_BYTES + 1];
    key_check(key, check);
    return write_field(dir, "check", check);
}

enum err vault_set_url(const char *dir, const char *url) {
    return write_field(dir, "upstream", url);
}

void vault_get_url(const char *dir, char out[VAULT_URL_SIZE]) {
    json_t *json;
    enum err e = read_json(dir, "seal", &json);
    (void)e; // logged; not known then
    json_copy_text(json, "upstream", out, VAULT_URL_SIZE);
    json_decref(json);
}

// A simulated disk has no mark beside it: there a key that is given counts.
enum err vault_unlock(struct store *s, const uint8_t *key) {
    if (s->vfs) {
        s->seal = key ? seal_create(s->vfs, key) : NULL;
        return ERR_NONE;
    }
    bool is_locked = vault_is_locked(s->dir);
    if (is_locked && (!key || !vault_is_key(s->dir, key))) {
        return ERR_LOCKED;
    }
    char *path = store_path(s, "");
    bool is_new = access(path, F_OK) != 0;
    mem_free(path);
    enum err e = key && is_new && !is_locked ? write_mark(s->dir, key) : ERR_NONE;
    if (e == ERR_NONE && key && (is_locked || is_new)) {
        s->seal = seal_create(NULL, key);
    }
    return e;
}

// ---- sealing a plain store ----------------------------------------------------------------

static bool copy_into(FILE *from, sqlite3_file *to) {
    uint8_t *part = mem_alloc(COPY_BYTES, 1);
    sqlite3_int64 at = 0;
    bool ok = true;
    size_t len;
    while (ok && (len = fread(part, 1, COPY_BYTES, from)) > 0) {
        ok = to->pMethods->xWrite(to, part, (int)len, at) == SQLITE_OK;
        at += (sqlite3_int64)len;
    }
    ok = ok && !ferror(from) && at > 0;
    ok = ok && to->pMethods->xSync(to, SQLITE_SYNC_NORMAL) == SQLITE_OK;
    sodium_memzero(part, COPY_BYTES);
    mem_free(part);
    return ok;
}

static bool write_sealed(const struct seal *seal, FILE *from, const char *path) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(seal_name(seal));
    sqlite3_file *to = mem_alloc(1, (size_t)vfs->szOsFile);
    int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const char *name = sqlite3_create_filename(path, path, path, 0, NULL);
    bool ok = vfs->xOpen(vfs, name, to, flags, NULL) == SQLITE_OK;
    ok = ok && to->pMethods->xTruncate(to, 0) == SQLITE_OK && copy_into(from, to);
    if (to->pMethods) {
        ok = to->pMethods->xClose(to) == SQLITE_OK && ok;
    }
    sqlite3_free_filename(name);
    mem_free(to);
    return ok;
}

// The old file has no name any more, but its bytes are on the card.
static void overwrite(FILE *f) {
    static const uint8_t zeros[4096];
    (void)fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    for (long at = 0; at < size; at += (long)sizeof zeros) {
        (void)fwrite(zeros, 1, sizeof zeros, f);
    }
    if (fflush(f) != 0 || fsync(fileno(f)) != 0) {
        log_error("store: the plain file could not be overwritten");
    }
}

static enum err change_over(struct store *s, const struct seal *seal,
                            const uint8_t *key) {
    char *path = store_path(s, "");
    char *fresh = store_path(s, ".new");
    FILE *plain = fopen(path, "r+be");
    bool ok = plain && write_sealed(seal, plain, fresh) &&
              write_mark(s->dir, key) == ERR_NONE && rename(fresh, path) == 0;
    if (ok) {
        ok = file_sync_parent(path) == ERR_NONE;
        overwrite(plain);
    } else {
        (void)unlink(fresh);
    }
    if (plain) {
        (void)fclose(plain);
    }
    mem_free(fresh);
    mem_free(path);
    return ok ? ERR_NONE : ERR_IO;
}

enum err vault_seal(struct store *s, const uint8_t key[SEAL_KEY_BYTES]) {
    CHECK(!s->in_tx);
    if (s->vfs || s->seal) {
        return s->seal ? ERR_EXISTS : ERR_UNSUPPORTED;
    }
    if (!store_checkpoint(s)) {
        return ERR_IO; // what is in the log file only would be left behind
    }
    recover_erase_aside(s);
    store_close_database(s);
    struct seal *seal = seal_create(NULL, key);
    enum err e = change_over(s, seal, key);
    if (vault_is_locked(s->dir)) {
        s->seal = seal;
        log_info("store: sealed");
    } else {
        seal_destroy(seal);
        log_error("store: could not be sealed: %s", err_text(e));
    }
    enum err opened = store_open_database(s);
    s->failed = opened != ERR_NONE;
    return opened == ERR_NONE ? e : opened;
}

// ---- staff codes --------------------------------------------------------------------------

enum {
    SALT = crypto_pwhash_SALTBYTES,
    NONCE = crypto_secretbox_NONCEBYTES,
    BOX = SEAL_KEY_BYTES + crypto_secretbox_MACBYTES,
    OPS = 3,
    MEMORY = 64 * 1024 * 1024, // some 0.2 s on a desktop, below a second on a Pi 4
    FREE_TRIES = 3,
    DELAY_MS = 15000,
    DELAY_MAX_MS = 60 * 60 * 1000
};

static bool is_pin(const char *pin) {
    size_t len = strlen(pin);
    return len >= VAULT_PIN_MIN && len <= VAULT_PIN_MAX &&
           strspn(pin, "0123456789") == len;
}

static bool derive(const char *badge, const char *pin, const uint8_t salt[SALT],
                   uint8_t out[crypto_secretbox_KEYBYTES]) {
    char text[128];
    int len = snprintf(text, sizeof text, "%s/%s", badge ? badge : "", pin);
    bool ok = len > 0 && (size_t)len < sizeof text &&
              crypto_pwhash(out, crypto_secretbox_KEYBYTES, text, (unsigned long long)len,
                            salt, OPS, MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
    sodium_memzero(text, sizeof text);
    return ok;
}

// Staff have names too: on the disk is what only the key makes of them.
enum { WHO_BYTES = 16, WHO_HEX = 2 * WHO_BYTES + 1 };

static void format_who(const char *name, const uint8_t key[SEAL_KEY_BYTES],
                       char out[WHO_HEX]) {
    uint8_t hash[WHO_BYTES];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)name, strlen(name), key,
                       SEAL_KEY_BYTES);
    hex_format(hash, sizeof hash, out);
}

static json_t *wrap(const struct vault_code *c, const uint8_t key[SEAL_KEY_BYTES]) {
    uint8_t salt[SALT], nonce[NONCE], box[BOX], by[crypto_secretbox_KEYBYTES];
    char who[WHO_HEX], salt_hex[2 * SALT + 1], nonce_hex[2 * NONCE + 1],
        box_hex[2 * BOX + 1];
    randombytes_buf(salt, sizeof salt);
    randombytes_buf(nonce, sizeof nonce);
    if (!derive(c->badge, c->pin, salt, by)) {
        return NULL;
    }
    crypto_secretbox_easy(box, key, SEAL_KEY_BYTES, nonce, by);
    sodium_memzero(by, sizeof by);
    hex_format(salt, sizeof salt, salt_hex);
    hex_format(nonce, sizeof nonce, nonce_hex);
    hex_format(box, sizeof box, box_hex);
    format_who(c->name, key, who);
    int has_badge = c->badge && c->badge[0];
    return json_pack("{s:s,s:b,s:s,s:s,s:s}", "who", who, "badge", has_badge, "salt",
                     salt_hex, "nonce", nonce_hex, "box", box_hex);
}

enum err vault_add_code(const char *dir, const struct vault_code *c,
                        const uint8_t key[SEAL_KEY_BYTES]) {
    if (!c->name[0] || !is_pin(c->pin)) {
        return ERR_INPUT;
    }
    json_t *list;
    enum err e = read_json(dir, "unlock", &list);
    if (e != ERR_NONE && e != ERR_NOT_FOUND) {
        return e;
    }
    list = list ? list : json_array();
    char who[WHO_HEX];
    format_who(c->name, key, who);
    for (size_t i = json_array_size(list); i-- > 0;) {
        if (strcmp(json_get_text(json_array_get(list, i), "who", ""), who) == 0) {
            json_array_remove(list, i);
        }
    }
    json_t *code = json_array_size(list) < VAULT_CODES_MAX ? wrap(c, key) : NULL;
    e = ERR_LIMIT; // too many, or no memory for Argon2
    if (code) {
        json_array_append_new(list, code);
        e = write_json(dir, "unlock", list);
    }
    json_decref(list);
    return e;
}

static bool unwrap(const char *dir, const json_t *code, const struct vault_try *t,
                   uint8_t out_key[SEAL_KEY_BYTES]) {
    uint8_t salt[SALT], nonce[NONCE], box[BOX], by[crypto_secretbox_KEYBYTES];
    uint8_t key[SEAL_KEY_BYTES];
    bool has_badge = json_get_bool(code, "badge", false);
    if (has_badge && (!t->badge || !t->badge[0])) {
        return false;
    }
    bool ok = hex_parse(json_get_text(code, "salt", ""), salt, SALT) == ERR_NONE &&
              hex_parse(json_get_text(code, "nonce", ""), nonce, NONCE) == ERR_NONE &&
              hex_parse(json_get_text(code, "box", ""), box, BOX) == ERR_NONE &&
              derive(has_badge ? t->badge : "", t->pin, salt, by) &&
              crypto_secretbox_open_easy(key, box, BOX, nonce, by) == 0 &&
              vault_is_key(dir, key);
    if (ok) {
        memcpy(out_key, key, sizeof key);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(by, sizeof by);
    return ok;
}

// Tries that cannot be read do not begin at 0.
static enum err read_tries(const char *dir, int64_t *out) {
    json_t *json;
    enum err e = read_json(dir, "unlock.tries", &json);
    int64_t wrong = json_get_int(json, "wrong", 0);
    json_decref(json);
    *out = wrong < 0 ? 0 : wrong;
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

static enum err write_tries(const char *dir, int64_t wrong) {
    json_t *json = json_pack("{s:I}", "wrong", (json_int_t)wrong);
    enum err e = write_json(dir, "unlock.tries", json);
    json_decref(json);
    return e;
}

static uint64_t delay_ms(int64_t wrong) {
    if (wrong < FREE_TRIES) {
        return 0;
    }
    int64_t doublings = wrong - FREE_TRIES < 10 ? wrong - FREE_TRIES : 10;
    uint64_t ms = (uint64_t)DELAY_MS << doublings;
    return ms < DELAY_MAX_MS ? ms : DELAY_MAX_MS;
}

static enum err try_all(const char *dir, const json_t *list, const struct vault_try *t,
                        uint8_t out_key[SEAL_KEY_BYTES]) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (unwrap(dir, json_array_get(list, i), t, out_key)) {
            return ERR_NONE;
        }
    }
    return ERR_DENIED;
}

enum err vault_try_code(const char *dir, const struct vault_try *t,
                        uint8_t out_key[SEAL_KEY_BYTES], uint64_t *out_wait_ms) {
    json_t *list;
    int64_t wrong = 0;
    enum err e = read_json(dir, "unlock", &list);
    e = e == ERR_NONE ? read_tries(dir, &wrong) : e;
    uint64_t waited = t->now_ms - t->last_ms;
    *out_wait_ms = 0;
    if (e != ERR_NONE) {
        json_decref(list);
        return e;
    }
    if (!json_array_size(list)) {
        e = ERR_NOT_FOUND;
    } else if (waited < delay_ms(wrong)) {
        *out_wait_ms = delay_ms(wrong) - waited;
        e = ERR_BUSY;
    } else if (write_tries(dir, wrong + 1) != ERR_NONE) {
        e = ERR_IO; // not counted: not tried
    } else {
        e = try_all(dir, list, t, out_key);
        *out_wait_ms = e == ERR_DENIED ? delay_ms(wrong + 1) : 0;
    }
    if (e == ERR_NONE && write_tries(dir, 0) != ERR_NONE) {
        log_warning("store: the count of wrong codes could not be set back");
    }
    json_decref(list);
    return e;
}

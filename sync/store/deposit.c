#include "sync/store/deposit.h"

#include "sync/store/db.h"
#include "sync/store/scrub.h"

#include <sodium.h>
#include <string.h>

enum err deposit_get(struct store *s, uint64_t dev, uint8_t out[SEAL_KEY_BYTES]) {
    sqlite3_stmt *q = db_get(s, "SELECT key FROM deposit WHERE dev=?1");
    enum err e;
    db_bind_u64(q, 1, dev);
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    bool ok = sqlite3_column_bytes(q, 0) == SEAL_KEY_BYTES;
    if (ok) {
        memcpy(out, sqlite3_column_blob(q, 0), SEAL_KEY_BYTES);
    }
    sqlite3_reset(q);
    return ok ? ERR_NONE : ERR_NOT_FOUND;
}

enum err deposit_put(struct store *s, uint64_t dev, const uint8_t key[SEAL_KEY_BYTES],
                     bool *out_is_new) {
    uint8_t held[SEAL_KEY_BYTES];
    enum err e = deposit_get(s, dev, held);
    bool is_same = e == ERR_NONE && sodium_memcmp(held, key, sizeof held) == 0;
    sodium_memzero(held, sizeof held);
    *out_is_new = !is_same;
    if (is_same || (e != ERR_NONE && e != ERR_NOT_FOUND)) {
        return e;
    }
    sqlite3_stmt *q = db_get(s, "INSERT OR REPLACE INTO deposit(dev, key) VALUES(?1,?2)");
    db_bind_u64(q, 1, dev);
    db_bind_bytes(q, 2, key, SEAL_KEY_BYTES);
    return db_run(s, q);
}

enum err deposit_drop(struct store *s, uint64_t dev) {
    sqlite3_stmt *q = db_get(s, "DELETE FROM deposit WHERE dev=?1 RETURNING 1");
    db_bind_u64(q, 1, dev);
    enum err e = ERR_NONE;
    bool was_there = false;
    while (db_row(s, q, &e)) {
        was_there = true;
    }
    return e == ERR_NONE && was_there ? scrub_want(s) : e; // its bytes must go, too
}

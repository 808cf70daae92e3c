#include "sync/store/salvage.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/mend.h"

#include <stdio.h>
#include <string.h>

enum { META_MAX = 4096, COMMIT_EVERY = 500 };

struct salvage {
    struct store *to;
    struct store from; // only its database, identity and key are filled
    struct salvage_report *report;
    struct moment now;
    size_t since_commit;
};

// Opened so that nothing is written to it: uncommitted changes stay in RAM, and closing
// does not move its WAL.
static enum err open_damaged(struct salvage *v, const char *path) {
    struct store *from = &v->from;
    from->identity = v->to->identity;
    memcpy(from->secret, v->to->secret, sizeof from->secret);
    from->lock_fd = -1;
    int rc = sqlite3_open_v2(path, &from->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             store_vfs(v->to));
    if (rc != SQLITE_OK) {
        return ERR_CORRUPT;
    }
    sqlite3_db_config(from->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return db_exec(from, "PRAGMA locking_mode=EXCLUSIVE;PRAGMA cache_spill=OFF;"
                         "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;"
                         "PRAGMA wal_autocheckpoint=0;");
}

static void close_damaged(struct salvage *v) {
    for (size_t i = 0; i < v->from.stmt_count; i++) {
        sqlite3_finalize(v->from.stmts[i].stmt);
    }
    mem_free(v->from.stmts);
    sqlite3_close(v->from.db);
    memset(v->from.secret, 0, sizeof v->from.secret);
}

// A prepared statement that may not exist there: the schema itself can be damaged.
static sqlite3_stmt *try_prepare(struct salvage *v, const char *sql) {
    sqlite3_stmt *q = NULL;
    return sqlite3_prepare_v2(v->from.db, sql, -1, &q, NULL) == SQLITE_OK ? q : NULL;
}

// The event is known from the database, or else from the file beside it.
static enum err join_event(struct salvage *v, const char *path) {
    uint8_t both[FACT_EVENT_BYTES + FACT_KEY_BYTES];
    size_t got = 0;
    sqlite3_stmt *q =
        try_prepare(v, "SELECT value FROM meta WHERE key IN ('event','root')"
                       " ORDER BY key");
    while (q && got < sizeof both && sqlite3_step(q) == SQLITE_ROW) {
        size_t len = (size_t)sqlite3_column_bytes(q, 0);
        if (len == (got ? (size_t)FACT_KEY_BYTES : (size_t)FACT_EVENT_BYTES)) {
            memcpy(both + got, sqlite3_column_blob(q, 0), len);
            got += len;
        }
    }
    sqlite3_finalize(q);
    if (got != sizeof both && !store_read_event_file(v->to, both)) {
        return ERR_NOT_FOUND;
    }
    enum err e = store_begin(v->to);
    if (e != ERR_NONE) {
        return e;
    }
    e = store_join(v->to, both, both + FACT_EVENT_BYTES);
    e = e == ERR_NONE ? store_meta_set(v->to, SALVAGE_META, path, strlen(path)) : e;
    return store_group_end(v->to, true, e);
}

// Settings, but not the numbering's name: the order is another one now.
static enum err copy_meta(struct salvage *v) {
    sqlite3_stmt *q = try_prepare(v, "SELECT key, value FROM meta WHERE key NOT IN"
                                     " ('event','root','log_id','" SALVAGE_META "')");
    enum err e = ERR_NONE;
    while (e == ERR_NONE && q && sqlite3_step(q) == SQLITE_ROW) {
        const char *key = db_text(q, 0);
        int len = sqlite3_column_bytes(q, 1);
        if (len <= META_MAX) {
            e = store_meta_set(v->to, key, sqlite3_column_blob(q, 1), (size_t)len);
        }
    }
    sqlite3_finalize(q);
    return e;
}

static enum err commit_sometimes(struct salvage *v) {
    if (++v->since_commit < COMMIT_EVERY) {
        return ERR_NONE;
    }
    v->since_commit = 0;
    enum err e = store_commit(v->to);
    return e == ERR_NONE ? store_begin(v->to) : e;
}

// One stream from its beginning, as far as batches can be read and verify.
static enum err take_stream(struct salvage *v, uint64_t stream) {
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = 0;
    enum err e = ERR_NONE;
    bool is_readable = true;
    while (e == ERR_NONE && is_readable) {
        uint64_t after = last;
        struct take_result taken = {0};
        bytes_clear(&data);
        bytes_clear(&lens);
        is_readable = store_read_batches(&v->from, stream, after, 1, &data, &lens,
                                         &last) == ERR_NONE &&
                      last > after;
        if (!is_readable) {
            break;
        }
        e = store_take_batch(v->to, data.data, data.len, &v->now, &taken);
        v->report->facts += (int64_t)taken.new_facts;
        is_readable = e == ERR_NONE;
        bool is_ours = e == ERR_IO || e == ERR_FULL;
        e = is_ours ? e : commit_sometimes(v);
    }
    v->report->streams += last > 0;
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

// A page in the middle of the list may be gone: it is read from both ends.
static enum err take_streams(struct salvage *v, const char *sql, bool *out_is_whole) {
    sqlite3_stmt *q = try_prepare(v, sql);
    uint64_t *list = NULL;
    size_t count = 0;
    int rc = SQLITE_ERROR;
    while (q && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        list = mem_resize(list, count + 1, sizeof *list);
        list[count++] = db_u64(q, 0);
    }
    sqlite3_finalize(q);
    enum err e = ERR_NONE;
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = take_stream(v, list[i]);
    }
    mem_free(list);
    *out_is_whole = rc == SQLITE_DONE;
    return e;
}

static enum err take_all(struct salvage *v) {
    bool is_whole = false;
    enum err e = store_begin(v->to);
    if (e != ERR_NONE) {
        return e;
    }
    e = copy_meta(v);
    if (e == ERR_NONE) {
        e = take_streams(v, "SELECT stream FROM stream ORDER BY stream", &is_whole);
    }
    if (e == ERR_NONE && !is_whole) {
        e = take_streams(v, "SELECT stream FROM stream ORDER BY stream DESC", &is_whole);
    }
    sqlite3_stmt *own = db_get(v->to, "UPDATE stream SET own=1 WHERE dev=?1");
    db_bind_u64(own, 1, v->to->identity.dev);
    e = e == ERR_NONE ? db_run(v->to, own) : e;
    sqlite3_stmt *done = db_get(v->to, "DELETE FROM meta WHERE key='" SALVAGE_META "'");
    e = e == ERR_NONE ? db_run(v->to, done) : e;
    return store_group_end(v->to, true, e);
}

enum err salvage_run(struct store *s, const char *path, struct salvage_report *out) {
    struct salvage *v = mem_alloc(1, sizeof *v);
    v->to = s;
    v->report = out;
    v->now = (struct moment){
        .wall_ms = clock_wall_ms(), .boot = clock_boot_id(), .mono_ms = clock_mono_ms()};
    enum err e = open_damaged(v, path);
    if (e != ERR_NONE) {
        log_warning("store: %s cannot be opened any more", path);
    }
    e = join_event(v, path);
    v->from.identity = s->identity;
    sqlite3_stmt *tables = try_prepare(v, "SELECT f.h, b.sig, t.own FROM fact f, batch b,"
                                          " stream t"); // else db_get would fail
    if (e == ERR_NONE && tables && store_begin(&v->from) == ERR_NONE &&
        store_seal(&v->from) != ERR_NONE) {
        log_warning("store: our own last facts in %s could not be signed", path);
    }
    if (e == ERR_NONE && tables) {
        e = take_all(v);
    }
    sqlite3_finalize(tables);
    close_damaged(v);
    mem_free(v);
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

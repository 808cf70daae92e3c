#include "sync/store/store.h"

#include "sync/base/clock.h"
#include "sync/base/file.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/copy.h"
#include "sync/store/db.h"
#include "sync/store/device_key.h"
#include "sync/store/jobs.h"
#include "sync/store/mend.h"
#include "sync/store/scrub.h"
#include "sync/store/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err lock_dir(struct store *s) {
    if (mkdir(s->dir, 0700) != 0 && errno != EEXIST) {
        log_error("store: cannot make %s: %s", s->dir, strerror(errno));
        return ERR_IO;
    }
    char *path = mem_format("%s/lock", s->dir);
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    mem_free(path);
    if (s->lock_fd < 0) {
        log_error("store: cannot open %s/lock: %s", s->dir, strerror(errno));
        return ERR_IO;
    }
    return flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0 ? ERR_NONE : ERR_BUSY;
}

static enum err load_key(struct store *s) {
    enum err e = device_key_load(s->dir, s->secret);
    crypto_sign_ed25519_sk_to_pk(s->identity.key, s->secret);
    s->identity.dev = device_id(s->identity.key);
    return e;
}

static enum err set_pragmas(struct store *s, bool is_unsafe) {
    static const char common[] = "PRAGMA journal_mode=WAL;"
                                 "PRAGMA wal_autocheckpoint=0;PRAGMA foreign_keys=ON;"
                                 "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;"
                                 "PRAGMA secure_delete=ON;PRAGMA cache_size=-4096;"
                                 "PRAGMA temp_store=MEMORY;"
                                 // the schema is read here, where damage is an answer
                                 "SELECT count(*) FROM sqlite_schema;";
    // EXTRA is FULL for the log file, and makes the end of the journal durable that a new
    // database is made with: one that came back would undo everything since.
    enum err e =
        db_exec(s, is_unsafe ? "PRAGMA locking_mode=EXCLUSIVE;PRAGMA synchronous=NORMAL"
                             : "PRAGMA locking_mode=EXCLUSIVE;PRAGMA synchronous=EXTRA");
    return e == ERR_NONE ? db_exec(s, common) : e;
}

static int on_wal(void *arg, sqlite3 *db, const char *name, int pages) {
    struct store *s = arg;
    (void)db;
    (void)name;
    s->wal_pages = pages;
    return SQLITE_OK;
}

static enum err load_identity(struct store *s) {
    size_t len = 0;
    enum err e = store_meta_get(s, "event", s->identity.event, FACT_EVENT_BYTES, &len);
    if (e == ERR_NOT_FOUND) {
        return ERR_NONE;
    }
    if (e == ERR_NONE) {
        e = store_meta_get(s, "root", s->identity.root, FACT_KEY_BYTES, &len);
    }
    s->identity.has_event = e == ERR_NONE;
    return e;
}

// SQLite's own files end with two NULs: the VFS looks behind the first.
char *store_path(const struct store *s, const char *ending) {
    return mem_format("%s/store.db%s%c%c", s->dir, ending, 0, 0);
}

const char *store_vfs(const struct store *s) {
    return s->seal ? seal_name(s->seal) : s->vfs;
}

// The log file is gone after a clean close and only then.
static bool has_wal(const struct store *s) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(s->vfs);
    char *path = store_path(s, "-wal");
    int is_there = 0;
    int rc = vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &is_there);
    mem_free(path);
    return rc == SQLITE_OK && is_there;
}

enum err store_open_database(struct store *s) {
    char *path = store_path(s, "");
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    s->is_unclean = has_wal(s);
    s->check = (struct checking){.stream = (uint64_t)INT64_MIN};
    int rc = sqlite3_open_v2(path, &s->db, flags, store_vfs(s));
    mem_free(path);
    if (rc != SQLITE_OK) {
        return db_error(s, rc, "open");
    }
    sqlite3_extended_result_codes(s->db, 1);
    enum err e = set_pragmas(s, s->is_unsafe);
    s->wal_pages = 0;
    sqlite3_wal_hook(s->db, on_wal, s);
    e = e == ERR_NONE ? schema_open(s) : e;
    e = e == ERR_NONE ? load_identity(s) : e;
    e = e == ERR_NONE ? log_load(s) : e;
    e = e == ERR_NONE ? refold_load(s) : e;
    e = e == ERR_NONE ? jobs_fold_once(s) : e;
    s->holds_erased =
        e == ERR_NONE &&
        db_int(s, db_get(s, "SELECT count(*) FROM meta WHERE key='scrub'"), 0);
    return e;
}

void store_close_database(struct store *s) {
    for (size_t i = 0; i < s->stmt_count; i++) {
        sqlite3_finalize(s->stmts[i].stmt);
    }
    s->stmt_count = 0;
    copy_lose_all(s);
    if (s->db &&
        s->failed) { // its log file is written again first, or set aside as it is
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    sqlite3_close(s->db);
    s->db = NULL;
    s->in_tx = s->failed = s->rights_dirty = false;
    s->dirty_count = 0;
    search_clear(s->search);
    s->search_loaded = 0;
    for (size_t i = 0; i < CHANNEL_COUNT; i++) {
        s->versions[i]++;
    }
}

static enum err open_checked(struct store *s) {
    enum err e = store_open_database(s);
    e = e == ERR_NONE ? recover_unfinished(s) : e;
    e = e == ERR_NONE && s->is_unclean ? recover_check_tail(s) : e;
    return e == ERR_CORRUPT && !s->vfs ? recover_damaged(s) : e;
}

enum err store_open(const struct store_options *o, struct store **out) {
    CHECK(sodium_init() >= 0);
    struct store *s = mem_alloc(1, sizeof *s);
    s->lock_fd = -1;
    s->dir = mem_copy_text(o->dir);
    s->vfs = o->vfs ? mem_copy_text(o->vfs) : NULL;
    s->is_unsafe = o->is_unsafe;
    s->reserve_bytes = o->reserve_bytes;
    s->is_numbering = o->is_numbering;
    s->search = search_create();
    enum err e = lock_dir(s);
    e = e == ERR_NONE ? load_key(s) : e;
    e = e == ERR_NONE ? vault_unlock(s, o->key) : e;
    e = e == ERR_NONE ? open_checked(s) : e;
    if (e != ERR_NONE) {
        store_close(s);
        return e;
    }
    reserve_find(s);
    *out = s;
    return ERR_NONE;
}

void store_close(struct store *s) {
    if (!s) {
        return;
    }
    store_close_database(s);
    if (s->lock_fd >= 0) {
        close(s->lock_fd);
    }
    rights_finish(&s->rights);
    search_destroy(s->search);
    zone_close(s->zone);
    mem_free(s->anchors);
    mem_free(s->dirty);
    bytes_finish(&s->share.erased);
    mem_free(s->stmts);
    mem_free(s->dir);
    mem_free(s->vfs);
    seal_destroy(s->seal);
    sodium_memzero(s->secret, sizeof s->secret);
    mem_free(s);
}

struct store_identity store_identity_get(const struct store *s) {
    return s->identity;
}

bool store_read_event_file(const struct store *s,
                           uint8_t out[FACT_EVENT_BYTES + FACT_KEY_BYTES]) {
    char *path = mem_format("%s/event", s->dir);
    size_t len = FACT_EVENT_BYTES + FACT_KEY_BYTES;
    struct bytes b = {0};
    bool ok = file_read(path, 0, len, &b) == ERR_NONE && b.len == len;
    if (ok) {
        memcpy(out, b.data, len);
    }
    bytes_finish(&b);
    mem_free(path);
    return ok;
}

// Public bytes, noted where a damaged database does not take them away.
static void write_event_file(const struct store *s) {
    uint8_t both[FACT_EVENT_BYTES + FACT_KEY_BYTES];
    char *path = mem_format("%s/event", s->dir);
    memcpy(both, s->identity.event, FACT_EVENT_BYTES);
    memcpy(both + FACT_EVENT_BYTES, s->identity.root, FACT_KEY_BYTES);
    if (!s->vfs && file_write(path, both, sizeof both) != ERR_NONE) {
        log_warning("store: %s could not be written", path);
    }
    mem_free(path);
}

static enum err join(struct store *s, const uint8_t event[FACT_EVENT_BYTES],
                     const uint8_t root[FACT_KEY_BYTES],
                     const uint8_t log[EXCHANGE_LOG_BYTES]) {
    if (s->identity.has_event) {
        bool is_same = memcmp(s->identity.event, event, FACT_EVENT_BYTES) == 0 &&
                       memcmp(s->identity.root, root, FACT_KEY_BYTES) == 0;
        return is_same ? ERR_NONE : ERR_EXISTS;
    }
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    e = store_meta_set(s, "event", event, FACT_EVENT_BYTES);
    e = e == ERR_NONE ? store_meta_set(s, "root", root, FACT_KEY_BYTES) : e;
    if (e == ERR_NONE && s->is_numbering) {
        e = store_meta_set(s, "log_id", log, EXCHANGE_LOG_BYTES);
    }
    e = store_group_end(s, is_mine, e);
    e = e == ERR_NONE ? load_identity(s) : e;
    e = e == ERR_NONE ? log_load(s) : e;
    if (e == ERR_NONE) {
        write_event_file(s);
    }
    return e == ERR_NONE ? refold_load(s) : e;
}

enum err store_join(struct store *s, const uint8_t event[FACT_EVENT_BYTES],
                    const uint8_t root[FACT_KEY_BYTES]) {
    uint8_t log[EXCHANGE_LOG_BYTES];
    random_fill(log, sizeof log);
    return join(s, event, root, log);
}

enum err store_join_log(struct store *s, const uint8_t event[FACT_EVENT_BYTES],
                        const uint8_t root[FACT_KEY_BYTES],
                        const uint8_t log[EXCHANGE_LOG_BYTES]) {
    return join(s, event, root, log);
}

enum err store_meta_get(struct store *s, const char *key, void *out, size_t max,
                        size_t *out_len) {
    sqlite3_stmt *q = db_get(s, "SELECT value FROM meta WHERE key=?1");
    db_bind_text(q, 1, key);
    enum err e = ERR_NONE;
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    size_t len = (size_t)sqlite3_column_bytes(q, 0);
    if (len > max) {
        sqlite3_reset(q);
        return ERR_LIMIT;
    }
    if (len) {
        memcpy(out, sqlite3_column_blob(q, 0), len);
    }
    *out_len = len;
    sqlite3_reset(q);
    return ERR_NONE;
}

enum err store_meta_set(struct store *s, const char *key, const void *value, size_t len) {
    sqlite3_stmt *q = db_get(s, "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)");
    db_bind_text(q, 1, key);
    db_bind_bytes(q, 2, value, len);
    return db_run(s, q);
}

void store_sign(const struct store *s, const void *text, size_t len,
                uint8_t out_sig[FACT_SIG_BYTES]) {
    crypto_sign_detached(out_sig, NULL, text, len, s->secret);
}

enum err store_begin_reading(struct store *s) {
    CHECK(!s->in_tx);
    if (s->failed) {
        return ERR_IO;
    }
    enum err e = db_run(s, db_get(s, "BEGIN IMMEDIATE"));
    s->in_tx = e == ERR_NONE;
    return e;
}

enum err store_begin(struct store *s) {
    enum err e = store_begin_reading(s);
    if (e == ERR_NONE && s->share.with) {
        e = shared_begin(s);
        if (e != ERR_NONE) {
            store_rollback(s);
        }
    }
    return e;
}

enum err store_commit(struct store *s) {
    CHECK(s->in_tx);
    enum err e = refold_dirty(s);
    e = e == ERR_NONE && s->share.takes_facts ? shared_publish(s) : e;
    if (e == ERR_NONE) {
        e = db_run(s, db_get(s, "COMMIT"));
    }
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    s->in_tx = s->share.is_refused = false;
    reserve_note(s, ERR_NONE);
    return ERR_NONE;
}

void store_rollback(struct store *s) {
    CHECK(s->in_tx);
    // What RAM knew of the rolled-back facts is read again; streams start afresh, so no
    // address of the lost group is ever used for another fact.
    if (!sqlite3_get_autocommit(s->db) && db_run(s, db_get(s, "ROLLBACK")) != ERR_NONE) {
        s->failed = true;
    }
    shared_cancel(s);
    s->in_tx = s->share.is_refused = false;
    s->dirty_count = 0;
    s->rights_dirty = false;
    if (s->found_full) {
        reserve_note(s, ERR_FULL);
    }
    if (!s->failed && (log_load(s) != ERR_NONE || refold_load(s) != ERR_NONE)) {
        s->failed = true;
    }
}

enum err store_group_begin(struct store *s, bool *out_is_mine) {
    *out_is_mine = !s->in_tx;
    return s->in_tx ? ERR_NONE : store_begin(s);
}

enum err store_group_end(struct store *s, bool is_mine, enum err e) {
    if (!is_mine) {
        return e;
    }
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    return store_commit(s);
}

// 1 MiB: some dozens of admissions without a pause. After a power cut the file is read whole
// before the first frame, so what a rush or an import left is given back.
enum { WAL_PAGES_MAX = 256, PAGE_BYTES = 4096 };

static int checkpoint(struct store *s, int mode, bool *out_is_done) {
    int pages = 0;
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, mode, &pages, NULL);
    *out_is_done = rc == SQLITE_OK;
    if (rc != SQLITE_OK && rc != SQLITE_BUSY) {
        db_error(s, rc, "checkpoint");
    }
    s->wal_pages = rc == SQLITE_OK ? 0 : s->wal_pages;
    return pages;
}

bool store_checkpoint(struct store *s) {
    bool is_done = false;
    checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE, &is_done);
    return is_done;
}

void store_checkpoint_idle(struct store *s) {
    bool is_done = false;
    if (s->holds_erased) {
        enum err e = scrub_slice(s, SCRUB_SLICE_PAGES);
        (void)e; // logged; due as before
    } else if (checkpoint(s, SQLITE_CHECKPOINT_RESTART, &is_done) > WAL_PAGES_MAX) {
        store_checkpoint(s);
    }
}

void store_checkpoint_busy(struct store *s) {
    bool is_done = false;
    checkpoint(s, SQLITE_CHECKPOINT_RESTART, &is_done);
}

size_t store_wal_bytes(const struct store *s) {
    return (size_t)s->wal_pages * PAGE_BYTES;
}

uint64_t store_version(const struct store *s, enum channel c) {
    return s->versions[c];
}

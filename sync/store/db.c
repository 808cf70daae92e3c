#include "sync/store/db.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <string.h>

enum err db_error(struct store *s, int rc, const char *what) {
    int primary = rc & 0xff;
    log_error("store: %s: %s (%d)", what, sqlite3_errmsg(s->db), rc);
    if (primary == SQLITE_FULL) {
        s->found_full = true;
        return ERR_FULL;
    }
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) {
        s->failed = s->is_damaged = true;
        return ERR_CORRUPT;
    }
    if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) {
        s->failed = true; // never retry after a failed write or fsync
    }
    return ERR_IO;
}

sqlite3_stmt *db_get(struct store *s, const char *sql) {
    for (size_t i = 0; i < s->stmt_count; i++) {
        if (s->stmts[i].sql == sql) {
            sqlite3_reset(s->stmts[i].stmt);
            return s->stmts[i].stmt;
        }
    }
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc != SQLITE_OK) {
        log_error("store: %s in: %s", sqlite3_errmsg(s->db), sql);
    }
    CHECK(rc == SQLITE_OK);
    s->stmts = mem_resize(s->stmts, s->stmt_count + 1, sizeof *s->stmts);
    s->stmts[s->stmt_count++] = (struct db_stmt){sql, stmt};
    return stmt;
}

void db_bind_u64(sqlite3_stmt *q, int at, uint64_t v) {
    sqlite3_bind_int64(q, at, (sqlite3_int64)v);
}

uint64_t db_u64(sqlite3_stmt *q, int column) {
    return (uint64_t)sqlite3_column_int64(q, column);
}

void db_bind_text(sqlite3_stmt *q, int at, const char *text) {
    sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

void db_bind_bytes(sqlite3_stmt *q, int at, const void *bytes, size_t len) {
    sqlite3_bind_blob64(q, at, bytes, len, SQLITE_STATIC);
}

const char *db_text(sqlite3_stmt *q, int column) {
    const unsigned char *text = sqlite3_column_text(q, column);
    return text ? (const char *)text : "";
}

bool db_row(struct store *s, sqlite3_stmt *q, enum err *out_err) {
    int rc = sqlite3_step(q);
    *out_err = ERR_NONE;
    if (rc == SQLITE_ROW) {
        return true;
    }
    *out_err = rc == SQLITE_DONE ? ERR_NONE : db_error(s, rc, sqlite3_sql(q));
    sqlite3_reset(q);
    return false;
}

enum err db_run(struct store *s, sqlite3_stmt *q) {
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
    }
    return e;
}

enum err db_exec(struct store *s, const char *sql) {
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_NONE : db_error(s, rc, sql);
}

int64_t db_int(struct store *s, sqlite3_stmt *q, int64_t fallback) {
    enum err e;
    if (!db_row(s, q, &e)) {
        return fallback;
    }
    int64_t v = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    return v;
}

void db_set_large_cache(struct store *s, bool is_large) {
    static const char *const sql[] = {"PRAGMA cache_size=-4096;PRAGMA shrink_memory",
                                      "PRAGMA cache_size=-32768"};
    enum err e = db_exec(s, sql[is_large]);
    (void)e; // logged; it is slower then
}

#include "sync/store/upstream.h"

#include "sync/store/db.h"

#include <stdio.h>
#include <string.h>

enum err upstream_migrate(struct store *s) {
    return db_exec(s,
                   "CREATE TABLE IF NOT EXISTS behind(upstream INTEGER, stream INTEGER,"
                   " n INTEGER NOT NULL, PRIMARY KEY(upstream, stream)) WITHOUT ROWID;"
                   "CREATE INDEX IF NOT EXISTS stream_dev ON stream(dev);");
}

enum err upstream_name(struct store *s, const uint8_t log[EXCHANGE_LOG_BYTES],
                       char out[UPSTREAM_NAME_SIZE]) {
    static const uint8_t none[EXCHANGE_LOG_BYTES];
    // A row that never heard an answer has no log yet: it is the first hub's.
    sqlite3_stmt *q = db_get(s, "SELECT name FROM upstream WHERE log = ?1"
                                " OR (log = ?2 AND name = 'hub') ORDER BY log = ?2");
    db_bind_bytes(q, 1, log, EXCHANGE_LOG_BYTES);
    db_bind_bytes(q, 2, none, sizeof none);
    enum err e = ERR_NONE;
    if (db_row(s, q, &e)) {
        snprintf(out, UPSTREAM_NAME_SIZE, "%s", db_text(q, 0));
        sqlite3_reset(q);
        return ERR_NONE;
    }
    if (e == ERR_NONE) {
        hex_format(log, EXCHANGE_LOG_BYTES, out);
    }
    return e;
}

// What an upstream's acknowledgement says of the hub: all of it, but where a relay said less.
#define HUB_HAS "min(a.n, coalesce(b.n, a.n))"
#define HUB_HAS_MAX                                                     \
    "coalesce((SELECT max(" HUB_HAS ") FROM acked a LEFT JOIN behind b" \
    " ON b.upstream = a.upstream AND b.stream = a.stream"               \
    " WHERE a.stream = s.stream AND (a.known OR a.forked)), 0)"

struct upstream_waiting upstream_count_waiting(struct store *s) {
    struct upstream_waiting w = {0};
    if (!db_int(s, db_get(s, "SELECT count(*) FROM upstream"), 0)) {
        return w;
    }
    sqlite3_stmt *q =
        db_get(s, "SELECT sum(last_n - anyone), sum(anyone - hub) FROM (SELECT s.last_n,"
                  " coalesce((SELECT max(a.n) FROM acked a WHERE a.stream = s.stream"
                  " AND (a.known OR a.forked)), 0) AS anyone, " HUB_HAS_MAX " AS hub"
                  " FROM stream s WHERE s.own)");
    enum err e = ERR_NONE;
    if (db_row(s, q, &e)) {
        w.unsent = sqlite3_column_int64(q, 0);
        w.on_lan = sqlite3_column_int64(q, 1);
        sqlite3_reset(q);
    }
    return w;
}

enum err upstream_ask_again(struct store *s, int64_t upstream) {
    // Own facts that nobody acknowledged go at once; so do those this upstream knows the
    // stream of.
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO acked(upstream, stream, n, known, forked)"
                  " SELECT ?1, s.stream, 0, 0, 0 FROM stream s LEFT JOIN acked a"
                  " ON a.upstream = ?1 AND a.stream = s.stream"
                  " WHERE s.last_n > coalesce(a.n, 0) AND coalesce(a.forked, 0) = 0"
                  " AND (NOT s.own OR (a.n IS NULL AND EXISTS(SELECT 1 FROM acked o"
                  " WHERE o.stream = s.stream AND o.n > 0)))"
                  " ON CONFLICT DO UPDATE SET known = 0");
    db_bind_u64(q, 1, (uint64_t)upstream);
    return db_run(s, q);
}

static enum err forget(struct store *s, int64_t upstream) {
    sqlite3_stmt *acked = db_get(s, "DELETE FROM acked WHERE upstream = ?");
    sqlite3_stmt *behind = db_get(s, "DELETE FROM behind WHERE upstream = ?");
    sqlite3_stmt *row = db_get(s, "DELETE FROM upstream WHERE id = ?");
    db_bind_u64(acked, 1, (uint64_t)upstream);
    db_bind_u64(behind, 1, (uint64_t)upstream);
    db_bind_u64(row, 1, (uint64_t)upstream);
    enum err e = db_run(s, acked);
    e = e == ERR_NONE ? db_run(s, behind) : e;
    return e == ERR_NONE ? db_run(s, row) : e;
}

enum err upstream_prune(struct store *s, int64_t upstream) {
    enum err e = ERR_NONE;
    while (e == ERR_NONE &&
           db_int(s, db_get(s, "SELECT count(*) FROM upstream"), 0) > UPSTREAMS_KEPT) {
        sqlite3_stmt *q =
            db_get(s, "SELECT id FROM upstream WHERE id <> ? AND name <> 'hub'"
                      " ORDER BY id LIMIT 1");
        db_bind_u64(q, 1, (uint64_t)upstream);
        e = forget(s, db_int(s, q, 0));
    }
    return e;
}

enum err upstream_take_up(struct store *s, int64_t upstream,
                          const struct exchange_up *up) {
    enum err e = ERR_NONE;
    // A list that is not whole says nothing of the streams it leaves out.
    if (!up->has_more) {
        sqlite3_stmt *q = db_get(s, "DELETE FROM behind WHERE upstream = ?");
        db_bind_u64(q, 1, (uint64_t)upstream);
        e = db_run(s, q);
    }
    for (size_t i = 0; i < up->count && e == ERR_NONE; i++) {
        sqlite3_stmt *q = db_get(s, "INSERT INTO behind(upstream, stream, n)"
                                    " VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET"
                                    " n = excluded.n");
        db_bind_u64(q, 1, (uint64_t)upstream);
        db_bind_u64(q, 2, up->behind[i].stream);
        db_bind_u64(q, 3, up->behind[i].n);
        e = db_run(s, q);
    }
    return e;
}

enum err upstream_read_up(struct store *s, uint64_t dev, struct exchange_up *out) {
    sqlite3_stmt *q =
        dev ? db_get(s, "SELECT stream, hub FROM (SELECT s.stream, s.last_n, " HUB_HAS_MAX
                        " AS hub FROM stream s WHERE s.dev = ?1)"
                        " WHERE last_n > hub LIMIT ?2")
            : db_get(s, "SELECT stream, hub FROM (SELECT s.stream, s.last_n, " HUB_HAS_MAX
                        " AS hub FROM stream s) WHERE last_n > hub LIMIT ?2");
    if (dev) {
        db_bind_u64(q, 1, dev);
    }
    db_bind_u64(q, 2, EXCHANGE_BEHIND_MAX + 1);
    enum err e = ERR_NONE;
    out->is_relay = true;
    out->has_more = false;
    out->count = 0;
    while (db_row(s, q, &e)) {
        out->has_more = out->count == EXCHANGE_BEHIND_MAX;
        if (!out->has_more) {
            out->behind[out->count++] =
                (struct exchange_behind){db_u64(q, 0), db_u64(q, 1)};
        }
    }
    return e;
}

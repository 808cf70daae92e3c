#include "sync/store/peer.h"
#include "sync/store/erase.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/peer_grants.h"
#include "sync/store/upstream.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MARK_BYTES = 8 + EXCHANGE_CH_BYTES };

enum err peer_migrate(struct store *s) {
    enum err e = db_exec(
        s, "CREATE TABLE IF NOT EXISTS upstream(id INTEGER PRIMARY KEY,"
           " name TEXT NOT NULL UNIQUE, log BLOB NOT NULL, channels INTEGER NOT NULL,"
           " cur BLOB NOT NULL, seen BLOB NOT NULL, loc BLOB NOT NULL);"
           // known 0: the upstream lost history, ask it again before pushing
           "CREATE TABLE IF NOT EXISTS acked(upstream INTEGER, stream INTEGER,"
           " n INTEGER NOT NULL, known INTEGER NOT NULL, forked INTEGER NOT NULL,"
           " PRIMARY KEY(upstream, stream)) WITHOUT ROWID;"
           "CREATE TABLE IF NOT EXISTS deposit(dev INTEGER PRIMARY KEY, key BLOB NOT "
           "NULL);"
           "CREATE TABLE IF NOT EXISTS snap_chunk(hash BLOB PRIMARY KEY) WITHOUT ROWID;"
           "CREATE TABLE IF NOT EXISTS enrolment(code TEXT PRIMARY KEY, secret BLOB NOT "
           "NULL,"
           " wish TEXT NOT NULL, until_ms INTEGER NOT NULL, tries INTEGER NOT NULL)"
           " WITHOUT ROWID;");
    return e == ERR_NONE ? upstream_migrate(s) : e;
}

static int64_t upstream_id(struct store *s, const char *name) {
    sqlite3_stmt *q = db_get(s, "SELECT id FROM upstream WHERE name = ?");
    db_bind_text(q, 1, name);
    return db_int(s, q, 0);
}

struct peer_pending peer_count_pending(struct store *s, const char *upstream) {
    sqlite3_stmt *q = db_get(
        s, "SELECT sum(CASE WHEN coalesce(a.known, 1) THEN"
           " max(s.last_n - coalesce(a.n, 0), 0) ELSE 0 END),"
           " sum(coalesce(a.known, 1) = 0) FROM stream s LEFT JOIN acked a"
           " ON a.upstream = ? AND a.stream = s.stream WHERE coalesce(a.forked, 0) = 0");
    db_bind_u64(q, 1, (uint64_t)upstream_id(s, upstream));
    struct peer_pending left = {0};
    enum err e = ERR_NONE;
    if (db_row(s, q, &e)) {
        left = (struct peer_pending){db_u64(q, 0), db_u64(q, 1)};
        sqlite3_reset(q);
    }
    return left;
}

// ---- where we stand -------------------------------------------------------------------

static void mark_add(struct bytes *out, const struct exchange_mark *m) {
    bytes_add_u64(out, m->seq);
    bytes_add(out, m->ch, sizeof m->ch);
}

static void marks_read(sqlite3_stmt *q, int column, struct exchange_mark *out, size_t max,
                       size_t *out_count) {
    struct reader r = reader_make(sqlite3_column_blob(q, column),
                                  (size_t)sqlite3_column_bytes(q, column));
    size_t count = 0;
    while (count < max && r.len - r.at >= MARK_BYTES) {
        out[count].seq = reader_get_u64(&r);
        memcpy(out[count++].ch, reader_get_bytes(&r, EXCHANGE_CH_BYTES),
               EXCHANGE_CH_BYTES);
    }
    *out_count = count;
}

// The upstream lost history: of every stream held, own and foreign, it is unknown what it
// still has.
static enum err acked_forget(struct store *s, int64_t upstream) {
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO acked(upstream, stream, n, known, forked)"
                  " SELECT ?, stream, 0, 0, 0 FROM stream WHERE true"
                  " ON CONFLICT DO UPDATE SET known = 0, forked = 0, n = 0");
    db_bind_u64(q, 1, (uint64_t)upstream);
    return db_run(s, q);
}

// With the channels another upstream told: what is held of them is offered in the first round
// and need not come again.
static enum err upstream_create(struct store *s, const char *name) {
    static const uint8_t zero[MARK_BYTES];
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO upstream(name, log, channels, cur, seen, loc)"
                  " VALUES(?, ?, coalesce((SELECT channels FROM upstream"
                  " WHERE channels <> 0 ORDER BY id DESC LIMIT 1), 0), ?, ?, x'')");
    db_bind_text(q, 1, name);
    db_bind_bytes(q, 2, zero, EXCHANGE_LOG_BYTES);
    db_bind_bytes(q, 3, zero, sizeof zero);
    db_bind_bytes(q, 4, zero, sizeof zero);
    enum err e = db_run(s, q);
    // What is held already (a store filled from a damaged one, another upstream's facts) is
    // offered, not pushed: it may well be there.
    return e == ERR_NONE ? acked_forget(s, upstream_id(s, name)) : e;
}

static enum err upstream_read(struct store *s, const char *upstream,
                              struct client_saved *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT log, channels, cur, seen, loc FROM upstream WHERE name = ?");
    db_bind_text(q, 1, upstream);
    enum err e = ERR_NONE;
    if (!db_row(s, q, &e)) {
        e = e == ERR_NONE ? upstream_create(s, upstream) : e;
        db_bind_text(q, 1, upstream);
        if (e != ERR_NONE || !db_row(s, q, &e)) {
            return e == ERR_NONE ? ERR_CORRUPT : e;
        }
    }
    size_t count = 0;
    if (sqlite3_column_bytes(q, 0) == EXCHANGE_LOG_BYTES) {
        memcpy(out->cur.log, sqlite3_column_blob(q, 0), EXCHANGE_LOG_BYTES);
    }
    out->cur.channels = (uint32_t)sqlite3_column_int64(q, 1);
    marks_read(q, 2, &out->cur.at, 1, &count);
    marks_read(q, 3, &out->seen, 1, &count);
    marks_read(q, 4, out->loc.marks, EXCHANGE_LOCATOR_MAX, &out->loc.count);
    sqlite3_reset(q);
    return ERR_NONE;
}

enum err peer_load(struct store *s, const char *upstream, struct client_saved *out) {
    bool is_mine = false;
    memset(out, 0, sizeof *out);
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    e = upstream_read(s, upstream, out);
    int64_t id = upstream_id(s, upstream);
    e = e == ERR_NONE ? upstream_ask_again(s, id) : e;
    e = e == ERR_NONE ? upstream_prune(s, id) : e;
    return store_group_end(s, is_mine, e);
}

static enum err peer_save(struct store *s, int64_t upstream,
                          const struct client_saved *v) {
    struct bytes cur = {0};
    struct bytes seen = {0};
    struct bytes loc = {0};
    mark_add(&cur, &v->cur.at);
    mark_add(&seen, &v->seen);
    for (size_t i = 0; i < v->loc.count; i++) {
        mark_add(&loc, &v->loc.marks[i]);
    }
    sqlite3_stmt *q = db_get(s, "UPDATE upstream SET log = ?, channels = ?, cur = ?,"
                                " seen = ?, loc = ? WHERE id = ?");
    db_bind_bytes(q, 1, v->cur.log, sizeof v->cur.log);
    db_bind_u64(q, 2, v->cur.channels);
    db_bind_bytes(q, 3, cur.data, cur.len);
    db_bind_bytes(q, 4, seen.data, seen.len);
    db_bind_bytes(q, 5, loc.data ? loc.data : cur.data, loc.len);
    db_bind_u64(q, 6, (uint64_t)upstream);
    enum err e = db_run(s, q);
    bytes_finish(&cur);
    bytes_finish(&seen);
    bytes_finish(&loc);
    return e;
}

// ---- gathering ------------------------------------------------------------------------

// Streams whose facts the upstream is known to lack, fleet first, then desk.
static size_t read_pending(struct store *s, int64_t upstream, struct peer_from *out,
                           size_t max) {
    sqlite3_stmt *q = db_get(
        s, "SELECT s.stream, coalesce(a.n, 0) FROM stream s LEFT JOIN acked a"
           " ON a.upstream = ? AND a.stream = s.stream"
           " WHERE coalesce(a.known, 1) AND coalesce(a.forked, 0) = 0"
           " AND s.last_n > coalesce(a.n, 0)"
           " ORDER BY CASE s.channel WHEN 4 THEN 0 WHEN 3 THEN 1 ELSE 2 END, s.own DESC,"
           " s.stream LIMIT ?");
    db_bind_u64(q, 1, (uint64_t)upstream);
    db_bind_u64(q, 2, max);
    enum err e = ERR_NONE;
    size_t count = 0;
    while (db_row(s, q, &e)) {
        out[count++] = (struct peer_from){db_u64(q, 0), db_u64(q, 1)};
    }
    return count;
}

static enum err gather_push(struct store *s, int64_t upstream, size_t max_bytes,
                            struct exchange_batches *out) {
    struct peer_from list[EXCHANGE_OFFERS_MAX];
    size_t count = read_pending(s, upstream, list, EXCHANGE_OFFERS_MAX);
    bool is_full = false;
    enum err e = ERR_NONE;
    for (size_t i = 0; i < count && !is_full && e == ERR_NONE; i++) {
        e = peer_add_batches(s, &list[i], max_bytes, out, &is_full);
    }
    return e;
}

static enum err gather_offers(struct store *s, int64_t upstream,
                              struct exchange_request *out) {
    sqlite3_stmt *q = db_get(
        s, "SELECT s.stream, s.last_n, s.last_h FROM acked a JOIN stream s"
           " ON s.stream = a.stream WHERE a.upstream = ? AND a.known = 0"
           " AND a.forked = 0 AND s.last_n > 0"
           " ORDER BY CASE s.channel WHEN 4 THEN 0 WHEN 3 THEN 1 ELSE 2 END, s.stream"
           " LIMIT ?");
    db_bind_u64(q, 1, (uint64_t)upstream);
    db_bind_u64(q, 2, EXCHANGE_OFFERS_MAX);
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
        struct exchange_summary *o = &out->offers[out->offer_count++];
        o->stream = db_u64(q, 0);
        o->n = db_u64(q, 1);
        if (sqlite3_column_bytes(q, 2) == sizeof o->h) {
            memcpy(o->h, sqlite3_column_blob(q, 2), sizeof o->h);
        }
    }
    // What is offered is not sent to us: only what is held whole.
    for (size_t i = 0; i < out->offer_count && e == ERR_NONE; i++) {
        struct exchange_summary *o = &out->offers[i];
        e = erase_find_whole(s, o->stream, &o->n, o->h);
    }
    return e;
}

enum err peer_gather(struct store *s, const struct peer_gather *g,
                     struct exchange_request *out) {
    exchange_request_clear(out);
    enum err e = store_seal(s);
    int64_t upstream = upstream_id(s, g->upstream);
    if (e == ERR_NONE) {
        e = gather_offers(s, upstream, out);
    }
    if (e == ERR_NONE) {
        e = gather_push(s, upstream, g->max_bytes, &out->push);
    }
    if (e == ERR_NONE && g->wants_grants) {
        e = peer_read_grants(s, store_identity_get(s).key, &out->grants);
    }
    out->dev = store_identity_get(s).dev;
    out->proto = EXCHANGE_PROTO;
    out->cur = g->saved->cur;
    out->seen = g->saved->seen;
    out->loc_count = locator_list(&g->saved->loc, out->loc);
    out->max_bytes = (uint32_t)g->max_bytes;
    return e;
}

// ---- applying -------------------------------------------------------------------------

static enum err acked_set(struct store *s, int64_t upstream, uint64_t stream, uint64_t n,
                          bool is_forked) {
    sqlite3_stmt *q = db_get(s, "INSERT INTO acked(upstream, stream, n, known, forked)"
                                " VALUES(?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET"
                                " n = excluded.n, known = 1, forked = excluded.forked");
    db_bind_u64(q, 1, (uint64_t)upstream);
    db_bind_u64(q, 2, stream);
    db_bind_u64(q, 3, n);
    db_bind_u64(q, 4, is_forked);
    return db_run(s, q);
}

// Of this stream it is unknown what the upstream has: it is offered.
static enum err acked_doubt(struct store *s, int64_t upstream, uint64_t stream) {
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO acked(upstream, stream, n, known, forked)"
                  " VALUES(?, ?, 0, 0, 0) ON CONFLICT DO UPDATE SET known = 0, n = 0"
                  " WHERE forked = 0");
    db_bind_u64(q, 1, (uint64_t)upstream);
    db_bind_u64(q, 2, stream);
    return db_run(s, q);
}

struct taking {
    int64_t upstream;
    const struct moment *now;
    bool is_gap; // a predecessor of some batch was missing
    bool passes_gaps;
    bool
        is_past; // from a snapshot: no mark of ours tells when the upstream lost it again
    bool is_bad; // some batch was not its author's
};

// Of this stream we follow one branch and the upstream another: its batches never connect.
static bool has_branch(struct store *s, uint64_t stream) {
    sqlite3_stmt *q = db_get(s, "SELECT count(*) FROM fork WHERE stream = ?");
    db_bind_u64(q, 1, stream);
    return db_int(s, q, 0) > 0;
}

// One batch that the hub holds.
static enum err apply_batch(struct store *s, struct taking *t, const void *bytes,
                            size_t len) {
    struct batch_view b;
    struct take_result taken = {0};
    enum err e = batch_parse(bytes, len, &b);
    if (e == ERR_NONE) {
        e = store_take_batch(s, bytes, len, t->now, &taken);
    }
    if (e == ERR_GAP) {
        bool is_hopeless = t->passes_gaps || has_branch(s, b.stream);
        t->is_gap = t->is_gap || !is_hopeless;
        return ERR_NONE;
    }
    if (exchange_is_about_batch(e)) {
        log_warning("exchange: a batch from the hub was not taken: %s", err_text(e));
        t->is_bad = t->is_bad || e != ERR_FORK;
        return ERR_NONE;
    }
    if (e != ERR_NONE) {
        return e;
    }
    if (t->is_past) {
        return acked_doubt(s, t->upstream, b.stream);
    }
    uint64_t last = b.from + b.count - 1;
    sqlite3_stmt *q = db_get(s, "SELECT n FROM acked WHERE upstream = ? AND stream = ?"
                                " AND known");
    db_bind_u64(q, 1, (uint64_t)t->upstream);
    db_bind_u64(q, 2, b.stream);
    uint64_t before = (uint64_t)db_int(s, q, 0);
    return last > before ? acked_set(s, t->upstream, b.stream, last, false) : ERR_NONE;
}

static enum err apply_facts(struct store *s, struct taking *t,
                            const struct exchange_batches *facts) {
    const uint8_t *at = facts->data.data;
    enum err e = ERR_NONE;
    for (size_t i = 0; i < facts->count && e == ERR_NONE; at += facts->lens[i++]) {
        e = apply_batch(s, t, at, facts->lens[i]);
    }
    return e;
}

static enum err apply_haves(struct store *s, int64_t upstream,
                            const struct exchange_response *r) {
    enum err e = ERR_NONE;
    for (size_t i = 0; i < r->have_count && e == ERR_NONE; i++) {
        e = acked_set(s, upstream, r->have[i].stream, r->have[i].n, r->have[i].is_forked);
    }
    return e;
}

static enum err apply_anchor(struct store *s, const struct client_plan *p,
                             const struct moment *now) {
    struct draft d = {0};
    char dev[17];
    hex_format_u64(store_identity_get(s).dev, dev);
    json_t *body = json_pack("{s:I,s:I}", "source_ms", (json_int_t)p->source_ms, "rtt_ms",
                             (json_int_t)p->rtt_ms);
    enum err e = draft_fill(&d, "anchor", dev, body);
    if (e == ERR_NONE) {
        struct moment at = *now;
        at.mono_ms = p->anchor_mono_ms;
        e = store_append(s, &d, 1, &at, NULL);
    }
    draft_finish(&d);
    return e;
}

// Does this upstream lack fleet facts that we hold, as far as we know? Then its word on our
// channels may be older than ours: a restored hub, a relay that was cut off.
static bool is_upstream_older(struct store *s, int64_t upstream) {
    sqlite3_stmt *q =
        db_get(s, "SELECT count(*) FROM stream s LEFT JOIN acked a ON a.upstream = ?"
                  " AND a.stream = s.stream WHERE s.channel = 4 AND NOT s.own"
                  " AND coalesce(a.forked, 0) = 0"
                  " AND (coalesce(a.known, 0) = 0 OR s.last_n > a.n)");
    db_bind_u64(q, 1, (uint64_t)upstream);
    return db_int(s, q, 1) != 0;
}

// The other upstreams' cursors count no longer what is erased here.
static enum err narrow_cursors(struct store *s, uint32_t channels) {
    sqlite3_stmt *q =
        db_get(s, "UPDATE upstream SET channels = channels & ~?1 WHERE channels & ?1");
    db_bind_u64(q, 1, channels);
    return db_run(s, q);
}

// Erases what a narrower role may not hold, but never what only this device may know: its
// own facts, and those of others since the upstream lost history. What is kept is not in the
// cursor any more: when the channel is allowed again, it starts at the beginning.
static enum err apply_drop(struct store *s, int64_t upstream, struct client_plan *p) {
    if (is_upstream_older(s, upstream)) {
        p->drop_channels = 0;
        p->defers_drop = true;
        return ERR_NONE;
    }
    sqlite3_stmt *q =
        db_get(s, "SELECT count(*) FROM stream s WHERE (1 << s.channel) & ?"
                  " AND s.last_n > coalesce((SELECT max(a.n) FROM acked a"
                  " WHERE a.stream = s.stream AND (a.known OR a.forked)), 0)");
    db_bind_u64(q, 1, p->drop_channels);
    if (db_int(s, q, 1)) {
        p->drop_channels = 0;
        p->defers_drop = true;
        return ERR_NONE;
    }
    enum err e = narrow_cursors(s, p->drop_channels);
    return e == ERR_NONE ? store_drop_channels(s, p->drop_channels) : e;
}

// Channels of which anything is held here, also what was authored after they were dropped.
static uint32_t held_channels(struct store *s) {
    sqlite3_stmt *q = db_get(s, "SELECT DISTINCT channel FROM stream");
    uint32_t channels = 0;
    enum err e;
    while (db_row(s, q, &e)) {
        channels |= CHANNEL_BIT(sqlite3_column_int(q, 0));
    }
    return channels;
}

static enum err apply_all(struct store *s, struct client_plan *p, struct taking *t) {
    enum err e = p->is_rewound ? acked_forget(s, t->upstream) : ERR_NONE;
    if (e == ERR_NONE) {
        e = apply_haves(s, t->upstream, p->response);
    }
    if (e == ERR_NONE) {
        e = apply_facts(s, t, &p->response->facts);
    }
    if (e == ERR_NONE) {
        e = upstream_take_up(s, t->upstream, &p->response->up);
    }
    if (e == ERR_NONE && p->has_anchor) {
        e = apply_anchor(s, p, t->now);
    }
    if (p->response->channels) {
        p->drop_channels |= held_channels(s) & ~p->response->channels;
    }
    if (e == ERR_NONE && p->drop_channels) {
        e = apply_drop(s, t->upstream, p);
    }
    // What came emptied may come whole now, from long before the rewind.
    if (t->is_gap || (p->is_rewound && erase_has_unknown(s))) {
        p->saved.cur.at = (struct exchange_mark){0};
    }
    if (e == ERR_NONE) {
        e = peer_save(s, t->upstream, &p->saved);
    }
    return e;
}

enum err peer_apply(struct store *s, const char *upstream, struct client_plan *plan,
                    const struct moment *now, struct peer_pending *out_pending) {
    struct taking t = {.upstream = upstream_id(s, upstream),
                       .now = now,
                       .passes_gaps = plan->passes_gaps};
    enum err e = store_begin(s);
    if (e != ERR_NONE) {
        return e;
    }
    e = apply_all(s, plan, &t);
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    e = store_commit(s);
    if (e != ERR_NONE) {
        return e;
    }
    if (plan->drop_channels) {
        store_checkpoint(s); // what was erased must not stay in the WAL
    }
    *out_pending = peer_count_pending(s, upstream);
    return t.is_gap ? ERR_GAP : ERR_NONE;
}

// ---- snapshots ------------------------------------------------------------------------

bool peer_snap_has(struct store *s, const uint8_t hash[FACT_HASH_BYTES]) {
    sqlite3_stmt *q = db_get(s, "SELECT count(*) FROM snap_chunk WHERE hash = ?");
    db_bind_bytes(q, 1, hash, FACT_HASH_BYTES);
    return db_int(s, q, 0) > 0;
}

static enum err snap_take_all(struct store *s, struct taking *t, struct reader *r) {
    enum err e = ERR_NONE;
    while (e == ERR_NONE && r->at < r->len) {
        size_t len = reader_get_u32(r);
        const uint8_t *batch = reader_get_bytes(r, len);
        e = batch ? apply_batch(s, t, batch, len) : ERR_INPUT;
    }
    e = e == ERR_NONE && t->is_gap ? ERR_GAP : e;
    return e == ERR_NONE && t->is_bad ? ERR_SIGNATURE : e;
}

static enum err snap_commit(struct store *s, const struct peer_snap *p) {
    struct reader r = reader_make(p->data, p->len);
    struct taking t = {
        .upstream = upstream_id(s, p->upstream), .now = &p->now, .is_past = true};
    enum err e = store_begin(s);
    if (e != ERR_NONE) {
        return e;
    }
    e = snap_take_all(s, &t, &r);
    if (e == ERR_NONE && p->done) {
        sqlite3_stmt *q = db_get(s, "INSERT OR IGNORE INTO snap_chunk(hash) VALUES(?)");
        db_bind_bytes(q, 1, p->done, FACT_HASH_BYTES);
        e = db_run(s, q);
    }
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    return store_commit(s);
}

enum err peer_snap_take(struct store *s, const struct peer_snap *p) {
    db_set_large_cache(s, true);
    enum err e = snap_commit(s, p);
    db_set_large_cache(s, false);
    return e;
}

enum err peer_snap_finish(struct store *s, const char *upstream,
                          const struct client_saved *saved) {
    enum err e = store_begin(s);
    if (e != ERR_NONE) {
        return e;
    }
    e = peer_save(s, upstream_id(s, upstream), saved);
    if (e == ERR_NONE) {
        e = db_run(s, db_get(s, "DELETE FROM snap_chunk"));
    }
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    return store_commit(s);
}

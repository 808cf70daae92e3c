#include "sync/store/verify.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/mend.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

// Which folded rows belong to which channel, as text that is equal on every node. Local row
// numbers are left out.
static const struct {
    enum channel channel;
    const char *sql;
} tables[] = {
    {CHANNEL_PROGRAMME,
     "SELECT kind, subject, stream, n, at_ms, conflict, body, was FROM entity WHERE kind "
     "IN"
     " ('event','room','session','notice','sponsor','gate') ORDER BY kind, subject"},
    {CHANNEL_PEOPLE, "SELECT id, ticket, kind, status, conflict, key, body FROM person"
                     " ORDER BY id"},
    {CHANNEL_PEOPLE, "SELECT gate, person FROM person_gate ORDER BY gate, person"},
    {CHANNEL_PEOPLE, "SELECT id, person FROM alias ORDER BY id"},
    {CHANNEL_DESK, "SELECT holder, stream, n, gate, at_ms, dev, void FROM admission"
                   " ORDER BY holder, stream, n"},
    {CHANNEL_DESK, "SELECT person, stream, n, serial, at_ms, dev, void FROM print"
                   " ORDER BY person, stream, n"},
    {CHANNEL_DESK, "SELECT person, stream, n, serial, dev, state, reason, at_ms,"
                   " last_stream, last_n FROM job ORDER BY person, stream, n"},
    {CHANNEL_DESK, "SELECT id, holder, gate, members, last_ms, resolved FROM incident"
                   " ORDER BY id"},
    {CHANNEL_DESK,
     "SELECT stream, n, subject, at_ms, answered FROM ask ORDER BY stream, n"},
    {CHANNEL_FLEET,
     "SELECT kind, subject, stream, n, at_ms, conflict, body FROM entity WHERE kind IN"
     " ('device','role','event.close') ORDER BY kind, subject"},
    {CHANNEL_FLEET, "SELECT dev, boot, mono_ms, stream, n, source_ms, rtt_ms FROM anchor"
                    " ORDER BY dev, boot, stream, n"},
    {CHANNEL_FLEET, "SELECT subject FROM erased ORDER BY subject"},
};

static void hash_column(sqlite3_stmt *q, int c, crypto_generichash_state *h) {
    uint8_t is_null = sqlite3_column_type(q, c) == SQLITE_NULL; // before conversion
    const void *bytes = sqlite3_column_blob(q, c);              // integers as their text
    uint32_t len = (uint32_t)sqlite3_column_bytes(q, c);
    uint8_t head[5] = {is_null, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
                       (uint8_t)(len >> 8), (uint8_t)len};
    crypto_generichash_update(h, head, sizeof head);
    if (len) {
        crypto_generichash_update(h, bytes, len);
    }
}

static enum err hash_query(struct store *s, sqlite3_stmt *q,
                           crypto_generichash_state *h) {
    enum err e;
    while (db_row(s, q, &e)) {
        for (int c = 0; c < sqlite3_column_count(q); c++) {
            hash_column(q, c, h);
        }
    }
    return e;
}

static enum err hash_tables(struct store *s, enum channel channel,
                            uint8_t out[FACT_HASH_BYTES]) {
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, FACT_HASH_BYTES);
    enum err e = ERR_NONE;
    for (size_t i = 0; i < sizeof tables / sizeof *tables && e == ERR_NONE; i++) {
        if (tables[i].channel == channel) {
            e = hash_query(s, db_get(s, tables[i].sql), &h);
        }
    }
    crypto_generichash_final(&h, out, FACT_HASH_BYTES);
    return e;
}

static enum err hash_log(struct store *s, enum channel channel,
                         struct channel_digest *out) {
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, FACT_HASH_BYTES);
    sqlite3_stmt *q = db_get(s, "SELECT f.stream, f.n, f.h FROM fact f JOIN stream t ON"
                                " t.stream=f.stream WHERE t.channel=?1"
                                " ORDER BY f.stream, f.n");
    sqlite3_bind_int(q, 1, (int)channel);
    enum err e = hash_query(s, q, &h);
    crypto_generichash_final(&h, out->log, FACT_HASH_BYTES);
    q = db_get(s, "SELECT sum(last_n) FROM stream WHERE channel=?1");
    sqlite3_bind_int(q, 1, (int)channel);
    out->facts = db_int(s, q, 0);
    return e;
}

static enum err trouble(struct verify_report *r, const char *what, uint64_t stream,
                        uint64_t n) {
    if (!r->trouble[0]) {
        snprintf(r->trouble, sizeof r->trouble, "%s (stream %016llx, n %llu)", what,
                 (unsigned long long)stream, (unsigned long long)n);
    }
    return ERR_CORRUPT;
}

// ---- the chain --------------------------------------------------------------------------

struct chain {
    uint64_t stream, n;
    uint8_t author[FACT_KEY_BYTES];
    uint8_t h[FACT_HASH_BYTES];
};

static enum err check_signature(struct store *s, const struct chain *c,
                                struct verify_report *r) {
    sqlite3_stmt *q = db_get(s, "SELECT sig FROM batch WHERE stream=?1 AND last_n=?2");
    db_bind_u64(q, 1, c->stream);
    db_bind_u64(q, 2, c->n);
    enum err e;
    if (!db_row(s, q, &e)) {
        return e;
    }
    r->batches++;
    bool ok =
        batch_is_signed(sqlite3_column_blob(q, 0), c->author, c->stream, c->n, c->h);
    sqlite3_reset(q);
    return ok ? ERR_NONE : trouble(r, "signature does not match", c->stream, c->n);
}

// One fact: its header names its row, its body matches, and its hash follows the one before.
static enum err check_fact(struct chain *c, sqlite3_stmt *q, struct verify_report *r) {
    struct fact_header h;
    uint8_t digest[FACT_HASH_BYTES];
    size_t header_len = (size_t)sqlite3_column_bytes(q, 0);
    size_t body_len = (size_t)sqlite3_column_bytes(q, 1);
    c->n++;
    if (fact_parse_header(sqlite3_column_blob(q, 0), header_len, &h) != ERR_NONE ||
        h.ref.stream != c->stream || h.ref.n != c->n || db_u64(q, 4) != c->n) {
        return trouble(r, "record is not the next one", c->stream, c->n);
    }
    bool is_erased = sqlite3_column_int(q, 2) == 1;
    if (is_erased && body_len != FACT_HASH_BYTES) {
        return trouble(r, "erased body has no digest", c->stream, c->n);
    }
    if (is_erased) {
        memcpy(digest, sqlite3_column_blob(q, 1), FACT_HASH_BYTES);
    } else {
        fact_hash_body(sqlite3_column_blob(q, 1), body_len, digest);
    }
    fact_hash_next(c->h, sqlite3_column_blob(q, 0), header_len, digest, c->h);
    bool is_same = sqlite3_column_bytes(q, 3) == FACT_HASH_BYTES &&
                   memcmp(c->h, sqlite3_column_blob(q, 3), FACT_HASH_BYTES) == 0;
    r->facts++;
    return is_same ? ERR_NONE : trouble(r, "hash does not match", c->stream, c->n);
}

// Where the chain stands before n = after + 1.
static enum err start_chain(struct store *s, uint64_t stream, uint64_t after,
                            struct chain *out) {
    *out = (struct chain){.stream = stream, .n = after};
    sqlite3_stmt *q =
        db_get(s, "SELECT t.channel, t.author, f.h FROM stream t LEFT JOIN fact f ON"
                  " f.stream=t.stream AND f.n=?2 WHERE t.stream=?1");
    db_bind_u64(q, 1, stream);
    db_bind_u64(q, 2, after);
    enum err e;
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_CORRUPT : e;
    }
    bool ok = sqlite3_column_bytes(q, 1) == FACT_KEY_BYTES &&
              (!after || sqlite3_column_bytes(q, 2) == FACT_HASH_BYTES);
    if (ok) {
        memcpy(out->author, sqlite3_column_blob(q, 1), FACT_KEY_BYTES);
    }
    if (ok && after) {
        memcpy(out->h, sqlite3_column_blob(q, 2), FACT_HASH_BYTES);
    } else if (ok) {
        fact_hash_start(s->identity.event, stream, (enum channel)sqlite3_column_int(q, 0),
                        out->author, out->h);
    }
    sqlite3_reset(q);
    return ok ? ERR_NONE : ERR_CORRUPT;
}

enum err verify_part(struct store *s, const struct verify_range *g,
                     struct verify_report *r, uint64_t *out_last) {
    struct chain c;
    enum err e = start_chain(s, g->stream, g->after, &c);
    if (e != ERR_NONE) {
        return e == ERR_CORRUPT ? trouble(r, "stream has no beginning", g->stream, 0) : e;
    }
    sqlite3_stmt *q =
        db_get(s, "SELECT header, body, state, h, n FROM fact WHERE stream=?1 AND n>?2"
                  " ORDER BY n LIMIT ?3");
    db_bind_u64(q, 1, g->stream);
    db_bind_u64(q, 2, g->after);
    sqlite3_bind_int64(q, 3, g->max ? (sqlite3_int64)g->max : -1);
    while (e == ERR_NONE && db_row(s, q, &e)) {
        e = check_fact(&c, q, r);
        e = e == ERR_NONE ? check_signature(s, &c, r) : e;
    }
    sqlite3_reset(q);
    *out_last = c.n;
    bool is_short = c.n < g->last_n && (!g->max || c.n - g->after < g->max);
    if (e == ERR_NONE && (is_short || c.n > g->last_n)) {
        return trouble(r, is_short ? "stream ends early" : "stream goes on after its end",
                       g->stream, c.n);
    }
    return e;
}

static enum err check_streams(struct store *s, struct verify_report *r) {
    sqlite3_stmt *q = db_get(s, "SELECT stream, last_n FROM stream");
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        struct verify_range g = {.stream = db_u64(q, 0), .last_n = db_u64(q, 1)};
        uint64_t last = 0;
        r->streams++;
        e = verify_part(s, &g, r, &last);
    }
    sqlite3_reset(q);
    return e;
}

enum err verify_numbers(struct store *s, uint64_t after, uint64_t max,
                        struct verify_report *r, uint64_t *out_last) {
    uint8_t ch[16];
    uint64_t seq = after;
    enum err e = ERR_NONE;
    log_start_ch(s, ch);
    sqlite3_stmt *q = db_get(s, "SELECT ch FROM log WHERE seq=?1");
    db_bind_u64(q, 1, after);
    if (after && db_row(s, q, &e)) {
        memcpy(ch, sqlite3_column_blob(q, 0), sizeof ch);
    }
    sqlite3_reset(q);
    q = db_get(s, "SELECT l.seq, l.stream, l.n, l.ch, f.h FROM log l LEFT JOIN fact f"
                  " ON f.stream=l.stream AND f.n=l.n WHERE l.seq>?1 ORDER BY l.seq"
                  " LIMIT ?2");
    db_bind_u64(q, 1, after);
    sqlite3_bind_int64(q, 2, max ? (sqlite3_int64)max : -1);
    while (e == ERR_NONE && db_row(s, q, &e)) {
        struct fact_ref ref = {db_u64(q, 1), db_u64(q, 2)};
        bool ok = sqlite3_column_bytes(q, 3) == (int)sizeof ch &&
                  sqlite3_column_bytes(q, 4) == FACT_HASH_BYTES && db_u64(q, 0) == ++seq;
        if (ok) {
            log_next_ch(ch, ref, sqlite3_column_blob(q, 4));
            ok = memcmp(ch, sqlite3_column_blob(q, 3), sizeof ch) == 0;
        }
        e = ok ? ERR_NONE : trouble(r, "numbering does not hold", ref.stream, ref.n);
    }
    sqlite3_reset(q);
    *out_last = seq;
    return e;
}

// The gapless numbering and its chain hash.
static enum err check_numbers(struct store *s, struct verify_report *r) {
    if (!s->is_numbering) {
        return ERR_NONE;
    }
    uint64_t seq = 0;
    enum err e = verify_numbers(s, 0, 0, r, &seq);
    int64_t facts = db_int(s, db_get(s, "SELECT count(*) FROM fact"), 0);
    return e == ERR_NONE && (int64_t)seq != facts
               ? trouble(r, "facts without number", 0, seq)
               : e;
}

static enum err check_integrity(struct store *s, struct verify_report *r) {
    sqlite3_stmt *q = db_get(s, "PRAGMA integrity_check(1)");
    enum err e;
    if (!db_row(s, q, &e)) {
        return e;
    }
    bool ok = strcmp(db_text(q, 0), "ok") == 0;
    if (!ok && !r->trouble[0]) {
        snprintf(r->trouble, sizeof r->trouble, "SQLite: %s", db_text(q, 0));
    }
    sqlite3_reset(q);
    return ok ? ERR_NONE : ERR_CORRUPT;
}

// Folds the log anew inside a commit that is thrown away, and compares.
static enum err check_fold(struct store *s, struct verify_report *r) {
    bool holds_erased = s->holds_erased;
    int64_t scrub_at = s->scrub_at;
    enum err e = store_begin_reading(s); // it is thrown away: no other hub waits for it
    if (e != ERR_NONE) {
        return e;
    }
    e = refold_all(s);
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT && e == ERR_NONE; c++) {
        uint8_t again[FACT_HASH_BYTES];
        e = hash_tables(s, (enum channel)c, again);
        if (e == ERR_NONE && memcmp(again, r->channels[c].tables, sizeof again) != 0) {
            e = ERR_CORRUPT;
            snprintf(r->trouble, sizeof r->trouble, "tables of %s differ from the log's",
                     channel_name((enum channel)c));
        }
    }
    store_rollback(s);
    s->holds_erased = holds_erased; // nothing was erased
    s->scrub_at = scrub_at;
    return e;
}

enum err verify_read_digests(struct store *s, struct channel_digest out[CHANNEL_COUNT]) {
    enum err e = ERR_NONE;
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT && e == ERR_NONE; c++) {
        e = hash_tables(s, (enum channel)c, out[c].tables);
        e = e == ERR_NONE ? hash_log(s, (enum channel)c, &out[c]) : e;
    }
    return e;
}

enum err store_verify(struct store *s, struct verify_report *out) {
    *out = (struct verify_report){0};
    enum err e = verify_read_digests(s, out->channels);
    out->forks = db_int(s, db_get(s, "SELECT count(*) FROM fork"), 0);
    out->rejects = db_int(s, db_get(s, "SELECT count(*) FROM reject"), 0);
    out->quarantined = db_int(s, db_get(s, "SELECT count(*) FROM quarantine"), 0);
    out->unsealed =
        db_int(s,
               db_get(s, "SELECT sum(last_n - coalesce((SELECT max(last_n) FROM"
                         " batch b WHERE b.stream=t.stream),0)) FROM stream t"
                         " WHERE t.own=1"),
               0);
    e = e == ERR_NONE ? check_integrity(s, out) : e;
    e = e == ERR_NONE ? check_streams(s, out) : e;
    e = e == ERR_NONE ? check_numbers(s, out) : e;
    return e == ERR_NONE ? check_fold(s, out) : e;
}

enum err store_rebuild(struct store *s) {
    enum err e = store_begin(s);
    if (e != ERR_NONE) {
        return e;
    }
    search_clear(s->search);
    s->search_loaded = 0;
    return store_group_end(s, true, refold_all(s));
}

enum err store_drop_channels(struct store *s, uint32_t channels) {
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    e = store_meta_set(s, "hlc", &s->last_hlc, sizeof s->last_hlc); // its fact may go
    e = e == ERR_NONE ? recover_forget_evidence(s) : e;
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT && e == ERR_NONE; c++) {
        static const char *const sqls[] = {
            "DELETE FROM fact WHERE stream IN (SELECT stream FROM stream WHERE "
            "channel=?1)",
            "DELETE FROM batch WHERE stream IN (SELECT stream FROM stream WHERE "
            "channel=?1)",
            "DELETE FROM stream WHERE channel=?1",
        };
        for (size_t i = 0; i < 3 && (channels & CHANNEL_BIT(c)) && e == ERR_NONE; i++) {
            sqlite3_stmt *q = db_get(s, sqls[i]);
            sqlite3_bind_int(q, 1, c);
            e = db_run(s, q);
            s->own[c].stream = 0;
            s->versions[c]++;
        }
    }
    if (e == ERR_NONE) {
        search_clear(s->search);
        s->search_loaded = 0;
        e = refold_all(s);
    }
    e = store_group_end(s, is_mine, e);
    if (e == ERR_NONE && is_mine) {
        store_checkpoint(s);
    }
    return e;
}

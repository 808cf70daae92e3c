// Whole signed batches: taking those of others, signing and reading our own.
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/erase.h"

#include <string.h>

enum { REJECTS_MAX = 1000 };

// Whom a refused batch is about cannot be trusted: since somebody was erased, only why and
// when is kept, for its bytes may be their words.
static size_t evidence_len(struct store *s, size_t len) {
    bool is_any_erased =
        db_int(s, db_get(s, "SELECT EXISTS(SELECT 1 FROM erased)"), 1) != 0;
    size_t kept = len < FACT_BATCH_BYTES_MAX ? len : FACT_BATCH_BYTES_MAX;
    return is_any_erased ? 0 : kept;
}

static void keep_reject(struct store *s, const void *bytes, size_t len, enum err why,
                        const struct moment *now) {
    sqlite3_stmt *q = db_get(s, "INSERT INTO reject(at_ms, why, batch) VALUES(?1,?2,?3)");
    sqlite3_bind_int64(q, 1, now->wall_ms);
    db_bind_text(q, 2, err_text(why));
    db_bind_bytes(q, 3, bytes, evidence_len(s, len));
    enum err e = db_run(s, q);
    q = db_get(s, "DELETE FROM reject WHERE id <= (SELECT max(id) FROM reject) - ?1");
    sqlite3_bind_int(q, 1, REJECTS_MAX);
    if (e != ERR_NONE || db_run(s, q) != ERR_NONE) {
        log_error("store: the evidence of a refused batch could not be kept");
    }
    log_warning("store: a batch was refused and kept as evidence: %s", err_text(why));
}

static void keep_fork(struct store *s, const struct batch_view *b, const void *bytes,
                      size_t len, const struct moment *now) {
    sqlite3_stmt *q = db_get(s, "INSERT OR IGNORE INTO fork(stream, n, h, batch, at_ms)"
                                " VALUES(?1,?2,?3,?4,?5)");
    db_bind_u64(q, 1, b->stream);
    db_bind_u64(q, 2, b->from + b->count - 1);
    db_bind_bytes(q, 3, b->sig, 32);
    db_bind_bytes(q, 4, bytes, evidence_len(s, len));
    sqlite3_bind_int64(q, 5, now->wall_ms);
    if (db_run(s, q) == ERR_NONE) {
        log_warning("store: two branches of stream %016llx; the first one stands",
                    (unsigned long long)b->stream);
    }
}

struct held_stream {
    bool is_known, is_own;
    uint64_t last_n;
    uint8_t last_h[FACT_HASH_BYTES];
};

static enum err read_held(struct store *s, const struct batch_view *b,
                          struct held_stream *out) {
    *out = (struct held_stream){0};
    sqlite3_stmt *q = db_get(s, "SELECT last_n, last_h, author, channel, own FROM stream"
                                " WHERE stream=?1");
    db_bind_u64(q, 1, b->stream);
    enum err e;
    if (!db_row(s, q, &e)) {
        return e;
    }
    out->is_known = true;
    out->is_own = sqlite3_column_int(q, 4) != 0;
    out->last_n = db_u64(q, 0);
    memcpy(out->last_h, sqlite3_column_blob(q, 1), FACT_HASH_BYTES);
    bool is_same = memcmp(sqlite3_column_blob(q, 2), b->author, FACT_KEY_BYTES) == 0 &&
                   sqlite3_column_int(q, 3) == (int)b->channel;
    sqlite3_reset(q);
    return is_same ? ERR_NONE : ERR_FORK;
}

// The stored hash of (stream, n) against the batch's.
static bool is_same_hash(struct store *s, uint64_t stream, uint64_t n, const uint8_t *h) {
    sqlite3_stmt *q = db_get(s, "SELECT h FROM fact WHERE stream=?1 AND n=?2");
    db_bind_u64(q, 1, stream);
    db_bind_u64(q, 2, n);
    enum err e;
    bool is_same = db_row(s, q, &e) && memcmp(sqlite3_column_blob(q, 0), h, 32) == 0;
    sqlite3_reset(q);
    return is_same;
}

// Where the batch joins what is held: its `before` must be the hash at from-1, and every
// overlap must be equal.
static enum err check_join(struct store *s, const struct batch_view *b,
                           const uint8_t *hashes, const struct held_stream *held) {
    if (b->from == 1) {
        uint8_t start[FACT_HASH_BYTES];
        fact_hash_start(s->identity.event, b->stream, b->channel, b->author, start);
        if (memcmp(start, b->before, sizeof start) != 0) {
            return ERR_SIGNATURE; // another event, stream, channel or author
        }
    } else if (b->from > held->last_n + 1) {
        return ERR_GAP;
    } else if (!is_same_hash(s, b->stream, b->from - 1, b->before)) {
        return ERR_FORK;
    }
    for (uint32_t i = 0; i < b->count && b->from + i <= held->last_n; i++) {
        if (!is_same_hash(s, b->stream, b->from + i, hashes + i * FACT_HASH_BYTES)) {
            return ERR_FORK;
        }
    }
    return ERR_NONE;
}

static enum err insert_new(struct store *s, const struct batch_view *b,
                           const uint8_t *hashes, uint64_t have,
                           struct take_result *out) {
    struct fact_view v;
    uint64_t dev = device_id(b->author);
    enum err e = ERR_NONE;
    uint32_t i = 0;
    for (size_t at = 0; e == ERR_NONE && batch_next(b, &at, &v); i++) {
        if (b->from + i <= have) {
            continue;
        }
        struct fact_header h;
        e = fact_parse_header(v.header, v.header_len, &h);
        if (e == ERR_NONE) {
            struct log_record r = {&h, v, hashes + i * FACT_HASH_BYTES, dev};
            e = log_insert(s, &r);
            out->new_facts++;
        }
    }
    uint64_t first = b->from > have ? b->from : have + 1;
    uint64_t last = b->from + b->count - 1;
    const uint8_t *last_h = hashes + (b->count - 1) * FACT_HASH_BYTES;
    e = e == ERR_NONE ? log_advance(s, (struct fact_ref){b->stream, last}, last_h) : e;
    e = e == ERR_NONE ? log_insert_batch(s, b->stream, first, last, b->sig) : e;
    out->have = e == ERR_NONE ? last : have;
    return e;
}

static enum err take_verified(struct store *s, const struct batch_view *b,
                              const uint8_t *hashes, struct take_result *out) {
    struct held_stream held;
    enum err e = read_held(s, b, &held);
    e = e == ERR_NONE ? check_join(s, b, hashes, &held) : e;
    out->have = held.last_n;
    if (e == ERR_NONE && b->from <= held.last_n) {
        e = erase_fill_unknown(s, b);
    }
    if (e != ERR_NONE || b->from + b->count - 1 <= held.last_n) {
        return e;
    }
    bool is_mine;
    e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    // We are behind in a stream of our own only after a restore: what the backup held without
    // a signature gets it now, for no batch of the others' may begin with it.
    e = held.is_own ? store_seal(s) : ERR_NONE;
    if (!held.is_known) {
        struct fact_header h;
        struct fact_view v;
        uint8_t start[FACT_HASH_BYTES];
        size_t at = 0;
        bool has_first = batch_next(b, &at, &v);
        CHECK(has_first);
        e = e == ERR_NONE ? fact_parse_header(v.header, v.header_len, &h) : e;
        struct log_stream t = {b->stream, b->channel, b->author, h.boot, false};
        e = e == ERR_NONE ? log_insert_stream(s, &t, start) : e;
    }
    e = e == ERR_NONE ? insert_new(s, b, hashes, held.last_n, out) : e;
    return store_group_end(s, is_mine, e);
}

enum err store_take_batch(struct store *s, const void *bytes, size_t len,
                          const struct moment *now, struct take_result *out) {
    *out = (struct take_result){0};
    if (!s->identity.has_event) {
        return ERR_DENIED;
    }
    struct batch_view b;
    uint8_t *hashes = NULL;
    enum err e = batch_parse(bytes, len, &b);
    if (e == ERR_NONE) {
        hashes = mem_alloc(b.count, FACT_HASH_BYTES);
        e = batch_verify(&b, hashes);
        e = e == ERR_NONE ? take_verified(s, &b, hashes, out) : e;
    }
    mem_free(hashes);
    if (e == ERR_FORK) {
        keep_fork(s, &b, bytes, len, now);
    } else if (e == ERR_SIGNATURE || e == ERR_INPUT || e == ERR_LIMIT) {
        keep_reject(s, bytes, len, e, now);
    }
    return e;
}

// ---- sealing and reading ---------------------------------------------------------------

// Signs (stream, up to n) at one border.
static enum err seal_at(struct store *s, uint64_t stream, uint64_t from, uint64_t last,
                        const uint8_t *h) {
    uint8_t sig[FACT_SIG_BYTES];
    batch_sign(s->secret, stream, last, h, sig);
    return log_insert_batch(s, stream, from, last, sig);
}

static enum err seal_stream(struct store *s, uint64_t stream, uint64_t sealed) {
    sqlite3_stmt *q = db_get(s, "SELECT n, h, length(header)+length(body) FROM fact"
                                " WHERE stream=?1 AND n>?2 ORDER BY n");
    db_bind_u64(q, 1, stream);
    db_bind_u64(q, 2, sealed);
    uint64_t from = sealed + 1;
    uint64_t last = sealed;
    size_t bytes = 0;
    uint8_t h[FACT_HASH_BYTES] = {0};
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        size_t len = (size_t)sqlite3_column_int64(q, 2) + 7;
        bool is_full = last >= from && (last - from + 1 >= FACT_BATCH_FACTS_MAX ||
                                        bytes + len > FACT_BATCH_BYTES_MAX / 2);
        if (is_full) {
            e = seal_at(s, stream, from, last, h);
            from = last + 1;
            bytes = 0;
        }
        last = db_u64(q, 0);
        memcpy(h, sqlite3_column_blob(q, 1), sizeof h);
        bytes += len;
    }
    sqlite3_reset(q);
    return e == ERR_NONE && last >= from ? seal_at(s, stream, from, last, h) : e;
}

// A hub seals in every round, and knows thousands of streams.
enum err store_seal(struct store *s) {
    if (s->is_sealed) {
        return ERR_NONE;
    }
    sqlite3_stmt *q =
        db_get(s, "SELECT t.stream, coalesce((SELECT max(last_n) FROM batch b"
                  " WHERE b.stream=t.stream),0) AS sealed FROM stream t"
                  " WHERE t.own=1 AND t.last_n > sealed");
    uint64_t todo[CHANNEL_COUNT * 64][2];
    size_t count = 0;
    enum err e;
    while (count < sizeof todo / sizeof *todo && db_row(s, q, &e)) {
        todo[count][0] = db_u64(q, 0);
        todo[count++][1] = db_u64(q, 1);
    }
    sqlite3_reset(q);
    if (!count) {
        s->is_sealed = true;
        return ERR_NONE;
    }
    bool is_mine;
    e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = seal_stream(s, todo[i][0], todo[i][1]);
    }
    return store_group_end(s, is_mine, e);
}

struct batch_range {
    uint64_t stream, from, last;
    uint8_t sig[FACT_SIG_BYTES];
    uint8_t author[FACT_KEY_BYTES];
    enum channel channel;
};

// The hash before the range's first fact; fills author and channel.
static enum err read_before(struct store *s, struct batch_range *r,
                            uint8_t out[FACT_HASH_BYTES]) {
    enum err e;
    sqlite3_stmt *q = db_get(s, "SELECT author, channel FROM stream WHERE stream=?1");
    db_bind_u64(q, 1, r->stream);
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    memcpy(r->author, sqlite3_column_blob(q, 0), FACT_KEY_BYTES);
    r->channel = (enum channel)sqlite3_column_int(q, 1);
    sqlite3_reset(q);
    if (r->from == 1) {
        fact_hash_start(s->identity.event, r->stream, r->channel, r->author, out);
        return ERR_NONE;
    }
    q = db_get(s, "SELECT h FROM fact WHERE stream=?1 AND n=?2");
    db_bind_u64(q, 1, r->stream);
    db_bind_u64(q, 2, r->from - 1);
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    memcpy(out, sqlite3_column_blob(q, 0), FACT_HASH_BYTES);
    sqlite3_reset(q);
    return ERR_NONE;
}

static enum err read_one_batch(struct store *s, struct batch_range *r,
                               struct bytes *out) {
    uint8_t before[FACT_HASH_BYTES];
    enum err e = read_before(s, r, before);
    if (e != ERR_NONE) {
        return e;
    }
    size_t start = out->len;
    batch_format_start(out, r->author, r->stream, r->channel, r->from, before);
    sqlite3_stmt *q = db_get(s, "SELECT header, body, state FROM fact WHERE stream=?1 AND"
                                " n BETWEEN ?2 AND ?3 ORDER BY n");
    db_bind_u64(q, 1, r->stream);
    db_bind_u64(q, 2, r->from);
    db_bind_u64(q, 3, r->last);
    while (db_row(s, q, &e)) {
        struct fact_view v = {
            .header = sqlite3_column_blob(q, 0),
            .header_len = (size_t)sqlite3_column_bytes(q, 0),
            .body = sqlite3_column_blob(q, 1),
            .body_len = (size_t)sqlite3_column_bytes(q, 1),
            .is_erased = sqlite3_column_int(q, 2) == 1,
        };
        batch_format_add(out, start, &v);
    }
    batch_format_end(out, r->sig);
    return e;
}

// NOLINTNEXTLINE(readability-function-size): two growing outputs and a mark
enum err store_read_batches(struct store *s, uint64_t stream, uint64_t after,
                            size_t max_bytes, struct bytes *out, struct bytes *out_lens,
                            uint64_t *out_last) {
    size_t total = out->len;
    *out_last = after;
    for (;;) {
        sqlite3_stmt *q =
            db_get(s, "SELECT from_n, last_n, sig FROM batch WHERE stream=?1"
                      " AND last_n>?2 ORDER BY last_n LIMIT 1");
        db_bind_u64(q, 1, stream);
        db_bind_u64(q, 2, *out_last);
        enum err e;
        if (!db_row(s, q, &e)) {
            return e;
        }
        struct batch_range r = {stream, db_u64(q, 0), db_u64(q, 1),
                                {0},    {0},          CHANNEL_NONE};
        memcpy(r.sig, sqlite3_column_blob(q, 2), sizeof r.sig);
        sqlite3_reset(q);
        size_t start = out->len;
        e = read_one_batch(s, &r, out);
        bool is_over = out->len - total > max_bytes && *out_last != after;
        if (e != ERR_NONE || is_over) {
            out->len = start;
            return e;
        }
        uint32_t len = (uint32_t)(out->len - start);
        bytes_add(out_lens, &len, sizeof len);
        *out_last = r.last;
        if (out->len - total >= max_bytes) {
            return ERR_NONE;
        }
    }
}

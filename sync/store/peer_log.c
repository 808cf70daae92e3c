#include "sync/store/peer_log.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/claim.h"
#include "sync/store/db.h"
#include "sync/store/shared.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static enum err log_id(struct store *s, uint8_t out[EXCHANGE_LOG_BYTES]) {
    size_t len = 0;
    uint8_t id[EXCHANGE_LOG_BYTES];
    enum err e = store_meta_get(s, "log_id", id, sizeof id, &len);
    if (e == ERR_NONE && len != sizeof id) {
        e = ERR_CORRUPT;
    }
    if (e == ERR_NONE) {
        memcpy(out, id, sizeof id);
    }
    return e;
}

static enum err mark_read(struct store *s, sqlite3_stmt *q, struct exchange_mark *out) {
    enum err e = ERR_NONE;
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    out->seq = db_u64(q, 0);
    memset(out->ch, 0, sizeof out->ch);
    if (sqlite3_column_bytes(q, 1) == (int)sizeof out->ch) {
        memcpy(out->ch, sqlite3_column_blob(q, 1), sizeof out->ch);
    }
    sqlite3_reset(q);
    return ERR_NONE;
}

enum err peer_log_head(struct store *s, struct exchange_mark *out) {
    enum err e =
        mark_read(s, db_get(s, "SELECT seq, ch FROM log ORDER BY seq DESC LIMIT 1"), out);
    if (e == ERR_NOT_FOUND) {
        *out = (struct exchange_mark){0};
        e = ERR_NONE;
    }
    return e;
}

static enum err log_head(void *arg, struct exchange_mark *out) {
    struct peer_log *l = arg;
    return peer_log_head(l->store, out);
}

static enum err log_mark(void *arg, uint64_t seq, struct exchange_mark *out) {
    struct peer_log *l = arg;
    if (seq == 0) {
        *out = (struct exchange_mark){0};
        return ERR_NONE;
    }
    sqlite3_stmt *q = db_get(l->store, "SELECT seq, ch FROM log WHERE seq = ?");
    db_bind_u64(q, 1, seq);
    return mark_read(l->store, q, out);
}

static uint64_t last_held(struct store *s, uint64_t stream) {
    sqlite3_stmt *q = db_get(s, "SELECT last_n FROM stream WHERE stream = ?");
    db_bind_u64(q, 1, stream);
    return (uint64_t)db_int(s, q, 0);
}

static enum err log_take(void *arg, const void *bytes, size_t len,
                         struct exchange_have *out) {
    struct peer_log *l = arg;
    struct take_result taken = {0};
    enum err e = store_take_batch(l->store, bytes, len, &l->now, &taken);
    out->n = last_held(l->store, out->stream);
    if (e == ERR_FORK || e == ERR_SIGNATURE || e == ERR_INPUT || e == ERR_LIMIT) {
        log_warning("exchange: stream %016llx: a batch was not taken: %s",
                    (unsigned long long)out->stream, err_text(e));
    }
    return e;
}

static enum err log_have(void *arg, const struct exchange_summary *offered,
                         struct exchange_have *out, bool *is_other) {
    struct peer_log *l = arg;
    struct store *s = l->store;
    sqlite3_stmt *q = db_get(s, "SELECT count(*) FROM fork WHERE stream = ?");
    db_bind_u64(q, 1, offered->stream);
    *out = (struct exchange_have){.stream = offered->stream,
                                  .n = last_held(s, offered->stream)};
    out->is_forked = db_int(s, q, 0) > 0;
    q = db_get(s, "SELECT count(*) FROM fact WHERE stream = ? AND n = ? AND h <> ?");
    db_bind_u64(q, 1, offered->stream);
    db_bind_u64(q, 2, offered->n);
    db_bind_bytes(q, 3, offered->h, sizeof offered->h);
    *is_other = db_int(s, q, 0) > 0;
    return ERR_NONE;
}

static enum err log_rows(void *arg, uint64_t after, uint32_t channels,
                         struct exchange_rows *out) {
    struct peer_log *l = arg;
    out->count = 0;
    if (!channels) {
        return ERR_NONE; // else it would look at the whole log in vain
    }
    // CROSS JOIN keeps the log as the outer loop: rows must come by seq, and only as many
    // as are asked for.
    sqlite3_stmt *q =
        db_get(l->store, "SELECT l.seq, l.stream, l.n FROM log l CROSS JOIN stream s"
                         " ON s.stream = l.stream WHERE l.seq > ?"
                         " AND (1 << s.channel) & ? ORDER BY l.seq LIMIT ?");
    db_bind_u64(q, 1, after);
    db_bind_u64(q, 2, channels);
    db_bind_u64(q, 3, EXCHANGE_ROWS_MAX);
    enum err e = ERR_NONE;
    while (db_row(l->store, q, &e)) {
        out->items[out->count++] =
            (struct exchange_row){db_u64(q, 0), db_u64(q, 1), db_u64(q, 2)};
    }
    return e;
}

static enum err log_batch(void *arg, uint64_t stream, uint64_t n, struct bytes *out,
                          uint64_t *out_last) {
    struct peer_log *l = arg;
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = 0;
    // A bound of one byte gives the first batch alone, if the store gives any.
    enum err e = store_read_batches(l->store, stream, n - 1, 1, &data, &lens, &last);
    if (e == ERR_NONE && lens.len == 0) {
        e = store_read_batches(l->store, stream, n - 1, FACT_BATCH_BYTES_MAX, &data,
                               &lens, &last);
    }
    uint32_t len = 0;
    struct batch_view b;
    if (e == ERR_NONE && lens.len >= sizeof len) {
        memcpy(&len, lens.data, sizeof len);
        e = batch_parse(data.data, len, &b) == ERR_NONE ? ERR_NONE : ERR_CORRUPT;
    } else if (e == ERR_NONE) {
        e = ERR_NOT_FOUND;
    }
    if (e == ERR_NONE) {
        bytes_add(out, data.data, len);
        *out_last = b.from + b.count - 1;
    }
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

static enum err log_claim(void *arg, uint64_t dev, const struct exchange_claim *claim,
                          struct exchange_claimed *out) {
    struct peer_log *l = arg;
    return store_answer_claim(l->store, dev, claim, &l->now, out);
}

enum err peer_log_open(struct peer_log *l, struct exchange_log *out) {
    *out = (struct exchange_log){.arg = l,
                                 .take = log_take,
                                 .have = log_have,
                                 .head = log_head,
                                 .mark = log_mark,
                                 .rows = log_rows,
                                 .batch = log_batch,
                                 .claim = log_claim};
    return log_id(l->store, out->log);
}

enum err peer_log_streams(struct store *s, uint32_t channels, uint64_t **out,
                          size_t *out_count) {
    sqlite3_stmt *q =
        db_get(s, "SELECT stream FROM stream WHERE (1 << channel) & ? AND last_n > 0"
                  " ORDER BY CASE channel WHEN 4 THEN 0 ELSE channel END, stream");
    db_bind_u64(q, 1, channels);
    uint64_t *list = NULL;
    size_t count = 0;
    size_t cap = 0;
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
        if (count == cap) {
            cap = cap ? 2 * cap : 64;
            list = mem_resize(list, cap, sizeof *list);
        }
        list[count++] = db_u64(q, 0);
    }
    if (e != ERR_NONE) {
        mem_free(list);
        return e;
    }
    *out = list;
    *out_count = count;
    return ERR_NONE;
}

// ---- one-time codes -------------------------------------------------------------------

enum { CODE_FIND = 4, CODE_SECRET = 8, CODE_BYTES = 5, SECRET_HASH_BYTES = 16 };

static void secret_hash(const char *secret, uint8_t out[SECRET_HASH_BYTES]) {
    crypto_generichash(out, SECRET_HASH_BYTES, (const uint8_t *)secret, CODE_SECRET, NULL,
                       0);
}

// With a shared log the codes are there too, so that they work at every hub.
static enum err enrolment_add(struct store *s, const struct shared_code *code) {
    if (s->share.with) {
        return s->share.with->code_add(s->share.with->arg, code);
    }
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO enrolment(code, secret, wish, until_ms, tries)"
                  " VALUES(?, ?, ?, ?, 0)");
    db_bind_text(q, 1, code->find);
    db_bind_bytes(q, 2, code->secret, sizeof code->secret);
    db_bind_text(q, 3, code->wish);
    db_bind_u64(q, 4, (uint64_t)code->until_ms);
    return db_run(s, q);
}

enum err peer_enrolment_add(struct store *s, const char *wish, int64_t until_ms,
                            char out_code[ENROLMENT_CODE_SIZE]) {
    uint8_t random[2 * CODE_BYTES];
    char find[2 * CODE_SECRET + 1];
    char secret[CODE_SECRET + 1];
    randombytes_buf(random, sizeof random);
    base32_format(random, CODE_BYTES, find);
    base32_format(random + CODE_BYTES, CODE_BYTES, secret);
    find[CODE_FIND] = '\0';
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(secret, hash);
    struct shared_code kept = {.find = find, .until_ms = until_ms};
    memcpy(kept.secret, hash, sizeof kept.secret);
    if (strlen(wish) >= sizeof kept.wish) {
        return ERR_LIMIT;
    }
    snprintf(kept.wish, sizeof kept.wish, "%s", wish);
    enum err e = enrolment_add(s, &kept);
    if (e == ERR_NONE) {
        snprintf(out_code, ENROLMENT_CODE_SIZE, "%.4s%.8s", find, secret);
    }
    return e;
}

// Upper case without blanks and dashes; base32's look-alikes made one. false: not a code.
static bool code_clean(const char *code, char out[CODE_FIND + CODE_SECRET + 1]) {
    size_t len = 0;
    for (; *code; code++) {
        if (*code == ' ' || *code == '-') {
            continue;
        }
        int v = base32_value(*code);
        if (v < 0 || len == CODE_FIND + CODE_SECRET) {
            return false;
        }
        out[len++] = base32_alphabet[v];
    }
    out[len] = '\0';
    return len == CODE_FIND + CODE_SECRET;
}

// Counts a try. ERR_DENIED: no such code, too old or tried too often.
static enum err enrolment_try(struct store *s, struct shared_code *io_code,
                              int64_t now_ms) {
    if (s->share.with) {
        return s->share.with->code_try(s->share.with->arg, io_code, now_ms);
    }
    sqlite3_stmt *q =
        db_get(s, "UPDATE enrolment SET tries = tries + 1 WHERE code = ?"
                  " AND tries < ? AND until_ms >= ? RETURNING secret, wish");
    db_bind_text(q, 1, io_code->find);
    db_bind_u64(q, 2, ENROLMENT_TRIES);
    db_bind_u64(q, 3, (uint64_t)now_ms);
    enum err e = ERR_NONE;
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_DENIED : e;
    }
    bool is_whole = sqlite3_column_bytes(q, 0) == SECRET_HASH_BYTES;
    if (is_whole) {
        memcpy(io_code->secret, sqlite3_column_blob(q, 0), SECRET_HASH_BYTES);
        snprintf(io_code->wish, sizeof io_code->wish, "%s", db_text(q, 1));
    }
    sqlite3_reset(q);
    return is_whole ? ERR_NONE : ERR_DENIED;
}

static enum err enrolment_forget(struct store *s, const char *find, int64_t now_ms) {
    if (s->share.with) {
        return s->share.with->code_forget(s->share.with->arg, find, now_ms);
    }
    sqlite3_stmt *q = db_get(s, "DELETE FROM enrolment WHERE code = ? OR until_ms < ?");
    db_bind_text(q, 1, find);
    db_bind_u64(q, 2, (uint64_t)now_ms);
    return db_run(s, q);
}

enum err peer_enrolment_take(struct store *s, const char *code, int64_t now_ms,
                             char **out_wish) {
    char clean[CODE_FIND + CODE_SECRET + 1];
    if (!code_clean(code, clean)) {
        return ERR_DENIED;
    }
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(clean + CODE_FIND, hash);
    clean[CODE_FIND] = '\0';
    struct shared_code kept = {.find = clean};
    enum err e = enrolment_try(s, &kept, now_ms);
    if (e == ERR_NONE && sodium_memcmp(kept.secret, hash, sizeof hash) != 0) {
        e = ERR_DENIED;
    }
    e = e == ERR_NONE ? enrolment_forget(s, clean, now_ms) : e;
    if (e == ERR_NONE) {
        *out_wish = mem_copy_text(kept.wish);
    }
    return e;
}

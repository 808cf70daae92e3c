#include "sync/store/shared.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/refold.h"
#include "sync/store/shared_row.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void store_share(struct store *s, const struct store_shared *x) {
    CHECK(s->is_numbering && !s->in_tx);
    s->share.with = x;
    s->share.has_unshared = true;
}

enum err shared_touch(struct store *s) {
    if (!s->share.with || s->share.is_replaying) {
        return ERR_NONE;
    }
    return s->share.takes_facts ? s->share.with->touch(s->share.with->arg)
                                : ERR_READ_ONLY;
}

bool store_is_shared(const struct store *s) {
    return s->share.with != NULL;
}

bool store_is_read_only(const struct store *s) {
    return s->share.is_refused;
}

enum err store_adopt_log(struct store *s, const uint8_t log[EXCHANGE_LOG_BYTES]) {
    uint8_t ours[EXCHANGE_LOG_BYTES];
    size_t len = 0;
    enum err e = store_meta_get(s, "log_id", ours, sizeof ours, &len);
    if (e == ERR_NONE && memcmp(ours, log, sizeof ours) == 0) {
        return ERR_NONE;
    }
    log_warning("store: the facts here get their numbers in the shared log");
    e = store_begin_reading(s);
    if (e != ERR_NONE) {
        return e;
    }
    e = store_meta_set(s, "log_id", log, EXCHANGE_LOG_BYTES);
    e = e == ERR_NONE ? db_exec(s, "DELETE FROM log") : e;
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    e = store_commit(s);
    return e == ERR_NONE ? log_load(s) : e;
}

static uint64_t mirror_seq(const struct store *s) {
    return s->next_seq - 1;
}

// ---- a mirror that is not in the shared history ------------------------------------------

// ERR_NONE with *is_same: does our log have this chain hash there?
static enum err is_mark_ours(struct store *s, const struct exchange_mark *m,
                             bool *is_same) {
    sqlite3_stmt *q = db_get(s, "SELECT ch FROM log WHERE seq=?1");
    db_bind_u64(q, 1, m->seq);
    enum err e = ERR_NONE;
    *is_same = db_row(s, q, &e) && sqlite3_column_bytes(q, 0) == (int)sizeof m->ch &&
               memcmp(sqlite3_column_blob(q, 0), m->ch, sizeof m->ch) == 0;
    sqlite3_reset(q);
    return e;
}

// A chain hash that is equal at one place is equal at all before: halve until it is found.
static enum err find_common(struct store *s, uint64_t hi, struct exchange_mark *out) {
    const struct store_shared *x = s->share.with;
    enum err e = ERR_NONE;
    uint64_t low = 0;
    *out = (struct exchange_mark){0};
    while (low < hi && e == ERR_NONE) {
        uint64_t mid = low + (hi - low + 1) / 2;
        struct exchange_mark m = {0};
        bool is_same = false;
        e = x->mark(x->arg, mid, &m);
        if (e != ERR_NONE || m.seq <= out->seq) {
            low = mid; // no row ends between
            continue;
        }
        e = is_mark_ours(s, &m, &is_same);
        low = is_same ? mid : low;
        hi = is_same ? hi : m.seq - 1;
        *out = is_same ? m : *out;
    }
    return e;
}

// Takes the numbers back beyond the newest common point; the facts stay held.
static enum err cut_back(struct store *s, const struct exchange_mark *head) {
    struct exchange_mark common;
    uint64_t was = mirror_seq(s);
    enum err e = find_common(s, was < head->seq ? was : head->seq, &common);
    if (e != ERR_NONE) {
        return e;
    }
    sqlite3_stmt *q = db_get(s, "DELETE FROM log WHERE seq>?1");
    db_bind_u64(q, 1, common.seq);
    e = db_run(s, q);
    s->next_seq = common.seq + 1;
    log_start_ch(s, s->last_ch);
    if (common.seq) {
        memcpy(s->last_ch, common.ch, sizeof s->last_ch);
    }
    s->share.has_unshared = true;
    s->share.with->parted(s->share.with->arg, &common);
    if (was > common.seq) {
        log_warning("store: the shared log ends at %" PRIu64
                    " and ours parts from it after"
                    " %" PRIu64 " of %" PRIu64 ": what only we hold is numbered anew",
                    head->seq, common.seq, was);
    }
    return e;
}

// ---- catching up ------------------------------------------------------------------------

struct taking {
    struct store *store;
    uint64_t from;
    bool is_joined; // a row ends where we stood, with our chain hash
};

static enum err take_each(void *arg, const struct shared_row *row) {
    struct taking *t = arg;
    struct store *s = t->store;
    if (row->at.seq == t->from) {
        t->is_joined = memcmp(row->at.ch, s->last_ch, sizeof s->last_ch) == 0;
    }
    if (!t->is_joined) {
        return ERR_GAP;
    }
    return row->at.seq == t->from ? ERR_NONE : shared_row_take(s, row);
}

// One page. ERR_GAP: the mirror is not in the shared history.
static enum err read_page(struct store *s) {
    const struct store_shared *x = s->share.with;
    uint64_t at = mirror_seq(s);
    struct taking t = {.store = s, .from = at, .is_joined = at == 0};
    enum err e = x->read(x->arg, at, take_each, &t);
    return e == ERR_NONE && !t.is_joined ? ERR_GAP : e;
}

static enum err catch_up(struct store *s, const struct exchange_mark *head) {
    bool was_cut = false;
    enum err e = ERR_NONE;
    while (e == ERR_NONE) {
        uint64_t at = mirror_seq(s);
        bool is_there = at == head->seq &&
                        (!at || memcmp(s->last_ch, head->ch, sizeof s->last_ch) == 0);
        if (is_there) {
            return ERR_NONE;
        }
        e = read_page(s);
        if (e == ERR_GAP && !was_cut) {
            was_cut = true;
            e = cut_back(s, head);
        } else if (e == ERR_GAP || (e == ERR_NONE && mirror_seq(s) == at)) {
            log_error("store: the shared log does not hold together after %" PRIu64, at);
            e = ERR_CORRUPT;
        }
    }
    return e;
}

// ---- what only we hold ------------------------------------------------------------------

static enum err number_stream(struct store *s, uint64_t stream, uint64_t after) {
    sqlite3_stmt *q =
        db_get(s, "SELECT n, h FROM fact WHERE stream=?1 AND n>?2 ORDER BY n");
    db_bind_u64(q, 1, stream);
    db_bind_u64(q, 2, after);
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        e = log_number(s, (struct fact_ref){stream, db_u64(q, 0)},
                       sqlite3_column_blob(q, 1));
    }
    sqlite3_reset(q);
    return e;
}

// Facts without a number get the next ones: fleet first, then stream by stream.
static enum err number_rest(struct store *s) {
    uint64_t held = (uint64_t)db_int(s, db_get(s, "SELECT sum(last_n) FROM stream"), 0);
    if (held == mirror_seq(s)) {
        return ERR_NONE;
    }
    sqlite3_stmt *q = db_get(
        s, "SELECT t.stream, coalesce(l.n,0) FROM stream t LEFT JOIN"
           " (SELECT stream, max(n) AS n FROM log GROUP BY stream) l ON l.stream=t.stream"
           " WHERE t.last_n>coalesce(l.n,0)"
           " ORDER BY CASE t.channel WHEN 4 THEN 0 ELSE t.channel END, t.stream");
    struct bytes todo = {0};
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
        bytes_add_u64(&todo, db_u64(q, 0));
        bytes_add_u64(&todo, db_u64(q, 1));
    }
    struct reader r = reader_make(todo.data, todo.len);
    while (e == ERR_NONE && r.at < r.len) {
        uint64_t stream = reader_get_u64(&r);
        e = number_stream(s, stream, reader_get_u64(&r));
    }
    bytes_finish(&todo);
    return e;
}

// ---- one commit -------------------------------------------------------------------------

enum err shared_begin(struct store *s) {
    const struct store_shared *x = s->share.with;
    struct exchange_mark head = {0};
    enum err e = x->lock(x->arg, &head);
    if (e == ERR_READ_ONLY) {
        s->share.is_refused = true;
        return ERR_NONE;
    }
    if (e != ERR_NONE) {
        return e;
    }
    s->share.takes_facts = true;
    bytes_clear(&s->share.erased);
    e = catch_up(s, &head);
    s->share.seq = head.seq;
    e = e == ERR_NONE && s->share.has_unshared ? number_rest(s) : e;
    return e == ERR_NONE ? refold_dirty(s) : e;
}

void shared_cancel(struct store *s) {
    if (s->share.takes_facts) {
        s->share.with->cancel(s->share.with->arg);
    }
    s->share.takes_facts = false;
}

static enum err append_each(void *arg, const struct shared_row *row) {
    const struct store *s = arg;
    return s->share.with->append(s->share.with->arg, row);
}

void shared_note_erased(struct store *s, uint64_t stream, uint64_t n) {
    if (s->share.takes_facts) {
        bytes_add(&s->share.erased, &stream, sizeof stream);
        bytes_add(&s->share.erased, &n, sizeof n);
    }
}

static int compare_refs(const void *a, const void *b) {
    return memcmp(a, b, 2 * sizeof(uint64_t));
}

static enum err replace_each(void *arg, const struct shared_row *row) {
    const struct store *s = arg;
    return s->share.with->replace(s->share.with->arg, row);
}

// The row that holds seq, as the mirror has it now. *out_end: the row's last seq.
static enum err replace_row(struct store *s, uint64_t seq, uint64_t *out_end) {
    const struct store_shared *x = s->share.with;
    struct exchange_mark end = {0};
    struct exchange_mark before = {0};
    enum err e = x->end(x->arg, seq, &end);
    e = e == ERR_NONE ? x->mark(x->arg, seq - 1, &before) : e;
    if (e != ERR_NONE) {
        return e;
    }
    *out_end = end.seq;
    struct shared_range range = {before.seq, end.seq, SIZE_MAX};
    return shared_row_build(s, &range, replace_each, s);
}

// Bodies erased in this commit leave the rows that were there before.
static enum err publish_erased(struct store *s) {
    enum { REF = 2 * sizeof(uint64_t) };
    size_t count = s->share.erased.len / REF;
    if (!count) {
        return ERR_NONE;
    }
    qsort(s->share.erased.data, count, REF, compare_refs);
    sqlite3_stmt *q =
        db_get(s, "SELECT seq, stream, n FROM log WHERE seq<=?1 ORDER BY seq");
    db_bind_u64(q, 1, s->share.seq);
    uint64_t done = 0;
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        uint64_t ref[2] = {db_u64(q, 1), db_u64(q, 2)};
        uint64_t seq = db_u64(q, 0);
        if (seq > done && bsearch(ref, s->share.erased.data, count, REF, compare_refs)) {
            e = replace_row(s, seq, &done);
        }
    }
    sqlite3_reset(q);
    return e;
}

enum err shared_publish(struct store *s) {
    const struct store_shared *x = s->share.with;
    struct shared_range range = {s->share.seq, UINT64_MAX, SHARED_ROW_BYTES};
    enum err e = store_seal(s);
    e = e == ERR_NONE ? publish_erased(s) : e;
    bool is_changed = mirror_seq(s) != s->share.seq || s->share.erased.len;
    e = e == ERR_NONE ? shared_row_build(s, &range, append_each, s) : e;
    if (e == ERR_NONE && is_changed) {
        struct exchange_mark head = {.seq = mirror_seq(s)};
        memcpy(head.ch, s->last_ch, sizeof head.ch);
        e = x->commit(x->arg, &head);
    } else {
        x->cancel(x->arg);
    }
    if (e == ERR_NONE) {
        s->share.has_unshared = false;
    }
    s->share.takes_facts = false;
    return e;
}

// ---- following --------------------------------------------------------------------------

static enum err follow_page(struct store *s) {
    enum err e = store_begin_reading(s);
    if (e != ERR_NONE) {
        return e;
    }
    e = read_page(s);
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    return store_commit(s);
}

static enum err heal(struct store *s) {
    enum err e = store_begin(s);
    return e == ERR_NONE ? store_commit(s) : e;
}

enum err store_follow(struct store *s, struct exchange_mark *out_head) {
    enum err e = ERR_NONE;
    uint64_t before = UINT64_MAX;
    while (e == ERR_NONE && mirror_seq(s) != before) {
        before = mirror_seq(s);
        e = follow_page(s);
    }
    if (e == ERR_GAP || (e == ERR_NONE && s->share.has_unshared)) {
        e = heal(s);
    }
    *out_head = (struct exchange_mark){.seq = mirror_seq(s)};
    memcpy(out_head->ch, s->last_ch, sizeof out_head->ch);
    return e;
}

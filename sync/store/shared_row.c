#include "sync/store/shared_row.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/exchange/message.h"
#include "sync/store/refold.h"

#include <inttypes.h>
#include <string.h>

// ---- building ---------------------------------------------------------------------------

enum { OPEN_MAX = 64 };

struct building {
    struct store *store;
    struct bytes runs, batches, out;
    uint32_t run_count;
    struct fact_ref run; // the run that grows: its first fact
    uint32_t run_facts;
    struct fact_ref open[OPEN_MAX]; // batches not at their end yet: stream and last n
    size_t open_count;
    struct exchange_mark at;
};

static void close_run(struct building *b) {
    if (b->run_facts) {
        bytes_add_u64(&b->runs, b->run.stream);
        bytes_add_u64(&b->runs, b->run.n);
        bytes_add_u32(&b->runs, b->run_facts);
        b->run_count++;
    }
    b->run_facts = 0;
}

static void add_to_run(struct building *b, struct fact_ref ref) {
    if (!b->run_facts || ref.stream != b->run.stream ||
        ref.n != b->run.n + b->run_facts) {
        close_run(b);
        b->run = ref;
    }
    b->run_facts++;
}

// Is the fact in a batch that was added? At its last fact the batch is finished.
static bool is_covered(struct building *b, struct fact_ref ref) {
    for (size_t i = b->open_count; i-- > 0;) {
        struct fact_ref *o = &b->open[i];
        if (o->stream != ref.stream || ref.n > o->n) {
            continue;
        }
        if (ref.n == o->n) {
            *o = b->open[--b->open_count];
        }
        return true;
    }
    return false;
}

static enum err add_batch(struct building *b, struct fact_ref ref) {
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = 0;
    // A bound of one byte gives one batch.
    enum err e =
        store_read_batches(b->store, ref.stream, ref.n - 1, 1, &data, &lens, &last);
    if (e == ERR_NONE && lens.len != sizeof(uint32_t)) {
        log_error("store: no signed batch holds %016" PRIx64 " %" PRIu64, ref.stream,
                  ref.n);
        e = ERR_CORRUPT;
    }
    if (e == ERR_NONE) {
        bytes_add_u32(&b->batches, (uint32_t)data.len);
        bytes_add(&b->batches, data.data, data.len);
    }
    if (e == ERR_NONE && last > ref.n && b->open_count < OPEN_MAX) {
        b->open[b->open_count++] = (struct fact_ref){ref.stream, last};
    }
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

static enum err end_row(struct building *b, shared_each *each, void *arg) {
    close_run(b);
    bytes_clear(&b->out);
    bytes_add_u32(&b->out, b->run_count);
    bytes_add(&b->out, b->runs.data, b->runs.len);
    bytes_add(&b->out, b->batches.data, b->batches.len);
    struct shared_row row = {b->at, b->out.data, b->out.len};
    enum err e = b->run_count ? each(arg, &row) : ERR_NONE;
    bytes_clear(&b->runs);
    bytes_clear(&b->batches);
    b->run_count = 0;
    b->open_count = 0;
    return e;
}

enum err shared_row_build(struct store *s, const struct shared_range *range,
                          shared_each *each, void *arg) {
    struct building b = {.store = s};
    sqlite3_stmt *q = db_get(s, "SELECT seq, stream, n, ch FROM log WHERE seq>?1 AND"
                                " seq<=?2 ORDER BY seq");
    db_bind_u64(q, 1, range->after);
    db_bind_u64(q, 2, range->last > INT64_MAX ? INT64_MAX : range->last);
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        struct fact_ref ref = {db_u64(q, 1), db_u64(q, 2)};
        e = is_covered(&b, ref) ? ERR_NONE : add_batch(&b, ref);
        add_to_run(&b, ref);
        b.at.seq = db_u64(q, 0);
        memcpy(b.at.ch, sqlite3_column_blob(q, 3), sizeof b.at.ch);
        if (e == ERR_NONE && !b.open_count && b.batches.len >= range->cut_bytes) {
            e = end_row(&b, each, arg);
        }
    }
    sqlite3_reset(q);
    e = e == ERR_NONE ? end_row(&b, each, arg) : e;
    bytes_finish(&b.runs);
    bytes_finish(&b.batches);
    bytes_finish(&b.out);
    return e;
}

// ---- two branches of one stream -----------------------------------------------------------

static enum err run_for(struct store *s, sqlite3_stmt *q, uint64_t stream, uint64_t n) {
    db_bind_u64(q, 1, stream);
    db_bind_u64(q, 2, n);
    return db_run(s, q);
}

static enum err keep_branch(struct store *s, uint64_t stream, uint64_t after) {
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = after;
    enum err e = store_read_batches(s, stream, after, SIZE_MAX, &data, &lens, &last);
    sqlite3_stmt *q = db_get(s, "INSERT OR IGNORE INTO fork(stream, n, h, batch, at_ms)"
                                " VALUES(?1,?2,x'',?3,?4)");
    db_bind_bytes(q, 3, data.data, data.len);
    sqlite3_bind_int64(q, 4, clock_wall_ms());
    e = e == ERR_NONE && data.len ? run_for(s, q, stream, last) : e;
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

// Our branch of a stream has no numbers any more (a fail-over lost them) and the shared log
// took another one: ours becomes the evidence, theirs is folded.
static enum err drop_branch(struct store *s, uint64_t stream) {
    sqlite3_stmt *q = db_get(s, "SELECT max(n) FROM log WHERE stream=?1");
    db_bind_u64(q, 1, stream);
    uint64_t kept = (uint64_t)db_int(s, q, 0);
    log_warning("store: stream %016" PRIx64 ": the shared log has another branch after"
                " %" PRIu64 "; ours is kept beside the log",
                stream, kept);
    enum err e = keep_branch(s, stream, kept);
    static const char *const drops[] = {
        "DELETE FROM fact WHERE stream=?1 AND n>?2",
        "DELETE FROM batch WHERE stream=?1 AND last_n>?2",
        "UPDATE stream SET last_n=?2, last_h=coalesce((SELECT h FROM fact f WHERE"
        " f.stream=?1 AND f.n=?2), last_h) WHERE stream=?1",
        "DELETE FROM stream WHERE stream=?1 AND ?2=0",
    };
    for (size_t i = 0; i < sizeof drops / sizeof *drops && e == ERR_NONE; i++) {
        e = run_for(s, db_get(s, drops[i]), stream, kept);
    }
    return e == ERR_NONE ? refold_all(s) : e;
}

// ---- taking -----------------------------------------------------------------------------

static enum err take_batch(struct store *s, const uint8_t *bytes, size_t len) {
    struct batch_view b;
    struct take_result taken;
    struct moment now = {.wall_ms = clock_wall_ms()};
    enum err e = store_take_batch(s, bytes, len, &now, &taken);
    if (e == ERR_FORK && batch_parse(bytes, len, &b) == ERR_NONE) {
        e = drop_branch(s, b.stream);
        e = e == ERR_NONE ? store_take_batch(s, bytes, len, &now, &taken) : e;
    }
    return e;
}

static enum err number_run(struct store *s, struct reader *r) {
    struct fact_ref ref = {.stream = reader_get_u64(r)};
    ref.n = reader_get_u64(r);
    uint32_t count = reader_get_u32(r);
    enum err e = ERR_NONE;
    for (uint32_t i = 0; i < count && e == ERR_NONE; i++, ref.n++) {
        sqlite3_stmt *q = db_get(s, "SELECT h FROM fact WHERE stream=?1 AND n=?2");
        db_bind_u64(q, 1, ref.stream);
        db_bind_u64(q, 2, ref.n);
        if (!db_row(s, q, &e)) {
            return e == ERR_NONE ? ERR_GAP : e;
        }
        e = log_number(s, ref, sqlite3_column_blob(q, 0));
        sqlite3_reset(q);
    }
    return e;
}

enum err shared_row_take(struct store *s, const struct shared_row *row) {
    enum { RUN_BYTES = 8 + 8 + 4 };
    struct reader r = reader_make(row->bytes, row->len);
    uint32_t run_count = reader_get_u32(&r);
    const uint8_t *list = reader_get_bytes(&r, (size_t)run_count * RUN_BYTES);
    enum err e = list ? ERR_NONE : ERR_INPUT;
    s->share.is_replaying = true;
    while (e == ERR_NONE && r.at < r.len) {
        size_t len = reader_get_u32(&r);
        const uint8_t *batch = reader_get_bytes(&r, len);
        e = batch ? take_batch(s, batch, len) : ERR_INPUT;
    }
    s->share.is_replaying = false;
    if (exchange_is_about_batch(e) || e == ERR_GAP) {
        log_error("store: row %" PRIu64 " of the shared log does not verify: %s",
                  row->at.seq, err_text(e));
        e = ERR_CORRUPT;
    }
    struct reader runs = reader_make(list, list ? (size_t)run_count * RUN_BYTES : 0);
    while (e == ERR_NONE && runs.at < runs.len) {
        e = number_run(s, &runs);
    }
    bool is_same = s->next_seq - 1 == row->at.seq &&
                   memcmp(s->last_ch, row->at.ch, sizeof s->last_ch) == 0;
    return e == ERR_NONE && !is_same ? ERR_GAP : e;
}

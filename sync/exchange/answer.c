#include "sync/exchange/answer.h"

#include <string.h>

enum { COVERED_MAX = 1024 };

// How far each stream is known to be held by the device, as far as this answer can tell.
// When the table is full a batch may be sent twice, which is harmless.
struct covered {
    struct {
        uint64_t stream;
        uint64_t from, last;
    } items[COVERED_MAX];
    size_t count;
    size_t hit; // the last one asked for: rows of one stream come in a row
};

static bool covered_is(const struct covered *c, size_t i, uint64_t stream, uint64_t n) {
    return i < c->count && c->items[i].stream == stream && n >= c->items[i].from &&
           n <= c->items[i].last;
}

static bool covered_has(struct covered *c, uint64_t stream, uint64_t n) {
    if (covered_is(c, c->hit, stream, n)) {
        return true;
    }
    for (size_t i = c->count; i-- > 0;) {
        if (covered_is(c, i, stream, n)) {
            c->hit = i;
            return true;
        }
    }
    return false;
}

static void covered_add(struct covered *c, uint64_t stream, uint64_t from,
                        uint64_t last) {
    if (c->count < COVERED_MAX) {
        c->items[c->count].stream = stream;
        c->items[c->count].from = from;
        c->items[c->count++].last = last;
    }
}

static bool is_not_ours(enum err e) {
    return exchange_is_about_batch(e) || e == ERR_GAP || e == ERR_READ_ONLY;
}

static enum err answer_push(const struct exchange_log *log,
                            const struct exchange_batches *push,
                            struct exchange_response *out, struct covered *covered) {
    const uint8_t *at = push->data.data;
    for (size_t i = 0; i < push->count; at += push->lens[i++]) {
        struct batch_view b;
        if (batch_parse(at, push->lens[i], &b) != ERR_NONE) {
            continue; // no address to answer for; the taker rejects and counts it elsewhere
        }
        struct exchange_have have = {.stream = b.stream};
        enum err e = log->take(log->arg, at, push->lens[i], &have);
        if (e != ERR_NONE && !is_not_ours(e)) {
            return e;
        }
        if (e == ERR_NONE) {
            covered_add(covered, b.stream, b.from, b.from + b.count - 1);
        }
        exchange_response_have(out, b.stream, have.n, e == ERR_FORK);
    }
    return ERR_NONE;
}

// What is held of the streams offered. Another hash at the same n is answered with 0: the
// device then pushes from the start and the store finds where the branches part. With the
// same hash the device has all of it up to there.
static enum err answer_offers(const struct exchange_log *log,
                              const struct exchange_request *request,
                              struct exchange_response *out, struct covered *covered) {
    for (size_t i = 0; i < request->offer_count; i++) {
        const struct exchange_summary *s = &request->offers[i];
        struct exchange_have have = {.stream = s->stream};
        bool is_other = false;
        enum err e = log->have(log->arg, s, &have, &is_other);
        if (e != ERR_NONE) {
            return e;
        }
        if (is_other && !have.is_forked) {
            have.n = 0;
        } else if (!have.is_forked && have.n >= s->n) {
            covered_add(covered, s->stream, 1, s->n);
        }
        exchange_response_have(out, s->stream, have.n, have.is_forked);
    }
    return ERR_NONE;
}

// After the push: it may have freed a place, or taken one.
static enum err answer_claims(const struct exchange_log *log,
                              const struct exchange_request *request,
                              struct exchange_response *out) {
    for (size_t i = 0; i < request->claim_count; i++) {
        struct exchange_claimed *claimed = &out->claims[out->claim_count];
        enum err e = log->claim(log->arg, request->dev, &request->claims[i], claimed);
        if (e == ERR_NONE) {
            out->claim_count++;
        } else if (!is_not_ours(e)) {
            return e;
        }
    }
    return ERR_NONE;
}

// ERR_NONE with *is_common: is m a point of this log's history?
static enum err is_in_history(const struct exchange_log *log,
                              const struct exchange_mark *m, bool *is_common) {
    struct exchange_mark ours;
    *is_common = m->seq == 0;
    if (*is_common) {
        return ERR_NONE;
    }
    enum err e = log->mark(log->arg, m->seq, &ours);
    if (e == ERR_NOT_FOUND) {
        return ERR_NONE;
    }
    *is_common = e == ERR_NONE && memcmp(ours.ch, m->ch, sizeof ours.ch) == 0;
    return e;
}

static enum err answer_rewind(const struct exchange_log *log,
                              const struct exchange_request *request,
                              struct exchange_response *out) {
    bool is_same_log = memcmp(request->cur.log, log->log, sizeof log->log) == 0;
    bool is_fresh = request->cur.at.seq == 0 && request->seen.seq == 0;
    bool has_cur = is_same_log || is_fresh;
    bool has_seen = has_cur;
    enum err e = ERR_NONE;
    if (is_same_log) {
        e = is_in_history(log, &request->cur.at, &has_cur);
        if (e == ERR_NONE) {
            e = is_in_history(log, &request->seen, &has_seen);
        }
    }
    if (e != ERR_NONE || (has_cur && has_seen)) {
        return e;
    }
    out->has_rewind = true;
    // The cursor itself is the newest point when only `seen` was lost.
    bool is_common = has_cur;
    out->rewind = has_cur ? request->cur.at : out->rewind;
    for (size_t i = 0; is_same_log && i < request->loc_count && e == ERR_NONE; i++) {
        const struct exchange_mark *m = &request->loc[i];
        if (is_common && m->seq <= out->rewind.seq) {
            break;
        }
        bool is_here = false;
        e = is_in_history(log, m, &is_here);
        // Beyond the cursor nothing was received yet: never rewind forward.
        if (e == ERR_NONE && is_here && m->seq <= request->cur.at.seq) {
            out->rewind = *m;
            is_common = true;
        }
    }
    return e;
}

struct walk {
    const struct exchange_log *log;
    struct exchange_response *out;
    struct covered *covered;
    uint64_t max_bytes;
    struct bytes batch;
    uint64_t reached; // seq covered so far
    bool is_full;
};

// One row: nothing to do, or its batch is added. *is_stopped: not to be passed.
static enum err walk_row(struct walk *w, const struct exchange_row *row,
                         bool *is_stopped) {
    if (covered_has(w->covered, row->stream, row->n)) {
        return ERR_NONE;
    }
    uint64_t last = 0;
    bytes_clear(&w->batch);
    enum err e = w->log->batch(w->log->arg, row->stream, row->n, &w->batch, &last);
    if (e == ERR_NOT_FOUND) {
        *is_stopped = true; // unsigned yet: the next round has it
        return ERR_NONE;
    }
    if (e != ERR_NONE) {
        return e;
    }
    struct exchange_batches *facts = &w->out->facts;
    bool is_over = facts->data.len + w->batch.len > w->max_bytes;
    if ((facts->count && is_over) || !exchange_batches_fit(facts, w->batch.len)) {
        w->is_full = true;
        *is_stopped = true;
        return ERR_NONE;
    }
    covered_add(w->covered, row->stream, row->n, last);
    return exchange_batches_add(facts, w->batch.data, w->batch.len);
}

static enum err answer_facts(struct walk *w, uint64_t after, uint32_t channels) {
    struct exchange_rows rows;
    bool is_stopped = false;
    enum err e = ERR_NONE;
    rows.count = EXCHANGE_ROWS_MAX;
    w->reached = after;
    while (e == ERR_NONE && !is_stopped && rows.count == EXCHANGE_ROWS_MAX) {
        rows.count = 0;
        e = w->log->rows(w->log->arg, w->reached, channels, &rows);
        for (size_t i = 0; e == ERR_NONE && i < rows.count && !is_stopped; i++) {
            e = walk_row(w, &rows.items[i], &is_stopped);
            w->reached = is_stopped ? rows.items[i].seq - 1 : rows.items[i].seq;
        }
    }
    if (e == ERR_NONE && !is_stopped) {
        w->reached = w->out->head.seq; // the rest is of other channels
    }
    bytes_finish(&w->batch);
    return e;
}

enum err exchange_answer(const struct exchange_log *log,
                         const struct exchange_caller *who,
                         const struct exchange_request *request,
                         struct exchange_response *out) {
    struct covered covered;
    covered.count = covered.hit = 0;
    out->proto = EXCHANGE_PROTO;
    out->proto_min = EXCHANGE_PROTO_MIN;
    out->channels = who->channels;
    memcpy(out->log, log->log, sizeof out->log);
    // Judged before the push lands: the push itself would extend the history.
    enum err e = answer_rewind(log, request, out);
    if (e == ERR_NONE) {
        e = answer_push(log, &request->push, out, &covered);
    }
    if (e == ERR_NONE) {
        e = answer_offers(log, request, out, &covered);
    }
    if (e == ERR_NONE) {
        e = answer_claims(log, request, out);
    }
    if (e == ERR_NONE) {
        e = log->head(log->arg, &out->head);
    }
    if (e != ERR_NONE) {
        return e;
    }
    uint32_t channels = request->cur.channels & who->channels;
    uint64_t after = out->has_rewind ? out->rewind.seq : request->cur.at.seq;
    if (request->proto < EXCHANGE_PROTO_MIN || !channels) {
        // Too old to be fed, or not told its channels yet: it may push all the same.
        out->cur = out->has_rewind ? out->rewind : request->cur.at;
        return ERR_NONE;
    }
    struct walk w = {
        .log = log, .out = out, .covered = &covered, .max_bytes = request->max_bytes};
    e = answer_facts(&w, after, channels);
    if (e == ERR_NONE) {
        out->has_more = w.is_full;
        e = log->mark(log->arg, w.reached, &out->cur);
    }
    return e;
}

#define _GNU_SOURCE // memmem
#include "tests/sim/snap.h"

#include "sync/base/mem.h"
#include "sync/base/zip.h"
#include "sync/store/peer.h"
#include "sync/store/peer_log.h"
#include "tests/sim/node.h"
#include "tests/sim/oracle.h"

#include <string.h>

enum { CHUNK_BYTES = 2048, TRIES = 5, RAW_MAX = 1024 * 1024 };

uint64_t snap_next_ms(const struct snap *p) {
    return p->is_under_way ? p->due_ms : UINT64_MAX;
}

void snap_forget(struct snap *p) {
    for (size_t i = 0; i < p->count; i++) {
        bytes_finish(&p->chunks[i]);
    }
    p->count = 0;
    p->is_under_way = false;
}

// ---- the server's side -------------------------------------------------------------------

// One batch gets a body that its author never wrote; lengths stay.
static void forge(struct sim *s, struct bytes *raw) {
    size_t len = 0;
    for (size_t at = 0; at + 4 < raw->len; at += 4 + len) {
        len = (size_t)raw->data[at] << 24 | (size_t)raw->data[at + 1] << 16 |
              (size_t)raw->data[at + 2] << 8 | raw->data[at + 3];
        if (at + 4 + len >= raw->len || sim_chance(s, 300)) {
            uint8_t *batch = raw->data + at + 4;
            char *name = memmem(batch, len, "\"name\":\"", 8);
            if (name) {
                name[8] = name[8] == 'X' ? 'Y' : 'X';
            } else {
                batch[len - 1] ^= 1; // its signature
            }
            return;
        }
    }
}

static void add_chunk(struct sim *s, struct snap *p, struct bytes *raw) {
    CHECK(p->count < SNAP_CHUNKS_MAX);
    if (p->is_bad && sim_chance(s, 400)) {
        forge(s, raw);
        s->totals.of[T_FORGED]++;
    }
    zip_pack(raw->data, raw->len, &p->chunks[p->count++]);
    bytes_clear(raw);
}

static enum err add_stream(struct sim *s, struct store *st, uint64_t stream,
                           struct snap *p, struct bytes *raw) {
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = 0;
    enum err e = store_read_batches(st, stream, 0, RAW_MAX, &data, &lens, &last);
    size_t at = 0;
    for (size_t i = 0; e == ERR_NONE && i < lens.len / sizeof(uint32_t); i++) {
        uint32_t len;
        memcpy(&len, lens.data + i * sizeof len, sizeof len);
        bytes_add_u32(raw, len);
        bytes_add(raw, data.data + at, len);
        at += len;
        if (raw->len >= CHUNK_BYTES && p->count + 1 < SNAP_CHUNKS_MAX) {
            add_chunk(s, p, raw);
        }
    }
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

static enum err build(struct sim *s, struct store *st, struct snap *p) {
    struct peer_log log = {.store = st};
    struct exchange_log view;
    struct bytes raw = {0};
    uint64_t *streams = NULL;
    size_t count = 0;
    enum err e = store_seal(st);
    e = e == ERR_NONE ? peer_log_open(&log, &view) : e;
    e = e == ERR_NONE ? peer_log_head(st, &p->saved.cur.at) : e;
    e = e == ERR_NONE ? peer_log_streams(st, p->channels, &streams, &count) : e;
    if (e == ERR_NONE) {
        memcpy(p->saved.cur.log, view.log, sizeof view.log);
    }
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = add_stream(s, st, streams[i], p, &raw);
    }
    if (e == ERR_NONE && raw.len) {
        add_chunk(s, p, &raw);
    }
    bytes_finish(&raw);
    mem_free(streams);
    return e;
}

// ---- the device's side -------------------------------------------------------------------

static void finish(struct sim *s, size_t i, size_t k, enum err e) {
    struct snap *p = &s->links[i][k].snap;
    struct client_event event = {
        .type = CLIENT_SNAPPED, .err = e, .mark = p->saved.cur.at};
    snap_forget(p);
    node_step(s, i, k, event);
}

void snap_abort(struct sim *s, size_t i, size_t k) {
    if (s->links[i][k].snap.is_under_way) {
        finish(s, i, k, ERR_CLOSED);
    }
}

void snap_begin(struct sim *s, size_t i, size_t k) {
    struct link *l = &s->links[i][k];
    struct snap *p = &l->snap;
    snap_forget(p);
    p->is_under_way = true;
    p->at = 0;
    p->tries = 0;
    p->saved = l->client.saved;
    p->channels = l->client.saved.cur.channels;
    p->due_ms = s->now_ms + 5;
    p->is_bad = s->plan.has_bad_mirror && s->nodes[l->to].kind == KIND_RELAY;
}

static void begin_fetching(struct sim *s, size_t i, size_t k) {
    struct link *l = &s->links[i][k];
    struct node *server = &s->nodes[l->to];
    if (!server->is_on || server->is_failing) {
        finish(s, i, k, ERR_OFFLINE);
        return;
    }
    enum err e = build(s, server->store, &l->snap);
    if (!node_judge(s, l->to, e, "a snapshot")) {
        finish(s, i, k, ERR_OFFLINE);
    }
    l->snap.due_ms = s->now_ms + 5;
}

static enum err take_chunk(struct sim *s, size_t i, size_t k) {
    struct link *l = &s->links[i][k];
    const struct bytes *packed = &l->snap.chunks[l->snap.at];
    struct store *st = s->nodes[i].store;
    struct bytes raw = {0};
    uint8_t hash[FACT_HASH_BYTES];
    fact_hash_body(packed->data, packed->len, hash);
    if (peer_snap_has(st, hash)) {
        return ERR_NONE;
    }
    enum err e = zip_unpack(packed->data, packed->len, RAW_MAX, &raw);
    if (e == ERR_NONE) {
        struct peer_snap job = {.upstream = l->name,
                                .data = raw.data,
                                .len = raw.len,
                                .done = hash,
                                .now = node_now(s, i)};
        e = peer_snap_take(st, &job);
    }
    struct reader r = reader_make(raw.data, raw.len);
    while (e == ERR_NONE && r.at < r.len) {
        size_t len = reader_get_u32(&r);
        oracle_hold(s->oracle, i, reader_get_bytes(&r, len), len);
    }
    bytes_finish(&raw);
    return e;
}

static enum err finish_all(struct sim *s, size_t i, size_t k) {
    struct link *l = &s->links[i][k];
    enum err e = peer_snap_finish(s->nodes[i].store, l->name, &l->snap.saved);
    s->totals.of[T_SNAPSHOTS] += e == ERR_NONE;
    return e;
}

static bool is_about_chunk(enum err e) {
    return e == ERR_SIGNATURE || e == ERR_INPUT || e == ERR_GAP || e == ERR_LIMIT ||
           e == ERR_FORK;
}

void snap_step(struct sim *s, size_t i, size_t k) {
    struct snap *p = &s->links[i][k].snap;
    struct node *n = &s->nodes[i];
    if (!p->count) {
        begin_fetching(s, i, k);
        return;
    }
    p->due_ms = s->now_ms + 5 + sim_random(s, 20);
    bool is_lost = !s->is_healing && sim_chance(s, s->plan.lose);
    if (is_lost || n->cut_until_ms > s->now_ms) {
        p->due_ms += 1000;
        if (++p->tries == TRIES) {
            finish(s, i, k, ERR_OFFLINE);
        }
        return;
    }
    p->tries = 0;
    enum err e = p->at < p->count ? take_chunk(s, i, k) : finish_all(s, i, k);
    if (is_about_chunk(e) && p->is_bad) {
        sim_say(s, n, "refuses a chunk of the snapshot: %s", err_text(e));
        finish(s, i, k, e);
    } else if (!node_judge(s, i, e, "taking a snapshot")) {
        finish(s, i, k, e);
    } else if (++p->at > p->count) {
        finish(s, i, k, ERR_NONE);
    }
}

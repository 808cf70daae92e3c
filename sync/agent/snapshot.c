#include "sync/agent/snapshot.h"

#include "sync/agent/jobs.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/zip.h"
#include "sync/exchange/wire_part.h"
#include "sync/net/http.h"

#include <stdio.h>
#include <string.h>

// One GET from an offset on; a dropped connection leaves what came in out.
static enum err get_once(struct snapshot *s, const char *path, struct bytes *out,
                         struct http_answer *got) {
    struct http_request request = {.method = "GET",
                                   .path = path,
                                   .timeout_ms = SNAPSHOT_TIMEOUT_MS,
                                   .range_from = out->len};
    struct http_answer answer = {0};
    http_send(s->http, s->slot, &request);
    while (!http_poll(s->http, 1000, &answer) || answer.slot != s->slot) {
        if (s->is_to_stop(s->arg)) {
            http_drop(s->http, s->slot);
            return ERR_CLOSED;
        }
    }
    *got = answer;
    if (answer.status == 200 && out->len) {
        bytes_clear(out); // it began at the beginning again
    }
    if (answer.status == 200 || answer.status == 206) {
        bytes_add(out, answer.body, answer.len);
    }
    return answer.err;
}

static bool is_stopped_within(struct snapshot *s, uint32_t ms) {
    struct http_answer answer;
    for (uint32_t step; ms; ms -= step) {
        step = ms < 500 ? ms : 500;
        (void)http_poll(s->http, step, &answer); // nothing is out: it only waits
        if (s->is_to_stop(s->arg)) {
            return true;
        }
    }
    return false;
}

// The same, when the hub has others to serve first as late as it says.
static enum err get(struct snapshot *s, const char *path, struct bytes *out,
                    int *status) {
    struct http_answer answer = {0};
    for (int i = 0; i < SNAPSHOT_WAITS_MAX; i++) {
        enum err e = get_once(s, path, out, &answer);
        *status = answer.status;
        if (e != ERR_NONE || answer.status != 503) {
            return e;
        }
        uint32_t ms = answer.retry_after_ms ? answer.retry_after_ms : 1000;
        ms = ms < SNAPSHOT_WAIT_MAX_MS ? ms : SNAPSHOT_WAIT_MAX_MS;
        if (is_stopped_within(s, ms)) {
            return ERR_CLOSED;
        }
    }
    return ERR_TIMEOUT;
}

static enum err get_chunk(struct snapshot *s, const char *name, struct bytes *out) {
    uint8_t wanted[FACT_HASH_BYTES];
    uint8_t hash[FACT_HASH_BYTES];
    char path[96];
    int status = 0;
    enum err e = hex_parse(name, wanted, sizeof wanted);
    if (e != ERR_NONE || strlen(name) != 2 * sizeof wanted) {
        return ERR_INPUT;
    }
    snprintf(path, sizeof path, "/v1/blob/%s", name);
    e = ERR_OFFLINE;
    for (int i = 0; i < SNAPSHOT_TRIES && e != ERR_NONE && e != ERR_CLOSED; i++) {
        e = get(s, path, out, &status);
        if (e == ERR_NONE && status != 200 && status != 206) {
            return ERR_NOT_FOUND;
        }
    }
    if (e == ERR_NONE) {
        fact_hash_body(out->data, out->len, hash);
        e = memcmp(hash, wanted, sizeof hash) == 0 ? ERR_NONE : ERR_SIGNATURE;
    }
    return e;
}

// The end of a slice that begins at `from`: whole batches, SNAPSHOT_SLICE_BYTES or more.
static size_t slice_end(const struct bytes *raw, size_t from) {
    struct reader r = reader_make(raw->data, raw->len);
    r.at = from;
    while (!r.is_short && r.at < r.len && r.at - from < SNAPSHOT_SLICE_BYTES) {
        reader_get_bytes(&r, reader_get_u32(&r));
    }
    return r.is_short ? raw->len : r.at;
}

static enum err take_chunk(struct snapshot *s, const struct bytes *raw,
                           const uint8_t hash[FACT_HASH_BYTES]) {
    enum err e = ERR_NONE;
    for (size_t from = 0; from < raw->len && e == ERR_NONE;) {
        size_t end = slice_end(raw, from);
        struct peer_snap job = {.upstream = s->upstream,
                                .data = raw->data + from,
                                .len = end - from,
                                .done = end == raw->len ? hash : NULL,
                                .now = s->now};
        e = store_thread_call(s->store, jobs_run_snap, &job, false);
        from = end;
        s->tell(s->arg);
    }
    return e;
}

static enum err fetch_chunk(struct snapshot *s, const char *name) {
    struct bytes packed = {0};
    struct bytes raw = {0};
    struct jobs_snap_has known = {0};
    enum err e = hex_parse(name, known.hash, sizeof known.hash);
    if (e == ERR_NONE) {
        e = store_thread_call(s->store, jobs_run_snap_has, &known, false);
    }
    if (e != ERR_NONE || known.is_here) {
        return e;
    }
    e = get_chunk(s, name, &packed);
    if (e == ERR_NONE) {
        e = zip_unpack(packed.data, packed.len, SNAPSHOT_CHUNK_BYTES_MAX, &raw);
    }
    if (e == ERR_NONE) {
        e = take_chunk(s, &raw, known.hash);
    }
    bytes_finish(&packed);
    bytes_finish(&raw);
    return e;
}

static enum err fetch_chunks(struct snapshot *s, const json_t *chunks) {
    size_t count = json_array_size(chunks);
    enum err e = count <= SNAPSHOT_CHUNKS_MAX ? ERR_NONE : ERR_LIMIT;
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = fetch_chunk(s, json_get_text(json_array_get(chunks, i), "hash", ""));
        log_info("exchange: snapshot: %zu of %zu", i + 1, count);
    }
    return e;
}

enum err snapshot_fetch(struct snapshot *s) {
    struct bytes text = {0};
    json_t *manifest = NULL;
    uint32_t channels = 0;
    struct exchange_cursor cur = s->saved.cur;
    int status = 0;
    enum err e = get(s, "/v1/snap", &text, &status);
    if (e == ERR_NONE) {
        e = status == 200 ? json_parse(text.data, text.len, &manifest) : ERR_OFFLINE;
    }
    if (e == ERR_NONE) {
        e = wire_parse_mark(manifest, "at", &cur.at);
    }
    if (e == ERR_NONE) {
        e = wire_parse_hex(manifest, "log", cur.log, sizeof cur.log);
    }
    if (e == ERR_NONE) {
        e = wire_parse_channels(manifest, "channels", &channels);
    }
    if (e == ERR_NONE && channels != cur.channels) {
        e = ERR_INPUT; // the role changed meanwhile
    }
    if (e == ERR_NONE) {
        struct jobs_expect job = {json_get_int(manifest, "people", 0)};
        e = store_thread_call(s->store, jobs_run_expect, &job, false);
    }
    if (e == ERR_NONE) {
        s->tell(s->arg);
        e = fetch_chunks(s, json_object_get(manifest, "chunks"));
    }
    if (e == ERR_NONE) {
        s->saved.cur = cur;
        s->saved.loc.count = 0; // as the client does
        locator_add(&s->saved.loc, &cur.at);
        struct jobs_snap_finish job = {.upstream = s->upstream, .saved = &s->saved};
        e = store_thread_call(s->store, jobs_run_snap_finish, &job, false);
    }
    json_decref(manifest);
    bytes_finish(&text);
    return e;
}

#include "sync/store/peer_stick.h"

#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/peer_log.h"

#include <string.h>

enum { ALL_CHANNELS = (1 << CHANNEL_COUNT) - 2, MESSAGE_BYTES = 512 * 1024 };

// ---- out ------------------------------------------------------------------------------

static enum err begin(struct store *s, struct peer_stick_walk *w) {
    uint32_t wanted = w->channels ? w->channels : ALL_CHANNELS;
    enum err e = store_seal(s);
    if (e == ERR_NONE) {
        e = peer_log_streams(s, wanted & CHANNEL_BIT(CHANNEL_FLEET), &w->streams,
                             &w->fleet_count);
    }
    if (e == ERR_NONE) {
        mem_free(w->streams);
        w->streams = NULL;
        e = peer_log_streams(s, wanted, &w->streams, &w->count);
    }
    w->has_begun = e == ERR_NONE;
    return e;
}

// Some batches of the stream at hand; the next one once it has no more.
static enum err read_stream(struct store *s, struct peer_stick_walk *w,
                            struct exchange_batches *out, bool *out_is_full) {
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = w->n;
    size_t room = MESSAGE_BYTES - out->data.len;
    enum err e =
        store_read_batches(s, w->streams[w->at], w->n, room, &data, &lens, &last);
    size_t count = lens.len / sizeof(uint32_t);
    size_t at = 0;
    for (size_t i = 0; e == ERR_NONE && i < count && !*out_is_full; i++) {
        uint32_t len;
        struct batch_view b;
        memcpy(&len, lens.data + i * sizeof len, sizeof len);
        e = batch_parse(data.data + at, len, &b);
        *out_is_full = !exchange_batches_fit(out, len);
        if (e == ERR_NONE && !*out_is_full) {
            e = exchange_batches_add(out, data.data + at, len);
            w->n = b.from + b.count - 1;
        }
        at += len;
    }
    if (e == ERR_NONE && count == 0) {
        w->at++;
        w->n = 0;
    }
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

enum err peer_stick_read(struct store *s, struct peer_stick_walk *w,
                         struct exchange_request *out) {
    bool is_full = false;
    enum err e = w->has_begun ? ERR_NONE : begin(s, w);
    exchange_request_clear(out);
    out->dev = store_identity_get(s).dev;
    out->proto = EXCHANGE_PROTO;
    while (e == ERR_NONE && w->at < w->count && !is_full &&
           out->push.data.len < MESSAGE_BYTES) {
        e = read_stream(s, w, &out->push, &is_full);
        is_full = is_full || (w->at == w->fleet_count && w->n == 0 && out->push.count);
    }
    w->is_done = e == ERR_NONE && w->at == w->count;
    return e;
}

void peer_stick_finish(struct peer_stick_walk *w) {
    mem_free(w->streams);
    *w = (struct peer_stick_walk){0};
}

// ---- in -------------------------------------------------------------------------------

// The channels this device may see: of its grant, no more than its upstreams allow now. A
// hub's are all of its grant.
static uint32_t allowed_channels(struct store *s) {
    struct device_info self = {0};
    enum err e = store_find_device(s, s->identity.dev, &self);
    if (e != ERR_NONE || !self.is_granted) {
        return CHANNEL_BIT(CHANNEL_FLEET); // enough to learn of its grant
    }
    if (self.is_revoked) {
        return CHANNEL_BIT(CHANNEL_FLEET);
    }
    // A role may have narrowed what was granted: each upstream's last word is the same hub's.
    int64_t told =
        db_int(s, db_get(s, "SELECT max(channels) FROM upstream WHERE channels != 0"), 0);
    uint32_t mask = told ? self.channels & (uint32_t)told : self.channels;
    return mask | CHANNEL_BIT(CHANNEL_FLEET);
}

static void note_device(struct peer_stick_report *io, uint64_t dev) {
    for (size_t i = 0; i < io->device_count; i++) {
        if (io->devices[i] == dev) {
            return;
        }
    }
    if (io->device_count < PEER_STICK_DEVICES_MAX) {
        io->devices[io->device_count++] = dev;
    }
}

// Pushing the hub's own log back to it would cost minutes on a thin link.
static enum err offer_stream(struct store *s, uint64_t stream) {
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO acked(upstream, stream, n, known, forked)"
                  " SELECT u.id, t.stream, 0, 0, 0 FROM upstream u, stream t"
                  " WHERE t.stream = ?1 AND NOT t.own ON CONFLICT DO NOTHING");
    db_bind_u64(q, 1, stream);
    return db_run(s, q);
}

static enum err take_batch(struct store *s, const void *bytes, size_t len,
                           const struct moment *now, struct peer_stick_report *io) {
    struct batch_view b;
    struct take_result taken = {0};
    enum err e = store_take_batch(s, bytes, len, now, &taken);
    if (e == ERR_GAP) {
        io->gaps++;
        return ERR_NONE;
    }
    if (exchange_is_about_batch(e)) {
        io->refused++;
        return ERR_NONE;
    }
    e = e == ERR_NONE ? batch_parse(bytes, len, &b) : e;
    if (e != ERR_NONE) {
        return e;
    }
    io->added += taken.new_facts;
    io->known += b.count - taken.new_facts;
    if (!taken.new_facts) {
        return ERR_NONE;
    }
    note_device(io, device_id(b.author));
    return offer_stream(s, b.stream);
}

enum err peer_stick_take(struct store *s, const struct exchange_request *r,
                         const struct moment *now, struct peer_stick_report *io) {
    uint32_t allowed = allowed_channels(s);
    enum err e = ERR_NONE;
    for (size_t i = 0; i < r->push.count && e == ERR_NONE; i++) {
        size_t len = 0;
        struct batch_view b;
        const uint8_t *bytes = exchange_batches_get(&r->push, i, &len);
        if (batch_parse(bytes, len, &b) != ERR_NONE) {
            io->refused++;
        } else if (!(CHANNEL_BIT(b.channel) & allowed)) {
            io->unseen++;
        } else {
            e = take_batch(s, bytes, len, now, io);
        }
    }
    return e;
}

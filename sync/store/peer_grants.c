#include "sync/store/peer_grants.h"

#include "sync/store/db.h"

#include <string.h>

enum err peer_add_batches(struct store *s, const struct peer_from *p, size_t max_bytes,
                          struct exchange_batches *out, bool *out_is_full) {
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = p->after;
    size_t room = max_bytes > out->data.len ? max_bytes - out->data.len : 0;
    enum err e = store_read_batches(s, p->stream, p->after, room, &data, &lens, &last);
    size_t at = 0;
    for (size_t i = 0; e == ERR_NONE && i < lens.len / sizeof(uint32_t); i++) {
        uint32_t len;
        memcpy(&len, lens.data + i * sizeof len, sizeof len);
        if ((out->count && len > room) || !exchange_batches_fit(out, len)) {
            *out_is_full = true;
            break;
        }
        e = exchange_batches_add(out, data.data + at, len);
        room -= len < room ? len : room;
        at += len;
    }
    if (data.len == 0 && room == 0) {
        *out_is_full = true;
    }
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

// The batch with the newest grant to a device.
static enum err add_grant(struct store *s, const char *dev,
                          struct exchange_batches *out) {
    sqlite3_stmt *q = db_get(s, "SELECT stream, n FROM fact WHERE subject = ?"
                                " AND kind = 'grant' ORDER BY at_ms DESC LIMIT 1");
    enum err e = ERR_NONE;
    bool is_full = false;
    db_bind_text(q, 1, dev);
    if (!db_row(s, q, &e)) {
        return e;
    }
    struct peer_from p = {db_u64(q, 0), db_u64(q, 1) - 1};
    sqlite3_reset(q);
    return peer_add_batches(s, &p, out->data.len + 1, out, &is_full);
}

enum err peer_read_grants(struct store *s, const uint8_t key[FACT_KEY_BYTES],
                          struct exchange_batches *out) {
    struct store_identity id = store_identity_get(s);
    char dev[17];
    hex_format_u64(device_id(key), dev);
    sqlite3_stmt *q = db_get(
        s,
        "SELECT s.stream FROM stream s WHERE s.channel = 4 AND EXISTS(SELECT 1"
        " FROM fact f WHERE f.stream = s.stream AND f.kind IN ('grant','device'))"
        " ORDER BY s.author = ? DESC, EXISTS(SELECT 1 FROM fact f WHERE f.subject = ?"
        " AND f.kind = 'grant' AND f.stream = s.stream) DESC, s.own, s.stream LIMIT ?");
    db_bind_bytes(q, 1, id.root, sizeof id.root);
    db_bind_text(q, 2, dev);
    db_bind_u64(q, 3, EXCHANGE_OFFERS_MAX);
    struct peer_from list[EXCHANGE_OFFERS_MAX];
    size_t count = 0;
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
        list[count++] = (struct peer_from){db_u64(q, 0), 0};
    }
    bool is_full = false;
    for (size_t i = 0; i < count && !is_full && e == ERR_NONE; i++) {
        e = peer_add_batches(s, &list[i], EXCHANGE_BYTES_MAX - FACT_BATCH_BYTES_MAX, out,
                             &is_full);
    }
    return e == ERR_NONE && is_full ? add_grant(s, dev, out) : e;
}

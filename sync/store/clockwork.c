// What the whole fold leans on: rights from grants, true times from anchors, the event's
// zone and ticket keys.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/store/anchors.h"
#include "sync/store/refold.h"

#include <string.h>

enum err refold_load_rights(struct store *s) {
    sqlite3_stmt *q =
        db_get(s, "SELECT f.header, f.body, t.dev FROM fact f JOIN stream t ON"
                  " t.stream=f.stream WHERE t.channel=4 AND f.kind IN"
                  " ('grant','device.revoke') ORDER BY f.stream, f.n");
    struct fact_header *headers = NULL;
    struct rights_fact *facts = NULL;
    size_t count = 0;
    enum err e;
    while (db_row(s, q, &e)) {
        struct fact_header h;
        json_t *body = NULL;
        if (fact_parse_header(sqlite3_column_blob(q, 0),
                              (size_t)sqlite3_column_bytes(q, 0), &h) != ERR_NONE ||
            json_parse(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1),
                       &body) != ERR_NONE) {
            continue;
        }
        headers = mem_resize(headers, count + 1, sizeof *headers);
        facts = mem_resize(facts, count + 1, sizeof *facts);
        headers[count] = h;
        facts[count++] = (struct rights_fact){.author = db_u64(q, 2), .body = body};
    }
    for (size_t i = 0; i < count; i++) {
        facts[i].header = &headers[i];
    }
    rights_finish(&s->rights);
    rights_fold(&s->rights, device_id(s->identity.root), facts, count);
    for (size_t i = 0; i < count; i++) {
        json_decref((json_t *)(uintptr_t)facts[i].body);
    }
    mem_free(headers);
    mem_free(facts);
    return e;
}

// The HLC's time of the header in this column: what counts while no anchor does.
static int64_t stamp_ms(sqlite3_stmt *q, int column, int64_t fallback_ms) {
    struct fact_header h;
    size_t len = (size_t)sqlite3_column_bytes(q, column);
    bool is_read = fact_parse_header(sqlite3_column_blob(q, column), len, &h) == ERR_NONE;
    return is_read ? hlc_ms(h.hlc) : fallback_ms;
}

// Times of one stream's facts anew; subjects whose order may have changed are marked.
static enum err retime_stream(struct store *s, uint64_t stream, uint64_t dev,
                              uint64_t boot) {
    sqlite3_stmt *q =
        db_get(s, "SELECT n, mono_ms, at_ms, subject, header FROM fact WHERE stream=?1");
    sqlite3_stmt *w = db_get(s, "UPDATE fact SET at_ms=?3 WHERE stream=?1 AND n=?2");
    db_bind_u64(q, 1, stream);
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        int64_t old = sqlite3_column_int64(q, 2);
        int64_t at = anchors_time_ms(s, dev, boot, db_u64(q, 1), stamp_ms(q, 4, old));
        if (at == old) {
            continue;
        }
        refold_mark(s, db_text(q, 3));
        db_bind_u64(w, 1, stream);
        db_bind_u64(w, 2, db_u64(q, 0));
        sqlite3_bind_int64(w, 3, at);
        e = db_run(s, w);
        sqlite3_reset(w);
    }
    sqlite3_reset(q);
    return e;
}

static enum err retime_boot(struct store *s, uint64_t dev, uint64_t boot) {
    sqlite3_stmt *q = db_get(s, "SELECT stream FROM stream WHERE dev=?1 AND boot=?2");
    db_bind_u64(q, 1, dev);
    db_bind_u64(q, 2, boot);
    uint64_t *streams = NULL;
    size_t count = 0;
    enum err e;
    while (db_row(s, q, &e)) {
        streams = mem_resize(streams, count + 1, sizeof *streams);
        streams[count++] = db_u64(q, 0);
    }
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = retime_stream(s, streams[i], dev, boot);
    }
    mem_free(streams);
    return e;
}

static enum err write_anchor(struct store *s, const struct anchor *a) {
    sqlite3_stmt *q =
        db_get(s, "INSERT OR IGNORE INTO anchor(dev, boot, mono_ms, stream, n,"
                  " source_ms, rtt_ms) VALUES(?1,?2,?3,?4,?5,?6,?7)");
    db_bind_u64(q, 1, a->dev);
    db_bind_u64(q, 2, a->boot);
    db_bind_u64(q, 3, a->mono_ms);
    db_bind_u64(q, 4, a->stream);
    db_bind_u64(q, 5, a->n);
    sqlite3_bind_int64(q, 6, a->source_ms);
    sqlite3_bind_int64(q, 7, a->rtt_ms);
    return db_run(s, q);
}

// One that fell with its author's rights: the times of its boot are told without it.
static enum err drop_anchor(struct store *s, const struct fact_header *h, uint64_t dev) {
    if (!anchors_drop(s, dev, h->boot, h->ref)) {
        return ERR_NONE;
    }
    sqlite3_stmt *q = db_get(s, "DELETE FROM anchor WHERE dev=?1 AND boot=?2 AND"
                                " stream=?3 AND n=?4");
    db_bind_u64(q, 1, dev);
    db_bind_u64(q, 2, h->boot);
    db_bind_u64(q, 3, h->ref.stream);
    db_bind_u64(q, 4, h->ref.n);
    enum err e = db_run(s, q);
    return e == ERR_NONE ? retime_boot(s, dev, h->boot) : e;
}

enum err refold_anchor(struct store *s, const struct fact_header *h, uint64_t dev,
                       const void *body, size_t len) {
    json_t *parsed = NULL;
    if (rights_refuse(&s->rights, dev, h)) {
        return drop_anchor(s, h, dev); // comes back through refold_device_anchors
    }
    if (json_parse(body, len, &parsed) != ERR_NONE) {
        return ERR_NONE;
    }
    struct anchor a = {
        .dev = dev,
        .boot = h->boot,
        .mono_ms = h->mono_ms,
        .source_ms = json_get_int(parsed, "source_ms", 0),
        .rtt_ms = (uint32_t)json_get_int(parsed, "rtt_ms", 0),
        .stream = h->ref.stream,
        .n = h->ref.n,
    };
    json_decref(parsed);
    if (a.source_ms <= 0) {
        return ERR_NONE;
    }
    anchors_keep(s, &a);
    enum err e = write_anchor(s, &a);
    return e == ERR_NONE ? retime_boot(s, dev, a.boot) : e;
}

enum err refold_device_anchors(struct store *s, uint64_t dev) {
    sqlite3_stmt *q = db_get(s, "SELECT f.header, f.body FROM stream t CROSS JOIN fact f"
                                " ON t.stream=f.stream WHERE t.dev=?1 AND t.channel=4"
                                " AND f.kind='anchor' ORDER BY f.stream, f.n");
    db_bind_u64(q, 1, dev);
    struct bytes rows = {0};
    enum err e;
    while (db_row(s, q, &e)) {
        uint32_t lens[2] = {(uint32_t)sqlite3_column_bytes(q, 0),
                            (uint32_t)sqlite3_column_bytes(q, 1)};
        bytes_add(&rows, lens, sizeof lens);
        bytes_add(&rows, sqlite3_column_blob(q, 0), lens[0]);
        bytes_add(&rows, sqlite3_column_blob(q, 1), lens[1]);
    }
    for (size_t at = 0; at < rows.len && e == ERR_NONE;) {
        uint32_t lens[2];
        memcpy(lens, rows.data + at, sizeof lens);
        const uint8_t *header = rows.data + at + sizeof lens;
        struct fact_header h;
        if (fact_parse_header(header, lens[0], &h) == ERR_NONE) {
            e = refold_anchor(s, &h, dev, header + lens[0], lens[1]);
        }
        at += sizeof lens + lens[0] + lens[1];
    }
    bytes_finish(&rows);
    return e;
}

void refold_set_event(struct store *s, const json_t *body) {
    event_info_parse(body, &s->event);
    zone_close(s->zone);
    s->zone = NULL;
    if (s->event.zone[0] && zone_open(s->event.zone, &s->zone) != ERR_NONE) {
        s->zone = NULL; // screens say that the zone is unknown
    }
    const json_t *keys = json_object_get(body, "ticket_keys");
    size_t max = sizeof s->ticket_keys / sizeof *s->ticket_keys;
    s->ticket_key_count = 0;
    for (size_t i = 0; i < json_array_size(keys) && s->ticket_key_count < max; i++) {
        const char *hex = json_get_text(json_array_get(keys, i), "key", "");
        struct ticket_key *k = &s->ticket_keys[s->ticket_key_count];
        if (hex_parse(hex, k->key, sizeof k->key) == ERR_NONE) {
            s->ticket_key_count++;
        }
    }
}

static enum err load_anchors(struct store *s) {
    s->anchor_count = 0;
    sqlite3_stmt *q = db_get(s, "SELECT dev, boot, mono_ms, stream, n, source_ms, rtt_ms"
                                " FROM anchor ORDER BY dev, boot");
    enum err e;
    while (db_row(s, q, &e)) {
        struct anchor a = {
            .dev = db_u64(q, 0),
            .boot = db_u64(q, 1),
            .mono_ms = db_u64(q, 2),
            .stream = db_u64(q, 3),
            .n = db_u64(q, 4),
            .source_ms = sqlite3_column_int64(q, 5),
            .rtt_ms = (uint32_t)sqlite3_column_int64(q, 6),
        };
        anchors_keep(s, &a);
    }
    return e;
}

// What a kiosk that never synced knows of the ticket keys came with its enrolment.
static void load_enrolled_keys(struct store *s) {
    uint8_t keys[TICKET_KEYS_MAX * FACT_KEY_BYTES];
    size_t len = 0;
    if (store_meta_get(s, "ticket_keys", keys, sizeof keys, &len) != ERR_NONE) {
        return;
    }
    s->ticket_key_count = len / FACT_KEY_BYTES;
    memcpy(s->ticket_keys, keys, s->ticket_key_count * FACT_KEY_BYTES);
}

size_t store_ticket_keys_get(const struct store *s,
                             struct ticket_key out[TICKET_KEYS_MAX]) {
    memcpy(out, s->ticket_keys, s->ticket_key_count * sizeof *out);
    return s->ticket_key_count;
}

enum err store_ticket_keys_set(struct store *s, const struct ticket_key *keys,
                               size_t count) {
    s->ticket_key_count = count < TICKET_KEYS_MAX ? count : TICKET_KEYS_MAX;
    memcpy(s->ticket_keys, keys, s->ticket_key_count * sizeof *keys);
    return store_meta_set(s, "ticket_keys", s->ticket_keys,
                          s->ticket_key_count * FACT_KEY_BYTES);
}

enum err refold_load(struct store *s) {
    enum err e = refold_load_rights(s);
    e = e == ERR_NONE ? load_anchors(s) : e;
    load_enrolled_keys(s);
    sqlite3_stmt *q = db_get(s, "SELECT body FROM entity WHERE kind='event' AND"
                                " subject='event'");
    json_t *body = NULL;
    if (e == ERR_NONE && db_row(s, q, &e)) {
        if (json_parse(db_text(q, 0), strlen(db_text(q, 0)), &body) == ERR_NONE) {
            refold_set_event(s, body);
        }
        json_decref(body);
        sqlite3_reset(q);
    }
    return e;
}

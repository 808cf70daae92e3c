#include "sync/store/peer_text.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"

#include <inttypes.h>
#include <string.h>

enum err peer_text_entity(struct store *s, const char *kind, const char *subject,
                          char **out) {
    sqlite3_stmt *q = db_get(s, "SELECT body FROM entity WHERE kind = ? AND subject = ?");
    db_bind_text(q, 1, kind);
    db_bind_text(q, 2, subject);
    enum err e = ERR_NONE;
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    *out = mem_copy_text(db_text(q, 0));
    sqlite3_reset(q);
    return ERR_NONE;
}

enum err peer_text_held(struct store *s, uint64_t dev, json_t **out) {
    sqlite3_stmt *q = db_get(s, "SELECT stream, last_n, last_h FROM stream WHERE dev = ?"
                                " AND last_n > 0 ORDER BY stream");
    json_t *list = json_array();
    enum err e = ERR_NONE;
    db_bind_u64(q, 1, dev);
    while (db_row(s, q, &e)) {
        char stream[17];
        char h[2 * FACT_HASH_BYTES + 1];
        hex_format_u64(db_u64(q, 0), stream);
        hex_format(sqlite3_column_blob(q, 2), FACT_HASH_BYTES, h);
        json_array_append_new(list,
                              json_pack("{s:s,s:I,s:s}", "st", stream, "n",
                                        (json_int_t)sqlite3_column_int64(q, 1), "h", h));
    }
    if (e != ERR_NONE) {
        json_decref(list);
        return e;
    }
    *out = list;
    return ERR_NONE;
}

// The body of a row as JSON; null when it was erased or is no JSON.
static json_t *row_body(sqlite3_stmt *q, int column, enum channel channel,
                        bool is_erased) {
    const uint8_t *body = sqlite3_column_blob(q, column);
    size_t len = (size_t)sqlite3_column_bytes(q, column);
    size_t salt = channel_is_salted(channel) ? FACT_SALT_BYTES : 0;
    json_t *value = NULL;
    if (is_erased || len < salt ||
        json_parse(body + salt, len - salt, &value) != ERR_NONE) {
        return json_null();
    }
    return value;
}

static void verify_channel(const struct verify_report *r, int channel,
                           struct bytes *out) {
    const struct channel_digest *d = &r->channels[channel];
    char log[2 * FACT_HASH_BYTES + 1];
    char tables[2 * FACT_HASH_BYTES + 1];
    hex_format(d->log, FACT_HASH_BYTES, log);
    hex_format(d->tables, FACT_HASH_BYTES, tables);
    char *line = mem_format("%-10s %8" PRId64 " facts  log %.16s  tables %.16s\n",
                            channel_name((enum channel)channel), d->facts, log, tables);
    bytes_add_text(out, line);
    mem_free(line);
}

void peer_text_verify(const struct verify_report *r, enum err e, struct bytes *out) {
    for (int c = CHANNEL_NONE + 1; c < CHANNEL_COUNT; c++) {
        verify_channel(r, c, out);
    }
    char *line = mem_format("%" PRId64 " facts in %" PRId64 " streams and %" PRId64
                            " batches, %" PRId64 " not signed yet, %" PRId64
                            " in quarantine, %" PRId64 " forks, %" PRId64 " refused\n",
                            r->facts, r->streams, r->batches, r->unsealed, r->quarantined,
                            r->forks, r->rejects);
    bytes_add_text(out, line);
    mem_free(line);
    if (e == ERR_NONE) {
        bytes_add_text(out, "all hashes, signatures and tables are right\n");
        return;
    }
    bytes_add_text(out, "NOT WELL: ");
    bytes_add_text(out, r->trouble[0] ? r->trouble : err_text(e));
    bytes_add_text(out, "\n");
}

static void dump_row(sqlite3_stmt *q, struct bytes *out) {
    char ref[REF_TEXT_SIZE];
    char dev[17];
    char at[32];
    struct fact_header h;
    enum channel channel = (enum channel)sqlite3_column_int(q, 3);
    ref_format((struct fact_ref){db_u64(q, 1), db_u64(q, 2)}, ref);
    hex_format_u64(db_u64(q, 7), dev);
    instant_format(sqlite3_column_int64(q, 6), at);
    json_t *line = json_object();
    json_object_set_new(line, "seq", json_integer(sqlite3_column_int64(q, 0)));
    json_object_set_new(line, "fact", json_string(ref));
    json_object_set_new(line, "channel", json_string(channel_name(channel)));
    json_object_set_new(line, "kind", json_string(db_text(q, 4)));
    json_object_set_new(line, "subject", json_string(db_text(q, 5)));
    json_object_set_new(line, "at", json_string(at));
    size_t header_len = (size_t)sqlite3_column_bytes(q, 10);
    if (fact_parse_header(sqlite3_column_blob(q, 10), header_len, &h) == ERR_NONE) {
        json_object_set_new(line, "hlc", json_integer((json_int_t)h.hlc));
    }
    json_object_set_new(line, "device", json_string(dev));
    json_object_set_new(line, "body",
                        row_body(q, 8, channel, sqlite3_column_int(q, 9) == 1));
    char *text = json_format(line);
    bytes_add_text(out, text);
    bytes_add_u8(out, '\n');
    mem_free(text);
    json_decref(line);
}

enum err peer_text_dump(struct store *s, const struct peer_text_dump *d,
                        struct bytes *out, uint64_t *out_last) {
    sqlite3_stmt *q =
        s->is_numbering
            ? db_get(
                  s,
                  "SELECT l.seq, l.stream, l.n, t.channel, f.kind, f.subject, f.at_ms,"
                  " t.dev, f.body, f.state, f.header FROM log l JOIN fact f ON f.stream "
                  "= l.stream"
                  " AND f.n = l.n JOIN stream t ON t.stream = l.stream WHERE l.seq > ?1"
                  " AND (?2 = '' OR f.kind = ?2) ORDER BY l.seq LIMIT ?3")
            : db_get(s, "SELECT 0, f.stream, f.n, t.channel, f.kind, f.subject, f.at_ms,"
                        " t.dev, f.body, f.state, f.header FROM fact f JOIN stream t ON"
                        " t.stream = f.stream WHERE ?1 = 0 AND (?2 = '' OR f.kind = ?2)"
                        " ORDER BY f.at_ms, f.stream, f.n LIMIT ?3");
    db_bind_u64(q, 1, d->after);
    db_bind_text(q, 2, d->kind ? d->kind : "");
    db_bind_u64(q, 3, d->max);
    enum err e = ERR_NONE;
    *out_last = d->after;
    while (db_row(s, q, &e)) {
        dump_row(q, out);
        *out_last = db_u64(q, 0);
    }
    return e;
}

static void csv_add(struct bytes *out, const char *text, bool is_last) {
    bool needs_quotes = strpbrk(text, ",\"\r\n") != NULL;
    // A spreadsheet must not run a name that begins like a formula.
    const char *guard = text[0] && strchr("=+-@", text[0]) ? "'" : "";
    bytes_add_text(out, needs_quotes ? "\"" : "");
    bytes_add_text(out, guard);
    for (; *text; text++) {
        bytes_add_text(out, *text == '"' ? "\"" : "");
        bytes_add_u8(out, (uint8_t)*text);
    }
    bytes_add_text(out, needs_quotes ? "\"" : "");
    bytes_add_text(out, is_last ? "\r\n" : ",");
}

enum err peer_text_admissions(struct store *s, struct bytes *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT a.gate, a.at_ms, a.holder,"
                  " coalesce(json_extract(p.body, '$.name'), ''),"
                  " coalesce(json_extract(p.body, '$.org'), ''), a.dev, a.void"
                  " FROM admission a LEFT JOIN person p ON p.id = a.holder"
                  " ORDER BY a.gate, a.at_ms, a.stream, a.n");
    enum err e = ERR_NONE;
    bytes_add_text(out, "gate,when,person,name,org,device,void\r\n");
    while (db_row(s, q, &e)) {
        char at[32];
        char dev[17];
        instant_format(sqlite3_column_int64(q, 1), at);
        hex_format_u64(db_u64(q, 5), dev);
        csv_add(out, db_text(q, 0), false);
        csv_add(out, at, false);
        csv_add(out, db_text(q, 2), false);
        csv_add(out, db_text(q, 3), false);
        csv_add(out, db_text(q, 4), false);
        csv_add(out, dev, false);
        csv_add(out, sqlite3_column_int(q, 6) ? "yes" : "no", true);
    }
    return e;
}

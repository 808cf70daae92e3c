// Appending to the log: our own facts, and whole signed batches of others.
#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/store/anchors.h"
#include "sync/store/refold.h"

#include <sodium.h>
#include <string.h>

void log_start_ch(struct store *s, uint8_t out[16]) {
    uint8_t id[16] = {0};
    size_t len = 0;
    struct bytes b = {0};
    uint8_t digest[FACT_HASH_BYTES];
    if (store_meta_get(s, "log_id", id, sizeof id, &len) != ERR_NONE) {
        memset(id, 0, sizeof id);
    }
    bytes_add_text(&b, "foyer log 1");
    bytes_add(&b, s->identity.event, FACT_EVENT_BYTES);
    bytes_add(&b, id, sizeof id);
    fact_hash_body(b.data, b.len, digest);
    memcpy(out, digest, 16);
    bytes_finish(&b);
}

// Our newest stamp stands in the last fact of one of our own streams; what was dropped with
// its channel left its stamp in meta.
static enum err load_hlc(struct store *s) {
    size_t len = 0;
    s->last_hlc = 0;
    enum err e = store_meta_get(s, "hlc", &s->last_hlc, sizeof s->last_hlc, &len);
    if (e != ERR_NONE && e != ERR_NOT_FOUND) {
        return e;
    }
    sqlite3_stmt *q = db_get(s, "SELECT f.header FROM stream t JOIN fact f ON"
                                " f.stream=t.stream AND f.n=t.last_n WHERE t.own=1");
    while (db_row(s, q, &e)) {
        struct fact_header h;
        size_t header_len = (size_t)sqlite3_column_bytes(q, 0);
        if (fact_parse_header(sqlite3_column_blob(q, 0), header_len, &h) == ERR_NONE &&
            h.hlc > s->last_hlc) {
            s->last_hlc = h.hlc;
        }
    }
    return e;
}

enum err log_load(struct store *s) {
    s->is_sealed = false;
    memset(s->own, 0, sizeof s->own);
    s->next_seq = 1;
    log_start_ch(s, s->last_ch);
    enum err e = ERR_NONE;
    sqlite3_stmt *q = db_get(s, "SELECT seq, ch FROM log ORDER BY seq DESC LIMIT 1");
    if (db_row(s, q, &e)) {
        s->next_seq = db_u64(q, 0) + 1;
        memcpy(s->last_ch, sqlite3_column_blob(q, 1), sizeof s->last_ch);
        sqlite3_reset(q);
    }
    if (e != ERR_NONE) {
        return e;
    }
    return load_hlc(s);
}

void log_next_ch(uint8_t io_ch[16], struct fact_ref ref,
                 const uint8_t h[FACT_HASH_BYTES]) {
    uint8_t raw[16 + 8 + 8 + FACT_HASH_BYTES];
    struct bytes b = {.data = raw, .cap = sizeof raw};
    bytes_add(&b, io_ch, 16);
    bytes_add_u64(&b, ref.stream);
    bytes_add_u64(&b, ref.n);
    bytes_add(&b, h, FACT_HASH_BYTES);
    crypto_generichash(io_ch, 16, raw, sizeof raw, NULL, 0);
}

enum err log_number(struct store *s, struct fact_ref ref,
                    const uint8_t hash[FACT_HASH_BYTES]) {
    log_next_ch(s->last_ch, ref, hash);
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO log(seq, stream, n, ch) VALUES(?1,?2,?3,?4)");
    db_bind_u64(q, 1, s->next_seq++);
    db_bind_u64(q, 2, ref.stream);
    db_bind_u64(q, 3, ref.n);
    db_bind_bytes(q, 4, s->last_ch, sizeof s->last_ch);
    return db_run(s, q);
}

static enum err insert_row(struct store *s, const struct log_record *r) {
    const struct fact_header *h = r->header;
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO fact(stream,n,kind,subject,at_ms,mono_ms,state,"
                  "header,body,h) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)");
    bool drops_body = !r->view.is_erased && channel_is_salted(h->channel) &&
                      is_erased_subject(s, h->subject);
    uint8_t digest[FACT_HASH_BYTES];
    struct fact_view v = r->view;
    if (drops_body) {
        fact_hash_body(v.body, v.body_len, digest);
        v.body = digest;
        v.body_len = sizeof digest;
        v.is_erased = true;
    }
    int64_t at_ms = anchors_time_ms(s, r->dev, h->boot, h->mono_ms, hlc_ms(h->hlc));
    db_bind_u64(q, 1, h->ref.stream);
    db_bind_u64(q, 2, h->ref.n);
    db_bind_text(q, 3, h->kind);
    db_bind_text(q, 4, h->subject);
    sqlite3_bind_int64(q, 5, at_ms);
    db_bind_u64(q, 6, h->mono_ms);
    sqlite3_bind_int(q, 7, v.is_erased);
    db_bind_bytes(q, 8, v.header, v.header_len);
    db_bind_bytes(q, 9, v.body, v.body_len);
    db_bind_bytes(q, 10, r->h, FACT_HASH_BYTES);
    return db_run(s, q);
}

enum err log_insert(struct store *s, const struct log_record *r) {
    const struct fact_header *h = r->header;
    bool is_numbered = s->is_numbering && !s->share.is_replaying;
    enum err e = shared_touch(s);
    e = e == ERR_NONE ? insert_row(s, r) : e;
    if (e != ERR_NONE) {
        return e;
    }
    e = is_numbered ? log_number(s, h->ref, r->h) : ERR_NONE;
    if (e != ERR_NONE || h->is_future_version) {
        return e;
    }
    if (strcmp(h->kind, "anchor") == 0) {
        return refold_anchor(s, h, r->dev, r->view.body, r->view.body_len);
    }
    if (strcmp(h->kind, "grant") == 0 || strcmp(h->kind, "device.revoke") == 0) {
        s->rights_dirty = true;
    }
    refold_mark(s, h->subject);
    return refold_is_due(s) ? refold_dirty(s) : ERR_NONE;
}

enum err log_advance(struct store *s, struct fact_ref last,
                     const uint8_t h[FACT_HASH_BYTES]) {
    sqlite3_stmt *q = db_get(s, "UPDATE stream SET last_n=?2, last_h=?3 WHERE stream=?1");
    db_bind_u64(q, 1, last.stream);
    db_bind_u64(q, 2, last.n);
    db_bind_bytes(q, 3, h, FACT_HASH_BYTES);
    return db_run(s, q);
}

enum err log_insert_stream(struct store *s, const struct log_stream *t,
                           uint8_t out_h[FACT_HASH_BYTES]) {
    enum err e = shared_touch(s);
    if (e != ERR_NONE) {
        return e;
    }
    fact_hash_start(s->identity.event, t->stream, t->channel, t->author, out_h);
    sqlite3_stmt *q = db_get(
        s, "INSERT INTO stream(stream, channel, author, dev, boot, last_n, last_h, own)"
           " VALUES(?1,?2,?3,?4,?5,0,?6,?7)");
    db_bind_u64(q, 1, t->stream);
    sqlite3_bind_int(q, 2, (int)t->channel);
    db_bind_bytes(q, 3, t->author, FACT_KEY_BYTES);
    db_bind_u64(q, 4, device_id(t->author));
    db_bind_u64(q, 5, t->boot);
    db_bind_bytes(q, 6, out_h, FACT_HASH_BYTES);
    sqlite3_bind_int(q, 7, t->is_own);
    s->is_sealed = s->is_sealed && !t->is_own;
    return db_run(s, q);
}

// Body text with its salt, as it will be signed.
static void format_body(enum channel channel, const char *text, struct bytes *out) {
    if (channel_is_salted(channel)) {
        random_fill(bytes_grow(out, FACT_SALT_BYTES), FACT_SALT_BYTES);
    }
    bytes_add_text(out, text);
}

static void fill_header(struct fact_header *h, const struct draft *d,
                        enum channel channel, const struct moment *now) {
    *h = (struct fact_header){.channel = channel,
                              .prev = d->prev,
                              .basis = d->basis,
                              .boot = now->boot,
                              .mono_ms = now->mono_ms};
    memcpy(h->kind, d->kind, sizeof h->kind);
    memcpy(h->subject, d->subject, sizeof h->subject);
    memcpy(h->by, d->by, sizeof h->by);
}

// Hashes and inserts one record after last_h; advances it.
static enum err append_record(struct store *s, struct fact_header *h, const char *body,
                              uint64_t dev, uint8_t last_h[FACT_HASH_BYTES]) {
    uint8_t header[FACT_HEADER_MAX];
    uint8_t digest[FACT_HASH_BYTES];
    struct bytes salted = {0};
    format_body(h->channel, body, &salted);
    size_t len = fact_format_header(h, header);
    fact_hash_body(salted.data, salted.len, digest);
    fact_hash_next(last_h, header, len, digest, last_h);
    struct log_record r = {
        .header = h,
        .view = {.header = header,
                 .header_len = len,
                 .body = salted.data,
                 .body_len = salted.len},
        .h = last_h,
        .dev = dev,
    };
    enum err e = log_advance(s, h->ref, last_h);
    e = e == ERR_NONE ? log_insert(s, &r) : e;
    bytes_finish(&salted);
    return e;
}

static enum err append_one(struct store *s, const struct draft *d,
                           const struct moment *now, struct fact_ref *out_ref) {
    enum channel channel = channel_of_kind(d->kind);
    if (channel == CHANNEL_NONE || strlen(d->body) > FACT_BODY_MAX) {
        return ERR_INPUT;
    }
    struct own_stream *own = &s->own[channel];
    enum err e = ERR_NONE;
    s->is_sealed = false;
    if (!own->stream) {
        own->stream = random_u64();
        own->last_n = 0; // a dropped channel's stream left its own behind
        struct log_stream t = {own->stream, channel, s->identity.key, now->boot, true};
        e = log_insert_stream(s, &t, own->last_h);
    }
    if (e != ERR_NONE) {
        own->stream = 0;
        return e;
    }
    struct fact_header h;
    fill_header(&h, d, channel, now);
    h.ref = (struct fact_ref){own->stream, own->last_n + 1};
    h.hlc = s->last_hlc = hlc_next(s->last_hlc, now->wall_ms);
    e = append_record(s, &h, d->body, s->identity.dev, own->last_h);
    own->last_n = h.ref.n;
    if (e != ERR_NONE) {
        own->stream = 0; // its chain in RAM ran ahead of the disk: never go on with it
    }
    if (e == ERR_NONE && out_ref) {
        *out_ref = h.ref;
    }
    return e;
}

enum err store_append(struct store *s, const struct draft *drafts, size_t count,
                      const struct moment *now, struct fact_ref *out_refs) {
    if (!s->identity.has_event) {
        return ERR_DENIED;
    }
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = append_one(s, &drafts[i], now, out_refs ? &out_refs[i] : NULL);
    }
    return store_group_end(s, is_mine, e);
}

// Is this draft what its subject says already? Sets prev to what it would replace: what the
// fold shows, not the latest by the clock, nor what its author had no right to.
static enum err find_known(struct store *s, struct draft *d, bool *out_is_new,
                           bool *out_is_same) {
    struct gathered g = {0};
    bool has_conflict;
    json_t *body = NULL;
    enum err e = gather(s, d->subject, &g);
    fold_sort(g.facts, g.count);
    const struct fold_fact *f = fold_latest(g.facts, g.count, d->kind, &has_conflict);
    *out_is_new = !f;
    *out_is_same = false;
    if (e == ERR_NONE && f) {
        e = json_parse(d->body, strlen(d->body), &body);
        *out_is_same = e == ERR_NONE && json_equal(f->body, body);
        d->prev = f->header.ref;
    }
    json_decref(body);
    gathered_finish(&g);
    return e;
}

static enum err author_one(struct store *s, struct draft *d, const struct moment *now,
                           struct store_diff *out) {
    bool is_new;
    bool is_same;
    enum err e = find_known(s, d, &is_new, &is_same);
    if (e != ERR_NONE || is_same) {
        out->same += is_same;
        return e;
    }
    out->added += is_new;
    out->changed += !is_new;
    return store_append(s, d, 1, now, NULL);
}

// Did the feed say just this the last time?
static bool was_imported(struct store *s, const struct draft *d, const uint8_t *digest) {
    sqlite3_stmt *q = db_get(s, "SELECT 1 FROM imported WHERE kind=?1 AND subject=?2 AND"
                                " digest=?3");
    db_bind_text(q, 1, d->kind);
    db_bind_text(q, 2, d->subject);
    db_bind_bytes(q, 3, digest, FACT_HASH_BYTES);
    return db_int(s, q, 0) == 1;
}

static enum err import_one(struct store *s, struct draft *d, const struct moment *now,
                           struct store_diff *out) {
    uint8_t digest[FACT_HASH_BYTES];
    fact_hash_body(d->body, strlen(d->body), digest);
    if (was_imported(s, d, digest) || is_erased_subject(s, d->subject)) {
        out->same++;
        return ERR_NONE;
    }
    enum err e = author_one(s, d, now, out);
    sqlite3_stmt *q = db_get(s, "INSERT OR REPLACE INTO imported(kind, subject, digest)"
                                " VALUES(?1,?2,?3)");
    db_bind_text(q, 1, d->kind);
    db_bind_text(q, 2, d->subject);
    db_bind_bytes(q, 3, digest, sizeof digest);
    return e == ERR_NONE ? db_run(s, q) : e;
}

typedef enum err author_step(struct store *s, struct draft *d, const struct moment *now,
                             struct store_diff *out);

static enum err author_all(struct store *s, struct drafts *drafts,
                           const struct moment *now, struct store_diff *out,
                           author_step *step) {
    *out = (struct store_diff){0};
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    for (size_t i = 0; i < drafts->count && e == ERR_NONE; i++) {
        e = step(s, &drafts->items[i], now, out);
    }
    return store_group_end(s, is_mine, e);
}

enum err store_author(struct store *s, struct drafts *drafts, const struct moment *now,
                      struct store_diff *out) {
    return author_all(s, drafts, now, out, author_one);
}

enum err store_import(struct store *s, struct drafts *drafts, const struct moment *now,
                      struct store_diff *out) {
    return author_all(s, drafts, now, out, import_one);
}

enum err log_insert_batch(struct store *s, uint64_t stream, uint64_t from, uint64_t last,
                          const uint8_t *sig) {
    sqlite3_stmt *q = db_get(s, "INSERT OR IGNORE INTO batch(stream, last_n, from_n, sig)"
                                " VALUES(?1,?2,?3,?4)");
    db_bind_u64(q, 1, stream);
    db_bind_u64(q, 2, last);
    db_bind_u64(q, 3, from);
    db_bind_bytes(q, 4, sig, FACT_SIG_BYTES);
    return db_run(s, q);
}

enum err store_append_root(struct store *s, const struct draft *d,
                           const uint8_t root_secret[FACT_SECRET_BYTES],
                           const struct moment *now) {
    uint8_t root[FACT_KEY_BYTES];
    crypto_sign_ed25519_sk_to_pk(root, root_secret);
    if (memcmp(root, s->identity.root, sizeof root) != 0 ||
        strcmp(d->kind, "grant") != 0) {
        return ERR_DENIED;
    }
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    uint8_t h_last[FACT_HASH_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
    struct fact_header h;
    fill_header(&h, d, CHANNEL_FLEET, now);
    h.ref = (struct fact_ref){random_u64(), 1};
    h.hlc = hlc_next(0, now->wall_ms);
    struct log_stream t = {h.ref.stream, CHANNEL_FLEET, root, now->boot, false};
    e = log_insert_stream(s, &t, h_last);
    e = e == ERR_NONE ? append_record(s, &h, d->body, device_id(root), h_last) : e;
    if (e == ERR_NONE) {
        batch_sign(root_secret, h.ref.stream, 1, h_last, sig);
        e = log_insert_batch(s, h.ref.stream, 1, 1, sig);
    }
    return store_group_end(s, is_mine, e);
}

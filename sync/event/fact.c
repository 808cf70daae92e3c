#include "sync/event/fact.h"

#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <sodium.h>
#include <string.h>

enum { HEADER_FIXED = 75, HEADER_COMMON = 20, BATCH_FIXED = 89, RECORD_FIXED = 7 };

static const char *const channel_names[CHANNEL_COUNT] = {"none", "programme", "people",
                                                         "desk", "fleet",     "hub"};

const char *channel_name(enum channel c) {
    return (unsigned)c < CHANNEL_COUNT ? channel_names[c] : channel_names[0];
}

enum channel channel_find(const char *name) {
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT; c++) {
        if (strcmp(name, channel_names[c]) == 0) {
            return (enum channel)c;
        }
    }
    return CHANNEL_NONE;
}

bool channel_is_salted(enum channel c) {
    return c == CHANNEL_PEOPLE || c == CHANNEL_DESK || c == CHANNEL_HUB;
}

enum channel channel_of_kind(const char *kind) {
    static const struct {
        const char *kind;
        enum channel channel;
    } kinds[] = {
        {"event", CHANNEL_PROGRAMME},      {"room", CHANNEL_PROGRAMME},
        {"session", CHANNEL_PROGRAMME},    {"notice", CHANNEL_PROGRAMME},
        {"sponsor", CHANNEL_PROGRAMME},    {"asset", CHANNEL_PROGRAMME},
        {"gate", CHANNEL_PROGRAMME},       {"template", CHANNEL_PROGRAMME},
        {"room.count", CHANNEL_PROGRAMME}, {"person", CHANNEL_PEOPLE},
        {"person.alias", CHANNEL_PEOPLE},  {"person.edit", CHANNEL_DESK},
        {"admit", CHANNEL_DESK},           {"admit.void", CHANNEL_DESK},
        {"gate.claim", CHANNEL_DESK},      {"print.job", CHANNEL_DESK},
        {"badge.print", CHANNEL_DESK},     {"badge.void", CHANNEL_DESK},
        {"pay.mark", CHANNEL_DESK},        {"ask", CHANNEL_DESK},
        {"answer", CHANNEL_DESK},          {"incident.resolve", CHANNEL_DESK},
        {"device", CHANNEL_FLEET},         {"grant", CHANNEL_FLEET},
        {"role", CHANNEL_FLEET},           {"device.revoke", CHANNEL_FLEET},
        {"anchor", CHANNEL_FLEET},         {"boot", CHANNEL_FLEET},
        {"event.close", CHANNEL_FLEET},    {"person.erase", CHANNEL_FLEET},
        {"event.erase", CHANNEL_FLEET},    {"push.result", CHANNEL_HUB},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kind, kinds[i].kind) == 0) {
            return kinds[i].channel;
        }
    }
    return CHANNEL_NONE;
}

void draft_finish(struct draft *d) {
    mem_free(d->body);
    *d = (struct draft){0};
}

size_t fact_format_header(const struct fact_header *h, uint8_t out[FACT_HEADER_MAX]) {
    size_t kind_len = strlen(h->kind);
    size_t subject_len = strlen(h->subject);
    size_t by_len = strlen(h->by);
    CHECK(h->channel > CHANNEL_NONE && h->channel < CHANNEL_COUNT && kind_len);
    CHECK(h->ref.stream && h->ref.n && !h->is_future_version);
    struct bytes b = {.data = out,
                      .cap = FACT_HEADER_MAX}; // never grows: sizes are bounded
    bytes_add_u8(&b, 1);
    bytes_add_u8(&b, (uint8_t)h->channel);
    bytes_add_u8(&b, (uint8_t)kind_len);
    bytes_add_u8(&b, (uint8_t)subject_len);
    bytes_add_u64(&b, h->ref.stream);
    bytes_add_u64(&b, h->ref.n);
    bytes_add_u64(&b, h->hlc);
    bytes_add_u64(&b, h->boot);
    bytes_add_u64(&b, h->mono_ms);
    bytes_add_u64(&b, h->prev.stream);
    bytes_add_u64(&b, h->prev.n);
    bytes_add_u64(&b, h->basis.seq);
    bytes_add_u32(&b, h->basis.age_ms);
    bytes_add_u8(&b, (uint8_t)h->basis.mode);
    bytes_add_u8(&b, h->basis.is_confirmed ? 1 : 0);
    bytes_add_u8(&b, (uint8_t)by_len);
    bytes_add(&b, h->kind, kind_len);
    bytes_add(&b, h->subject, subject_len);
    bytes_add(&b, h->by, by_len);
    return b.len;
}

static enum err get_text(struct reader *r, size_t len, size_t max, char *out) {
    const uint8_t *at = reader_get_bytes(r, len);
    if (!at || len > max || !utf8_is_plain(at, len)) {
        return ERR_INPUT;
    }
    memcpy(out, at, len);
    out[len] = '\0';
    return ERR_NONE;
}

enum err fact_parse_header(const uint8_t *bytes, size_t len, struct fact_header *out) {
    struct reader r = reader_make(bytes, len);
    struct fact_header h = {0};
    uint8_t version = reader_get_u8(&r);
    h.channel = (enum channel)reader_get_u8(&r);
    size_t kind_len = reader_get_u8(&r);
    size_t subject_len = reader_get_u8(&r);
    h.ref.stream = reader_get_u64(&r);
    h.ref.n = reader_get_u64(&r);
    if (r.is_short || version == 0 || h.channel == CHANNEL_NONE ||
        h.channel >= CHANNEL_COUNT || !h.ref.stream || !h.ref.n) {
        return ERR_INPUT;
    }
    if (version > 1) {
        h.is_future_version = true;
        *out = h;
        return ERR_NONE;
    }
    h.hlc = reader_get_u64(&r);
    h.boot = reader_get_u64(&r);
    h.mono_ms = reader_get_u64(&r);
    h.prev.stream = reader_get_u64(&r);
    h.prev.n = reader_get_u64(&r);
    h.basis.seq = reader_get_u64(&r);
    h.basis.age_ms = reader_get_u32(&r);
    uint8_t mode = reader_get_u8(&r);
    uint8_t flags = reader_get_u8(&r);
    size_t by_len = reader_get_u8(&r);
    if (r.is_short || mode > BASIS_OVERRIDE || flags > 1 || kind_len == 0) {
        return ERR_INPUT;
    }
    h.basis.mode = (enum basis_mode)mode;
    h.basis.is_confirmed = flags == 1;
    if (get_text(&r, kind_len, FACT_KIND_MAX, h.kind) != ERR_NONE ||
        get_text(&r, subject_len, FACT_SUBJECT_MAX, h.subject) != ERR_NONE ||
        get_text(&r, by_len, FACT_BY_MAX, h.by) != ERR_NONE || r.at != len) {
        return ERR_INPUT;
    }
    *out = h;
    return ERR_NONE;
}

static void hash_parts(const void *const *parts, const size_t *lens, size_t count,
                       uint8_t out[FACT_HASH_BYTES]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, FACT_HASH_BYTES);
    for (size_t i = 0; i < count; i++) {
        crypto_generichash_update(&state, parts[i], lens[i]);
    }
    crypto_generichash_final(&state, out, FACT_HASH_BYTES);
}

void fact_hash_start(const uint8_t event[FACT_EVENT_BYTES], uint64_t stream,
                     enum channel channel, const uint8_t author[FACT_KEY_BYTES],
                     uint8_t out[FACT_HASH_BYTES]) {
    struct bytes b = {0};
    bytes_add_text(&b, "foyer stream 1");
    bytes_add(&b, event, FACT_EVENT_BYTES);
    bytes_add_u64(&b, stream);
    bytes_add_u8(&b, (uint8_t)channel);
    bytes_add(&b, author, FACT_KEY_BYTES);
    fact_hash_body(b.data, b.len, out);
    bytes_finish(&b);
}

void fact_hash_body(const void *body, size_t len, uint8_t out[FACT_HASH_BYTES]) {
    crypto_generichash(out, FACT_HASH_BYTES, body, len, NULL, 0);
}

void fact_hash_next(const uint8_t before[FACT_HASH_BYTES], const void *header,
                    size_t header_len, const uint8_t body_digest[FACT_HASH_BYTES],
                    uint8_t out[FACT_HASH_BYTES]) {
    const void *parts[] = {before, header, body_digest};
    size_t lens[] = {FACT_HASH_BYTES, header_len, FACT_HASH_BYTES};
    uint8_t h[FACT_HASH_BYTES];
    hash_parts(parts, lens, 3, h);
    memcpy(out, h, sizeof h);
}

uint64_t device_id(const uint8_t key[FACT_KEY_BYTES]) {
    uint8_t digest[FACT_HASH_BYTES];
    fact_hash_body(key, FACT_KEY_BYTES, digest);
    struct reader r = reader_make(digest, 8);
    return reader_get_u64(&r);
}

// NOLINTNEXTLINE(readability-function-size): the fixed fields of the layout
void batch_format_start(struct bytes *out, const uint8_t author[FACT_KEY_BYTES],
                        uint64_t stream, enum channel channel, uint64_t from,
                        const uint8_t before[FACT_HASH_BYTES]) {
    bytes_add_text(out, "FYB1");
    bytes_add(out, author, FACT_KEY_BYTES);
    bytes_add_u64(out, stream);
    bytes_add_u8(out, (uint8_t)channel);
    bytes_add_u64(out, from);
    bytes_add_u32(out, 0);
    bytes_add(out, before, FACT_HASH_BYTES);
}

void batch_format_add(struct bytes *out, size_t batch_start, const struct fact_view *f) {
    uint8_t *count = out->data + batch_start + 53;
    struct reader r = reader_make(count, 4);
    uint32_t n = reader_get_u32(&r) + 1;
    for (size_t i = 0; i < 4; i++) {
        count[3 - i] = (uint8_t)(n >> (8 * i));
    }
    bytes_add_u8(out, f->is_erased ? 1 : 0);
    bytes_add_u16(out, (uint16_t)f->header_len);
    bytes_add_u32(out, (uint32_t)f->body_len);
    bytes_add(out, f->header, f->header_len);
    bytes_add(out, f->body, f->body_len);
}

void batch_format_end(struct bytes *out, const uint8_t sig[FACT_SIG_BYTES]) {
    bytes_add(out, sig, FACT_SIG_BYTES);
}

enum { SIGNED_BYTES = 13 + 8 + 8 + FACT_HASH_BYTES };

static void signed_text(uint64_t stream, uint64_t last_n, const uint8_t *h,
                        uint8_t out[SIGNED_BYTES]) {
    struct bytes b = {.data = out, .cap = SIGNED_BYTES};
    bytes_add_text(&b, "foyer batch 1");
    bytes_add_u64(&b, stream);
    bytes_add_u64(&b, last_n);
    bytes_add(&b, h, FACT_HASH_BYTES);
}

void batch_sign(const uint8_t secret[FACT_SECRET_BYTES], uint64_t stream, uint64_t last_n,
                const uint8_t h_last[FACT_HASH_BYTES], uint8_t out_sig[FACT_SIG_BYTES]) {
    uint8_t text[SIGNED_BYTES];
    signed_text(stream, last_n, h_last, text);
    crypto_sign_detached(out_sig, NULL, text, sizeof text, secret);
}

bool batch_is_signed(const uint8_t sig[FACT_SIG_BYTES],
                     const uint8_t author[FACT_KEY_BYTES], uint64_t stream,
                     uint64_t last_n, const uint8_t h_last[FACT_HASH_BYTES]) {
    uint8_t text[SIGNED_BYTES];
    signed_text(stream, last_n, h_last, text);
    return crypto_sign_verify_detached(sig, text, sizeof text, author) == 0;
}

enum err batch_parse(const void *bytes, size_t len, struct batch_view *out) {
    if (len > FACT_BATCH_BYTES_MAX + BATCH_FIXED + FACT_SIG_BYTES) {
        return ERR_LIMIT;
    }
    struct reader r = reader_make(bytes, len);
    const uint8_t *magic = reader_get_bytes(&r, 4);
    struct batch_view b = {.author = reader_get_bytes(&r, FACT_KEY_BYTES)};
    b.stream = reader_get_u64(&r);
    b.channel = (enum channel)reader_get_u8(&r);
    b.from = reader_get_u64(&r);
    b.count = reader_get_u32(&r);
    b.before = reader_get_bytes(&r, FACT_HASH_BYTES);
    if (r.is_short || memcmp(magic, "FYB1", 4) != 0 || !b.stream || !b.from ||
        b.channel == CHANNEL_NONE || b.channel >= CHANNEL_COUNT || !b.count ||
        b.count > FACT_BATCH_FACTS_MAX || b.from > UINT64_MAX - b.count) {
        return ERR_INPUT;
    }
    b.records = r.data + r.at;
    for (uint32_t i = 0; i < b.count; i++) {
        uint8_t flag = reader_get_u8(&r);
        size_t header_len = reader_get_u16(&r);
        size_t body_len = reader_get_u32(&r);
        reader_get_bytes(&r, header_len);
        reader_get_bytes(&r, body_len);
        if (r.is_short || flag > 1 || (flag == 1 && body_len != FACT_HASH_BYTES) ||
            body_len > FACT_BODY_MAX + FACT_SALT_BYTES) {
            return ERR_INPUT;
        }
    }
    b.records_len = (size_t)(r.data + r.at - b.records);
    b.sig = reader_get_bytes(&r, FACT_SIG_BYTES);
    if (r.is_short || r.at != len) {
        return ERR_INPUT;
    }
    *out = b;
    return ERR_NONE;
}

bool batch_next(const struct batch_view *b, size_t *at, struct fact_view *out) {
    if (*at >= b->records_len) {
        return false;
    }
    struct reader r = reader_make(b->records, b->records_len);
    r.at = *at;
    out->is_erased = reader_get_u8(&r) == 1;
    out->header_len = reader_get_u16(&r);
    out->body_len = reader_get_u32(&r);
    out->header = reader_get_bytes(&r, out->header_len);
    out->body = reader_get_bytes(&r, out->body_len);
    CHECK(!r.is_short);
    *at = r.at;
    return true;
}

enum err batch_verify(const struct batch_view *b, uint8_t *h_out) {
    uint8_t h[FACT_HASH_BYTES];
    memcpy(h, b->before, sizeof h);
    struct fact_view f;
    uint64_t n = b->from;
    for (size_t at = 0; batch_next(b, &at, &f); n++) {
        struct fact_header header;
        enum err e = fact_parse_header(f.header, f.header_len, &header);
        if (e != ERR_NONE) {
            return e;
        }
        if (header.ref.stream != b->stream || header.ref.n != n ||
            header.channel != b->channel) {
            return ERR_INPUT;
        }
        uint8_t digest[FACT_HASH_BYTES];
        if (f.is_erased) {
            memcpy(digest, f.body, sizeof digest);
        } else {
            fact_hash_body(f.body, f.body_len, digest);
        }
        fact_hash_next(h, f.header, f.header_len, digest, h);
        if (h_out) {
            memcpy(h_out + (n - b->from) * FACT_HASH_BYTES, h, sizeof h);
        }
    }
    return batch_is_signed(b->sig, b->author, b->stream, n - 1, h) ? ERR_NONE
                                                                   : ERR_SIGNATURE;
}

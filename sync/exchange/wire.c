#include "sync/exchange/wire.h"

#include "sync/base/mem.h"
#include "sync/base/utf8.h"
#include "sync/exchange/wire_part.h"

#include <stdio.h>
#include <string.h>

// Runs a step only while nothing failed.
#define STEP(e, call) ((e) = (e) == ERR_NONE ? (call) : (e))

static void add_object(json_t *object, struct bytes *out) {
    char *text = json_format(object);
    bytes_add_text(out, text);
    mem_free(text);
    json_decref(object);
}

static json_t *format_marks(const struct exchange_mark *marks, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, wire_mark(&marks[i]));
    }
    return list;
}

static json_t *format_cursor(const struct exchange_cursor *c) {
    json_t *object = wire_mark(&c->at);
    json_object_set_new(object, "log", wire_hex(c->log, sizeof c->log));
    json_object_set_new(object, "channels", wire_channels(c->channels));
    return object;
}

static json_t *format_offers(const struct exchange_request *r) {
    json_t *list = json_array();
    for (size_t i = 0; i < r->offer_count; i++) {
        const struct exchange_summary *s = &r->offers[i];
        json_t *item = json_object();
        json_object_set_new(item, "st", wire_u64(s->stream));
        json_object_set_new(item, "n", json_integer((json_int_t)s->n));
        json_object_set_new(item, "h", wire_hex(s->h, sizeof s->h));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *format_claims(const struct exchange_request *r) {
    json_t *list = json_array();
    for (size_t i = 0; i < r->claim_count; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "person", json_string(r->claims[i].person));
        json_object_set_new(item, "gate", json_string(r->claims[i].gate));
        json_object_set_new(item, "nonce", wire_u64(r->claims[i].nonce));
        json_array_append_new(list, item);
    }
    return list;
}

void wire_format_request(const struct exchange_request *r, struct bytes *out) {
    json_t *clock = json_object();
    json_object_set_new(clock, "boot", wire_u64(r->boot));
    json_object_set_new(clock, "mono", json_integer((json_int_t)r->mono_ms));
    json_object_set_new(clock, "wall", json_integer(r->wall_ms));
    json_t *object = json_object();
    json_object_set_new(object, "dev", wire_u64(r->dev));
    json_object_set_new(object, "proto", json_integer(r->proto));
    json_object_set_new(object, "clock", clock);
    json_object_set_new(object, "push", wire_batches(&r->push));
    if (r->grants.count) {
        json_object_set_new(object, "grants", wire_batches(&r->grants));
    }
    if (r->offer_count) {
        json_object_set_new(object, "offer", format_offers(r));
    }
    json_object_set_new(object, "cur", format_cursor(&r->cur));
    json_object_set_new(object, "seen", wire_mark(&r->seen));
    json_object_set_new(object, "loc", format_marks(r->loc, r->loc_count));
    json_object_set_new(object, "max", json_integer(r->max_bytes));
    json_t *health = NULL;
    if (r->health[0] && json_parse(r->health, strlen(r->health), &health) == ERR_NONE) {
        json_object_set_new(object, "health", health);
    }
    if (r->claim_count) {
        json_object_set_new(object, "claims", format_claims(r));
    }
    add_object(object, out);
}

static enum err parse_clock(const json_t *object, struct exchange_request *r) {
    const json_t *clock = json_object_get(object, "clock");
    if (!clock) {
        return ERR_NONE;
    }
    enum err e = json_is_object(clock) ? ERR_NONE : ERR_INPUT;
    STEP(e, wire_parse_u64(clock, "boot", &r->boot));
    STEP(e, wire_parse_count(clock, "mono", INT64_MAX, &r->mono_ms));
    r->wall_ms = json_get_int(clock, "wall", 0);
    return e;
}

static enum err parse_cursor(const json_t *object, struct exchange_cursor *c) {
    const json_t *cur = json_object_get(object, "cur");
    if (!cur) {
        return ERR_NONE;
    }
    enum err e = wire_parse_mark(object, "cur", &c->at);
    STEP(e, wire_parse_hex(cur, "log", c->log, sizeof c->log));
    STEP(e, wire_parse_channels(cur, "channels", &c->channels));
    return e;
}

static enum err parse_offers(const json_t *object, struct exchange_request *r) {
    const json_t *list = NULL;
    enum err e = wire_parse_array(object, "offer", EXCHANGE_OFFERS_MAX, &list);
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        struct exchange_summary *s = &r->offers[i];
        STEP(e, wire_parse_u64(item, "st", &s->stream));
        STEP(e, wire_parse_count(item, "n", INT64_MAX, &s->n));
        STEP(e, wire_parse_hex(item, "h", s->h, sizeof s->h));
        if (e == ERR_NONE && (!s->stream || !json_object_get(item, "n"))) {
            e = ERR_INPUT;
        }
        r->offer_count = i + 1;
    }
    return e;
}

// loc[i] is an item of an array: wrapped, so that one parser serves both places.
static enum err parse_locator(const json_t *object, struct exchange_request *r) {
    const json_t *list = NULL;
    enum err e = wire_parse_array(object, "loc", EXCHANGE_LOCATOR_MAX, &list);
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        json_t *wrap = json_object();
        json_object_set(wrap, "at", json_array_get(list, i));
        e = wire_parse_mark(wrap, "at", &r->loc[i]);
        json_decref(wrap);
        r->loc_count = i + 1;
    }
    return e;
}

static enum err parse_health(const json_t *object, struct exchange_request *r) {
    const json_t *health = json_object_get(object, "health");
    if (!health) {
        return ERR_NONE;
    }
    if (!json_is_object(health)) {
        return ERR_INPUT;
    }
    char *text = json_format(health);
    enum err e = strlen(text) < sizeof r->health ? ERR_NONE : ERR_LIMIT;
    if (e == ERR_NONE) {
        snprintf(r->health, sizeof r->health, "%s", text);
    }
    mem_free(text);
    return e;
}

// A text that must be there, not empty, and fit.
static enum err parse_name(const json_t *object, const char *key, char *out,
                           size_t size) {
    const char *text = json_get_text(object, key, "");
    size_t len = strlen(text);
    if (len == 0 || len >= size) {
        return ERR_INPUT;
    }
    memcpy(out, text, len + 1);
    return ERR_NONE;
}

static enum err parse_claims(const json_t *object, struct exchange_request *r) {
    const json_t *list = NULL;
    enum err e = wire_parse_array(object, "claims", EXCHANGE_CLAIMS_MAX, &list);
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        struct exchange_claim *c = &r->claims[i];
        STEP(e, parse_name(item, "person", c->person, sizeof c->person));
        STEP(e, parse_name(item, "gate", c->gate, sizeof c->gate));
        STEP(e, wire_parse_u64(item, "nonce", &c->nonce));
        STEP(e, c->nonce ? ERR_NONE : ERR_INPUT);
        r->claim_count = i + 1;
    }
    return e;
}

static enum err parse_text(const void *text, size_t len, json_t **out) {
    if (len > EXCHANGE_MESSAGE_MAX) {
        return ERR_LIMIT;
    }
    json_t *object = NULL;
    enum err e = json_parse(text, len, &object);
    if (e == ERR_NONE && !json_is_object(object)) {
        json_decref(object);
        return ERR_INPUT;
    }
    *out = object;
    return e;
}

enum err wire_parse_request(const void *text, size_t len, struct exchange_request *out) {
    exchange_request_clear(out);
    json_t *object = NULL;
    uint64_t proto = 0;
    uint64_t max_bytes = EXCHANGE_BYTES_MAX;
    enum err e = parse_text(text, len, &object);
    STEP(e, wire_parse_u64(object, "dev", &out->dev));
    STEP(e, out->dev ? ERR_NONE : ERR_INPUT);
    STEP(e, wire_parse_count(object, "proto", UINT16_MAX, &proto));
    STEP(e, parse_clock(object, out));
    STEP(e, wire_parse_batches(object, "push", &out->push));
    STEP(e, wire_parse_batches(object, "grants", &out->grants));
    STEP(e, parse_offers(object, out));
    STEP(e, parse_cursor(object, &out->cur));
    STEP(e, wire_parse_mark(object, "seen", &out->seen));
    STEP(e, parse_locator(object, out));
    STEP(e, wire_parse_count(object, "max", UINT32_MAX, &max_bytes));
    STEP(e, parse_health(object, out));
    STEP(e, parse_claims(object, out));
    out->proto = (unsigned)proto;
    out->max_bytes = (uint32_t)max_bytes;
    json_decref(object);
    return e;
}

static const char *const state_names[] = {"unknown", "held", "set"};

static json_t *format_time(const struct exchange_response *r) {
    json_t *time = json_object();
    json_object_set_new(time, "ms", json_integer(r->time_ms));
    json_object_set_new(time, "error", json_integer(r->time_error_ms));
    json_object_set_new(time, "state", json_string(state_names[r->time_state]));
    return time;
}

static json_t *format_have(const struct exchange_response *r) {
    json_t *list = json_array();
    for (size_t i = 0; i < r->have_count; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "st", wire_u64(r->have[i].stream));
        json_object_set_new(item, "n", json_integer((json_int_t)r->have[i].n));
        if (r->have[i].is_forked) {
            json_object_set_new(item, "fork", json_true());
        }
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *format_claimed(const struct exchange_response *r) {
    json_t *list = json_array();
    for (size_t i = 0; i < r->claim_count; i++) {
        const struct exchange_claimed *c = &r->claims[i];
        json_t *item = json_object();
        json_object_set_new(item, "nonce", wire_u64(c->nonce));
        json_object_set_new(item, "won", json_boolean(c->has_won));
        if (!c->has_won) {
            json_object_set_new(item, "by", json_string(c->by));
            json_object_set_new(item, "at", json_integer(c->at_ms));
        }
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *format_up(const struct exchange_up *up) {
    json_t *object = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < up->count; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "st", wire_u64(up->behind[i].stream));
        json_object_set_new(item, "n", json_integer((json_int_t)up->behind[i].n));
        json_array_append_new(list, item);
    }
    json_object_set_new(object, "behind", list);
    if (up->has_more) {
        json_object_set_new(object, "more", json_true());
    }
    json_object_set_new(object, "version", json_integer((json_int_t)up->version));
    return object;
}

void wire_format_response(const struct exchange_response *r, struct bytes *out) {
    json_t *object = json_object();
    json_object_set_new(object, "proto", json_integer(r->proto));
    json_object_set_new(object, "proto_min", json_integer(r->proto_min));
    json_object_set_new(object, "time", format_time(r));
    json_object_set_new(object, "log", wire_hex(r->log, sizeof r->log));
    json_object_set_new(object, "head", wire_mark(&r->head));
    json_object_set_new(object, "have", format_have(r));
    json_object_set_new(object, "facts", wire_batches(&r->facts));
    json_object_set_new(object, "cur", wire_mark(&r->cur));
    json_object_set_new(object, "more", json_boolean(r->has_more));
    if (r->has_rewind) {
        json_object_set_new(object, "rewind", wire_mark(&r->rewind));
    }
    json_t *caps = json_object();
    json_object_set_new(caps, "channels", wire_channels(r->channels));
    json_object_set_new(object, "caps", caps);
    if (r->is_read_only) {
        json_object_set_new(object, "read_only", json_true());
    }
    if (r->backoff_ms) {
        json_object_set_new(object, "backoff_ms", json_integer(r->backoff_ms));
    }
    if (r->claim_count) {
        json_object_set_new(object, "claims", format_claimed(r));
    }
    if (r->up.is_relay) {
        json_object_set_new(object, "up", format_up(&r->up));
    }
    add_object(object, out);
}

static enum err parse_time(const json_t *object, struct exchange_response *r) {
    const json_t *time = json_object_get(object, "time");
    const char *state = json_get_text(time, "state", state_names[TIME_UNKNOWN]);
    r->time_ms = json_get_int(time, "ms", 0);
    r->time_error_ms = json_get_int(time, "error", 0);
    r->time_state = TIME_UNKNOWN;
    for (int i = TIME_UNKNOWN; i <= TIME_SET; i++) {
        if (strcmp(state, state_names[i]) == 0) {
            r->time_state = (enum time_state)i;
        }
    }
    return time && !json_is_object(time) ? ERR_INPUT : ERR_NONE;
}

static enum err parse_have(const json_t *object, struct exchange_response *r) {
    const json_t *list = NULL;
    enum err e = wire_parse_array(object, "have", EXCHANGE_HAVE_MAX, &list);
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        struct exchange_have *h = &r->have[i];
        STEP(e, wire_parse_u64(item, "st", &h->stream));
        STEP(e, wire_parse_count(item, "n", INT64_MAX, &h->n));
        h->is_forked = json_get_bool(item, "fork", false);
        r->have_count = i + 1;
    }
    return e;
}

static enum err parse_claimed(const json_t *object, struct exchange_response *r) {
    const json_t *list = NULL;
    enum err e = wire_parse_array(object, "claims", EXCHANGE_CLAIMS_MAX, &list);
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        struct exchange_claimed *c = &r->claims[i];
        e = wire_parse_u64(item, "nonce", &c->nonce);
        const json_t *won = json_object_get(item, "won");
        STEP(e, json_is_boolean(won) ? ERR_NONE : ERR_INPUT);
        c->has_won = json_is_true(won);
        c->at_ms = json_get_int(item, "at", 0);
        utf8_copy(json_get_text(item, "by", ""), c->by, sizeof c->by);
        r->claim_count = i + 1;
    }
    return e;
}

static enum err parse_up(const json_t *object, struct exchange_up *up) {
    const json_t *given = json_object_get(object, "up");
    const json_t *list = NULL;
    if (!given) {
        return ERR_NONE;
    }
    up->is_relay = true;
    enum err e = wire_parse_count(given, "version", INT64_MAX, &up->version);
    STEP(e, wire_parse_array(given, "behind", EXCHANGE_BEHIND_MAX, &list));
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        STEP(e, wire_parse_u64(item, "st", &up->behind[i].stream));
        STEP(e, wire_parse_count(item, "n", INT64_MAX, &up->behind[i].n));
        up->count = i + 1;
    }
    up->has_more = json_get_bool(given, "more", false);
    return e;
}

enum err wire_parse_response(const void *text, size_t len,
                             struct exchange_response *out) {
    exchange_response_clear(out);
    json_t *object = NULL;
    uint64_t proto = 0;
    uint64_t proto_min = 0;
    uint64_t backoff_ms = 0;
    enum err e = parse_text(text, len, &object);
    STEP(e, wire_parse_count(object, "proto", UINT16_MAX, &proto));
    STEP(e, wire_parse_count(object, "proto_min", UINT16_MAX, &proto_min));
    STEP(e, parse_time(object, out));
    STEP(e, wire_parse_hex(object, "log", out->log, sizeof out->log));
    STEP(e, wire_parse_mark(object, "head", &out->head));
    STEP(e, parse_have(object, out));
    STEP(e, wire_parse_batches(object, "facts", &out->facts));
    STEP(e, wire_parse_mark(object, "cur", &out->cur));
    STEP(e, wire_parse_mark(object, "rewind", &out->rewind));
    STEP(e, wire_parse_channels(json_object_get(object, "caps"), "channels",
                                &out->channels));
    STEP(e, wire_parse_count(object, "backoff_ms", UINT32_MAX, &backoff_ms));
    STEP(e, parse_claimed(object, out));
    STEP(e, parse_up(object, &out->up));
    out->proto = (unsigned)proto;
    out->proto_min = (unsigned)proto_min;
    out->has_more = json_get_bool(object, "more", false);
    out->has_rewind = json_object_get(object, "rewind") != NULL;
    out->backoff_ms = (uint32_t)backoff_ms;
    out->is_read_only = json_get_bool(object, "read_only", false);
    json_decref(object);
    return e;
}

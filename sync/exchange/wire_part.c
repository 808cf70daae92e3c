#include "sync/exchange/wire_part.h"

#include "sync/base/mem.h"

#include <sodium.h>
#include <string.h>

enum { HEX_TEXT_MAX = 2 * FACT_HASH_BYTES + 1, VARIANT = sodium_base64_VARIANT_ORIGINAL };

json_t *wire_hex(const void *data, size_t len) {
    char text[HEX_TEXT_MAX];
    CHECK(2 * len < sizeof text);
    hex_format(data, len, text);
    return json_string(text);
}

json_t *wire_u64(uint64_t v) {
    char text[17];
    hex_format_u64(v, text);
    return json_string(text);
}

json_t *wire_mark(const struct exchange_mark *m) {
    json_t *object = json_object();
    json_object_set_new(object, "seq", json_integer((json_int_t)m->seq));
    json_object_set_new(object, "ch", wire_hex(m->ch, sizeof m->ch));
    return object;
}

json_t *wire_batches(const struct exchange_batches *b) {
    json_t *list = json_array();
    struct bytes text = {0};
    const uint8_t *at = b->data.data;
    for (size_t i = 0; i < b->count; i++) {
        size_t len = b->lens[i];
        bytes_clear(&text);
        size_t room = sodium_base64_ENCODED_LEN(len, VARIANT);
        char *out = (char *)bytes_grow(&text, room);
        sodium_bin2base64(out, room, at, len, VARIANT);
        json_array_append_new(list, json_string(out));
        at += len;
    }
    bytes_finish(&text);
    return list;
}

json_t *wire_channels(uint32_t channels) {
    json_t *list = json_array();
    for (int c = CHANNEL_NONE + 1; c < CHANNEL_COUNT; c++) {
        if (channels & CHANNEL_BIT(c)) {
            json_array_append_new(list, json_string(channel_name((enum channel)c)));
        }
    }
    return list;
}

enum err wire_parse_hex(const json_t *object, const char *key, void *out, size_t len) {
    const json_t *value = json_object_get(object, key);
    if (!value) {
        return ERR_NONE;
    }
    const char *text = json_string_value(value);
    return text ? hex_parse(text, out, len) : ERR_INPUT;
}

enum err wire_parse_u64(const json_t *object, const char *key, uint64_t *out) {
    const json_t *value = json_object_get(object, key);
    if (!value) {
        return ERR_NONE;
    }
    const char *text = json_string_value(value);
    return text && strlen(text) == 16 ? hex_parse_u64(text, out) : ERR_INPUT;
}

enum err wire_parse_count(const json_t *object, const char *key, uint64_t max,
                          uint64_t *out) {
    const json_t *value = json_object_get(object, key);
    if (!value) {
        return ERR_NONE;
    }
    json_int_t v = json_integer_value(value);
    if (!json_is_integer(value) || v < 0 || (uint64_t)v > max) {
        return ERR_INPUT;
    }
    *out = (uint64_t)v;
    return ERR_NONE;
}

static enum err mark_parse(const json_t *value, struct exchange_mark *out) {
    struct exchange_mark m = {0};
    if (!json_is_object(value) || !json_object_get(value, "seq")) {
        return ERR_INPUT;
    }
    enum err e = wire_parse_count(value, "seq", INT64_MAX, &m.seq);
    if (e == ERR_NONE) {
        e = wire_parse_hex(value, "ch", m.ch, sizeof m.ch);
    }
    if (e == ERR_NONE) {
        *out = m;
    }
    return e;
}

enum err wire_parse_mark(const json_t *object, const char *key,
                         struct exchange_mark *out) {
    const json_t *value = json_object_get(object, key);
    return value ? mark_parse(value, out) : ERR_NONE;
}

static enum err batch_parse_text(const json_t *item, struct bytes *scratch,
                                 struct exchange_batches *out) {
    const char *text = json_string_value(item);
    size_t chars = json_string_length(item);
    if (!text || chars > sodium_base64_ENCODED_LEN(FACT_BATCH_BYTES_MAX, VARIANT)) {
        return text ? ERR_LIMIT : ERR_INPUT;
    }
    size_t len = 0;
    size_t room = chars / 4 * 3 + 3;
    bytes_clear(scratch);
    uint8_t *data = bytes_grow(scratch, room);
    if (sodium_base642bin(data, room, text, chars, NULL, &len, NULL, VARIANT) != 0) {
        return ERR_INPUT;
    }
    return exchange_batches_add(out, data, len);
}

enum err wire_parse_batches(const json_t *object, const char *key,
                            struct exchange_batches *out) {
    const json_t *list = NULL;
    enum err e = wire_parse_array(object, key, EXCHANGE_BATCHES_MAX, &list);
    struct bytes scratch = {0};
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        e = batch_parse_text(json_array_get(list, i), &scratch, out);
    }
    bytes_finish(&scratch);
    return e;
}

enum err wire_parse_channels(const json_t *object, const char *key, uint32_t *out) {
    const json_t *list = NULL;
    enum err e = wire_parse_array(object, key, 64, &list);
    uint32_t channels = 0;
    for (size_t i = 0; e == ERR_NONE && i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        enum channel c = name ? channel_find(name) : CHANNEL_NONE;
        e = name ? ERR_NONE : ERR_INPUT;
        channels |= c == CHANNEL_NONE ? 0 : CHANNEL_BIT(c);
    }
    if (e == ERR_NONE && list) {
        *out = channels;
    }
    return e;
}

enum err wire_parse_array(const json_t *object, const char *key, size_t max,
                          const json_t **out) {
    const json_t *value = json_object_get(object, key);
    if (value && !json_is_array(value)) {
        return ERR_INPUT;
    }
    if (json_array_size(value) > max) {
        return ERR_LIMIT;
    }
    *out = value;
    return ERR_NONE;
}

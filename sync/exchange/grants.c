#include "sync/exchange/grants.h"

#include "sync/base/json.h"

#include <string.h>

static bool may_enrol(const struct grants_chain *c, const uint8_t key[FACT_KEY_BYTES]) {
    for (size_t i = 0; i < c->count; i++) {
        if (memcmp(c->may_enrol[i], key, FACT_KEY_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_word(const json_t *list, const char *word) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (item && strcmp(item, word) == 0) {
            return true;
        }
    }
    return false;
}

// true: the chain grew.
static bool add_grant(struct grants_chain *c, const struct fact_view *f) {
    struct fact_header header;
    json_t *body = NULL;
    uint8_t key[FACT_KEY_BYTES];
    bool has_grown = false;
    if (f->is_erased ||
        fact_parse_header(f->header, f->header_len, &header) != ERR_NONE ||
        header.is_future_version || strcmp(header.kind, "grant") != 0 ||
        json_parse(f->body, f->body_len, &body) != ERR_NONE) {
        return false;
    }
    if (hex_parse(json_get_text(body, "key", ""), key, sizeof key) == ERR_NONE) {
        c->has_wanted = c->has_wanted || memcmp(key, c->wanted, sizeof key) == 0;
        has_grown = has_word(json_object_get(body, "may"), "enrol") &&
                    c->count < GRANTS_KEYS_MAX && !may_enrol(c, key);
        if (has_grown) {
            memcpy(c->may_enrol[c->count++], key, sizeof key);
        }
    }
    json_decref(body);
    return has_grown;
}

bool grants_allow(const struct grants_chain *c, const void *batch, size_t len) {
    struct batch_view b;
    return batch_parse(batch, len, &b) == ERR_NONE && b.channel == CHANNEL_FLEET &&
           may_enrol(c, b.author);
}

static bool follow_batch(struct grants_chain *c, const uint8_t *bytes, size_t len) {
    struct batch_view b;
    struct fact_view f;
    bool has_grown = false;
    if (!grants_allow(c, bytes, len) || batch_parse(bytes, len, &b) != ERR_NONE ||
        batch_verify(&b, NULL) != ERR_NONE) {
        return false;
    }
    for (size_t at = 0; batch_next(&b, &at, &f);) {
        has_grown = add_grant(c, &f) || has_grown;
    }
    return has_grown;
}

void grants_follow(struct grants_chain *c, const uint8_t root[FACT_KEY_BYTES],
                   const uint8_t wanted[FACT_KEY_BYTES],
                   const struct exchange_batches *batches) {
    memset(c, 0, sizeof *c);
    memcpy(c->may_enrol[0], root, FACT_KEY_BYTES);
    memcpy(c->wanted, wanted, FACT_KEY_BYTES);
    c->count = 1;
    // Each pass that goes on has made the bounded chain grow.
    for (bool has_grown = true; has_grown;) {
        const uint8_t *at = batches->data.data;
        has_grown = false;
        for (size_t i = 0; i < batches->count; at += batches->lens[i++]) {
            has_grown = follow_batch(c, at, batches->lens[i]) || has_grown;
        }
    }
}

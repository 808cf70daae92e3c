#include "sync/event/claim.h"

#include "sync/base/bytes.h"
#include "sync/base/json.h"

#include <string.h>

static bool is_at(const struct fold_fact *f, const char *kind, const char *gate) {
    return f->body && strcmp(f->header.kind, kind) == 0 &&
           strcmp(json_get_text(f->body, "gate", ""), gate) == 0;
}

static uint64_t get_hex(const json_t *body, const char *key) {
    uint64_t v = 0;
    return hex_parse_u64(json_get_text(body, key, ""), &v) == ERR_NONE ? v : 0;
}

static bool has_won(const struct fold_fact *claim) {
    return !json_object_get(claim->body, "lost_to");
}

// An admission of the claim's device that names its nonce, voided or not.
static bool is_spent(const struct fold_fact *sorted, size_t count, const char *gate,
                     const struct fold_fact *claim) {
    uint64_t dev = get_hex(claim->body, "dev");
    uint64_t nonce = get_hex(claim->body, "nonce");
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &sorted[i];
        if (is_at(f, "admit", gate) && f->dev == dev &&
            get_hex(f->body, "claim") == nonce) {
            return true;
        }
    }
    return false;
}

bool claim_find_holder(const struct fold_fact *sorted, size_t count, const char *gate,
                       const struct moment *now, struct claim_holder *out) {
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &sorted[i];
        if (is_at(f, "admit", gate) && !fold_is_void(sorted, count, f->header.ref)) {
            *out = (struct claim_holder){f->dev, f->at_ms, true};
            return true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &sorted[i];
        bool is_young = now->state == TIME_UNKNOWN || now->wall_ms - f->at_ms < CLAIM_MS;
        if (is_at(f, "gate.claim", gate) && has_won(f) && is_young &&
            !is_spent(sorted, count, gate, f)) {
            *out = (struct claim_holder){get_hex(f->body, "dev"), f->at_ms, false};
            return true;
        }
    }
    return false;
}

bool claim_find_answer(const struct fold_fact *sorted, size_t count,
                       struct claim_asked *io) {
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &sorted[i];
        if (!is_at(f, "gate.claim", io->gate) || get_hex(f->body, "dev") != io->dev ||
            get_hex(f->body, "nonce") != io->nonce) {
            continue;
        }
        io->has_won = has_won(f);
        io->lost_to =
            (struct claim_holder){.dev = get_hex(f->body, "lost_to"),
                                  .at_ms = json_get_int(f->body, "since_ms", 0)};
        return true;
    }
    return false;
}

json_t *claim_format(const struct claim_asked *asked) {
    char hex[17];
    json_t *body = json_object();
    json_object_set_new(body, "gate", json_string(asked->gate));
    hex_format_u64(asked->dev, hex);
    json_object_set_new(body, "dev", json_string(hex));
    hex_format_u64(asked->nonce, hex);
    json_object_set_new(body, "nonce", json_string(hex));
    if (!asked->has_won) {
        hex_format_u64(asked->lost_to.dev, hex);
        json_object_set_new(body, "lost_to", json_string(hex));
        json_object_set_new(body, "since_ms", json_integer(asked->lost_to.at_ms));
    }
    return body;
}

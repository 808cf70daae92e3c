#include "sync/agent/enrol.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/exchange/auth.h"
#include "sync/exchange/grants.h"
#include "sync/exchange/wire_part.h"
#include "sync/net/http.h"

#include <stdio.h>
#include <string.h>

enum { ENROL_TIMEOUT_MS = 10000 };

static void enrol_sign(void *arg, struct http_signing *signing) {
    const struct store *s = arg;
    uint8_t text[AUTH_TEXT_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
    struct store_identity id = store_identity_get(s);
    auth_text(signing->method, signing->path, signing->body, signing->len, text);
    store_sign(s, text, sizeof text, sig);
    hex_format(id.key, sizeof id.key, signing->key_hex);
    hex_format(sig, sizeof sig, signing->sig_hex);
}

struct enrol_answer {
    uint8_t event[FACT_EVENT_BYTES];
    uint8_t root[FACT_KEY_BYTES];
    struct exchange_batches grants;
    struct ticket_key ticket_keys[TICKET_KEYS_MAX];
    size_t ticket_key_count;
};

// Absent in an older hub's answer: then the keys come with the event.
static void parse_ticket_keys(const json_t *list, struct enrol_answer *out) {
    for (size_t i = 0; i < json_array_size(list) && i < TICKET_KEYS_MAX; i++) {
        const char *hex = json_string_value(json_array_get(list, i));
        struct ticket_key *key = &out->ticket_keys[out->ticket_key_count];
        if (hex && hex_parse(hex, key->key, sizeof key->key) == ERR_NONE) {
            out->ticket_key_count++;
        }
    }
}

static enum err parse_answer(const struct http_answer *answer, struct enrol_answer *out) {
    json_t *body = NULL;
    enum err e = json_parse(answer->body, answer->len, &body);
    if (e == ERR_NONE) {
        e = wire_parse_hex(body, "event", out->event, sizeof out->event);
    }
    if (e == ERR_NONE) {
        e = wire_parse_hex(body, "root", out->root, sizeof out->root);
    }
    if (e == ERR_NONE) {
        e = wire_parse_batches(body, "grants", &out->grants);
    }
    parse_ticket_keys(json_object_get(body, "ticket_keys"), out);
    json_decref(body);
    return e;
}

static enum err take_grants(struct store *s, const struct exchange_batches *grants,
                            const struct moment *now) {
    const uint8_t *at = grants->data.data;
    enum err e = ERR_NONE;
    for (size_t i = 0; i < grants->count && e == ERR_NONE; at += grants->lens[i++]) {
        struct take_result taken;
        e = store_take_batch(s, at, grants->lens[i], now, &taken);
        e = e == ERR_GAP ? ERR_NONE : e; // of a long stream: the rest comes by syncing
    }
    return e;
}

static enum err join(struct store *s, const struct enrol_answer *a, const char *url,
                     const struct moment *now, char *out_text) {
    struct grants_chain chain;
    struct store_identity id = store_identity_get(s);
    grants_follow(&chain, a->root, id.key, &a->grants);
    if (!chain.has_wanted) {
        snprintf(out_text, ENROL_TEXT_SIZE,
                 "the hub's grants do not verify: not enrolled");
        return ERR_SIGNATURE;
    }
    enum err e = store_join(s, a->event, a->root);
    if (e == ERR_EXISTS) {
        snprintf(out_text, ENROL_TEXT_SIZE,
                 "this directory belongs to another event: use a new one");
        return e;
    }
    if (e == ERR_NONE) {
        e = store_begin(s);
    }
    if (e == ERR_NONE) {
        e = take_grants(s, &a->grants, now);
        if (e == ERR_NONE) {
            e = store_meta_set(s, "hub_url", url, strlen(url));
        }
        if (e == ERR_NONE) {
            e = store_ticket_keys_set(s, a->ticket_keys, a->ticket_key_count);
        }
        if (e != ERR_NONE) {
            store_rollback(s);
        } else {
            e = store_commit(s);
        }
    }
    snprintf(out_text, ENROL_TEXT_SIZE, "%s",
             e == ERR_NONE ? "enrolled" : "the grants could not be stored");
    return e;
}

static enum err judge(const struct http_answer *answer, char *out_text) {
    if (answer->err != ERR_NONE) {
        snprintf(out_text, ENROL_TEXT_SIZE, "the hub does not answer: %s",
                 answer->detail);
        return answer->err;
    }
    if (answer->status == 403) {
        snprintf(out_text, ENROL_TEXT_SIZE, "the code is wrong, used or too old");
        return ERR_DENIED;
    }
    if (answer->status != 200) {
        json_t *body = NULL;
        bool is_json = json_parse(answer->body, answer->len, &body) == ERR_NONE;
        snprintf(out_text, ENROL_TEXT_SIZE, "the hub answers %d: %s", answer->status,
                 is_json ? json_get_text(body, "error", "") : "");
        json_decref(body);
        return ERR_INPUT;
    }
    return ERR_NONE;
}

enum err enrol_run(struct store *s, const struct enrol_wish *wish,
                   const struct moment *now, char out_text[ENROL_TEXT_SIZE]) {
    struct http_signer signer = {.sign = enrol_sign, .arg = s};
    char *hub = mem_format("%.*s", (int)strcspn(wish->url, ", "), wish->url);
    struct http *http = http_create(hub, &signer);
    struct http_answer answer = {.err = ERR_TIMEOUT, .detail = "time is up"};
    struct enrol_answer parsed = {0};
    json_t *body = json_pack("{s:s,s:s}", "code", wish->code, "name", wish->name);
    char *text = body ? json_format(body) : mem_copy_text("{}");
    struct http_request request = {.method = "POST",
                                   .path = "/v1/enrol",
                                   .body = text,
                                   .len = strlen(text),
                                   .timeout_ms = ENROL_TIMEOUT_MS};
    http_call(http, &request, &answer);
    enum err e = judge(&answer, out_text);
    if (e == ERR_NONE) {
        e = parse_answer(&answer, &parsed);
        if (e != ERR_NONE) {
            snprintf(out_text, ENROL_TEXT_SIZE, "the hub's answer makes no sense");
        } else {
            e = join(s, &parsed, wish->url, now, out_text);
        }
    }
    bytes_finish(&parsed.grants.data);
    json_decref(body);
    mem_free(text);
    mem_free(hub);
    http_destroy(http);
    return e;
}

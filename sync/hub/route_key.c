// PUT /v1/key and GET /v1/key/<ephemeral key>: the keys of sealed stores. Run on the store
// thread like a sync round.
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/hub/devices.h"
#include "sync/hub/hub.h"
#include "sync/hub/routes.h"
#include "sync/store/deposit.h"

#include <microhttpd.h>
#include <sodium.h>
#include <string.h>

struct key_state {
    struct call *call;
    uint64_t dev;
    bool is_put, is_new;
    uint8_t key[SEAL_KEY_BYTES];
    uint8_t to[crypto_box_PUBLICKEYBYTES]; // of a GET: who can open the answer
    int status;
};

static void key_free(void *arg) {
    struct key_state *k = arg;
    sodium_memzero(k, sizeof *k);
    mem_free(k);
}

static enum err key_exchange(struct store *s, struct key_state *k) {
    if (k->is_put) {
        return deposit_put(s, k->dev, k->key, &k->is_new);
    }
    enum err e = deposit_get(s, k->dev, k->key);
    k->status = e == ERR_NOT_FOUND ? MHD_HTTP_NOT_FOUND : k->status;
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

// A revoked device gets no key, and what it left here goes.
static enum err key_run(struct store *s, void *arg) {
    struct key_state *k = arg;
    struct device_info info = {0};
    enum err e = store_find_device(s, k->dev, &info);
    k->status = MHD_HTTP_OK;
    if (e == ERR_NOT_FOUND || (e == ERR_NONE && !info.is_granted)) {
        k->status = MHD_HTTP_UNAUTHORIZED;
        return ERR_NONE;
    }
    if (e == ERR_NONE && info.is_revoked) {
        k->status = MHD_HTTP_FORBIDDEN;
        return deposit_drop(s, k->dev);
    }
    return e == ERR_NONE ? key_exchange(s, k) : e;
}

static void key_answer(struct call *c, const struct key_state *k) {
    uint8_t box[SEAL_KEY_BYTES + crypto_box_SEALBYTES];
    json_t *object = json_object();
    if (!k->is_put && crypto_box_seal(box, k->key, sizeof k->key, k->to) == 0) {
        char hex[2 * sizeof box + 1];
        hex_format(box, sizeof box, hex);
        json_object_set_new(object, "box", json_string(hex));
    }
    char *text = json_format(object);
    bytes_add_text(&c->out, text);
    c->status = MHD_HTTP_OK;
    mem_free(text);
    json_decref(object);
}

static void key_done(void *arg, enum err e) {
    struct key_state *k = arg;
    struct call *c = k->call;
    if (e != ERR_NONE) {
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the store could not commit");
        c->retry_after_s = 2;
    } else if (k->status == MHD_HTTP_UNAUTHORIZED) {
        c->status = MHD_HTTP_UNAUTHORIZED;
        bytes_add_text(&c->out, "{\"need\":\"grant\"}");
    } else if (k->status == MHD_HTTP_FORBIDDEN) {
        call_refuse(c, MHD_HTTP_FORBIDDEN, "this device was revoked");
    } else if (k->status == MHD_HTTP_NOT_FOUND) {
        call_refuse(c, MHD_HTTP_NOT_FOUND, "no key of this device is here");
    } else {
        key_answer(c, k);
    }
    if (e == ERR_NONE && k->is_new) {
        log_info("hub: keeps the key of device %016llx", (unsigned long long)k->dev);
    }
    call_resume(c);
}

static void key_post(struct call *c, struct key_state *k) {
    struct store_job job = {.run = key_run,
                            .done = key_done,
                            .arg = k,
                            .is_grouped = true,
                            .is_reading = true}; // a key is no fact
    k->call = c;
    k->dev = c->dev;
    call_suspend(c);
    enum err e = store_thread_post(c->hub->store, &job);
    if (e != ERR_NONE) {
        key_done(k, e);
    }
}

void route_key_put(struct call *c) {
    json_t *body = NULL;
    struct key_state *k = mem_alloc(1, sizeof *k);
    c->state = k;
    c->free_state = key_free;
    k->is_put = true;
    bool ok =
        json_parse(c->in.data, c->in.len, &body) == ERR_NONE &&
        hex_parse(json_get_text(body, "key", ""), k->key, sizeof k->key) == ERR_NONE;
    json_decref(body);
    sodium_memzero(c->in.data, c->in.len);
    if (!ok) {
        call_refuse(c, MHD_HTTP_BAD_REQUEST, "key: 128 hex digits");
        return;
    }
    key_post(c, k);
}

void route_key_get(struct call *c) {
    static const char prefix[] = "/v1/key/";
    struct key_state *k = mem_alloc(1, sizeof *k);
    c->state = k;
    c->free_state = key_free;
    if (hex_parse(c->path + sizeof prefix - 1, k->to, sizeof k->to) != ERR_NONE) {
        call_refuse(c, MHD_HTTP_BAD_REQUEST, "/v1/key/ and 64 hex digits");
        return;
    }
    key_post(c, k);
}

// POST /v1/enrol: a one-time code lets a key in. The request is signed by that key.
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/exchange/wire_part.h"
#include "sync/hub/bell.h"
#include "sync/hub/devices.h"
#include "sync/hub/hub.h"
#include "sync/hub/routes.h"
#include "sync/store/peer.h"
#include "sync/store/peer_grants.h"
#include "sync/store/peer_log.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

struct enrol_state {
    struct hub *hub;
    struct call *call;
    char code[32];
    char name[NAME_SIZE];
    uint8_t key[FACT_KEY_BYTES];
    struct exchange_batches batches;
    struct exchange_mark head;
    struct ticket_key ticket_keys[TICKET_KEYS_MAX];
    size_t ticket_key_count;
    bool is_refused;
};

static void enrol_free(void *arg) {
    struct enrol_state *state = arg;
    bytes_finish(&state->batches.data);
    mem_free(state);
}

static enum err enrol_author(struct store *s, struct enrol_state *state, const char *text,
                             const struct moment *now) {
    json_t *wish = NULL;
    enum err e = json_parse(text, strlen(text), &wish);
    struct device_wish device = {
        .name = json_get_text(wish, "name", state->name),
        .role = json_get_text(wish, "role", "agenda"),
        .room = json_get_text(wish, "room", ""),
        .gate = json_get_text(wish, "gate", ""),
    };
    if (e == ERR_NONE) {
        e = devices_enrol(s, &device, state->key, now);
    }
    json_decref(wish);
    return e;
}

// Not grouped: a wrong try must be counted even though the answer is no.
static enum err enrol_run(struct store *s, void *arg) {
    struct enrol_state *state = arg;
    struct moment now = hub_now(state->hub);
    char *wish = NULL;
    enum err e = peer_enrolment_take(s, state->code, now.wall_ms, &wish);
    if (e == ERR_DENIED) {
        state->is_refused = true;
        return ERR_NONE;
    }
    if (e == ERR_NONE) {
        e = enrol_author(s, state, wish, &now);
    }
    mem_free(wish);
    state->ticket_key_count = store_ticket_keys_get(s, state->ticket_keys);
    if (e == ERR_NONE) {
        e = store_seal(s);
    }
    if (e == ERR_NONE) {
        e = peer_read_grants(s, state->key, &state->batches);
    }
    return e == ERR_NONE ? peer_log_head(s, &state->head) : e;
}

static void enrol_finish(struct call *c) {
    struct enrol_state *state = c->state;
    const struct store_identity *id = &c->hub->identity;
    if (c->status != MHD_HTTP_OK) {
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "event", wire_hex(id->event, sizeof id->event));
    json_object_set_new(object, "root", wire_hex(id->root, sizeof id->root));
    json_object_set_new(object, "hub", wire_hex(id->key, sizeof id->key));
    json_object_set_new(object, "dev", wire_u64(c->dev));
    json_object_set_new(object, "grants", wire_batches(&state->batches));
    json_t *keys = json_array();
    for (size_t i = 0; i < state->ticket_key_count; i++) {
        json_array_append_new(keys, wire_hex(state->ticket_keys[i].key, FACT_KEY_BYTES));
    }
    json_object_set_new(object, "ticket_keys", keys);
    char *text = json_format(object);
    bytes_add_text(&c->out, text);
    mem_free(text);
    json_decref(object);
}

static void enrol_done(void *arg, enum err e) {
    struct enrol_state *state = arg;
    struct call *c = state->call;
    if (e != ERR_NONE) {
        log_warning("hub: enrolment failed: %s", err_text(e));
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the store could not commit");
    } else if (state->is_refused) {
        call_refuse(c, MHD_HTTP_FORBIDDEN, "this code is wrong, used or too old");
    } else {
        c->status = MHD_HTTP_OK;
        bell_ring(state->hub->bell, state->head.seq);
        log_info("hub: device %016llx enrolled", (unsigned long long)c->dev);
    }
    call_resume(c);
}

void route_enrol(struct call *c) {
    json_t *body = NULL;
    if (c->hub->relay) {
        call_refuse(c, MHD_HTTP_CONFLICT, "this is a relay: enrol at the hub itself");
        return;
    }
    struct enrol_state *state = mem_alloc(1, sizeof *state);
    c->state = state;
    c->free_state = enrol_free;
    if (json_parse(c->in.data, c->in.len, &body) != ERR_NONE) {
        call_refuse(c, MHD_HTTP_BAD_REQUEST, "not JSON");
        return;
    }
    json_copy_text(body, "code", state->code, sizeof state->code);
    json_copy_text(body, "name", state->name, sizeof state->name);
    json_decref(body);
    memcpy(state->key, c->key, sizeof state->key);
    state->hub = c->hub;
    state->call = c;
    c->finish = enrol_finish;
    struct store_job job = {.run = enrol_run, .done = enrol_done, .arg = state};
    call_suspend(c);
    enum err e = store_thread_post(c->hub->store, &job);
    if (e != ERR_NONE) {
        enrol_done(state, e);
    }
}

// POST /v1/sync: parsed on an HTTP thread, answered on the store thread inside a commit that
// many calls share, formatted on an HTTP thread again.
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/exchange/grants.h"
#include "sync/exchange/wire.h"
#include "sync/hub/bell.h"
#include "sync/hub/devices.h"
#include "sync/hub/hub.h"
#include "sync/hub/relay.h"
#include "sync/hub/routes.h"
#include "sync/hub/snap.h"
#include "sync/store/peer_log.h"
#include "sync/store/shared.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

// A revoked device is answered as any other, for the fleet's facts alone; what it pushes is
// kept, in quarantine, at this pace.
enum { REVOKED_PAUSE_MS = 60000, READ_ONLY_BACKOFF_MS = 1000 };

struct sync_state {
    struct hub *hub;
    struct call *call;
    uint64_t dev;
    struct grants_chain chain; // what the device showed, when it did
    bool has_proof;            // the chain leads from the root to its key
    struct exchange_request request;
    struct exchange_response response;
    int refusal;      // HTTP status, 0: answered
    bool has_run;     // once at least
    bool is_too_much; // to be held for this device now
};

static void sync_free(void *arg) {
    struct sync_state *s = arg;
    exchange_request_finish(&s->request);
    exchange_response_finish(&s->response);
    mem_free(s);
}

// The device shows its grant to a hub that lost it: what verifies against the root is taken.
static enum err sync_take_grants(struct store *s, struct sync_state *state,
                                 const struct moment *now) {
    const struct exchange_batches *grants = &state->request.grants;
    const uint8_t *at = grants->data.data;
    enum err e = ERR_NONE;
    for (size_t i = 0; i < grants->count && e == ERR_NONE; at += grants->lens[i++]) {
        struct take_result taken;
        if (grants_allow(&state->chain, at, grants->lens[i])) {
            e = store_take_batch(s, at, grants->lens[i], now, &taken);
        }
        if (e == ERR_GAP || e == ERR_FORK || e == ERR_SIGNATURE || e == ERR_INPUT) {
            e = ERR_NONE; // one that does not fit must not shut the device out
        }
    }
    return e;
}

// ERR_NONE with info filled, or state->refusal set.
static enum err sync_admit(struct store *s, struct sync_state *state,
                           const struct moment *now, struct device_info *info) {
    enum err e = store_find_device(s, state->dev, info);
    bool is_known = e == ERR_NONE && info->is_granted;
    if (!is_known && state->has_proof) {
        e = sync_take_grants(s, state, now);
        if (e == ERR_NONE) {
            log_info("hub: device %016llx showed its grant",
                     (unsigned long long)state->dev);
            // The rights fold with the commit that this job is part of: the device asks
            // again at once and is known then.
            e = store_find_device(s, state->dev, info);
            is_known = e == ERR_NONE && info->is_granted;
            state->refusal = is_known ? 0 : MHD_HTTP_SERVICE_UNAVAILABLE;
        }
    }
    if (!is_known && !state->refusal) {
        state->refusal = MHD_HTTP_UNAUTHORIZED;
    }
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

static enum err sync_run(struct store *s, void *arg) {
    struct sync_state *state = arg;
    struct exchange_response *r = &state->response;
    struct moment now = hub_now(state->hub);
    struct device_info info = {0};
    struct peer_log log = {.store = s, .now = now};
    struct exchange_log view;
    if (state->has_run) { // it may run twice, and is large
        exchange_response_clear(r);
    }
    state->has_run = true;
    state->refusal = 0;
    state->is_too_much = false;
    enum err e = sync_admit(s, state, &now, &info);
    if (e != ERR_NONE || state->refusal) {
        return e;
    }
    struct exchange_caller caller = {.channels = devices_channels(&info)};
    e = store_seal(s);
    if (e == ERR_NONE) {
        e = peer_log_open(&log, &view);
    }
    if (e == ERR_NONE) {
        e = exchange_answer(&view, &caller, &state->request, r);
    }
    // A device that pushed something asks again later; who only reads is served as ever.
    r->is_read_only = store_is_read_only(s);
    r->backoff_ms = r->is_read_only ? READ_ONLY_BACKOFF_MS : 0;
    r->backoff_ms = info.is_revoked ? REVOKED_PAUSE_MS : r->backoff_ms;
    if (e == ERR_NONE && state->hub->relay) {
        bool is_relay = strcmp(info.role, "relay") == 0;
        e = relay_fill(state->hub->relay, s, state->dev, is_relay, &r->up);
    }
    snap_watch(state->hub->snap, s);
    if (e == ERR_NONE && !call_hold(state->call, r->facts.data.len)) {
        // Slow peers have not taken theirs yet. What this one pushed is kept all the same.
        state->is_too_much = true;
        bytes_finish(&r->facts.data);
    }
    r->time_ms = now.wall_ms;
    r->time_error_ms = now.error_ms;
    r->time_state = now.state;
    return e;
}

// What it had before this answer, if its cursor is in our history.
static uint64_t sync_held(const struct sync_state *state) {
    const struct exchange_cursor *cur = &state->request.cur;
    const struct exchange_response *r = &state->response;
    bool is_ours = memcmp(cur->log, r->log, sizeof cur->log) == 0;
    return r->has_rewind ? r->rewind.seq : is_ours ? cur->at.seq : 0;
}

static void sync_note(struct sync_state *state) {
    struct hub *h = state->hub;
    hub_count(h, HUB_SYNCS, 1);
    if (state->request.claim_count) { // asks about a gate, tells nothing of the device
        return;
    }
    struct fleet_entry entry = {.dev = state->dev,
                                .contact_mono_ms = clock_mono_ms(),
                                .seq = state->response.cur.seq,
                                .held = sync_held(state),
                                .channels = state->response.channels};
    memcpy(entry.health, state->request.health, sizeof entry.health);
    fleet_note(&h->fleet, &entry);
    hub_count(h, HUB_BATCHES_IN, state->request.push.count);
    hub_count(h, HUB_BATCHES_OUT, state->response.facts.count);
    hub_count(h, HUB_REWINDS, state->response.has_rewind);
}

static void sync_finish(struct call *c) {
    struct sync_state *state = c->state;
    if (c->status == MHD_HTTP_OK) {
        wire_format_response(&state->response, &c->out);
    }
}

static void sync_done(void *arg, enum err e) {
    struct sync_state *state = arg;
    struct call *c = state->call;
    if (e != ERR_NONE) {
        log_warning("hub: a sync round failed: %s", err_text(e));
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the store could not commit");
        c->retry_after_s = 2;
    } else if (state->refusal == MHD_HTTP_UNAUTHORIZED) {
        c->status = MHD_HTTP_UNAUTHORIZED;
        bytes_add_text(&c->out, "{\"need\":\"grant\"}");
    } else if (state->refusal == MHD_HTTP_SERVICE_UNAVAILABLE) {
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "grant taken, ask again");
    } else if (state->is_too_much) {
        call_refuse_load(c);
        bell_ring(state->hub->bell, state->response.head.seq);
    } else {
        c->status = MHD_HTTP_OK;
        sync_note(state);
        bell_ring(state->hub->bell, state->response.head.seq);
        if (state->hub->relay && state->request.push.count) {
            relay_tell_change(state->hub->relay);
        }
    }
    call_resume(c);
}

void route_sync(struct call *c) {
    struct sync_state *state = mem_alloc(1, sizeof *state);
    c->state = state;
    c->free_state = sync_free;
    enum err e = wire_parse_request(c->in.data, c->in.len, &state->request);
    if (e != ERR_NONE || state->request.dev != c->dev) {
        call_refuse(c, MHD_HTTP_BAD_REQUEST,
                    e == ERR_NONE ? "dev is not the key's device"
                                  : "no request of the documented form");
        return;
    }
    bytes_finish(&c->in);
    state->hub = c->hub;
    state->call = c;
    state->dev = c->dev;
    if (state->request.grants.count) { // here, so that a stranger costs the store nothing
        grants_follow(&state->chain, c->hub->identity.root, c->key,
                      &state->request.grants);
        state->has_proof = state->chain.has_wanted;
    }
    c->finish = sync_finish;
    const struct exchange_request *r = &state->request;
    bool is_reading = !r->push.count && !r->grants.count && !r->claim_count;
    struct store_job job = {.run = sync_run,
                            .done = sync_done,
                            .arg = state,
                            .is_grouped = true,
                            .is_reading = is_reading};
    call_suspend(c);
    e = store_thread_post(c->hub->store, &job);
    if (e != ERR_NONE) {
        sync_done(state, e);
    }
}

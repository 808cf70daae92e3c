#include "sync/agent/agent.h"

#include "sync/agent/agent_parts.h"
#include "sync/agent/jobs.h"
#include "sync/agent/snapshot.h"
#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/exchange/auth.h"
#include "sync/exchange/wire.h"

#include <stdio.h>
#include <string.h>

enum {
    BELL_MS = 40000, // the hub answers within 25 s
    IDLE_MS = 60000,
    BEGIN_AGAIN_MS = 1000,
    REVOKED_WAIT_MS = 60000,
    DRIFT_PPM = 100 // of a machine left alone
};

// ---- what others ask ------------------------------------------------------------------

void agent_get_status(struct agent *a, struct agent_status *out) {
    pthread_mutex_lock(&a->lock);
    *out = a->status;
    pthread_mutex_unlock(&a->lock);
}

static void agent_flag(struct agent *a, bool *flag, bool value) {
    pthread_mutex_lock(&a->lock);
    *flag = value;
    pthread_mutex_unlock(&a->lock);
    http_wake(a->http);
}

void agent_tell_change(struct agent *a) {
    agent_flag(a, &a->is_changed, true);
}

void agent_claim(struct agent *a, const struct exchange_claim *claim) {
    claimer_ask(a->claimer, claim);
}

void agent_set_link(struct agent *a, bool is_up) {
    claimer_set_link(a->claimer, is_up);
    agent_flag(a, &a->is_cut, !is_up);
}

void agent_stop(struct agent *a) {
    if (a) {
        claimer_stop(a->claimer);
        discover_stop(a->discover);
        agent_flag(a, &a->is_stopping, true);
    }
}

void agent_set_health(struct agent *a, const char *json) {
    pthread_mutex_lock(&a->lock);
    if (strlen(json) < sizeof a->health) {
        snprintf(a->health, sizeof a->health, "%s", json);
    }
    pthread_mutex_unlock(&a->lock);
}

struct basis agent_basis(const struct agent_status *s, uint64_t mono_ms) {
    struct basis b = {.seq = s->seq, .age_ms = BASIS_NEVER};
    if (s->has_contact) {
        uint64_t age = mono_ms > s->contact_mono_ms ? mono_ms - s->contact_mono_ms : 0;
        b.age_ms = age < BASIS_NEVER ? (uint32_t)age : BASIS_NEVER - 1;
    }
    return b;
}

struct moment agent_moment(const struct agent_status *s) {
    struct moment m = {.boot = clock_boot_id(), .mono_ms = clock_mono_ms()};
    int64_t passed = (int64_t)(m.mono_ms - s->source_mono_ms);
    struct moment told = {.state = s->time_state,
                          .boot = m.boot,
                          .mono_ms = m.mono_ms,
                          .wall_ms = s->source_ms + passed,
                          .error_ms = s->error_ms + passed / (1000000 / DRIFT_PPM)};
    if (s->time_state == TIME_SET) {
        return told;
    }
    // A Pi has no battery clock: after a boot its wall clock is a guess, however recent it
    // looks, until a time service or the hub has spoken.
    m.wall_ms = clock_wall_ms();
    m.state = clock_is_synced(&m.error_ms) ? TIME_SET : TIME_UNKNOWN;
    if (m.state != TIME_SET && told.state == TIME_HELD) {
        return told;
    }
    return m;
}

// ---- the thread -----------------------------------------------------------------------

static struct moment agent_now(struct agent *a) {
    struct agent_status s;
    agent_get_status(a, &s);
    return agent_moment(&s);
}

static void agent_publish(struct agent *a, const char *note) {
    const struct exchange_client *c = &a->client;
    pthread_mutex_lock(&a->lock);
    struct agent_status before = a->status;
    struct agent_status *s = &a->status;
    if (s->is_online != c->is_online) {
        s->since_mono_ms = clock_mono_ms();
    }
    s->is_online = c->is_online;
    s->is_cut = a->was_cut;
    s->seq = c->saved.cur.at.seq;
    s->head_seq = c->saved.seen.seq;
    if (note[0]) {
        snprintf(s->note, sizeof s->note, "%s", note);
    }
    bool has_changed = before.is_online != s->is_online || before.is_cut != s->is_cut ||
                       before.seq != s->seq || before.unsent != s->unsent ||
                       before.on_lan != s->on_lan;
    pthread_mutex_unlock(&a->lock);
    if (has_changed && a->wake) {
        a->wake(a->wake_arg);
    }
}

static void agent_note_answer(struct agent *a, uint64_t now_ms, uint32_t rtt_ms) {
    const struct exchange_response *r = &a->response;
    pthread_mutex_lock(&a->lock);
    struct agent_status *s = &a->status;
    s->has_contact = true;
    s->contact_mono_ms = now_ms;
    // A guess of the hub's is better than none, and never replaces what was set.
    if (r->time_state == TIME_SET ||
        (r->time_state == TIME_HELD && s->time_state != TIME_SET)) {
        s->time_state = r->time_state;
        s->source_ms = r->time_ms + rtt_ms / 2;
        s->source_mono_ms = now_ms;
        s->error_ms = r->time_error_ms + rtt_ms / 2;
    }
    pthread_mutex_unlock(&a->lock);
}

static void agent_note_waiting(struct agent *a, const struct upstream_waiting *w) {
    pthread_mutex_lock(&a->lock);
    a->status.unsent = w->unsent;
    a->status.on_lan = w->on_lan;
    pthread_mutex_unlock(&a->lock);
}

static enum err agent_gather(struct agent *a, bool wants_grants) {
    // On a link so thin that a full page times out, smaller ones get through.
    unsigned shrink = a->client.failures < 5 ? a->client.failures : 5;
    struct jobs_gather job = {
        .gather = {.upstream = a->upstream,
                   .saved = &a->client.saved,
                   .max_bytes = (size_t)EXCHANGE_BYTES_MAX >> shrink,
                   .wants_grants = wants_grants},
        .out = &a->request,
    };
    enum err e = store_thread_call(a->store, jobs_run_gather, &job, false);
    a->request.boot = clock_boot_id();
    a->request.mono_ms = clock_mono_ms();
    a->request.wall_ms = clock_wall_ms();
    pthread_mutex_lock(&a->lock);
    memcpy(a->request.health, a->health, sizeof a->request.health);
    pthread_mutex_unlock(&a->lock);
    agent_note_waiting(a, &job.waiting);
    return e;
}

// A commit that failed may be on the disk all the same: what is there counts.
static void agent_reload(struct agent *a, struct client_event *out) {
    struct jobs_saved job = {.upstream = a->upstream};
    if (store_thread_call(a->store, jobs_run_saved, &job, false) == ERR_NONE) {
        a->stored = job.saved;
        out->saved = &a->stored;
    }
}

static enum err agent_apply(struct agent *a, struct client_event *out) {
    struct jobs_apply job = {
        .upstream = a->upstream, .plan = &a->client.plan, .now = agent_now(a)};
    const struct exchange_response *r = a->client.plan.response;
    size_t facts = r->facts.count;
    bool has_acks = r->have_count || r->has_rewind || r->up.version != a->up_version;
    a->up_version = r->up.count || r->up.has_more ? r->up.version : 0;
    enum err e = store_thread_call(a->store, jobs_run_apply, &job, false);
    if (e != ERR_NONE && e != ERR_GAP) {
        agent_reload(a, out);
    }
    out->pending = job.pending.facts;
    out->offers = job.pending.offers;
    agent_note_waiting(a, &job.waiting);
    pthread_mutex_lock(&a->lock);
    a->status.received += facts ? 1 : 0;
    a->status.acks += has_acks;
    pthread_mutex_unlock(&a->lock);
    if ((facts || has_acks) && a->wake) {
        a->wake(a->wake_arg);
    }
    return e;
}

static void agent_send(struct agent *a, uint32_t round) {
    bytes_clear(&a->text);
    wire_format_request(&a->request, &a->text);
    a->round = round;
    http_send(a->http, AGENT_SLOT_SYNC,
              &(struct http_request){.method = "POST",
                                     .path = "/v1/sync",
                                     .body = a->text.data,
                                     .len = a->text.len,
                                     .timeout_ms = CLIENT_ANSWER_MS});
    agent_link_step(a, UPSTREAMS_SENT);
}

static void agent_ring(struct agent *a, uint64_t seq) {
    if (http_is_busy(a->http, AGENT_SLOT_BELL)) {
        return;
    }
    char path[80];
    int len = snprintf(path, sizeof path, "/v1/wait?seq=%llu", (unsigned long long)seq);
    if (a->up_version) { // a relay shall also ring when the hub has what is ours
        snprintf(path + len, sizeof path - (size_t)len, "&up=%llu",
                 (unsigned long long)a->up_version);
    }
    http_send(
        a->http, AGENT_SLOT_BELL,
        &(struct http_request){.method = "GET", .path = path, .timeout_ms = BELL_MS});
}

static bool agent_is_to_stop(void *arg) {
    struct agent *a = arg;
    pthread_mutex_lock(&a->lock);
    bool is_to_stop = a->is_stopping || a->is_cut;
    pthread_mutex_unlock(&a->lock);
    return is_to_stop;
}

// Whatever came, came: screens look again.
static void agent_tell_snap(void *arg) {
    struct agent *a = arg;
    pthread_mutex_lock(&a->lock);
    a->status.received++;
    pthread_mutex_unlock(&a->lock);
    if (a->wake) {
        a->wake(a->wake_arg);
    }
}

static enum err agent_snap(struct agent *a, struct exchange_mark *out) {
    struct snapshot s = {.http = a->http,
                         .slot = AGENT_SLOT_SYNC,
                         .store = a->store,
                         .upstream = a->upstream,
                         .saved = a->client.saved,
                         .now = agent_now(a),
                         .is_to_stop = agent_is_to_stop,
                         .tell = agent_tell_snap,
                         .arg = a};
    enum err e = snapshot_fetch(&s);
    *out = s.saved.cur.at;
    agent_tell_snap(a);
    return e;
}

// One action; true when it was answered at once, by *next.
static bool agent_act(struct agent *a, const struct client_action *action,
                      struct client_event *next) {
    *next = (struct client_event){0};
    switch (action->type) {
    case CLIENT_GATHER:
        next->type = CLIENT_GATHERED;
        next->err = agent_gather(a, action->wants_grants);
        return true;
    case CLIENT_APPLY:
        next->type = CLIENT_PERSISTED;
        next->err = agent_apply(a, next);
        return true;
    case CLIENT_SEND:
        agent_send(a, action->round);
        break;
    case CLIENT_SNAP:
        next->type = CLIENT_SNAPPED;
        next->err = agent_snap(a, &next->mark);
        return true;
    case CLIENT_RING:
        agent_ring(a, action->seq);
        break;
    case CLIENT_ABORT:
        http_drop(a->http, AGENT_SLOT_SYNC);
        http_drop(a->http, AGENT_SLOT_BELL);
        break;
    }
    return false;
}

// One step and its actions; true when *event was replaced by what answers one of them.
static bool agent_step_once(struct agent *a, struct client_event *event) {
    struct client_actions out;
    bool has_next = false;
    event->now_ms = clock_mono_ms();
    client_step(&a->client, event, &out);
    if (out.note[0]) {
        log_info("exchange: %s", out.note);
    }
    for (size_t i = 0; i < out.count; i++) {
        struct client_event next;
        if (agent_act(a, &out.items[i], &next)) {
            CHECK(!has_next); // the machine waits for one answer at a time
            has_next = true;
            *event = next;
        }
    }
    agent_publish(a, out.note);
    return has_next;
}

void agent_step(struct agent *a, struct client_event event) {
    while (agent_step_once(a, &event)) {
    }
}

static bool needs_grant(const struct http_answer *answer) {
    json_t *body = NULL;
    if (answer->status != 401 ||
        json_parse(answer->body, answer->len, &body) != ERR_NONE) {
        return false;
    }
    bool is_needed = strcmp(json_get_text(body, "need", ""), "grant") == 0;
    json_decref(body);
    return is_needed;
}

static void agent_on_sync(struct agent *a, const struct http_answer *answer) {
    struct client_event event = {
        .type = CLIENT_FAILED, .round = a->round, .wait_ms = answer->retry_after_ms};
    if (answer->err != ERR_NONE) {
        log_debug("exchange: no answer: %s", answer->detail);
    } else if (answer->status == 200 &&
               wire_parse_response(answer->body, answer->len, &a->response) == ERR_NONE) {
        event.type = CLIENT_RECEIVED;
        event.response = &a->response;
        event.rtt_ms = answer->rtt_ms;
        agent_note_answer(a, clock_mono_ms(), answer->rtt_ms);
    } else if (needs_grant(answer)) {
        event.type = CLIENT_REFUSED;
    } else {
        log_warning("exchange: %s answers %d: %.*s",
                    a->upstreams.items[a->upstreams.current].url, answer->status,
                    (int)(answer->len < 200 ? answer->len : 200),
                    answer->body ? (const char *)answer->body : "");
        event.wait_ms = answer->status == 403 ? REVOKED_WAIT_MS : answer->retry_after_ms;
    }
    // What it said of us it would say elsewhere: no reason to leave.
    bool is_well = event.type != CLIENT_FAILED || answer->status == 403;
    agent_step(a, event);
    agent_link_step(a, is_well ? UPSTREAMS_ANSWERED : UPSTREAMS_FAILED);
}

static void agent_on_bell(struct agent *a, const struct http_answer *answer) {
    if (answer->err == ERR_NONE) {
        agent_link_step(a, UPSTREAMS_HEARD);
    }
    struct client_event event = {.type = CLIENT_BELL_FAILED};
    json_t *body = NULL;
    bool has_up_news = false;
    if (answer->err == ERR_NONE && answer->status == 204) {
        event.type = CLIENT_RANG;
        event.seq = a->client.saved.cur.at.seq;
    } else if (answer->err == ERR_NONE && answer->status == 200 &&
               json_parse(answer->body, answer->len, &body) == ERR_NONE) {
        event.type = CLIENT_RANG;
        event.seq = (uint64_t)json_get_int(json_object_get(body, "head"), "seq", 0);
        uint64_t up = (uint64_t)json_get_int(body, "up", 0);
        has_up_news = a->up_version && up != a->up_version;
    }
    json_decref(body);
    if (event.type == CLIENT_RANG && event.seq == a->client.saved.cur.at.seq) {
        // Nothing is newer at the hub: what we know is as fresh as this answer.
        pthread_mutex_lock(&a->lock);
        a->status.contact_mono_ms = clock_mono_ms();
        pthread_mutex_unlock(&a->lock);
        if (has_up_news) { // not a fact, but what is ours went up
            event.type = CLIENT_CHANGED;
        }
    }
    agent_step(a, event);
}

// The flags others set. false: stop.
static bool agent_take_flags(struct agent *a) {
    pthread_mutex_lock(&a->lock);
    bool is_stopping = a->is_stopping;
    bool is_changed = a->is_changed;
    bool is_cut = a->is_cut;
    a->is_changed = false;
    pthread_mutex_unlock(&a->lock);
    if (is_cut != a->was_cut) {
        a->was_cut = is_cut;
        if (a->has_upstream || is_cut) {
            agent_step(a, (struct client_event){.type = is_cut ? CLIENT_LINK_DOWN
                                                               : CLIENT_LINK_UP});
        }
        agent_link_step(a, is_cut ? UPSTREAMS_CUT : UPSTREAMS_JOINED);
    }
    if (is_changed) {
        struct jobs_count job = {{0}};
        if (store_thread_call(a->store, jobs_run_count, &job, false) == ERR_NONE) {
            agent_note_waiting(a, &job.waiting);
        }
        if (a->has_upstream) {
            agent_step(a, (struct client_event){.type = CLIENT_CHANGED});
        }
    }
    return !is_stopping;
}

static uint64_t agent_deadline_ms(const struct agent *a) {
    return a->has_upstream ? client_deadline_ms(&a->client) : a->retry_ms;
}

static uint32_t agent_wait_ms(const struct agent *a) {
    uint64_t now = clock_mono_ms();
    uint64_t deadline = agent_deadline_ms(a);
    uint64_t link = upstreams_deadline_ms(&a->upstreams);
    deadline = link < deadline ? link : deadline;
    if (deadline <= now) {
        return 0;
    }
    return deadline - now < IDLE_MS ? (uint32_t)(deadline - now) : IDLE_MS;
}

// Nothing came: whose time is up?
static void agent_on_time(struct agent *a) {
    if (agent_deadline_ms(a) > clock_mono_ms()) {
        // not yet
    } else if (!a->has_upstream) {
        agent_link_retry(a);
    } else {
        bool was_sending = a->client.phase == CLIENT_SENDING;
        agent_step(a, (struct client_event){.type = CLIENT_TIMEOUT});
        if (was_sending) {
            agent_link_step(a, UPSTREAMS_FAILED);
        }
    }
    if (upstreams_deadline_ms(&a->upstreams) <= clock_mono_ms()) {
        agent_link_step(a, UPSTREAMS_TIMEOUT);
    }
}

static void agent_loop(struct agent *a) {
    while (agent_take_flags(a)) {
        struct http_answer answer;
        agent_link_discover(a);
        bool has_answer = http_poll(a->http, agent_wait_ms(a), &answer);
        if (!has_answer) {
            agent_on_time(a);
        } else if (answer.slot == AGENT_SLOT_SYNC) {
            agent_on_sync(a, &answer);
        } else if (answer.slot == AGENT_SLOT_BELL) {
            agent_on_bell(a, &answer);
        } else {
            agent_link_on_probe(a, &answer);
        }
    }
}

// Until the store can be read: it may be mending itself just now.
static enum err agent_begin(struct agent *a, struct jobs_begin *job) {
    struct http_answer none;
    enum err e = store_thread_call(a->store, jobs_run_begin, job, false);
    bool is_stopping = false;
    while (e != ERR_NONE && e != ERR_CLOSED && !is_stopping) {
        (void)http_poll(a->http, BEGIN_AGAIN_MS, &none); // woken to stop
        pthread_mutex_lock(&a->lock);
        is_stopping = a->is_stopping;
        pthread_mutex_unlock(&a->lock);
        e = store_thread_call(a->store, jobs_run_begin, job, false);
    }
    return e;
}

static void *agent_run(void *arg) {
    struct agent *a = arg;
    struct jobs_begin job = {.saved = {.loc = {.count = 0}}};
    enum err e = agent_begin(a, &job);
    if (e != ERR_NONE || !job.identity.has_event) {
        log_warning("exchange: not started: %s",
                    e != ERR_NONE ? err_text(e) : "this device is not enrolled yet");
        return NULL;
    }
    a->identity = job.identity;
    client_init(&a->client, &job.saved, 0); // so that screens know what we had
    agent_publish(a, "");
    (void)agent_take_flags(a); // cut from the start: before anything is sent
    agent_link_step(a, UPSTREAMS_TIMEOUT);
    agent_loop(a);
    return NULL;
}

static void agent_sign(void *arg, struct http_signing *s) {
    struct agent *a = arg;
    struct jobs_sign job = {{0}, {0}};
    auth_text(s->method, s->path, s->body, s->len, job.text);
    if (store_thread_call(a->store, jobs_run_sign, &job, false) != ERR_NONE) {
        log_debug("exchange: the store is closing, the request goes unsigned");
    }
    hex_format(a->identity.key, FACT_KEY_BYTES, s->key_hex);
    hex_format(job.sig, sizeof job.sig, s->sig_hex);
}

// On the discovery's thread.
static void agent_wake_up(void *arg) {
    struct agent *a = arg;
    http_wake(a->http);
}

struct agent *agent_start(const struct agent_options *o) {
    struct agent *a = mem_alloc(1, sizeof *a);
    a->store = o->store;
    a->retry_ms = UINT64_MAX;
    upstreams_init(&a->upstreams, random_u64());
    enum err e = upstreams_add_list(&a->upstreams, o->url);
    if (e != ERR_NONE) {
        log_warning("exchange: \"%s\": %s", o->url,
                    e == ERR_LIMIT ? "too many upstreams" : "not a list of http URLs");
    }
    a->wake = o->wake;
    a->wake_arg = o->wake_arg;
    a->is_cut = o->is_cut;
    a->status.since_mono_ms = clock_mono_ms();
    a->claimer = claimer_start(&(struct claimer_options){.store = o->store,
                                                         .url = "",
                                                         .is_cut = o->is_cut,
                                                         .done = o->claimed,
                                                         .arg = o->claimed_arg});
    a->http = http_create("", &(struct http_signer){.sign = agent_sign, .arg = a});
    if (o->discover && !o->discover->is_off) {
        a->discover = discover_start(o->discover, agent_wake_up, a);
    }
    CHECK(pthread_mutex_init(&a->lock, NULL) == 0);
    CHECK(pthread_create(&a->thread, NULL, agent_run, a) == 0);
    return a;
}

void agent_join(struct agent *a) {
    if (!a) {
        return;
    }
    pthread_join(a->thread, NULL);
    discover_join(a->discover);
    claimer_join(a->claimer);
    http_destroy(a->http);
    exchange_request_finish(&a->request);
    exchange_response_finish(&a->response);
    bytes_finish(&a->text);
    pthread_mutex_destroy(&a->lock);
    mem_free(a);
}

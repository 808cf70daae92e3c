// The agent's choice of its upstream: asks them who they are, goes from one to another.
#include "sync/agent/agent_parts.h"
#include "sync/agent/jobs.h"
#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/exchange/wire_part.h"

#include <stdio.h>
#include <string.h>

enum { RETRY_MS = 2000 };

// The store's name of upstream i, and where we stand with it.
static enum err link_load(struct agent *a, size_t i, struct client_saved *out) {
    const struct upstreams_item *item = &a->upstreams.items[i];
    struct jobs_load job = {.log = item->has_log ? item->log : NULL};
    enum err e = store_thread_call(a->store, jobs_run_load, &job, false);
    if (e == ERR_NONE) {
        memcpy(a->upstream, job.upstream, sizeof a->upstream);
        *out = job.saved;
    }
    return e;
}

// What was true of the time stays so with another upstream: no anchor for each change.
static void link_keep_anchor(struct exchange_client *c,
                             const struct exchange_client *before) {
    c->has_anchored = before->has_anchored;
    c->anchored_ms = before->anchored_ms;
    c->anchored_rtt_ms = before->anchored_rtt_ms;
}

static void link_use(struct agent *a, size_t i) {
    const struct upstreams_item *item = &a->upstreams.items[i];
    struct exchange_client before = a->client;
    struct client_saved saved;
    http_set_base(a->http, item->url);
    enum err e = link_load(a, i, &saved);
    if (e != ERR_NONE) {
        // A full disk, most likely: the machine that chose it will not choose again.
        a->has_upstream = false;
        a->retry_ms = clock_mono_ms() + RETRY_MS;
        log_warning("exchange: %s is not used yet: %s", item->url, err_text(e));
        return;
    }
    client_init(&a->client, &saved, random_u64());
    link_keep_anchor(&a->client, &before);
    a->has_upstream = true;
    a->up_version = 0;
    claimer_set_url(a->claimer, item->is_relay ? "" : item->url);
    pthread_mutex_lock(&a->lock);
    a->status.is_relay = item->is_relay;
    snprintf(a->status.url, sizeof a->status.url, "%s", item->url);
    pthread_mutex_unlock(&a->lock);
    agent_step(a, (struct client_event){.type = CLIENT_STARTED});
}

static void link_probe(struct agent *a, size_t i) {
    http_send(a->http, AGENT_SLOT_PROBE,
              &(struct http_request){.method = "GET",
                                     .path = "/v1/time",
                                     .base = a->upstreams.items[i].url,
                                     .timeout_ms = UPSTREAMS_PROBE_MS});
}

static void link_step(struct agent *a, struct upstreams_event *event) {
    struct upstreams_actions out;
    event->now_ms = clock_mono_ms();
    upstreams_step(&a->upstreams, event, &out);
    if (out.note[0]) {
        log_info("exchange: %s", out.note);
    }
    if (out.use >= 0) {
        link_use(a, (size_t)out.use);
    }
    if (out.probe >= 0) {
        link_probe(a, (size_t)out.probe);
    }
}

void agent_link_retry(struct agent *a) {
    a->retry_ms = UINT64_MAX;
    if (a->upstreams.current >= 0) {
        link_use(a, (size_t)a->upstreams.current);
    }
}

void agent_link_step(struct agent *a, enum upstreams_event_type type) {
    struct upstreams_event event = {.type = type};
    link_step(a, &event);
}

// Who answers: of our event, which log, hub or relay. A hub of an older Foyer says nothing.
static enum err link_parse(struct agent *a, const struct http_answer *answer,
                           struct upstreams_event *out) {
    uint8_t event[FACT_EVENT_BYTES];
    json_t *body = NULL;
    if (answer->err != ERR_NONE || answer->status != 200 ||
        json_parse(answer->body, answer->len, &body) != ERR_NONE) {
        return ERR_OFFLINE;
    }
    memcpy(event, a->identity.event, sizeof event);
    enum err e = wire_parse_hex(body, "event", event, sizeof event);
    if (e == ERR_NONE) {
        e = wire_parse_hex(body, "log", out->log, sizeof out->log);
    }
    out->has_log = json_object_get(body, "log") != NULL;
    out->is_relay = json_get_bool(body, "relay", false);
    json_decref(body);
    bool is_ours = memcmp(event, a->identity.event, sizeof event) == 0;
    return e == ERR_NONE && !is_ours ? ERR_DENIED : e;
}

void agent_link_on_probe(struct agent *a, const struct http_answer *answer) {
    struct upstreams_event event = {.type = UPSTREAMS_PROBED};
    int i = a->upstreams.probing;
    if (i < 0) {
        return;
    }
    enum err e = link_parse(a, answer, &event);
    if (e != ERR_NONE) {
        event.type = UPSTREAMS_PROBE_FAILED;
        if (!a->upstreams.items[i].failures) {
            log_info("exchange: %s: %s", a->upstreams.items[i].url,
                     e == ERR_DENIED           ? "is of another event"
                     : answer->err != ERR_NONE ? answer->detail
                                               : "does not answer as a hub does");
        }
    }
    link_step(a, &event);
}

void agent_link_discover(struct agent *a) {
    struct discover_found found[UPSTREAMS_MAX];
    if (!a->discover) {
        return;
    }
    size_t count = discover_take(a->discover, found);
    size_t before = a->upstreams.count;
    char event[2 * FACT_EVENT_BYTES + 1];
    hex_format(a->identity.event, sizeof a->identity.event, event);
    for (size_t i = 0; i < count; i++) {
        // An SRV record does not say; whoever answers there is asked.
        if (!found[i].event[0] || strcmp(found[i].event, event) == 0) {
            upstreams_add(&a->upstreams, found[i].url, found[i].way, found[i].is_relay);
        }
    }
    if (a->upstreams.count != before) {
        log_info("exchange: found %zu more upstreams", a->upstreams.count - before);
    }
    if (upstreams_is_in_need(&a->upstreams)) {
        discover_ask(a->discover);
    }
}

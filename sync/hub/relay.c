#include "sync/hub/relay.h"

#include "sync/agent/agent.h"
#include "sync/agent/enrol.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/hub/bell.h"
#include "sync/hub/hub.h"
#include "sync/store/peer_log.h"
#include "sync/store/upstream.h"

#include <pthread.h>
#include <stdio.h>

enum { BEHIND_FACTS = 5000 }; // as from which a newcomer would take a snapshot

struct relay {
    struct hub *hub;
    pthread_mutex_t lock; // guards the members below
    struct agent *agent;  // NULL: not yet, or no more
    struct agent_status last;
    bool is_told; // a job that rings the bell is in the store's queue
};

// How often the hub said what it holds; 0 is for those who do not ask.
static uint64_t version_of(const struct agent_status *s) {
    return s->acks + 1;
}

void relay_get_status(struct relay *r, struct agent_status *out) {
    pthread_mutex_lock(&r->lock);
    if (r->agent) {
        agent_get_status(r->agent, &r->last);
    }
    *out = r->last;
    pthread_mutex_unlock(&r->lock);
}

// ---- news from the hub ----------------------------------------------------------------

static bool set_told(struct relay *r, bool is_told) {
    pthread_mutex_lock(&r->lock);
    bool was_told = r->is_told;
    r->is_told = is_told;
    pthread_mutex_unlock(&r->lock);
    return was_told;
}

static enum err head_run(struct store *s, void *arg) {
    struct relay *r = arg;
    struct exchange_mark head = {0};
    struct agent_status status;
    set_told(r, false);
    relay_get_status(r, &status);
    enum err e = peer_log_head(s, &head);
    if (e == ERR_NONE) {
        bell_ring(r->hub->bell, head.seq);
        bell_ring_up(r->hub->bell, version_of(&status));
    }
    return e;
}

static void tell_time(struct relay *r) {
    struct agent_status s;
    relay_get_status(r, &s);
    struct moment now = {.wall_ms = s.source_ms,
                         .error_ms = s.error_ms,
                         .state = s.time_state,
                         .mono_ms = s.source_mono_ms};
    timekeeper_tell(&r->hub->time, &now);
}

// The hub sees the relay only; how many stand behind it rides along.
static void tell_health(struct relay *r) {
    char health[64];
    snprintf(health, sizeof health, "{\"devices\":%zu}",
             fleet_count_since(&r->hub->fleet, clock_mono_ms(), 90000));
    pthread_mutex_lock(&r->lock);
    if (r->agent) {
        agent_set_health(r->agent, health);
    }
    pthread_mutex_unlock(&r->lock);
}

// On the agent's thread.
static void on_news(void *arg) {
    struct relay *r = arg;
    tell_time(r);
    tell_health(r);
    if (set_told(r, true)) {
        return;
    }
    struct store_job job = {.run = head_run, .arg = r};
    if (store_thread_post(r->hub->store, &job) != ERR_NONE) {
        set_told(r, false);
    }
}

// ---- running --------------------------------------------------------------------------

struct relay *relay_start(struct hub *h, const char *urls) {
    struct relay *r = mem_alloc(1, sizeof *r);
    r->hub = h;
    CHECK(pthread_mutex_init(&r->lock, NULL) == 0);
    struct agent_options o = {
        .store = h->store, .url = urls, .wake = on_news, .wake_arg = r};
    pthread_mutex_lock(&r->lock);
    r->agent = agent_start(&o);
    pthread_mutex_unlock(&r->lock);
    log_info("hub: a relay of %s", urls);
    return r;
}

void relay_stop(struct relay *r) {
    relay_get_status(r, &r->last);
    agent_stop(r->agent);
}

void relay_join(struct relay *r) {
    pthread_mutex_lock(&r->lock);
    struct agent *agent = r->agent;
    r->agent = NULL;
    pthread_mutex_unlock(&r->lock);
    agent_join(agent);
}

void relay_destroy(struct relay *r) {
    if (r) {
        pthread_mutex_destroy(&r->lock);
        mem_free(r);
    }
}

void relay_tell_change(struct relay *r) {
    pthread_mutex_lock(&r->lock);
    if (r->agent) {
        agent_tell_change(r->agent);
    }
    pthread_mutex_unlock(&r->lock);
}

void relay_set_link(struct relay *r, bool is_up) {
    pthread_mutex_lock(&r->lock);
    if (r->agent) {
        agent_set_link(r->agent, is_up);
    }
    pthread_mutex_unlock(&r->lock);
}

enum err relay_fill(struct relay *r, struct store *s, uint64_t dev, bool for_all,
                    struct exchange_up *out) {
    struct agent_status status;
    relay_get_status(r, &status);
    out->version = version_of(&status);
    return upstream_read_up(s, for_all ? 0 : dev, out);
}

bool relay_is_behind(struct relay *r) {
    struct agent_status s;
    relay_get_status(r, &s);
    return !s.seq || s.head_seq > s.seq + BEHIND_FACTS;
}

// ---- becoming one ---------------------------------------------------------------------

enum err relay_read_urls(struct store *s, char out[RELAY_URLS_SIZE]) {
    size_t len = 0;
    enum err e = store_meta_get(s, "hub_url", out, RELAY_URLS_SIZE - 1, &len);
    if (e == ERR_NONE) {
        out[len] = '\0';
    }
    return e;
}

enum err relay_enrol(const struct relay_enrolment *j) {
    struct store_options o = {.dir = j->dir, .is_numbering = true};
    struct store *s = NULL;
    char said[ENROL_TEXT_SIZE] = "";
    char urls[RELAY_URLS_SIZE];
    struct enrol_wish wish = {.url = j->url, .code = j->code, .name = j->name};
    enum err e = store_open(&o, &s);
    if (e == ERR_NONE && store_identity_get(s).has_event &&
        relay_read_urls(s, urls) != ERR_NONE) {
        snprintf(said, sizeof said,
                 "a hub lives there: a relay needs a directory of its own");
        e = ERR_EXISTS;
    }
    if (e == ERR_NONE) {
        e = enrol_run(s, &wish, j->now, said);
    }
    store_close(s);
    const char *text = said[0]         ? said
                       : e == ERR_BUSY ? "another program holds it"
                                       : err_text(e);
    fprintf(e == ERR_NONE ? stdout : stderr, "%s: %s\n", j->dir, text);
    return e;
}

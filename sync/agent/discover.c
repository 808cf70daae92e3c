#include "sync/agent/discover.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/net/dnssd.h"
#include "sync/net/srv.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct discover {
    char *domain, *nameserver;
    void (*wake)(void *arg);
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock; // guards the members below
    pthread_cond_t changed;
    bool is_stopping, is_asked;
    uint64_t next_ms; // not before
    unsigned looks;
    struct discover_found found[UPSTREAMS_MAX];
    size_t count;
};

static bool is_to_stop(void *arg) {
    struct discover *d = arg;
    pthread_mutex_lock(&d->lock);
    bool is_stopping = d->is_stopping;
    pthread_mutex_unlock(&d->lock);
    return is_stopping;
}

// One look in both ways; stop may be NULL.
struct look {
    const char *domain, *nameserver;
    bool (*is_to_stop)(void *arg);
    void *arg;
    struct discover_found *out;
    size_t max, count;
};

static struct discover_found *look_add(struct look *l, const char *url,
                                       enum upstreams_way way) {
    size_t at = l->count < l->max ? l->count++ : l->max - 1; // the last is written over
    struct discover_found *f = &l->out[at];
    *f = (struct discover_found){.way = way};
    snprintf(f->url, sizeof f->url, "%.*s", (int)sizeof f->url - 1, url);
    return f;
}

static enum err look_srv(struct look *l) {
    struct srv_found found[SRV_MAX];
    size_t count = 0;
    struct srv_options o = {.domain = l->domain,
                            .nameserver = l->nameserver,
                            .timeout_ms = DISCOVER_LOOK_MS,
                            .is_to_stop = l->is_to_stop,
                            .arg = l->arg};
    enum err e = srv_find(&o, found, SRV_MAX, &count);
    for (size_t i = 0; e == ERR_NONE && i < count; i++) {
        look_add(l, found[i].url, UPSTREAMS_SRV);
    }
    return e;
}

static enum err look_dnssd(struct look *l) {
    struct dnssd_found found[DNSSD_MAX];
    size_t count = 0;
    struct dnssd_options o = {
        .timeout_ms = DISCOVER_LOOK_MS, .is_to_stop = l->is_to_stop, .arg = l->arg};
    enum err e = dnssd_find(&o, found, DNSSD_MAX, &count);
    for (size_t i = 0; e == ERR_NONE && i < count; i++) {
        struct discover_found *f = look_add(l, found[i].url, UPSTREAMS_DNSSD);
        f->is_relay = found[i].is_relay;
        snprintf(f->event, sizeof f->event, "%s", found[i].event);
    }
    return e;
}

size_t discover_look(const struct discover_options *o, struct discover_found *out,
                     size_t max, struct discover_report *report) {
    struct look l = {.domain = o->domain ? o->domain : "",
                     .nameserver = o->nameserver ? o->nameserver : "",
                     .out = out,
                     .max = max};
    report->srv = look_srv(&l);
    report->dnssd = look_dnssd(&l);
    return l.count;
}

// Waits until it is asked and may look. false: stop.
static bool wait_for_ask(struct discover *d) {
    pthread_mutex_lock(&d->lock);
    while (!d->is_stopping && !d->is_asked) {
        pthread_cond_wait(&d->changed, &d->lock);
    }
    d->is_asked = false;
    bool is_stopping = d->is_stopping;
    pthread_mutex_unlock(&d->lock);
    return !is_stopping;
}

static void discover_keep(struct discover *d, const struct look *l) {
    pthread_mutex_lock(&d->lock);
    memcpy(d->found, l->out, l->count * sizeof *d->found);
    d->count = l->count;
    pthread_mutex_unlock(&d->lock);
    if (l->count) {
        d->wake(d->arg);
    }
}

static void *discover_run(void *arg) {
    struct discover *d = arg;
    while (wait_for_ask(d)) {
        struct discover_found found[UPSTREAMS_MAX];
        struct look l = {.domain = d->domain,
                         .nameserver = d->nameserver,
                         .is_to_stop = is_to_stop,
                         .arg = d,
                         .out = found,
                         .max = UPSTREAMS_MAX};
        enum err srv = look_srv(&l);
        enum err dnssd = look_dnssd(&l);
        log_debug("discover: SRV: %s; DNS-SD: %s", err_text(srv), err_text(dnssd));
        discover_keep(d, &l);
    }
    return NULL;
}

struct discover *discover_start(const struct discover_options *o, void (*wake)(void *arg),
                                void *arg) {
    struct discover *d = mem_alloc(1, sizeof *d);
    d->domain = mem_copy_text(o->domain ? o->domain : "");
    d->nameserver = mem_copy_text(o->nameserver ? o->nameserver : "");
    d->wake = wake;
    d->arg = arg;
    CHECK(pthread_mutex_init(&d->lock, NULL) == 0);
    CHECK(pthread_cond_init(&d->changed, NULL) == 0);
    CHECK(pthread_create(&d->thread, NULL, discover_run, d) == 0);
    return d;
}

void discover_stop(struct discover *d) {
    if (d) {
        pthread_mutex_lock(&d->lock);
        d->is_stopping = true;
        pthread_cond_signal(&d->changed);
        pthread_mutex_unlock(&d->lock);
    }
}

void discover_join(struct discover *d) {
    if (d) {
        pthread_join(d->thread, NULL);
        pthread_cond_destroy(&d->changed);
        pthread_mutex_destroy(&d->lock);
        mem_free(d->domain);
        mem_free(d->nameserver);
        mem_free(d);
    }
}

void discover_ask(struct discover *d) {
    uint64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&d->lock);
    if (now_ms >= d->next_ms) {
        uint64_t every = (uint64_t)DISCOVER_EVERY_MIN_MS << (d->looks < 5 ? d->looks : 5);
        every = every < DISCOVER_EVERY_MAX_MS ? every : DISCOVER_EVERY_MAX_MS;
        // Half of it by chance: many kiosks lose the same hub at one moment.
        d->next_ms = now_ms + every / 2 + random_u64() % (every / 2);
        d->looks++;
        d->is_asked = true;
        pthread_cond_signal(&d->changed);
    }
    pthread_mutex_unlock(&d->lock);
}

size_t discover_take(struct discover *d, struct discover_found out[UPSTREAMS_MAX]) {
    pthread_mutex_lock(&d->lock);
    size_t count = d->count;
    memcpy(out, d->found, count * sizeof *out);
    d->count = 0;
    pthread_mutex_unlock(&d->lock);
    return count;
}

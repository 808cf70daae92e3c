#include "sync/hub/hub.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/hub/bell.h"
#include "sync/hub/http.h"
#include "sync/hub/postgres.h"
#include "sync/hub/relay.h"
#include "sync/hub/routes.h"
#include "sync/hub/snap.h"
#include "sync/hub/verbs.h"
#include "sync/net/control.h"
#include "sync/net/dnssd.h"
#include "sync/store/peer_log.h"

#include <string.h>

struct moment hub_moment(int64_t offset_ms) {
    return timekeeper_read(&(struct timekeeper_options){.offset_ms = offset_ms,
                                                        .is_trusted = offset_ms != 0});
}

struct moment hub_now(struct hub *h) {
    return timekeeper_now(&h->time);
}

void hub_count(struct hub *h, enum hub_metric m, uint64_t by) {
    atomic_fetch_add_explicit(&h->metrics[m], by, memory_order_relaxed);
}

struct look { // one look at the store before anything is served
    struct exchange_mark head;
    uint8_t log[EXCHANGE_LOG_BYTES];
    char urls[RELAY_URLS_SIZE]; // of a relay's upstreams, "": a hub
};

static enum err look_run(struct store *s, void *arg) {
    struct look *look = arg;
    struct peer_log log = {.store = s};
    struct exchange_log view;
    enum err e = peer_log_open(&log, &view);
    if (e == ERR_NONE) {
        memcpy(look->log, view.log, sizeof look->log);
        e = relay_read_urls(s, look->urls);
        e = e == ERR_NOT_FOUND ? ERR_NONE : e;
    }
    return e == ERR_NONE ? peer_log_head(s, &look->head) : e;
}

// No primary now is no reason not to start: reads go on.
static enum err share_log(struct hub *h, struct store *s, const char *log) {
    char *url = log ? mem_copy_text(log) : postgres_read_url(h->dir);
    enum err e = url ? postgres_attach(url, h->dir, s, &h->shared) : ERR_NONE;
    mem_free(url);
    return e == ERR_OFFLINE ? ERR_NONE : e;
}

static enum err open_store(struct hub *h, const char *log) {
    struct store *s = NULL;
    struct store_options o = {
        .dir = h->dir, .is_numbering = true, .reserve_bytes = STORE_RESERVE_BYTES};
    enum err e = store_open(&o, &s);
    if (e != ERR_NONE) {
        log_error("hub: %s: %s", h->dir,
                  e == ERR_BUSY ? "another hub is running there" : err_text(e));
        return e;
    }
    h->identity = store_identity_get(s);
    if (!h->identity.has_event) {
        log_error("hub: %s holds no event yet: run foyer-hub init, or join for a relay",
                  h->dir);
        store_close(s);
        return ERR_NOT_FOUND;
    }
    e = share_log(h, s, log);
    if (e != ERR_NONE) {
        store_close(s);
        return e;
    }
    h->store = store_thread_start(s, false);
    return ERR_NONE;
}

static bool hub_control(void *arg, const struct control_request *request,
                        struct bytes *out) {
    return verbs_run_in(arg, request, out);
}

static enum err start_parts(struct hub *h, const struct hub_options *o) {
    enum err e = open_store(h, o->log);
    if (e != ERR_NONE) {
        return e;
    }
    (void)hub_now(h); // says how sure the time is
    struct look look = {.urls = ""};
    e = store_thread_call(h->store, look_run, &look, false);
    memcpy(h->log, look.log, sizeof h->log);
    h->bell = bell_start(route_wait_release);
    bell_ring(h->bell, look.head.seq);
    h->snap = snap_create(h);
    if (h->shared) {
        postgres_start(h->shared, h);
    }
    if (e == ERR_NONE && o->upstream && !look.urls[0]) {
        log_error("hub: %s is a hub, not a relay: it has no upstream", h->dir);
        e = ERR_INPUT;
    }
    if (e == ERR_NONE && look.urls[0]) {
        h->relay = relay_start(h, o->upstream ? o->upstream : look.urls);
    }
    if (e == ERR_NONE) {
        e = server_start(h, o->listen, hub_routes, &h->server);
    }
    if (e == ERR_NONE && o->is_published) {
        char event[2 * FACT_EVENT_BYTES + 1];
        hex_format(h->identity.event, FACT_EVENT_BYTES, event);
        h->publisher = dnssd_publish_start(
            &(struct dnssd_service){.event = event,
                                    .is_relay = h->relay != NULL,
                                    .port = (uint16_t)server_port(h->server)});
    }
    char *path = mem_format("%s/control", h->dir);
    if (e == ERR_NONE) {
        e = control_start(path, hub_control, h, &h->control);
    }
    mem_free(path);
    if (e == ERR_NONE && o->backup.dir) {
        h->backups = backups_start(h, &o->backup);
    }
    return e;
}

enum err hub_start(const struct hub_options *o, struct hub **out) {
    struct hub *h = mem_alloc(1, sizeof *h);
    h->dir = mem_copy_text(o->dir);
    timekeeper_init(&h->time, &o->time);
    fleet_init(&h->fleet);
    backup_clean(h->dir);
    enum err e = start_parts(h, o);
    if (e != ERR_NONE) {
        hub_stop(h);
        return e;
    }
    *out = h;
    return ERR_NONE;
}

// Every suspended call must be resumed before the server may stop: first no new ones, then
// the bell and the store let go of theirs.
void hub_stop(struct hub *h) {
    if (!h) {
        return;
    }
    atomic_store(&h->is_stopping, true);
    if (h->backups) {
        backups_stop(h->backups);
        backups_join(h->backups);
    }
    dnssd_publish_stop(h->publisher);
    dnssd_publish_join(h->publisher);
    if (h->control) {
        control_stop(h->control);
        control_join(h->control);
    }
    if (h->server) {
        server_quiesce(h->server);
    }
    if (h->bell) {
        bell_stop(h->bell);
    }
    postgres_stop(h->shared);
    if (h->relay) {
        relay_stop(h->relay);
        relay_join(h->relay);
    }
    if (h->store) {
        store_thread_stop(h->store);
        store_thread_wait(h->store);
    }
    server_stop(h->server);
    store_thread_join(h->store); // a kept connection may ask until the server has stopped
    bell_destroy(h->bell);
    snap_destroy(h->snap);
    postgres_close(h->shared);
    fleet_finish(&h->fleet);
    relay_destroy(h->relay);
    timekeeper_finish(&h->time);
    mem_free(h->dir);
    mem_free(h);
}

unsigned hub_port(const struct hub *h) {
    return server_port(h->server);
}

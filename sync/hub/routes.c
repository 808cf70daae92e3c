#include "sync/hub/routes.h"

#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/hub/bell.h"
#include "sync/hub/hub.h"
#include "sync/hub/limits.h"
#include "sync/hub/postgres.h"
#include "sync/store/peer_log.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct http_route hub_routes[] = {
    {"POST", "/v1/sync", HTTP_SIGNED, route_sync},
    {"GET", "/v1/wait", HTTP_SIGNED_ONCE, route_wait},
    {"POST", "/v1/enrol", HTTP_SIGNED, route_enrol},
    {"GET", "/v1/snap", HTTP_SIGNED, route_snap},
    {"GET", "/v1/blob/", HTTP_SIGNED, route_blob},
    {"GET", "/v1/time", HTTP_ANYBODY, route_time},
    {"PUT", "/v1/key", HTTP_SIGNED, route_key_put},
    {"GET", "/v1/key/", HTTP_SIGNED, route_key_get},
    {"GET", "/healthz", HTTP_ANYBODY, route_health},
    {"GET", "/readyz", HTTP_ANYBODY, route_ready},
    {"GET", "/metrics", HTTP_ANYBODY, route_metrics},
    {0},
};

// ---- the doorbell ---------------------------------------------------------------------

static void answer_head(struct call *c, uint64_t seq) {
    char text[96];
    char up[40] = "";
    if (c->hub->relay) {
        snprintf(up, sizeof up, ",\"up\":%" PRIu64, bell_get_up(c->hub->bell));
    }
    snprintf(text, sizeof text, "{\"head\":{\"seq\":%" PRIu64 "}%s}", seq, up);
    c->status = MHD_HTTP_OK;
    bytes_add_text(&c->out, text);
}

void route_wait_release(void *waiter, uint64_t seq, bool has_news) {
    struct call *c = waiter;
    if (has_news) {
        answer_head(c, seq);
    } else {
        c->status = MHD_HTTP_NO_CONTENT;
    }
    call_resume(c);
}

void route_wait(struct call *c) {
    // The bell tells a number only; who has not synced yet does that first.
    uint64_t seq = strtoull(c->query_seq, NULL, 10);
    if (!fleet_touch(&c->hub->fleet, c->dev, clock_mono_ms(), seq)) {
        call_refuse(c, MHD_HTTP_UNAUTHORIZED, "POST /v1/sync first");
        return;
    }
    uint64_t head = 0;
    call_suspend(c);
    struct bell_mark known = {.seq = seq, .up = strtoull(c->query_up, NULL, 10)};
    if (!bell_wait(c->hub->bell, c, &known, &head)) {
        answer_head(c, head);
        call_resume(c);
    }
}

// ---- plain ones -----------------------------------------------------------------------

void route_time(struct call *c) {
    struct moment now = hub_now(c->hub);
    char text[320];
    char event[2 * FACT_EVENT_BYTES + 1];
    char log[2 * EXCHANGE_LOG_BYTES + 1];
    hex_format(c->hub->identity.event, FACT_EVENT_BYTES, event);
    hex_format(c->hub->log, sizeof c->hub->log, log);
    snprintf(text, sizeof text,
             "{\"event\":\"%s\",\"log\":\"%s\",%s\"time\":{\"error\":%" PRId64
             ",\"ms\":%" PRId64 ",\"state\":\"%s\"}}",
             event, log, c->hub->relay ? "\"relay\":true," : "", now.error_ms,
             now.wall_ms, timekeeper_state_name(now.state));
    c->status = MHD_HTTP_OK;
    bytes_add_text(&c->out, text);
}

void route_health(struct call *c) {
    c->status = MHD_HTTP_OK;
    bytes_add_text(&c->out, "{\"ok\":true}");
}

static enum err ready_run(struct store *s, void *arg) {
    (void)arg;
    uint8_t one = 1;
    return store_meta_set(s, "ready", &one, sizeof one);
}

static void ready_done(void *arg, enum err e) {
    struct call *c = arg;
    if (e == ERR_NONE) {
        c->status = MHD_HTTP_OK;
        bytes_add_text(&c->out, "{\"ok\":true}");
    } else {
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the store does not commit");
    }
    call_resume(c);
}

void route_ready(struct call *c) {
    struct postgres_state shared = {.is_writable = true};
    struct store_job job = {.run = ready_run,
                            .done = ready_done,
                            .arg = c,
                            .is_grouped = true,
                            .is_reading = true};
    if (c->hub->shared) {
        postgres_get_state(c->hub->shared, &shared);
    }
    if (!shared.is_writable) {
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, shared.word);
        return;
    }
    call_suspend(c);
    enum err e = store_thread_post(c->hub->store, &job);
    if (e != ERR_NONE) {
        ready_done(c, e);
    }
}

static void add_load(struct call *c) {
    char line[256];
    struct limits_totals load = call_get_totals(c);
    snprintf(line, sizeof line,
             "# TYPE foyer_http_connections gauge\nfoyer_http_connections %zu\n"
             "# TYPE foyer_http_held_bytes gauge\nfoyer_http_held_bytes %zu\n"
             "# TYPE foyer_http_stalled_total counter\nfoyer_http_stalled_total %" PRIu64
             "\n",
             load.connections, load.held, load.ended);
    bytes_add_text(&c->out, line);
}

void route_metrics(struct call *c) {
    static const struct {
        const char *name, *help;
    } names[HUB_METRICS] = {
        [HUB_REQUESTS] = {"foyer_http_requests_total", "HTTP requests"},
        [HUB_REFUSED] = {"foyer_http_refused_total", "requests answered 4xx"},
        [HUB_BUSY] = {"foyer_http_busy_total", "requests answered 503"},
        [HUB_SYNCS] = {"foyer_sync_rounds_total", "sync rounds answered"},
        [HUB_BATCHES_IN] = {"foyer_sync_batches_in_total", "batches pushed by devices"},
        [HUB_BATCHES_OUT] = {"foyer_sync_batches_out_total", "batches sent to devices"},
        [HUB_REWINDS] = {"foyer_sync_rewinds_total", "devices sent back in history"},
    };
    char line[256];
    c->status = MHD_HTTP_OK;
    c->type = "text/plain; version=0.0.4";
    for (int i = 0; i < HUB_METRICS; i++) {
        snprintf(line, sizeof line, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n",
                 names[i].name, names[i].help, names[i].name, names[i].name,
                 (unsigned long long)atomic_load(&c->hub->metrics[i]));
        bytes_add_text(&c->out, line);
    }
    snprintf(line, sizeof line,
             "# TYPE foyer_log_head gauge\nfoyer_log_head %" PRIu64 "\n"
             "# TYPE foyer_devices_online gauge\nfoyer_devices_online %zu\n",
             bell_get_seq(c->hub->bell),
             fleet_count_since(&c->hub->fleet, clock_mono_ms(), 90000));
    bytes_add_text(&c->out, line);
    if (c->hub->shared) {
        struct postgres_state shared;
        postgres_get_state(c->hub->shared, &shared);
        snprintf(line, sizeof line,
                 "# HELP foyer_log_writable 0: no PostgreSQL primary answers\n"
                 "# TYPE foyer_log_writable gauge\nfoyer_log_writable %d\n",
                 shared.is_writable);
        bytes_add_text(&c->out, line);
    }
    if (c->hub->backups) {
        uint64_t age_ms = 0;
        uint64_t failures = 0;
        backups_get(c->hub->backups, &age_ms, &failures);
        snprintf(
            line, sizeof line,
            "# TYPE foyer_backup_age_seconds gauge\nfoyer_backup_age_seconds %" PRIu64
            "\n# TYPE foyer_backup_failures_total counter\n"
            "foyer_backup_failures_total %" PRIu64 "\n",
            age_ms / 1000, failures);
        bytes_add_text(&c->out, line);
    }
    add_load(c);
    struct moment now = hub_now(c->hub);
    snprintf(line, sizeof line,
             "# HELP foyer_clock_state 0 unknown, 1 held, 2 set: kiosks take set only\n"
             "# TYPE foyer_clock_state gauge\nfoyer_clock_state %d\n"
             "# TYPE foyer_clock_error_seconds gauge\nfoyer_clock_error_seconds %.3f\n",
             (int)now.state, (double)now.error_ms / 1000);
    bytes_add_text(&c->out, line);
}

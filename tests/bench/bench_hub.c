// The hub against its budgets, over loopback, with the real programs' code on both ends: how
// many facts a second it takes and what an idle device costs it. The hub is a process of its
// own; ours and theirs take turns, of five rounds the median counts.
//   bench_hub <folder> <people> [postgresql://... of an empty database: ingest only]
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/exchange/answer.h"
#include "sync/exchange/wire.h"
#include "sync/hub/http.h"
#include "sync/hub/hub.h"
#include "tests/support/crowd.h"
#include "tests/support/hub_process.h"

#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINES = 64,       // keep-alive connections that push
    PUSHES = 40,      // facts of each in a round
    SINGLE_PUSHES = 6 // the same with a commit for each fact, which takes its time
};

// ---- a server without a store -----------------------------------------------------------

// The same server that parses and checks signatures but has no store: the real route table's
// parts over a log that keeps nothing.
static enum err null_take(void *arg, const void *bytes, size_t len,
                          struct exchange_have *out) {
    struct batch_view b;
    (void)arg;
    enum err e = batch_parse(bytes, len, &b);
    e = e == ERR_NONE ? batch_verify(&b, NULL) : e;
    out->n = e == ERR_NONE ? b.from + b.count - 1 : 0;
    return e;
}

static enum err null_have(void *arg, const struct exchange_summary *offered,
                          struct exchange_have *out, bool *is_other) {
    (void)arg;
    out->n = offered->n;
    *is_other = false;
    return ERR_NONE;
}

static enum err null_head(void *arg, struct exchange_mark *out) {
    (void)arg;
    out->seq = 1;
    return ERR_NONE;
}

static enum err null_mark(void *arg, uint64_t seq, struct exchange_mark *out) {
    (void)arg;
    out->seq = seq;
    return ERR_NONE;
}

static enum err null_rows(void *arg, uint64_t after, uint32_t channels,
                          struct exchange_rows *out) {
    (void)arg;
    (void)after;
    (void)channels;
    out->count = 0;
    return ERR_NONE;
}

static enum err null_batch(void *arg, uint64_t stream, uint64_t n, struct bytes *out,
                           uint64_t *out_last) {
    (void)arg;
    (void)stream;
    (void)n;
    (void)out;
    (void)out_last;
    return ERR_NOT_FOUND;
}

static enum err null_claim(void *arg, uint64_t dev, const struct exchange_claim *claim,
                           struct exchange_claimed *out) {
    (void)arg;
    (void)dev;
    (void)claim;
    (void)out;
    return ERR_DENIED;
}

static void null_sync(struct call *c) {
    static const struct exchange_log log = {.take = null_take,
                                            .have = null_have,
                                            .head = null_head,
                                            .mark = null_mark,
                                            .rows = null_rows,
                                            .batch = null_batch,
                                            .claim = null_claim};
    struct exchange_caller caller = {.channels = CHANNEL_BIT(CHANNEL_DESK)};
    struct exchange_request *request = mem_alloc(1, sizeof *request);
    struct exchange_response *response = mem_alloc(1, sizeof *response);
    CHECK(wire_parse_request(c->in.data, c->in.len, request) == ERR_NONE);
    CHECK(exchange_answer(&log, &caller, request, response) == ERR_NONE);
    wire_format_response(response, &c->out);
    c->status = 200;
    exchange_request_finish(request);
    exchange_response_finish(response);
    mem_free(request);
    mem_free(response);
}

static void null_run(struct bench *b, int in, int out) {
    static const struct http_route routes[] = {
        {"POST", "/v1/sync", HTTP_SIGNED, null_sync}, {0}};
    struct hub *h = mem_alloc(1, sizeof *h);
    struct server *s = NULL;
    char what;
    (void)b;
    CHECK(server_start(h, "127.0.0.1:0", routes, &s) == ERR_NONE);
    unsigned port = server_port(s);
    CHECK(write(out, &port, sizeof port) == sizeof port);
    while (read(in, &what, 1) == 1 && what != 'q') {
        CHECK(write(out, &what, 1) == 1);
    }
    server_stop(s);
    mem_free(h);
}

// ---- ingest -----------------------------------------------------------------------------

struct queue { // what one line is to send
    struct bytes requests[PUSHES];
    size_t next;
};

static void fill(struct bench *b, struct light *l, struct queue *q, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct crowd_person p;
        struct bytes batch = {0};
        crowd_make(b->next++ % b->people, &p);
        light_admit(l, p.id, &batch);
        bytes_clear(&q->requests[i]);
        light_format_sync(l, &batch, &q->requests[i]);
        bytes_finish(&batch);
    }
    q->next = 0;
}

static size_t step(struct light *l, struct queue *q, size_t count) {
    if (!light_read(l)) {
        return 0;
    }
    CHECK(l->status == 200);
    if (q->next < count) {
        light_send(l, &q->requests[q->next++]);
    }
    return 1;
}

// Facts a second, one in each request, LINES requests at a time.
static double ingest(struct bench *b, unsigned port, size_t count) {
    static struct queue queues[LINES];
    struct pollfd polls[LINES];
    for (size_t i = 0; i < LINES; i++) {
        struct light *l = &b->lights[i];
        memset(&l->cur, 0, sizeof l->cur); // wants nothing back
        memset(&l->seen, 0, sizeof l->seen);
        fill(b, l, &queues[i], count);
        light_connect(l, port, 0);
        polls[i] = (struct pollfd){.fd = l->fd, .events = POLLIN};
    }
    double start = bench_now_s();
    for (size_t i = 0; i < LINES; i++) {
        light_send(&b->lights[i], &queues[i].requests[queues[i].next++]);
    }
    for (size_t done = 0; done < LINES * count;) {
        CHECK(poll(polls, LINES, 60000) > 0);
        for (size_t i = 0; i < LINES; i++) {
            if (polls[i].revents) {
                done += step(&b->lights[i], &queues[i], count);
            }
        }
    }
    return (double)(LINES * count) / (bench_now_s() - start);
}

struct ingest_figures {
    double rate[BENCH_ROUNDS];
    double cpu_us; // of the server, each fact
};

static void ingest_round(struct bench *b, struct server_process *s, size_t count,
                         double *out_rate, double *out_cpu_us) {
    double cpu = server_cpu_s(s);
    *out_rate = ingest(b, s->port, count);
    *out_cpu_us += (server_cpu_s(s) - cpu) * 1e6 / (double)(LINES * count) / BENCH_ROUNDS;
}

static void ingest_rounds(struct bench *b, struct server_process *hub,
                          struct server_process *none, struct ingest_figures f[3]) {
    static struct light before[LINES];
    double warm_up = 0;
    ingest_round(b, hub, PUSHES, &warm_up, &warm_up);
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        server_tell(hub, 'g');
        ingest_round(b, hub, PUSHES, &f[0].rate[i], &f[0].cpu_us);
        server_tell(hub, 's');
        ingest_round(b, hub, SINGLE_PUSHES, &f[1].rate[i], &f[1].cpu_us);
        // The hub does not see these: the streams go on from where it has them.
        memcpy(before, b->lights, sizeof before);
        ingest_round(b, none, PUSHES, &f[2].rate[i], &f[2].cpu_us);
        for (size_t k = 0; k < LINES; k++) {
            b->lights[k].n = before[k].n;
            memcpy(b->lights[k].h, before[k].h, sizeof before[k].h);
        }
    }
}

static void tell_ingest(const char *store, const char *against,
                        const struct ingest_figures *ours,
                        const struct ingest_figures *theirs, double least) {
    char what[64], text[160], budget[32];
    double ratio = bench_median_ratio(ours->rate, theirs->rate);
    snprintf(what, sizeof what, "hub ingest, %s / %s", store, against);
    snprintf(text, sizeof text, "%.2f x (%.0f / %.0f facts/s)", ratio,
             bench_median(ours->rate), bench_median(theirs->rate));
    snprintf(budget, sizeof budget, ">= %g x", least);
    bench_line(what, text, budget, ratio >= least);
}

static void bench_ingest(struct bench *b) {
    struct ingest_figures f[3] = {{.cpu_us = 0}};
    struct server_process hub, none;
    const char *store = b->log ? "PostgreSQL" : "SQLite";
    char text[160];
    server_spawn(b, null_run, &none);
    server_spawn(b, hub_run, &hub);
    ingest_rounds(b, &hub, &none, f);
    server_end(&hub);
    server_end(&none);
    tell_ingest(store, "no store", &f[0], &f[2], 0.3);
    tell_ingest(store, "commit each", &f[0], &f[1], 3);
    snprintf(text, sizeof text, "%.0f us, without store %.0f, each alone %.0f",
             f[0].cpu_us, f[2].cpu_us, f[1].cpu_us);
    bench_line("  its CPU time for a fact", text, "none set", true);
}

// ---- idle devices -----------------------------------------------------------------------

static void ring(struct light *l) {
    struct bytes request = {0};
    char path[64];
    snprintf(path, sizeof path, "/v1/wait?seq=%llu", (unsigned long long)l->seen.seq);
    light_format(l, "GET", path, NULL, &request);
    light_send(l, &request);
    bytes_finish(&request);
}

// Each device keeps two connections: one that just synced, one at the doorbell.
static void bench_idle(struct bench *b) {
    static struct light bells[BENCH_DEVICES];
    struct server_process hub;
    double kib[3] = {0};
    char text[160];
    server_spawn(b, hub_run, &hub);
    bench_rest(b, BENCH_DEVICES, hub.port);
    light_connect(&b->lights[0], hub.port, 0);
    for (int i = 0; i < 100; i++) { // what the hub needs once
        bench_sync(b, &b->lights[0]);
    }
    kib[0] = server_memory_kib(&hub);
    for (size_t i = 0; i < BENCH_DEVICES; i++) {
        bells[i] = b->lights[i];
        bells[i].fd = -1;
        bells[i].in = (struct bytes){0};
        light_connect(&b->lights[i], hub.port, (unsigned)(i % 4));
        bench_sync(b, &b->lights[i]);
        bells[i].seen = b->lights[i].seen;
        light_connect(&bells[i], hub.port, (unsigned)(i % 4));
        ring(&bells[i]);
        kib[1] = i + 1 == BENCH_DEVICES / 2 ? server_memory_kib(&hub) : kib[1];
    }
    kib[2] = server_memory_kib(&hub);
    for (size_t i = 0; i < BENCH_DEVICES; i++) {
        light_finish(&bells[i]);
        light_finish(&b->lights[i]);
    }
    server_end(&hub);
    double half = (kib[1] - kib[0]) / (BENCH_DEVICES / 2.0);
    double all = (kib[2] - kib[0]) / BENCH_DEVICES;
    snprintf(text, sizeof text, "%.1f KiB (of 500), %.1f KiB (of 1000)", half, all);
    bench_line("an idle kiosk at the hub, no TLS yet", text, "<= 20 KiB",
               half <= 20 && all <= 20);
}

int main(int argc, char **argv) {
    static struct bench b;
    if (argc < 3) {
        fprintf(stderr, "usage: bench_hub <folder> <people> [postgresql://...]\n");
        return 2;
    }
    CHECK(sodium_init() >= 0);
    log_set_level(LOG_LEVEL_ERROR);
    b.people = (uint32_t)strtoul(argv[2], NULL, 10);
    b.log = argc > 3 ? argv[3] : NULL;
    bench_make(&b, argv[1]);
    bench_ingest(&b);
    if (!b.log) {
        bench_idle(&b);
    }
    return 0;
}

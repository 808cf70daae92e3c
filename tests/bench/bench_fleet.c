// A fleet at the hub, over loopback: how fast a new kiosk has everything, and how fast an
// admission at one desk is at another with 500 devices connected. The two desks are real but
// for their windows, the other devices are light ones that ring, sync and ring again as real
// ones do. The hub is a process of its own.
//   bench_fleet <folder> <people>
#include "sync/agent/agent.h"
#include "sync/agent/enrol.h"
#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/zip.h"
#include "sync/hub/hub.h"
#include "sync/net/control.h"
#include "tests/support/crowd.h"
#include "tests/support/hub_process.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTED = 500, // the desks are two of them
    TRAVELS = 40,    // of each kind in a round
    TRAVEL_EVERY_MS = 100,
    LOST_S = 60,
    CHUNK_MAX = 32 * 1024 * 1024
};

struct desk {
    struct store_thread *store;
    struct agent *agent;
    char url[64];
    int woken[2]; // pipe: a double for each answer with facts, when it was folded
    uint64_t received;
};

// Of this process: what a busy machine does not stretch.
static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000},
              NULL);
}

// ---- desks ------------------------------------------------------------------------------

static void on_wake(void *arg) {
    struct desk *d = arg;
    struct agent_status s;
    double now = bench_now_s();
    if (!d->agent) {
        return; // agent_start did not return yet
    }
    agent_get_status(d->agent, &s);
    if (s.received != d->received) {
        d->received = s.received;
        CHECK(write(d->woken[1], &now, sizeof now) == sizeof now);
    }
}

static void enrol(struct bench *b, struct store *s, const char *url) {
    struct bytes out = {0};
    bool is_ok = false;
    char code[32], said[ENROL_TEXT_SIZE];
    json_t *args = json_pack("[s,s,s,s,s,s]", "--name", "Desk", "--role", "desk",
                             "--gate", "meeting");
    char *path = mem_format("%s/control", b->dir);
    struct control_request request = {.verb = "enrol", .args = args};
    CHECK(control_call(path, &request, &is_ok, &out) == ERR_NONE && is_ok);
    bytes_add_u8(&out, 0);
    CHECK(sscanf((const char *)out.data, "code %31s", code) == 1);
    struct enrol_wish wish = {.url = url, .code = code, .name = "Desk"};
    struct moment now = hub_moment(0);
    if (enrol_run(s, &wish, &now, said) != ERR_NONE) {
        fprintf(stderr, "bench_fleet: %s\n", said);
        exit(1);
    }
    mem_free(path);
    json_decref(args);
    bytes_finish(&out);
}

static void desk_open(struct bench *b, struct desk *d, unsigned port, unsigned number) {
    struct store *s = NULL;
    char *dir = mem_format("%s-desk-%u", b->dir, number);
    struct store_options o = {.dir = dir};
    *d = (struct desk){0};
    snprintf(d->url, sizeof d->url, "http://127.0.0.1:%u", port);
    CHECK(store_open(&o, &s) == ERR_NONE);
    enrol(b, s, d->url);
    CHECK(pipe(d->woken) == 0 && fcntl(d->woken[0], F_SETFL, O_NONBLOCK) == 0);
    d->store = store_thread_start(s, false);
    mem_free(dir);
}

static void desk_start(struct desk *d) {
    struct agent_options o = {
        .store = d->store, .url = d->url, .wake = on_wake, .wake_arg = d};
    d->agent = agent_start(&o);
}

static void desk_close(struct desk *d) {
    agent_stop(d->agent);
    agent_join(d->agent);
    store_thread_stop(d->store);
    store_thread_join(d->store);
    close(d->woken[0]);
    close(d->woken[1]);
}

// ---- everything for a new kiosk ---------------------------------------------------------

struct looks {
    bool has_programme;
    int64_t people;
};

static enum err look_run(struct store *s, void *arg) {
    struct looks *l = arg;
    struct moment now = {0};
    if (!l->has_programme) {
        struct programme *p = store_read_programme(s);
        l->has_programme = p->event.name[0] && p->gate_count;
        programme_destroy(p);
    }
    l->people = store_read_counts(s, "meeting", &now).people;
    return ERR_NONE;
}

struct bootstrap {
    double programme[BENCH_ROUNDS], all[BENCH_ROUNDS], plain[BENCH_ROUNDS];
    double cpu[BENCH_ROUNDS]; // of the kiosk
    size_t bytes;
};

static void fill_desk(struct bench *b, struct desk *d, struct bootstrap *out, int round) {
    struct looks l = {0};
    double start = bench_now_s();
    double cpu = cpu_s();
    desk_start(d);
    while (l.people < b->people) {
        pause_ms(10);
        CHECK(store_thread_call(d->store, look_run, &l, false) == ERR_NONE);
        CHECK(bench_now_s() - start < 10 * LOST_S);
        if (l.has_programme && out->programme[round] == 0) {
            out->programme[round] = bench_now_s() - start;
        }
    }
    out->all[round] = bench_now_s() - start;
    out->cpu[round] = cpu_s() - cpu;
}

static void get(struct light *l, const char *path) {
    struct bytes request = {0};
    light_format(l, "GET", path, NULL, &request);
    light_ask(l, &request);
    CHECK(l->status == 200);
    bytes_finish(&request);
}

// What anybody pays who gets the same bytes, unpacks them and has them on the disk.
static double get_plain(struct bench *b, unsigned port, size_t *out_bytes) {
    struct light *l = &b->lights[0];
    json_t *manifest = NULL;
    char path[128];
    double start = bench_now_s();
    light_connect(l, port, 0);
    get(l, "/v1/snap");
    CHECK(json_parse(l->in.data + l->body_at, l->body_len, &manifest) == ERR_NONE);
    const json_t *chunks = json_object_get(manifest, "chunks");
    snprintf(path, sizeof path, "%.100s/plain", b->dir);
    FILE *f = fopen(path, "wbe");
    CHECK(f);
    *out_bytes = 0;
    for (size_t i = 0; i < json_array_size(chunks); i++) {
        struct bytes raw = {0};
        snprintf(path, sizeof path, "/v1/blob/%s",
                 json_get_text(json_array_get(chunks, i), "hash", ""));
        get(l, path);
        CHECK(zip_unpack(l->in.data + l->body_at, l->body_len, CHUNK_MAX, &raw) ==
              ERR_NONE);
        CHECK(fwrite(raw.data, 1, raw.len, f) == raw.len);
        *out_bytes += l->body_len;
        bytes_finish(&raw);
    }
    CHECK(fflush(f) == 0 && fsync(fileno(f)) == 0 && fclose(f) == 0);
    json_decref(manifest);
    return bench_now_s() - start;
}

// The desks of the last two rounds stay, with all people.
static void bench_bootstrap(struct bench *b, unsigned port, struct desk desks[2]) {
    struct bootstrap f = {.bytes = 0};
    char text[160];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        struct desk *d = &desks[i % 2];
        if (i >= 2) {
            desk_close(d);
        }
        desk_open(b, d, port, (unsigned)i);
        fill_desk(b, d, &f, i);
        f.plain[i] = get_plain(b, port, &f.bytes);
    }
    double all = bench_median(f.all);
    snprintf(text, sizeof text, "%.2f s (its CPU %.2f; the first %.2f)", all,
             bench_median(f.cpu), f.all[0]);
    bench_line("all people from the hub to a new kiosk", text, "<= 5 s", all <= 5);
    snprintf(text, sizeof text, "%.1f x (%.2f s for %.1f MB)",
             bench_median_ratio(f.all, f.plain), bench_median(f.plain),
             (double)f.bytes / 1e6);
    bench_line("  against GET, unpack, write and fsync", text, "none set", true);
    double first = bench_median(f.programme);
    snprintf(text, sizeof text, "%.2f s (the first %.2f)", first, f.programme[0]);
    bench_line("  until its programme is there", text, "<= 1 s", first <= 1);
}

// ---- a fact travels ---------------------------------------------------------------------

struct crowd { // the light devices
    struct bench *bench;
    struct light bells[CONNECTED - 2]; // the same devices' other connection
    int epoll;
};

static void crowd_ring(struct crowd *c, size_t i) {
    struct bytes request = {0};
    char path[64];
    snprintf(path, sizeof path, "/v1/wait?seq=%llu",
             (unsigned long long)c->bench->lights[i].seen.seq);
    light_format(&c->bells[i], "GET", path, NULL, &request);
    light_send(&c->bells[i], &request);
    bytes_finish(&request);
}

static void crowd_watch(struct crowd *c, int fd, uint64_t what) {
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = what};
    CHECK(epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) == 0);
}

static void crowd_connect(struct crowd *c, unsigned port) {
    struct bench *b = c->bench;
    bench_rest(b, CONNECTED - 2, port);
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    CHECK(c->epoll >= 0);
    for (size_t i = 0; i < CONNECTED - 2; i++) {
        light_connect(&b->lights[i], port, (unsigned)(i % 4));
        bench_sync(b, &b->lights[i]);
        c->bells[i] = b->lights[i];
        c->bells[i].fd = -1;
        c->bells[i].in = (struct bytes){0};
        light_connect(&c->bells[i], port, (unsigned)(i % 4));
        crowd_watch(c, b->lights[i].fd, 2 * i);
        crowd_watch(c, c->bells[i].fd, 2 * i + 1);
        crowd_ring(c, i);
    }
}

static void crowd_leave(struct crowd *c) {
    for (size_t i = 0; i < CONNECTED - 2; i++) {
        light_finish(&c->bells[i]);
        light_finish(&c->bench->lights[i]);
    }
    close(c->epoll);
}

static void crowd_sync(struct crowd *c, size_t i) {
    struct bytes request = {0};
    light_format_sync(&c->bench->lights[i], NULL, &request);
    light_send(&c->bench->lights[i], &request);
    bytes_finish(&request);
}

// What came for one connection: ring -> sync -> ring.
static void crowd_step(struct crowd *c, uint64_t what) {
    size_t i = what / 2;
    struct light *l = what % 2 ? &c->bells[i] : &c->bench->lights[i];
    if (!light_read(l)) {
        return;
    }
    if (what % 2 && l->status == 200) {
        crowd_sync(c, i);
    } else if (what % 2) {
        CHECK(l->status == 204);
        crowd_ring(c, i);
    } else {
        light_take_sync(l, &c->bench->scratch);
        if (c->bench->scratch.has_more) {
            crowd_sync(c, i);
        } else {
            crowd_ring(c, i);
        }
    }
}

// Lets the crowd live for a while at most; c may be NULL.
static void crowd_live(struct crowd *c, int ms) {
    struct epoll_event events[64];
    if (!c) {
        pause_ms(ms);
        return;
    }
    int count = epoll_wait(c->epoll, events, 64, ms);
    for (int i = 0; i < count; i++) {
        crowd_step(c, events[i].data.u64);
    }
}

struct admit_job {
    char person[PERSON_ID_SIZE];
    struct agent_status status;
    struct admit_result result;
};

static enum err admit_run(struct store *s, void *arg) {
    struct admit_job *job = arg;
    struct moment now = agent_moment(&job->status);
    struct admit_request r = {.gate = "meeting",
                              .person = job->person,
                              .by = "",
                              .basis = agent_basis(&job->status, now.mono_ms),
                              .now = now};
    return store_admit(s, &r, &job->result);
}

// Seconds from the scan at one desk until it is folded at the other and the screen told.
static double travel(struct bench *b, struct desk desks[2], struct crowd *c) {
    struct admit_job job;
    struct crowd_person p;
    double arrived;
    while (read(desks[1].woken[0], &arrived, sizeof arrived) > 0) {
    }
    crowd_make(b->next++ % b->people, &p);
    snprintf(job.person, sizeof job.person, "%s", p.id);
    agent_get_status(desks[0].agent, &job.status);
    double start = bench_now_s();
    CHECK(store_thread_call(desks[0].store, admit_run, &job, false) == ERR_NONE);
    CHECK(job.result.verdict == VERDICT_ADMITTED);
    agent_tell_change(desks[0].agent);
    while (read(desks[1].woken[0], &arrived, sizeof arrived) != sizeof arrived) {
        crowd_live(c, 1);
        CHECK(bench_now_s() - start < LOST_S);
    }
    for (double end = arrived + TRAVEL_EVERY_MS / 1000.0; bench_now_s() < end;) {
        crowd_live(c, 5);
    }
    return arrived - start;
}

static void tell_travel(double *with, double *alone, double cpu_ms) {
    enum { ALL = BENCH_ROUNDS * TRAVELS };
    char text[160];
    double p99 = 1000 * bench_quantile(with, ALL, 0.99);
    double p50 = 1000 * bench_quantile(with, ALL, 0.5);
    snprintf(text, sizeof text, "%.0f ms (p50 %.0f; hub's CPU %.0f)", p99, p50, cpu_ms);
    bench_line("scan -> folded at another desk, p99, 500 there", text, "<= 250 ms",
               p99 <= 250);
    snprintf(text, sizeof text, "%.0f ms (p50 %.0f)",
             1000 * bench_quantile(alone, ALL, 0.99),
             1000 * bench_quantile(alone, ALL, 0.5));
    bench_line("  with these two desks alone", text, "none set", true);
}

static void bench_travel(struct bench *b, const struct server_process *hub,
                         struct desk desks[2]) {
    static struct crowd crowd;
    static double with[BENCH_ROUNDS * TRAVELS], alone[BENCH_ROUNDS * TRAVELS];
    double cpu = 0;
    crowd.bench = b;
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        for (int k = 0; k < TRAVELS; k++) {
            alone[i * TRAVELS + k] = travel(b, desks, NULL);
        }
        crowd_connect(&crowd, hub->port);
        double before = server_cpu_s(hub);
        for (int k = 0; k < TRAVELS; k++) {
            with[i * TRAVELS + k] = travel(b, desks, &crowd);
        }
        cpu += server_cpu_s(hub) - before;
        crowd_leave(&crowd);
    }
    tell_travel(with, alone, 1000 * cpu / (BENCH_ROUNDS * TRAVELS));
}

int main(int argc, char **argv) {
    static struct bench b;
    struct server_process hub;
    struct desk desks[2];
    if (argc != 3) {
        fprintf(stderr, "usage: bench_fleet <folder> <people>\n");
        return 2;
    }
    CHECK(sodium_init() >= 0);
    log_set_level(LOG_LEVEL_ERROR);
    b.people = (uint32_t)strtoul(argv[2], NULL, 10);
    bench_make(&b, argv[1]);
    server_spawn(&b, hub_run, &hub);
    bench_rest(&b, 1, hub.port);
    bench_bootstrap(&b, hub.port, desks);
    bench_travel(&b, &hub, desks);
    desk_close(&desks[0]);
    desk_close(&desks[1]);
    server_end(&hub);
    return 0;
}

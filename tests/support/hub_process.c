#include "tests/support/hub_process.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "sync/hub/devices.h"
#include "sync/hub/hub.h"
#include "sync/hub/init.h"
#include "tests/support/crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// ---- figures ----------------------------------------------------------------------------

double bench_now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t count, double p) {
    qsort(values, count, sizeof *values, compare);
    return values[(size_t)(p * (double)(count - 1) + 0.5)];
}

double bench_median_ratio(const double a[BENCH_ROUNDS], const double b[BENCH_ROUNDS]) {
    double ratios[BENCH_ROUNDS];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        ratios[i] = a[i] / b[i];
    }
    return bench_quantile(ratios, BENCH_ROUNDS, 0.5);
}

double bench_median(const double values[BENCH_ROUNDS]) {
    double copy[BENCH_ROUNDS];
    memcpy(copy, values, sizeof copy);
    return bench_quantile(copy, BENCH_ROUNDS, 0.5);
}

void bench_line(const char *what, const char *got, const char *budget, bool is_met) {
    printf("%-46s %-38s %-16s %s\n", what, got, budget, is_met ? "" : "missed");
    fflush(stdout);
}

// ---- the servers ------------------------------------------------------------------------

void server_spawn(struct bench *b, server_run *run, struct server_process *out) {
    int in[2], from[2];
    CHECK(pipe(in) == 0 && pipe(from) == 0);
    fflush(stdout);
    out->pid = fork();
    CHECK(out->pid >= 0);
    if (out->pid == 0) {
        close(in[1]);
        close(from[0]);
        run(b, in[0], from[1]);
        _exit(0);
    }
    close(in[0]);
    close(from[1]);
    out->to = in[1];
    out->from = from[0];
    CHECK(read(out->from, &out->port, sizeof out->port) == sizeof out->port);
}

void server_tell(struct server_process *s, char what) {
    char done;
    CHECK(write(s->to, &what, 1) == 1);
    CHECK(what == 'q' || read(s->from, &done, 1) == 1);
}

void server_end(struct server_process *s) {
    int status = 0;
    server_tell(s, 'q');
    CHECK(waitpid(s->pid, &status, 0) == s->pid && status == 0);
    close(s->to);
    close(s->from);
}

double server_cpu_s(const struct server_process *s) {
    enum { USER = 11, KERNEL = 12 }; // fields after the name in brackets, proc(5)
    char path[64];
    char line[1024];
    unsigned long ticks = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)s->pid);
    FILE *f = fopen(path, "re");
    CHECK(f && fgets(line, sizeof line, f));
    fclose(f);
    char *at = strrchr(line, ')');
    CHECK(at);
    char *save = NULL;
    char *word = strtok_r(at + 1, " ", &save);
    for (int i = 0; word && i <= KERNEL; i++, word = strtok_r(NULL, " ", &save)) {
        ticks += i == USER || i == KERNEL ? strtoul(word, NULL, 10) : 0;
    }
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

double server_memory_kib(const struct server_process *s) {
    char path[64], text[256];
    double kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)s->pid);
    FILE *f = fopen(path, "re");
    CHECK(f);
    while (fgets(text, sizeof text, f)) {
        if (strncmp(text, "VmRSS:", 6) == 0) {
            kib = strtod(text + 6, NULL);
        }
    }
    fclose(f);
    return kib;
}

void hub_run(struct bench *b, int in, int out) {
    struct hub *h = NULL;
    struct hub_options o = {.dir = b->dir, .listen = "127.0.0.1:0"};
    CHECK(hub_start(&o, &h) == ERR_NONE);
    unsigned port = hub_port(h);
    CHECK(write(out, &port, sizeof port) == sizeof port);
    char what;
    while (read(in, &what, 1) == 1 && what != 'q') {
        store_thread_set_group(h->store, what == 's' ? 1 : SIZE_MAX);
        CHECK(write(out, &what, 1) == 1);
    }
    hub_stop(h);
}

// ---- making the event -------------------------------------------------------------------

static enum err seed_people(struct store *s, const struct bench *b,
                            const struct moment *now) {
    struct drafts d = {0};
    struct store_diff diff;
    CHECK(drafts_add(&d, "event", "event",
                     json_pack("{s:s,s:s,s:s,s:s}", "name", "Bench 1", "zone",
                               "America/Chicago", "start", "2015-03-22", "end",
                               "2015-03-27")) == ERR_NONE);
    CHECK(drafts_add(&d, "gate", "meeting",
                     json_pack("{s:s,s:s}", "name", "Meeting", "reentry", "free")) ==
          ERR_NONE);
    for (uint32_t i = 0; i < b->people; i++) {
        struct crowd_person p;
        crowd_make(i, &p);
        CHECK(drafts_add(&d, "person", p.id, crowd_body(&p)) == ERR_NONE);
    }
    enum err e = store_author(s, &d, now, &diff);
    drafts_finish(&d);
    return e;
}

static enum err seed_run(struct store *s, void *arg) {
    struct bench *b = arg;
    struct moment now = hub_moment(0);
    struct device_wish wish = {.name = "Desk", .role = "desk", .gate = "meeting"};
    struct store_identity id = store_identity_get(s);
    memcpy(b->event, id.event, sizeof b->event);
    enum err e = seed_people(s, b, &now);
    for (size_t i = 0; i < BENCH_DEVICES && e == ERR_NONE; i++) {
        light_init(&b->lights[i], b->event);
        e = devices_enrol(s, &wish, b->lights[i].key, &now);
    }
    return e;
}

// Needs threads, so it is a process; the lights' keys come back by the pipe.
static void make_run(struct bench *b, int in, int out) {
    struct hub *h = NULL;
    struct hub_options o = {.dir = b->dir, .listen = "127.0.0.1:0", .log = b->log};
    struct init_options init = {.dir = b->dir, .log = b->log, .now = hub_moment(0)};
    (void)in;
    CHECK(freopen("/dev/null", "w", stdout));
    CHECK(init_event(&init) == ERR_NONE);
    CHECK(hub_start(&o, &h) == ERR_NONE);
    CHECK(store_thread_call(h->store, seed_run, b, true) == ERR_NONE);
    hub_stop(h);
    FILE *f = fdopen(out, "w");
    unsigned port = 0;
    CHECK(f && fwrite(&port, sizeof port, 1, f) == 1 &&
          fwrite(b->event, sizeof b->event, 1, f) == 1 &&
          fwrite(b->lights, sizeof b->lights, 1, f) == 1 && fclose(f) == 0);
}

void bench_make(struct bench *b, const char *folder) {
    snprintf(b->dir, sizeof b->dir, "%s/hub", folder);
    struct server_process s;
    server_spawn(b, make_run, &s);
    FILE *f = fdopen(s.from, "r");
    int status = 0;
    CHECK(f && fread(b->event, sizeof b->event, 1, f) == 1 &&
          fread(b->lights, sizeof b->lights, 1, f) == 1);
    CHECK(waitpid(s.pid, &status, 0) == s.pid && status == 0);
    fclose(f);
    close(s.to);
}

// ---- lights -----------------------------------------------------------------------------

void bench_sync(struct bench *b, struct light *l) {
    struct bytes request = {0};
    light_format_sync(l, NULL, &request);
    light_ask(l, &request);
    light_take_sync(l, &b->scratch);
    bytes_finish(&request);
}

// Where the fleet stands already: a device that came to rest, not one that starts.
void bench_rest(struct bench *b, size_t count, unsigned port) {
    struct light first = b->lights[0];
    first.fd = -1;
    first.in = (struct bytes){0};
    light_connect(&first, port, 0);
    bench_sync(b, &first); // tells log and channels
    first.cur.at = first.seen;
    for (size_t i = 0; i < count; i++) {
        b->lights[i].cur = first.cur;
        b->lights[i].seen = first.seen;
    }
    light_finish(&first);
}

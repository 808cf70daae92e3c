// For benches of the hub: an event with any number of people and 1,000 light devices, the hub
// as a process of its own, and figures in the columns of bench.sh. One thread, which forks:
// no other may run. Failures end the program (CHECK).
#ifndef TESTS_SUPPORT_HUB_PROCESS_H
#define TESTS_SUPPORT_HUB_PROCESS_H

#include "tests/support/light.h"

#include <sys/types.h>

enum { BENCH_ROUNDS = 5, BENCH_DEVICES = 1000 };

struct bench {
    char dir[256];   // of the hub
    const char *log; // of PostgreSQL, or NULL
    uint32_t people; // of crowd.h
    uint32_t next;   // person to come next
    uint8_t event[FACT_EVENT_BYTES];
    struct light lights[BENCH_DEVICES];
    struct exchange_response scratch;
};

// Makes <folder>/hub: event, gate "meeting" (re-entry is free), people, devices.
void bench_make(struct bench *b, const char *folder);
// Puts count lights where the fleet stands: devices that came to rest, not ones that start.
void bench_rest(struct bench *b, size_t count, unsigned port);
void bench_sync(struct bench *b, struct light *l); // one round, nothing to push

struct server_process {
    pid_t pid;
    int to, from; // pipes
    unsigned port;
};
// In the child: writes its port (unsigned) to out, then for each byte that comes does what it
// says and writes it back, until 'q'.
typedef void server_run(struct bench *b, int in, int out);
// g: jobs share commits, as ever; s: each job has its own.
void hub_run(struct bench *b, int in, int out);

void server_spawn(struct bench *b, server_run *run, struct server_process *out);
void server_tell(struct server_process *s, char what);
void server_end(struct server_process *s);
double server_cpu_s(const struct server_process *s);      // since it began
double server_memory_kib(const struct server_process *s); // resident

double bench_now_s(void);
double bench_quantile(double *values, size_t count, double p); // sorts; p in 0..1
double bench_median(const double values[BENCH_ROUNDS]);
double bench_median_ratio(const double a[BENCH_ROUNDS], const double b[BENCH_ROUNDS]);
void bench_line(const char *what, const char *got, const char *budget, bool is_met);

#endif

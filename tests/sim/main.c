#define _DEFAULT_SOURCE // MAP_ANONYMOUS
// foyer-sim: runs seeds. See sim.h for what a seed is, oracle.h for what must hold.
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "tests/sim/sim.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64, SEED_S = 600 };

struct options {
    uint64_t from, count;
    unsigned jobs;
    bool is_one, is_twice, is_restarts;
    const char *kept; // a file of seeds
};

// Shared by the processes that run seeds.
struct job {
    uint64_t seed; // under way
    struct totals totals;
    uint64_t bad, worst;
};

static void usage(void) {
    fputs("usage: foyer-sim --seed N            one seed, with its trace\n"
          "       foyer-sim --from N --count M [--jobs J]\n"
          "                                     many, with the totals\n"
          "       foyer-sim --scenario restarts [--count M]\n"
          "                                     M starts of two kiosks, 10,000\n"
          "       foyer-sim --kept FILE         the seeds of a file, one a line\n"
          "       --twice                       each seed twice: the same hash\n",
          stderr);
    exit(2);
}

static uint64_t number(const char *text) {
    char *end = NULL;
    uint64_t v = text ? strtoull(text, &end, 0) : 0;
    if (!text || *end || end == text) {
        usage();
    }
    return v;
}

static struct options parse(int argc, char **argv) {
    struct options o = {.from = 1, .count = 1, .jobs = 1};
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--seed") == 0) {
            o.from = number(next);
            o.is_one = true;
            i++;
        } else if (strcmp(argv[i], "--from") == 0) {
            o.from = number(next);
            i++;
        } else if (strcmp(argv[i], "--count") == 0) {
            o.count = number(next);
            i++;
        } else if (strcmp(argv[i], "--jobs") == 0) {
            o.jobs = (unsigned)number(next);
            i++;
        } else if (strcmp(argv[i], "--kept") == 0 && next) {
            o.kept = next;
            i++;
        } else if (strcmp(argv[i], "--scenario") == 0 && next &&
                   strcmp(next, "restarts") == 0) {
            o.is_restarts = true;
            o.count = 10000;
            i++;
        } else if (strcmp(argv[i], "--twice") == 0) {
            o.is_twice = true;
        } else {
            usage();
        }
    }
    o.jobs = o.jobs < 1 ? 1 : o.jobs > JOBS_MAX ? JOBS_MAX : o.jobs;
    return o;
}

// Runs one seed; returns its hash. Says what went wrong.
static uint64_t run_seed(struct stage *stage, struct job *job, uint64_t seed,
                         uint64_t starts, bool is_verbose) {
    struct sim *s = mem_alloc(1, sizeof *s);
    s->is_verbose = is_verbose;
    job->seed = seed;
    alarm(SEED_S);
    if (starts) {
        sim_run_restarts(s, stage, starts);
    } else {
        sim_run(s, stage, seed);
    }
    uint64_t hash = s->hash;
    if (s->trouble[0]) {
        job->bad++;
        printf("seed %llu: %s\n", (unsigned long long)seed, s->trouble);
        fflush(stdout);
    }
    totals_add(&job->totals, &s->totals);
    sim_finish(s);
    mem_free(s);
    alarm(0);
    return hash;
}

static void run_checked(struct stage *stage, struct job *job, uint64_t seed,
                        const struct options *o) {
    uint64_t hash = run_seed(stage, job, seed, 0, o->is_one);
    if (o->is_one) {
        printf("hash %016llx\n", (unsigned long long)hash);
    }
    if (o->is_twice && run_seed(stage, job, seed, 0, false) != hash) {
        job->bad++;
        printf("seed %llu: another hash the second time\n", (unsigned long long)seed);
    }
}

static void run_kept(struct stage *stage, struct job *job, const struct options *o) {
    FILE *f = fopen(o->kept, "re");
    char line[256];
    if (!f) {
        perror(o->kept);
        exit(2);
    }
    while (fgets(line, sizeof line, f)) {
        if (line[0] >= '0' && line[0] <= '9') {
            run_checked(stage, job, strtoull(line, NULL, 10), o);
        }
    }
    fclose(f);
}

static void run_range(const struct options *o, struct job *job, unsigned index) {
    struct stage stage;
    stage_build(&stage);
    if (o->is_restarts) {
        run_seed(&stage, job, o->from, o->count, false);
    } else if (o->kept) {
        run_kept(&stage, job, o);
    } else {
        for (uint64_t i = index; i < o->count; i += o->jobs) {
            run_checked(&stage, job, o->from + i, o);
        }
    }
    stage_finish(&stage);
    disk_finish();
}

// One process for each job; one that dies counts as a bad seed.
static void run_jobs(const struct options *o, struct job *jobs) {
    pid_t pids[JOBS_MAX];
    fflush(stdout);
    for (unsigned j = 0; j < o->jobs; j++) {
        pids[j] = fork();
        CHECK(pids[j] >= 0);
        if (pids[j] == 0) {
            run_range(o, &jobs[j], j);
            fflush(stdout);
            _exit(0);
        }
    }
    for (unsigned j = 0; j < o->jobs; j++) {
        int status = 0;
        waitpid(pids[j], &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            jobs[j].bad++;
            jobs[j].totals.of[T_OTHER]++;
            printf("seed %llu: the program died (%s %d)\n",
                   (unsigned long long)jobs[j].seed,
                   WIFSIGNALED(status) ? "signal" : "exit",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        }
    }
}

int main(int argc, char **argv) {
    struct options o = parse(argc, argv);
    struct job *jobs = mmap(NULL, JOBS_MAX * sizeof *jobs, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct totals totals = {{0}};
    uint64_t bad = 0;
    CHECK(jobs != MAP_FAILED);
    mallopt(M_TRIM_THRESHOLD, 1 << 28); // each seed takes and gives back the same
    mallopt(M_MMAP_THRESHOLD, 1 << 28);
    log_set_level((enum log_level)(getenv("FOYER_LOG") ? LOG_LEVEL_DEBUG : 0));
    if (o.jobs == 1) {
        run_range(&o, &jobs[0], 0);
    } else {
        run_jobs(&o, jobs);
    }
    for (unsigned j = 0; j < o.jobs; j++) {
        totals_add(&totals, &jobs[j].totals);
        bad += jobs[j].bad;
    }
    totals_print(&totals);
    printf("%llu bad\n", (unsigned long long)bad);
    munmap(jobs, JOBS_MAX * sizeof *jobs);
    return bad ? 1 : 0;
}

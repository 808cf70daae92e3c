#include "sync/store/thread.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <pthread.h>
#include <time.h>

enum { GROUP_MAX = 512, LOAD_SLICE = 2000, IDLE_MS = 2000 };

struct store_thread {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t mutex; // protects everything below
    pthread_cond_t changed;
    struct store_job queue[STORE_QUEUE_MAX]; // ring
    size_t first, count;
    bool is_stopping;
    bool is_loading;
    bool needs_checkpoint;
};

// The jobs at the head that may share one commit; at least one. Caller holds the mutex.
static size_t take_group(struct store_thread *t, struct store_job *out) {
    size_t n = 0;
    while (n < t->count && n < GROUP_MAX) {
        const struct store_job *job = &t->queue[(t->first + n) % STORE_QUEUE_MAX];
        if (n && !job->is_grouped) {
            break;
        }
        out[n++] = *job;
        if (!job->is_grouped) {
            break;
        }
    }
    t->first = (t->first + n) % STORE_QUEUE_MAX;
    t->count -= n;
    return n;
}

static void finish_job(const struct store_job *job, enum err e) {
    if (job->done) {
        job->done(job->arg, e);
    }
}

// Runs grouped jobs in one commit: each is told its own result, or the commit's failure.
static void run_group(struct store *s, struct store_job *jobs, size_t n) {
    enum err results[GROUP_MAX];
    enum err e = store_begin(s);
    for (size_t i = 0; i < n; i++) {
        results[i] = e == ERR_NONE ? jobs[i].run(s, jobs[i].arg) : e;
    }
    if (e == ERR_NONE) {
        e = store_commit(s);
    }
    for (size_t i = 0; i < n; i++) {
        finish_job(&jobs[i], e == ERR_NONE ? results[i] : e);
    }
}

static void run_jobs(struct store *s, struct store_job *jobs, size_t n) {
    if (jobs[0].is_grouped) {
        run_group(s, jobs, n);
    } else {
        finish_job(&jobs[0], jobs[0].run(s, jobs[0].arg));
    }
}

// Nothing queued: load search keys in slices, then checkpoint once, then sleep.
static void be_idle(struct store_thread *t) {
    if (t->is_loading) {
        pthread_mutex_unlock(&t->mutex);
        bool is_done = store_search_load(t->store, LOAD_SLICE);
        pthread_mutex_lock(&t->mutex);
        t->is_loading = !is_done;
        return;
    }
    if (!t->needs_checkpoint) {
        pthread_cond_wait(&t->changed, &t->mutex);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_MS / 1000;
    if (pthread_cond_timedwait(&t->changed, &t->mutex, &until) != 0 && !t->count) {
        t->needs_checkpoint = false;
        pthread_mutex_unlock(&t->mutex);
        store_checkpoint_idle(t->store);
        pthread_mutex_lock(&t->mutex);
    }
}

static void *run_thread(void *arg) {
    struct store_thread *t = arg;
    struct store_job *jobs = mem_alloc(GROUP_MAX, sizeof *jobs);
    pthread_mutex_lock(&t->mutex);
    while (t->count || !t->is_stopping) {
        if (!t->count) {
            be_idle(t);
            continue;
        }
        size_t n = take_group(t, jobs);
        t->needs_checkpoint = true;
        pthread_mutex_unlock(&t->mutex);
        run_jobs(t->store, jobs, n);
        pthread_mutex_lock(&t->mutex);
    }
    pthread_mutex_unlock(&t->mutex);
    mem_free(jobs);
    return NULL;
}

struct store_thread *store_thread_start(struct store *s, bool is_loading) {
    struct store_thread *t = mem_alloc(1, sizeof *t);
    t->store = s;
    t->is_loading = is_loading;
    pthread_mutex_init(&t->mutex, NULL);
    pthread_condattr_t monotonic; // the wall clock may be set back by years
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    CHECK(pthread_create(&t->thread, NULL, run_thread, t) == 0);
    return t;
}

enum err store_thread_post(struct store_thread *t, const struct store_job *job) {
    pthread_mutex_lock(&t->mutex);
    enum err e =
        t->is_stopping ? ERR_CLOSED : (t->count == STORE_QUEUE_MAX ? ERR_FULL : ERR_NONE);
    if (e == ERR_NONE) {
        t->queue[(t->first + t->count++) % STORE_QUEUE_MAX] = *job;
        pthread_cond_signal(&t->changed);
    }
    pthread_mutex_unlock(&t->mutex);
    return e;
}

struct call {
    enum err (*run)(struct store *s, void *arg);
    void *arg;
    enum err result;
    bool is_done;
    pthread_mutex_t mutex;
    pthread_cond_t done;
};

static enum err call_run(struct store *s, void *arg) {
    struct call *c = arg;
    return c->run(s, c->arg);
}

static void call_done(void *arg, enum err e) {
    struct call *c = arg;
    pthread_mutex_lock(&c->mutex);
    c->result = e;
    c->is_done = true;
    pthread_cond_signal(&c->done);
    pthread_mutex_unlock(&c->mutex);
}

enum err store_thread_call(struct store_thread *t,
                           enum err (*run)(struct store *s, void *arg), void *arg,
                           bool is_grouped) {
    struct call c = {.run = run, .arg = arg};
    pthread_mutex_init(&c.mutex, NULL);
    pthread_cond_init(&c.done, NULL);
    struct store_job job = {call_run, call_done, &c, is_grouped};
    enum err e = store_thread_post(t, &job);
    if (e == ERR_NONE) {
        pthread_mutex_lock(&c.mutex);
        while (!c.is_done) {
            pthread_cond_wait(&c.done, &c.mutex);
        }
        pthread_mutex_unlock(&c.mutex);
        e = c.result;
    }
    pthread_cond_destroy(&c.done);
    pthread_mutex_destroy(&c.mutex);
    return e;
}

void store_thread_stop(struct store_thread *t) {
    pthread_mutex_lock(&t->mutex);
    t->is_stopping = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->mutex);
}

void store_thread_join(struct store_thread *t) {
    if (!t) {
        return;
    }
    pthread_join(t->thread, NULL);
    store_close(t->store);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->mutex);
    mem_free(t);
}

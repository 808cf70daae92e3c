#include "sync/store/thread.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/wait.h"
#include "sync/store/scrub.h"
#include "sync/store/shared.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

enum {
    GROUP_MAX = 512,
    LOAD_SLICE = 2000,
    CHECK_SLICE = 50, // facts; some 20 ms on a Pi
    IDLE_MS = 2000,
    PAUSE_MS = 100,
    WAL_PAUSE_BYTES = 4 * 1024 * 1024, // from then on a pause is enough for a checkpoint
    WAL_MAX_BYTES = 16 * 1024 * 1024,  // and from here on it waits for none
    RESERVE_EVERY_MS = 60000,
    RETRY_MIN_MS = 250, // between attempts to open the store again, doubling
    RETRY_MAX_MS = 30000
};

struct store_thread {
    struct store *store;
    pthread_t thread;
    bool is_over;          // the owner waited for its end
    pthread_mutex_t mutex; // protects the queue, group_max, is_stopping and disk
    pthread_cond_t changed;
    struct store_job queue[STORE_QUEUE_MAX]; // ring
    size_t first, count;
    size_t group_max;
    bool is_stopping;
    enum store_disk disk;
    // The thread's own.
    bool loads, is_loading; // search keys
    bool is_checking;
    bool needs_checkpoint;
    bool is_scrubbing;   // what was erased
    size_t wal_tried;    // bytes when a checkpoint did not work
    uint64_t reserve_ms; // mono: when the reserve may be made
    bool is_down;        // the store could not be opened again yet
    uint64_t retry_ms;
    unsigned retries;
};

// The jobs at the head that may share one commit; at least one. Caller holds the mutex.
static size_t take_group(struct store_thread *t, struct store_job *out) {
    size_t n = 0;
    while (n < t->count && n < t->group_max) {
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

static void finish_all(const struct store_job *jobs, size_t n, const enum err *results,
                       enum err e) {
    for (size_t i = 0; i < n; i++) {
        finish_job(&jobs[i], e == ERR_NONE ? results[i] : e);
    }
}

// Of the store, not of the job.
static bool is_store_trouble(enum err e) {
    return e == ERR_IO || e == ERR_FULL || e == ERR_CORRUPT;
}

// One attempt to bring all jobs into one commit. A job that failed may have written half of
// what it wanted: then nothing of the group stands, and *out_failed names it (else n).
static enum err try_group(struct store *s, const struct store_job *jobs, size_t n,
                          enum err *results, size_t *out_failed) {
    *out_failed = n;
    enum err e = jobs[0].is_reading ? store_begin_reading(s) : store_begin(s);
    if (e != ERR_NONE) {
        return e;
    }
    for (size_t i = 0; i < n; i++) {
        results[i] = jobs[i].run(s, jobs[i].arg);
        if (results[i] != ERR_NONE) {
            *out_failed = i;
            store_rollback(s);
            return results[i];
        }
    }
    return store_commit(s);
}

// Runs grouped jobs in one commit: each is told its own result, or the commit's failure. The
// others of a group with a failed job run again without it: no savepoint on the good path.
static void run_group(struct store *s, struct store_job *jobs, size_t n) {
    enum err results[GROUP_MAX];
    bool is_second = false;
    while (n) {
        size_t failed;
        enum store_disk before = store_disk_state(s);
        enum err e = try_group(s, jobs, n, results, &failed);
        bool has_made_room = e == ERR_FULL && store_disk_state(s) == STORE_DISK_LOW &&
                             before == STORE_DISK_OK;
        if (has_made_room && !is_second) {
            is_second = true;
            continue;
        }
        if (e == ERR_NONE || failed == n || is_store_trouble(e)) {
            finish_all(jobs, n, results, e);
            return;
        }
        finish_job(&jobs[failed], e);
        memmove(&jobs[failed], &jobs[failed + 1], (n - failed - 1) * sizeof *jobs);
        n--;
    }
}

// Writers first: who only reads must not hold the counter that other instances wait for.
static size_t sort_writers(struct store_job *jobs, size_t n) {
    struct store_job readers[GROUP_MAX];
    size_t writers = 0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].is_reading) {
            readers[count++] = jobs[i];
        } else {
            jobs[writers++] = jobs[i];
        }
    }
    memcpy(jobs + writers, readers, count * sizeof *readers);
    return writers;
}

static void run_jobs(struct store *s, struct store_job *jobs, size_t n) {
    if (jobs[0].is_grouped && store_is_shared(s)) {
        size_t writers = sort_writers(jobs, n);
        if (writers) {
            run_group(s, jobs, writers);
        }
        if (writers < n) {
            run_group(s, jobs + writers, n - writers);
        }
    } else if (jobs[0].is_grouped) {
        run_group(s, jobs, n);
    } else {
        finish_job(&jobs[0], jobs[0].run(s, jobs[0].arg));
    }
}

// After a failed write the store is opened again before anything else; what comes in between
// is told so. Caller holds no mutex.
static void mend(struct store_thread *t) {
    uint64_t now = clock_mono_ms();
    if (!t->is_down && !store_has_failed(t->store)) {
        return;
    }
    if (t->is_down && now < t->retry_ms) {
        return;
    }
    t->is_down = store_reopen(t->store) != ERR_NONE;
    if (!t->is_down) {
        log_info("store: opened again after a failed write");
        t->retries = 0;
        t->is_loading = t->loads;
        t->is_checking = true;
        return;
    }
    unsigned shift = t->retries < 7 ? t->retries++ : 7;
    uint64_t wait = (uint64_t)RETRY_MIN_MS << shift;
    t->retry_ms = clock_mono_ms() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS);
    log_error("store: cannot be opened again; next try in %llu ms",
              (unsigned long long)wait);
}

static void work(struct store_thread *t, struct store_job *jobs, size_t n) {
    mend(t);
    if (t->is_down) {
        for (size_t i = 0; i < n; i++) {
            finish_job(&jobs[i], ERR_IO);
        }
        return;
    }
    run_jobs(t->store, jobs, n);
    mend(t);
}

// A slice of what can wait; false: nothing. Caller holds no mutex.
static bool work_idle(struct store_thread *t) {
    mend(t);
    if (t->is_down) {
        return false;
    }
    if (t->is_loading) {
        t->is_loading = !store_search_load(t->store, LOAD_SLICE);
        return true;
    }
    if (t->is_checking) {
        enum err e;
        t->is_checking = !store_check_step(t->store, CHECK_SLICE, &e);
        return true;
    }
    if (t->is_scrubbing) {
        enum err e = scrub_slice(t->store, SCRUB_SLICE_PAGES);
        t->is_scrubbing = e == ERR_NONE && scrub_is_due(t->store);
        return true;
    }
    if (store_needs_reserve(t->store) && clock_mono_ms() >= t->reserve_ms) {
        store_reserve_step(t->store);
        t->reserve_ms = clock_mono_ms() + RESERVE_EVERY_MS;
        return true;
    }
    return false;
}

// When something is to be done even if no job comes, of the monotonic clock.
static uint64_t idle_until_ms(const struct store_thread *t) {
    uint64_t now = clock_mono_ms();
    uint64_t at = UINT64_MAX;
    if (t->is_down) {
        at = t->retry_ms;
    } else if (t->needs_checkpoint) {
        at = now + (store_wal_bytes(t->store) < WAL_PAUSE_BYTES ? IDLE_MS : PAUSE_MS);
    } else if (store_needs_reserve(t->store)) {
        at = t->reserve_ms;
    }
    return at;
}

// Nothing queued: a slice of work, then checkpoint once, then sleep. Caller holds the mutex.
static void be_idle(struct store_thread *t) {
    pthread_mutex_unlock(&t->mutex);
    bool has_worked = work_idle(t);
    uint64_t until_ms = idle_until_ms(t);
    enum store_disk disk = store_disk_state(t->store);
    pthread_mutex_lock(&t->mutex);
    t->disk = disk;
    if (has_worked || t->count || t->is_stopping) {
        return;
    }
    bool is_woken = wait_until(&t->changed, &t->mutex, until_ms);
    if (!is_woken && !t->count && t->needs_checkpoint && !t->is_down) {
        t->needs_checkpoint = false;
        pthread_mutex_unlock(&t->mutex);
        store_checkpoint_idle(t->store);
        pthread_mutex_lock(&t->mutex);
        t->is_scrubbing = scrub_is_due(t->store);
    }
}

// A rush leaves no pause: the log file must not grow for as long as it lasts. Where it cannot
// be emptied (the disk is full) not every commit tries again.
static void bound_wal(struct store_thread *t) {
    size_t bytes = store_wal_bytes(t->store);
    t->wal_tried = bytes < t->wal_tried ? 0 : t->wal_tried;
    if (!t->is_down && bytes >= WAL_MAX_BYTES &&
        bytes >= t->wal_tried + WAL_PAUSE_BYTES) {
        store_checkpoint_busy(t->store);
        t->wal_tried = store_wal_bytes(t->store);
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
        work(t, jobs, n);
        bound_wal(t);
        enum store_disk disk = store_disk_state(t->store);
        pthread_mutex_lock(&t->mutex);
        t->disk = disk;
    }
    pthread_mutex_unlock(&t->mutex);
    mem_free(jobs);
    return NULL;
}

struct store_thread *store_thread_start(struct store *s, bool is_loading) {
    struct store_thread *t = mem_alloc(1, sizeof *t);
    t->store = s;
    t->group_max = GROUP_MAX;
    t->is_loading = is_loading;
    t->loads = is_loading;
    t->is_checking = true;
    t->needs_checkpoint = scrub_is_due(s); // of an erasure before the last stop
    pthread_mutex_init(&t->mutex, NULL);
    wait_init(&t->changed);
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
    struct store_job job = {
        .run = call_run, .done = call_done, .arg = &c, .is_grouped = is_grouped};
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

enum store_disk store_thread_disk(struct store_thread *t) {
    pthread_mutex_lock(&t->mutex);
    enum store_disk disk = t->disk;
    pthread_mutex_unlock(&t->mutex);
    return disk;
}

void store_thread_set_group(struct store_thread *t, size_t jobs) {
    pthread_mutex_lock(&t->mutex);
    t->group_max = jobs < GROUP_MAX ? jobs : GROUP_MAX;
    pthread_mutex_unlock(&t->mutex);
}

void store_thread_stop(struct store_thread *t) {
    pthread_mutex_lock(&t->mutex);
    t->is_stopping = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->mutex);
}

void store_thread_wait(struct store_thread *t) {
    if (!t->is_over) {
        t->is_over = true;
        pthread_join(t->thread, NULL);
        store_close(t->store);
    }
}

void store_thread_join(struct store_thread *t) {
    if (!t) {
        return;
    }
    store_thread_wait(t);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->mutex);
    mem_free(t);
}

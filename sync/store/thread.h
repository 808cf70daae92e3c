// The store thread: owns the store, runs jobs in order, groups commits. After a failed write
// it opens the store again, with back-off; until then every job fails. Post from any
// thread; start, stop and join from the one that owns the program.
#ifndef SYNC_STORE_THREAD_H
#define SYNC_STORE_THREAD_H

#include "sync/store/recover.h"
#include "sync/store/store.h"

struct store_thread;

// A job: run works on the store (inside a shared commit when is_grouped), then done is told
// how the commit went. A grouped job may run twice, with nothing left of the first time:
// when another of its group failed, or when the reserve made room. Both are called on the store thread; done must only hand over
// (post to an inbox, resume a connection). arg belongs to the job until done returns.
struct store_job {
    enum err (*run)(struct store *s, void *arg);
    void (*done)(void *arg, enum err e); // may be NULL
    void *arg;
    bool is_grouped;
    bool is_reading; // of a grouped job: it writes no facts, so it needs no shared log
};

enum { STORE_QUEUE_MAX = 4096 };

// Takes the store over and closes it at the end. is_loading: reads the search keys in slices
// while idle.
struct store_thread *store_thread_start(struct store *s, bool is_loading);
// ERR_FULL: queue full. ERR_CLOSED: stopping. done is not called on failure.
MUST_CHECK enum err store_thread_post(struct store_thread *t,
                                      const struct store_job *job);
// Posts and waits until it is done; the result of run or of the commit. Not for main loops.
MUST_CHECK enum err store_thread_call(struct store_thread *t,
                                      enum err (*run)(struct store *s, void *arg),
                                      void *arg, bool is_grouped);
// How the disk is, as of the last job. Any thread.
enum store_disk store_thread_disk(struct store_thread *t);
// At most so many jobs in one commit from now on; for measurements.
void store_thread_set_group(struct store_thread *t, size_t jobs);
void store_thread_stop(struct store_thread *t); // jobs in the queue still run
// All of them are done and the store is closed; whoever still posts is told ERR_CLOSED.
void store_thread_wait(struct store_thread *t);
void store_thread_join(struct store_thread *t); // waits, then frees it; NULL is fine

#endif

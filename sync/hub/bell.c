#include "sync/hub/bell.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "sync/base/wait.h"

#include <pthread.h>
#include <stddef.h>
#include <time.h>

struct waiter {
    void *who;
    struct bell_mark known;
    uint64_t until_ms;
    bool has_news; // when it was let go
};

struct bell {
    bell_release *release;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_stopping;
    uint64_t seq, up;
    struct waiter waiters[BELL_WAITERS_MAX]; // oldest first
    size_t count;
};

static bool bell_has_news(const struct bell *b, const struct bell_mark *known) {
    return known->seq != b->seq || (known->up && known->up != b->up);
}

// Takes everyone out who may go; the lock is held. Released outside of it, because the
// release function takes locks of its own.
static size_t bell_pick(struct bell *b, uint64_t now_ms, struct waiter *out) {
    size_t picked = 0;
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct waiter *w = &b->waiters[i];
        w->has_news = bell_has_news(b, &w->known);
        if (b->is_stopping || w->has_news || w->until_ms <= now_ms) {
            out[picked++] = *w;
        } else {
            b->waiters[kept++] = *w;
        }
    }
    b->count = kept;
    return picked;
}

static void bell_let_go(struct bell *b) {
    struct waiter *gone = mem_alloc(BELL_WAITERS_MAX, sizeof *gone);
    pthread_mutex_lock(&b->lock);
    uint64_t seq = b->seq;
    size_t count = bell_pick(b, clock_mono_ms(), gone);
    pthread_mutex_unlock(&b->lock);
    for (size_t i = 0; i < count; i++) {
        b->release(gone[i].who, seq, gone[i].has_news);
    }
    mem_free(gone);
}

// Waits until the oldest waiter is due or something changed; the lock is held.
static void bell_sleep(struct bell *b) {
    (void)wait_until(&b->changed, &b->lock,
                     b->count ? b->waiters[0].until_ms : UINT64_MAX);
}

static void *bell_run(void *arg) {
    struct bell *b = arg;
    bool is_stopping = false;
    while (!is_stopping) {
        pthread_mutex_lock(&b->lock);
        if (!b->is_stopping) {
            bell_sleep(b);
        }
        is_stopping = b->is_stopping;
        pthread_mutex_unlock(&b->lock);
        bell_let_go(b);
    }
    return NULL;
}

struct bell *bell_start(bell_release *release) {
    struct bell *b = mem_alloc(1, sizeof *b);
    b->release = release;
    wait_init(&b->changed);
    CHECK(pthread_mutex_init(&b->lock, NULL) == 0);
    CHECK(pthread_create(&b->thread, NULL, bell_run, b) == 0);
    return b;
}

bool bell_wait(struct bell *b, void *waiter, const struct bell_mark *known,
               uint64_t *out_seq) {
    pthread_mutex_lock(&b->lock);
    *out_seq = b->seq;
    bool is_waiting =
        !bell_has_news(b, known) && b->count < BELL_WAITERS_MAX && !b->is_stopping;
    if (is_waiting) {
        b->waiters[b->count++] =
            (struct waiter){waiter, *known, clock_mono_ms() + BELL_WAIT_MS, false};
        pthread_cond_signal(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return is_waiting;
}

void bell_ring(struct bell *b, uint64_t seq) {
    pthread_mutex_lock(&b->lock);
    // Commits of one group are told in order, but not after a newer one was seen.
    bool is_new = seq > b->seq;
    b->seq = is_new ? seq : b->seq;
    pthread_mutex_unlock(&b->lock);
    if (is_new) {
        bell_let_go(b);
    }
}

void bell_set(struct bell *b, uint64_t seq) {
    pthread_mutex_lock(&b->lock);
    bool is_new = seq != b->seq;
    b->seq = seq;
    pthread_mutex_unlock(&b->lock);
    if (is_new) {
        bell_let_go(b);
    }
}

void bell_ring_up(struct bell *b, uint64_t up) {
    pthread_mutex_lock(&b->lock);
    bool is_new = up != b->up;
    b->up = up;
    pthread_mutex_unlock(&b->lock);
    if (is_new) {
        bell_let_go(b);
    }
}

uint64_t bell_get_up(struct bell *b) {
    pthread_mutex_lock(&b->lock);
    uint64_t up = b->up;
    pthread_mutex_unlock(&b->lock);
    return up;
}

uint64_t bell_get_seq(struct bell *b) {
    pthread_mutex_lock(&b->lock);
    uint64_t seq = b->seq;
    pthread_mutex_unlock(&b->lock);
    return seq;
}

void bell_stop(struct bell *b) {
    pthread_mutex_lock(&b->lock);
    b->is_stopping = true;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
}

void bell_destroy(struct bell *b) {
    if (!b) {
        return;
    }
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    mem_free(b);
}

#include "sync/hub/limits.h"

#include "sync/base/mem.h"

#include <pthread.h>
#include <sys/socket.h>

// Addresses share a bucket by chance; its limit is then theirs together.
enum { BUCKETS = 1024 };

struct limits_peer {
    struct limits_peer *before, *after; // ring
    int fd;
    uint64_t due_ms;
    size_t held;
    size_t *bucket;
};

struct limits {
    pthread_mutex_t lock; // guards everything below and the peers
    struct limits_peer ring;
    size_t buckets[BUCKETS];
    struct limits_totals totals;
    uint64_t swept_ms;
};

struct limits *limits_create(void) {
    struct limits *l = mem_alloc(1, sizeof *l);
    CHECK(pthread_mutex_init(&l->lock, NULL) == 0);
    l->ring.before = l->ring.after = &l->ring;
    return l;
}

void limits_destroy(struct limits *l) {
    if (l) {
        CHECK(l->totals.connections == 0);
        pthread_mutex_destroy(&l->lock);
        mem_free(l);
    }
}

struct limits_peer *limits_open(struct limits *l, int fd, uint32_t address,
                                uint64_t now_ms) {
    struct limits_peer *p = mem_alloc(1, sizeof *p);
    p->fd = fd;
    p->due_ms = now_ms + LIMITS_REQUEST_MS;
    // Neighbours differ in one byte, whichever order it is in: spread all four.
    p->bucket = &l->buckets[(address * 2654435761u) >> 22];
    pthread_mutex_lock(&l->lock);
    p->after = &l->ring;
    p->before = l->ring.before;
    p->before->after = l->ring.before = p;
    l->totals.connections++;
    pthread_mutex_unlock(&l->lock);
    return p;
}

static void release(struct limits *l, struct limits_peer *p) {
    *p->bucket -= p->held;
    l->totals.held -= p->held;
    p->held = 0;
}

void limits_close(struct limits *l, struct limits_peer *p) {
    pthread_mutex_lock(&l->lock);
    release(l, p);
    p->before->after = p->after;
    p->after->before = p->before;
    l->totals.connections--;
    pthread_mutex_unlock(&l->lock);
    mem_free(p);
}

void limits_set_due(struct limits *l, struct limits_peer *p, uint64_t due_ms) {
    pthread_mutex_lock(&l->lock);
    p->due_ms = due_ms;
    pthread_mutex_unlock(&l->lock);
}

bool limits_hold(struct limits *l, struct limits_peer *p, size_t len) {
    pthread_mutex_lock(&l->lock);
    bool has_room =
        len <= LIMITS_HELD_MAX - l->totals.held && *p->bucket + len <= LIMITS_ADDRESS_MAX;
    if (has_room) {
        p->held += len;
        *p->bucket += len;
        l->totals.held += len;
    }
    pthread_mutex_unlock(&l->lock);
    return has_room;
}

void limits_release(struct limits *l, struct limits_peer *p) {
    pthread_mutex_lock(&l->lock);
    release(l, p);
    pthread_mutex_unlock(&l->lock);
}

void limits_sweep(struct limits *l, uint64_t now_ms) {
    pthread_mutex_lock(&l->lock);
    bool is_due = now_ms >= l->swept_ms + LIMITS_SWEEP_MS;
    l->swept_ms = is_due ? now_ms : l->swept_ms;
    for (struct limits_peer *p = l->ring.after; is_due && p != &l->ring; p = p->after) {
        if (p->due_ms <= now_ms) {
            // Under the lock: the server closes the descriptor only after limits_close.
            shutdown(p->fd, SHUT_RDWR);
            p->due_ms = UINT64_MAX;
            l->totals.ended++;
        }
    }
    pthread_mutex_unlock(&l->lock);
}

struct limits_totals limits_get_totals(struct limits *l) {
    pthread_mutex_lock(&l->lock);
    struct limits_totals t = l->totals;
    pthread_mutex_unlock(&l->lock);
    return t;
}

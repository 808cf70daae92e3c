#include "sync/hub/fleet.h"

#include "sync/base/mem.h"

#include <string.h>

void fleet_init(struct fleet *f) {
    memset(f, 0, sizeof *f);
    f->items = mem_alloc(FLEET_MAX, sizeof *f->items);
    CHECK(pthread_mutex_init(&f->lock, NULL) == 0);
}

void fleet_finish(struct fleet *f) {
    mem_free(f->items);
    pthread_mutex_destroy(&f->lock);
    memset(f, 0, sizeof *f);
}

// The device's place, or the one to overwrite; the lock is held.
static size_t fleet_place(const struct fleet *f, uint64_t dev) {
    size_t oldest = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (f->items[i].dev == dev) {
            return i;
        }
        if (f->items[i].contact_mono_ms < f->items[oldest].contact_mono_ms) {
            oldest = i;
        }
    }
    return f->count < FLEET_MAX ? f->count : oldest;
}

void fleet_note(struct fleet *f, const struct fleet_entry *e) {
    pthread_mutex_lock(&f->lock);
    size_t at = fleet_place(f, e->dev);
    f->items[at] = *e;
    f->count += at == f->count;
    pthread_mutex_unlock(&f->lock);
}

bool fleet_find(struct fleet *f, uint64_t dev, struct fleet_entry *out) {
    pthread_mutex_lock(&f->lock);
    size_t at = fleet_place(f, dev);
    bool is_here = at < f->count && f->items[at].dev == dev;
    if (is_here) {
        *out = f->items[at];
    }
    pthread_mutex_unlock(&f->lock);
    return is_here;
}

bool fleet_touch(struct fleet *f, uint64_t dev, uint64_t now_mono_ms, uint64_t seq) {
    pthread_mutex_lock(&f->lock);
    size_t at = fleet_place(f, dev);
    bool is_here = at < f->count && f->items[at].dev == dev;
    if (is_here) {
        f->items[at].contact_mono_ms = now_mono_ms;
        f->items[at].held = seq;
    }
    pthread_mutex_unlock(&f->lock);
    return is_here;
}

void fleet_forget(struct fleet *f, uint64_t dev) {
    pthread_mutex_lock(&f->lock);
    size_t at = fleet_place(f, dev);
    if (at < f->count && f->items[at].dev == dev) {
        f->items[at] = f->items[--f->count];
    }
    pthread_mutex_unlock(&f->lock);
}

size_t fleet_count_since(struct fleet *f, uint64_t now_mono_ms, uint64_t ms) {
    size_t count = 0;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->count; i++) {
        count += now_mono_ms - f->items[i].contact_mono_ms <= ms;
    }
    pthread_mutex_unlock(&f->lock);
    return count;
}

uint64_t fleet_get_held(struct fleet *f, enum channel c) {
    uint64_t held = 0;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->count; i++) {
        const struct fleet_entry *e = &f->items[i];
        if ((e->channels & CHANNEL_BIT(c)) && e->held > held) {
            held = e->held;
        }
    }
    pthread_mutex_unlock(&f->lock);
    return held;
}

void fleet_forget_held(struct fleet *f) {
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->count; i++) {
        f->items[i].held = 0;
    }
    pthread_mutex_unlock(&f->lock);
}

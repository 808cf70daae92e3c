#include "app/inbox.h"

#include "sync/base/mem.h"

#include <pthread.h>

struct inbox {
    pthread_mutex_t mutex; // protects everything below
    struct parcel ring[INBOX_MAX];
    size_t first, count;
    size_t guests; // of them scans and commands
    bool has_link, is_closed;
    struct window *window;
};

struct inbox *inbox_create(void) {
    struct inbox *in = mem_alloc(1, sizeof *in);
    pthread_mutex_init(&in->mutex, NULL);
    return in;
}

void inbox_destroy(struct inbox *in, void (*drop)(const struct parcel *p)) {
    struct parcel p;
    while (in && inbox_take(in, &p)) {
        drop(&p);
    }
    if (in) {
        pthread_mutex_destroy(&in->mutex);
        mem_free(in);
    }
}

void inbox_set_window(struct inbox *in, struct window *window) {
    pthread_mutex_lock(&in->mutex);
    in->window = window;
    pthread_mutex_unlock(&in->mutex);
}

void inbox_close(struct inbox *in) {
    pthread_mutex_lock(&in->mutex);
    in->is_closed = true;
    pthread_mutex_unlock(&in->mutex);
}

static bool is_guest(enum parcel_kind kind) {
    return kind == PARCEL_SCAN || kind == PARCEL_COMMAND || kind == PARCEL_CLAIM;
}

static enum err add(struct inbox *in, enum parcel_kind kind, void *item) {
    if (in->is_closed) {
        return ERR_CLOSED;
    }
    if (kind == PARCEL_LINK && in->has_link) {
        return ERR_NONE;
    }
    if (in->count == INBOX_MAX || (is_guest(kind) && in->guests == INBOX_GUESTS_MAX)) {
        return ERR_FULL;
    }
    in->ring[(in->first + in->count++) % INBOX_MAX] = (struct parcel){kind, item};
    in->guests += is_guest(kind);
    in->has_link = in->has_link || kind == PARCEL_LINK;
    if (in->window) {
        window_wake(in->window);
    }
    return ERR_NONE;
}

enum err inbox_post(struct inbox *in, enum parcel_kind kind, void *item) {
    pthread_mutex_lock(&in->mutex);
    enum err e = add(in, kind, item);
    pthread_mutex_unlock(&in->mutex);
    return e;
}

bool inbox_take(struct inbox *in, struct parcel *out) {
    pthread_mutex_lock(&in->mutex);
    bool has_any = in->count > 0;
    if (has_any) {
        *out = in->ring[in->first];
        in->first = (in->first + 1) % INBOX_MAX;
        in->count--;
        in->guests -= is_guest(out->kind);
        in->has_link = in->has_link && out->kind != PARCEL_LINK;
    }
    pthread_mutex_unlock(&in->mutex);
    return has_any;
}

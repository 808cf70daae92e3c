#include "app/inbox.h"

#include "sync/base/mem.h"

#include <pthread.h>

struct inbox {
    pthread_mutex_t mutex; // protects everything below
    struct parcel ring[INBOX_MAX];
    size_t first, count;
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

enum err inbox_post(struct inbox *in, enum parcel_kind kind, void *item) {
    pthread_mutex_lock(&in->mutex);
    enum err e = in->count == INBOX_MAX ? ERR_FULL : ERR_NONE;
    if (e == ERR_NONE) {
        in->ring[(in->first + in->count++) % INBOX_MAX] = (struct parcel){kind, item};
        if (in->window) {
            window_wake(in->window);
        }
    }
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
    }
    pthread_mutex_unlock(&in->mutex);
    return has_any;
}

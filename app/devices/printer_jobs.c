#include "app/devices/printer_jobs.h"

#include <string.h>

#include "sync/base/mem.h"

void printer_jobs_init(struct printer_jobs *jobs) {
    memset(jobs, 0, sizeof *jobs);
    CHECK(pthread_mutex_init(&jobs->lock, NULL) == 0);
}

void printer_jobs_finish(struct printer_jobs *jobs) {
    for (int i = 0; i < jobs->count; i++) {
        mem_free(jobs->all[i].bits);
    }
    (void)pthread_mutex_destroy(&jobs->lock);
    memset(jobs, 0, sizeof *jobs);
}

enum err printer_jobs_put(struct printer_jobs *jobs, uint64_t id,
                          const struct label *label) {
    enum err e = ERR_NONE;
    (void)pthread_mutex_lock(&jobs->lock);
    if (jobs->is_closed) {
        e = ERR_CLOSED;
    } else if (jobs->count == PRINTER_JOBS_MAX) {
        e = ERR_FULL;
    } else {
        struct printer_job *j = &jobs->all[jobs->count++];
        *j = (struct printer_job){.id = id, .label = *label};
        j->bits = mem_copy(label->bits, (size_t)label->stride_bytes * (size_t)label->h);
        j->label.bits = j->bits;
    }
    (void)pthread_mutex_unlock(&jobs->lock);
    return e;
}

void printer_jobs_cancel(struct printer_jobs *jobs, uint64_t id) {
    (void)pthread_mutex_lock(&jobs->lock);
    for (int i = jobs->is_under_way ? 1 : 0; i < jobs->count; i++) {
        jobs->all[i].is_cancelled |= jobs->all[i].id == id;
    }
    (void)pthread_mutex_unlock(&jobs->lock);
}

void printer_jobs_close(struct printer_jobs *jobs) {
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->is_closed = true;
    (void)pthread_mutex_unlock(&jobs->lock);
}

bool printer_jobs_is_closed(struct printer_jobs *jobs) {
    (void)pthread_mutex_lock(&jobs->lock);
    bool is_closed = jobs->is_closed;
    (void)pthread_mutex_unlock(&jobs->lock);
    return is_closed;
}

struct printer_job *printer_jobs_first(struct printer_jobs *jobs, bool begin) {
    (void)pthread_mutex_lock(&jobs->lock);
    struct printer_job *first = jobs->count > 0 ? &jobs->all[0] : NULL;
    jobs->is_under_way = first && (begin || jobs->is_under_way);
    (void)pthread_mutex_unlock(&jobs->lock);
    return first;
}

void printer_jobs_put_off(struct printer_jobs *jobs) {
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->is_under_way = false;
    (void)pthread_mutex_unlock(&jobs->lock);
}

// Needs the lock.
static uint64_t remove_at(struct printer_jobs *jobs, int i) {
    uint64_t id = jobs->all[i].id;
    mem_free(jobs->all[i].bits);
    jobs->count--;
    memmove(&jobs->all[i], &jobs->all[i + 1],
            (size_t)(jobs->count - i) * sizeof jobs->all[0]);
    return id;
}

uint64_t printer_jobs_take(struct printer_jobs *jobs) {
    (void)pthread_mutex_lock(&jobs->lock);
    CHECK(jobs->count > 0);
    uint64_t id = remove_at(jobs, 0);
    jobs->is_under_way = false;
    (void)pthread_mutex_unlock(&jobs->lock);
    return id;
}

bool printer_jobs_take_cancelled(struct printer_jobs *jobs, uint64_t *out_id) {
    (void)pthread_mutex_lock(&jobs->lock);
    int i = jobs->is_under_way ? 1 : 0;
    while (i < jobs->count && !jobs->all[i].is_cancelled) {
        i++;
    }
    bool has_one = i < jobs->count;
    if (has_one) {
        *out_id = remove_at(jobs, i);
    }
    (void)pthread_mutex_unlock(&jobs->lock);
    return has_one;
}

#include "app/printing.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <pthread.h>

struct printing {
    struct inbox *inbox;
    struct template template;
    bool has_template;
    pthread_t thread;
    pthread_mutex_t mutex; // protects everything below
    pthread_cond_t changed;
    struct badge_job *queue[PRINTING_QUEUE_MAX];
    size_t first, count;
    bool is_stopping;
    int dpi;
};

void badge_job_destroy(struct badge_job *job) {
    if (job) {
        raster_finish(&job->raster);
        image_finish(&job->preview);
        mem_free(job);
    }
}

struct badge_job *badge_job_copy(const struct badge_job *job) {
    struct badge_job *copy = mem_copy(job, sizeof *job);
    size_t bytes = (size_t)job->raster.stride_bytes * (size_t)job->raster.h;
    copy->raster.bits = job->raster.bits ? mem_copy(job->raster.bits, bytes) : NULL;
    copy->preview = (struct image){0};
    return copy;
}

// Those who print hear of what the reader of a badge would miss.
static void tell(const struct badge_job *job, const struct badge_report *r) {
    if (r->missing || r->cut || r->has_cut_marks || r->spilled) {
        log_warning("kiosk: the badge of %s: %d letters without a glyph, %s, %s%s",
                    job->who.person.id, r->missing,
                    r->cut || r->has_cut_marks ? "a text is cut" : "no text is cut",
                    r->spilled ? "too little room: " : "room for all", r->first_spilled);
    }
}

static void draw(struct printing *p, struct fonts *fonts, struct badge_job *job) {
    struct badge badge;
    struct badge_proof proof;
    pthread_mutex_lock(&p->mutex);
    int dpi = p->dpi;
    pthread_mutex_unlock(&p->mutex);
    badge_fill(&job->who.person, &job->event, job->serial, &badge);
    badge_proof(&p->template, &badge, fonts, dpi, &proof);
    job->raster = proof.raster;
    if (!job->is_preview) {
        tell(job, &proof.report);
    }
    raster_scale_image(&job->raster, PREVIEW_W, PREVIEW_H, &job->preview);
}

static struct badge_job *take(struct printing *p) {
    struct badge_job *job = NULL;
    pthread_mutex_lock(&p->mutex);
    while (!p->count && !p->is_stopping) {
        pthread_cond_wait(&p->changed, &p->mutex);
    }
    if (p->count) {
        job = p->queue[p->first];
        p->first = (p->first + 1) % PRINTING_QUEUE_MAX;
        p->count--;
    }
    pthread_mutex_unlock(&p->mutex);
    return job;
}

static void *run(void *arg) {
    struct printing *p = arg;
    struct fonts *fonts = NULL;
    struct badge_job *job;
    while ((job = take(p)) != NULL) {
        if (!fonts && fonts_open(NULL, &fonts) != ERR_NONE) {
            fonts =
                NULL; // logged there; the badge stays undrawn and is said to have failed
        }
        if (fonts && p->has_template) {
            draw(p, fonts, job);
            fonts_trim(fonts, 4);
        }
        if (inbox_post(p->inbox, PARCEL_BADGE, job) != ERR_NONE) {
            badge_job_destroy(job);
        }
    }
    fonts_close(fonts);
    return NULL;
}

struct printing *printing_start(const char *template_path, struct inbox *inbox) {
    struct printing *p = mem_alloc(1, sizeof *p);
    p->inbox = inbox;
    p->dpi = PRINTING_DPI;
    p->has_template = template_read(template_path, &p->template) == ERR_NONE;
    if (!p->has_template) {
        log_error("kiosk: no badges: template %s cannot be used", template_path);
    }
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->changed, NULL);
    CHECK(pthread_create(&p->thread, NULL, run, p) == 0);
    return p;
}

void printing_set_dpi(struct printing *p, int dpi) {
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->mutex);
    p->dpi = dpi >= BADGE_DPI_MIN && dpi <= BADGE_DPI_MAX ? dpi : p->dpi;
    pthread_mutex_unlock(&p->mutex);
}

enum err printing_post(struct printing *p, struct badge_job *job) {
    pthread_mutex_lock(&p->mutex);
    enum err e = p->count == PRINTING_QUEUE_MAX ? ERR_FULL : ERR_NONE;
    if (e == ERR_NONE) {
        p->queue[(p->first + p->count++) % PRINTING_QUEUE_MAX] = job;
        pthread_cond_signal(&p->changed);
    }
    pthread_mutex_unlock(&p->mutex);
    return e;
}

void printing_stop(struct printing *p) {
    pthread_mutex_lock(&p->mutex);
    p->is_stopping = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->mutex);
}

void printing_join(struct printing *p) {
    if (!p) {
        return;
    }
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->mutex);
    template_finish(&p->template);
    mem_free(p);
}

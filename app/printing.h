// The print thread: draws badges with fonts of its own, so that no frame waits for one.
// Main thread posts and takes; what is drawn comes back as PARCEL_BADGE.
#ifndef APP_PRINTING_H
#define APP_PRINTING_H

#include "app/badge/badge.h"
#include "app/inbox.h"
#include "sync/store/store.h"

struct printing;

struct badge_job {
    struct person_state who;
    unsigned serial;
    bool is_preview; // else it is to be printed
    struct event_info event;
    struct raster raster; // printer dots
    struct image preview; // scaled for the screen
};
void badge_job_destroy(struct badge_job *job); // NULL is fine
// A fresh one with the same raster and no preview.
struct badge_job *badge_job_copy(const struct badge_job *job);

enum { PRINTING_QUEUE_MAX = 16, PRINTING_DPI = 300, PREVIEW_W = 1240, PREVIEW_H = 1600 };

// template_path: badge template; a bad one is logged and nothing is drawn. inbox is borrowed.
struct printing *printing_start(const char *template_path, struct inbox *inbox);
// Badges are drawn with so many dots an inch from now on; 0 leaves it. First PRINTING_DPI.
// NULL is fine.
void printing_set_dpi(struct printing *p, int dpi);
// Takes the job over. ERR_FULL: it stays the caller's.
MUST_CHECK enum err printing_post(struct printing *p, struct badge_job *job);
void printing_stop(struct printing *p);
void printing_join(struct printing *p); // then frees it; NULL is fine

#endif

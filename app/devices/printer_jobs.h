// The bounded queue in front of a printer's thread: copies of labels, in order, one of them
// under way at a time. Put and cancel are called by any thread, the rest by the printer's own;
// a lock of its own guards it. The caller wakes the thread.
#ifndef APP_DEVICES_PRINTER_JOBS_H
#define APP_DEVICES_PRINTER_JOBS_H

#include "app/devices/printer.h"

#include <pthread.h>
#include <stdbool.h>

struct printer_job {
    uint64_t id;
    struct label label;
    uint8_t *bits; // our copy, what label.bits points to
    int tries;     // how often it was sent and did not come out
    bool is_cancelled;
};

struct printer_jobs {
    pthread_mutex_t lock;
    struct printer_job all[PRINTER_JOBS_MAX];
    int count;
    bool is_under_way; // all[0] is being printed
    bool is_closed;
};

void printer_jobs_init(struct printer_jobs *jobs);
void printer_jobs_finish(struct printer_jobs *jobs); // frees those that are left

// ERR_CLOSED, ERR_FULL: as printer_submit.
MUST_CHECK enum err printer_jobs_put(struct printer_jobs *jobs, uint64_t id,
                                     const struct label *label);
// Marks a waiting job; printer_jobs_take_cancelled gives it.
void printer_jobs_cancel(struct printer_jobs *jobs, uint64_t id);
void printer_jobs_close(struct printer_jobs *jobs);
bool printer_jobs_is_closed(struct printer_jobs *jobs);

// The first job; with begin it is under way from now on, until taken or put off. NULL: none.
// Borrowed until then: nothing else removes or moves it.
struct printer_job *printer_jobs_first(struct printer_jobs *jobs, bool begin);
void printer_jobs_put_off(struct printer_jobs *jobs); // the first one waits again
// Removes the first job and returns its id.
uint64_t printer_jobs_take(struct printer_jobs *jobs);
// Removes a job that was taken back and is not under way. False: there is none.
bool printer_jobs_take_cancelled(struct printer_jobs *jobs, uint64_t *out_id);

#endif

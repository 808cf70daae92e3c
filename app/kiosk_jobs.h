// The kiosk's hand in the badge queue: takes the first job that waits here, draws it, has
// `sent` on the disk before the printer gets a byte, and notes what the printer said. One
// badge at the printer at a time. Main thread; kiosk.c and kiosk_events.c call.
#ifndef APP_KIOSK_JOBS_H
#define APP_KIOSK_JOBS_H

#include "app/flows/flow_job.h"
#include "app/printing.h"

struct kiosk;
struct printer_news;

enum kiosk_job_stage {
    KIOSK_JOB_NONE,
    KIOSK_JOB_DRAWING,  // by the print thread
    KIOSK_JOB_MARKING,  // the store is asked to note `sent`
    KIOSK_JOB_PRINTING, // the printer has it
    KIOSK_JOB_ENDING    // what became of it is to be noted
};

struct kiosk_jobs {
    enum kiosk_job_stage stage;
    struct job now;          // the one at work
    struct badge_job *badge; // its picture, once drawn
    uint64_t id;             // at the printer
    enum flow_job_act end;   // what is to be noted
    char reason[NAME_SIZE];
    bool is_asking; // the store, and no answer yet
};

// Goes on with whatever is next; cheap when nothing is.
void kiosk_jobs_pump(struct kiosk *k);
// A badge that was drawn to be printed. Takes it over.
void kiosk_jobs_take_badge(struct kiosk *k, struct badge_job *job);
void kiosk_jobs_take_printer(struct kiosk *k, const struct printer_news *news);
// The store's answer to what the queue itself asked. false: it was somebody else's.
bool kiosk_jobs_take_answer(struct kiosk *k, const struct flow_job *asked, enum err e);
void kiosk_jobs_finish(struct kiosk_jobs *j);

#endif

#include "app/devices/printer_teller.h"

#include <stdio.h>
#include <string.h>

#include "app/devices/printer_jobs.h"

void printer_teller_init(struct printer_teller *teller,
                         const struct printer_setup *setup) {
    *teller = (struct printer_teller){
        .post = setup->post, .context = setup->context, .state = PRINTER_OFFLINE};
}

static void post(const struct printer_teller *t, enum printer_news_kind kind,
                 uint64_t job, const char *reason) {
    struct printer_news news = {
        .kind = kind, .job = job, .state = t->state, .dpi = t->dpi};
    (void)snprintf(news.reason, sizeof news.reason, "%s", reason);
    (void)snprintf(news.model, sizeof news.model, "%s", t->model);
    t->post(t->context, &news);
}

bool printer_teller_tell(struct printer_teller *teller, enum printer_state state,
                         const char *reason) {
    bool is_well = state == PRINTER_READY || state == PRINTER_BUSY;
    const char *said = is_well ? "" : reason;
    if (teller->has_told && teller->state == state && strcmp(teller->reason, said) == 0) {
        return false;
    }
    teller->has_told = true;
    teller->state = state;
    (void)snprintf(teller->reason, sizeof teller->reason, "%s", said);
    post(teller, PRINTER_STATE_CHANGED, 0, said);
    return true;
}

void printer_teller_end_job(const struct printer_teller *teller,
                            enum printer_news_kind kind, uint64_t job,
                            const char *reason) {
    post(teller, kind, job, reason);
}

void printer_teller_end_cancelled(const struct printer_teller *teller,
                                  struct printer_jobs *jobs) {
    uint64_t id = 0;
    while (printer_jobs_take_cancelled(jobs, &id)) {
        post(teller, PRINTER_JOB_FAILED, id, "Taken back");
    }
}

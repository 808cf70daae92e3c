// What a printer has told about itself, so that nothing is told twice: used by each kind of
// printer, on its own thread only.
#ifndef APP_DEVICES_PRINTER_TELLER_H
#define APP_DEVICES_PRINTER_TELLER_H

#include "app/devices/printer.h"

struct printer_jobs;

struct printer_teller {
    printer_post *post;
    void *context;
    enum printer_state state; // as last told
    bool has_told;
    char reason[PRINTER_REASON_SIZE];
    char model[PRINTER_MODEL_SIZE]; // what the next news say; "" and 0: not known
    int dpi;
};

void printer_teller_init(struct printer_teller *teller,
                         const struct printer_setup *setup);

// Posts PRINTER_STATE_CHANGED unless state and reason are as last told. Ready and busy have no
// reason: what is given is dropped. True: it was posted.
bool printer_teller_tell(struct printer_teller *teller, enum printer_state state,
                         const char *reason);

// Posts what became of a job, with the state last told; offline before the first.
void printer_teller_end_job(const struct printer_teller *teller,
                            enum printer_news_kind kind, uint64_t job,
                            const char *reason);

// Fails those that were taken back and are not under way.
void printer_teller_end_cancelled(const struct printer_teller *teller,
                                  struct printer_jobs *jobs);

#endif

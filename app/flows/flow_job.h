// What flows know of badges on their way (sync/store/jobs.h), and what they ask about them.
// The kiosk reads and carries out. Main thread; values only.
#ifndef APP_FLOWS_FLOW_JOB_H
#define APP_FLOWS_FLOW_JOB_H

#include "sync/store/jobs.h"

enum { FLOW_JOBS_MAX = 8, FLOW_PLACES_MAX = 6 };

enum flow_print_state {
    FLOW_PRINT_WAITING,
    FLOW_PRINT_PRINTING,
    FLOW_PRINT_DONE,
    FLOW_PRINT_FAILED,
    FLOW_PRINT_UNKNOWN // it may have come out or not
};

enum flow_job_act {
    FLOW_JOB_NEW,   // a first badge
    FLOW_JOB_AGAIN, // one more: what was printed or may have been stops working
    FLOW_JOB_SENT,  // the kiosk's own, around its printer
    FLOW_JOB_FAILED,
    FLOW_JOB_UNKNOWN,
    FLOW_JOB_PRINTED, // also staff: it did come out
    FLOW_JOB_MOVE,    // to another device
    FLOW_JOB_WITHDRAW
};

struct flow_job { // of a FLOW_SUBMIT
    enum flow_job_act act;
    struct fact_ref ref; // not of a new one
    uint64_t to;         // move
};

// As of the last reading of the store.
struct flow_jobs {
    struct job
        rows[FLOW_JOBS_MAX]; // this device's that wait, print, failed or are unsure
    size_t count;
    int queued;                               // of all that wait or print here
    struct job next;                          // the first that waits; ref.n 0: none
    struct person_state who;                  // whose it is
    struct job_place places[FLOW_PLACES_MAX]; // other desks that print
    size_t place_count;
};

#endif

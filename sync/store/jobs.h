// The queue of badges: what is to be printed, where, and what became of it. Facts of kind
// `print.job` (event/job.h) fold into the table `job`; here they are authored and read. Each
// change looks at the job as it stands and appends in one commit, so that nothing is sent
// twice and nobody takes what another holds. Store thread; errors as in store.h.
#ifndef SYNC_STORE_JOBS_H
#define SYNC_STORE_JOBS_H

#include "sync/event/job.h"
#include "sync/store/store.h"

struct job {
    struct fact_ref ref, last;                     // its address; its holder's last word
    char person[PERSON_ID_SIZE], name[TITLE_SIZE]; // name "" if unknown here
    unsigned serial;
    uint64_t dev;       // that is to print it
    char at[NAME_SIZE]; // that device's name
    enum job_state state;
    char reason[NAME_SIZE];
    int64_t at_ms; // when it was asked for
};

struct job_request {
    const char *person, *by; // by: staff id or NULL
    uint64_t to;             // device that is to print it; 0: this one
    const char *reason;
    // Staff want another one: badges printed before stop working, and what waits, failed or
    // is not certain is given up, all in the same commit.
    bool is_again;
    struct basis basis;
    struct moment now;
};
// A badge with the next serial. ERR_EXISTS: they have one, or a live job, and it is not again;
// ERR_NOT_FOUND: nobody here by this id.
MUST_CHECK enum err store_job_enqueue(struct store *s, const struct job_request *r,
                                      struct job *out);
// The holder's word: JOB_SENT of a queued one, before the printer gets a byte; JOB_FAILED
// also of one that was sent, JOB_UNKNOWN only of such. ERR_DENIED: not as the job stands, or it is not held here.
MUST_CHECK enum err store_job_say(struct store *s, struct fact_ref job,
                                  enum job_state state, const char *reason,
                                  const struct moment *now);
// It came out: the badge.print that names it. ERR_DENIED: was printed, withdrawn or waits.
MUST_CHECK enum err store_job_printed(struct store *s, struct fact_ref job,
                                      const char *printer, const struct moment *now);
// Hands a job that waits or failed to another device, or makes one that failed wait here
// again. ERR_DENIED: as above.
MUST_CHECK enum err store_job_move(struct store *s, struct fact_ref job, uint64_t to,
                                   const struct moment *now);
// Anybody may withdraw one that waits, its holder also one that failed or is not certain.
MUST_CHECK enum err store_job_withdraw(struct store *s, struct fact_ref job,
                                       const char *reason, const struct moment *now);
// At the start: what this device sent and knows no result of is unknown. Once per start.
MUST_CHECK enum err store_jobs_resume(struct store *s, const struct moment *now);

MUST_CHECK enum err store_find_job(struct store *s, struct fact_ref job, struct job *out);
// In the order they were asked for, by order key: a clock set back changes nothing. dev 0: of every device; states: JOB_BITs.
size_t store_read_jobs(struct store *s, uint64_t dev, unsigned states, struct job *out,
                       size_t max);
struct job_place { // a device that prints
    uint64_t dev;
    char name[NAME_SIZE];
};
// Other check-in stations and desks at a gate that prints, by name.
size_t store_read_job_places(struct store *s, struct job_place *out, size_t max);
int64_t store_count_jobs(struct store *s, uint64_t dev, unsigned states);

// Inside the store: folds what a store made by an older Foyer kept without folding, once.
#define JOBS_FOLDED \
    "jobs_folded" // in the table meta, when that is done or was not needed
MUST_CHECK enum err jobs_fold_once(struct store *s);

#endif

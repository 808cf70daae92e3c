// A badge on its way: folds the facts about one `print.job`. Called by the store; pure, any
// thread, no clock: nothing here depends on the order of arrival or on anybody's time.
//
// Who holds a job says what became of it, each fact naming the one before in its prev, so
// what the holder said is one chain from the job itself. Only a link of that chain hands the
// job on; the next link is then the new holder's. Anybody else can only withdraw a job that
// waits. A badge.print that names the job says printed, and nothing is said against it.
#ifndef SYNC_EVENT_JOB_H
#define SYNC_EVENT_JOB_H

#include "sync/event/fold.h"

enum job_state { // the numbers are in the store's table
    JOB_QUEUED = 0,
    JOB_SENT = 1, // the printer may have had bytes of it
    JOB_PRINTED = 2,
    JOB_FAILED = 3,  // it did not come out
    JOB_UNKNOWN = 4, // it may or may not have come out: a human looks
    JOB_WITHDRAWN = 5,
    JOB_STATE_COUNT = 6
};
#define JOB_BIT(state) (1u << (state)) // sets of states are bit masks
// Somebody may still get this badge: no second one meanwhile.
#define JOB_LIVE (JOB_BIT(JOB_QUEUED) | JOB_BIT(JOB_SENT) | JOB_BIT(JOB_UNKNOWN))

const char *job_state_name(enum job_state state); // "queued" …, as in a fact's `state`

// In a person's state.
struct person_job { // a badge on its way, or that may have come out; ref.n 0: none
    struct fact_ref ref;
    enum job_state state; // JOB_LIVE ones only
    unsigned serial;
    uint64_t dev; // that is to print it
    char at[NAME_SIZE];
};

struct job_fold {
    enum job_state state;
    uint64_t holder;      // device that is to print it
    struct fact_ref last; // what the holder's next word names as prev
    char reason[NAME_SIZE];
    int64_t serial;
};
// Does this fact begin a job (a print.job without `of`, with a serial and a device)?
bool job_is_first(const struct fold_fact *f);
// first: one that does, of these facts.
void job_fold(const struct fold_fact *facts, size_t count, const struct fold_fact *first,
              struct job_fold *out);

#endif

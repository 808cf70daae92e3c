// An admission taken on paper, typed in at the desk: gate, day and time. A part of the desk's
// flow. Pure steps on the main thread.
#ifndef APP_FLOWS_DESK_PAPER_H
#define APP_FLOWS_DESK_PAPER_H

#include "app/flows/flow.h"
#include "app/screens/desk.h"

enum { PAPER_DIGITS = 4 };

struct desk_paper {
    char person[PERSON_ID_SIZE], name[TITLE_SIZE];
    char gate[ID_SIZE];
    int64_t day_no;                // local day, since 1970-01-01
    char digits[PAPER_DIGITS + 1]; // "1420"
};

// A fresh one for this person: this gate, today.
void desk_paper_open(struct desk_paper *p, const struct flow_env *env,
                     const struct person *who);

enum desk_paper_result {
    DESK_PAPER_IGNORED, // not for this panel
    DESK_PAPER_TAKEN,
    DESK_PAPER_ENTERED, // it can be appended
    DESK_PAPER_LEFT     // back to the person
};
// One input: digits and Backspace, left and right for the day, up and down for the gate,
// Enter and Escape; and the same touched.
enum desk_paper_result desk_paper_step(struct desk_paper *p, const struct flow_env *env,
                                       const struct flow_event *e);
// The instant that was typed in; false: not yet, or the venue's zone is unknown.
bool desk_paper_read(const struct desk_paper *p, const struct flow_env *env,
                     int64_t *out_ms);
// The fact to append; only when desk_paper_read gives a time.
struct flow_request *desk_paper_append(const struct desk_paper *p,
                                       const struct flow_env *env, struct flow_out *out);
void desk_paper_fill(const struct desk_paper *p, const struct flow_env *env,
                     struct desk_paper_view *out);

#endif

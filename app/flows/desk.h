// The staffed desk: search and act on people, counts, printer, what needs a person. Scans
// and admissions go through a check-in flow in its staff variant, whose verdict covers the
// desk until it is dealt with. Pure steps on the main thread.
#ifndef APP_FLOWS_DESK_H
#define APP_FLOWS_DESK_H

#include "app/flows/checkin.h"
#include "app/flows/desk_jobs.h"
#include "app/flows/desk_paper.h"
#include "app/screens/desk.h"

struct desk {
    struct checkin checkin; // is_staff
    char query[FLOW_QUERY_SIZE];
    struct flow_found found;
    int chosen; // row, -1 none
    struct flow_desk facts;
    enum desk_panel_kind panel;
    struct person_state person;                      // in the panel
    struct incident incident;                        // in the panel
    struct fact_ref job;                             // in the panel
    struct desk_paper paper, entered;                // in the panel; the last one
    uint32_t paper_token;                            // of the last one entered
    char printing[PRINTER_JOBS_MAX][PERSON_ID_SIZE]; // whose badges are on their way
    char toast[LINE_SIZE];
    enum desk_tone toast_tone;
    int64_t toast_until_ms;
    struct fact_ref last_admission; // what Undo of the toast takes back
    char last_holder[ID_SIZE];
};

// Empty search, no panel, staff words.
void desk_init(struct desk *d);
// Does a verdict cover the desk?
bool desk_shows_verdict(const struct desk *d);
// Stands in "needs you", after the calls.
bool desk_lists_incident(const struct incident *in);
// One event; requests and dirt go to out.
void desk_step(struct desk *d, const struct flow_env *env, const struct flow_event *e,
               struct flow_out *out);
// Mono time of the next thing that happens by itself; INT64_MAX when nothing does.
int64_t desk_deadline_ms(const struct desk *d);
void desk_fill(const struct desk *d, const struct flow_env *env, struct desk_view *out);

#endif

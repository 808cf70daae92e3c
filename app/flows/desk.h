// The staffed desk: search and act on people, counts, printer, what needs a person. Scans
// and admissions go through a check-in flow in its staff variant, whose verdict covers the
// desk until it is dealt with. Pure steps on the main thread.
#ifndef APP_FLOWS_DESK_H
#define APP_FLOWS_DESK_H

#include "app/flows/checkin.h"
#include "app/screens/desk.h"

struct desk {
    struct checkin checkin; // is_staff
    char query[FLOW_QUERY_SIZE];
    struct flow_found found;
    int chosen; // row, -1 none
    struct flow_desk facts;
    enum desk_panel_kind panel;
    struct person_state person; // in the panel
    size_t incident;            // in the panel, index into facts.incidents
    char toast[LINE_SIZE];
    int64_t toast_until_ms;
    struct fact_ref last_admission; // what Undo takes back
    char last_person[PERSON_ID_SIZE];
};

// Empty search, no panel, staff words.
void desk_init(struct desk *d);
// Does a verdict cover the desk?
bool desk_shows_verdict(const struct desk *d);
// One event; requests and dirt go to out.
void desk_step(struct desk *d, const struct flow_env *env, const struct flow_event *e,
               struct flow_out *out);
// Mono time of the next thing that happens by itself; INT64_MAX when nothing does.
int64_t desk_deadline_ms(const struct desk *d);
void desk_fill(const struct desk *d, const struct flow_env *env, struct desk_view *out);

#endif

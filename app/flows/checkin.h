// Self-service check-in: attract, scan or find my name, confirm, print, verdict. Runs the
// roles checkin and door. Pure steps on the main thread.
#ifndef APP_FLOWS_CHECKIN_H
#define APP_FLOWS_CHECKIN_H

#include "app/flows/flow.h"
#include "app/screens/attract.h"
#include "app/screens/confirm.h"
#include "app/screens/find.h"
#include "app/screens/verdict.h"

enum checkin_screen { CHECKIN_ATTRACT, CHECKIN_FIND, CHECKIN_CONFIRM, CHECKIN_VERDICT };

struct checkin {
    enum checkin_screen screen;
    bool is_staff;      // the verdict in the staff's words
    bool is_busy;       // an answer of the store is awaited
    uint32_t token;     // of that request
    int64_t leave_ms;   // mono time when the screen goes back by itself; 0 = never
    bool is_writing;    // that answer may be of an admission, not of a look
    struct scan scan;   // the code being dealt with; len 0 = found by name
    uint64_t code_hash; // of the last code, to see it twice; outlives the person
    int64_t scanned_ms;
    struct admit_result result;
    struct admit_result asked; // a strict gate: waits for the hub's word; claim 0 = none
    int64_t asked_ms;
    bool is_overriding;  // staff had it admitted anyway
    bool is_checking;    // that takes long enough to be shown
    bool is_unconfirmed; // the hub said nothing
    struct scan next;    // came meanwhile; len 0 = none
    bool is_loading;     // the result may only be so because the people are still coming
    bool has_failed;     // there is no result: the store could not
    bool is_admitted;    // an admission was written on this visit
    enum print_state print;
    char query[FLOW_QUERY_SIZE];
    struct flow_found found;
    enum call_state call;
    struct fact_ref ask; // our open call
    uint32_t ask_token;
    int64_t called_ms;
};

// At the start: nobody is here.
void checkin_init(struct checkin *c);
// One event; requests and dirt go to out.
void checkin_step(struct checkin *c, const struct flow_env *env,
                  const struct flow_event *e, struct flow_out *out);
// Mono time of the next thing that happens by itself; INT64_MAX when nothing does.
int64_t checkin_deadline_ms(const struct checkin *c);
// Whoever was here is forgotten, and so is what was asked of the store about them.
void checkin_forget(struct checkin *c);
// Staff may admit in spite of this verdict, as the store sees it.
bool checkin_can_override(const struct admit_result *r);
// How the badge is doing, the printer's own troubles included.
enum print_state checkin_print_state(const struct checkin *c, const struct flow_env *env);
// The hub is asked, and the wait for it is shown.
bool checkin_is_checking(const struct checkin *c);
// Admits straight away, as the staffed desk does; the verdict shows.
void checkin_admit(struct checkin *c, const struct flow_env *env, const char *person,
                   bool is_override, struct flow_out *out);

// Views from the state. The verdict view keeps its borrowed badge picture.
void checkin_fill_attract(const struct checkin *c, const struct flow_env *env,
                          struct attract_view *out);
void checkin_fill_find(const struct checkin *c, const struct flow_env *env,
                       struct find_view *out);
void checkin_fill_confirm(const struct checkin *c, struct confirm_view *out);
void checkin_fill_verdict(const struct checkin *c, const struct flow_env *env,
                          struct verdict_view *out);
// The notice to show with people around; text empty when there is none.
void checkin_fill_notice(const struct flow_env *env, struct notice_view *out);

#endif

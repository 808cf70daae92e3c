// A desk's flow on a stand: events go in as the kiosk brings them, requests are looked at.
// For the tests of app/flows/desk.h. One thread.
#ifndef TESTS_SUPPORT_DESK_STAND_H
#define TESTS_SUPPORT_DESK_STAND_H

#include "app/flows/desk.h"
#include "tests/support/flow_kit.h"

struct desk_stand { // a desk's flow and what surrounds it
    struct flow_kit kit;
    struct desk d;
    struct desk_view v;
    struct flow_found found;
    struct flow_desk facts;
};

int desk_stand_set_up(void **state);
int desk_stand_tear_down(void **state);
void desk_stand_step(struct desk_stand *s, const struct flow_event *e);
void desk_stand_scan(struct desk_stand *s, const char *code);
void desk_stand_act(struct desk_stand *s, enum action action, int index);
void desk_stand_text(struct desk_stand *s, const char *words);
void desk_stand_press(struct desk_stand *s, enum input_key key);
void desk_stand_pass(struct desk_stand *s, int64_t ms);
// What the store said of an admission asked for; admitted: as fact 00..ab/7.
void desk_stand_answer_with(struct desk_stand *s, uint32_t token, struct admit_result a);
void desk_stand_answer(struct desk_stand *s, uint32_t token, const char *person,
                       enum verdict v);
uint32_t desk_stand_asked(struct desk_stand *s);
// Scan and answer: admitted.
void desk_stand_admit_by_scan(struct desk_stand *s, const char *code, const char *person);
// Fills found with Zoë and Jan for the query; tell_found brings it to the desk.
void desk_stand_find(struct desk_stand *s, const char *query);
void desk_stand_tell_found(struct desk_stand *s);
// Types "m", which finds both.
void desk_stand_search(struct desk_stand *s);
void desk_stand_tell_facts(struct desk_stand *s);
void desk_stand_tell_print(struct desk_stand *s, const char *person,
                           enum flow_print_state state);
// To facts: a badge used at Desk A and Desk B, now.
void desk_stand_add_incident(struct desk_stand *s, const char *holder, bool is_resolved);
// What the screen shows now; good until the next call.
const struct desk_view *desk_stand_view(struct desk_stand *s);
// An append of this kind about the subject, its body with this text under key.
void desk_stand_check_body(const struct desk_stand *s, const char *kind,
                           const char *subject, const char *key, const char *value);

#endif

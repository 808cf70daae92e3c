// A check-in flow on a stand: events go in as the kiosk brings them, requests are looked at.
// For the tests of app/flows/checkin.h. One thread.
#ifndef TESTS_SUPPORT_CHECKIN_STAND_H
#define TESTS_SUPPORT_CHECKIN_STAND_H

#include "app/flows/checkin.h"
#include "tests/support/flow_kit.h"

struct stand { // a kiosk's flow and what surrounds it
    struct flow_kit kit;
    struct checkin c;
};

int stand_set_up(void **state);
int stand_tear_down(void **state);
void stand_step(struct stand *r, const struct flow_event *e);
void stand_scan(struct stand *r, const char *code);
void stand_act(struct stand *r, enum action action, int index);
void stand_text(struct stand *r, const char *words);
void stand_press(struct stand *r, enum input_key key);
void stand_tick(struct stand *r);
void stand_pass(struct stand *r, int64_t ms);
struct admit_result stand_result_of(const char *person, enum verdict v);
void stand_answer_with(struct stand *r, uint32_t token, bool is_dry,
                       struct admit_result a);
void stand_answer(struct stand *r, uint32_t token, bool is_dry, const char *person,
                  enum verdict v);
void stand_fail_answer(struct stand *r, uint32_t token, bool is_dry);
void stand_print_news(struct stand *r, const char *person, enum flow_print_state state);
void stand_found(struct stand *r, const char *query, size_t count);
uint32_t stand_asked(struct stand *r);
void stand_come_to_confirm(struct stand *r, const char *code, const char *person);
void stand_come_to_welcome(struct stand *r);
bool stand_holds(const void *bytes, size_t size, const char *words);
void stand_check_nobody_is_left(const struct stand *r);

#endif

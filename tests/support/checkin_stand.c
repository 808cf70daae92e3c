#include "tests/support/checkin_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int stand_set_up(void **state) {
    struct stand *r = calloc(1, sizeof *r);
    flow_kit_start(&r->kit);
    checkin_init(&r->c);
    *state = r;
    return 0;
}

int stand_tear_down(void **state) {
    struct stand *r = *state;
    flow_kit_finish(&r->kit);
    free(r);
    return 0;
}

void stand_step(struct stand *r, const struct flow_event *e) {
    flow_kit_clear(&r->kit);
    checkin_step(&r->c, &r->kit.env, e, &r->kit.out);
}

void stand_scan(struct stand *r, const char *code) {
    struct scan s = flow_kit_scan(code);
    stand_step(r, &(struct flow_event){.kind = FLOW_SCAN, .scan = &s});
}

void stand_act(struct stand *r, enum action action, int index) {
    stand_step(
        r, &(struct flow_event){.kind = FLOW_ACTION, .action = action, .index = index});
}

void stand_text(struct stand *r, const char *words) {
    stand_step(r, &(struct flow_event){.kind = FLOW_TEXT, .text = words});
}

void stand_press(struct stand *r, enum input_key key) {
    stand_step(r, &(struct flow_event){.kind = FLOW_KEY, .key = key});
}

void stand_tick(struct stand *r) {
    stand_step(r, &(struct flow_event){.kind = FLOW_TICK});
}

void stand_pass(struct stand *r, int64_t ms) {
    flow_kit_pass(&r->kit, ms);
    stand_tick(r);
}

struct admit_result stand_result_of(const char *person, enum verdict v) {
    struct admit_result a = {.verdict = v};
    if (person) {
        a.state = flow_kit_person(person);
    }
    return a;
}

void stand_answer_with(struct stand *r, uint32_t token, bool is_dry,
                       struct admit_result a) {
    a.ref.n = a.verdict == VERDICT_ADMITTED && !is_dry ? 7 : 0;
    stand_step(r,
               &(struct flow_event){
                   .kind = FLOW_ADMITTED, .token = token, .is_dry = is_dry, .admit = &a});
}

void stand_answer(struct stand *r, uint32_t token, bool is_dry, const char *person,
                  enum verdict v) {
    stand_answer_with(r, token, is_dry, stand_result_of(person, v));
}

void stand_fail_answer(struct stand *r, uint32_t token, bool is_dry) {
    stand_step(
        r, &(struct flow_event){
               .kind = FLOW_ADMITTED, .token = token, .is_dry = is_dry, .err = ERR_FULL});
}

void stand_print_news(struct stand *r, const char *person, enum flow_print_state state) {
    struct flow_event e = {.kind = FLOW_PRINT, .print = state};
    snprintf(e.person, sizeof e.person, "%s", person);
    stand_step(r, &e);
}

void stand_found(struct stand *r, const char *query, size_t count) {
    static struct flow_found f;
    memset(&f, 0, sizeof f);
    snprintf(f.query, sizeof f.query, "%s", query);
    f.count = count;
    for (size_t i = 0; i < count; i++) {
        f.rows[i] = flow_kit_person(i % 2 ? FLOW_JAN : FLOW_ZOE);
    }
    stand_step(r, &(struct flow_event){.kind = FLOW_FOUND, .found = &f});
}

uint32_t stand_asked(struct stand *r) {
    return flow_kit_get(&r->kit, FLOW_ADMIT)->token;
}

// Scan, look, confirm: what the screen is before the badge prints.
void stand_come_to_confirm(struct stand *r, const char *code, const char *person) {
    stand_scan(r, code);
    stand_answer(r, stand_asked(r), true, person, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_CONFIRM);
}

void stand_come_to_welcome(struct stand *r) {
    stand_come_to_confirm(r, "ZOE", FLOW_ZOE);
    stand_act(r, ACTION_PRINT, 0);
    stand_answer(r, stand_asked(r), false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
}

bool stand_holds(const void *bytes, size_t size, const char *words) {
    size_t len = strlen(words);
    for (size_t i = 0; i + len <= size; i++) {
        if (memcmp((const char *)bytes + i, words, len) == 0) {
            return true;
        }
    }
    return false;
}

void stand_check_nobody_is_left(const struct stand *r) {
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    static const char *const words[] = {FLOW_ZOE, "Müller", "Zoë", "Example Net",
                                        "ZOE-CODE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_false(stand_holds(&r->c, sizeof r->c, words[i]));
    }
    struct attract_view *v = calloc(1, sizeof *v);
    checkin_fill_attract(&r->c, &r->kit.env, v);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_false(stand_holds(v, sizeof *v, words[i]));
    }
    free(v);
}

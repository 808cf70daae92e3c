// Admissions taken on paper, typed in at the desk.
#include "app/flows/desk.h"

#include "sync/base/json.h"
#include "tests/support/flow_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct stand { // a desk's flow and what surrounds it
    struct flow_kit kit;
    struct desk d;
    struct desk_view v;
    struct flow_found found;
};

static int set_up(void **state) {
    struct stand *s = calloc(1, sizeof *s);
    flow_kit_start(&s->kit);
    snprintf(s->kit.programme->event.start, sizeof s->kit.programme->event.start,
             "2015-03-22");
    snprintf(s->kit.programme->event.end, sizeof s->kit.programme->event.end,
             "2015-03-27");
    desk_init(&s->d);
    *state = s;
    return 0;
}

static int tear_down(void **state) {
    struct stand *s = *state;
    flow_kit_finish(&s->kit);
    free(s);
    return 0;
}

static void step(struct stand *s, const struct flow_event *e) {
    flow_kit_clear(&s->kit);
    desk_step(&s->d, &s->kit.env, e, &s->kit.out);
}

static void act(struct stand *s, enum action action, int index) {
    step(s, &(struct flow_event){.kind = FLOW_ACTION, .action = action, .index = index});
}

static void text(struct stand *s, const char *words) {
    for (; *words; words++) { // as typed: one character each
        const char one[2] = {*words, '\0'};
        step(s, &(struct flow_event){.kind = FLOW_TEXT, .text = one});
    }
}

static void press(struct stand *s, enum input_key key) {
    step(s, &(struct flow_event){.kind = FLOW_KEY, .key = key});
}

static const struct desk_paper_view *look(struct stand *s) {
    desk_fill(&s->d, &s->kit.env, &s->v);
    assert_int_equal(s->v.panel.kind, DESK_PANEL_PAPER);
    return &s->v.panel.paper;
}

// A person found, opened, "From paper".
static void open_paper(struct stand *s) {
    text(s, "jan");
    snprintf(s->found.query, sizeof s->found.query, "jan");
    s->found.count = 1;
    s->found.rows[0] = flow_kit_person(FLOW_JAN);
    step(s, &(struct flow_event){.kind = FLOW_FOUND, .found = &s->found});
    act(s, ACTION_OPEN, 0);
    act(s, ACTION_FROM_PAPER, 0);
}

static const char *appended(struct stand *s, const char *field) {
    static char value[64];
    json_t *body = NULL;
    const struct flow_request *r = flow_kit_append(&s->kit, "admit");
    assert_non_null(r);
    assert_string_equal(r->subject, FLOW_JAN);
    assert_int_equal(json_parse(r->body, strlen(r->body), &body), ERR_NONE);
    snprintf(value, sizeof value, "%s", json_get_text(body, field, ""));
    json_decref(body);
    return value;
}

static void test_typed_on_the_keyboard(void **state) {
    struct stand *s = *state;
    open_paper(s);
    assert_string_equal(look(s)->time, "__:__");
    assert_string_equal(look(s)->day, "Mon 23 March"); // today
    assert_string_equal(look(s)->gate, "Meeting");
    assert_false(look(s)->is_ready);
    press(s, INPUT_KEY_ENTER);
    assert_int_equal(s->kit.out.count, 0); // no time yet
    text(s, "08:4");
    assert_string_equal(look(s)->time, "08:4_");
    press(s, INPUT_KEY_BACKSPACE);
    text(s, "55x9");
    assert_string_equal(look(s)->time, "08:55");
    assert_true(look(s)->is_ready);
    press(s, INPUT_KEY_ENTER);
    assert_string_equal(appended(s, "gate"), "meeting");
    assert_string_equal(appended(s, "by_code"), "paper");
    assert_string_equal(appended(s, "at"), "2015-03-23T13:55:00Z"); // Chicago
    assert_int_equal(s->d.panel, DESK_PANEL_NONE);
    assert_string_equal(s->d.query, "jan"); // nothing of it went into the search
}

static void test_touched_with_another_day_and_gate(void **state) {
    struct stand *s = *state;
    static const int digits[] = {9, 2, 0};
    open_paper(s);
    act(s, ACTION_DAY, 0);
    act(s, ACTION_DAY, 0); // the event begins on Sunday: no further
    assert_string_equal(look(s)->day, "Sun 22 March");
    act(s, ACTION_DAY, 1);
    act(s, ACTION_DAY, 1);
    assert_string_equal(look(s)->day, "Tue 24 March");
    act(s, ACTION_GATE, 1);
    assert_string_equal(look(s)->gate, "Social event");
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        act(s, ACTION_DIGIT, digits[i]);
    }
    assert_string_equal(look(s)->time, "09:20");
    act(s, ACTION_ENTER_PAPER, 0);
    assert_string_equal(appended(s, "gate"), "social");
    assert_string_equal(appended(s, "at"),
                        "2015-03-24T14:20:00Z"); // tomorrow: not refused
}

static void test_no_time_that_is_none(void **state) {
    struct stand *s = *state;
    open_paper(s);
    text(s, "2597");
    assert_string_equal(look(s)->time, "2_:__");
    text(s, "36");
    assert_string_equal(look(s)->time, "23:__");
    text(s, "59");
    assert_string_equal(look(s)->time, "23:59");
    for (int i = 0; i < 6; i++) {
        act(s, ACTION_ERASE, 0);
    }
    assert_string_equal(look(s)->time, "__:__");
}

static void test_stored_it_is_said_and_can_be_taken_back(void **state) {
    struct stand *s = *state;
    open_paper(s);
    text(s, "0855");
    press(s, INPUT_KEY_ENTER);
    uint32_t token = flow_kit_append(&s->kit, "admit")->token;
    assert_int_not_equal(token, 0);
    step(s,
         &(struct flow_event){.kind = FLOW_APPENDED, .token = token, .ref = {0xab, 7}});
    desk_fill(&s->d, &s->kit.env, &s->v);
    assert_string_equal(s->v.toast, "From paper: Jan Mullender, 08:55");
    assert_true(s->v.can_undo);
    act(s, ACTION_UNDO, 0);
    const struct flow_request *r = flow_kit_append(&s->kit, "admit.void");
    assert_non_null(r);
    assert_string_equal(r->subject, FLOW_JAN);
    assert_non_null(strstr(r->body, "00000000000000ab/7"));
}

static void test_not_stored_is_said_too(void **state) {
    struct stand *s = *state;
    open_paper(s);
    text(s, "0855");
    press(s, INPUT_KEY_ENTER);
    uint32_t token = flow_kit_append(&s->kit, "admit")->token;
    step(s, &(struct flow_event){.kind = FLOW_APPENDED, .token = token, .err = ERR_FULL});
    desk_fill(&s->d, &s->kit.env, &s->v);
    assert_int_equal(s->v.toast_tone, DESK_BAD);
    assert_false(s->v.can_undo);
}

static void test_escape_goes_back_to_the_person(void **state) {
    struct stand *s = *state;
    open_paper(s);
    text(s, "08");
    press(s, INPUT_KEY_ESCAPE);
    assert_int_equal(s->d.panel, DESK_PANEL_PERSON);
    act(s, ACTION_FROM_PAPER, 0);
    assert_string_equal(look(s)->time, "__:__");
    act(s, ACTION_CLOSE, 0);
    assert_int_equal(s->d.panel, DESK_PANEL_PERSON);
}

static void test_without_a_zone_it_is_not_offered(void **state) {
    struct stand *s = *state;
    struct zone *zone = s->kit.zone;
    s->kit.env.zone = NULL;
    open_paper(s);
    desk_fill(&s->d, &s->kit.env, &s->v);
    for (int i = 0; i < s->v.panel.action_count; i++) {
        assert_int_not_equal(s->v.panel.actions[i].action, ACTION_FROM_PAPER);
    }
    text(s, "0855");
    press(s, INPUT_KEY_ENTER);
    assert_int_equal(s->kit.out.count, 0);
    s->kit.env.zone = zone;
}

// The person's panel, the row and the verdict say where the admission came from.
static void test_shown_as_from_paper(void **state) {
    struct stand *s = *state;
    open_paper(s);
    press(s, INPUT_KEY_ESCAPE);
    s->d.person.is_in = true;
    s->d.person.in_ms = s->kit.env.now.wall_ms - 3600000;
    s->d.person.in_typed_ms = s->kit.env.now.wall_ms;
    desk_fill(&s->d, &s->kit.env, &s->v);
    bool is_said = false;
    for (int i = 0; i < s->v.panel.fact_count; i++) {
        is_said = is_said ||
                  strcmp(s->v.panel.facts[i].text, "from paper, typed in at 09:10") == 0;
    }
    assert_true(is_said);
    assert_non_null(strstr(s->v.panel.status, "08:10"));
    struct admit_result in = {.verdict = VERDICT_ALREADY_IN, .state = s->d.person};
    s->d.checkin.result = in;
    struct verdict_view v = {.badge = NULL};
    checkin_fill_verdict(&s->d.checkin, &s->kit.env, &v);
    char words[512];
    verdict_format_text(&v, words, sizeof words);
    assert_non_null(strstr(words, "From paper, typed in at 09:10."));
}

static void test_incident_names_paper(void **state) {
    struct stand *s = *state;
    s->d.panel = DESK_PANEL_INCIDENT;
    s->d.incident.member_count = 2;
    s->d.incident.members[0].typed_ms = s->kit.env.now.wall_ms;
    s->d.incident.members[1].is_unconfirmed = true;
    desk_fill(&s->d, &s->kit.env, &s->v);
    assert_string_equal(s->v.panel.members[0].basis, "from paper, typed in at 09:10");
    assert_string_equal(s->v.panel.members[1].basis,
                        "went on without the hub: no answer in time");
}

int main(void) {
#define DESK(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        DESK(test_typed_on_the_keyboard),
        DESK(test_touched_with_another_day_and_gate),
        DESK(test_no_time_that_is_none),
        DESK(test_stored_it_is_said_and_can_be_taken_back),
        DESK(test_not_stored_is_said_too),
        DESK(test_escape_goes_back_to_the_person),
        DESK(test_without_a_zone_it_is_not_offered),
        DESK(test_shown_as_from_paper),
        DESK(test_incident_names_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// Admissions taken on paper, typed in at the desk.
#include "tests/support/desk_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int set_up_event(void **state) {
    desk_stand_set_up(state);
    struct desk_stand *s = *state;
    snprintf(s->kit.programme->event.start, sizeof s->kit.programme->event.start,
             "2015-03-22");
    snprintf(s->kit.programme->event.end, sizeof s->kit.programme->event.end,
             "2015-03-27");
    return 0;
}

static void type(struct desk_stand *s, const char *words) { // one character each
    for (; *words; words++) {
        const char one[2] = {*words, '\0'};
        desk_stand_text(s, one);
    }
}

static const struct desk_paper_view *look(struct desk_stand *s) {
    desk_stand_view(s);
    assert_int_equal(s->v.panel.kind, DESK_PANEL_PAPER);
    return &s->v.panel.paper;
}

// A person found, opened, "From paper".
static void open_paper(struct desk_stand *s) {
    type(s, "jan");
    desk_stand_find(s, "jan");
    s->found.count = 1;
    s->found.rows[0] = flow_kit_person(FLOW_JAN);
    desk_stand_tell_found(s);
    desk_stand_act(s, ACTION_OPEN, 0);
    desk_stand_act(s, ACTION_FROM_PAPER, 0);
}

static void test_typed_on_the_keyboard(void **state) {
    struct desk_stand *s = *state;
    open_paper(s);
    assert_string_equal(look(s)->time, "__:__");
    assert_string_equal(look(s)->day, "Mon 23 March"); // today
    assert_string_equal(look(s)->gate, "Meeting");
    assert_false(look(s)->is_ready);
    desk_stand_press(s, INPUT_KEY_ENTER);
    assert_int_equal(s->kit.out.count, 0); // no time yet
    type(s, "08:4");
    assert_string_equal(look(s)->time, "08:4_");
    desk_stand_press(s, INPUT_KEY_BACKSPACE);
    type(s, "55x9");
    assert_string_equal(look(s)->time, "08:55");
    assert_true(look(s)->is_ready);
    desk_stand_press(s, INPUT_KEY_ENTER);
    desk_stand_check_body(s, "admit", FLOW_JAN, "gate", "meeting");
    desk_stand_check_body(s, "admit", FLOW_JAN, "by_code", "paper");
    desk_stand_check_body(s, "admit", FLOW_JAN, "at", "2015-03-23T13:55:00Z"); // Chicago
    assert_int_equal(s->d.panel, DESK_PANEL_NONE);
    assert_string_equal(s->d.query, "jan"); // nothing of it went into the search
}

static void test_touched_with_another_day_and_gate(void **state) {
    struct desk_stand *s = *state;
    static const int digits[] = {9, 2, 0};
    open_paper(s);
    desk_stand_act(s, ACTION_DAY, 0);
    desk_stand_act(s, ACTION_DAY, 0); // the event begins on Sunday: no further
    assert_string_equal(look(s)->day, "Sun 22 March");
    desk_stand_act(s, ACTION_DAY, 1);
    desk_stand_act(s, ACTION_DAY, 1);
    assert_string_equal(look(s)->day, "Tue 24 March");
    desk_stand_act(s, ACTION_GATE, 1);
    assert_string_equal(look(s)->gate, "Social event");
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        desk_stand_act(s, ACTION_DIGIT, digits[i]);
    }
    assert_string_equal(look(s)->time, "09:20");
    desk_stand_act(s, ACTION_ENTER_PAPER, 0);
    desk_stand_check_body(s, "admit", FLOW_JAN, "gate", "social");
    desk_stand_check_body(s, "admit", FLOW_JAN, "at",
                          "2015-03-24T14:20:00Z"); // tomorrow: not refused
}

static void test_no_time_that_is_none(void **state) {
    struct desk_stand *s = *state;
    open_paper(s);
    type(s, "2597");
    assert_string_equal(look(s)->time, "2_:__");
    type(s, "36");
    assert_string_equal(look(s)->time, "23:__");
    type(s, "59");
    assert_string_equal(look(s)->time, "23:59");
    for (int i = 0; i < 6; i++) {
        desk_stand_act(s, ACTION_ERASE, 0);
    }
    assert_string_equal(look(s)->time, "__:__");
}

static void test_stored_it_is_said_and_can_be_taken_back(void **state) {
    struct desk_stand *s = *state;
    open_paper(s);
    type(s, "0855");
    desk_stand_press(s, INPUT_KEY_ENTER);
    uint32_t token = flow_kit_append(&s->kit, "admit")->token;
    assert_int_not_equal(token, 0);
    desk_stand_step(
        s, &(struct flow_event){.kind = FLOW_APPENDED, .token = token, .ref = {0xab, 7}});
    desk_stand_view(s);
    assert_string_equal(s->v.toast, "From paper: Jan Mullender, 08:55");
    assert_true(s->v.can_undo);
    desk_stand_act(s, ACTION_UNDO, 0);
    const struct flow_request *r = flow_kit_append(&s->kit, "admit.void");
    assert_non_null(r);
    assert_string_equal(r->subject, FLOW_JAN);
    assert_non_null(strstr(r->body, "00000000000000ab/7"));
}

static void test_not_stored_is_said_too(void **state) {
    struct desk_stand *s = *state;
    open_paper(s);
    type(s, "0855");
    desk_stand_press(s, INPUT_KEY_ENTER);
    uint32_t token = flow_kit_append(&s->kit, "admit")->token;
    desk_stand_step(
        s, &(struct flow_event){.kind = FLOW_APPENDED, .token = token, .err = ERR_FULL});
    desk_stand_view(s);
    assert_int_equal(s->v.toast_tone, DESK_BAD);
    assert_false(s->v.can_undo);
}

static void test_escape_goes_back_to_the_person(void **state) {
    struct desk_stand *s = *state;
    open_paper(s);
    type(s, "08");
    desk_stand_press(s, INPUT_KEY_ESCAPE);
    assert_int_equal(s->d.panel, DESK_PANEL_PERSON);
    desk_stand_act(s, ACTION_FROM_PAPER, 0);
    assert_string_equal(look(s)->time, "__:__");
    desk_stand_act(s, ACTION_CLOSE, 0);
    assert_int_equal(s->d.panel, DESK_PANEL_PERSON);
}

static void test_without_a_zone_it_is_not_offered(void **state) {
    struct desk_stand *s = *state;
    struct zone *zone = s->kit.zone;
    s->kit.env.zone = NULL;
    open_paper(s);
    desk_stand_view(s);
    for (int i = 0; i < s->v.panel.action_count; i++) {
        assert_int_not_equal(s->v.panel.actions[i].action, ACTION_FROM_PAPER);
    }
    type(s, "0855");
    desk_stand_press(s, INPUT_KEY_ENTER);
    assert_int_equal(s->kit.out.count, 0);
    s->kit.env.zone = zone;
}

// The person's panel, the row and the verdict say where the admission came from.
static void test_shown_as_from_paper(void **state) {
    struct desk_stand *s = *state;
    open_paper(s);
    desk_stand_press(s, INPUT_KEY_ESCAPE);
    s->d.person.is_in = true;
    s->d.person.in_ms = s->kit.env.now.wall_ms - 3600000;
    s->d.person.in_typed_ms = s->kit.env.now.wall_ms;
    desk_stand_view(s);
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
    struct desk_stand *s = *state;
    s->d.panel = DESK_PANEL_INCIDENT;
    s->d.incident.member_count = 2;
    s->d.incident.members[0].typed_ms = s->kit.env.now.wall_ms;
    s->d.incident.members[1].is_unconfirmed = true;
    desk_stand_view(s);
    assert_string_equal(s->v.panel.members[0].basis, "from paper, typed in at 09:10");
    assert_string_equal(s->v.panel.members[1].basis,
                        "went on without the hub: no answer in time");
}

int main(void) {
#define DESK(f) cmocka_unit_test_setup_teardown(f, set_up_event, desk_stand_tear_down)
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

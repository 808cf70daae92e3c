// The check-in flow where a person helps: calls for staff, overrides, the words of staff.
#include "tests/support/checkin_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void appended(struct stand *r, uint32_t token, enum err e, uint64_t n) {
    stand_step(r, &(struct flow_event){
                      .kind = FLOW_APPENDED, .token = token, .err = e, .ref = {9, n}});
}

static void tell_asks(struct stand *r, size_t count, uint64_t n) {
    static struct flow_desk d;
    memset(&d, 0, sizeof d);
    d.ask_count = count;
    for (size_t i = 0; i < count; i++) {
        d.asks[i] = (struct ask){.ref = {9, n + i}, .dev = r->kit.env.dev};
    }
    stand_step(r, &(struct flow_event){.kind = FLOW_DESK, .desk = &d});
}

static uint32_t call(struct stand *r) {
    stand_act(r, ACTION_CALL_STAFF, 0);
    const struct flow_request *q = flow_kit_append(&r->kit, "ask");
    assert_non_null(q);
    assert_string_equal(q->subject, "000000000000abcd");
    return q->token;
}

static void test_call_is_sent_once_and_answered(void **state) {
    struct stand *r = *state;
    uint32_t token = call(r);
    stand_act(r, ACTION_CALL_STAFF, 0);
    assert_int_equal(r->kit.out.count, 0);
    tell_asks(r, 0, 0); // older news
    assert_int_equal(r->c.call, CALL_SENT);
    appended(r, 0, ERR_NONE, 5); // of a badge that was printed meanwhile
    tell_asks(r, 0, 0);
    assert_int_equal(r->c.call, CALL_SENT);
    appended(r, token, ERR_NONE, 6);
    tell_asks(r, 1, 6);
    assert_int_equal(r->c.call, CALL_SENT);
    tell_asks(r, 1, 99); // another call of ours, not this one
    assert_int_equal(r->c.call, CALL_ANSWERED);
    stand_pass(r, 15000);
    assert_int_equal(r->c.call, CALL_NONE);
}

static void test_answered_call_passes_even_when_the_person_goes(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE");
    stand_answer(r, stand_asked(r), true, FLOW_ZOE, VERDICT_UNPAID);
    appended(r, call(r), ERR_NONE, 6);
    tell_asks(r, 0, 0);
    stand_act(r, ACTION_DONE, 0);
    assert_int_equal(r->c.call, CALL_ANSWERED);
    stand_pass(r, 15000);
    assert_int_equal(r->c.call, CALL_NONE);
    (void)call(r);
}

static void test_call_outlives_the_person_but_not_for_ever(void **state) {
    struct stand *r = *state;
    appended(r, call(r), ERR_NONE, 6);
    stand_scan(r, "ZOE");
    stand_answer(r, stand_asked(r), true, FLOW_ZOE, VERDICT_UNPAID);
    stand_pass(r, 15000);
    assert_int_equal(r->c.call, CALL_SENT);
    assert_true(checkin_deadline_ms(&r->c) < INT64_MAX);
    stand_pass(r, 600000);
    assert_int_equal(r->c.call, CALL_NONE);
}

static void test_call_that_was_not_stored_can_be_made_again(void **state) {
    struct stand *r = *state;
    appended(r, call(r), ERR_FULL, 0);
    assert_int_equal(r->c.call, CALL_NONE);
    (void)call(r);
}

static void test_full_list_of_calls_is_no_answer(void **state) {
    struct stand *r = *state;
    appended(r, call(r), ERR_NONE, 600);
    tell_asks(r, FLOW_ASKS_MAX, 1);
    assert_int_equal(r->c.call, CALL_SENT);
}

static void test_override_is_for_staff_and_soft_verdicts_only(void **state) {
    struct stand *r = *state;
    static const enum verdict soft[] = {VERDICT_UNPAID,    VERDICT_NEEDS_STAFF,
                                        VERDICT_WRONG_DAY, VERDICT_TOO_EARLY,
                                        VERDICT_TOO_LATE,  VERDICT_NOT_ON_LIST};
    for (int v = 0; v < VERDICT_COUNT; v++) {
        bool is_soft = false;
        for (size_t i = 0; i < sizeof soft / sizeof *soft; i++) {
            is_soft = is_soft || (int)soft[i] == v;
        }
        for (int is_staff = 0; is_staff <= 1; is_staff++) {
            checkin_init(&r->c);
            r->c.is_staff = is_staff != 0;
            stand_scan(r, "ZOE");
            stand_answer(r, stand_asked(r), false, FLOW_ZOE, (enum verdict)v);
            struct verdict_view view = {0};
            checkin_fill_verdict(&r->c, &r->kit.env, &view);
            assert_int_equal(view.can_override, is_soft && is_staff);
            stand_act(r, ACTION_ADMIT_ANYWAY, 0);
            assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), is_soft && is_staff);
        }
    }
}

static void test_override_of_a_scan_keeps_its_code(void **state) {
    struct stand *r = *state;
    r->c.is_staff = true;
    stand_scan(r, "ZOE");
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry); // staff admit at once
    stand_answer(r, stand_asked(r), false, FLOW_ZOE, VERDICT_UNPAID);
    stand_act(r, ACTION_ADMIT_ANYWAY, 0);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_true(q->is_override);
    assert_int_equal(q->code_len, 3);
    stand_answer(r, q->token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 1);
}

static void test_words_when_too_early_and_on_another_day(void **state) {
    struct stand *r = *state;
    flow_kit_add(&r->kit, "gate", "late",
                 "{'name':'Hackathon','from':'2015-03-24T00:30:00Z','early_minutes':30}");
    flow_kit_sort(&r->kit);
    snprintf(r->kit.env.gate, sizeof r->kit.env.gate, "late");
    stand_scan(r, "ZOE");
    stand_answer(r, stand_asked(r), false, FLOW_ZOE, VERDICT_TOO_EARLY);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.when, "Mon 23 March, 19:00");
    struct admit_result a = stand_result_of(FLOW_ZOE, VERDICT_WRONG_DAY);
    memcpy(a.state.person.days, "2015-03-24", 11);
    stand_scan(r, "ZOE2");
    stand_answer_with(r, stand_asked(r), false, a);
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.when, "Tue 24 March");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stand_set_up, stand_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_call_is_sent_once_and_answered),
        TEST(test_answered_call_passes_even_when_the_person_goes),
        TEST(test_call_outlives_the_person_but_not_for_ever),
        TEST(test_call_that_was_not_stored_can_be_made_again),
        TEST(test_full_list_of_calls_is_no_answer),
        TEST(test_override_is_for_staff_and_soft_verdicts_only),
        TEST(test_override_of_a_scan_keeps_its_code),
        TEST(test_words_when_too_early_and_on_another_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

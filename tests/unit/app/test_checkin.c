// The check-in flow, driven by events as the kiosk does it.
#include "tests/support/checkin_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// ---- the way through -----------------------------------------------------------------------
static void test_badge_is_seen_before_anything_is_written(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE");
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_true(q->is_dry);
    assert_int_equal(q->code_len, 3);
    assert_memory_equal(q->code, "ZOE", 3);
    stand_answer(r, q->token, true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_CONFIRM);
    assert_int_equal(flow_kit_get(&r->kit, FLOW_RENDER)->serial, 1);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
    struct confirm_view v;
    checkin_fill_confirm(&r->c, &v);
    assert_string_equal(v.name, "Zoë Müller-Ortiz");
    assert_string_equal(v.detail, "Week pass");
}

static void test_print_admits_and_then_prints(void **state) {
    struct stand *r = *state;
    stand_come_to_confirm(r, "ZOE", FLOW_ZOE);
    stand_act(r, ACTION_PRINT, 0);
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0); // not before it is durable
    uint32_t token = stand_asked(r);
    stand_act(r, ACTION_PRINT, 0); // pressed again out of impatience
    assert_int_equal(r->kit.out.count, 0);
    stand_answer(r, token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 1);
    assert_int_equal(flow_kit_get(&r->kit, FLOW_SOUND)->sound, SOUND_OK);
    assert_int_equal(r->c.print, PRINT_STATE_WAITING);
    stand_print_news(r, FLOW_ZOE, FLOW_PRINT_PRINTING);
    assert_int_equal(r->c.print, PRINT_STATE_PRINTING);
    stand_print_news(r, FLOW_ZOE, FLOW_PRINT_DONE);
    assert_int_equal(r->c.print, PRINT_STATE_PRINTED);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.given, "Zoë");
    assert_string_equal(v.steps[0].text, "Take your badge from the printer below.");
}

static void test_failed_print_says_where_the_badge_is(void **state) {
    struct stand *r = *state;
    stand_come_to_welcome(r);
    stand_print_news(r, FLOW_ZOE, FLOW_PRINT_FAILED);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_int_equal(v.print, PRINT_STATE_TROUBLE);
    assert_string_equal(v.steps[0].text, "Collect your badge at ");
}

static void test_gate_without_badges_admits_at_once(void **state) {
    struct stand *r = *state;
    snprintf(r->kit.env.gate, sizeof r->kit.env.gate, "social");
    stand_scan(r, "ZOE");
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry);
    stand_answer(r, stand_asked(r), false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.gate, "Social event");
    assert_int_equal(v.step_count, 0);
}

static void test_who_has_a_badge_is_not_told_to_fetch_one(void **state) {
    struct stand *r = *state;
    struct admit_result a = stand_result_of(FLOW_ZOE, VERDICT_ADMITTED);
    a.state.has_badge = true;
    a.state.serial = 1;
    stand_scan(r, "ZOE");
    stand_answer_with(r, stand_asked(r), true, a);
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry); // nothing to confirm
    stand_answer_with(r, stand_asked(r), false, a);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    for (int i = 0; i < v.step_count; i++) {
        assert_null(strstr(v.steps[i].text, "badge"));
    }
}

static void test_signed_ticket_of_a_stranger_is_admitted(void **state) {
    struct stand *r = *state;
    struct admit_result a = stand_result_of(NULL, VERDICT_ADMITTED);
    a.is_signed_only = true;
    stand_scan(r, "TICKET");
    stand_answer_with(r, stand_asked(r), true, a);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_int_equal(q->code_len, 6);
    stand_answer_with(r, q->token, false, a);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.steps[0].text, "Collect your badge at ");
    struct programme none = {0}; // before the first sync
    r->kit.env.programme = &none;
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.steps[0].text, "Collect your badge at ");
    r->kit.env.programme = r->kit.programme;
}

static void test_not_printed_offers_to_print_once(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE");
    stand_answer(r, stand_asked(r), true, FLOW_ZOE, VERDICT_NOT_PRINTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    stand_act(r, ACTION_PRINT, 0);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 1);
    stand_act(r, ACTION_PRINT, 0);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
}

static void test_verdict_changed_between_look_and_print_shows(void **state) {
    struct stand *r = *state;
    stand_come_to_confirm(r, "ZOE", FLOW_ZOE);
    stand_act(r, ACTION_PRINT, 0);
    stand_answer(r, stand_asked(r), false, FLOW_ZOE, VERDICT_ALREADY_IN);
    assert_int_equal(r->c.result.verdict, VERDICT_ALREADY_IN);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
}

static void test_every_verdict_has_a_screen_and_a_sound(void **state) {
    struct stand *r = *state;
    for (int v = 0; v < VERDICT_COUNT; v++) {
        checkin_init(&r->c);
        r->c.is_staff = v % 2;
        bool is_dry = !r->c.is_staff;
        stand_scan(r, "ZOE");
        stand_answer(r, stand_asked(r), is_dry && v != VERDICT_ADMITTED, FLOW_ZOE,
                     (enum verdict)v);
        assert_int_equal(r->c.screen, CHECKIN_VERDICT);
        assert_int_equal(flow_kit_count(&r->kit, FLOW_SOUND), 1);
        struct verdict_view view = {0};
        checkin_fill_verdict(&r->c, &r->kit.env, &view);
        assert_int_equal(view.verdict, v);
    }
}

// ---- scans in the wrong moment ---------------------------------------------------------------

static void test_same_code_within_three_seconds_is_one_scan(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE");
    stand_answer(r, stand_asked(r), true, FLOW_ZOE, VERDICT_ALREADY_IN);
    flow_kit_pass(&r->kit, 2900);
    stand_scan(r, "ZOE");
    assert_int_equal(r->kit.out.count, 0);
    flow_kit_pass(&r->kit, 2900); // held under a scanner that goes on reading
    stand_scan(r, "ZOE");
    assert_int_equal(r->kit.out.count, 0);
    flow_kit_pass(&r->kit, 3000);
    stand_scan(r, "ZOE");
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
}

static void test_same_code_after_done_is_still_one_scan(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE");
    stand_answer(r, stand_asked(r), true, FLOW_ZOE, VERDICT_ALREADY_IN);
    stand_act(r, ACTION_DONE, 0);
    stand_scan(r, "ZOE");
    assert_int_equal(r->kit.out.count, 0);
    stand_scan(r, "JAN");
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
    stand_scan(r, "ZOE"); // back at once: not the same scan
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
}

static void test_another_person_takes_over_verdict_and_confirm(void **state) {
    struct stand *r = *state;
    stand_come_to_welcome(r);
    stand_come_to_confirm(r, "JAN", FLOW_JAN);
    assert_string_equal(r->c.result.state.person.id, FLOW_JAN);
    assert_int_equal(r->c.print, PRINT_STATE_NONE);
    stand_print_news(r, FLOW_ZOE, FLOW_PRINT_FAILED); // Zoë's badge, who left
    assert_int_equal(r->c.print, PRINT_STATE_NONE);
    stand_scan(r, "ZOE");
    uint32_t token = stand_asked(r);
    stand_act(r, ACTION_PRINT, 0); // Jan's button while Zoë is looked up
    assert_int_equal(r->kit.out.count, 0);
    stand_answer(r, token, true, FLOW_ZOE, VERDICT_ALREADY_IN);
    assert_string_equal(r->c.result.state.person.id, FLOW_ZOE);
}

static void test_stale_answer_is_ignored(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE");
    uint32_t first = stand_asked(r);
    stand_scan(r, "JAN");
    uint32_t second = stand_asked(r);
    stand_answer(r, first, true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    assert_int_equal(r->kit.out.count, 0);
    stand_answer(r, second, true, FLOW_JAN, VERDICT_ADMITTED);
    assert_string_equal(r->c.result.state.person.id, FLOW_JAN);
}

static void test_answer_after_leaving_never_meets_the_next_person(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE");
    uint32_t first = stand_asked(r);
    stand_press(r, INPUT_KEY_ESCAPE);
    stand_answer(r, first, true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    stand_scan(r, "ZOE2");
    first = stand_asked(r);
    stand_press(r, INPUT_KEY_ESCAPE);
    stand_scan(r, "JAN");
    assert_true(stand_asked(r) != first);
    stand_answer(r, first, true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    assert_false(stand_holds(&r->c, sizeof r->c, "Müller"));
}

static void test_admission_overtaken_by_a_scan_still_gets_its_badge(void **state) {
    struct stand *r = *state;
    stand_come_to_confirm(r, "ZOE", FLOW_ZOE);
    stand_act(r, ACTION_PRINT, 0);
    uint32_t token = stand_asked(r);
    stand_scan(r, "JAN");
    stand_answer(r, token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_SUBMIT)->badge.person.id, FLOW_ZOE);
    assert_int_equal(r->c.print, PRINT_STATE_NONE); // the screen is Jan's
}

static void test_leaving_waits_for_an_admission_being_written(void **state) {
    struct stand *r = *state;
    stand_come_to_confirm(r, "ZOE", FLOW_ZOE);
    stand_act(r, ACTION_PRINT, 0);
    uint32_t token = stand_asked(r);
    stand_act(r, ACTION_NOT_ME, 0);
    stand_press(r, INPUT_KEY_ESCAPE);
    stand_answer(r, token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    stand_act(r, ACTION_DONE, 0);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
}

static void test_store_that_cannot_is_never_green(void **state) {
    struct stand *r = *state;
    stand_come_to_confirm(r, "ZOE", FLOW_ZOE);
    stand_act(r, ACTION_PRINT, 0);
    stand_fail_answer(r, stand_asked(r), false);
    assert_int_equal(r->c.result.verdict, VERDICT_NEEDS_STAFF);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
    r->c.is_staff = true;
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_non_null(strstr(v.reason, "Nothing was stored"));
    assert_false(v.can_override);
    flow_kit_pass(&r->kit, 3000);
    stand_scan(r, "ZOE"); // and it can be tried again
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
}

// ---- time ------------------------------------------------------------------------------------

static void test_personal_data_is_gone_after_fifteen_seconds(void **state) {
    struct stand *r = *state;
    stand_scan(r, "ZOE-CODE");
    stand_answer(r, stand_asked(r), true, FLOW_ZOE, VERDICT_ALREADY_IN);
    stand_pass(r, 14999);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    assert_int_equal(checkin_deadline_ms(&r->c), r->kit.env.mono_ms + 1);
    stand_pass(r, 1);
    stand_check_nobody_is_left(r);
    assert_int_equal(checkin_deadline_ms(&r->c), INT64_MAX);
}

static void test_walking_away_from_confirm_admits_nobody(void **state) {
    struct stand *r = *state;
    stand_come_to_confirm(r, "ZOE-CODE", FLOW_ZOE);
    stand_pass(r, 45000);
    assert_int_equal(r->kit.out.count, 0);
    stand_check_nobody_is_left(r);
}

static void test_screen_stays_while_printing_and_leaves_afterwards(void **state) {
    struct stand *r = *state;
    stand_come_to_welcome(r);
    stand_print_news(r, FLOW_ZOE, FLOW_PRINT_PRINTING);
    for (int i = 0; i < 10; i++) {
        stand_pass(r, 10000);
        assert_int_equal(r->c.screen, CHECKIN_VERDICT);
        assert_true(checkin_deadline_ms(&r->c) > r->kit.env.mono_ms);
    }
    stand_print_news(r, FLOW_ZOE, FLOW_PRINT_DONE);
    stand_pass(r, 14999); // time to take it and read on
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    stand_pass(r, 1);
    stand_check_nobody_is_left(r);
}

static void test_printer_without_labels_does_not_hold_the_screen(void **state) {
    struct stand *r = *state;
    stand_come_to_welcome(r);
    stand_print_news(r, FLOW_ZOE, FLOW_PRINT_PRINTING);
    r->kit.env.printer = PRINTER_OUT_OF_LABELS;
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_int_equal(v.print, PRINT_STATE_TROUBLE);
    stand_pass(r, 15000);
    stand_check_nobody_is_left(r);
}

static void test_late_search_answer_brings_nobody_back(void **state) {
    struct stand *r = *state;
    stand_act(r, ACTION_FIND, 0);
    stand_text(r, "m");
    stand_act(r, ACTION_CLEAR, 0);
    stand_press(r, INPUT_KEY_ESCAPE);
    stand_found(r, "", 2);
    stand_found(r, "m", 2);
    stand_check_nobody_is_left(r);
}

// ---- find my name ----------------------------------------------------------------------------

static void test_search_answers_out_of_order_show_the_newest(void **state) {
    struct stand *r = *state;
    stand_text(r, "m"); // typing is searching
    assert_int_equal(r->c.screen, CHECKIN_FIND);
    stand_text(r, "u");
    stand_text(r, "l");
    stand_found(r, "mul", 2);
    stand_found(r, "m", 12);
    stand_found(r, "mu", 6);
    assert_int_equal(r->c.found.count, 2);
    stand_press(r, INPUT_KEY_BACKSPACE);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_SEARCH)->query, "mu");
    stand_found(r, "mul", 2);
    stand_found(r, "mu", 6);
    assert_int_equal(r->c.found.count, 6);
}

static void test_enter_never_takes_a_row_of_an_older_query(void **state) {
    struct stand *r = *state;
    stand_text(r, "m");
    stand_found(r, "m", 1);
    stand_text(r, "x");
    stand_press(r, INPUT_KEY_ENTER);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 0);
    stand_found(r, "mx", 1);
    stand_press(r, INPUT_KEY_ENTER);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_ADMIT)->person, FLOW_ZOE);
}

static void test_chosen_row_is_looked_at_before_it_is_admitted(void **state) {
    struct stand *r = *state;
    stand_text(r, "m");
    stand_found(r, "m", 2);
    stand_act(r, ACTION_ROW, 1);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_true(q->is_dry);
    assert_int_equal(q->code_len, 0);
    assert_string_equal(q->person, FLOW_JAN);
    stand_answer(r, q->token, true, FLOW_JAN, VERDICT_ADMITTED);
    stand_act(r, ACTION_PRINT, 0);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_ADMIT)->person, FLOW_JAN);
    stand_act(r, ACTION_ROW, 99);
    stand_act(r, ACTION_ROW, -1);
}

static void test_long_input_is_kept_whole_characters_and_bounded(void **state) {
    struct stand *r = *state;
    size_t searches = 0;
    for (int i = 0; i < 800; i++) {
        stand_text(r, i % 2 ? "ش" : "é");
        searches += flow_kit_count(&r->kit, FLOW_SEARCH);
    }
    assert_true(strlen(r->c.query) < sizeof r->c.query);
    assert_int_equal(strlen(r->c.query) % 2, 0);
    assert_int_equal(searches, strlen(r->c.query) / 2); // a full field asks no more
    for (int i = 0; i < 800; i++) {
        stand_press(r, INPUT_KEY_BACKSPACE);
    }
    assert_int_equal(strlen(r->c.query), 0);
    assert_int_equal(r->c.found.count, 0);
}

static void test_odd_bytes_in_codes_and_names_are_carried(void **state) {
    struct stand *r = *state;
    struct scan s = {.len = SCAN_BYTES_MAX};
    memset(s.bytes, 0xff, sizeof s.bytes);
    stand_step(r, &(struct flow_event){.kind = FLOW_SCAN, .scan = &s});
    assert_int_equal(flow_kit_get(&r->kit, FLOW_ADMIT)->code_len, SCAN_BYTES_MAX);
    struct admit_result a = stand_result_of(FLOW_ZOE, VERDICT_ADMITTED);
    memset(a.state.person.name, 0xbf, sizeof a.state.person.name - 1);
    memset(a.state.person.org, 0x80, sizeof a.state.person.org - 1);
    a.state.person.given[0] = '\0';
    stand_answer_with(r, stand_asked(r), true, a);
    struct confirm_view c;
    checkin_fill_confirm(&r->c, &c);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_true(strlen(c.name) < sizeof c.name);
    assert_true(strlen(v.detail) < sizeof v.detail);
}

static void test_long_arabic_affiliation_is_cut_between_characters(void **state) {
    struct stand *r = *state;
    struct admit_result a = stand_result_of(FLOW_ZOE, VERDICT_ALREADY_IN);
    a.state.person.org[0] = 'x'; // so that even cuts split
    for (size_t at = 1; at + 3 < sizeof a.state.person.org; at += 2) {
        memcpy(a.state.person.org + at, "ش", 2);
    }
    memcpy(a.state.person.kind, "invited", 8);
    stand_scan(r, "ZOE");
    stand_answer_with(r, stand_asked(r), true, a);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_non_null(strstr(v.detail, "ش · By invitation"));
}

// ---- staff -------------------------------------------------------------------------------------

#define TEST(name) cmocka_unit_test_setup_teardown(name, stand_set_up, stand_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_badge_is_seen_before_anything_is_written),
        TEST(test_print_admits_and_then_prints),
        TEST(test_failed_print_says_where_the_badge_is),
        TEST(test_gate_without_badges_admits_at_once),
        TEST(test_who_has_a_badge_is_not_told_to_fetch_one),
        TEST(test_signed_ticket_of_a_stranger_is_admitted),
        TEST(test_not_printed_offers_to_print_once),
        TEST(test_verdict_changed_between_look_and_print_shows),
        TEST(test_every_verdict_has_a_screen_and_a_sound),
        TEST(test_same_code_within_three_seconds_is_one_scan),
        TEST(test_same_code_after_done_is_still_one_scan),
        TEST(test_another_person_takes_over_verdict_and_confirm),
        TEST(test_stale_answer_is_ignored),
        TEST(test_answer_after_leaving_never_meets_the_next_person),
        TEST(test_admission_overtaken_by_a_scan_still_gets_its_badge),
        TEST(test_leaving_waits_for_an_admission_being_written),
        TEST(test_store_that_cannot_is_never_green),
        TEST(test_personal_data_is_gone_after_fifteen_seconds),
        TEST(test_walking_away_from_confirm_admits_nobody),
        TEST(test_screen_stays_while_printing_and_leaves_afterwards),
        TEST(test_printer_without_labels_does_not_hold_the_screen),
        TEST(test_late_search_answer_brings_nobody_back),
        TEST(test_search_answers_out_of_order_show_the_newest),
        TEST(test_enter_never_takes_a_row_of_an_older_query),
        TEST(test_chosen_row_is_looked_at_before_it_is_admitted),
        TEST(test_long_input_is_kept_whole_characters_and_bounded),
        TEST(test_odd_bytes_in_codes_and_names_are_carried),
        TEST(test_long_arabic_affiliation_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

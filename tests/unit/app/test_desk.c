// The staffed desk's flow, driven by events as the kiosk does it: admitting, taking back,
// printing.
#include "sync/base/json.h"
#include "tests/support/desk_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// ---- admitting --------------------------------------------------------------------------------

static void test_scan_admits_at_once_and_prints(void **state) {
    struct desk_stand *s = *state;
    desk_stand_scan(s, "ZOE");
    assert_false(flow_kit_get(&s->kit, FLOW_ADMIT)->is_dry);
    desk_stand_answer(s, desk_stand_asked(s), FLOW_ZOE, VERDICT_ADMITTED);
    assert_true(desk_shows_verdict(&s->d));
    assert_int_equal(flow_kit_count(&s->kit, FLOW_SUBMIT), 1);
    assert_string_equal(desk_stand_view(s)->toast, "Zoë Müller-Ortiz checked in");
    assert_true(desk_stand_view(s)->can_undo);
}

static void test_desk_comes_back_by_itself(void **state) {
    struct desk_stand *s = *state;
    s->kit.env.has_printer = false;
    desk_stand_admit_by_scan(s, "ZOE", FLOW_ZOE);
    desk_stand_pass(s, 6000);
    assert_false(desk_shows_verdict(&s->d));
    assert_true(desk_stand_view(s)->can_undo); // the toast stays longer
    desk_stand_pass(s, 14000);
    assert_false(desk_stand_view(s)->can_undo);
    desk_stand_act(s, ACTION_UNDO, 0);
    assert_int_equal(s->kit.out.count, 0);
    assert_int_equal(desk_deadline_ms(&s->d), INT64_MAX);
}

static void test_what_needs_a_decision_stays_longer(void **state) {
    struct desk_stand *s = *state;
    desk_stand_scan(s, "ZOE");
    desk_stand_answer(s, desk_stand_asked(s), FLOW_ZOE, VERDICT_NEEDS_STAFF);
    desk_stand_pass(s, 59999);
    assert_true(desk_shows_verdict(&s->d));
    desk_stand_pass(s, 1);
    assert_false(desk_shows_verdict(&s->d));
}

static void test_row_and_enter_admit_who_they_show(void **state) {
    struct desk_stand *s = *state;
    desk_stand_search(s);
    desk_stand_act(s, ACTION_CHECK_IN, 1);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_ADMIT)->person, FLOW_JAN);
    desk_stand_answer(s, desk_stand_asked(s), FLOW_JAN, VERDICT_ALREADY_IN);
    desk_stand_act(s, ACTION_DONE, 0);
    desk_stand_press(s, INPUT_KEY_ENTER); // two match and none is chosen
    assert_int_equal(flow_kit_count(&s->kit, FLOW_ADMIT), 0);
    desk_stand_press(s, INPUT_KEY_DOWN);
    desk_stand_press(s, INPUT_KEY_ENTER);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_ADMIT)->person, FLOW_ZOE);
}

static void test_enter_never_takes_a_row_of_an_older_query(void **state) {
    struct desk_stand *s = *state;
    desk_stand_text(s, "m");
    desk_stand_find(s, "m");
    s->found.count = 1;
    desk_stand_tell_found(s);
    desk_stand_text(s, "x");
    desk_stand_press(s, INPUT_KEY_ENTER);
    assert_int_equal(flow_kit_count(&s->kit, FLOW_ADMIT), 0);
}

static void test_chosen_person_stays_chosen_when_rows_change(void **state) {
    struct desk_stand *s = *state;
    desk_stand_search(s);
    desk_stand_press(s, INPUT_KEY_DOWN);
    desk_stand_press(s, INPUT_KEY_DOWN);
    assert_int_equal(s->d.chosen, 1);
    s->found.rows[0] = flow_kit_person(FLOW_JAN); // the order changed
    s->found.rows[1] = flow_kit_person(FLOW_ZOE);
    desk_stand_tell_found(s);
    assert_int_equal(s->d.chosen, 0);
    s->found.count = 1;
    s->found.rows[0] = flow_kit_person(FLOW_ZOE); // gone from the list
    desk_stand_tell_found(s);
    assert_int_equal(s->d.chosen, -1);
}

static void test_list_hears_of_admissions_elsewhere(void **state) {
    struct desk_stand *s = *state;
    desk_stand_search(s);
    desk_stand_tell_facts(s);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_SEARCH)->query, "m");
    s->found.rows[0].is_in = true;
    snprintf(s->found.rows[0].in_at, NAME_SIZE, "Desk B");
    s->found.rows[0].in_ms = s->kit.env.now.wall_ms;
    desk_stand_act(s, ACTION_OPEN, 0);
    desk_stand_tell_found(s);
    assert_string_equal(desk_stand_view(s)->rows[0].status, "In 09:10 Desk B");
    assert_string_equal(desk_stand_view(s)->panel.status,
                        "In 09:10 Desk B"); // the open panel too
}

static void test_override_only_for_soft_verdicts(void **state) {
    struct desk_stand *s = *state;
    for (int v = 0; v < VERDICT_COUNT; v++) {
        desk_init(&s->d);
        desk_stand_scan(s, "ZOE");
        desk_stand_answer(s, desk_stand_asked(s), FLOW_ZOE, (enum verdict)v);
        desk_stand_act(s, ACTION_ADMIT_ANYWAY, 0);
        struct admit_result r = s->d.checkin.result;
        assert_int_equal(flow_kit_count(&s->kit, FLOW_ADMIT), checkin_can_override(&r));
        if (flow_kit_count(&s->kit, FLOW_ADMIT)) {
            assert_true(flow_kit_get(&s->kit, FLOW_ADMIT)->is_override);
        }
    }
}

static void test_panel_of_a_cancelled_person_admits_nobody(void **state) {
    struct desk_stand *s = *state;
    desk_stand_text(s, "m");
    desk_stand_find(s, "m");
    s->found.rows[0].person.status = PERSON_CANCELLED;
    desk_stand_tell_found(s);
    assert_int_equal(desk_stand_view(s)->rows[0].action, ACTION_OPEN);
    assert_string_equal(desk_stand_view(s)->rows[0].status, "Cancelled");
    desk_stand_act(s, ACTION_OPEN, 0);
    for (int i = 0; i < desk_stand_view(s)->panel.action_count; i++) {
        assert_true(desk_stand_view(s)->panel.actions[i].action != ACTION_CHECK_IN);
        assert_true(desk_stand_view(s)->panel.actions[i].action != ACTION_ADMIT_ANYWAY);
    }
}

static void test_row_says_who_is_not_on_the_gates_list(void **state) {
    struct desk_stand *s = *state;
    snprintf(s->kit.env.gate, sizeof s->kit.env.gate, "social");
    desk_stand_text(s, "m");
    desk_stand_find(s, "m");
    snprintf(s->found.rows[1].person.gates, LIST_SIZE, "hackathon social");
    desk_stand_tell_found(s);
    assert_string_equal(desk_stand_view(s)->rows[0].status, "Not on this list");
    assert_int_equal(desk_stand_view(s)->rows[0].action, ACTION_OPEN);
    assert_string_equal(desk_stand_view(s)->rows[1].status, "Expected");
    desk_stand_act(s, ACTION_OPEN, 0);
    assert_int_equal(desk_stand_view(s)->panel.actions[0].action, ACTION_ADMIT_ANYWAY);
}

static void test_typing_over_a_verdict_begins_the_next_person(void **state) {
    struct desk_stand *s = *state;
    desk_stand_search(s);
    desk_stand_admit_by_scan(s, "ZOE", FLOW_ZOE);
    desk_stand_text(s, "j");
    assert_false(desk_shows_verdict(&s->d));
    assert_string_equal(s->d.query, "j");
    assert_string_equal(flow_kit_get(&s->kit, FLOW_SEARCH)->query, "j");
    assert_string_equal(s->d.checkin.result.state.person.id, "");
}

static void test_two_fast_scans_lose_neither(void **state) {
    struct desk_stand *s = *state;
    desk_stand_scan(s, "ZOE");
    uint32_t first = desk_stand_asked(s);
    desk_stand_scan(s, "JAN");
    uint32_t second = desk_stand_asked(s);
    desk_stand_answer(s, first, FLOW_ZOE, VERDICT_ADMITTED);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->badge.person.id, FLOW_ZOE);
    assert_string_equal(desk_stand_view(s)->toast, "Zoë Müller-Ortiz checked in");
    desk_stand_answer(s, second, FLOW_JAN, VERDICT_UNPAID);
    assert_int_equal(s->d.checkin.result.verdict, VERDICT_UNPAID);
    desk_stand_act(s, ACTION_DONE, 0);
    desk_stand_act(s, ACTION_UNDO, 0);
    desk_stand_check_body(s, "admit.void", FLOW_ZOE, "of", "00000000000000ab/7");
}

// ---- taking back, printing ----------------------------------------------------------------------

static void test_undo_takes_the_admission_back_once(void **state) {
    struct desk_stand *s = *state;
    desk_stand_admit_by_scan(s, "ZOE", FLOW_ZOE);
    desk_stand_act(s, ACTION_UNDO, 0); // a button of the verdict
    desk_stand_check_body(s, "admit.void", FLOW_ZOE, "of", "00000000000000ab/7");
    assert_false(desk_shows_verdict(&s->d));
    assert_string_equal(desk_stand_view(s)->toast, "Admission taken back");
    assert_false(desk_stand_view(s)->can_undo);
    desk_stand_act(s, ACTION_UNDO, 0);
    assert_int_equal(s->kit.out.count, 0);
}

static void test_undo_of_a_signed_ticket_names_the_ticket(void **state) {
    struct desk_stand *s = *state;
    struct admit_result a = {.verdict = VERDICT_ADMITTED, .is_signed_only = true};
    memcpy(a.code.ticket_hex, "0011223344556677", 17);
    desk_stand_scan(s, "TICKET");
    desk_stand_answer_with(s, desk_stand_asked(s), a);
    assert_string_equal(desk_stand_view(s)->toast, "Signed ticket checked in");
    desk_stand_act(s, ACTION_UNDO, 0);
    desk_stand_check_body(s, "admit.void", "t0011223344556677", "of",
                          "00000000000000ab/7");
}

static void test_later_toast_never_undoes_the_admission_before(void **state) {
    struct desk_stand *s = *state;
    desk_stand_add_incident(s, "X", false);
    desk_stand_tell_facts(s);
    desk_stand_admit_by_scan(s, "ZOE", FLOW_ZOE);
    desk_stand_act(s, ACTION_DONE, 0);
    desk_stand_act(s, ACTION_LOOK, 0);
    desk_stand_act(s, ACTION_RESOLVE, 0);
    assert_string_equal(desk_stand_view(s)->toast, "Marked as dealt with");
    assert_false(desk_stand_view(s)->can_undo);
    desk_stand_act(s, ACTION_UNDO, 0);
    assert_int_equal(s->kit.out.count, 0);
}

static void test_reprint_voids_the_old_serial(void **state) {
    struct desk_stand *s = *state;
    desk_stand_text(s, "m");
    desk_stand_find(s, "m");
    s->found.rows[0].is_in = s->found.rows[0].has_badge = true;
    s->found.rows[0].serial = 2;
    desk_stand_tell_found(s);
    assert_int_equal(desk_stand_view(s)->rows[0].action, ACTION_REPRINT);
    desk_stand_act(s, ACTION_REPRINT, 0);
    const struct flow_request *r = flow_kit_get(&s->kit, FLOW_SUBMIT);
    assert_int_equal(r->job.act, FLOW_JOB_AGAIN);
    assert_string_equal(r->reason, "reprinted at the desk");
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->serial, 3);
    desk_stand_act(s, ACTION_REPRINT, 0); // pressed again while it prints
    assert_int_equal(s->kit.out.count, 0);
    desk_stand_tell_print(s, FLOW_ZOE, FLOW_PRINT_PRINTING);
    desk_stand_act(s, ACTION_REPRINT, 0);
    assert_int_equal(s->kit.out.count, 0);
    desk_stand_tell_print(s, FLOW_ZOE, FLOW_PRINT_DONE);
    desk_stand_act(s, ACTION_REPRINT, 0);
    assert_int_equal(flow_kit_count(&s->kit, FLOW_SUBMIT), 1);
}

static void test_verdict_buttons_reprint_pay_and_open(void **state) {
    struct desk_stand *s = *state;
    struct admit_result a = {.verdict = VERDICT_ALREADY_IN};
    a.state = flow_kit_person(FLOW_ZOE);
    a.state.is_in = a.state.has_badge = true;
    a.state.serial = 1;
    desk_stand_scan(s, "ZOE");
    desk_stand_answer_with(s, desk_stand_asked(s), a);
    desk_stand_act(s, ACTION_REPRINT, 0);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->serial, 2);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->job.act, FLOW_JOB_AGAIN);
    desk_stand_scan(s, "JAN");
    desk_stand_answer(s, desk_stand_asked(s), FLOW_JAN, VERDICT_UNPAID);
    desk_stand_act(s, ACTION_MARK_PAID, 0);
    desk_stand_check_body(s, "pay.mark", FLOW_JAN, "how", "desk");
    assert_int_equal(desk_stand_view(s)->panel.kind,
                     DESK_PANEL_PERSON); // checking in is next
    desk_stand_act(s, ACTION_CHECK_IN, 0);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_ADMIT)->person, FLOW_JAN);
    desk_stand_answer(s, desk_stand_asked(s), FLOW_JAN, VERDICT_NEEDS_STAFF);
    desk_stand_act(s, ACTION_OPEN, 0);
    assert_string_equal(desk_stand_view(s)->panel.title, "Jan Mullender");
}

static void test_desk_without_printer_offers_no_print(void **state) {
    struct desk_stand *s = *state;
    s->kit.env.has_printer = false;
    desk_stand_text(s, "m");
    desk_stand_find(s, "m");
    s->found.rows[0].is_in = true;
    desk_stand_tell_found(s);
    desk_stand_act(s, ACTION_OPEN, 0);
    assert_int_equal(desk_stand_view(s)->panel.action_count, 1);
    assert_int_equal(desk_stand_view(s)->panel.actions[0].action, ACTION_FROM_PAPER);
    desk_stand_act(s, ACTION_PRINT, 0);
    assert_int_equal(s->kit.out.count, 0);
}

static void test_what_was_not_stored_is_said(void **state) {
    struct desk_stand *s = *state;
    desk_stand_admit_by_scan(s, "ZOE", FLOW_ZOE);
    desk_stand_act(s, ACTION_UNDO, 0);
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_APPENDED, .err = ERR_FULL});
    assert_non_null(strstr(desk_stand_view(s)->toast, "not stored"));
    assert_int_equal(desk_stand_view(s)->toast_tone, DESK_BAD);
}

static void test_badge_that_failed_is_said_by_name(void **state) {
    struct desk_stand *s = *state;
    desk_stand_search(s);
    desk_stand_act(s, ACTION_PRINT, 1);
    desk_stand_tell_print(s, FLOW_JAN, FLOW_PRINT_FAILED);
    assert_string_equal(desk_stand_view(s)->toast,
                        "Not printed: the badge of Jan Mullender");
    assert_int_equal(desk_stand_view(s)->toast_tone, DESK_BAD);
    desk_stand_act(s, ACTION_PRINT, 1); // and it can be tried again
    assert_int_equal(flow_kit_count(&s->kit, FLOW_SUBMIT), 1);
    desk_stand_press(s, INPUT_KEY_ESCAPE);
    desk_stand_tell_print(s, FLOW_ZOE, FLOW_PRINT_FAILED);
    assert_non_null(strstr(desk_stand_view(s)->toast, "somebody checked in before"));
}

static void test_badge_that_may_have_come_out_is_said(void **state) {
    struct desk_stand *s = *state;
    desk_stand_search(s);
    desk_stand_act(s, ACTION_PRINT, 1);
    desk_stand_tell_print(s, FLOW_JAN, FLOW_PRINT_UNKNOWN);
    assert_string_equal(desk_stand_view(s)->toast,
                        "Look whether it came out: the badge of Jan Mullender");
    assert_int_equal(desk_stand_view(s)->toast_tone, DESK_BAD);
}

static void test_every_printer_state_has_words_of_its_own(void **state) {
    struct desk_stand *s = *state;
    char seen[PRINTER_STATE_COUNT][NAME_SIZE];
    s->kit.env.has_printer = true;
    snprintf(s->kit.env.printer_reason, sizeof s->kit.env.printer_reason, "Why");
    for (int i = 0; i < PRINTER_STATE_COUNT; i++) {
        s->kit.env.printer = (enum printer_state)i;
        const struct desk_view *v = desk_stand_view(s);
        snprintf(seen[i], sizeof seen[i], "%s", v->printer_state);
        assert_true(seen[i][0]);
        assert_string_equal(v->printer_note, "Why");
        assert_int_equal(v->printer == DESK_PRINTER_TROUBLE, i > PRINTER_BUSY);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(seen[i], seen[j]);
        }
    }
}

// ---- words ------------------------------------------------------------------------------------------

static void test_long_input_and_odd_names_stay_in_bounds(void **state) {
    struct desk_stand *s = *state;
    size_t searches = 0;
    for (int i = 0; i < 800; i++) {
        desk_stand_text(s, "ش");
        searches += flow_kit_count(&s->kit, FLOW_SEARCH);
    }
    assert_int_equal(searches, strlen(s->d.query) / 2);
    desk_stand_find(s, s->d.query);
    memset(s->found.rows[0].person.name, 0xbf, TITLE_SIZE - 1);
    memset(s->found.rows[0].person.org, 0xd8, TITLE_SIZE - 1);
    s->found.rows[0].is_in = true;
    memset(s->found.rows[0].in_at, 0xd8, NAME_SIZE - 1);
    desk_stand_tell_found(s);
    desk_stand_act(s, ACTION_OPEN, 0);
    (void)desk_stand_view(s);
    desk_stand_act(s, ACTION_PRINT, 0);
    desk_stand_press(s, INPUT_KEY_ESCAPE);
    assert_string_equal(s->d.query, "");
    assert_int_equal(desk_stand_view(s)->row_count, 0);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, desk_stand_set_up, desk_stand_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_scan_admits_at_once_and_prints),
        TEST(test_desk_comes_back_by_itself),
        TEST(test_what_needs_a_decision_stays_longer),
        TEST(test_row_and_enter_admit_who_they_show),
        TEST(test_enter_never_takes_a_row_of_an_older_query),
        TEST(test_chosen_person_stays_chosen_when_rows_change),
        TEST(test_list_hears_of_admissions_elsewhere),
        TEST(test_override_only_for_soft_verdicts),
        TEST(test_panel_of_a_cancelled_person_admits_nobody),
        TEST(test_row_says_who_is_not_on_the_gates_list),
        TEST(test_typing_over_a_verdict_begins_the_next_person),
        TEST(test_two_fast_scans_lose_neither),
        TEST(test_undo_takes_the_admission_back_once),
        TEST(test_undo_of_a_signed_ticket_names_the_ticket),
        TEST(test_later_toast_never_undoes_the_admission_before),
        TEST(test_reprint_voids_the_old_serial),
        TEST(test_verdict_buttons_reprint_pay_and_open),
        TEST(test_desk_without_printer_offers_no_print),
        TEST(test_what_was_not_stored_is_said),
        TEST(test_badge_that_failed_is_said_by_name),
        TEST(test_badge_that_may_have_come_out_is_said),
        TEST(test_every_printer_state_has_words_of_its_own),
        TEST(test_long_input_and_odd_names_stay_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

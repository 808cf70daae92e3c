// The staffed desk's flow, driven by events as the kiosk does it.
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
    struct flow_desk facts;
};

static int set_up(void **state) {
    struct stand *s = calloc(1, sizeof *s);
    flow_kit_start(&s->kit);
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

static void scan(struct stand *s, const char *code) {
    struct scan c = flow_kit_scan(code);
    step(s, &(struct flow_event){.kind = FLOW_SCAN, .scan = &c});
}

static void act(struct stand *s, enum action action, int index) {
    step(s, &(struct flow_event){.kind = FLOW_ACTION, .action = action, .index = index});
}

static void text(struct stand *s, const char *words) {
    step(s, &(struct flow_event){.kind = FLOW_TEXT, .text = words});
}

static void press(struct stand *s, enum input_key key) {
    step(s, &(struct flow_event){.kind = FLOW_KEY, .key = key});
}

static void pass(struct stand *s, int64_t ms) {
    flow_kit_pass(&s->kit, ms);
    step(s, &(struct flow_event){.kind = FLOW_TICK});
}

static void answer_with(struct stand *s, uint32_t token, struct admit_result a) {
    a.ref = (struct fact_ref){0xab, a.verdict == VERDICT_ADMITTED ? 7 : 0};
    step(s, &(struct flow_event){.kind = FLOW_ADMITTED, .token = token, .admit = &a});
}

static void answer(struct stand *s, uint32_t token, const char *person, enum verdict v) {
    struct admit_result a = {.verdict = v};
    if (person) {
        a.state = flow_kit_person(person);
    }
    answer_with(s, token, a);
}

static uint32_t asked(struct stand *s) {
    return flow_kit_get(&s->kit, FLOW_ADMIT)->token;
}

static void admit_by_scan(struct stand *s, const char *code, const char *person) {
    scan(s, code);
    answer(s, asked(s), person, VERDICT_ADMITTED);
}

// Fills found with Zoë and Jan and answers the query with it.
static void find(struct stand *s, const char *query) {
    s->found = (struct flow_found){.count = 2};
    snprintf(s->found.query, sizeof s->found.query, "%s", query);
    s->found.rows[0] = flow_kit_person(FLOW_ZOE);
    s->found.rows[1] = flow_kit_person(FLOW_JAN);
}

static void tell_found(struct stand *s) {
    step(s, &(struct flow_event){.kind = FLOW_FOUND, .found = &s->found});
}

static void search(struct stand *s) {
    text(s, "m");
    find(s, "m");
    tell_found(s);
}

static void tell_facts(struct stand *s) {
    step(s, &(struct flow_event){.kind = FLOW_DESK, .desk = &s->facts});
}

static void tell_print(struct stand *s, const char *person, enum flow_print_state state) {
    struct flow_event e = {.kind = FLOW_PRINT, .print = state};
    snprintf(e.person, sizeof e.person, "%s", person);
    step(s, &e);
}

static void add_incident(struct stand *s, const char *holder, bool is_resolved) {
    struct incident *in = &s->facts.incidents[s->facts.incident_count++];
    *in = (struct incident){.member_count = 2, .is_resolved = is_resolved};
    snprintf(in->id, sizeof in->id, "i-%s", holder);
    snprintf(in->holder, sizeof in->holder, "%s", holder);
    snprintf(in->gate, sizeof in->gate, "meeting");
    snprintf(in->name, sizeof in->name, "Name of %s", holder);
    snprintf(in->reason, sizeof in->reason, "Desk B had been offline for 12 min");
    for (size_t i = 0; i < 2; i++) {
        in->members[i].ref = (struct fact_ref){0x10 + i, s->facts.incident_count};
        snprintf(in->members[i].device, NAME_SIZE, "Desk %c", "AB"[i]);
        in->members[i].at_ms = s->kit.env.now.wall_ms;
    }
}

static void add_ask(struct stand *s, uint64_t dev) {
    struct ask *a = &s->facts.asks[s->facts.ask_count++];
    *a = (struct ask){.ref = {0x77, s->facts.ask_count}, .dev = dev};
    snprintf(a->device, sizeof a->device, "Kiosk %d", (int)dev);
}

static const struct desk_view *view(struct stand *s) {
    desk_fill(&s->d, &s->kit.env, &s->v);
    return &s->v;
}

static void check_body(const struct stand *s, const char *kind, const char *subject,
                       const char *key, const char *value) {
    const struct flow_request *r = flow_kit_append(&s->kit, kind);
    json_t *body = NULL;
    assert_non_null(r);
    assert_string_equal(r->subject, subject);
    assert_int_equal(json_parse(r->body, strlen(r->body), &body), ERR_NONE);
    assert_string_equal(json_get_text(body, key, ""), value);
    json_decref(body);
}

// ---- admitting --------------------------------------------------------------------------------

static void test_scan_admits_at_once_and_prints(void **state) {
    struct stand *s = *state;
    scan(s, "ZOE");
    assert_false(flow_kit_get(&s->kit, FLOW_ADMIT)->is_dry);
    answer(s, asked(s), FLOW_ZOE, VERDICT_ADMITTED);
    assert_true(desk_shows_verdict(&s->d));
    assert_int_equal(flow_kit_count(&s->kit, FLOW_SUBMIT), 1);
    assert_string_equal(view(s)->toast, "Zoë Müller-Ortiz checked in");
    assert_true(view(s)->can_undo);
}

static void test_desk_comes_back_by_itself(void **state) {
    struct stand *s = *state;
    s->kit.env.has_printer = false;
    admit_by_scan(s, "ZOE", FLOW_ZOE);
    pass(s, 6000);
    assert_false(desk_shows_verdict(&s->d));
    assert_true(view(s)->can_undo); // the toast stays longer
    pass(s, 14000);
    assert_false(view(s)->can_undo);
    act(s, ACTION_UNDO, 0);
    assert_int_equal(s->kit.out.count, 0);
    assert_int_equal(desk_deadline_ms(&s->d), INT64_MAX);
}

static void test_what_needs_a_decision_stays_longer(void **state) {
    struct stand *s = *state;
    scan(s, "ZOE");
    answer(s, asked(s), FLOW_ZOE, VERDICT_NEEDS_STAFF);
    pass(s, 59999);
    assert_true(desk_shows_verdict(&s->d));
    pass(s, 1);
    assert_false(desk_shows_verdict(&s->d));
}

static void test_row_and_enter_admit_who_they_show(void **state) {
    struct stand *s = *state;
    search(s);
    act(s, ACTION_CHECK_IN, 1);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_ADMIT)->person, FLOW_JAN);
    answer(s, asked(s), FLOW_JAN, VERDICT_ALREADY_IN);
    act(s, ACTION_DONE, 0);
    press(s, INPUT_KEY_ENTER); // two match and none is chosen
    assert_int_equal(flow_kit_count(&s->kit, FLOW_ADMIT), 0);
    press(s, INPUT_KEY_DOWN);
    press(s, INPUT_KEY_ENTER);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_ADMIT)->person, FLOW_ZOE);
}

static void test_enter_never_takes_a_row_of_an_older_query(void **state) {
    struct stand *s = *state;
    text(s, "m");
    find(s, "m");
    s->found.count = 1;
    tell_found(s);
    text(s, "x");
    press(s, INPUT_KEY_ENTER);
    assert_int_equal(flow_kit_count(&s->kit, FLOW_ADMIT), 0);
}

static void test_chosen_person_stays_chosen_when_rows_change(void **state) {
    struct stand *s = *state;
    search(s);
    press(s, INPUT_KEY_DOWN);
    press(s, INPUT_KEY_DOWN);
    assert_int_equal(s->d.chosen, 1);
    s->found.rows[0] = flow_kit_person(FLOW_JAN); // the order changed
    s->found.rows[1] = flow_kit_person(FLOW_ZOE);
    tell_found(s);
    assert_int_equal(s->d.chosen, 0);
    s->found.count = 1;
    s->found.rows[0] = flow_kit_person(FLOW_ZOE); // gone from the list
    tell_found(s);
    assert_int_equal(s->d.chosen, -1);
}

static void test_list_hears_of_admissions_elsewhere(void **state) {
    struct stand *s = *state;
    search(s);
    tell_facts(s);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_SEARCH)->query, "m");
    s->found.rows[0].is_in = true;
    snprintf(s->found.rows[0].in_at, NAME_SIZE, "Desk B");
    s->found.rows[0].in_ms = s->kit.env.now.wall_ms;
    act(s, ACTION_OPEN, 0);
    tell_found(s);
    assert_string_equal(view(s)->rows[0].status, "In 09:10 Desk B");
    assert_string_equal(view(s)->panel.status, "In 09:10 Desk B"); // the open panel too
}

static void test_override_only_for_soft_verdicts(void **state) {
    struct stand *s = *state;
    for (int v = 0; v < VERDICT_COUNT; v++) {
        desk_init(&s->d);
        scan(s, "ZOE");
        answer(s, asked(s), FLOW_ZOE, (enum verdict)v);
        act(s, ACTION_ADMIT_ANYWAY, 0);
        struct admit_result r = s->d.checkin.result;
        assert_int_equal(flow_kit_count(&s->kit, FLOW_ADMIT), checkin_can_override(&r));
        if (flow_kit_count(&s->kit, FLOW_ADMIT)) {
            assert_true(flow_kit_get(&s->kit, FLOW_ADMIT)->is_override);
        }
    }
}

static void test_panel_of_a_cancelled_person_admits_nobody(void **state) {
    struct stand *s = *state;
    text(s, "m");
    find(s, "m");
    s->found.rows[0].person.status = PERSON_CANCELLED;
    tell_found(s);
    assert_int_equal(view(s)->rows[0].action, ACTION_OPEN);
    assert_string_equal(view(s)->rows[0].status, "Cancelled");
    act(s, ACTION_OPEN, 0);
    for (int i = 0; i < view(s)->panel.action_count; i++) {
        assert_true(view(s)->panel.actions[i].action != ACTION_CHECK_IN);
        assert_true(view(s)->panel.actions[i].action != ACTION_ADMIT_ANYWAY);
    }
}

static void test_row_says_who_is_not_on_the_gates_list(void **state) {
    struct stand *s = *state;
    snprintf(s->kit.env.gate, sizeof s->kit.env.gate, "social");
    text(s, "m");
    find(s, "m");
    snprintf(s->found.rows[1].person.gates, LIST_SIZE, "hackathon social");
    tell_found(s);
    assert_string_equal(view(s)->rows[0].status, "Not on this list");
    assert_int_equal(view(s)->rows[0].action, ACTION_OPEN);
    assert_string_equal(view(s)->rows[1].status, "Expected");
    act(s, ACTION_OPEN, 0);
    assert_int_equal(view(s)->panel.actions[0].action, ACTION_ADMIT_ANYWAY);
}

static void test_typing_over_a_verdict_begins_the_next_person(void **state) {
    struct stand *s = *state;
    search(s);
    admit_by_scan(s, "ZOE", FLOW_ZOE);
    text(s, "j");
    assert_false(desk_shows_verdict(&s->d));
    assert_string_equal(s->d.query, "j");
    assert_string_equal(flow_kit_get(&s->kit, FLOW_SEARCH)->query, "j");
    assert_string_equal(s->d.checkin.result.state.person.id, "");
}

static void test_two_fast_scans_lose_neither(void **state) {
    struct stand *s = *state;
    scan(s, "ZOE");
    uint32_t first = asked(s);
    scan(s, "JAN");
    uint32_t second = asked(s);
    answer(s, first, FLOW_ZOE, VERDICT_ADMITTED);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->badge.person.id, FLOW_ZOE);
    assert_string_equal(view(s)->toast, "Zoë Müller-Ortiz checked in");
    answer(s, second, FLOW_JAN, VERDICT_UNPAID);
    assert_int_equal(s->d.checkin.result.verdict, VERDICT_UNPAID);
    act(s, ACTION_DONE, 0);
    act(s, ACTION_UNDO, 0);
    check_body(s, "admit.void", FLOW_ZOE, "of", "00000000000000ab/7");
}

// ---- taking back, printing ----------------------------------------------------------------------

static void test_undo_takes_the_admission_back_once(void **state) {
    struct stand *s = *state;
    admit_by_scan(s, "ZOE", FLOW_ZOE);
    act(s, ACTION_UNDO, 0); // a button of the verdict
    check_body(s, "admit.void", FLOW_ZOE, "of", "00000000000000ab/7");
    assert_false(desk_shows_verdict(&s->d));
    assert_string_equal(view(s)->toast, "Admission taken back");
    assert_false(view(s)->can_undo);
    act(s, ACTION_UNDO, 0);
    assert_int_equal(s->kit.out.count, 0);
}

static void test_undo_of_a_signed_ticket_names_the_ticket(void **state) {
    struct stand *s = *state;
    struct admit_result a = {.verdict = VERDICT_ADMITTED, .is_signed_only = true};
    memcpy(a.code.ticket_hex, "0011223344556677", 17);
    scan(s, "TICKET");
    answer_with(s, asked(s), a);
    assert_string_equal(view(s)->toast, "Signed ticket checked in");
    act(s, ACTION_UNDO, 0);
    check_body(s, "admit.void", "t0011223344556677", "of", "00000000000000ab/7");
}

static void test_later_toast_never_undoes_the_admission_before(void **state) {
    struct stand *s = *state;
    add_incident(s, "X", false);
    tell_facts(s);
    admit_by_scan(s, "ZOE", FLOW_ZOE);
    act(s, ACTION_DONE, 0);
    act(s, ACTION_LOOK, 0);
    act(s, ACTION_RESOLVE, 0);
    assert_string_equal(view(s)->toast, "Marked as dealt with");
    assert_false(view(s)->can_undo);
    act(s, ACTION_UNDO, 0);
    assert_int_equal(s->kit.out.count, 0);
}

static void test_reprint_voids_the_old_serial(void **state) {
    struct stand *s = *state;
    text(s, "m");
    find(s, "m");
    s->found.rows[0].is_in = s->found.rows[0].has_badge = true;
    s->found.rows[0].serial = 2;
    tell_found(s);
    assert_int_equal(view(s)->rows[0].action, ACTION_REPRINT);
    act(s, ACTION_REPRINT, 0);
    const struct flow_request *r = flow_kit_append(&s->kit, "badge.void");
    json_t *body = NULL;
    assert_int_equal(json_parse(r->body, strlen(r->body), &body), ERR_NONE);
    assert_int_equal(json_integer_value(json_object_get(body, "serial")), 2);
    json_decref(body);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->serial, 3);
    act(s, ACTION_REPRINT, 0); // pressed again while it prints
    assert_int_equal(s->kit.out.count, 0);
    tell_print(s, FLOW_ZOE, FLOW_PRINT_PRINTING);
    act(s, ACTION_REPRINT, 0);
    assert_int_equal(s->kit.out.count, 0);
    tell_print(s, FLOW_ZOE, FLOW_PRINT_DONE);
    act(s, ACTION_REPRINT, 0);
    assert_int_equal(flow_kit_count(&s->kit, FLOW_SUBMIT), 1);
}

static void test_verdict_buttons_reprint_pay_and_open(void **state) {
    struct stand *s = *state;
    struct admit_result a = {.verdict = VERDICT_ALREADY_IN};
    a.state = flow_kit_person(FLOW_ZOE);
    a.state.is_in = a.state.has_badge = true;
    a.state.serial = 1;
    scan(s, "ZOE");
    answer_with(s, asked(s), a);
    act(s, ACTION_REPRINT, 0);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->serial, 2);
    assert_non_null(flow_kit_append(&s->kit, "badge.void"));
    scan(s, "JAN");
    answer(s, asked(s), FLOW_JAN, VERDICT_UNPAID);
    act(s, ACTION_MARK_PAID, 0);
    check_body(s, "pay.mark", FLOW_JAN, "how", "desk");
    assert_int_equal(view(s)->panel.kind, DESK_PANEL_PERSON); // checking in is next
    act(s, ACTION_CHECK_IN, 0);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_ADMIT)->person, FLOW_JAN);
    answer(s, asked(s), FLOW_JAN, VERDICT_NEEDS_STAFF);
    act(s, ACTION_OPEN, 0);
    assert_string_equal(view(s)->panel.title, "Jan Mullender");
}

static void test_desk_without_printer_offers_no_print(void **state) {
    struct stand *s = *state;
    s->kit.env.has_printer = false;
    text(s, "m");
    find(s, "m");
    s->found.rows[0].is_in = true;
    tell_found(s);
    act(s, ACTION_OPEN, 0);
    assert_int_equal(view(s)->panel.action_count, 1);
    assert_int_equal(view(s)->panel.actions[0].action, ACTION_FROM_PAPER);
    act(s, ACTION_PRINT, 0);
    assert_int_equal(s->kit.out.count, 0);
}

static void test_what_was_not_stored_is_said(void **state) {
    struct stand *s = *state;
    admit_by_scan(s, "ZOE", FLOW_ZOE);
    act(s, ACTION_UNDO, 0);
    step(s, &(struct flow_event){.kind = FLOW_APPENDED, .err = ERR_FULL});
    assert_non_null(strstr(view(s)->toast, "not stored"));
    assert_int_equal(view(s)->toast_tone, DESK_BAD);
}

static void test_badge_that_failed_is_said_by_name(void **state) {
    struct stand *s = *state;
    search(s);
    act(s, ACTION_PRINT, 1);
    tell_print(s, FLOW_JAN, FLOW_PRINT_FAILED);
    assert_string_equal(view(s)->toast, "Not printed: the badge of Jan Mullender");
    assert_int_equal(view(s)->toast_tone, DESK_BAD);
    act(s, ACTION_PRINT, 1); // and it can be tried again
    assert_int_equal(flow_kit_count(&s->kit, FLOW_SUBMIT), 1);
    press(s, INPUT_KEY_ESCAPE);
    tell_print(s, FLOW_ZOE, FLOW_PRINT_FAILED);
    assert_non_null(strstr(view(s)->toast, "somebody checked in before"));
}

// ---- needs you ------------------------------------------------------------------------------------

static void test_calls_and_incidents_are_dealt_with_by_line(void **state) {
    struct stand *s = *state;
    add_ask(s, 4);
    add_ask(s, 5);
    add_incident(s, "OLD", true); // not listed, so not counted
    add_incident(s, "X", false);
    add_incident(s, "Y", false);
    tell_facts(s);
    assert_int_equal(view(s)->need_count, 4);
    assert_string_equal(view(s)->needs[1].text, "Kiosk 5 called staff");
    assert_string_equal(view(s)->needs[2].text,
                        "Same badge at Desk A, 09:10 and Desk B, "
                        "09:10. Desk B had been offline for 12 min");
    act(s, ACTION_GOING, 1);
    check_body(s, "answer", "0000000000000005", "of", "0000000000000077/2");
    act(s, ACTION_LOOK, 3);
    assert_string_equal(view(s)->panel.title, "Name of Y");
    act(s, ACTION_GOING, 99);
    act(s, ACTION_LOOK, 99);
    act(s, ACTION_LOOK, -1);
}

static void test_resolve_is_about_the_incident_on_the_screen(void **state) {
    struct stand *s = *state;
    add_incident(s, "X", false);
    tell_facts(s);
    act(s, ACTION_LOOK, 0);
    s->facts.incident_count = 0; // a newer one comes in at the front
    add_incident(s, "NEW", false);
    add_incident(s, "X", false);
    tell_facts(s);
    assert_string_equal(view(s)->panel.title, "Name of X");
    act(s, ACTION_RESOLVE, 0);
    const struct flow_request *r = flow_kit_append(&s->kit, "incident.resolve");
    assert_string_equal(r->subject, "X");
    assert_non_null(strstr(r->body, "0000000000000010/2"));
    assert_non_null(strstr(r->body, "0000000000000011/2"));
}

static void test_panel_closes_when_another_desk_resolves(void **state) {
    struct stand *s = *state;
    add_incident(s, "X", false);
    tell_facts(s);
    act(s, ACTION_LOOK, 0);
    s->facts.incidents[0].is_resolved = true;
    tell_facts(s);
    assert_int_equal(view(s)->panel.kind, DESK_PANEL_NONE);
    act(s, ACTION_RESOLVE, 0);
    assert_int_equal(s->kit.out.count, 0);
}

// ---- words ------------------------------------------------------------------------------------------

static void test_link_is_said_honestly(void **state) {
    struct stand *s = *state;
    assert_int_equal(view(s)->link, DESK_LINK_FRESH);
    s->kit.env.link.unsent = 3;
    assert_int_equal(view(s)->link, DESK_LINK_BEHIND);
    assert_int_equal(view(s)->waiting, 3);
    s->kit.env.link.unsent = 0;
    s->kit.env.link.on_lan = 3;
    s->kit.env.link.is_relay = true;
    assert_int_equal(view(s)->link, DESK_LINK_LAN);
    assert_int_equal(view(s)->on_lan, 3);
    s->kit.env.link.is_online = false;
    flow_kit_pass(&s->kit, 12 * 60000);
    assert_int_equal(view(s)->link, DESK_LINK_OFFLINE);
    assert_int_equal(view(s)->offline_minutes, 12);
    s->kit.env.link.has_contact = false;
    assert_int_equal(view(s)->offline_minutes, -1);
    s->kit.env.now.state = TIME_UNKNOWN;
    assert_true(view(s)->is_time_unknown);
    assert_string_equal(view(s)->clock, "");
}

static void test_long_input_and_odd_names_stay_in_bounds(void **state) {
    struct stand *s = *state;
    size_t searches = 0;
    for (int i = 0; i < 800; i++) {
        text(s, "ش");
        searches += flow_kit_count(&s->kit, FLOW_SEARCH);
    }
    assert_int_equal(searches, strlen(s->d.query) / 2);
    find(s, s->d.query);
    memset(s->found.rows[0].person.name, 0xbf, TITLE_SIZE - 1);
    memset(s->found.rows[0].person.org, 0xd8, TITLE_SIZE - 1);
    s->found.rows[0].is_in = true;
    memset(s->found.rows[0].in_at, 0xd8, NAME_SIZE - 1);
    tell_found(s);
    act(s, ACTION_OPEN, 0);
    (void)view(s);
    act(s, ACTION_PRINT, 0);
    press(s, INPUT_KEY_ESCAPE);
    assert_string_equal(s->d.query, "");
    assert_int_equal(view(s)->row_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

// What the disk is like goes before what went well; a reserve in use leaves room for that.
static void test_disk_trouble_is_said(void **state) {
    struct stand *s = *state;
    assert_string_equal(view(s)->toast, "");
    s->kit.env.disk = STORE_DISK_LOW;
    assert_non_null(strstr(view(s)->toast, "prints no badges"));
    s->kit.env.disk = STORE_DISK_FULL;
    assert_non_null(strstr(view(s)->toast, "use another desk"));
    s->kit.env.disk = STORE_DISK_FAILED;
    assert_non_null(strstr(view(s)->toast, "cannot write"));
    assert_int_equal(view(s)->toast_tone, DESK_BAD);
}

// Two histories of one device are listed, opened and dealt with like other incidents.
static void test_fork_is_listed_and_resolved(void **state) {
    struct stand *s = *state;
    struct incident in = {
        .is_fork = true, .member_count = 1, .holder = "00000000000000aa"};
    in.members[0].ref = (struct fact_ref){0xaa, 3};
    snprintf(in.reason, sizeof in.reason, "Desk B has two histories");
    s->facts.incidents[0] = in;
    s->facts.incident_count = 1;
    step(s, &(struct flow_event){.kind = FLOW_DESK, .desk = &s->facts});
    assert_int_equal(view(s)->need_count, 1);
    assert_string_equal(view(s)->needs[0].text, in.reason);
    act(s, ACTION_LOOK, 0);
    assert_int_equal(view(s)->panel.kind, DESK_PANEL_INCIDENT);
    assert_string_equal(view(s)->panel.attention, in.reason);
    act(s, ACTION_RESOLVE, 0);
    assert_int_equal(s->kit.out.count, 1);
    assert_string_equal(s->kit.out.requests[0].fact_kind, "incident.resolve");
    assert_string_equal(s->kit.out.requests[0].subject, in.holder);
    assert_non_null(strstr(s->kit.out.requests[0].body, "00000000000000aa/3"));
}

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
        TEST(test_calls_and_incidents_are_dealt_with_by_line),
        TEST(test_resolve_is_about_the_incident_on_the_screen),
        TEST(test_panel_closes_when_another_desk_resolves),
        TEST(test_link_is_said_honestly),
        TEST(test_long_input_and_odd_names_stay_in_bounds),
        TEST(test_disk_trouble_is_said),
        TEST(test_fork_is_listed_and_resolved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// The check-in flow, driven by events as the kiosk does it.
#include "app/flows/checkin.h"

#include "tests/support/flow_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct stand { // a kiosk's flow and what surrounds it
    struct flow_kit kit;
    struct checkin c;
};

static int set_up(void **state) {
    struct stand *r = calloc(1, sizeof *r);
    flow_kit_start(&r->kit);
    checkin_init(&r->c);
    *state = r;
    return 0;
}

static int tear_down(void **state) {
    struct stand *r = *state;
    flow_kit_finish(&r->kit);
    free(r);
    return 0;
}

static void step(struct stand *r, const struct flow_event *e) {
    flow_kit_clear(&r->kit);
    checkin_step(&r->c, &r->kit.env, e, &r->kit.out);
}

static void scan(struct stand *r, const char *code) {
    struct scan s = flow_kit_scan(code);
    step(r, &(struct flow_event){.kind = FLOW_SCAN, .scan = &s});
}

static void act(struct stand *r, enum action action, int index) {
    step(r, &(struct flow_event){.kind = FLOW_ACTION, .action = action, .index = index});
}

static void text(struct stand *r, const char *words) {
    step(r, &(struct flow_event){.kind = FLOW_TEXT, .text = words});
}

static void press(struct stand *r, enum input_key key) {
    step(r, &(struct flow_event){.kind = FLOW_KEY, .key = key});
}

static void tick(struct stand *r) {
    step(r, &(struct flow_event){.kind = FLOW_TICK});
}

static void pass(struct stand *r, int64_t ms) {
    flow_kit_pass(&r->kit, ms);
    tick(r);
}

static struct admit_result result_of(const char *person, enum verdict v) {
    struct admit_result a = {.verdict = v};
    if (person) {
        a.state = flow_kit_person(person);
    }
    return a;
}

static void answer_with(struct stand *r, uint32_t token, bool is_dry,
                        struct admit_result a) {
    a.ref.n = a.verdict == VERDICT_ADMITTED && !is_dry ? 7 : 0;
    step(r, &(struct flow_event){
                .kind = FLOW_ADMITTED, .token = token, .is_dry = is_dry, .admit = &a});
}

static void answer(struct stand *r, uint32_t token, bool is_dry, const char *person,
                   enum verdict v) {
    answer_with(r, token, is_dry, result_of(person, v));
}

static void fail_answer(struct stand *r, uint32_t token, bool is_dry) {
    step(r,
         &(struct flow_event){
             .kind = FLOW_ADMITTED, .token = token, .is_dry = is_dry, .err = ERR_FULL});
}

static void print_news(struct stand *r, const char *person, enum flow_print_state state) {
    struct flow_event e = {.kind = FLOW_PRINT, .print = state};
    snprintf(e.person, sizeof e.person, "%s", person);
    step(r, &e);
}

static void found(struct stand *r, const char *query, size_t count) {
    static struct flow_found f;
    memset(&f, 0, sizeof f);
    snprintf(f.query, sizeof f.query, "%s", query);
    f.count = count;
    for (size_t i = 0; i < count; i++) {
        f.rows[i] = flow_kit_person(i % 2 ? FLOW_JAN : FLOW_ZOE);
    }
    step(r, &(struct flow_event){.kind = FLOW_FOUND, .found = &f});
}

static uint32_t asked(struct stand *r) {
    return flow_kit_get(&r->kit, FLOW_ADMIT)->token;
}

// Scan, look, confirm: what the screen is before the badge prints.
static void come_to_confirm(struct stand *r, const char *code, const char *person) {
    scan(r, code);
    answer(r, asked(r), true, person, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_CONFIRM);
}

static void come_to_welcome(struct stand *r) {
    come_to_confirm(r, "ZOE", FLOW_ZOE);
    act(r, ACTION_PRINT, 0);
    answer(r, asked(r), false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
}

static bool holds(const void *bytes, size_t size, const char *words) {
    size_t len = strlen(words);
    for (size_t i = 0; i + len <= size; i++) {
        if (memcmp((const char *)bytes + i, words, len) == 0) {
            return true;
        }
    }
    return false;
}

static void check_nobody_is_left(const struct stand *r) {
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    static const char *const words[] = {FLOW_ZOE, "Müller", "Zoë", "Example Net",
                                        "ZOE-CODE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_false(holds(&r->c, sizeof r->c, words[i]));
    }
    struct attract_view *v = calloc(1, sizeof *v);
    checkin_fill_attract(&r->c, &r->kit.env, v);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_false(holds(v, sizeof *v, words[i]));
    }
    free(v);
}

// ---- the way through -----------------------------------------------------------------------

static void test_badge_is_seen_before_anything_is_written(void **state) {
    struct stand *r = *state;
    scan(r, "ZOE");
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_true(q->is_dry);
    assert_int_equal(q->code_len, 3);
    assert_memory_equal(q->code, "ZOE", 3);
    answer(r, q->token, true, FLOW_ZOE, VERDICT_ADMITTED);
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
    come_to_confirm(r, "ZOE", FLOW_ZOE);
    act(r, ACTION_PRINT, 0);
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0); // not before it is durable
    uint32_t token = asked(r);
    act(r, ACTION_PRINT, 0); // pressed again out of impatience
    assert_int_equal(r->kit.out.count, 0);
    answer(r, token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 1);
    assert_int_equal(flow_kit_get(&r->kit, FLOW_SOUND)->sound, SOUND_OK);
    assert_int_equal(r->c.print, PRINT_STATE_WAITING);
    print_news(r, FLOW_ZOE, FLOW_PRINT_PRINTING);
    assert_int_equal(r->c.print, PRINT_STATE_PRINTING);
    print_news(r, FLOW_ZOE, FLOW_PRINT_DONE);
    assert_int_equal(r->c.print, PRINT_STATE_PRINTED);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.given, "Zoë");
    assert_string_equal(v.steps[0].text, "Take your badge from the printer below.");
}

static void test_failed_print_says_where_the_badge_is(void **state) {
    struct stand *r = *state;
    come_to_welcome(r);
    print_news(r, FLOW_ZOE, FLOW_PRINT_FAILED);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_int_equal(v.print, PRINT_STATE_TROUBLE);
    assert_string_equal(v.steps[0].text, "Collect your badge at ");
}

static void test_gate_without_badges_admits_at_once(void **state) {
    struct stand *r = *state;
    snprintf(r->kit.env.gate, sizeof r->kit.env.gate, "social");
    scan(r, "ZOE");
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry);
    answer(r, asked(r), false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.gate, "Social event");
    assert_int_equal(v.step_count, 0);
}

static void test_who_has_a_badge_is_not_told_to_fetch_one(void **state) {
    struct stand *r = *state;
    struct admit_result a = result_of(FLOW_ZOE, VERDICT_ADMITTED);
    a.state.has_badge = true;
    a.state.serial = 1;
    scan(r, "ZOE");
    answer_with(r, asked(r), true, a);
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry); // nothing to confirm
    answer_with(r, asked(r), false, a);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    for (int i = 0; i < v.step_count; i++) {
        assert_null(strstr(v.steps[i].text, "badge"));
    }
}

static void test_signed_ticket_of_a_stranger_is_admitted(void **state) {
    struct stand *r = *state;
    struct admit_result a = result_of(NULL, VERDICT_ADMITTED);
    a.is_signed_only = true;
    scan(r, "TICKET");
    answer_with(r, asked(r), true, a);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_int_equal(q->code_len, 6);
    answer_with(r, q->token, false, a);
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
    scan(r, "ZOE");
    answer(r, asked(r), true, FLOW_ZOE, VERDICT_NOT_PRINTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    act(r, ACTION_PRINT, 0);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 1);
    act(r, ACTION_PRINT, 0);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
}

static void test_verdict_changed_between_look_and_print_shows(void **state) {
    struct stand *r = *state;
    come_to_confirm(r, "ZOE", FLOW_ZOE);
    act(r, ACTION_PRINT, 0);
    answer(r, asked(r), false, FLOW_ZOE, VERDICT_ALREADY_IN);
    assert_int_equal(r->c.result.verdict, VERDICT_ALREADY_IN);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
}

static void test_every_verdict_has_a_screen_and_a_sound(void **state) {
    struct stand *r = *state;
    for (int v = 0; v < VERDICT_COUNT; v++) {
        checkin_init(&r->c);
        r->c.is_staff = v % 2;
        bool is_dry = !r->c.is_staff;
        scan(r, "ZOE");
        answer(r, asked(r), is_dry && v != VERDICT_ADMITTED, FLOW_ZOE, (enum verdict)v);
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
    scan(r, "ZOE");
    answer(r, asked(r), true, FLOW_ZOE, VERDICT_ALREADY_IN);
    flow_kit_pass(&r->kit, 2900);
    scan(r, "ZOE");
    assert_int_equal(r->kit.out.count, 0);
    flow_kit_pass(&r->kit, 2900); // held under a scanner that goes on reading
    scan(r, "ZOE");
    assert_int_equal(r->kit.out.count, 0);
    flow_kit_pass(&r->kit, 3000);
    scan(r, "ZOE");
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
}

static void test_same_code_after_done_is_still_one_scan(void **state) {
    struct stand *r = *state;
    scan(r, "ZOE");
    answer(r, asked(r), true, FLOW_ZOE, VERDICT_ALREADY_IN);
    act(r, ACTION_DONE, 0);
    scan(r, "ZOE");
    assert_int_equal(r->kit.out.count, 0);
    scan(r, "JAN");
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
    scan(r, "ZOE"); // back at once: not the same scan
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
}

static void test_another_person_takes_over_verdict_and_confirm(void **state) {
    struct stand *r = *state;
    come_to_welcome(r);
    come_to_confirm(r, "JAN", FLOW_JAN);
    assert_string_equal(r->c.result.state.person.id, FLOW_JAN);
    assert_int_equal(r->c.print, PRINT_STATE_NONE);
    print_news(r, FLOW_ZOE, FLOW_PRINT_FAILED); // Zoë's badge, who left
    assert_int_equal(r->c.print, PRINT_STATE_NONE);
    scan(r, "ZOE");
    uint32_t token = asked(r);
    act(r, ACTION_PRINT, 0); // Jan's button while Zoë is looked up
    assert_int_equal(r->kit.out.count, 0);
    answer(r, token, true, FLOW_ZOE, VERDICT_ALREADY_IN);
    assert_string_equal(r->c.result.state.person.id, FLOW_ZOE);
}

static void test_stale_answer_is_ignored(void **state) {
    struct stand *r = *state;
    scan(r, "ZOE");
    uint32_t first = asked(r);
    scan(r, "JAN");
    uint32_t second = asked(r);
    answer(r, first, true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    assert_int_equal(r->kit.out.count, 0);
    answer(r, second, true, FLOW_JAN, VERDICT_ADMITTED);
    assert_string_equal(r->c.result.state.person.id, FLOW_JAN);
}

static void test_answer_after_leaving_never_meets_the_next_person(void **state) {
    struct stand *r = *state;
    scan(r, "ZOE");
    uint32_t first = asked(r);
    press(r, INPUT_KEY_ESCAPE);
    answer(r, first, true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    scan(r, "ZOE2");
    first = asked(r);
    press(r, INPUT_KEY_ESCAPE);
    scan(r, "JAN");
    assert_true(asked(r) != first);
    answer(r, first, true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    assert_false(holds(&r->c, sizeof r->c, "Müller"));
}

static void test_admission_overtaken_by_a_scan_still_gets_its_badge(void **state) {
    struct stand *r = *state;
    come_to_confirm(r, "ZOE", FLOW_ZOE);
    act(r, ACTION_PRINT, 0);
    uint32_t token = asked(r);
    scan(r, "JAN");
    answer(r, token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_SUBMIT)->badge.person.id, FLOW_ZOE);
    assert_int_equal(r->c.print, PRINT_STATE_NONE); // the screen is Jan's
}

static void test_leaving_waits_for_an_admission_being_written(void **state) {
    struct stand *r = *state;
    come_to_confirm(r, "ZOE", FLOW_ZOE);
    act(r, ACTION_PRINT, 0);
    uint32_t token = asked(r);
    act(r, ACTION_NOT_ME, 0);
    press(r, INPUT_KEY_ESCAPE);
    answer(r, token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    act(r, ACTION_DONE, 0);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
}

static void test_store_that_cannot_is_never_green(void **state) {
    struct stand *r = *state;
    come_to_confirm(r, "ZOE", FLOW_ZOE);
    act(r, ACTION_PRINT, 0);
    fail_answer(r, asked(r), false);
    assert_int_equal(r->c.result.verdict, VERDICT_NEEDS_STAFF);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 0);
    r->c.is_staff = true;
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_non_null(strstr(v.reason, "Nothing was stored"));
    assert_false(v.can_override);
    flow_kit_pass(&r->kit, 3000);
    scan(r, "ZOE"); // and it can be tried again
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 1);
}

// ---- time ------------------------------------------------------------------------------------

static void test_personal_data_is_gone_after_fifteen_seconds(void **state) {
    struct stand *r = *state;
    scan(r, "ZOE-CODE");
    answer(r, asked(r), true, FLOW_ZOE, VERDICT_ALREADY_IN);
    pass(r, 14999);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    assert_int_equal(checkin_deadline_ms(&r->c), r->kit.env.mono_ms + 1);
    pass(r, 1);
    check_nobody_is_left(r);
    assert_int_equal(checkin_deadline_ms(&r->c), INT64_MAX);
}

static void test_walking_away_from_confirm_admits_nobody(void **state) {
    struct stand *r = *state;
    come_to_confirm(r, "ZOE-CODE", FLOW_ZOE);
    pass(r, 45000);
    assert_int_equal(r->kit.out.count, 0);
    check_nobody_is_left(r);
}

static void test_screen_stays_while_printing_and_leaves_afterwards(void **state) {
    struct stand *r = *state;
    come_to_welcome(r);
    print_news(r, FLOW_ZOE, FLOW_PRINT_PRINTING);
    for (int i = 0; i < 10; i++) {
        pass(r, 10000);
        assert_int_equal(r->c.screen, CHECKIN_VERDICT);
        assert_true(checkin_deadline_ms(&r->c) > r->kit.env.mono_ms);
    }
    print_news(r, FLOW_ZOE, FLOW_PRINT_DONE);
    pass(r, 14999); // time to take it and read on
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    pass(r, 1);
    check_nobody_is_left(r);
}

static void test_printer_without_labels_does_not_hold_the_screen(void **state) {
    struct stand *r = *state;
    come_to_welcome(r);
    print_news(r, FLOW_ZOE, FLOW_PRINT_PRINTING);
    r->kit.env.printer = PRINTER_OUT_OF_LABELS;
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_int_equal(v.print, PRINT_STATE_TROUBLE);
    pass(r, 15000);
    check_nobody_is_left(r);
}

static void test_late_search_answer_brings_nobody_back(void **state) {
    struct stand *r = *state;
    act(r, ACTION_FIND, 0);
    text(r, "m");
    act(r, ACTION_CLEAR, 0);
    press(r, INPUT_KEY_ESCAPE);
    found(r, "", 2);
    found(r, "m", 2);
    check_nobody_is_left(r);
}

// ---- find my name ----------------------------------------------------------------------------

static void test_search_answers_out_of_order_show_the_newest(void **state) {
    struct stand *r = *state;
    text(r, "m"); // typing is searching
    assert_int_equal(r->c.screen, CHECKIN_FIND);
    text(r, "u");
    text(r, "l");
    found(r, "mul", 2);
    found(r, "m", 12);
    found(r, "mu", 6);
    assert_int_equal(r->c.found.count, 2);
    press(r, INPUT_KEY_BACKSPACE);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_SEARCH)->query, "mu");
    found(r, "mul", 2);
    found(r, "mu", 6);
    assert_int_equal(r->c.found.count, 6);
}

static void test_enter_never_takes_a_row_of_an_older_query(void **state) {
    struct stand *r = *state;
    text(r, "m");
    found(r, "m", 1);
    text(r, "x");
    press(r, INPUT_KEY_ENTER);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 0);
    found(r, "mx", 1);
    press(r, INPUT_KEY_ENTER);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_ADMIT)->person, FLOW_ZOE);
}

static void test_chosen_row_is_looked_at_before_it_is_admitted(void **state) {
    struct stand *r = *state;
    text(r, "m");
    found(r, "m", 2);
    act(r, ACTION_ROW, 1);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_true(q->is_dry);
    assert_int_equal(q->code_len, 0);
    assert_string_equal(q->person, FLOW_JAN);
    answer(r, q->token, true, FLOW_JAN, VERDICT_ADMITTED);
    act(r, ACTION_PRINT, 0);
    assert_string_equal(flow_kit_get(&r->kit, FLOW_ADMIT)->person, FLOW_JAN);
    act(r, ACTION_ROW, 99);
    act(r, ACTION_ROW, -1);
}

static void test_long_input_is_kept_whole_characters_and_bounded(void **state) {
    struct stand *r = *state;
    size_t searches = 0;
    for (int i = 0; i < 800; i++) {
        text(r, i % 2 ? "ش" : "é");
        searches += flow_kit_count(&r->kit, FLOW_SEARCH);
    }
    assert_true(strlen(r->c.query) < sizeof r->c.query);
    assert_int_equal(strlen(r->c.query) % 2, 0);
    assert_int_equal(searches, strlen(r->c.query) / 2); // a full field asks no more
    for (int i = 0; i < 800; i++) {
        press(r, INPUT_KEY_BACKSPACE);
    }
    assert_int_equal(strlen(r->c.query), 0);
    assert_int_equal(r->c.found.count, 0);
}

static void test_odd_bytes_in_codes_and_names_are_carried(void **state) {
    struct stand *r = *state;
    struct scan s = {.len = SCAN_BYTES_MAX};
    memset(s.bytes, 0xff, sizeof s.bytes);
    step(r, &(struct flow_event){.kind = FLOW_SCAN, .scan = &s});
    assert_int_equal(flow_kit_get(&r->kit, FLOW_ADMIT)->code_len, SCAN_BYTES_MAX);
    struct admit_result a = result_of(FLOW_ZOE, VERDICT_ADMITTED);
    memset(a.state.person.name, 0xbf, sizeof a.state.person.name - 1);
    memset(a.state.person.org, 0x80, sizeof a.state.person.org - 1);
    a.state.person.given[0] = '\0';
    answer_with(r, asked(r), true, a);
    struct confirm_view c;
    checkin_fill_confirm(&r->c, &c);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_true(strlen(c.name) < sizeof c.name);
    assert_true(strlen(v.detail) < sizeof v.detail);
}

static void test_long_arabic_affiliation_is_cut_between_characters(void **state) {
    struct stand *r = *state;
    struct admit_result a = result_of(FLOW_ZOE, VERDICT_ALREADY_IN);
    a.state.person.org[0] = 'x'; // so that even cuts split
    for (size_t at = 1; at + 3 < sizeof a.state.person.org; at += 2) {
        memcpy(a.state.person.org + at, "ش", 2);
    }
    memcpy(a.state.person.kind, "invited", 8);
    scan(r, "ZOE");
    answer_with(r, asked(r), true, a);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_non_null(strstr(v.detail, "ش · By invitation"));
}

// ---- staff -------------------------------------------------------------------------------------

static void appended(struct stand *r, uint32_t token, enum err e, uint64_t n) {
    step(r, &(struct flow_event){
                .kind = FLOW_APPENDED, .token = token, .err = e, .ref = {9, n}});
}

static void tell_asks(struct stand *r, size_t count, uint64_t n) {
    static struct flow_desk d;
    memset(&d, 0, sizeof d);
    d.ask_count = count;
    for (size_t i = 0; i < count; i++) {
        d.asks[i] = (struct ask){.ref = {9, n + i}, .dev = r->kit.env.dev};
    }
    step(r, &(struct flow_event){.kind = FLOW_DESK, .desk = &d});
}

static uint32_t call(struct stand *r) {
    act(r, ACTION_CALL_STAFF, 0);
    const struct flow_request *q = flow_kit_append(&r->kit, "ask");
    assert_non_null(q);
    assert_string_equal(q->subject, "000000000000abcd");
    return q->token;
}

static void test_call_is_sent_once_and_answered(void **state) {
    struct stand *r = *state;
    uint32_t token = call(r);
    act(r, ACTION_CALL_STAFF, 0);
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
    pass(r, 15000);
    assert_int_equal(r->c.call, CALL_NONE);
}

static void test_answered_call_passes_even_when_the_person_goes(void **state) {
    struct stand *r = *state;
    scan(r, "ZOE");
    answer(r, asked(r), true, FLOW_ZOE, VERDICT_UNPAID);
    appended(r, call(r), ERR_NONE, 6);
    tell_asks(r, 0, 0);
    act(r, ACTION_DONE, 0);
    assert_int_equal(r->c.call, CALL_ANSWERED);
    pass(r, 15000);
    assert_int_equal(r->c.call, CALL_NONE);
    (void)call(r);
}

static void test_call_outlives_the_person_but_not_for_ever(void **state) {
    struct stand *r = *state;
    appended(r, call(r), ERR_NONE, 6);
    scan(r, "ZOE");
    answer(r, asked(r), true, FLOW_ZOE, VERDICT_UNPAID);
    pass(r, 15000);
    assert_int_equal(r->c.call, CALL_SENT);
    assert_true(checkin_deadline_ms(&r->c) < INT64_MAX);
    pass(r, 600000);
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
            scan(r, "ZOE");
            answer(r, asked(r), false, FLOW_ZOE, (enum verdict)v);
            struct verdict_view view = {0};
            checkin_fill_verdict(&r->c, &r->kit.env, &view);
            assert_int_equal(view.can_override, is_soft && is_staff);
            act(r, ACTION_ADMIT_ANYWAY, 0);
            assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), is_soft && is_staff);
        }
    }
}

static void test_override_of_a_scan_keeps_its_code(void **state) {
    struct stand *r = *state;
    r->c.is_staff = true;
    scan(r, "ZOE");
    assert_false(flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry); // staff admit at once
    answer(r, asked(r), false, FLOW_ZOE, VERDICT_UNPAID);
    act(r, ACTION_ADMIT_ANYWAY, 0);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_true(q->is_override);
    assert_int_equal(q->code_len, 3);
    answer(r, q->token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 1);
}

static void test_words_when_too_early_and_on_another_day(void **state) {
    struct stand *r = *state;
    flow_kit_add(&r->kit, "gate", "late",
                 "{'name':'Hackathon','from':'2015-03-24T00:30:00Z','early_minutes':30}");
    flow_kit_sort(&r->kit);
    snprintf(r->kit.env.gate, sizeof r->kit.env.gate, "late");
    scan(r, "ZOE");
    answer(r, asked(r), false, FLOW_ZOE, VERDICT_TOO_EARLY);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.when, "Mon 23 March, 19:00");
    struct admit_result a = result_of(FLOW_ZOE, VERDICT_WRONG_DAY);
    memcpy(a.state.person.days, "2015-03-24", 11);
    scan(r, "ZOE2");
    answer_with(r, asked(r), false, a);
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_string_equal(v.when, "Tue 24 March");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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

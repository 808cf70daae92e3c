// The check-in flow at a strict gate: the hub has the first word, but not for long.
#include "tests/support/checkin_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NONCE = 77 };

static int set_up_door(void **state) {
    int failed = stand_set_up(state);
    struct stand *r = *state;
    snprintf(r->kit.env.gate, sizeof r->kit.env.gate, "social"); // prints nothing
    return failed;
}

static struct admit_result would_admit(const char *person, uint64_t nonce) {
    struct admit_result a = stand_result_of(person, VERDICT_ADMITTED);
    a.claim = nonce;
    return a;
}

// As the store answers: to be admitted if the hub has no other word.
static void store_wants_claim(struct stand *r, const char *person, uint64_t nonce) {
    struct admit_result a = would_admit(person, nonce);
    stand_step(
        r, &(struct flow_event){.kind = FLOW_ADMITTED, .token = r->c.token, .admit = &a});
}

static void come_to_claim(struct stand *r) {
    stand_scan(r, "ZOE-CODE");
    assert_int_equal(flow_kit_get(&r->kit, FLOW_ADMIT)->claim, 0);
    store_wants_claim(r, FLOW_ZOE, NONCE);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_CLAIM);
    assert_int_equal(q->claim, NONCE);
    assert_string_equal(q->subject, FLOW_ZOE);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT); // nothing is green yet
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SOUND), 0);
}

static void hub_says(struct stand *r, bool is_answered, bool has_won, uint64_t nonce) {
    struct claim_answer a = {.is_answered = is_answered,
                             .claimed = {.nonce = nonce, .has_won = has_won}};
    if (is_answered && !has_won) {
        a.claimed.at_ms = r->kit.env.now.wall_ms - 60000;
        snprintf(a.claimed.by, sizeof a.claimed.by, "Desk 2");
    }
    stand_step(r, &(struct flow_event){.kind = FLOW_CLAIMED, .claim = &a});
}

static void check_admits(struct stand *r, bool is_confirmed) {
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_int_equal(q->claim, NONCE);
    assert_int_equal(q->is_confirmed, is_confirmed);
    assert_false(q->is_dry || q->is_override);
    stand_answer(r, q->token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    struct verdict_view v = {.badge = NULL};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_int_equal(v.verdict, VERDICT_ADMITTED);
    assert_int_equal(v.is_unconfirmed, !is_confirmed);
}

static void test_the_hub_says_yes(void **state) {
    struct stand *r = *state;
    come_to_claim(r);
    hub_says(r, true, true, NONCE);
    check_admits(r, true);
    stand_pass(r, 15000);
    stand_check_nobody_is_left(r);
}

static void test_the_hub_names_another_desk(void **state) {
    struct stand *r = *state;
    come_to_claim(r);
    hub_says(r, true, false, NONCE);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 0);
    struct verdict_view v = {.badge = NULL};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_int_equal(v.verdict, VERDICT_ALREADY_IN);
    assert_string_equal(v.at, "Desk 2");
    assert_string_equal(v.since, "09:09");
    assert_false(v.can_override); // not for attendees to touch
    stand_pass(r, 15000);
    stand_check_nobody_is_left(r);
}

static void test_staff_may_overrule_a_word_without_admission(void **state) {
    struct stand *r = *state;
    r->c.is_staff = true;
    come_to_claim(r);
    hub_says(r, true, false, NONCE);
    assert_true(checkin_can_override(&r->c.result));
    stand_act(r, ACTION_ADMIT_ANYWAY, 0);
    const struct flow_request *q = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_true(q->is_override && !q->is_confirmed);
    assert_int_equal(q->claim, NONCE); // not asked a second time
    // An admission that is known here is no mere word.
    struct admit_result in = stand_result_of(FLOW_ZOE, VERDICT_ALREADY_IN);
    assert_false(checkin_can_override(&in));
}

static void test_a_slow_hub_is_not_waited_for(void **state) {
    struct stand *r = *state;
    come_to_claim(r);
    int64_t asked_ms = r->kit.env.mono_ms;
    assert_int_equal(checkin_deadline_ms(&r->c), asked_ms + 100);
    stand_pass(r, 99);
    assert_false(checkin_is_checking(&r->c));
    stand_pass(r, 1);
    assert_true(checkin_is_checking(&r->c));
    assert_true(r->kit.out.is_dirty);
    assert_int_equal(checkin_deadline_ms(&r->c), asked_ms + CLAIM_WAIT_MS);
    struct attract_view v;
    checkin_fill_attract(&r->c, &r->kit.env, &v);
    assert_true(v.is_checking);
    stand_pass(r, CLAIM_WAIT_MS - 101);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_ADMIT), 0);
    stand_pass(r, 1);
    const struct flow_request q = *flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_int_equal(q.claim, NONCE);
    assert_false(q.is_confirmed);
    // Too late, whatever it says: decided without it, and only once.
    hub_says(r, true, false, NONCE);
    assert_int_equal(r->kit.out.count, 0);
    hub_says(r, true, true, NONCE);
    assert_int_equal(r->kit.out.count, 0);
    stand_answer(r, q.token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    assert_true(r->c.is_unconfirmed);
    hub_says(r, true, false, NONCE);
    assert_int_equal(r->c.result.verdict, VERDICT_ADMITTED);
    assert_int_equal(r->kit.out.count, 0);
}

static void test_no_hub_no_wait(void **state) {
    struct stand *r = *state;
    come_to_claim(r);
    hub_says(r, false, false, NONCE); // refused, or none configured
    check_admits(r, false);
}

static void test_answers_to_other_questions_are_not_ours(void **state) {
    struct stand *r = *state;
    come_to_claim(r);
    hub_says(r, true, false, NONCE + 1);
    assert_int_equal(r->kit.out.count, 0);
    hub_says(r, true, true, NONCE);
    check_admits(r, true);
}

// Nobody is lost when the next one scans while the hub is asked.
static void test_the_next_one_waits_a_moment(void **state) {
    struct stand *r = *state;
    come_to_claim(r);
    stand_scan(r, "JAN-CODE");
    assert_int_equal(r->kit.out.count, 0);
    hub_says(r, true, true, NONCE);
    const struct flow_request q = *flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_memory_equal(q.code, "ZOE-CODE", q.code_len);
    stand_answer(r, q.token, false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SOUND), 1); // hers
    const struct flow_request *next = flow_kit_get(&r->kit, FLOW_ADMIT);
    assert_memory_equal(next->code, "JAN-CODE", next->code_len);
    store_wants_claim(r, FLOW_JAN, NONCE + 1);
    // Her welcome must not look like the answer to him.
    stand_pass(r, 100);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    assert_true(checkin_is_checking(&r->c));
    hub_says(r, true, false, NONCE + 1);
    assert_string_equal(r->c.result.state.person.id, FLOW_JAN);
    assert_int_equal(r->c.result.verdict, VERDICT_ALREADY_IN);
}

// A touch in that moment must not lose whom the hub is asked about.
static void test_touches_wait_too(void **state) {
    struct stand *r = *state;
    come_to_claim(r);
    stand_act(r, ACTION_FIND, 0);
    stand_text(r, "j");
    stand_press(r, INPUT_KEY_ESCAPE);
    assert_int_equal(r->c.screen, CHECKIN_ATTRACT);
    hub_says(r, true, true, NONCE);
    check_admits(r, true);
    stand_act(r, ACTION_DONE, 0);
    stand_check_nobody_is_left(r);
}

static void test_a_looked_up_badge_asks_only_when_it_prints(void **state) {
    struct stand *r = *state;
    snprintf(r->kit.env.gate, sizeof r->kit.env.gate, "meeting");
    stand_scan(r, "ZOE");
    stand_answer(r, stand_asked(r), true, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(r->c.screen, CHECKIN_CONFIRM);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_CLAIM), 0);
    stand_act(r, ACTION_PRINT, 0);
    store_wants_claim(r, FLOW_ZOE, NONCE);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_CLAIM), 1);
    stand_pass(r, 100);
    struct confirm_view v;
    checkin_fill_confirm(&r->c, &v);
    assert_true(v.is_checking);
    hub_says(r, true, true, NONCE);
    stand_answer(r, stand_asked(r), false, FLOW_ZOE, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_count(&r->kit, FLOW_SUBMIT), 1);
}

int main(void) {
#define DOOR(f) cmocka_unit_test_setup_teardown(f, set_up_door, stand_tear_down)
    const struct CMUnitTest tests[] = {
        DOOR(test_the_hub_says_yes),
        DOOR(test_the_hub_names_another_desk),
        DOOR(test_staff_may_overrule_a_word_without_admission),
        DOOR(test_a_slow_hub_is_not_waited_for),
        DOOR(test_no_hub_no_wait),
        DOOR(test_answers_to_other_questions_are_not_ours),
        DOOR(test_the_next_one_waits_a_moment),
        DOOR(test_touches_wait_too),
        DOOR(test_a_looked_up_badge_asks_only_when_it_prints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

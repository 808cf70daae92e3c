// The kiosk between its flows and its workers, without starting any.
#include "app/kiosk.h"

#include "sync/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ZOE "0123456789ABCDEF"

static int set_up(void **state) {
    struct kiosk *k = mem_alloc(1, sizeof *k);
    k->role = ROLE_CHECKIN;
    k->inbox = inbox_create();
    k->sound = sound_create(0);
    k->programme = mem_alloc(1, sizeof *k->programme);
    k->env.programme = k->programme;
    k->env.mono_ms = 1000000;
    checkin_init(&k->checkin);
    desk_init(&k->desk);
    *state = k;
    return 0;
}

static int tear_down(void **state) {
    struct kiosk *k = *state;
    inbox_destroy(k->inbox, kiosk_drop_parcel);
    sound_destroy(k->sound);
    badge_job_destroy(k->badge);
    programme_destroy(k->programme);
    mem_free(k);
    return 0;
}

static void show_zoe(struct kiosk *k) {
    struct checkin *c = k->role == ROLE_DESK ? &k->desk.checkin : &k->checkin;
    c->screen = CHECKIN_VERDICT;
    c->leave_ms = k->env.mono_ms + 15000;
    snprintf(c->result.state.person.id, PERSON_ID_SIZE, "%s", ZOE);
    snprintf(c->result.state.person.name, TITLE_SIZE, "Zoë Müller-Ortiz");
}

static void give_role(struct kiosk *k, const char *role) {
    struct refresh r = {.has_self = true, .is_enrolled = true};
    snprintf(r.self.role, sizeof r.self.role, "%s", role);
    kiosk_take_refresh(k, &r);
}

static struct badge_job *add_badge(struct kiosk *k, const char *person, bool is_preview) {
    struct badge_job *job = mem_alloc(1, sizeof *job);
    snprintf(job->who.person.id, PERSON_ID_SIZE, "%s", person);
    job->is_preview = is_preview;
    assert_int_equal(inbox_post(k->inbox, PARCEL_BADGE, job), ERR_NONE);
    kiosk_take_parcels(k);
    return job;
}

static void test_new_role_forgets_who_was_on_the_old_screen(void **state) {
    struct kiosk *k = *state;
    show_zoe(k);
    uint32_t token = k->checkin.token;
    give_role(k, "room");
    assert_int_equal(k->role, ROLE_ROOM);
    assert_true(k->needs_refresh);
    assert_true(k->is_dirty);
    assert_string_equal(k->checkin.result.state.person.id, "");
    assert_true(k->checkin.token != token); // an answer under way finds nobody
    k->checkin.leave_ms = 1; // whatever the old role left behind does not keep it awake
    assert_true(kiosk_deadline_ms(k) > k->env.mono_ms);
    give_role(k, "checkin");
    assert_int_equal(k->checkin.screen, CHECKIN_ATTRACT);
}

static void test_same_news_draws_nothing(void **state) {
    struct kiosk *k = *state;
    give_role(k, "checkin");
    k->is_dirty = false;
    give_role(k, "checkin");
    assert_false(k->is_dirty);
    struct refresh r = {.has_self = true, .is_enrolled = true};
    snprintf(r.self.role, sizeof r.self.role, "checkin");
    snprintf(r.self.room, sizeof r.self.room, "Gold");
    kiosk_take_refresh(k, &r);
    assert_true(k->is_dirty); // another place is drawn at once
}

static void test_another_gate_asks_for_its_counts(void **state) {
    struct kiosk *k = *state;
    give_role(k, "desk");
    k->needs_refresh = false;
    struct refresh r = {.has_self = true, .is_enrolled = true};
    snprintf(r.self.role, sizeof r.self.role, "desk");
    snprintf(r.self.gate, sizeof r.self.gate, "social");
    kiosk_take_refresh(k, &r);
    assert_true(k->needs_refresh);
}

static void test_preview_of_who_is_shown_stays(void **state) {
    struct kiosk *k = *state;
    show_zoe(k);
    struct badge_job *shown = add_badge(k, ZOE, true);
    assert_ptr_equal(k->badge, shown);
    (void)add_badge(k, "0123456789ABCDEG", true); // of somebody who left
    assert_ptr_equal(k->badge, shown);
    (void)add_badge(k, "0123456789ABCDEG", false); // printed for somebody else
    assert_ptr_equal(k->badge, shown);
}

static void test_badge_goes_with_the_person(void **state) {
    struct kiosk *k = *state;
    show_zoe(k);
    (void)add_badge(k, ZOE, true);
    k->env.mono_ms += 15000;
    kiosk_tick(k);
    assert_int_equal(k->checkin.screen, CHECKIN_ATTRACT);
    assert_null(k->badge);
}

static void test_call_that_finds_the_store_full_can_be_made_again(void **state) {
    struct kiosk *k = *state;
    k->request_count = REQUESTS_MAX;
    kiosk_act(k, ACTION_CALL_STAFF, 0);
    assert_int_equal(k->checkin.call, CALL_NONE);
}

static void test_badge_without_template_is_trouble_not_silence(void **state) {
    struct kiosk *k = *state;
    show_zoe(k);
    k->checkin.print = PRINT_STATE_WAITING;
    k->request_count = REQUESTS_MAX; // the store would not hear of it either
    k->jobs.stage = KIOSK_JOB_DRAWING;
    snprintf(k->jobs.now.person, sizeof k->jobs.now.person, "%s", ZOE);
    (void)add_badge(k, ZOE, false); // nothing was drawn
    assert_int_equal(k->checkin.print, PRINT_STATE_TROUBLE);
    assert_int_equal(k->jobs.stage, KIOSK_JOB_ENDING); // said again at the next tick
    assert_false(k->jobs.is_asking);
}

static void press(struct kiosk *k, enum input_key key) {
    kiosk_take_input(k, &(struct input){.kind = INPUT_KEY, .key = key});
}

static void test_enter_is_for_what_is_on_the_screen(void **state) {
    struct kiosk *k = *state;
    targets_begin(&k->targets);
    targets_add(&k->targets, (struct rect){0, 0, 10, 10}, ACTION_FIND, 0);
    press(k, INPUT_KEY_TAB);
    press(k, INPUT_KEY_ENTER);
    assert_int_equal(k->checkin.screen, CHECKIN_FIND);
    press(k, INPUT_KEY_ESCAPE);
    show_zoe(k);
    targets_begin(&k->targets); // her verdict has no such button
    targets_add(&k->targets, (struct rect){0, 0, 10, 10}, ACTION_DONE, 0);
    press(k, INPUT_KEY_ENTER);
    assert_int_equal(k->checkin.screen, CHECKIN_VERDICT);
}

static void test_typing_takes_the_focus_away(void **state) {
    struct kiosk *k = *state;
    give_role(k, "desk");
    k->request_count = REQUESTS_MAX;
    targets_begin(&k->targets);
    targets_add(&k->targets, (struct rect){0, 0, 10, 10}, ACTION_CHECK_IN, 0);
    press(k, INPUT_KEY_TAB);
    assert_int_equal(k->targets.focus.action, ACTION_CHECK_IN);
    kiosk_take_input(k, &(struct input){.kind = INPUT_TEXT, .text = "m"});
    assert_int_equal(k->targets.focus.action, ACTION_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_new_role_forgets_who_was_on_the_old_screen),
        TEST(test_same_news_draws_nothing),
        TEST(test_another_gate_asks_for_its_counts),
        TEST(test_preview_of_who_is_shown_stays),
        TEST(test_badge_goes_with_the_person),
        TEST(test_call_that_finds_the_store_full_can_be_made_again),
        TEST(test_enter_is_for_what_is_on_the_screen),
        TEST(test_typing_takes_the_focus_away),
        TEST(test_badge_without_template_is_trouble_not_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// What screens say while the people are still coming, and about a clock that is in doubt.
#include "app/flows/desk.h"
#include "app/flows/flow_words.h"
#include "app/flows/signage.h"
#include "app/kiosk.h"
#include "sync/base/mem.h"
#include "tests/support/checkin_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SOME                \
    "8\xE2\x80\xAF"         \
    "200 of 12\xE2\x80\xAF" \
    "431 people"

static void load(struct stand *r, int64_t people, int64_t total) {
    r->kit.env.loading =
        (struct loading){.is_loading = true, .people = people, .total = total};
}

static const char *loading_words(struct stand *r) {
    static char words[NAME_SIZE];
    flow_loading(&r->kit.env, words, sizeof words);
    return words;
}

static void test_words_of_loading(void **state) {
    struct stand *r = *state;
    assert_string_equal(loading_words(r), "");
    load(r, 8200, 12431);
    assert_string_equal(loading_words(r), SOME);
    load(r, 12433, 12431); // two came meanwhile: never more than all
    assert_string_equal(loading_words(r), "12\xE2\x80\xAF"
                                          "433 of 12\xE2\x80\xAF"
                                          "433 people");
    load(r, 17, 0); // the upstream did not say
    assert_string_equal(loading_words(r), "17 people so far");
    load(r, 0, 0);
    assert_string_equal(loading_words(r), "the list of people is on its way");
    load(r, 1234567, 2000000);
    assert_non_null(strstr(loading_words(r), "1\xE2\x80\xAF"
                                             "234\xE2\x80\xAF"
                                             "567 of 2"));
    r->kit.env.loading.is_loading = false;
    assert_string_equal(loading_words(r), "");
}

static void test_check_in_screens_say_how_many_are_here(void **state) {
    struct stand *r = *state;
    struct attract_view a;
    struct find_view f;
    load(r, 8200, 12431);
    checkin_fill_attract(&r->c, &r->kit.env, &a);
    assert_string_equal(a.loading, SOME);
    assert_true(a.can_find); // usable before it is complete
    checkin_fill_find(&r->c, &r->kit.env, &f);
    assert_string_equal(f.loading, SOME);
}

// The answer of the store to a scan, and the verdict on the screen.
static struct verdict_view answer(struct stand *r, const char *person, enum verdict v) {
    static int scans;
    char code[24];
    struct verdict_view view = {0};
    snprintf(code, sizeof code, "CODE %d", ++scans);
    stand_scan(r, code);
    bool is_dry = flow_kit_get(&r->kit, FLOW_ADMIT)->is_dry;
    stand_answer(r, stand_asked(r), is_dry, person, v);
    assert_int_equal(r->c.screen, CHECKIN_VERDICT);
    checkin_fill_verdict(&r->c, &r->kit.env, &view);
    return view;
}

static void test_nobody_is_unknown_while_people_are_coming(void **state) {
    static const enum verdict nobody[] = {VERDICT_UNKNOWN, VERDICT_OTHER_EVENT,
                                          VERDICT_NOT_ON_LIST};
    struct stand *r = *state;
    char title[TITLE_SIZE];
    char text[2 * LINE_SIZE];
    for (int is_staff = 0; is_staff <= 1; is_staff++) {
        r->c.is_staff = is_staff != 0;
        for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
            load(r, 8200, 12431);
            struct verdict_view v = answer(r, "", nobody[i]);
            assert_int_equal(flow_kit_get(&r->kit, FLOW_SOUND)->sound, SOUND_ATTENTION);
            verdict_format_title(&v, title, sizeof title);
            verdict_format_text(&v, text, sizeof text);
            assert_string_equal(title,
                                is_staff ? "Not known here yet" : "One moment, please");
            assert_non_null(strstr(text, "Still loading: " SOME "."));
            assert_non_null(strstr(text, is_staff ? "another desk" : "to the desk"));
            // With everybody here it is the plain word again.
            r->kit.env.loading.is_loading = false;
            v = answer(r, "", nobody[i]);
            assert_int_equal(v.verdict, nobody[i]);
            assert_string_equal(v.loading, "");
        }
    }
}

static void test_what_is_known_is_said_while_people_are_coming(void **state) {
    static const enum verdict known[] = {VERDICT_BLOCKED, VERDICT_NOT_ON_LIST,
                                         VERDICT_FORGED, VERDICT_ALREADY_IN};
    struct stand *r = *state;
    load(r, 8200, 12431);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        bool has_person = known[i] != VERDICT_FORGED; // that needs no list
        struct verdict_view v = answer(r, has_person ? FLOW_ZOE : "", known[i]);
        assert_int_equal(v.verdict, known[i]);
        assert_string_equal(v.loading, "");
    }
}

static void test_signed_ticket_is_admitted_while_people_are_coming(void **state) {
    struct stand *r = *state;
    load(r, 0, 12431);
    r->c.is_staff = true;
    stand_scan(r, "TICKET");
    struct admit_result a = {.verdict = VERDICT_ADMITTED, .is_signed_only = true};
    a.ref.n = 1;
    stand_answer_with(r, stand_asked(r), false, a);
    struct verdict_view v = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &v);
    assert_int_equal(v.verdict, VERDICT_ADMITTED);
    assert_int_equal(flow_kit_get(&r->kit, FLOW_SOUND)->sound, SOUND_OK);
}

static void test_desk_says_how_many_are_here(void **state) {
    struct stand *r = *state;
    static struct desk d;
    static struct desk_view v;
    desk_init(&d);
    load(r, 8200, 12431);
    desk_fill(&d, &r->kit.env, &v);
    assert_string_equal(v.loading, SOME);
    assert_int_equal(v.link, DESK_LINK_BEHIND); // never "up to date"
    r->kit.env.link.is_online = false;
    desk_fill(&d, &r->kit.env, &v);
    assert_string_equal(v.loading, SOME);
    assert_int_equal(v.link, DESK_LINK_OFFLINE);
    r->kit.env.link.is_online = true;
    r->kit.env.loading.is_loading = false;
    desk_fill(&d, &r->kit.env, &v);
    assert_string_equal(v.loading, "");
    assert_int_equal(v.link, DESK_LINK_FRESH);
}

// ---- time ----------------------------------------------------------------------------------

// What all four screens say beside the clock; the same everywhere.
static void expect_note(struct stand *r, const char *want) {
    static struct desk d;
    static union {
        struct desk_view desk;
        struct room_view room;
        struct agenda_view agenda;
        struct attract_view attract;
    } v;
    struct signage s = {.page = 0};
    desk_init(&d);
    desk_fill(&d, &r->kit.env, &v.desk);
    assert_string_equal(v.desk.time_note, want);
    signage_fill_room(&s, &r->kit.env, &v.room);
    assert_string_equal(v.room.time_note, want);
    signage_fill_agenda(&s, &r->kit.env, &v.agenda);
    assert_string_equal(v.agenda.time_note, want);
    checkin_fill_attract(&r->c, &r->kit.env, &v.attract);
    assert_string_equal(v.attract.time_note, want);
}

static void test_time_that_is_held_is_said_to_be(void **state) {
    struct stand *r = *state;
    expect_note(r, "");
    r->kit.env.now.state = TIME_HELD;
    expect_note(r, "time not confirmed");
    r->kit.env.now.state = TIME_SET;
    r->kit.env.now.error_ms = 60000;
    expect_note(r, "");
    r->kit.env.now.error_ms = 60001; // set long ago: off by more than clocks here show
    expect_note(r, "time not confirmed");
    r->kit.env.now.state = TIME_UNKNOWN; // the clock's place says so
    expect_note(r, "");
}

static void test_held_time_still_knows_what_is_on(void **state) {
    struct stand *r = *state;
    struct signage s = {.page = 0};
    static struct room_view v;
    flow_kit_add_moved(&r->kit, "a",
                       "{'name':'A','room':'Gold','start':'2015-03-23T09:00-05:00',"
                       "'minutes':60,'type':'regular'}",
                       NULL);
    flow_kit_sort(&r->kit);
    r->kit.env.now.state = TIME_HELD;
    signage_fill_room(&s, &r->kit.env, &v);
    assert_int_equal(v.mode, ROOM_MODE_NOW);
    assert_string_equal(v.clock, "09:10");
}

static void test_utc_is_labelled_wherever_a_clock_stands_alone(void **state) {
    struct stand *r = *state;
    struct zone *utc = NULL;
    struct signage s = {.page = 0};
    static struct room_view v;
    assert_int_equal(zone_open("UTC", &utc), ERR_NONE);
    r->kit.env.zone = utc;
    r->kit.env.is_utc = true;
    expect_note(r, "times are UTC");
    signage_fill_room(&s, &r->kit.env, &v);
    assert_string_equal(v.clock, "14:10 UTC");
    r->kit.env.now.state = TIME_HELD;
    expect_note(r, "time not confirmed \xC2\xB7 times are UTC");
    r->kit.env.now.state = TIME_UNKNOWN; // the day's list has times, too
    expect_note(r, "times are UTC");
    struct admit_result a = stand_result_of(FLOW_ZOE, VERDICT_ALREADY_IN);
    a.state.is_in = true;
    a.state.in_ms = r->kit.env.now.wall_ms;
    stand_scan(r, "AGAIN");
    stand_answer_with(r, stand_asked(r), true, a);
    struct verdict_view verdict = {0};
    checkin_fill_verdict(&r->c, &r->kit.env, &verdict);
    assert_string_equal(verdict.since, "14:10 UTC");
    zone_close(utc);
}

// A desk types what stands on paper: local times, which it cannot tell now.
static void test_paper_needs_the_venues_zone(void **state) {
    struct stand *r = *state;
    static struct desk d;
    static struct desk_view v;
    for (int is_utc = 0; is_utc <= 1; is_utc++) {
        desk_init(&d);
        d.panel = DESK_PANEL_PERSON;
        d.person = flow_kit_person(FLOW_ZOE);
        r->kit.env.is_utc = is_utc != 0;
        desk_fill(&d, &r->kit.env, &v);
        bool has_paper = false;
        for (int i = 0; i < v.panel.action_count; i++) {
            has_paper = has_paper || v.panel.actions[i].action == ACTION_FROM_PAPER;
        }
        assert_int_equal(has_paper, !is_utc);
    }
}

// ---- the kiosk -----------------------------------------------------------------------------

static void give_zone(struct kiosk *k, const char *zone) {
    struct refresh r = {.is_enrolled = true, .programme_version = 1};
    r.programme = mem_alloc(1, sizeof *r.programme);
    snprintf(r.programme->event.name, sizeof r.programme->event.name, "IETF 92");
    snprintf(r.programme->event.zone, sizeof r.programme->event.zone, "%s", zone);
    kiosk_take_refresh(k, &r);
}

static void test_zone_that_is_not_to_be_had_becomes_utc(void **state) {
    (void)state;
    struct kiosk *k = mem_alloc(1, sizeof *k);
    k->programme = mem_alloc(1, sizeof *k->programme);
    give_zone(k, "Mars/Olympus_Mons");
    assert_true(k->env.is_utc);
    assert_non_null(k->env.zone);
    assert_int_equal(zone_local(k->env.zone, 0).hour, 0);
    give_zone(k, "America/Chicago");
    assert_false(k->env.is_utc);
    assert_int_equal(zone_local(k->env.zone, 0).hour, 18);
    give_zone(k, "");
    assert_true(k->env.is_utc);
    programme_destroy(k->programme);
    zone_close(k->zone);
    mem_free(k);
}

static void test_kiosk_alone_waits_for_nobody(void **state) {
    (void)state;
    struct kiosk *k = mem_alloc(1, sizeof *k);
    k->programme = mem_alloc(1, sizeof *k->programme);
    struct refresh r = {.wants_desk = true,
                        .loading = {.is_loading = true, .people = 17}};
    kiosk_take_refresh(k, &r);
    assert_false(k->env.loading.is_loading);
    k->env.has_upstream = true;
    kiosk_update_env(k);
    assert_true(k->env.loading.is_loading);
    assert_int_equal(k->env.loading.people, 17);
    k->is_dirty = false;
    r.loading.is_loading = false;
    kiosk_take_refresh(k, &r);
    assert_true(k->is_dirty); // the words go
    assert_false(k->env.loading.is_loading);
    programme_destroy(k->programme);
    mem_free(k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stand_set_up, stand_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_words_of_loading),
        TEST(test_check_in_screens_say_how_many_are_here),
        TEST(test_nobody_is_unknown_while_people_are_coming),
        TEST(test_what_is_known_is_said_while_people_are_coming),
        TEST(test_signed_ticket_is_admitted_while_people_are_coming),
        TEST(test_desk_says_how_many_are_here),
        TEST(test_time_that_is_held_is_said_to_be),
        TEST(test_held_time_still_knows_what_is_on),
        TEST(test_utc_is_labelled_wherever_a_clock_stands_alone),
        TEST(test_paper_needs_the_venues_zone),
        cmocka_unit_test(test_zone_that_is_not_to_be_had_becomes_utc),
        cmocka_unit_test(test_kiosk_alone_waits_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

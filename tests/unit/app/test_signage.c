// What hallway screens show at a moment.
#include "app/flows/signage.h"

#include "app/screens/session_view.h"
#include "tests/support/flow_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct hall { // a screen's state and what it shows
    struct flow_kit kit;
    struct signage s;
    struct room_view room;
    struct agenda_view board;
};

static int set_up(void **state) {
    struct hall *h = calloc(1, sizeof *h);
    flow_kit_start(&h->kit);
    *state = h;
    return 0;
}

static int tear_down(void **state) {
    struct hall *h = *state;
    flow_kit_finish(&h->kit);
    free(h);
    return 0;
}

// start: local with offset; extra: more fields, each after a comma.
static void add(struct hall *h, const char *acronym, const char *start, int minutes,
                const char *room, const char *extra) {
    char body[512];
    snprintf(body, sizeof body,
             "{'acronym':'%s','name':'The %s session','start':'%s','minutes':%d,"
             "'room':'%s'%s%s}",
             acronym, acronym, start, minutes, room,
             strstr(extra, "'type'") ? "" : ",'type':'regular'", extra);
    flow_kit_add(&h->kit, "session", acronym, body);
    flow_kit_sort(&h->kit);
}

static void add_moved(struct hall *h, const char *acronym, const char *start,
                      const char *room, const char *was_start, const char *was_room,
                      const char *extra) {
    char body[512];
    char was[512];
    snprintf(body, sizeof body,
             "{'acronym':'%s','type':'regular','start':'%s','minutes':60,'room':'%s'%s}",
             acronym, start, room, extra);
    snprintf(was, sizeof was, "{'start':'%s','minutes':60,'room':'%s'}", was_start,
             was_room);
    flow_kit_add_moved(&h->kit, acronym, body, was);
    flow_kit_sort(&h->kit);
}

static const struct room_view *look(struct hall *h, const char *now, const char *room) {
    flow_kit_set_time(&h->kit, now);
    snprintf(h->kit.env.room, sizeof h->kit.env.room, "%s", room);
    signage_fill_room(&h->s, &h->kit.env, &h->room);
    return &h->room;
}

static const struct agenda_view *look_board(struct hall *h, const char *now) {
    flow_kit_set_time(&h->kit, now);
    h->kit.env.room[0] = '\0';
    signage_fill_agenda(&h->s, &h->kit.env, &h->board);
    return &h->board;
}

static void check_change(const struct session_view *v, const char *words) {
    char text[LINE_SIZE];
    session_view_change(v, text, sizeof text);
    assert_string_equal(text, words);
}

static void check_where(const struct session_view *v, const char *words) {
    char text[LINE_SIZE];
    session_view_where(v, text, sizeof text);
    assert_string_equal(text, words);
}

// ---- now, next, done --------------------------------------------------------------------------

static void test_now_next_and_done_change_on_the_minute(void **state) {
    struct hall *h = *state;
    add(h, "acme", "2015-03-23T09:00-05:00", 120, "Gold", "");
    add(h, "mpls", "2015-03-23T13:00-05:00", 60, "Gold", "");
    add(h, "quic", "2015-03-24T09:00-05:00", 60, "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T08:59:59-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_NEXT);
    assert_int_equal(v->minutes_to_start, 1);
    v = look(h, "2015-03-23T09:00:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_NOW);
    assert_string_equal(v->main.acronym, "ACME");
    assert_string_equal(v->main.start, "09:00");
    assert_string_equal(v->main.end, "11:00");
    assert_int_equal(v->minutes_left, 120);
    assert_string_equal(v->next[0].acronym, "MPLS");
    v = look(h, "2015-03-23T10:00:00-05:00", "Gold");
    assert_float_equal(v->part_done, 0.5, 0.001);
    v = look(h, "2015-03-23T11:00:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_NEXT);
    assert_string_equal(v->main.acronym, "MPLS");
    assert_int_equal(v->minutes_to_start, 120);
    assert_int_equal(v->next_count, 0);
    v = look(h, "2015-03-23T14:00:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_DONE);
    assert_string_equal(v->main.acronym, "QUIC");
    assert_string_equal(v->main.day, "Tue 24 March");
    v = look(h, "2015-03-24T10:00:00-05:00", "Gold"); // the last day is over
    assert_int_equal(v->mode, ROOM_MODE_DONE);
    assert_string_equal(session_view_head(&v->main), "");
    assert_null(v->qr);
}

static void test_last_today_says_when_the_room_is_used_again(void **state) {
    struct hall *h = *state;
    add(h, "acme", "2015-03-23T09:00-05:00", 120, "Gold", "");
    add(h, "quic", "2015-03-24T09:00-05:00", 60, "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T09:30:00-05:00", "Gold");
    assert_string_equal(v->next_more, "Next here: Tue 09:00");
}

static void test_room_without_sessions_says_so(void **state) {
    struct hall *h = *state;
    add(h, "acme", "2015-03-23T09:00-05:00", 120, "Oak", "");
    const struct room_view *v = look(h, "2015-03-23T09:30:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_DONE);
    assert_string_equal(v->room, "Gold");
    assert_string_equal(v->level, "Level 2");
    assert_int_equal(v->next_count, 0);
}

static void test_joint_sessions_are_both_named(void **state) {
    struct hall *h = *state;
    add(h, "acme", "2015-03-23T09:00-05:00", 120, "Gold", "");
    add(h, "mpls", "2015-03-23T09:00-05:00", 120, "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T09:30:00-05:00", "Gold");
    assert_string_equal(v->main.acronym, "ACME");
    assert_string_equal(v->also, "MPLS");
}

static void test_breaks_stand_behind_sessions(void **state) {
    struct hall *h = *state;
    add(h, "break1", "2015-03-23T08:00-05:00", 600, "Gold", ",'type':'break'");
    add(h, "break2", "2015-03-23T08:30-05:00", 600, "Gold", ",'type':'reg'");
    add(h, "acme", "2015-03-23T09:00-05:00", 120, "Gold", "");
    add(h, "abreak", "2015-03-23T19:00-05:00", 60, "Gold", ",'type':'break'");
    add(h, "mpls", "2015-03-23T19:00-05:00", 60, "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T09:30:00-05:00", "Gold");
    assert_string_equal(v->main.acronym, "ACME");
    assert_string_equal(v->also, "");
    v = look(h, "2015-03-23T18:59:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_NEXT);
    assert_string_equal(v->main.acronym, "MPLS");
}

static void test_session_over_midnight_stays_on(void **state) {
    struct hall *h = *state;
    add(h, "hack", "2015-03-22T20:00-05:00", 360, "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T00:30:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_NOW);
    assert_int_equal(v->minutes_left, 90);
    assert_string_equal(v->main.day, "Sun 22 March");
    v = look(h, "2015-03-23T02:00:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_DONE);
}

static void test_session_without_length_is_never_on(void **state) {
    struct hall *h = *state;
    add(h, "zero", "2015-03-23T09:00-05:00", 0, "Gold", "");
    assert_int_equal(look(h, "2015-03-23T09:00:00-05:00", "Gold")->mode, ROOM_MODE_DONE);
}

static void test_dst_changes_clocks_not_instants(void **state) {
    struct hall *h = *state;
    zone_close(h->kit.zone);
    assert_int_equal(zone_open("Europe/Paris", &h->kit.zone), ERR_NONE);
    h->kit.env.zone = h->kit.zone;
    add(h, "night", "2012-03-25T00:30Z", 60, "Gold", ""); // 01:30 to 03:30 by the clock
    add(h, "day", "2012-03-26T07:00Z", 60, "Gold", "");
    const struct room_view *v = look(h, "2012-03-25T01:15:00Z", "Gold");
    assert_string_equal(v->clock, "03:15");
    assert_string_equal(v->main.start, "01:30");
    assert_string_equal(v->main.end, "03:30");
    assert_int_equal(v->minutes_left, 15);
    v = look(h, "2012-03-24T22:30:00Z", "Gold"); // Saturday 23:30
    assert_int_equal(v->mode, ROOM_MODE_DONE);
    assert_string_equal(v->main.day, "Sun 25 March");
    v = look(h, "2012-03-25T21:59:00Z", "Gold"); // Sunday 23:59, a day of 23 hours
    assert_string_equal(v->clock, "23:59");
    assert_string_equal(v->main.day, "Mon 26 March");
    assert_string_equal(v->main.start, "09:00");
}

// ---- changes -----------------------------------------------------------------------------------

static void test_moved_session_shows_at_both_doors(void **state) {
    struct hall *h = *state;
    add_moved(h, "acme", "2015-03-23T13:00-05:00", "Oak", "2015-03-23T13:00-05:00",
              "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T12:00:00-05:00", "Oak");
    check_change(&v->main, "Moved here, was Gold");
    v = look(h, "2015-03-23T13:30:00-05:00", "Gold"); // while it is on
    assert_int_equal(v->next_count, 1);
    assert_int_equal(v->next[0].change, CHANGE_MOVED_AWAY);
    assert_string_equal(v->next[0].start, "13:00");
    check_where(&v->next[0], "Now in Oak, Level 3");
    v = look(h, "2015-03-23T14:00:00-05:00", "Gold"); // its time has passed
    assert_int_equal(v->next_count, 0);
}

static void test_moved_to_another_day_says_when(void **state) {
    struct hall *h = *state;
    add_moved(h, "acme", "2015-03-26T09:00-05:00", "Oak", "2015-03-23T13:00-05:00",
              "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T12:00:00-05:00", "Gold");
    check_where(&v->next[0], "Now Thu 09:00 in Oak, Level 3");
    assert_string_equal(v->next[0].day, "");
    v = look(h, "2015-03-22T12:00:00-05:00",
             "Gold"); // the day before nobody comes for it
    assert_int_equal(v->next_count, 0);
}

static void test_new_time_in_the_same_room(void **state) {
    struct hall *h = *state;
    add_moved(h, "acme", "2015-03-23T15:00-05:00", "Gold", "2015-03-23T13:00-05:00",
              "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T12:00:00-05:00", "Gold");
    assert_string_equal(v->main.start, "15:00");
    check_change(&v->main, "New time, was 13:00");
    assert_int_equal(v->next[0].change, CHANGE_MOVED_AWAY); // who comes at 13:00
    assert_string_equal(v->next[0].start, "13:00");
    assert_string_equal(v->next[0].end, "14:00");
    check_where(&v->next[0], "Now 15:00 in Gold, Level 2");
}

static void test_first_room_is_no_move(void **state) {
    struct hall *h = *state;
    add_moved(h, "acme", "2015-03-23T13:00-05:00", "Gold", "2015-03-23T13:00-05:00", "",
              "");
    const struct room_view *v = look(h, "2015-03-23T12:00:00-05:00", "Gold");
    check_change(&v->main, "");
}

static void test_cancelled_stays_visible_and_is_never_next(void **state) {
    struct hall *h = *state;
    add(h, "acme", "2015-03-23T13:00-05:00", 60, "Gold", ",'status':'canceled'");
    add(h, "mpls", "2015-03-23T15:00-05:00", 60, "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T13:30:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_NEXT);
    assert_string_equal(v->main.acronym, "MPLS");
    check_change(&v->next[0], "Cancelled");
    assert_string_equal(v->next[0].acronym, "ACME");
}

static void test_moved_then_cancelled_sends_nobody_away(void **state) {
    struct hall *h = *state;
    add_moved(h, "acme", "2015-03-23T13:00-05:00", "Oak", "2015-03-23T12:00-05:00",
              "Gold", ",'status':'canceled'");
    const struct room_view *v = look(h, "2015-03-23T11:30:00-05:00", "Gold");
    check_change(&v->next[0], "Cancelled");
    check_where(&v->next[0], "");
    assert_string_equal(v->next[0].start, "12:00");
}

static void test_cards_are_in_order_and_bounded(void **state) {
    struct hall *h = *state;
    static const char *const starts[] = {"10", "12", "14", "16", "18"};
    for (size_t i = 0; i < 5; i++) {
        char acronym[8];
        char start[32];
        snprintf(acronym, sizeof acronym, "s%s", starts[i]);
        snprintf(start, sizeof start, "2015-03-23T%s:00-05:00", starts[i]);
        add(h, acronym, start, 60, "Gold", "");
    }
    add_moved(h, "away", "2015-03-23T20:00-05:00", "Oak", "2015-03-23T11:00-05:00",
              "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T09:00:00-05:00", "Gold");
    assert_string_equal(v->main.acronym, "S10");
    assert_int_equal(v->next_count, ROOM_NEXT_MAX);
    assert_string_equal(v->next[0].acronym, "AWAY");
    assert_string_equal(v->next[1].acronym, "S12");
    assert_string_equal(v->next[2].acronym, "S14");
}

// ---- time not known ----------------------------------------------------------------------------

static void test_unknown_time_shows_the_day_and_never_a_now(void **state) {
    struct hall *h = *state;
    add(h, "acme", "2015-03-23T09:00-05:00", 120, "Gold", "");
    add(h, "mpls", "2015-03-23T13:00-05:00", 60, "Gold", "");
    add(h, "quic", "2015-03-24T09:00-05:00", 60, "Gold", "");
    h->kit.env.now.state = TIME_UNKNOWN;
    const struct room_view *v = look(h, "2015-03-23T09:30:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_DAY);
    assert_int_equal(v->day_count, 2);
    assert_string_equal(v->day_name, "Mon 23 March");
    assert_string_equal(v->clock, "");
    assert_string_equal(v->date, "");
    assert_string_equal(v->checked, "");
    const struct agenda_view *b = look_board(h, "1970-01-01T00:10:00Z");
    assert_true(b->is_time_unknown);
    assert_int_equal(b->now.count, 2);
    assert_int_equal(b->next.count, 0);
    assert_string_equal(b->clock, "");
    assert_string_equal(b->checked, "");
}

static void test_unknown_zone_says_no_times(void **state) {
    struct hall *h = *state;
    add_moved(h, "acme", "2015-03-23T15:00-05:00", "Gold", "2015-03-23T13:00-05:00",
              "Gold", "");
    h->kit.env.zone = NULL;
    const struct room_view *v = look(h, "2015-03-23T12:00:00-05:00", "Gold");
    assert_int_equal(v->mode, ROOM_MODE_DAY);
    assert_string_equal(v->clock, "");
    (void)look_board(h, "2015-03-23T12:00:00-05:00");
}

static void test_warnings_show_even_when_the_time_is_unknown(void **state) {
    struct hall *h = *state;
    flow_kit_add(&h->kit, "notice", "n1",
                 "{'title':'Fire','text':'Leave','level':'emergency',"
                 "'from':'2015-03-23T12:00:00Z'}");
    h->kit.env.now.state = TIME_UNKNOWN;
    const struct room_view *v = look(h, "1970-01-01T00:10:00Z", "Gold");
    assert_int_equal(v->notice_count, 1);
    assert_int_equal(v->notices[0].level, NOTICE_EMERGENCY);
}

// ---- notices, link ------------------------------------------------------------------------------

static void add_notice(struct hall *h, const char *title, const char *level,
                       const char *rooms) {
    char body[256];
    snprintf(body, sizeof body, "{'title':'%s','text':'x','level':'%s','rooms':[%s]}",
             title, level, rooms);
    flow_kit_add(&h->kit, "notice", title, body);
}

static void test_gravest_notice_comes_first(void **state) {
    struct hall *h = *state;
    add_notice(h, "info", "info", "");
    add_notice(h, "warn", "warn", "");
    add_notice(h, "fire", "emergency", "");
    const struct room_view *v = look(h, "2015-03-23T09:20:00-05:00", "Gold");
    assert_int_equal(v->notice_count, ROOM_NOTICES_MAX);
    assert_string_equal(v->notices[0].title, "fire");
    assert_string_equal(v->notices[1].title, "warn");
    assert_string_equal(v->notices[1].at, "09:10");
}

static void test_notice_for_rooms_shows_in_those_only(void **state) {
    struct hall *h = *state;
    flow_kit_add(&h->kit, "room", "Gold West", "{'name':'Gold West'}");
    flow_kit_add(&h->kit, "room", "Marigold", "{'name':'Marigold'}");
    add_notice(h, "seats", "warn", "'Oak','Gold West'");
    static const struct {
        const char *room;
        int count;
    } rows[] = {{"Gold", 0}, {"Gold West", 1}, {"Oak", 1},
                {"West", 0}, {"Marigold", 0},  {"", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct room_view *v = look(h, "2015-03-23T09:20:00-05:00", rows[i].room);
        assert_int_equal(v->notice_count, rows[i].count);
    }
    assert_int_equal(look_board(h, "2015-03-23T09:20:00-05:00")->notice_count, 0);
}

static void test_notice_keeps_to_its_time(void **state) {
    struct hall *h = *state;
    flow_kit_add(&h->kit, "notice", "n1",
                 "{'title':'T','text':'x','level':'warn','from':'2015-03-23T14:00:00Z',"
                 "'until':'2015-03-23T15:00:00Z'}");
    assert_int_equal(look(h, "2015-03-23T08:59:59-05:00", "Gold")->notice_count, 0);
    assert_int_equal(look(h, "2015-03-23T09:00:00-05:00", "Gold")->notice_count, 1);
    assert_int_equal(look(h, "2015-03-23T10:00:00-05:00", "Gold")->notice_count, 0);
}

static void test_board_lets_quiet_notices_take_turns(void **state) {
    struct hall *h = *state;
    flow_kit_set_time(&h->kit,
                      "2015-03-20T09:00:00-05:00"); // said days ago: not pressing
    add_notice(h, "one", "info", "");
    add_notice(h, "two", "info", "");
    const struct agenda_view *b = look_board(h, "2015-03-23T09:20:00-05:00");
    char first[NAME_SIZE];
    assert_int_equal(b->notice_count, 1);
    memcpy(first, b->notices[0].title, sizeof first);
    h->s.page++;
    b = look_board(h, "2015-03-23T09:20:00-05:00");
    assert_string_not_equal(b->notices[0].title, first);
    assert_int_equal(look(h, "2015-03-23T09:20:00-05:00", "Gold")->notice_count, 0);
}

static void test_checked_and_stale_lines(void **state) {
    struct hall *h = *state;
    const struct room_view *v = look(h, "2015-03-23T09:20:30-05:00", "Gold");
    assert_string_equal(v->checked, "09:20");
    assert_false(v->is_stale);
    h->kit.env.link.is_online = false;
    flow_kit_pass(&h->kit, 15 * 60000);
    v = look(h, "2015-03-23T09:35:30-05:00", "Gold");
    assert_string_equal(v->checked, "09:20"); // when it last heard, not now
    assert_false(v->is_stale);
    flow_kit_pass(&h->kit, 1000);
    assert_true(look(h, "2015-03-23T09:35:31-05:00", "Gold")->is_stale);
    h->kit.env.link.has_contact = false;
    v = look(h, "2015-03-23T09:35:31-05:00", "Gold");
    assert_true(v->is_stale);
    assert_string_equal(v->checked, "");
    h->kit.env.has_upstream = false;
    assert_false(look(h, "2015-03-23T09:35:31-05:00", "Gold")->is_stale);
}

// ---- the board ------------------------------------------------------------------------------------

static void test_board_has_sessions_before_breaks_and_odd_ends(void **state) {
    struct hall *h = *state;
    add(h, "reg", "2015-03-23T08:00-05:00", 600, "Foyer", ",'type':'reg'");
    add(h, "acme", "2015-03-23T09:00-05:00", 150, "Gold", "");
    add(h, "mpls", "2015-03-23T09:00-05:00", 150, "Oak", "");
    add(h, "long", "2015-03-23T09:00-05:00", 180, "Elm", "");
    add(h, "gone", "2015-03-23T09:00-05:00", 150, "Fir", ",'status':'canceled'");
    add(h, "quic", "2015-03-23T13:00-05:00", 60, "Gold", "");
    const struct agenda_view *b = look_board(h, "2015-03-23T09:20:00-05:00");
    assert_string_equal(b->now.time, "11:30");
    assert_int_equal(b->now.count, 5);
    assert_string_equal(b->now.rows[4].room, "Foyer");
    for (int i = 0; i < b->now.count; i++) {
        const struct agenda_row *r = &b->now.rows[i];
        bool is_odd = strcmp(r->room, "Elm") == 0 || strcmp(r->room, "Foyer") == 0;
        assert_int_equal(r->until[0] != '\0', is_odd);
        assert_int_equal(r->session.change == CHANGE_CANCELLED,
                         strcmp(r->room, "Fir") == 0);
    }
    assert_string_equal(b->next.time, "13:00");
    assert_string_equal(b->next.day, "");
    assert_int_equal(b->next.minutes, 220);
    b = look_board(h, "2015-03-23T19:00:00-05:00");
    assert_int_equal(b->now.count + b->next.count, 0); // the last day is over
    b = look_board(h, "2015-03-22T19:00:00-05:00");
    assert_string_equal(b->next.day, "Mon 23 March");
}

static void test_board_is_bounded(void **state) {
    struct hall *h = *state;
    for (int i = 0; i < 100; i++) {
        char acronym[16];
        char room[16];
        snprintf(acronym, sizeof acronym, "a%d", i);
        snprintf(room, sizeof room, "R%d", i);
        char body[256];
        snprintf(body, sizeof body,
                 "{'acronym':'%s','type':'regular','start':'2015-03-23T14:00:00Z',"
                 "'minutes':60,'room':'%s'}",
                 acronym, room);
        flow_kit_add(&h->kit, "session", acronym, body);
    }
    flow_kit_sort(&h->kit);
    assert_int_equal(look_board(h, "2015-03-23T09:20:00-05:00")->now.count,
                     AGENDA_ROWS_MAX);
    assert_int_equal(look_board(h, "2015-03-23T08:20:00-05:00")->next.count,
                     AGENDA_ROWS_MAX);
    h->kit.env.now.state = TIME_UNKNOWN;
    assert_int_equal(look_board(h, "2015-03-23T08:20:00-05:00")->now.count,
                     AGENDA_ROWS_MAX);
}

static void test_screens_sleep_to_the_full_minute(void **state) {
    struct hall *h = *state;
    flow_kit_set_time(&h->kit, "2015-03-23T09:20:00-05:00");
    assert_int_equal(signage_wait_ms(&h->kit.env), 60000);
    h->kit.env.now.wall_ms += 59999;
    assert_int_equal(signage_wait_ms(&h->kit.env), 1);
}

static void test_qr_follows_the_session(void **state) {
    struct hall *h = *state;
    add(h, "acme", "2015-03-23T09:00-05:00", 60, "Gold",
        ",'url':'https://example.org/a'");
    add(h, "mpls", "2015-03-23T10:00-05:00", 60, "Gold", "");
    const struct room_view *v = look(h, "2015-03-23T09:20:00-05:00", "Gold");
    assert_non_null(v->qr);
    assert_true(v->qr->side > 0);
    assert_null(look(h, "2015-03-23T10:20:00-05:00", "Gold")->qr);
    assert_non_null(look(h, "2015-03-23T09:20:00-05:00", "Gold")->qr);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_now_next_and_done_change_on_the_minute),
        TEST(test_last_today_says_when_the_room_is_used_again),
        TEST(test_room_without_sessions_says_so),
        TEST(test_joint_sessions_are_both_named),
        TEST(test_breaks_stand_behind_sessions),
        TEST(test_session_over_midnight_stays_on),
        TEST(test_session_without_length_is_never_on),
        TEST(test_dst_changes_clocks_not_instants),
        TEST(test_moved_session_shows_at_both_doors),
        TEST(test_moved_to_another_day_says_when),
        TEST(test_new_time_in_the_same_room),
        TEST(test_first_room_is_no_move),
        TEST(test_cancelled_stays_visible_and_is_never_next),
        TEST(test_moved_then_cancelled_sends_nobody_away),
        TEST(test_cards_are_in_order_and_bounded),
        TEST(test_unknown_time_shows_the_day_and_never_a_now),
        TEST(test_unknown_zone_says_no_times),
        TEST(test_warnings_show_even_when_the_time_is_unknown),
        TEST(test_gravest_notice_comes_first),
        TEST(test_notice_for_rooms_shows_in_those_only),
        TEST(test_notice_keeps_to_its_time),
        TEST(test_board_lets_quiet_notices_take_turns),
        TEST(test_checked_and_stale_lines),
        TEST(test_board_has_sessions_before_breaks_and_odd_ends),
        TEST(test_board_is_bounded),
        TEST(test_screens_sleep_to_the_full_minute),
        TEST(test_qr_follows_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

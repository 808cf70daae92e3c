#include "sync/connectors/datatracker.h"
#include "sync/connectors/sessions.h"
#include "sync/event/zone.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void test_ietf83_gives_149_sessions(void **state) {
    (void)state;
    struct feed_result *r =
        feed_read_file(datatracker_read, "assets/ietf83/agenda.json", NULL);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(feed_count(r, "session"), 149);
    assert_int_equal(feed_count(r, "room"), 11);
    assert_int_equal(r->report.skipped, 0);
    assert_int_equal(r->report.message_count, 0);
    assert_string_equal(
        feed_body(r, "session", "s2157"),
        "{\"acronym\":\"pkix\",\"area\":\"SEC\",\"minutes\":150,"
        "\"name\":\"Public-Key Infrastructure (X.509)\",\"room\":\"212/213\","
        "\"start\":\"2012-03-27T07:00:00Z\",\"status\":\"sched\",\"type\":\"regular\","
        "\"url\":\"https://datatracker.ietf.org/meeting/83/session/pkix\"}");
    assert_string_equal(feed_body(r, "room", "242AB"), "{\"name\":\"242AB\"}");
    // Rooms by name, then sessions by number, whatever the feed's order.
    assert_string_equal(r->drafts.items[0].subject, "212/213");
    assert_string_equal(r->drafts.items[11].subject, "s2157");
    assert_string_equal(r->drafts.items[159].subject, "s22089");
    assert_non_null(strstr(feed_body(r, "session", "s2273"), "\"type\":\"plenary\""));
    assert_non_null(strstr(feed_body(r, "session", "s2191"), "\"status\":\"canceled\""));
    feed_free(r);
}

static void test_two_slots_of_a_session_are_both_kept(void **state) {
    (void)state;
    struct feed_result *r =
        feed_read_file(datatracker_read, "assets/ietf83/agenda.json", NULL);
    assert_non_null(strstr(feed_body(r, "session", "s2216"), "2012-03-26T11:00:00Z"));
    assert_non_null(strstr(feed_body(r, "session", "s2216-2"), "2012-03-26T13:10:00Z"));
    assert_null(feed_body(r, "session", "s2216-3"));
    feed_free(r);
}

static void test_known_rooms_get_no_draft(void **state) {
    (void)state;
    const char *const rooms[] = {"Maillot", "253"};
    struct import_options o = {.known_rooms = rooms, .known_room_count = 2};
    struct feed_result *r =
        feed_read_file(datatracker_read, "assets/ietf83/agenda.json", &o);
    assert_int_equal(feed_count(r, "room"), 9);
    assert_null(feed_body(r, "room", "Maillot"));
    feed_free(r);
}

static void test_dirty_rows_are_named_and_the_good_kept(void **state) {
    (void)state;
    struct zone *zone = NULL;
    assert_int_equal(zone_open("America/Chicago", &zone), ERR_NONE);
    struct import_options o = {.zone = zone};
    struct feed_result *r =
        feed_read_file(datatracker_read, "tests/data/agenda-dirty.json", &o);
    assert_int_equal(r->e, ERR_NONE);
    // Leadership, off-agenda, reserved, unavailable, deleted, not meeting, disapproved.
    assert_int_equal(r->report.hidden, 7);
    for (size_t i = 0; i < r->drafts.count; i++) {
        assert_null(strstr(r->drafts.items[i].body, "Secret"));
    }
    assert_true(feed_says(r, "entry 2: no session_id"));
    assert_true(feed_says(r, "session 12: start \"yesterday\""));
    assert_true(feed_says(r, "session 13: duration \"soon\""));
    assert_true(feed_says(r, "entry 1: neither session, location nor parent"));
    assert_true(feed_says(r, "session 14: unknown status \"postponed\""));
    assert_true(feed_says(r, "room \"Oak Annex\" is in no list"));
    assert_true(feed_says(r, "session s20 is listed twice"));
    // A day long, no place, a note with markup, a name from its group.
    assert_non_null(strstr(feed_body(r, "session", "s15"), "\"minutes\":1440"));
    assert_non_null(strstr(feed_body(r, "session", "s15"), "\"room\":\"\""));
    assert_non_null(strstr(feed_body(r, "session", "s15"),
                           "\"note\":\"Bring a \\\"laptop\\\" & ID\""));
    assert_non_null(
        strstr(feed_body(r, "session", "s15"), "\"name\":\"Fallback Group\""));
    assert_non_null(strstr(feed_body(r, "session", "s16"), "\"room\":\"Oak\""));
    assert_non_null(strstr(feed_body(r, "session", "s16"), "\"bof\":true"));
    assert_non_null(strstr(feed_body(r, "session", "s16"), "\"filler\":true"));
    assert_string_equal(feed_body(r, "room", "Oak"),
                        "{\"level\":\"Lobby\",\"name\":\"Oak\"}");
    feed_free(r);
    zone_close(zone);
}

static void test_a_moved_session_points_to_its_new_slot(void **state) {
    (void)state;
    struct zone *zone = NULL;
    assert_int_equal(zone_open("America/Chicago", &zone), ERR_NONE);
    struct import_options o = {.zone = zone};
    struct feed_result *r =
        feed_read_file(datatracker_read, "tests/data/agenda-dirty.json", &o);
    const char *old = feed_body(r, "session", "s30");
    assert_non_null(strstr(old, "\"status\":\"canceled\""));
    assert_non_null(strstr(old, "\"moved_to\":\"s31\""));
    assert_non_null(strstr(old, "\"note\":\"Moved to Friday 09:30, International\""));
    const char *room = feed_body(r, "session", "s32");
    assert_non_null(strstr(room, "\"note\":\"Moved to Gold\""));
    assert_non_null(strstr(feed_body(r, "session", "s34"), "\"note\":\"Moved\""));
    feed_free(r);
    zone_close(zone);
}

static void test_order_of_the_feed_does_not_matter(void **state) {
    (void)state;
    static const char a[] =
        "{\"1\":[{\"objtype\":\"session\",\"session_id\":9,\"name\":\"B\","
        "\"start\":\"2012-03-27T09:00:00Z\",\"duration\":\"1:00:00\"},"
        "{\"objtype\":\"session\",\"session_id\":9,\"name\":\"A\","
        "\"start\":\"2012-03-27T07:00:00Z\",\"duration\":\"1:00:00\"}]}";
    static const char b[] =
        "{\"1\":[{\"objtype\":\"session\",\"session_id\":\"9\",\"name\":\"A\","
        "\"start\":\"2012-03-27T07:00:00Z\",\"duration\":3600},"
        "{\"objtype\":\"session\",\"session_id\":9,\"name\":\"B\","
        "\"start\":\"2012-03-27T09:00:00Z\",\"duration\":\"1:00:00\"}]}";
    struct feed_result *left = feed_read_text(datatracker_read, a, NULL);
    struct feed_result *right = feed_read_text(datatracker_read, b, NULL);
    assert_int_equal(left->drafts.count, 2);
    assert_int_equal(right->drafts.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(left->drafts.items[i].subject,
                            right->drafts.items[i].subject);
        assert_string_equal(left->drafts.items[i].body, right->drafts.items[i].body);
    }
    feed_free(left);
    feed_free(right);
}

static void test_feeds_that_are_none_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "empty"},
        {"\xef\xbb\xbf \r\n", "empty"},
        {"<html>502</html>", "not JSON"},
        {"{\"83\":[", "not JSON"},
        {"[]", "not a datatracker agenda"},
        {"{\"83\":{}}", "not a datatracker agenda"},
        {"{\"83\":[],\"84\":[]}", "not a datatracker agenda"},
        {"{\"83\":[]}", "no usable session"},
        {"{\"83\":[{\"objtype\":\"location\",\"name\":\"Oak\"}]}", "no usable session"},
        {"{\"83\":[1,null,\"x\",[]]}", "no usable session"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed_result *r = feed_read_text(datatracker_read, rows[i].text, NULL);
        assert_int_equal(r->e, ERR_INPUT);
        assert_non_null(strstr(r->report.refusal, rows[i].says));
        feed_free(r);
    }
}

static void test_every_cut_of_the_feed_is_survived(void **state) {
    (void)state;
    static const char text[] =
        "\xef\xbb\xbf{\"92\":[{\"objtype\":\"session\",\"session_id\":1,\"name\":"
        "\"\xc3\xa9\","
        "\"start\":\"2015-03-27T09:00:00Z\",\"duration\":\"1 day, 1:00:00\",\"status\":"
        "\"resched\",\"group\":null,\"location\":null}]}";
    for (size_t len = 0; len < sizeof text; len++) {
        struct feed_result *r = feed_read(datatracker_read, text, len, NULL);
        assert_int_equal(r->e, len == sizeof text - 1 ? ERR_NONE : ERR_INPUT);
        feed_free(r);
    }
}

static void test_durations(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int minutes; // -1: refused
    } rows[] = {
        {"2:30:00", 150},
        {"0:45:00", 45},
        {"0:00:00", 0},
        {"1 day, 0:00:00", 1440},
        {"2 days, 1:00:00", 2940},
        {"0:10:01", 11},
        {"14 days, 0:00:00", 20160},
        {"14 days, 0:01:00", -1},
        {"", -1},
        {"1:30", -1},
        {"90", -1},
        {"-1:00:00", -1},
        {"1:60:00", -1},
        {"1:00:60", -1},
        {"1 day", -1},
        {"1 week, 0:00:00", -1},
        {"-1 day, 0:00:00", -1},
        {"1:00:00x", -1},
        {"999999:00:00", -1},
        {"1 day,, 1:00:00", -1},
        {"1:0-1:00", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int minutes = -1;
        bool is_good = sessions_parse_duration(rows[i].text, &minutes);
        if (is_good != (rows[i].minutes >= 0) || minutes != rows[i].minutes) {
            fail_msg("\"%s\" gives %d", rows[i].text, minutes);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ietf83_gives_149_sessions),
        cmocka_unit_test(test_two_slots_of_a_session_are_both_kept),
        cmocka_unit_test(test_known_rooms_get_no_draft),
        cmocka_unit_test(test_dirty_rows_are_named_and_the_good_kept),
        cmocka_unit_test(test_a_moved_session_points_to_its_new_slot),
        cmocka_unit_test(test_order_of_the_feed_does_not_matter),
        cmocka_unit_test(test_feeds_that_are_none_are_refused),
        cmocka_unit_test(test_every_cut_of_the_feed_is_survived),
        cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

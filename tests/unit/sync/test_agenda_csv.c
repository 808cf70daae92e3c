#include "sync/connectors/agenda_csv.h"
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

static struct import_options options(const char *name) {
    struct zone *zone = NULL;
    assert_int_equal(zone_open(name, &zone), ERR_NONE);
    return (struct import_options){.zone = zone};
}

static void close_zone(struct import_options *o) {
    union {
        const struct zone *lent;
        struct zone *owned;
    } z = {o->zone};
    zone_close(z.owned);
}

static const char head[] =
    "Date,Start,End,Session,Room,Type,Description,Session ID,Status\n";

// Start and minutes of one row, as "2012-03-25T01:00:00Z 60".
static void check_span(const char *zone, const char *row, const char *start,
                       const char *minutes) {
    struct import_options o = options(zone);
    char text[400];
    snprintf(text, sizeof text, "%s%s,S,R,WG,D,1,sched\n", head, row);
    struct feed_result *r = feed_read_text(agenda_csv_read, text, &o);
    assert_int_equal(r->e, ERR_NONE);
    if (!strstr(r->drafts.items[0].body, start) ||
        !strstr(r->drafts.items[0].body, minutes)) {
        fail_msg("%s %s: %s", zone, row, r->drafts.items[0].body);
    }
    feed_free(r);
    close_zone(&o);
}

static void test_local_times_over_dst(void **state) {
    (void)state;
    // Saturday CET, Sunday 25 March 2012 and Monday CEST.
    check_span("Europe/Paris", "2012-03-24,0900,1000", "\"2012-03-24T08:00:00Z\"",
               "\"minutes\":60,");
    check_span("Europe/Paris", "2012-03-25,0900,1000", "\"2012-03-25T07:00:00Z\"",
               "\"minutes\":60,");
    check_span("Europe/Paris", "2012-03-26,09:00,10:00", "\"2012-03-26T07:00:00Z\"",
               "\"minutes\":60,");
    // Across the change: 01:30 CET to 03:30 CEST is one hour.
    check_span("Europe/Paris", "2012-03-25,0130,0330", "\"2012-03-25T00:30:00Z\"",
               "\"minutes\":60,");
    // A night: Saturday 22:00 to Sunday 04:00 is five hours, back in October seven.
    check_span("Europe/Paris", "2012-03-24,2200,0400", "\"2012-03-24T21:00:00Z\"",
               "\"minutes\":300,");
    check_span("Europe/Paris", "2012-10-27,2200,0400", "\"2012-10-27T20:00:00Z\"",
               "\"minutes\":420,");
    // Midnight in both spellings; last of a month, of a year, of a leap February.
    check_span("America/Chicago", "2015-03-23,2300,2400", "\"2015-03-24T04:00:00Z\"",
               "\"minutes\":60,");
    check_span("America/Chicago", "2015-03-31,2300,0000", "\"2015-04-01T04:00:00Z\"",
               "\"minutes\":60,");
    check_span("America/Chicago", "2015-12-31,2300,0100", "\"2016-01-01T05:00:00Z\"",
               "\"minutes\":120,");
    check_span("Asia/Tokyo", "2016-02-29,0000,2400", "\"2016-02-28T15:00:00Z\"",
               "\"minutes\":1440,");
}

static void test_ietf83_breaks(void **state) {
    (void)state;
    struct import_options o = options("Europe/Paris");
    struct feed_result *r =
        feed_read_file(agenda_csv_read, "assets/ietf83/extra.csv", &o);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(feed_count(r, "session"), 22);
    assert_int_equal(r->report.message_count, 0);
    assert_string_equal(feed_body(r, "session", "b2904"),
                        "{\"minutes\":90,\"name\":\"Break\",\"room\":\"Hall Maillot A\","
                        "\"start\":\"2012-03-25T09:30:00Z\",\"status\":\"sched\","
                        "\"type\":\"break\"}");
    assert_non_null(strstr(feed_body(r, "session", "r2898"), "\"type\":\"reg\""));
    feed_free(r);
    close_zone(&o);
}

static void test_rows_that_are_bad_or_not_public(void **state) {
    (void)state;
    struct import_options o = options("Europe/Paris");
    struct feed_result *r = feed_read_text(
        agenda_csv_read,
        "Date,Start,End,Room,Type,Description,Session ID,Status,Note,Filler\n"
        "2012-03-25,0900,1000,A,lead,Secret breakfast,1,sched,,\n"
        "2012-03-25,0900,1000,A,offagenda,Secret,2,sched,,\n"
        "2012-02-30,0900,1000,A,WG,x,3,sched,,\n"
        "2012-03-25,2500,1000,A,WG,x,4,sched,,\n"
        "2012-03-25,0900,noon,A,WG,x,5,sched,,\n"
        "2012-03-25,0900,1000,A,WG,x,,sched,,\n"
        "2012-03-25,0900,1000,A,WG,x,a b,sched,,\n"
        "2012-03-25,0900,1000,A,WG,x,6,sched,,perhaps\n"
        "2012-03-25,0900,1000,A,IETF,Technical Plenary,7,canceled,Rain,yes\n"
        "2012-03-25,0900,1000,A,WG,x,8,sched,Canceled,no\n",
        &o);
    assert_int_equal(r->drafts.count, 2);
    assert_int_equal(r->report.hidden, 2);
    assert_int_equal(r->report.skipped, 6);
    assert_true(
        feed_says(r, "agenda.csv line 4: column Date: \"2012-02-30\" is not a day"));
    assert_true(feed_says(r, "line 5: column Start: \"2500\" is not a time"));
    assert_true(feed_says(r, "line 6: column End: \"noon\""));
    assert_true(feed_says(r, "line 7: column Session ID"));
    assert_true(feed_says(r, "line 8: column Session ID: \"a b\""));
    assert_true(feed_says(r, "line 9: column Filler: \"perhaps\""));
    assert_string_equal(
        feed_body(r, "session", "s7"),
        "{\"filler\":true,\"minutes\":60,\"name\":\"Technical Plenary\","
        "\"note\":\"Rain\",\"room\":\"A\",\"start\":\"2012-03-25T07:00:00Z\","
        "\"status\":\"canceled\",\"type\":\"plenary\"}");
    assert_non_null(strstr(feed_body(r, "session", "s8"), "\"status\":\"canceled\""));
    feed_free(r);
    close_zone(&o);
}

static void test_no_zone_is_refused(void **state) {
    (void)state;
    struct feed_result *r =
        feed_read_file(agenda_csv_read, "assets/ietf83/extra.csv", NULL);
    assert_int_equal(r->e, ERR_INPUT);
    assert_true(feed_says(r, "zone is not known"));
    feed_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_times_over_dst),
        cmocka_unit_test(test_ietf83_breaks),
        cmocka_unit_test(test_rows_that_are_bad_or_not_public),
        cmocka_unit_test(test_no_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

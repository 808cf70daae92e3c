#include "sync/event/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HOUR_MS = 3600000 };

static int64_t utc(const char *text) {
    int64_t ms = -1;
    assert_int_equal(instant_parse(text, &ms), ERR_NONE);
    return ms;
}

// Instants to wall time: what tzdata says, written down by hand.
static void test_local_time_across_dst(void **state) {
    (void)state;
    static const struct {
        const char *zone, *utc, *local;
        int weekday;
    } rows[] = {
        // IETF 83: the clocks went forward on its Sunday.
        {"Europe/Paris", "2012-03-24T23:59:00Z", "2012-03-25 00:59 CET +3600", 7},
        {"Europe/Paris", "2012-03-25T00:59:59Z", "2012-03-25 01:59 CET +3600", 7},
        {"Europe/Paris", "2012-03-25T01:00:00Z", "2012-03-25 03:00 CEST +7200", 7},
        {"Europe/Paris", "2012-03-26T07:30:00Z", "2012-03-26 09:30 CEST +7200", 1},
        {"Europe/Paris", "2012-10-28T00:30:00Z", "2012-10-28 02:30 CEST +7200", 7},
        {"Europe/Paris", "2012-10-28T01:30:00Z", "2012-10-28 02:30 CET +3600", 7},
        // IETF 92
        {"America/Chicago", "2015-03-23T14:00:00Z", "2015-03-23 09:00 CDT -18000", 1},
        {"America/Chicago", "2015-03-08T07:59:00Z", "2015-03-08 01:59 CST -21600", 7},
        {"America/Chicago", "2015-03-08T08:00:00Z", "2015-03-08 03:00 CDT -18000", 7},
        {"America/Chicago", "2015-11-01T06:30:00Z", "2015-11-01 01:30 CDT -18000", 7},
        {"America/Chicago", "2015-11-01T07:30:00Z", "2015-11-01 01:30 CST -21600", 7},
        // half an hour of DST
        {"Australia/Lord_Howe", "2015-10-03T15:29:00Z", "2015-10-04 01:59 +1030 +37800",
         7},
        {"Australia/Lord_Howe", "2015-10-03T15:30:00Z", "2015-10-04 02:30 +11 +39600", 7},
        {"Australia/Lord_Howe", "2015-04-04T14:59:00Z", "2015-04-05 01:59 +11 +39600", 7},
        {"Australia/Lord_Howe", "2015-04-04T15:00:00Z", "2015-04-05 01:30 +1030 +37800",
         7},
        // the date line, leap day, before 1970
        {"Pacific/Apia", "2011-12-30T09:59:00Z", "2011-12-29 23:59 -10 -36000", 4},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31 00:00 +14 +50400", 6},
        {"UTC", "2016-02-29T23:59:59Z", "2016-02-29 23:59 UTC +0", 1},
        {"UTC", "1969-12-31T23:59:59Z", "1969-12-31 23:59 UTC +0", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone *z = NULL;
        char got[64];
        assert_int_equal(zone_open(rows[i].zone, &z), ERR_NONE);
        struct local_time t = zone_local(z, utc(rows[i].utc));
        snprintf(got, sizeof got, "%04d-%02d-%02d %02d:%02d %s %+d", t.year, t.month,
                 t.day, t.hour, t.minute, t.abbreviation, t.offset_s);
        assert_string_equal(got, rows[i].local);
        assert_int_equal(t.weekday, rows[i].weekday);
        zone_close(z);
    }
}

// Wall time to instants: plain, skipped, doubled, hour 24, not a date.
static void test_wall_time_to_utc(void **state) {
    (void)state;
    static const struct {
        const char *zone;
        int y, m, d, hour, minute;
        const char *utc;
    } rows[] = {
        {"Europe/Paris", 2012, 3, 24, 9, 0, "2012-03-24T08:00:00Z"},
        {"Europe/Paris", 2012, 3, 25, 9, 0, "2012-03-25T07:00:00Z"},
        {"Europe/Paris", 2012, 3, 26, 9, 0, "2012-03-26T07:00:00Z"},
        {"Europe/Paris", 2012, 3, 25, 1, 59, "2012-03-25T00:59:00Z"},
        {"Europe/Paris", 2012, 3, 25, 3, 0, "2012-03-25T01:00:00Z"},
        {"Europe/Paris", 2012, 3, 25, 2, 0, "2012-03-25T01:00:00Z"},   // skipped: 03:00
        {"Europe/Paris", 2012, 3, 25, 2, 30, "2012-03-25T01:30:00Z"},  // skipped: 03:30
        {"Europe/Paris", 2012, 10, 28, 2, 30, "2012-10-28T00:30:00Z"}, // the first one
        {"Europe/Paris", 2012, 10, 28, 3, 0, "2012-10-28T02:00:00Z"},
        {"Europe/Paris", 2012, 3, 24, 24, 0, "2012-03-24T23:00:00Z"},
        {"America/Chicago", 2015, 3, 23, 9, 0, "2015-03-23T14:00:00Z"},
        {"America/Chicago", 2015, 3, 8, 2, 30, "2015-03-08T08:30:00Z"},  // skipped: 03:30
        {"America/Chicago", 2015, 11, 1, 1, 30, "2015-11-01T06:30:00Z"}, // the first one
        {"Australia/Lord_Howe", 2015, 10, 4, 2, 15,
         "2015-10-03T15:45:00Z"}, // skipped: 02:45
        {"Australia/Lord_Howe", 2015, 4, 5, 1, 45,
         "2015-04-04T14:45:00Z"},                                       // the first one
        {"Europe/Dublin", 2015, 10, 25, 1, 30, "2015-10-25T00:30:00Z"}, // DST in winter
        {"Asia/Kathmandu", 2015, 3, 23, 0, 0, "2015-03-22T18:15:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone *z = NULL;
        char got[32];
        assert_int_equal(zone_open(rows[i].zone, &z), ERR_NONE);
        instant_format(zone_to_utc_ms(z, rows[i].y, rows[i].m, rows[i].d, rows[i].hour,
                                      rows[i].minute),
                       got);
        if (strcmp(got, rows[i].utc) != 0) {
            print_message("row %zu (%s %02d:%02d)\n", i, rows[i].zone, rows[i].hour,
                          rows[i].minute);
        }
        assert_string_equal(got, rows[i].utc);
        zone_close(z);
    }
    struct zone *z = NULL;
    assert_int_equal(zone_open("UTC", &z), ERR_NONE);
    assert_int_equal(zone_to_utc_ms(z, 2015, 2, 30, 9, 0), 0);
    zone_close(z);
}

// A year of hours: wall time and back; only the skipped and the doubled hour differ.
static void test_every_hour_of_a_year_returns(void **state) {
    (void)state;
    static const struct {
        const char *zone;
        int doubled;
    } rows[] = {{"Europe/Paris", 1}, {"America/Chicago", 1}, {"Asia/Tokyo", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone *z = NULL;
        assert_int_equal(zone_open(rows[i].zone, &z), ERR_NONE);
        int different = 0;
        int64_t last_day = 0;
        for (int64_t ms = utc("2012-01-01T00:00:00Z"); ms < utc("2013-01-01T00:00:00Z");
             ms += HOUR_MS) {
            struct local_time t = zone_local(z, ms);
            int64_t back = zone_to_utc_ms(z, t.year, t.month, t.day, t.hour, t.minute);
            different += back != ms;
            assert_true(back == ms || back == ms - HOUR_MS);
            assert_true(!last_day || t.day_no == last_day || t.day_no == last_day + 1);
            assert_int_equal(t.weekday,
                             (t.day_no + 3) % 7 + 1); // 1970-01-01 was a Thursday
            last_day = t.day_no;
        }
        assert_int_equal(different, rows[i].doubled);
        zone_close(z);
    }
}

// "Tomorrow" is the next day number, though Sunday has 23 hours.
static void test_day_numbers_across_dst(void **state) {
    (void)state;
    struct zone *z = NULL;
    assert_int_equal(zone_open("Europe/Paris", &z), ERR_NONE);
    int64_t saturday = zone_local(z, utc("2012-03-24T11:00:00Z")).day_no;
    assert_int_equal(zone_local(z, utc("2012-03-24T23:00:00Z")).day_no, saturday + 1);
    assert_int_equal(zone_local(z, utc("2012-03-25T21:59:59Z")).day_no, saturday + 1);
    assert_int_equal(zone_local(z, utc("2012-03-25T22:00:00Z")).day_no, saturday + 2);
    int64_t midnight = zone_to_utc_ms(z, 2012, 3, 25, 0, 0);
    assert_int_equal(zone_to_utc_ms(z, 2012, 3, 26, 0, 0) - midnight, 23 * HOUR_MS);
    assert_int_equal(zone_to_utc_ms(z, 2012, 3, 25, 24, 0) - midnight, 23 * HOUR_MS);
    zone_close(z);
}

static void test_unknown_zones_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"",           "Mars/Olympus", "Europe/Paris/",
                                      "europe",     "+25:99",       "../../etc/passwd",
                                      "/etc/passwd"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct zone *z = NULL;
        if (zone_open(bad[i], &z) != ERR_NOT_FOUND) {
            print_message("zone \"%s\" was opened\n", bad[i]);
        }
        assert_null(z);
    }
    zone_close(NULL);
}

static void test_instants(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *utc; // NULL: refused
    } rows[] = {
        {"2015-03-23T14:00:00Z", "2015-03-23T14:00:00Z"},
        {"2015-03-23T14:00Z", "2015-03-23T14:00:00Z"},
        {"2015-03-23T09:00-05:00", "2015-03-23T14:00:00Z"},
        {"2015-03-23T09:00:30-05:00", "2015-03-23T14:00:30Z"},
        {"2015-03-23T19:45+05:45", "2015-03-23T14:00:00Z"},
        {"2015-03-23T00:30+02:00", "2015-03-22T22:30:00Z"},
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
        {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
        {"2016-02-29T12:00Z", "2016-02-29T12:00:00Z"},
        {"2015-03-23T14:00:00.750Z", "2015-03-23T14:00:00Z"},
        {"", NULL},
        {"2015-03-23", NULL},
        {"2015-03-23T14", NULL},
        {"2015-03-23T14:00", NULL}, // whose time?
        {"2015-03-23T14:00:00", NULL},
        {"2015-03-23 14:00:00Z", NULL},
        {"2015-02-29T12:00Z", NULL},
        {"2015-13-01T12:00Z", NULL},
        {"2015-03-00T12:00Z", NULL},
        {"2015-03-23T25:00Z", NULL},
        {"2015-03-23T14:60Z", NULL},
        {"2015-03-23T14:00:99Z", NULL},
        {"2015-03-23T14:00Zx", NULL},
        {"T", NULL},
        {"TTTTTTTT", NULL},
        {"2015-03-23T14:00:00Z and much more text behind it", NULL},
        {"x2015-03-23T14:00Z", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = -77;
        enum err e = instant_parse(rows[i].text, &ms);
        char got[32];
        instant_format(ms, got);
        if ((e == ERR_NONE) != (rows[i].utc != NULL)) {
            print_message("\"%s\": %s, %s\n", rows[i].text, err_text(e), got);
        }
        assert_int_equal(e, rows[i].utc ? ERR_NONE : ERR_INPUT);
        if (rows[i].utc) {
            assert_string_equal(got, rows[i].utc);
        } else {
            assert_int_equal(ms, -77); // untouched
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_time_across_dst),
        cmocka_unit_test(test_wall_time_to_utc),
        cmocka_unit_test(test_every_hour_of_a_year_returns),
        cmocka_unit_test(test_day_numbers_across_dst),
        cmocka_unit_test(test_unknown_zones_are_refused),
        cmocka_unit_test(test_instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

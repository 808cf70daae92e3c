// Every verdict, from the one function that decides. Monday of IETF 92, 09:10 in Dallas.
#include "sync/event/admission.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

struct scene {
    struct gate gate;
    struct person person;
    struct code code;
    struct event_info event;
    struct zone *zone;
    struct admission_case c;
};

static int64_t ms_of(const char *text) {
    int64_t ms = 0;
    assert_int_equal(instant_parse(text, &ms), ERR_NONE);
    return ms;
}

static int setup(void **state) {
    struct scene *s = mem_alloc(1, sizeof *s);
    snprintf(s->gate.id, sizeof s->gate.id, "meeting");
    s->gate.is_once = true;
    snprintf(s->person.id, sizeof s->person.id, "0123456789ABCDEF");
    snprintf(s->person.kind, sizeof s->person.kind, "week");
    s->person.is_paid = true;
    s->code.class = CODE_BADGE;
    snprintf(s->event.start, sizeof s->event.start, "2015-03-22");
    assert_int_equal(zone_open("America/Chicago", &s->zone), ERR_NONE);
    s->c = (struct admission_case){.gate = &s->gate,
                                   .person = &s->person,
                                   .code = &s->code,
                                   .event = &s->event,
                                   .zone = s->zone};
    s->c.now =
        (struct moment){.wall_ms = ms_of("2015-03-23T09:10-05:00"), .state = TIME_SET};
    *state = s;
    return 0;
}

static int teardown(void **state) {
    struct scene *s = *state;
    zone_close(s->zone);
    mem_free(s);
    return 0;
}

static void check(const struct scene *s, enum verdict want, bool want_unsure) {
    bool is_unsure = !want_unsure;
    enum verdict v = admission_decide(&s->c, &is_unsure);
    assert_string_equal(verdict_name(v), verdict_name(want));
    assert_int_equal(is_unsure, want_unsure);
}

static void test_by_code(void **state) {
    struct scene *s = *state;
    static const struct {
        enum code_class class;
        enum verdict known, unknown; // with and without a person
    } rows[] = {
        {CODE_NONE, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
        {CODE_BADGE, VERDICT_ADMITTED, VERDICT_UNKNOWN},
        {CODE_BADGE_TYPO, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
        {CODE_TICKET, VERDICT_ADMITTED, VERDICT_ADMITTED},
        {CODE_FORGED, VERDICT_FORGED, VERDICT_FORGED},
        {CODE_OTHER_EVENT, VERDICT_OTHER_EVENT, VERDICT_OTHER_EVENT},
        {CODE_OPAQUE, VERDICT_ADMITTED, VERDICT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s->code.class = rows[i].class;
        s->c.person = &s->person;
        check(s, rows[i].known, false);
        s->c.person = NULL;
        check(s, rows[i].unknown, false);
    }
    s->c.code = NULL; // found by name
    check(s, VERDICT_UNKNOWN, false);
    s->c.person = &s->person;
    check(s, VERDICT_ADMITTED, false);
}

// One finding at a time, then the order in which findings are told.
static void test_by_person(void **state) {
    struct scene *s = *state;
    const struct person fine = s->person;
    s->person.status = PERSON_CANCELLED;
    check(s, VERDICT_CANCELLED, false);
    s->person.status = PERSON_BLOCKED;
    check(s, VERDICT_BLOCKED, false);
    s->person = fine;
    s->c.is_serial_void = true;
    check(s, VERDICT_VOID_BADGE, false);
    s->c.is_serial_void = false;
    s->person.is_paid = false;
    check(s, VERDICT_UNPAID, false);
    snprintf(s->person.note, sizeof s->person.note, "see Ana");
    check(s, VERDICT_UNPAID, false);
    s->person.is_paid = true;
    check(s, VERDICT_NEEDS_STAFF, false);
    s->person.status = PERSON_BLOCKED;
    s->c.is_serial_void = true;
    check(s, VERDICT_BLOCKED, false); // before everything else
}

static void test_by_list_and_kind(void **state) {
    struct scene *s = *state;
    s->gate.is_list = true;
    check(s, VERDICT_NOT_ON_LIST, false);
    s->c.was_admitted = true; // by staff, who need not do so twice
    check(s, VERDICT_ALREADY_IN, false);
    s->c.was_admitted = false;
    snprintf(s->person.gates, sizeof s->person.gates, "social meetings meeting-2");
    check(s, VERDICT_NOT_ON_LIST, false); // whole words only
    snprintf(s->person.gates, sizeof s->person.gates, "social meeting");
    check(s, VERDICT_ADMITTED, false);
    s->gate.is_list = false;
    snprintf(s->gate.kinds, sizeof s->gate.kinds, "student day");
    check(s, VERDICT_NOT_ON_LIST, false);
    snprintf(s->gate.kinds, sizeof s->gate.kinds, "student week");
    check(s, VERDICT_ADMITTED, false);
    // A signed ticket alone: by its kind; a list cannot know it.
    s->c.person = NULL;
    s->code.class = CODE_TICKET;
    s->code.ticket.kind = ticket_kind_find("student");
    check(s, VERDICT_ADMITTED, false);
    s->code.ticket.kind = ticket_kind_find("press");
    check(s, VERDICT_NOT_ON_LIST, false);
    s->code.ticket.kind = 200; // a kind of a later version
    check(s, VERDICT_NOT_ON_LIST, false);
    s->code.ticket.kind = ticket_kind_find("student");
    s->gate.is_list = true;
    check(s, VERDICT_NOT_ON_LIST, false);
}

static void test_second_scan(void **state) {
    struct scene *s = *state;
    s->c.was_admitted = true;
    check(s, VERDICT_ALREADY_IN, false);
    s->gate.prints = true;
    check(s, VERDICT_NOT_PRINTED, false);
    s->c.has_badge = true;
    check(s, VERDICT_ALREADY_IN, false);
    s->gate.is_once = false; // in and out as they like
    check(s, VERDICT_ADMITTED, false);
    s->gate.is_once = true;
    s->person.is_paid = false; // who is in is in, whatever changed since
    check(s, VERDICT_ALREADY_IN, false);
    s->c.person = NULL; // a signed ticket scanned twice: no name to print
    s->code.class = CODE_TICKET;
    s->c.has_badge = false;
    check(s, VERDICT_ALREADY_IN, false);
}

// What the clock says against the gate's bounds, the pass' days and the ticket's expiry.
static void test_by_time(void **state) {
    struct scene *s = *state;
    static const struct {
        const char *from, *until; // of the gate, local; NULL none
        int early_minutes;
        const char *days;
        const char *now;
        enum verdict want;
    } rows[] = {
        {"2015-03-23T09:10-05:00", NULL, 0, "", "2015-03-23T09:10-05:00",
         VERDICT_ADMITTED},
        {"2015-03-23T09:10-05:00", NULL, 0, "", "2015-03-23T09:09:59-05:00",
         VERDICT_TOO_EARLY},
        {"2015-03-23T09:10-05:00", NULL, 30, "", "2015-03-23T08:40-05:00",
         VERDICT_ADMITTED},
        {"2015-03-23T09:10-05:00", NULL, 30, "", "2015-03-23T08:39-05:00",
         VERDICT_TOO_EARLY},
        {NULL, "2015-03-23T22:00-05:00", 0, "", "2015-03-23T21:59:59-05:00",
         VERDICT_ADMITTED},
        {NULL, "2015-03-23T22:00-05:00", 0, "", "2015-03-23T22:00-05:00",
         VERDICT_TOO_LATE},
        {NULL, NULL, 0, "2015-03-23", "2015-03-23T00:00-05:00", VERDICT_ADMITTED},
        {NULL, NULL, 0, "2015-03-23", "2015-03-23T23:59-05:00", VERDICT_ADMITTED},
        {NULL, NULL, 0, "2015-03-23", "2015-03-24T00:00-05:00", VERDICT_WRONG_DAY},
        {NULL, NULL, 0, "2015-03-23", "2015-03-22T23:59-05:00", VERDICT_WRONG_DAY},
        {NULL, NULL, 0, "2015-03-22 2015-03-24", "2015-03-23T12:00-05:00",
         VERDICT_WRONG_DAY},
        {NULL, NULL, 0, "2015-03-22 2015-03-24", "2015-03-24T12:00-05:00",
         VERDICT_ADMITTED},
        {NULL, NULL, 0, "rubbish", "2015-03-24T12:00-05:00", VERDICT_WRONG_DAY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s->gate.from_ms = rows[i].from ? ms_of(rows[i].from) : 0;
        s->gate.until_ms = rows[i].until ? ms_of(rows[i].until) : 0;
        s->gate.early_minutes = rows[i].early_minutes;
        snprintf(s->person.days, sizeof s->person.days, "%s", rows[i].days);
        s->c.now.wall_ms = ms_of(rows[i].now);
        check(s, rows[i].want, false);
    }
}

static void test_signed_ticket_days_and_expiry(void **state) {
    struct scene *s = *state;
    static const struct {
        uint8_t mask;
        const char *expiry, *now;
        enum verdict want;
    } rows[] = {
        {0, NULL, "2015-03-29T12:00-05:00", VERDICT_ADMITTED},
        {0x02, NULL, "2015-03-23T12:00-05:00", VERDICT_ADMITTED}, // Monday
        {0x02, NULL, "2015-03-22T12:00-05:00", VERDICT_WRONG_DAY},
        {0x01, NULL, "2015-03-22T00:00-05:00", VERDICT_ADMITTED},
        {0x80, NULL, "2015-03-29T12:00-05:00", VERDICT_ADMITTED},  // the eighth day
        {0xff, NULL, "2015-03-30T12:00-05:00", VERDICT_WRONG_DAY}, // the ninth
        {0xff, NULL, "2015-03-21T12:00-05:00", VERDICT_WRONG_DAY}, // the day before
        {0, "2015-03-23T12:00Z", "2015-03-23T12:00:00Z", VERDICT_ADMITTED},
        {0, "2015-03-23T12:00Z", "2015-03-23T12:00:01Z", VERDICT_TOO_LATE},
    };
    s->c.person = NULL;
    s->code.class = CODE_TICKET;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s->code.ticket.day_mask = rows[i].mask;
        s->code.ticket.expiry_s =
            rows[i].expiry ? (uint32_t)(ms_of(rows[i].expiry) / 1000) : 0;
        s->c.now.wall_ms = ms_of(rows[i].now);
        check(s, rows[i].want, false);
    }
    // The expiry of a ticket binds a known person as well.
    s->c.person = &s->person;
    s->code.ticket.day_mask = 0;
    s->code.ticket.expiry_s = (uint32_t)(ms_of("2015-03-23T12:00Z") / 1000);
    s->c.now.wall_ms = ms_of("2015-03-23T12:00:01Z");
    check(s, VERDICT_TOO_LATE, false);
    // Without the event's first day a mask says nothing.
    s->c.person = NULL;
    s->code.ticket.expiry_s = 0;
    s->code.ticket.day_mask = 1;
    s->event.start[0] = '\0';
    check(s, VERDICT_ADMITTED, false);
}

// Unknown time, or an error that reaches over a border: no date rule refuses by itself.
static void test_unsure_time(void **state) {
    struct scene *s = *state;
    s->gate.from_ms = ms_of("2015-03-23T09:00-05:00");
    s->c.now.wall_ms = ms_of("2015-03-23T08:50-05:00");
    s->c.now.error_ms = 9 * MINUTE_MS;
    check(s, VERDICT_TOO_EARLY, false); // even at its latest
    s->c.now.error_ms = 11 * MINUTE_MS;
    check(s, VERDICT_ADMITTED, true);
    s->gate.is_strict = true;
    check(s, VERDICT_NEEDS_STAFF, true);
    s->c.now.wall_ms = ms_of("2015-03-23T09:20-05:00");
    check(s, VERDICT_ADMITTED, false); // even at its earliest
    s->c.now.state = TIME_HELD;
    check(s, VERDICT_ADMITTED, false);
    s->c.now.state = TIME_UNKNOWN;
    check(s, VERDICT_NEEDS_STAFF, true);
    s->gate.is_strict = false;
    s->c.now.wall_ms = 0; // 1970
    check(s, VERDICT_ADMITTED, true);
    s->gate.from_ms = 0; // no date rule at all: nothing to be unsure of
    check(s, VERDICT_ADMITTED, false);
    snprintf(s->person.days, sizeof s->person.days, "2015-03-24");
    check(s, VERDICT_ADMITTED, true);
    s->person.is_paid = false; // other findings do not wait for the clock
    check(s, VERDICT_UNPAID, false);
}

// The right day may lie inside the error though both its ends are wrong days.
static void test_unsure_time_over_days(void **state) {
    struct scene *s = *state;
    snprintf(s->person.days, sizeof s->person.days, "2015-03-23");
    s->c.now.wall_ms = ms_of("2015-03-23T12:00-05:00");
    s->c.now.error_ms = 36 * HOUR_MS;
    check(s, VERDICT_ADMITTED, true);
    s->c.now.error_ms = (int64_t)400 * 24 * HOUR_MS;
    check(s, VERDICT_ADMITTED, true);
    s->gate.is_strict = true;
    check(s, VERDICT_NEEDS_STAFF, true);
    s->c.now.wall_ms = ms_of("2015-03-26T12:00-05:00");
    s->c.now.error_ms = 36 * HOUR_MS;
    check(s, VERDICT_WRONG_DAY, false);
    snprintf(s->person.days, sizeof s->person.days, "2015-03-25 2015-03-27");
    check(s, VERDICT_NEEDS_STAFF, true); // both ends right, the middle wrong
}

// Every date rule by itself, with the time unknown or an error that reaches over its border:
// admitted and marked, or needs staff at a strict gate; never refused.
static void test_no_date_rule_refuses_by_itself(void **state) {
    struct scene *s = *state;
    static const struct {
        const char *from, *until, *days, *expiry;
        int early_minutes;
        uint8_t mask;
        const char *now; // a minute on the refusing side of the border
        enum verdict sure;
    } rows[] = {
        {"2015-03-23T09:00Z", NULL, "", NULL, 0, 0, "2015-03-23T08:59Z",
         VERDICT_TOO_EARLY},
        {"2015-03-23T09:00Z", NULL, "", NULL, 30, 0, "2015-03-23T08:29Z",
         VERDICT_TOO_EARLY},
        {NULL, "2015-03-23T22:00Z", "", NULL, 0, 0, "2015-03-23T22:01Z",
         VERDICT_TOO_LATE},
        {NULL, NULL, "2015-03-23", NULL, 0, 0, "2015-03-24T00:01-05:00",
         VERDICT_WRONG_DAY},
        {NULL, NULL, "2015-03-23", NULL, 0, 0, "2015-03-22T23:59-05:00",
         VERDICT_WRONG_DAY},
        {NULL, NULL, "", NULL, 0, 0x02, "2015-03-24T00:01-05:00", VERDICT_WRONG_DAY},
        {NULL, NULL, "", "2015-03-23T12:00Z", 0, 0, "2015-03-23T12:01Z",
         VERDICT_TOO_LATE},
    };
    static const enum time_state states[] = {TIME_HELD, TIME_SET};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool has_ticket = rows[i].mask || rows[i].expiry;
        s->gate.from_ms = rows[i].from ? ms_of(rows[i].from) : 0;
        s->gate.until_ms = rows[i].until ? ms_of(rows[i].until) : 0;
        s->gate.early_minutes = rows[i].early_minutes;
        snprintf(s->person.days, sizeof s->person.days, "%s", rows[i].days);
        s->c.person = has_ticket ? NULL : &s->person;
        s->code.class = has_ticket ? CODE_TICKET : CODE_BADGE;
        s->code.ticket.day_mask = rows[i].mask;
        s->code.ticket.expiry_s =
            rows[i].expiry ? (uint32_t)(ms_of(rows[i].expiry) / 1000) : 0;
        s->c.now.wall_ms = ms_of(rows[i].now);
        for (int is_strict = 0; is_strict <= 1; is_strict++) {
            enum verdict unsure = is_strict ? VERDICT_NEEDS_STAFF : VERDICT_ADMITTED;
            s->gate.is_strict = is_strict != 0;
            for (size_t j = 0; j < sizeof states / sizeof *states; j++) {
                s->c.now.state = states[j];
                s->c.now.error_ms = MINUTE_MS / 2;
                check(s, rows[i].sure, false);
                s->c.now.error_ms = 2 * MINUTE_MS;
                check(s, unsure, true);
                s->c.now.error_ms = (int64_t)400 * 24 * HOUR_MS;
                check(s, unsure, true);
            }
            s->c.now.state = TIME_UNKNOWN;
            s->c.now.error_ms = 0;
            check(s, unsure, true);
        }
    }
}

struct dice { // xorshift; the seed is told when a test fails
    uint64_t x;
};

static int64_t roll(struct dice *d, int64_t below) {
    d->x ^= d->x << 13;
    d->x ^= d->x >> 7;
    d->x ^= d->x << 17;
    return (int64_t)(d->x % (uint64_t)below);
}

static void roll_rules(struct scene *s, struct dice *d, int64_t day_ms) {
    const int64_t minutes = 3 * 24 * 60;
    s->gate.from_ms = roll(d, 2) ? day_ms + roll(d, minutes) * MINUTE_MS : 0;
    s->gate.until_ms = roll(d, 2) ? day_ms + roll(d, minutes) * MINUTE_MS : 0;
    s->gate.early_minutes = (int)roll(d, 120);
    s->person.days[0] = '\0';
    if (roll(d, 2)) {
        snprintf(s->person.days, sizeof s->person.days, "2015-03-%d 2015-03-%d",
                 22 + (int)roll(d, 4), 22 + (int)roll(d, 4));
    }
    s->c.now.wall_ms = day_ms + roll(d, minutes) * MINUTE_MS;
    s->c.now.error_ms = roll(d, 2) ? roll(d, 36 * 60) * MINUTE_MS : 0;
}

// Whoever may be right at some minute within the error is not refused for the time.
static void test_time_within_the_error_never_refuses_who_may_be_right(void **state) {
    struct scene *s = *state;
    enum { ROUNDS = 3000 };
    struct dice d = {.x = (uint64_t)clock_mono_ms() * 0x9e3779b97f4a7c15u | 1};
    print_message("seed %llx\n", (unsigned long long)d.x);
    int64_t day_ms = ms_of("2015-03-22T00:00-05:00");
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
        bool is_unsure = false;
        roll_rules(s, &d, day_ms);
        s->gate.is_strict = roll(&d, 2) != 0;
        struct moment now = s->c.now;
        enum verdict v = admission_decide(&s->c, &is_unsure);
        assert_true(!is_unsure || v == VERDICT_ADMITTED || v == VERDICT_NEEDS_STAFF);
        bool is_refused = v != VERDICT_ADMITTED && v != VERDICT_NEEDS_STAFF;
        refused += is_refused;
        for (int64_t at = -now.error_ms; is_refused && at <= now.error_ms;
             at += 7 * MINUTE_MS) {
            s->c.now.wall_ms = now.wall_ms + at;
            s->c.now.error_ms = 0;
            assert_int_not_equal(admission_decide(&s->c, &is_unsure), VERDICT_ADMITTED);
        }
    }
    assert_true(refused > ROUNDS / 20); // else nothing was tested
}

static void test_day_rule_without_zone(void **state) {
    struct scene *s = *state;
    s->c.zone = NULL;
    check(s, VERDICT_ADMITTED, false);
    snprintf(s->person.days, sizeof s->person.days, "2015-03-24");
    check(s, VERDICT_ADMITTED, true);
    s->gate.is_strict = true;
    check(s, VERDICT_NEEDS_STAFF, true);
}

static void test_verdicts_have_names(void **state) {
    (void)state;
    for (int a = 0; a < VERDICT_COUNT; a++) {
        assert_true(strlen(verdict_name((enum verdict)a)) > 3);
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(verdict_name((enum verdict)a),
                                    verdict_name((enum verdict)b));
        }
    }
    assert_string_equal(verdict_name((enum verdict)99), "unknown");
}

int main(void) {
#define SCENE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        SCENE(test_by_code),
        SCENE(test_by_person),
        SCENE(test_by_list_and_kind),
        SCENE(test_second_scan),
        SCENE(test_by_time),
        SCENE(test_signed_ticket_days_and_expiry),
        SCENE(test_unsure_time),
        SCENE(test_unsure_time_over_days),
        SCENE(test_no_date_rule_refuses_by_itself),
        SCENE(test_time_within_the_error_never_refuses_who_may_be_right),
        SCENE(test_day_rule_without_zone),
        cmocka_unit_test(test_verdicts_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// What time the hub says it is, and what a kiosk makes of it.
#include "sync/hub/timekeeper.h"

#include "sync/agent/agent.h"
#include "sync/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct moment machine(enum time_state state, int64_t wall_ms, uint64_t mono_ms) {
    return (struct moment){
        .state = state, .wall_ms = wall_ms, .mono_ms = mono_ms, .error_ms = 20};
}

static void test_unknown_until_somebody_knows(void **state) {
    (void)state;
    struct timekeeper t;
    timekeeper_init(&t, &(struct timekeeper_options){0});
    struct moment m = machine(TIME_UNKNOWN, 1000, 500);
    assert_int_equal(timekeeper_judge(&t, &m).state, TIME_UNKNOWN);
    timekeeper_finish(&t);
}

static void test_held_when_the_time_service_goes(void **state) {
    (void)state;
    struct timekeeper t;
    timekeeper_init(&t, &(struct timekeeper_options){0});
    struct moment m = machine(TIME_SET, 1000000, 500);
    assert_int_equal(timekeeper_judge(&t, &m).state, TIME_SET);
    m = machine(TIME_UNKNOWN, 77, 500 + 1000000); // the wall clock jumped, too
    struct moment now = timekeeper_judge(&t, &m);
    assert_int_equal(now.state, TIME_HELD);
    assert_int_equal(now.wall_ms, 2000000);
    assert_int_equal(now.error_ms, 20 + 100); // 100 ppm of 1000 s
    timekeeper_finish(&t);
}

static void test_relay_takes_a_set_upstream_only(void **state) {
    (void)state;
    struct timekeeper t;
    timekeeper_init(&t, &(struct timekeeper_options){0});
    struct moment m = machine(TIME_UNKNOWN, 77, 2000);
    struct moment held = machine(TIME_HELD, 5000000, 1000);
    timekeeper_tell(&t, &held);
    assert_int_equal(timekeeper_judge(&t, &m).state, TIME_UNKNOWN);
    struct moment set = machine(TIME_SET, 5000000, 1000);
    timekeeper_tell(&t, &set);
    struct moment now = timekeeper_judge(&t, &m);
    assert_int_equal(now.state, TIME_SET);
    assert_int_equal(now.wall_ms, 5001000);
    // Its own time service goes before the upstream's word.
    m = machine(TIME_SET, 6000000, 3000);
    assert_int_equal(timekeeper_judge(&t, &m).wall_ms, 6000000);
    timekeeper_finish(&t);
}

static void test_operator_vouches(void **state) {
    (void)state;
    struct timekeeper_options o = {.is_trusted = true, .error_ms = 1500};
    struct moment m = timekeeper_read(&o);
    assert_int_equal(m.state, TIME_SET);
    assert_int_equal(m.error_ms, 1500);
}

static void test_describe_says_what_to_do(void **state) {
    (void)state;
    char text[256];
    struct moment m = machine(TIME_SET, 0, 0);
    timekeeper_describe(&m, text, sizeof text);
    assert_string_equal(text, "set, within 20 ms");
    m.state = TIME_UNKNOWN;
    timekeeper_describe(&m, text, sizeof text);
    assert_non_null(strstr(text, "--clock trusted"));
}

static void test_kiosk_goes_by_the_hub(void **state) {
    (void)state;
    uint64_t mono = clock_mono_ms();
    struct agent_status s = {.time_state = TIME_SET,
                             .source_ms = 1427101200000,
                             .source_mono_ms = mono - 10000000,
                             .error_ms = 30};
    struct moment m = agent_moment(&s);
    assert_int_equal(m.state, TIME_SET);
    assert_true(m.wall_ms >= 1427101200000 + 10000000);
    assert_true(m.error_ms >= 30 + 1000); // 100 ppm of 10 000 s
    s.time_state = TIME_HELD;
    int64_t error_ms = 0;
    m = agent_moment(&s);
    assert_int_equal(m.state, clock_is_synced(&error_ms) ? TIME_SET : TIME_HELD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_until_somebody_knows),
        cmocka_unit_test(test_held_when_the_time_service_goes),
        cmocka_unit_test(test_relay_takes_a_set_upstream_only),
        cmocka_unit_test(test_operator_vouches),
        cmocka_unit_test(test_describe_says_what_to_do),
        cmocka_unit_test(test_kiosk_goes_by_the_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

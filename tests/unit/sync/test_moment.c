#include "sync/event/moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { DEV = 5, BOOT = 7 };

static void test_hlc_never_goes_back(void **state) {
    (void)state;
    static const struct {
        uint64_t last;
        int64_t wall_ms;
        uint64_t want;
    } rows[] = {
        {0, 1000, 1000u << 16},
        {1000u << 16, 1000, (1000u << 16) + 1}, // the same millisecond
        {1000u << 16, 999, (1000u << 16) + 1},  // the clock stepped back
        {1000u << 16, -5, (1000u << 16) + 1},   // before 1970
        {0, 0, 1},                              // never 0: that is "no stamp yet"
        {(1000u << 16) + 65535, 1000,
         1001u << 16}, // the counter runs into the milliseconds
        {1000u << 16, 2000, 2000u << 16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(hlc_next(rows[i].last, rows[i].wall_ms) == rows[i].want);
    }
    assert_int_equal(hlc_ms((uint64_t)1427119800000 << 16 | 12), 1427119800000);
    uint64_t last = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t next = hlc_next(last, 5000 + (i * 7919) % 100 - 50);
        assert_true(next > last);
        last = next;
    }
}

static void test_no_anchor_falls_back(void **state) {
    (void)state;
    static const struct anchor others[] = {
        {.dev = DEV + 1, .boot = BOOT, .mono_ms = 1000, .source_ms = 1},
        {.dev = DEV, .boot = BOOT + 1, .mono_ms = 1000, .source_ms = 2},
    };
    assert_int_equal(moment_anchored_ms(NULL, 0, DEV, BOOT, 1000, 42), 42);
    assert_int_equal(moment_anchored_ms(others, 2, DEV, BOOT, 1000, 42), 42);
}

static void test_anchor_counts_both_ways(void **state) {
    (void)state;
    static const struct anchor a = {
        .dev = DEV, .boot = BOOT, .mono_ms = 60000, .source_ms = 1427119800000};
    assert_int_equal(moment_anchored_ms(&a, 1, DEV, BOOT, 60000, 0), 1427119800000);
    assert_int_equal(moment_anchored_ms(&a, 1, DEV, BOOT, 61500, 0), 1427119801500);
    assert_int_equal(moment_anchored_ms(&a, 1, DEV, BOOT, 0, 0), 1427119740000);
}

// Which of two anchors counts for a fact at mono 10,000; in both orders.
static void test_nearest_then_quickest_then_lowest(void **state) {
    (void)state;
    static const struct {
        struct anchor a, b;
        int64_t want;
    } rows[] = {
        // nearest in mono, before or after, whatever the round trip
        {{DEV, BOOT, 9000, 1000, 900, 1, 1}, {DEV, BOOT, 12000, 2000, 1, 1, 2}, 2000},
        {{DEV, BOOT, 7000, 1000, 1, 1, 1}, {DEV, BOOT, 10500, 2000, 900, 1, 2}, 1500},
        // equally near: the lower round trip
        {{DEV, BOOT, 9000, 1000, 20, 1, 1}, {DEV, BOOT, 11000, 5000, 10, 1, 2}, 4000},
        // equally quick: the lower address
        {{DEV, BOOT, 9000, 1000, 20, 1, 9}, {DEV, BOOT, 11000, 5000, 20, 2, 1}, 2000},
        {{DEV, BOOT, 9000, 1000, 20, 1, 9}, {DEV, BOOT, 11000, 5000, 20, 1, 8}, 4000},
        // another boot is never nearer
        {{DEV, BOOT, 90000, 100000, 20, 1, 1}, {DEV, BOOT + 1, 10000, 7, 0, 1, 2}, 20000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct anchor ab[] = {rows[i].a, rows[i].b};
        struct anchor ba[] = {rows[i].b, rows[i].a};
        assert_int_equal(moment_anchored_ms(ab, 2, DEV, BOOT, 10000, 0), rows[i].want);
        assert_int_equal(moment_anchored_ms(ba, 2, DEV, BOOT, 10000, 0), rows[i].want);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hlc_never_goes_back),
        cmocka_unit_test(test_no_anchor_falls_back),
        cmocka_unit_test(test_anchor_counts_both_ways),
        cmocka_unit_test(test_nearest_then_quickest_then_lowest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

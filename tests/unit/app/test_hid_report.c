// What report descriptors say, for the layouts that scanners are known to have, and that
// broken ones are refused.
#include "app/devices/hid_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sync/base/bytes.h"

// Pieces of descriptors, as hexadecimal text.
#define POS_OPEN "058C0902A1010912A102"
#define POS_GLOBALS "150026FF0075089501"
#define BYTE_COUNT "0501093B8102058C"
#define AIM "950309FB09FC09FD8102"
#define DATA "953809FE820201"
#define CONTINUED "25017501950109FF810275078103"
#define CLOSE "C0C0"
#define LAYOUT_A \
    POS_OPEN "8502" POS_GLOBALS BYTE_COUNT AIM DATA "95028103" CONTINUED CLOSE
#define KEYBOARD                                                                         \
    "05010906A101050719E029E71500250175019508810295017508810195057501050819012905910295" \
    "0175039101950675081500256505071900296581"                                           \
    "00C0"

static enum err parse(const char *hex, struct hid_layout *out) {
    uint8_t d[HID_DESCRIPTOR_BYTES_MAX + 1];
    size_t len = strlen(hex) / 2;
    assert_int_equal(hex_parse(hex, d, len), ERR_NONE);
    return hid_report_parse(d, len, out);
}

static void assert_span(struct hid_span got, unsigned at, unsigned bits, unsigned count) {
    assert_int_equal(got.at, at);
    assert_int_equal(got.bits, bits);
    assert_int_equal(got.count, count);
}

static void test_layout_a_has_aim_data_and_continuation(void **state) {
    (void)state;
    struct hid_layout l;
    assert_int_equal(parse(LAYOUT_A, &l), ERR_NONE);
    assert_int_equal(l.kind, HID_POS);
    assert_true(l.has_ids);
    assert_false(l.has_wake);
    assert_int_equal(l.pos_count, 1);
    assert_int_equal(l.pos[0].id, 2);
    assert_int_equal(l.pos[0].bytes, 64);
    assert_span(l.pos[0].length, 8, 8, 1);
    assert_span(l.pos[0].aim[0], 16, 8, 1);
    assert_span(l.pos[0].aim[2], 32, 8, 1);
    assert_span(l.pos[0].data, 40, 8, 56);
    assert_span(l.pos[0].more, 63 * 8, 1, 1);
}

static void test_keyboard_has_modifiers_and_array(void **state) {
    (void)state;
    struct hid_layout l;
    assert_int_equal(parse(KEYBOARD, &l), ERR_NONE);
    assert_int_equal(l.kind, HID_KEYBOARD);
    assert_int_equal(l.key[0].bytes, 8);
    assert_span(l.key[0].modifiers[1], 1, 1, 1);
    assert_span(l.key[0].array, 16, 8, 6);
    struct hid_layout boot;
    hid_report_boot_layout(&boot);
    assert_memory_equal(&boot, &l, sizeof l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_a_has_aim_data_and_continuation),
        cmocka_unit_test(test_keyboard_has_modifiers_and_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

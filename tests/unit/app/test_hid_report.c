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

static void test_layouts_of_makers(void **state) {
    (void)state;
    static const struct {
        const char *descriptor;
        unsigned id, bytes, length_at, aims, data_at, data_bytes, more_at;
    } rows[] = {
        // A with the AIM id one byte later
        {POS_OPEN "8502" POS_GLOBALS BYTE_COUNT "95018103" AIM DATA
                  "95018103" CONTINUED CLOSE,
         2, 64, 8, 3, 48, 56, 504},
        // B: no AIM id
        {POS_OPEN "8502" POS_GLOBALS BYTE_COUNT DATA "95058103" CONTINUED CLOSE, 2, 64, 8,
         0, 16, 56, 504},
        // no report id
        {POS_OPEN POS_GLOBALS BYTE_COUNT AIM "953909FE820201"
                                             "95028103" CONTINUED CLOSE,
         0, 64, 0, 3, 32, 57, 504},
        // data as one field of 448 bits
        {POS_OPEN "8502" POS_GLOBALS BYTE_COUNT "76C001950109FE820201"
                  "750895058103" CONTINUED CLOSE,
         2, 64, 8, 0, 16, 56, 504},
        // one usage for the three bytes of the AIM id
        {POS_OPEN "8502" POS_GLOBALS BYTE_COUNT "950309FB8102" DATA
                  "95028103" CONTINUED CLOSE,
         2, 64, 8, 3, 40, 56, 504},
        // AIM id as a range of usages; all usages extended; pushed and popped globals
        {POS_OPEN "8502" POS_GLOBALS "A4" BYTE_COUNT "B4"
                  "058C9503"
                  "1BFB008C002BFD008C008102"
                  "95380BFE008C00820201"
                  "95028103" CONTINUED CLOSE,
         2, 64, 8, 3, 40, 56, 504},
        // not at byte boundaries: four bits in front
        {POS_OPEN "8502"
                  "150026FF00"
                  "750495018103"
                  "7508" BYTE_COUNT "953809FE820201" CONTINUED CLOSE,
         2, 60, 12, 0, 20, 56, 468},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hid_layout l;
        assert_int_equal(parse(rows[i].descriptor, &l), ERR_NONE);
        const struct hid_pos_report *r = &l.pos[0];
        assert_int_equal(l.kind, HID_POS);
        assert_int_equal(r->id, rows[i].id);
        assert_int_equal(r->bytes, rows[i].bytes);
        assert_span(r->length, rows[i].length_at, 8, 1);
        assert_int_equal(r->aim[0].count + r->aim[1].count + r->aim[2].count,
                         rows[i].aims);
        assert_span(r->data, rows[i].data_at, 8, rows[i].data_bytes);
        assert_span(r->more, rows[i].more_at, 1, 1);
    }
}

static void test_decoys_and_other_devices_are_other(void **state) {
    (void)state;
    static const char *const others[] = {
        "",
        // vendor page FF8C, otherwise as a scanner
        "068CFF0902A1010912A1028502150026FF0075089501093B810295380"
        "9FE8102C0C0",
        // a mouse
        "05010902A1010901A100050919012903150025017501950381029501750581030501093009311581"
        "257F"
        "750895028106C0C0",
        // raw data only (8C/13)
        "058C0902A1010913A1028502150026FF007508953809FE8102C0C0",
        // scanned data that is an output
        POS_OPEN "8502" POS_GLOBALS "953809FE9102" CLOSE,
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct hid_layout l;
        assert_int_equal(parse(others[i], &l), ERR_NONE);
        assert_int_equal(l.kind, HID_OTHER);
    }
}

static void test_wake_up_and_both_modes_on_one_interface(void **state) {
    (void)state;
    struct hid_layout l;
    assert_int_equal(parse("05010906A10185010507190029DF150025017501"
                           "95E08102C0"
                           "058C0902A1010914A10285FE0930750895"
                           "01B102C0"
                           "0912A102"
                           "8502" POS_GLOBALS BYTE_COUNT DATA CLOSE,
                           &l),
                     ERR_NONE);
    assert_int_equal(l.kind, HID_POS);
    assert_true(l.has_wake);
    assert_int_equal(l.key_count, 1);
    assert_span(l.key[0].bitmap, 8, 1, 0xE0);
    assert_int_equal(l.pos[0].more.count, 0);
}

static void test_broken_descriptors_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *descriptor;
        enum err e;
    } rows[] = {
        {"058C0902A101", ERR_INPUT}, // not closed
        {"C0", ERR_INPUT},           // closed, never opened
        {"26FF", ERR_INPUT},         // an item cut short
        {"FE0500", ERR_INPUT},       // a long item cut short
        {"FE", ERR_INPUT},           // not even its length
        {"B4", ERR_INPUT},           // pop of nothing
        {"A4", ERR_INPUT},           // push without pop
        {"8500", ERR_INPUT},         // report id 0
        {"750895018102"
         "8501",
         ERR_INPUT},                       // ids after a report without
        {"A4A4A4A4A4A4A4A4A4", ERR_LIMIT}, // too many pushes
        {"A100A100A100A100A100A100A100A100A100A100A100A100A100A100A100A100A100",
         ERR_LIMIT},
        {"77FFFFFFFF97FFFFFFFF8102", ERR_LIMIT}, // 2^64 bits
        {"750896010481028102", ERR_LIMIT},       // 1025 bytes
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hid_layout l;
        if (parse(rows[i].descriptor, &l) != rows[i].e) {
            fail_msg("%s", rows[i].descriptor);
        }
        assert_int_equal(l.kind, HID_OTHER);
    }
    struct hid_layout l;
    uint8_t many[HID_DESCRIPTOR_BYTES_MAX + 1] = {0};
    assert_int_equal(hid_report_parse(many, sizeof many, &l), ERR_LIMIT);
}

static void test_values_of_short_reports_are_not_read(void **state) {
    (void)state;
    const uint8_t report[] = {0x12, 0x34, 0x56};
    struct hid_span nibbles = {.at = 4, .bits = 8, .count = 3};
    uint32_t value = 7;
    assert_true(hid_report_get(report, 3, &nibbles, 0, &value));
    assert_int_equal(value, 0x41);
    assert_true(hid_report_get(report, 3, &nibbles, 1, &value));
    assert_int_equal(value, 0x63);
    assert_false(hid_report_get(report, 3, &nibbles, 2, &value)); // half of it
    assert_false(hid_report_get(report, 3, &nibbles, 3, &value)); // no such value
    assert_int_equal(value, 0x63);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_a_has_aim_data_and_continuation),
        cmocka_unit_test(test_keyboard_has_modifiers_and_array),
        cmocka_unit_test(test_layouts_of_makers),
        cmocka_unit_test(test_decoys_and_other_devices_are_other),
        cmocka_unit_test(test_wake_up_and_both_modes_on_one_interface),
        cmocka_unit_test(test_broken_descriptors_are_refused),
        cmocka_unit_test(test_values_of_short_reports_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// What becomes of damaged, cut, hostile and oddly set up scans. Whole ones are in
// test_hid_scans.c.
#include "app/devices/hid_decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sync/base/bytes.h"
#include "tests/support/scanner_model.h"

enum { HEARD_MAX = 8, T0 = 5000 };

struct desk {
    struct hid_decoder decoder;
    const struct scanner_pos *pos;
    char heard[HEARD_MAX][128];
    size_t lens[HEARD_MAX];
    unsigned scans, refused;
    enum scan_refusal why;
    uint64_t mono_ms;
};

static void hear(void *context, const struct scan *scan) {
    struct desk *d = context;
    assert_true(d->scans < HEARD_MAX);
    size_t kept = scan->len < sizeof d->heard[0] ? scan->len : sizeof d->heard[0] - 1;
    memcpy(d->heard[d->scans], scan->bytes, kept);
    d->heard[d->scans][kept] = '\0';
    d->lens[d->scans++] = scan->len;
    d->mono_ms = scan->mono_ms;
}

static void hear_refusal(void *context, enum scan_refusal why) {
    struct desk *d = context;
    d->why = why;
    d->refused++;
}

static struct desk *desk_new(const char *descriptor, struct hid_settings set) {
    struct desk *d = calloc(1, sizeof *d);
    struct hid_layout layout;
    struct hid_sink sink = {hear, hear_refusal, d};
    uint8_t bytes[HID_DESCRIPTOR_BYTES_MAX];
    size_t len = strlen(descriptor) / 2;
    assert_non_null(d);
    assert_int_equal(hex_parse(descriptor, bytes, len), ERR_NONE);
    assert_int_equal(hid_report_parse(bytes, len, &layout), ERR_NONE);
    hid_decoder_init(&d->decoder, &layout, &set, &sink);
    return d;
}

static struct desk *desk_pos(const char *name, struct hid_settings set) {
    struct desk *d = desk_new(scanner_pos_find(name)->descriptor, set);
    d->pos = scanner_pos_find(name);
    return d;
}

static struct desk *desk_keys(struct hid_settings set) {
    return desk_new(scanner_keyboard_descriptor, set);
}

// Reports from..to-1 of a code, 4 ms apart.
static void scan_part(struct desk *d, const char *aim, const char *code, size_t from,
                      size_t to, uint64_t at_ms) {
    struct bytes payload = {0};
    struct bytes reports = {0};
    bytes_add_text(&payload, code);
    scanner_pos_scan(d->pos, aim, &payload, &reports);
    size_t size = d->pos->report_bytes;
    for (size_t i = from; i < to && i < reports.len / size; i++) {
        hid_decoder_take(&d->decoder, reports.data + i * size, size,
                         at_ms + 4 * (i - from));
    }
    bytes_finish(&payload);
    bytes_finish(&reports);
}

static void scan(struct desk *d, const char *aim, const char *code, uint64_t at_ms) {
    scan_part(d, aim, code, 0, SIZE_MAX, at_ms);
}

static void keys(struct desk *d, const uint8_t (*strokes)[2], size_t count,
                 uint64_t at_ms) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t r[8] = {strokes[i][0], 0, strokes[i][1]};
        hid_decoder_take(&d->decoder, r, sizeof r, at_ms + 4 * i);
    }
}

static void assert_heard(const struct desk *d, unsigned scans, const char *last) {
    assert_int_equal(d->scans, scans);
    assert_string_equal(d->heard[scans - 1], last);
}

static const char long_code[] = "https://registration.example.org/t/0123456789ABCDEF?sig="
                                "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";

// ---- HID POS -------------------------------------------------------------------------------

static void test_half_a_code_is_dropped_after_silence(void **state) {
    (void)state;
    struct desk *d = desk_pos("A", (struct hid_settings){.suffix = ""});
    scan_part(d, "]Q1", long_code, 0, 1, T0);
    assert_int_equal(hid_decoder_deadline_ms(&d->decoder), T0 + HID_POS_SILENCE_MS);
    hid_decoder_expire(&d->decoder, T0 + HID_POS_SILENCE_MS - 1);
    assert_int_equal(d->refused, 0);
    hid_decoder_expire(&d->decoder, T0 + HID_POS_SILENCE_MS);
    assert_int_equal(d->refused, 1);
    assert_int_equal(d->why, SCAN_REFUSED_CUT);
    scan(d, "]Q1", "next", T0 + 2000);
    assert_heard(d, 1, "next");
    // Nobody called expire: the next report finds the silence itself.
    scan_part(d, "]Q1", long_code, 0, 1, T0 + 3000);
    scan(d, "]Q1", "third", T0 + 5000);
    assert_heard(d, 2, "third");
    assert_int_equal(d->refused, 2);
    free(d);
}

static void test_a_break_refuses_the_code_and_its_rest(void **state) {
    (void)state;
    struct desk *d = desk_pos("B", (struct hid_settings){.suffix = ""});
    hid_decoder_break(&d->decoder, T0);
    assert_int_equal(d->refused, 0); // nothing was under way
    scan_part(d, "", long_code, 0, 1, T0);
    hid_decoder_break(&d->decoder, T0 + 8);
    assert_int_equal(d->refused, 1);
    scan_part(d, "", long_code, 1, 9, T0 + 12); // ends with its last part
    assert_int_equal(d->scans, 0);
    scan(d, "", "soon after", T0 + 20);
    assert_heard(d, 1, "soon after");
    scan_part(d, "", long_code, 0, 1, T0 + 100);
    hid_decoder_break(&d->decoder, T0 + 108);
    scan(d, "", "much later", T0 + 108 + HID_POS_DAMAGED_MS); // its rest never came
    assert_heard(d, 2, "much later");
    free(d);
}

static void test_a_short_report_never_makes_a_shorter_code(void **state) {
    (void)state;
    struct desk *d = desk_pos("A", (struct hid_settings){.suffix = ""});
    uint8_t report[64] = {2, 6, ']', 'Q', '1', 'T', 'I', 'C', 'K', 'E', 'T'};
    for (size_t len = 1; len < sizeof report; len++) {
        hid_decoder_take(&d->decoder, report, len, T0 + len * 1000);
    }
    assert_int_equal(d->scans, 0);
    assert_int_equal(d->refused, 63);
    assert_int_equal(d->why, SCAN_REFUSED_SHORT);
    hid_decoder_take(&d->decoder, report, 0,
                     T0 + 70000); // a zero-length packet is nothing
    hid_decoder_take(&d->decoder, report, sizeof report, T0 + 70000);
    assert_heard(d, 1, "TICKET");
    free(d);
}

static void test_byte_count_is_held_to_the_field(void **state) {
    (void)state;
    struct desk *d = desk_pos("A", (struct hid_settings){.suffix = ""});
    uint8_t report[64] = {2, 255};
    memset(report + 5, 'x', 56);
    report[61] = report[62] = '!';
    hid_decoder_take(&d->decoder, report, sizeof report, T0);
    assert_int_equal(d->lens[0], 56);
    report[1] = 0;
    hid_decoder_take(&d->decoder, report, sizeof report, T0 + 10); // a released trigger
    assert_int_equal(d->scans, 1);
    report[0] = 3;
    report[1] = 56;
    hid_decoder_take(&d->decoder, report, sizeof report, T0 + 20); // another report
    assert_int_equal(d->scans, 1);
    assert_int_equal(d->refused, 0);
    free(d);
}

static void test_an_endless_code_shows_as_too_long(void **state) {
    (void)state;
    struct desk *d = desk_pos("A", (struct hid_settings){.suffix = ""});
    uint8_t report[64] = {2, 56, ']', 'Q', '1'};
    memset(report + 5, 'x', 56);
    for (int i = 0; i < 1000; i++) {
        report[63] = i < 999;
        hid_decoder_take(&d->decoder, report, sizeof report, T0 + (uint64_t)i);
    }
    assert_int_equal(d->scans, 1);
    assert_int_equal(d->lens[0], SCAN_BYTES_MAX);
    free(d);
}

static void test_escapes_are_undone_by_symbology(void **state) {
    (void)state;
    static const struct {
        const char *aim, *sent, *want; // want NULL: refused
        enum scan_refusal why;
    } rows[] = {
        {"]Q1", "\\000026a\\\\b", "\\000026a\\\\b", SCAN_REFUSED_NOT}, // no ECI: as it is
        {"]Q2", "\\000026Z\xC3\xBCrich\\\\1", "Z\xC3\xBCrich\\1", SCAN_REFUSED_NOT},
        {"]Q4", "a\\000003\xFC\\000026\xC3\xBC", "a\xC3\xBC\xC3\xBC", SCAN_REFUSED_NOT},
        {"]Q6", "\\000020\x93\xFA\x96\x7B", "\xE6\x97\xA5\xE6\x9C\xAC", SCAN_REFUSED_NOT},
        {"]L1", "\\000899\xFF\\\\", "\xFF\\", SCAN_REFUSED_NOT},
        {"]d4", "\\000007\xB0", "\xD0\x90", SCAN_REFUSED_NOT},
        {"]Q2", "plain", "plain", SCAN_REFUSED_NOT},
        {"]Q2", "a\\b", NULL, SCAN_REFUSED_ESCAPE},
        {"]Q2", "a\\00002", NULL, SCAN_REFUSED_ESCAPE},
        {"]Q2", "\\", NULL, SCAN_REFUSED_ESCAPE},
        {"]Q2", "\\000777a", NULL, SCAN_REFUSED_ECI},
        {"]Q2", "\\000020\x93", NULL, SCAN_REFUSED_ECI}, // half a character
        {"]Q2", "\\000777", "", SCAN_REFUSED_NOT},       // nothing in it: no scan
    };
    struct desk *d = desk_pos("A", (struct hid_settings){.suffix = ""});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        d->scans = d->refused = 0;
        scan(d, rows[i].aim, rows[i].sent, T0 + i * 10);
        bool is_scan = rows[i].want && *rows[i].want;
        assert_int_equal(d->scans, is_scan ? 1 : 0);
        assert_int_equal(d->refused, rows[i].want ? 0 : 1);
        if (is_scan) {
            assert_string_equal(d->heard[0], rows[i].want);
        } else if (!rows[i].want) {
            assert_int_equal(d->why, rows[i].why);
        }
    }
    free(d);
}

static void test_one_suffix_and_the_prefix_are_taken_off(void **state) {
    (void)state;
    static const struct {
        struct hid_settings set;
        const char *sent, *want;
    } rows[] = {
        {{.suffix = NULL}, "code\r", "code"},
        {{.suffix = NULL}, "code\n", "code"},
        {{.suffix = NULL}, "code\t", "code"},
        {{.suffix = NULL}, "code\r\n", "code"},
        {{.suffix = NULL}, "code\r\r", "code\r"},
        {{.suffix = NULL}, "code ", "code "},
        {{.suffix = ""}, "code\r", "code\r"},
        {{.suffix = "C"}, "codeC", "code"},
        {{.prefix = "B", .suffix = "C"}, "BxC", "x"},
        {{.prefix = "B"}, "Bx\r", "x"},
        {{.has_aim_prefix = true}, "]Q2\\000026x\\\\\r", "x\\"},
        {{.has_aim_prefix = true}, "x", "x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct desk *d = desk_pos("B", rows[i].set);
        scan(d, "", rows[i].sent, T0);
        assert_heard(d, 1, rows[i].want);
        free(d);
    }
    struct desk *d = desk_pos("B", (struct hid_settings){.prefix = "FOYER"});
    scan(d, "", "OTHER1", T0);
    scan(d, "", "FO", T0 + 10);
    assert_int_equal(d->scans, 0);
    assert_int_equal(d->refused, 2);
    assert_int_equal(d->why, SCAN_REFUSED_PREFIX);
    free(d);
}

// ---- keyboard ------------------------------------------------------------------------------

enum {
    CTRL = 1,
    SHIFT = 2,
    ALT = 4,
    GUI = 8,
    ALTGR = 64,
    ENTER = 0x28,
    A = 0x04,
    B = 0x05
};

// The thread that reads was held up in the middle of a code: the scanner was not silent.
static void test_late_reading_cuts_no_code(void **state) {
    (void)state;
    struct desk *d = desk_keys((struct hid_settings){.layout = NULL});
    const uint8_t first[][2] = {{SHIFT, A}, {0, 0}};
    const uint8_t second[][2] = {{0, B}, {0, 0}};
    keys(d, first, 2, T0);
    keys(d, second, 2, T0 + 10 * HID_KEYS_GAP_MS);
    assert_int_equal(d->scans, 0);
    hid_decoder_expire(&d->decoder, T0 + 12 * HID_KEYS_GAP_MS);
    assert_heard(d, 1, "Ab");
    free(d);
}

static void test_enter_or_a_gap_ends_a_code(void **state) {
    (void)state;
    struct desk *d = desk_keys((struct hid_settings){.layout = NULL});
    const uint8_t ab[][2] = {{SHIFT, A}, {0, 0}, {0, B}, {0, 0}, {0, B}, {0, 0}};
    const uint8_t enter[][2] = {{0, ENTER}, {0, 0}};
    keys(d, ab, 6, T0);
    assert_int_equal(hid_decoder_deadline_ms(&d->decoder), T0 + 16 + HID_KEYS_GAP_MS);
    keys(d, enter, 2, T0 + 24);
    assert_heard(d, 1, "Abb");
    assert_int_equal(d->mono_ms, T0 + 24);
    keys(d, ab, 4, T0 + 30); // at once behind it
    hid_decoder_expire(&d->decoder, T0 + 38 + HID_KEYS_GAP_MS - 1);
    assert_int_equal(d->scans, 1);
    hid_decoder_expire(&d->decoder, T0 + 38 + HID_KEYS_GAP_MS);
    assert_heard(d, 2, "Ab");
    assert_int_equal(d->mono_ms, T0 + 38); // its last key, not the end of the wait
    keys(d, enter, 2, T0 + 900);           // a late Enter is no code
    assert_int_equal(d->scans, 2);
    assert_true(hid_decoder_deadline_ms(&d->decoder) == UINT64_MAX);
    free(d);
}

struct stroke_row {
    const char *layout, *want; // want NULL: refused
    uint8_t strokes[9][2];
};

static void assert_strokes(const struct stroke_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct desk *d = desk_keys((struct hid_settings){
            .layout = keyboard_layout_find(rows[i].layout), .suffix = ""});
        keys(d, rows[i].strokes, 8, T0);
        hid_decoder_expire(&d->decoder, T0 + 1000);
        if (d->scans != (rows[i].want ? 1U : 0U) ||
            d->refused != (rows[i].want ? 0U : 1U)) {
            fail_msg("row %zu: %u scans, %u refused", i, d->scans, d->refused);
        }
        if (rows[i].want) {
            assert_string_equal(d->heard[0], rows[i].want);
        }
        free(d);
    }
}

static void test_modifiers_and_dead_keys(void **state) {
    (void)state;
    static const struct stroke_row rows[] = {
        {"us", "\x1D", {{CTRL, 0x30}}},                   // GS
        {"de", "\x1D", {{CTRL, 0x30}}},                   // the same key where it is '+'
        {"us", "\x1E", {{CTRL | SHIFT, 0x23}}},           // RS
        {"de", "\x1A", {{CTRL, 0x1C}}},                   // Ctrl-Z is where Z is
        {"de", "@", {{ALTGR, 0x14}}},                     // right Alt
        {"de", "@", {{CTRL | ALT, 0x14}}},                // as Windows has it
        {"de", "^a", {{0, 0x35}, {0, 0x2C}, {0, A}}},     // a dead key and a space
        {"de", "\xC3\xA2", {{0, 0x35}, {0, A}}},          // a dead key and a letter
        {"de", "^1", {{0, 0x35}, {0, 0x1E}}},             // and what does not combine
        {"de", "^", {{0, 0x35}}},                         // and nothing
        {"de", "^`", {{0, 0x35}, {0, 0}, {SHIFT, 0x2E}}}, // two of them
        {"us", "Ab", {{0, 0x39}, {0, A}, {0, 0x39}, {0, B}}}, // Caps Lock pressed
        {"us", "a1B", {{0, 0x39}, {SHIFT, A}, {0, 0x1E}, {0, B}}},
    };
    assert_strokes(rows, sizeof rows / sizeof rows[0]);
}

static void test_alt_codes(void **state) {
    (void)state;
    static const struct stroke_row rows[] = {
        {"us",
         "\xFC",
         {{0, 0x53},
          {ALT, 0},
          {ALT, 0x62},
          {ALT, 0x5A},
          {ALT, 0x5D},
          {ALT, 0},
          {ALT, 0x5A},
          {0, 0}}}, // Num Lock, Alt 0252
        {"us",
         "\xE2\x82\xAC",
         {{ALT, 0x60}, {ALT, 0x5B}, {ALT, 0x5E}, {ALT, 0x5C}, {0, 0}}},
        {"us",
         NULL,
         {{ALT, 0x5D},
          {ALT, 0},
          {ALT, 0x5D},
          {ALT, 0x5A},
          {ALT, 0x61},
          {ALT, 0x5E},
          {0, 0}}},
        {"us",
         NULL,
         {{ALT, 0x5D},
          {ALT, 0},
          {ALT, 0},
          {ALT, 0},
          {ALT, 0},
          {ALT, 0},
          {ALT, 0},
          {ALT, 0}}}, // cut off in an Alt code
    };
    assert_strokes(rows, sizeof rows / sizeof rows[0]);
}

static void test_strokes_that_are_no_text_refuse_the_code(void **state) {
    (void)state;
    static const struct stroke_row rows[] = {
        {"us", NULL, {{ALT, A}}},               // a menu
        {"us", NULL, {{GUI, 0x15}}},            // BadBarcode: the run dialogue
        {"us", NULL, {{0, A}, {0, 0x3A}}},      // F1
        {"us", NULL, {{0, A}, {ALTGR, B}}},     // no such character
        {"us", NULL, {{CTRL, 0x33}, {0, A}}},   // no such control character
        {"us", NULL, {{0, A}, {0, 1}, {0, B}}}, // keys were lost
    };
    assert_strokes(rows, sizeof rows / sizeof rows[0]);
}

static void test_keys_down_together_count_once_each(void **state) {
    (void)state;
    struct desk *d = desk_keys((struct hid_settings){.suffix = ""});
    const uint8_t reports[][8] = {
        {0, 0, A},          {0, 0, A, B}, {0, 0, B},          {0, 0, B, B},
        {0, 0, 6, B},       {0, 0, 0},    {0, 0, A, B, 6, 7}, {0, 0, A, B, 6, 7},
        {0, 0, 7, 6, B, A}, {0, 0, 0},
    };
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        hid_decoder_take(&d->decoder, reports[i], 8, T0 + i);
    }
    hid_decoder_expire(&d->decoder, T0 + 1000);
    assert_heard(d, 1, "abcabcd");
    free(d);
}

static void test_damage_in_keyboard_mode_refuses_the_code(void **state) {
    (void)state;
    struct desk *d = desk_keys((struct hid_settings){.suffix = NULL});
    const uint8_t a[][2] = {{0, A}, {0, 0}};
    const uint8_t enter[][2] = {{0, ENTER}, {0, 0}};
    const uint8_t report[8] = {0, 0, A};
    hid_decoder_take(&d->decoder, report, 2, T0); // the first key is lost
    keys(d, a, 2, T0 + 4);
    keys(d, enter, 2, T0 + 12);
    assert_int_equal(d->scans, 0);
    assert_int_equal(d->why, SCAN_REFUSED_SHORT);
    keys(d, a, 2, T0 + 1000);
    hid_decoder_break(&d->decoder, T0 + 1010);
    keys(d, a, 2, T0 + 1020); // its rest
    keys(d, enter, 2, T0 + 1030);
    assert_int_equal(d->scans, 0);
    assert_int_equal(d->refused, 2);
    assert_int_equal(d->why, SCAN_REFUSED_CUT);
    keys(d, a, 2, T0 + 1040);
    keys(d, enter, 2, T0 + 1050);
    assert_heard(d, 1, "a");
    assert_int_equal(d->decoder.scans, 1);
    assert_int_equal(d->decoder.refused[SCAN_REFUSED_CUT], 1);
    free(d);
}

static void test_every_refusal_has_words(void **state) {
    (void)state;
    for (int i = 0; i < SCAN_REFUSED_COUNT; i++) {
        assert_true(strlen(scan_refusal_text((enum scan_refusal)i)) > 10);
    }
    assert_string_equal(scan_refusal_text((enum scan_refusal)999), "unknown reason");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_a_code_is_dropped_after_silence),
        cmocka_unit_test(test_a_break_refuses_the_code_and_its_rest),
        cmocka_unit_test(test_a_short_report_never_makes_a_shorter_code),
        cmocka_unit_test(test_byte_count_is_held_to_the_field),
        cmocka_unit_test(test_an_endless_code_shows_as_too_long),
        cmocka_unit_test(test_escapes_are_undone_by_symbology),
        cmocka_unit_test(test_one_suffix_and_the_prefix_are_taken_off),
        cmocka_unit_test(test_enter_or_a_gap_ends_a_code),
        cmocka_unit_test(test_late_reading_cuts_no_code),
        cmocka_unit_test(test_modifiers_and_dead_keys),
        cmocka_unit_test(test_alt_codes),
        cmocka_unit_test(test_strokes_that_are_no_text_refuse_the_code),
        cmocka_unit_test(test_keys_down_together_count_once_each),
        cmocka_unit_test(test_damage_in_keyboard_mode_refuses_the_code),
        cmocka_unit_test(test_every_refusal_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

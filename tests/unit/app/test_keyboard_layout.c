// The tables of the product against those of xkeyboard-config, and how a scanner's layout is
// found from its keys.
#include "app/devices/keyboard_layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/devices/keyboard_match.h"
#include "tests/support/scanner_keys.h"
#include "tests/support/scanner_model.h"

static enum keyboard_level level_of(uint8_t modifiers) {
    return (enum keyboard_level)((modifiers & 0x02 ? KEYBOARD_SHIFT : 0) +
                                 (modifiers & 0x40 ? KEYBOARD_ALTGR : 0));
}

static void test_every_key_means_what_others_say(void **state) {
    (void)state;
    unsigned wrong = 0;
    for (const struct scanner_layout *l = scanner_layouts; l->name; l++) {
        const struct keyboard_layout *ours = keyboard_layout_find(l->name);
        assert_non_null(ours);
        for (const struct scanner_key *k = l->keys; k->code; k++) {
            uint32_t c = keyboard_layout_char(ours, k->key, level_of(k->modifiers));
            if (k->then == ' ') {
                c = keyboard_dead_alone(c);
            } else if (k->then) {
                c = keyboard_dead_compose(c, k->then);
            }
            if (c != k->code || !keyboard_layout_has(ours, k->code)) {
                print_error("%s: key %02X %02X is U+%04X, not U+%04X\n", l->name, k->key,
                            k->modifiers, k->code, c);
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_every_layout_has_all_of_ascii(void **state) {
    (void)state;
    const struct keyboard_layout *l;
    for (size_t i = 0; (l = keyboard_layout_get(i)) != NULL; i++) {
        for (uint32_t c = 0x20; c < 0x7F; c++) {
            assert_true(keyboard_layout_has(l, c));
        }
    }
}

// ---- calibration ---------------------------------------------------------------------------

struct strokes {
    struct hid_stroke list[HID_KEYS_KEPT];
    size_t count;
};

// What a scanner set to this layout sends for text, as strokes.
static void calibrate(const char *layout, const char *text, struct strokes *out) {
    struct scanner_keyboard s = {.layout = layout, .has_enter = true};
    struct bytes payload = {0};
    struct bytes reports = {0};
    struct hid_layout boot;
    struct hid_keys *k = calloc(1, sizeof *k);
    struct hid_stroke now[HID_KEYS_STROKES];
    size_t bad_at = 0;
    assert_non_null(k);
    hid_report_boot_layout(&boot);
    bytes_add_text(&payload, text);
    assert_true(scanner_keyboard_scan(&s, &payload, &reports, &bad_at));
    out->count = 0;
    for (size_t at = 0; at < reports.len; at += 8) {
        size_t n = hid_keys_read(k, &boot.key[0], reports.data + at, 8, now);
        for (size_t i = 0; i < n; i++) {
            assert_true(out->count < HID_KEYS_KEPT);
            out->list[out->count++] = now[i];
        }
    }
    bytes_finish(&payload);
    bytes_finish(&reports);
    free(k);
}

static void test_calibration_has_every_ascii_character(void **state) {
    (void)state;
    for (int c = 0x20; c < 0x7F; c++) {
        assert_non_null(strchr(keyboard_calibration, c));
    }
    assert_true(strlen(keyboard_calibration) <= 134); // QR version 6-L in bytes
}

static void test_layout_is_found_by_its_keys(void **state) {
    (void)state;
    char text[KEYBOARD_MATCH_TEXT_SIZE];
    for (const struct scanner_layout *l = scanner_layouts; l->name; l++) {
        struct strokes s;
        struct keyboard_match m;
        calibrate(l->name, keyboard_calibration, &s);
        assert_true(keyboard_match_is_calibration(s.list, s.count));
        keyboard_match_find(s.list, s.count, &m);
        print_message("%s: %s\n", l->name, keyboard_match_text(&m, text));
        assert_ptr_equal(m.layout, keyboard_layout_find(l->name));
        assert_int_equal(m.differences_count, 0);
        assert_false(m.is_lossy || m.has_swapped_case);
    }
}

static void test_unknown_layout_says_what_differs(void **state) {
    (void)state;
    struct strokes s;
    struct keyboard_match m;
    char text[KEYBOARD_MATCH_TEXT_SIZE];
    calibrate("de", keyboard_calibration, &s);
    for (size_t i = 0; i < s.count; i++) { // swaps two keys that no layout swaps
        uint8_t key = s.list[i].key;
        s.list[i].key = key == 0x0D ? 0x0E : key == 0x0E ? 0x0D : key;
    }
    keyboard_match_find(s.list, s.count, &m);
    assert_null(m.layout);
    assert_ptr_equal(m.nearest, keyboard_layout_find("de"));
    assert_int_equal(m.differences_count, 4);
    assert_int_equal(m.differences[0].expected, 'J');
    assert_int_equal(m.differences[0].got, 'K');
    assert_string_equal(
        keyboard_match_text(&m, text),
        "unknown layout, nearest is German (de): expected 'J', got 'K'; "
        "expected 'K', got 'J'; expected 'j', got 'k'; expected 'k', got 'j';");
}

static void test_swapped_case_is_said(void **state) {
    (void)state;
    struct strokes s;
    struct keyboard_match m;
    char swapped[160];
    char text[KEYBOARD_MATCH_TEXT_SIZE];
    size_t len = strlen(keyboard_calibration);
    for (size_t i = 0; i <= len; i++) {
        char c = keyboard_calibration[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        swapped[i] = is_letter ? (char)(c ^ 0x20) : c;
    }
    calibrate("fr", swapped, &s);
    keyboard_match_find(s.list, s.count, &m);
    assert_ptr_equal(m.layout, keyboard_layout_find("fr"));
    assert_true(m.has_swapped_case);
    assert_non_null(strstr(keyboard_match_text(&m, text), "Caps Lock"));
}

static void test_a_ticket_is_no_calibration(void **state) {
    (void)state;
    struct strokes s;
    struct keyboard_match m;
    calibrate("us", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:abc", &s);
    assert_false(keyboard_match_is_calibration(s.list, s.count));
    keyboard_match_find(s.list, s.count, &m);
    assert_null(m.layout);
    keyboard_match_find(NULL, 0, &m);
    assert_null(m.layout);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_means_what_others_say),
        cmocka_unit_test(test_every_layout_has_all_of_ascii),
        cmocka_unit_test(test_calibration_has_every_ascii_character),
        cmocka_unit_test(test_layout_is_found_by_its_keys),
        cmocka_unit_test(test_unknown_layout_says_what_differs),
        cmocka_unit_test(test_swapped_case_is_said),
        cmocka_unit_test(test_a_ticket_is_no_calibration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

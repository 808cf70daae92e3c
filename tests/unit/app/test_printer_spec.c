// What stands behind `--printer usb`: every option alone and together, and what is refused.
#include "app/devices/printer_spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/devices/printer_usb.h"

enum { PATIENCE_S = PRINTER_USB_PATIENCE_S };

static void test_every_option_is_understood(void **state) {
    (void)state;
    static const struct {
        const char *place, *wish, *language; // language NULL: by the device id
        int w_mm, h_mm, patience_s;
        bool is_mute;
    } rows[] = {
        {"", "", NULL, 0, 0, PATIENCE_S, false},
        {",", "", NULL, 0, 0, PATIENCE_S, false},
        {"1-1.4", "1-1.4", NULL, 0, 0, PATIENCE_S, false},
        {"XX 12=3", "XX 12=3", NULL, 0, 0, PATIENCE_S, false}, // a serial number
        {"language=zpl", "language=zpl", NULL, 0, 0, PATIENCE_S, false}, // is one too
        {",language=zpl", "", "zpl", 0, 0, PATIENCE_S, false},
        {",language=zpl,language=epl", "", "epl", 0, 0, PATIENCE_S, false},
        {",media=62x29", "", NULL, 62, 29, PATIENCE_S, false},
        {",media=62x0", "", NULL, 62, 0, PATIENCE_S, false},
        {",media=1000x1000", "", NULL, 1000, 1000, PATIENCE_S, false},
        {",answers=no", "", NULL, 0, 0, PATIENCE_S, true},
        {",answers=no,answers=yes", "", NULL, 0, 0, PATIENCE_S, false},
        {",patience=1", "", NULL, 0, 0, 1, false},
        {",patience=600", "", NULL, 0, 0, 600, false},
        {"SN1,patience=5,answers=no,media=102x51,language=brother,", "SN1", "brother",
         102, 51, 5, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct printer_spec spec;
        assert_int_equal(printer_spec_parse(rows[i].place, &spec), ERR_NONE);
        assert_string_equal(spec.wish, rows[i].wish);
        assert_string_equal(spec.language ? spec.language->name : "(by its id)",
                            rows[i].language ? rows[i].language : "(by its id)");
        assert_int_equal(spec.media_w_mm, rows[i].w_mm);
        assert_int_equal(spec.media_h_mm, rows[i].h_mm);
        assert_int_equal(spec.patience_s, rows[i].patience_s);
        assert_int_equal(spec.is_mute, rows[i].is_mute);
    }
}

static void test_every_language_has_its_name(void **state) {
    (void)state;
    for (size_t i = 0; label_languages[i]; i++) {
        char place[64] = ",language=";
        struct printer_spec spec;
        strcat(place, label_languages[i]->name);
        assert_int_equal(printer_spec_parse(place, &spec), ERR_NONE);
        assert_ptr_equal(spec.language, label_languages[i]);
    }
}

static void test_what_is_not_understood_changes_nothing(void **state) {
    (void)state;
    static const char *const places[] = {
        ",,",
        ",zpl",
        ",language=",
        ",language=ZPL",
        ",language=pcl",
        ",media=",
        ",media=62",
        ",media=x29",
        ",media=62x",
        ",media=0x29",
        ",media=-1x29",
        ",media=62x-1",
        ",media=1001x29",
        ",media=62x1001",
        ",media=62x29x3",
        ",media=62 x29",
        ",media=62.5x29",
        ",answers=maybe",
        ",answers",
        ",patience=0",
        ",patience=-1",
        ",patience=601",
        ",patience=99999999999999999999",
        ",patience=1s",
        "1-1,language=zpl,media",
        "1-1 ,Language=zpl",
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct printer_spec spec, before;
        memset(&spec, 0x5a, sizeof spec);
        before = spec;
        if (printer_spec_parse(places[i], &spec) != ERR_INPUT) {
            fail_msg("\"%s\" was taken", places[i]);
        }
        assert_memory_equal(&spec, &before, sizeof spec);
    }
}

static void test_words_too_long_are_refused_not_cut(void **state) {
    (void)state;
    char place[2 * PRINTER_WISH_SIZE + 2];
    struct printer_spec spec;
    memset(place, 'A', sizeof place);
    place[PRINTER_WISH_SIZE] = '\0';
    assert_int_equal(printer_spec_parse(place, &spec), ERR_INPUT);
    place[PRINTER_WISH_SIZE - 1] = '\0';
    assert_int_equal(printer_spec_parse(place, &spec), ERR_NONE);
    assert_string_equal(spec.wish, place);
    memset(place, 'A', sizeof place);
    memcpy(place, ",media=62x29", strlen(",media=62x29"));
    place[sizeof place - 1] = '\0';
    assert_int_equal(printer_spec_parse(place, &spec), ERR_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_option_is_understood),
        cmocka_unit_test(test_every_language_has_its_name),
        cmocka_unit_test(test_what_is_not_understood_changes_nothing),
        cmocka_unit_test(test_words_too_long_are_refused_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

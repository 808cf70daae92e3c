// Device ids as printers send them, good and broken, and the language each one gets.
#include "app/labels/device_id.h"
#include "app/labels/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum length { BIG, LITTLE, BIG_WITHOUT_ITSELF, TOO_LARGE, TOO_SMALL };

static enum err parse(const char *text, enum length kind, struct device_id *out) {
    size_t len = strlen(text) + 2;
    size_t said = kind == BIG_WITHOUT_ITSELF ? len - 2
                  : kind == TOO_LARGE        ? 900
                  : kind == TOO_SMALL        ? 20
                                             : len;
    uint8_t *data = malloc(len); // exact, for the sanitizer
    data[kind == LITTLE ? 1 : 0] = (uint8_t)(said >> 8);
    data[kind == LITTLE ? 0 : 1] = (uint8_t)said;
    memcpy(data + 2, text, len - 2);
    enum err e = device_id_parse(data, len, out);
    free(data);
    return e;
}

static const char zebra[] = "MANUFACTURER:Zebra Technologies ;COMMAND SET:ZPL;"
                            "MODEL:ZTC ZD420-300dpi ZPL;CLASS:PRINTER;SN:D2J1;";

static void test_parse_takes_any_length_field(void **state) {
    (void)state;
    static const enum length kinds[] = {BIG, LITTLE, BIG_WITHOUT_ITSELF, TOO_LARGE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct device_id id;
        assert_int_equal(parse(zebra, kinds[i], &id), ERR_NONE);
        assert_string_equal(id.maker, "Zebra Technologies");
        assert_string_equal(id.model, "ZTC ZD420-300dpi ZPL");
        assert_string_equal(id.commands, "ZPL");
        assert_string_equal(id.serial, "D2J1");
    }
}

static void test_parse_reads_no_more_than_said(void **state) {
    (void)state;
    struct device_id id;
    assert_int_equal(parse("MFG:Brother;MDL:QL-820NWB;SN:1;", TOO_SMALL, &id), ERR_NONE);
    assert_string_equal(id.maker, "Brother");
    assert_string_equal(id.model, "QL");
    assert_string_equal(id.serial, "");
}

static void test_parse_refuses_what_is_no_id(void **state) {
    (void)state;
    struct device_id id = {.maker = "as before"};
    assert_int_equal(parse("", BIG, &id), ERR_INPUT);
    assert_int_equal(parse("hello", BIG, &id), ERR_INPUT);
    assert_int_equal(parse(";;;:;", BIG, &id), ERR_INPUT);
    assert_int_equal(parse("CLS:PRINTER;", BIG, &id), ERR_INPUT);
    assert_int_equal(device_id_parse("\0", 1, &id), ERR_INPUT);
    assert_string_equal(id.maker, "as before");
}

static void test_parse_is_bounded(void **state) {
    (void)state;
    char text[600] = "MDL:";
    struct device_id id;
    memset(text + 4, 'x', 500);
    strcpy(text + 504, ";mfg: A\x80\x01 ;MFG:second;");
    assert_int_equal(parse(text, BIG, &id), ERR_NONE);
    assert_int_equal(strlen(id.model), sizeof id.model - 1);
    assert_string_equal(id.maker, "A??");
}

static void test_find_picks_the_language(void **state) {
    (void)state;
    static const struct {
        const char *text, *language;
    } ids[] = {
        {zebra, "zpl"},
        {"MFG:Zebra;MDL:GK420d;CMD:EPL;", "epl"},
        {"MFG:Zebra;MDL:ZD621;", "zpl"},
        {"MFG:Brother;CMD:PT-CBP;MDL:QL-820NWB;CLS:PRINTER;", "brother"},
        {"MFG:Brother;MDL:QL-570;", "brother"},
        {"MFG:EPSON;CMD:ESC/POS;MDL:TM-m30;", "escpos"},
        {"MFG:TSC;CMD:TSPL;MDL:TE200;", "tspl"},
        {"MFG:Xprinter;CMD:XPP,XL;MDL:XP-420B;", "tspl"},
        {"MFG:HP;CMD:PJL,PCL,POSTSCRIPT;MDL:LaserJet;", NULL},
        {"MFG:Brother;CMD:PJL,PCL;MDL:HL-L2350DW;", NULL},
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct device_id id;
        assert_int_equal(parse(ids[i].text, BIG, &id), ERR_NONE);
        const struct label_language *l = label_language_find(&id);
        if (!ids[i].language) {
            assert_null(l);
            continue;
        }
        assert_non_null(l);
        assert_string_equal(l->name, ids[i].language);
        assert_ptr_equal(label_language_named(ids[i].language), l);
    }
    assert_null(label_language_named("postscript"));
}

static void test_a_disk_is_told_from_a_printer(void **state) {
    (void)state;
    struct label_status status;
    assert_true(label_usb_trouble(0x04f9, 0x209e, &status));
    assert_int_equal(status.state, PRINTER_ERROR);
    assert_non_null(strstr(status.reason, "Editor Lite"));
    assert_true(label_usb_trouble(0x04f9, 0x2049, &status));
    assert_true(label_usb_trouble(0x0922, 0x0028, &status));
    assert_non_null(strstr(status.reason, "DYMO"));
    assert_false(label_usb_trouble(0x04f9, 0x209b, &status));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_takes_any_length_field),
        cmocka_unit_test(test_parse_reads_no_more_than_said),
        cmocka_unit_test(test_parse_refuses_what_is_no_id),
        cmocka_unit_test(test_parse_is_bounded),
        cmocka_unit_test(test_find_picks_the_language),
        cmocka_unit_test(test_a_disk_is_told_from_a_printer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

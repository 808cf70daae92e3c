#include "sync/base/bytes.h"

#include "sync/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_integers_are_big_endian(void **state) {
    (void)state;
    static const uint8_t want[] = {1,    2,    3,    4,    5,    6,    7,   8,
                                   0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77};
    struct bytes b = {0};
    bytes_add_u8(&b, 1);
    bytes_add_u16(&b, 0x0203);
    bytes_add_u32(&b, 0x04050607);
    bytes_add_u64(&b, 0x0811223344556677);
    assert_int_equal(b.len, sizeof want);
    assert_memory_equal(b.data, want, sizeof want);
    struct reader r = reader_make(b.data, b.len);
    assert_int_equal(reader_get_u8(&r), 1);
    assert_int_equal(reader_get_u16(&r), 0x0203);
    assert_int_equal(reader_get_u32(&r), 0x04050607);
    assert_true(reader_get_u64(&r) == 0x0811223344556677);
    assert_false(r.is_short);
    bytes_finish(&b);
}

static void test_nothing_added_to_nothing_is_defined(void **state) {
    (void)state;
    struct bytes b = {0};
    bytes_add(&b, NULL, 0);
    assert_non_null(bytes_grow(&b, 0)); // an address of its own, not NULL plus zero
    assert_int_equal(b.len, 0);
    bytes_finish(&b);
}

static void test_short_reads_stay_short(void **state) {
    (void)state;
    static const uint8_t three[] = {1, 2, 3};
    struct reader r = reader_make(three, sizeof three);
    assert_int_equal(reader_get_u32(&r), 0);
    assert_true(r.is_short);
    assert_int_equal(reader_get_u8(&r), 0); // one byte would be there
    assert_null(reader_get_bytes(&r, 0));
    assert_true(r.is_short);
    r = reader_make(three, sizeof three);
    assert_null(reader_get_bytes(&r, SIZE_MAX));
    assert_true(r.is_short);
    r = reader_make(three, sizeof three);
    assert_ptr_equal(reader_get_bytes(&r, 3), three);
    assert_non_null(reader_get_bytes(&r, 0)); // the end is no short read
    assert_false(r.is_short);
}

static void test_buffer_grows_and_keeps(void **state) {
    (void)state;
    struct bytes b = {0};
    for (unsigned i = 0; i < 5000; i++) {
        bytes_add_u8(&b, (uint8_t)(i * 7));
    }
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(b.data[i], (uint8_t)(i * 7));
    }
    bytes_clear(&b);
    assert_int_equal(b.len, 0);
    assert_true(b.cap >= 5000);
    bytes_add(&b, NULL, 0);
    bytes_add_text(&b, "ab");
    assert_int_equal(b.len, 2);
    bytes_finish(&b);
    assert_null(b.data);
    bytes_finish(&b);
}

static void test_hex(void **state) {
    (void)state;
    static const uint8_t raw[] = {0, 1, 0xab, 0xff};
    char text[9];
    uint8_t back[4];
    hex_format(raw, sizeof raw, text);
    assert_string_equal(text, "0001abff");
    assert_int_equal(hex_parse("0001aBFf", back, 4), ERR_NONE);
    assert_memory_equal(back, raw, 4);
    static const char *const bad[] = {"",         "0001abf",  "0001abff0",
                                      "0001abfg", "0001 bff", "0x01abff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(back, 0x5a, sizeof back);
        assert_int_equal(hex_parse(bad[i], back, 4), ERR_INPUT);
        assert_int_equal(back[0], 0x5a); // untouched
    }
    uint64_t v = 7;
    char number[17];
    hex_format_u64(0x00000000000000ab, number);
    assert_string_equal(number, "00000000000000ab");
    assert_int_equal(hex_parse_u64("FFFFFFFFFFFFFFFF", &v), ERR_NONE);
    assert_true(v == UINT64_MAX);
    assert_int_equal(hex_parse_u64("ab", &v), ERR_INPUT);
    assert_true(v == UINT64_MAX);
}

static void test_base32(void **state) {
    (void)state;
    static const struct {
        const char *raw;
        size_t len;
        const char *text;
    } rows[] = {
        {"", 0, ""},
        {"\0", 1, "00"},
        {"\xff", 1, "ZW"},
        {"\x08\x42\x10\x84\x21", 5, "11111111"},
        {"\xff\xff\xff\xff\xff", 5, "ZZZZZZZZ"},
        {"\0\x44\x32\x14\xc7\x42\x54\xb6\x35\xcf", 10, "0123456789ABCDEF"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32];
        uint8_t back[16];
        base32_format(rows[i].raw, rows[i].len, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(base32_parse(text, strlen(text), back, rows[i].len), ERR_NONE);
        assert_memory_equal(back, rows[i].raw, rows[i].len);
    }
    uint8_t a[5], b[5];
    assert_int_equal(base32_parse("oOiIlL01", 8, a, 5), ERR_NONE); // look-alikes
    assert_int_equal(base32_parse("00111101", 8, b, 5), ERR_NONE);
    assert_memory_equal(a, b, 5);
    assert_int_equal(base32_parse("abcdefgh", 8, a, 5), ERR_NONE);
    assert_int_equal(base32_parse("ABCDEFGH", 8, b, 5), ERR_NONE);
    assert_memory_equal(a, b, 5);
    static const char *const bad[] = {"0000000U", "0000000-", "0000000 ", "0000000\xc3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(base32_parse(bad[i], 8, a, 5), ERR_INPUT);
    }
    assert_int_equal(base32_parse("0000000", 7, a, 5), ERR_INPUT);
    assert_int_equal(base32_parse("000000000", 9, a, 5), ERR_INPUT);
    assert_int_equal(base32_value('\0'), -1);
    assert_int_equal(base32_value('z'), 31);
}

static void test_base45_vectors_of_rfc_9285(void **state) {
    (void)state;
    static const struct {
        const char *raw, *text;
    } rows[] = {
        {"AB", "BB8"},
        {"Hello!!", "%69 VD92EX0"},
        {"base-45", "UJCLQE7W581"},
        {"ietf!", "QED8WEX0"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32];
        uint8_t back[32];
        size_t len = 99;
        base45_format(rows[i].raw, strlen(rows[i].raw), text);
        assert_string_equal(text, rows[i].text);
        assert_true(strlen(text) < BASE45_SIZE(strlen(rows[i].raw)));
        assert_int_equal(base45_parse(text, strlen(text), back, sizeof back, &len),
                         ERR_NONE);
        assert_int_equal(len, strlen(rows[i].raw));
        assert_memory_equal(back, rows[i].raw, len);
    }
}

static void test_base45_rejects(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t out_max;
        enum err want;
    } rows[] = {
        {"FGW", 2, ERR_NONE},                                // 65535, the largest
        {"GGW", 2, ERR_INPUT},                               // 65536: RFC 9285, section 6
        {":::", 2, ERR_INPUT},                               // 91124
        {"U5", 1, ERR_NONE},                                 // 255
        {"V5", 1, ERR_INPUT},                                // 256
        {"A", 8, ERR_INPUT},         {"BB8A", 8, ERR_INPUT}, // no group has one character
        {"bb8", 8, ERR_INPUT},       {"BB_", 8, ERR_INPUT},  {"B,8", 8, ERR_INPUT},
        {"B\xc3\xab", 8, ERR_INPUT}, {"BB8", 1, ERR_LIMIT},  {"BB8BB", 2, ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t out[8];
        size_t len = 99;
        enum err e =
            base45_parse(rows[i].text, strlen(rows[i].text), out, rows[i].out_max, &len);
        if (e != rows[i].want) {
            print_message("%s: %s\n", rows[i].text, err_text(e));
        }
        assert_int_equal(e, rows[i].want);
        assert_true(e == ERR_NONE || len == 99);
    }
}

// Every pair of bytes and every single byte survive, and no text has two readings.
static void test_base45_round_trips(void **state) {
    (void)state;
    for (unsigned v = 0; v < 65536; v++) {
        uint8_t raw[2] = {(uint8_t)(v >> 8), (uint8_t)v}, back[2];
        char text[BASE45_SIZE(2)], one[BASE45_SIZE(1)];
        size_t len;
        base45_format(raw, 2, text);
        assert_int_equal(base45_parse(text, 3, back, 2, &len), ERR_NONE);
        assert_memory_equal(raw, back, 2);
        if (v < 256) {
            base45_format(raw + 1, 1, one);
            assert_int_equal(base45_parse(one, 2, back, 1, &len), ERR_NONE);
            assert_int_equal(back[0], v);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_are_big_endian),
        cmocka_unit_test(test_nothing_added_to_nothing_is_defined),
        cmocka_unit_test(test_short_reads_stay_short),
        cmocka_unit_test(test_buffer_grows_and_keeps),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_base32),
        cmocka_unit_test(test_base45_vectors_of_rfc_9285),
        cmocka_unit_test(test_base45_rejects),
        cmocka_unit_test(test_base45_round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

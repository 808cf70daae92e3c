#include "sync/base/mem.h"
#include "sync/connectors/import.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <string.h>

static void test_cleaning(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"  a\t\r\n b ", "a b"},
        {"\x01\x02", ""},
        {"a\xc2\xa0"
         "b",
         "a b"},
        {"a\xc2\x85"
         "b",
         "a b"},
        {"\xc3\xa9\xc2\xa9", "\xc3\xa9\xc2\xa9"},
        {"a\x7f", "a"},
        {"\xc2", "\xc2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *out = import_clean(rows[i].in);
        assert_string_equal(out, rows[i].out);
        mem_free(out);
    }
}

static void test_markup(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"<b>Moved</b> to<br/>Oak", "Moved to Oak"},
        {"5 < 6 > 4", "5 < 6 > 4"},
        {"A &amp; B &lt;x&gt;", "A & B <x>"},
        {"&bogus; & &", "&bogus; & &"},
        {"<script>x", "x"},
        {"<b", "<b"},
        {"<!-- c -->d", "d"},
        {"&#39;q&quot;", "'q\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *out = import_clean_markup(rows[i].in);
        assert_string_equal(out, rows[i].out);
        mem_free(out);
    }
}

static void test_addresses(void **state) {
    (void)state;
    static const char *const yes[] = {"a@b.c", "write to a.b+c@example.org!",
                                      "x@@y a@b.c", "<ann@example.org>",
                                      "\xc3\xa9@ex\xc3\xa4mple.org"};
    static const char *const no[] = {"",       "@",         "a@b",       "@b.c", "a@.c",
                                     "a@b..c", "ann @ b.c", "a@b. Next", "D@ve"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (!import_has_mail(yes[i])) {
            fail_msg("\"%s\" is an address", yes[i]);
        }
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        if (import_has_mail(no[i])) {
            fail_msg("\"%s\" is none", no[i]);
        }
    }
}

static void test_days(void **state) {
    (void)state;
    static const char *const yes[] = {"2015-03-24", "2016-02-29", "2000-02-29",
                                      "1999-12-31"};
    static const char *const no[] = {
        "",           "2015-02-29", "1900-02-29", "2015-13-01", "2015-00-01",
        "2015-01-00", "2015-1-1",   "2015/01/01", "20150101",   "2015-01-32",
        "2015-01-0a", "-015-01-01", "2015-01-011"};
    int year = 0, month = 0, day = 0;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        assert_true(import_parse_day(yes[i], &year, &month, &day));
    }
    assert_int_equal(year * 10000 + month * 100 + day, 19991231);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        assert_false(import_parse_day(no[i], &year, &month, &day));
    }
}

static void test_messages_are_one_clean_line(void **state) {
    (void)state;
    struct import_report r = {0};
    char text[600];
    memset(text, 'x', sizeof text);
    memcpy(text + IMPORT_MESSAGE_BYTES - 2, "\xc3\xa9", 2); // would be cut in two
    text[sizeof text - 1] = '\0';
    import_say(&r, "a\nb\x1b[31m");
    import_skip(&r, "%s", text);
    assert_string_equal(r.messages[0], "a?b?[31m");
    assert_int_equal(strlen(r.messages[1]), IMPORT_MESSAGE_BYTES - 2);
    assert_int_equal(r.message_count, 2);
    assert_int_equal(r.skipped, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cleaning),
        cmocka_unit_test(test_markup),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_messages_are_one_clean_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

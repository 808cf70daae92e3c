#include "sync/connectors/csv_table.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A connector with columns a (required) and b that makes a room "a@line" of every row.
static void take(void *context, const struct csv_row *row) {
    char subject[64];
    snprintf(subject, sizeof subject, "%.40s@%zu", row->fields[0], row->line);
    import_add(context, "room", subject, json_pack("{s:s}", "b", row->fields[1]));
}

static enum err read_table(const void *bytes, size_t len, const struct import_options *o,
                           struct drafts *out, struct import_report *report) {
    static const struct csv_column columns[] = {{"a", true}, {"b", false}};
    struct import_target target = {out, report, "t.csv"};
    struct csv_want want = {"t.csv", columns, 2, take, &target};
    (void)o;
    return import_end(out, 0, "t.csv", csv_table_read(bytes, len, &want, report), report);
}

static void test_shapes_that_are_fine(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *subjects; // blank-separated
    } rows[] = {
        {"a,b\n1,2\n", "1@2"},
        {"a,b\r\n1,2\r\n3,4", "1@2 3@3"},
        {"a,b\r1,2\r3,4\r", "1@2 3@3"},
        {"\n\n a , b \n\n1,2\n\n", "1@5"},
        {"b,a\n1,2\n", "2@2"},
        {"a\n1\n", "1@2"},
        {"a,b\n\"1\n2\",x\n3,\"y\r\nz\"\n4,\n", "1 2@2 3@4 4@6"},
        {"a,b\n\"1\"\"2\",\"\"\n", "1\"2@2"},
        {"a,b\n1,2,,,\n,\n3,4\n", "1@2 3@4"},
        {"\"a\",\"b\"\n\"1\",\"2\"", "1@2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed_result *r = feed_read_text(read_table, rows[i].text, NULL);
        char got[200] = "";
        for (size_t k = 0; k < r->drafts.count; k++) {
            size_t at = strlen(got);
            snprintf(got + at, sizeof got - at, "%s%s", k ? " " : "",
                     r->drafts.items[k].subject);
        }
        assert_int_equal(r->e, ERR_NONE);
        assert_string_equal(got, rows[i].subjects);
        assert_int_equal(r->report.message_count, 0);
        feed_free(r);
    }
}

static void test_a_bad_row_costs_that_row_only(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"a,b\n1,2\n\"x,y\n3,4\n", "line 3: has quotes that are never closed"},
        {"a,b\n1,2\n\"x,y\n3,4\n\"5\",6\n", "line 3: has a quote where none belongs"},
        {"a,b\n1,2\nx\"y,z\n3,4\n", "line 3: has a quote where none belongs"},
        {"a,b\n1,2\nx,y,z\n3,4\n", "line 3: has more columns"},
        {"a,b\n1,2\nx\n3,4\n", "line 3: has fewer columns"},
        {"a,b\n1,2\nx,\xc3(\n3,4\n", "line 3: column b is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed_result *r = feed_read_text(read_table, rows[i].text, NULL);
        assert_int_equal(r->e, ERR_NONE);
        if (!feed_says(r, rows[i].says)) {
            fail_msg("row %zu says \"%s\"", i, r->report.messages[0]);
        }
        assert_int_equal(r->report.skipped, 1);
        assert_non_null(feed_body(r, "room", "1@2"));
        assert_non_null(feed_body(r, "room", "3@4"));
        feed_free(r);
    }
}

static void test_a_nul_byte_is_named(void **state) {
    (void)state;
    static const char text[] = "a,b\n1,2\nx\0y,z\n";
    struct feed_result *r = feed_read(read_table, text, sizeof text - 1, NULL);
    assert_int_equal(r->drafts.count, 1);
    assert_true(feed_says(r, "line 3: holds a NUL byte"));
    feed_free(r);
}

static void test_headers_that_can_not_be_used(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "empty"},
        {"b,c\n1,2\n", "no column \"a\""},
        {"a,A\n1,2\n", "column a stands twice"},
        {"a,\"b\n1,2\n", "the header line has quotes"},
        {"a,b\n", "no usable row"},
        {"a,b\nx,y,z\n", "no usable row"},
        {"\x89PNG\r\n\x1a\n", "no column \"a\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed_result *r = feed_read_text(read_table, rows[i].text, NULL);
        assert_int_equal(r->e, ERR_INPUT);
        if (!strstr(r->report.refusal, rows[i].says)) {
            fail_msg("row %zu says \"%s\"", i, r->report.refusal);
        }
        feed_free(r);
    }
}

static void test_a_row_over_the_limit_is_skipped(void **state) {
    (void)state;
    size_t big = IMPORT_ROW_BYTES_MAX + 10;
    char *text = malloc(big + 32);
    assert_non_null(text);
    memcpy(text, "a,b\n1,\"", 7);
    memset(text + 7, 'x', big);
    memcpy(text + 7 + big, "\"\n3,4\n", sizeof "\"\n3,4\n");
    struct feed_result *r = feed_read_text(read_table, text, NULL);
    assert_int_equal(r->drafts.count, 1);
    assert_non_null(feed_body(r, "room", "3@3"));
    assert_true(feed_says(r, "line 2: is longer than 64 KiB"));
    feed_free(r);
    free(text);
}

static void test_too_many_rows_give_none(void **state) {
    (void)state;
    size_t count = IMPORT_ROWS_MAX + 1;
    char *text = malloc(2 + 2 * count + 1);
    assert_non_null(text);
    memcpy(text, "a\n", 2);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + 2 + 2 * i, "1\n", 2);
    }
    text[2 + 2 * count] = '\0';
    struct feed_result *r = feed_read_text(read_table, text, NULL);
    assert_int_equal(r->e, ERR_LIMIT);
    assert_int_equal(r->drafts.count, 0);
    feed_free(r);
    free(text);
}

static void test_messages_are_counted_beyond_those_kept(void **state) {
    (void)state;
    char text[4000] = "a,b\n1,2\n";
    for (size_t i = 0; i < 200; i++) {
        memcpy(text + 8 + 2 * i, "x\n", 3);
    }
    struct feed_result *r = feed_read_text(read_table, text, NULL);
    assert_int_equal(r->report.message_count, 200);
    assert_int_equal(r->report.skipped, 200);
    assert_true(feed_says(r, "line 52:"));
    assert_false(feed_says(r, "line 53:"));
    feed_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes_that_are_fine),
        cmocka_unit_test(test_a_bad_row_costs_that_row_only),
        cmocka_unit_test(test_a_nul_byte_is_named),
        cmocka_unit_test(test_headers_that_can_not_be_used),
        cmocka_unit_test(test_a_row_over_the_limit_is_skipped),
        cmocka_unit_test(test_too_many_rows_give_none),
        cmocka_unit_test(test_messages_are_counted_beyond_those_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

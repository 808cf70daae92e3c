#include "sync/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 200000 };

static char path[] = "/tmp/foyer-file-XXXXXX";

static int set_up(void **state) {
    (void)state;
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    for (int i = 0; f && i < SIZE; i++) {
        fputc('a' + i % 26, f);
    }
    return !f || fclose(f) != 0;
}

static int tear_down(void **state) {
    (void)state;
    return unlink(path);
}

static void test_whole_file_is_read_behind_what_is_there(void **state) {
    (void)state;
    struct bytes b = {0};
    bytes_add_text(&b, "head");
    assert_int_equal(file_read(path, 0, SIZE, &b), ERR_NONE);
    assert_int_equal(b.len, SIZE + 4);
    assert_memory_equal(b.data, "headabc", 7);
    bytes_finish(&b);
}

static void test_reading_from_a_place_and_beyond(void **state) {
    (void)state;
    struct bytes b = {0};
    assert_int_equal(file_read(path, SIZE - 3, SIZE, &b), ERR_NONE);
    assert_int_equal(b.len, 3);
    assert_int_equal(file_read(path, SIZE + 9, SIZE, &b), ERR_NONE);
    assert_int_equal(b.len, 3);
    bytes_finish(&b);
}

static void test_limit_missing_and_unreadable_are_told_apart(void **state) {
    (void)state;
    struct bytes b = {0};
    assert_int_equal(file_read(path, 0, SIZE - 1, &b), ERR_LIMIT);
    assert_int_equal(file_read("/nonexistent/file", 0, 9, &b), ERR_NOT_FOUND);
    assert_int_equal(file_read("/", 0, 9, &b),
                     ERR_IO); // a folder opens and does not read
    bytes_finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_file_is_read_behind_what_is_there),
        cmocka_unit_test(test_reading_from_a_place_and_beyond),
        cmocka_unit_test(test_limit_missing_and_unreadable_are_told_apart),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

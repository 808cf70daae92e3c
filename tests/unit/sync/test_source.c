#include "sync/connectors/source.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <string.h>

static const struct source *guessed;

static enum err note_guess(const void *bytes, size_t len, const struct import_options *o,
                           struct drafts *out, struct import_report *report) {
    (void)o;
    (void)out;
    guessed = source_guess(bytes, len);
    return import_refuse(report, ERR_INPUT, "only looked at");
}

static void test_shipped_files_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *path, *name;
    } rows[] = {
        {"assets/ietf92/event.json", "event"},
        {"assets/ietf83/event.json", "event"},
        {"assets/ietf92/agenda.json", "datatracker"},
        {"assets/ietf83/agenda.json", "datatracker"},
        {"assets/ietf92/extra.csv", "agenda"},
        {"assets/ietf83/extra.csv", "agenda"},
        {"assets/ietf92/rooms.csv", "rooms"},
        {"assets/ietf83/rooms.csv", "rooms"},
        {"assets/ietf92/people.csv", "people"},
        {"tests/data/people-good.csv", "people"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        feed_free(feed_read_file(note_guess, rows[i].path, NULL));
        assert_non_null(guessed);
        assert_string_equal(guessed->name, rows[i].name);
        assert_ptr_equal(source_find(rows[i].name), guessed);
    }
}

static void test_other_bytes_are_none(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        " \n",
                                        "{",
                                        "[]",
                                        "{}",
                                        "{\"a\":1}",
                                        "<html>",
                                        "a,b\n1,2\n",
                                        "capacitys,b",
                                        "\xff\xfe",
                                        "{\"a\":[],\"b\":[]}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        feed_free(feed_read_text(note_guess, texts[i], NULL));
        assert_null(guessed);
    }
    assert_null(source_find("pretalx"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_files_are_told_apart),
        cmocka_unit_test(test_other_bytes_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

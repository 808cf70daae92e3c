// Options: defaults, then the ini file, then the command line; what is wrong is named.
#include "app/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/foyer-options-XXXXXX";

static int set_up(void **state) {
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static void path_of(const char *name, char *out, size_t size) {
    snprintf(out, size, "%s/%s", dir, name);
}

static int tear_down(void **state) {
    (void)state;
    char path[64];
    path_of("foyer.ini", path, sizeof path);
    unlink(path);
    path_of("other.ini", path, sizeof path);
    unlink(path);
    return rmdir(dir);
}

static void write_ini(const char *name, const char *text) {
    char path[64];
    path_of(name, path, sizeof path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

// Up to seven words after "foyer --dir DIR". What is said on standard error goes to said.
static enum err parse(struct options *o, int *words, char said[1024], const char *a,
                      const char *b, const char *c, const char *d) {
    char copies[8][OPTION_SIZE + 8];
    char *argv[8];
    const char *given[] = {"foyer", "--dir", dir, a, b, c, d};
    int argc = 0;
    for (size_t i = 0; i < sizeof given / sizeof *given && given[i]; i++) {
        snprintf(copies[i], sizeof copies[i], "%s", given[i]);
        argv[argc++] = copies[i];
    }
    FILE *err = tmpfile();
    int old = dup(2);
    fflush(stderr);
    dup2(fileno(err), 2);
    enum err e = options_parse(argc, argv, o, words);
    fflush(stderr);
    dup2(old, 2);
    close(old);
    rewind(err);
    said[fread(said, 1, 1023, err)] = '\0';
    fclose(err);
    if (e == ERR_NONE && *words) {
        assert_string_equal(argv[1], a[0] == '-' ? c : a); // words come first afterwards
    }
    return e;
}

static void test_defaults_are_a_kiosk_without_devices(void **state) {
    (void)state;
    struct options o;
    int words;
    char said[1024];
    assert_int_equal(parse(&o, &words, said, NULL, NULL, NULL, NULL), ERR_NONE);
    assert_int_equal(words, 0);
    assert_string_equal(o.dir, dir);
    assert_string_equal(o.scanner, "none");
    assert_string_equal(o.printer, "none");
    assert_string_equal(o.rotate, "0");
    assert_string_equal(o.role, "");
    assert_false(o.allows_script);
    assert_false(o.is_fullscreen);
}

static void test_ini_goes_before_defaults_and_behind_the_command_line(void **state) {
    (void)state;
    struct options o;
    int words;
    char said[1024];
    write_ini("foyer.ini", "role = room\nroom = Regency A\nfullscreen = on\n# words\n");
    assert_int_equal(parse(&o, &words, said, "--role", "desk", NULL, NULL), ERR_NONE);
    assert_string_equal(o.role, "desk");
    assert_string_equal(o.room, "Regency A");
    assert_true(o.is_fullscreen);
    write_ini("other.ini", "room = Oak\n");
    char other[64];
    path_of("other.ini", other, sizeof other);
    assert_int_equal(parse(&o, &words, said, "--config", other, NULL, NULL), ERR_NONE);
    assert_string_equal(o.room, "Oak");
    assert_string_equal(o.role, "");
    write_ini("foyer.ini", "");
}

static void test_flags_are_said_in_words(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool is_on;
        enum err err;
    } rows[] = {
        {"yes", true, ERR_NONE},    {"no", false, ERR_NONE}, {"true", true, ERR_NONE},
        {"false", false, ERR_NONE}, {"on", true, ERR_NONE},  {"off", false, ERR_NONE},
        {"1", true, ERR_NONE},      {"0", false, ERR_NONE},  {"maybe", false, ERR_INPUT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct options o;
        int words;
        char said[1024];
        char ini[64];
        snprintf(ini, sizeof ini, "allow-script = %s\n", rows[i].text);
        write_ini("foyer.ini", ini);
        assert_int_equal(parse(&o, &words, said, NULL, NULL, NULL, NULL), rows[i].err);
        assert_int_equal(rows[i].err == ERR_NONE && o.allows_script, rows[i].is_on);
    }
    write_ini("foyer.ini", "");
}

static void test_what_is_wrong_is_named(void **state) {
    (void)state;
    struct options o;
    int words;
    char said[1024];
    char too_long[OPTION_SIZE + 4];
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_int_equal(parse(&o, &words, said, "--rolle", "desk", NULL, NULL), ERR_INPUT);
    assert_non_null(strstr(said, "--rolle"));
    assert_int_equal(parse(&o, &words, said, "--role", NULL, NULL, NULL), ERR_INPUT);
    assert_non_null(strstr(said, "--role needs a value"));
    assert_int_equal(parse(&o, &words, said, "--room", too_long, NULL, NULL), ERR_INPUT);
    assert_non_null(strstr(said, "too long"));
    assert_int_equal(parse(&o, &words, said, "--config", "/nowhere.ini", NULL, NULL),
                     ERR_IO);
    assert_non_null(strstr(said, "/nowhere.ini"));
    write_ini("foyer.ini", "role = room\nrole desk\n");
    assert_int_equal(parse(&o, &words, said, NULL, NULL, NULL, NULL), ERR_INPUT);
    assert_non_null(strstr(said, "line 2"));
    write_ini("foyer.ini", "rolle = desk\n");
    assert_int_equal(parse(&o, &words, said, NULL, NULL, NULL, NULL), ERR_INPUT);
    assert_non_null(strstr(said, "rolle"));
    write_ini("foyer.ini", "");
}

static void test_words_are_left_in_front(void **state) {
    (void)state;
    struct options o;
    int words;
    char said[1024];
    assert_int_equal(parse(&o, &words, said, "do", "state", "quit", NULL), ERR_NONE);
    assert_int_equal(words, 3);
    assert_int_equal(parse(&o, &words, said, "--kind", "admit", "dump", NULL), ERR_NONE);
    assert_int_equal(words, 1);
    assert_string_equal(o.kind, "admit");
    assert_int_equal(parse(&o, &words, said, "dump", "--allow-script", NULL, NULL),
                     ERR_NONE);
    assert_int_equal(words, 1);
    assert_true(o.allows_script);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_a_kiosk_without_devices),
        cmocka_unit_test(test_ini_goes_before_defaults_and_behind_the_command_line),
        cmocka_unit_test(test_flags_are_said_in_words),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_words_are_left_in_front),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

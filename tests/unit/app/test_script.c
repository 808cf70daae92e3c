// Commands that act as a person would, on a kiosk without threads: its store takes nothing,
// so that a scan is answered at once with "needs staff".
#include "app/kiosk.h"
#include "app/script.h"

#include "app/screens/action.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state) {
    struct kiosk *k = mem_alloc(1, sizeof *k);
    k->role = ROLE_CHECKIN;
    k->inbox = inbox_create();
    k->sound = sound_create(0);
    k->programme = mem_alloc(1, sizeof *k->programme);
    snprintf(k->programme->event.name, NAME_SIZE, "IETF 92");
    k->env.programme = k->programme;
    k->env.mono_ms = 1000000;
    k->request_count = REQUESTS_MAX;
    checkin_init(&k->checkin);
    desk_init(&k->desk);
    *state = k;
    return 0;
}

static int tear_down(void **state) {
    struct kiosk *k = *state;
    script_finish(&k->script);
    inbox_destroy(k->inbox, kiosk_drop_parcel);
    sound_destroy(k->sound);
    programme_destroy(k->programme);
    bytes_finish(&k->said);
    mem_free(k);
    return 0;
}

struct batch {
    struct command c;
    char text[8][9000];
    char *lines[8];
};

// Takes a batch of commands and steps until it waits or is done; a frame after each step.
static struct batch *take(struct kiosk *k, const char *const *lines, size_t count) {
    struct batch *b = mem_alloc(1, sizeof *b);
    for (size_t i = 0; i < count; i++) {
        snprintf(b->text[i], sizeof b->text[i], "%s", lines[i]);
        b->lines[i] = b->text[i];
    }
    command_init(&b->c, b->lines, count);
    script_take(&k->script, &b->c);
    for (int i = 0; i < 20; i++) {
        k->is_dirty = false;
        script_step(k);
    }
    return b;
}

static void drop(struct batch *b) {
    command_finish(&b->c);
    mem_free(b);
}

static const char *said(struct batch *b) {
    bytes_add_u8(&b->c.out, 0);
    return (const char *)b->c.out.data;
}

static void check_line(struct kiosk *k, const char *line, bool ok, const char *words) {
    struct batch *b = take(k, &line, 1);
    assert_true(b->c.is_done);
    assert_int_equal(b->c.ok, ok);
    assert_non_null(strstr(said(b), words));
    drop(b);
}

static void check_scanned(struct kiosk *k, const char *line, const char *code) {
    k->checkin.scanned_ms = 0; // not the same scan
    check_line(k, line, true, "");
    assert_int_equal(k->checkin.screen, CHECKIN_VERDICT);
    assert_int_equal(k->checkin.scan.len, strlen(code));
    assert_memory_equal(k->checkin.scan.bytes, code, strlen(code));
}

static void test_scan_takes_the_rest_of_the_line_as_it_is(void **state) {
    struct kiosk *k = *state;
    check_scanned(k, "scan ABC", "ABC");
    check_scanned(k, "scan A B $%*+-./:", "A B $%*+-./:");
    check_scanned(k, "scan 'ABC", "'ABC"); // no quoting in codes
    check_scanned(k, "scan \"", "\"");
    check_scanned(k, " \tscan  X ", " X ");
    char line[8600] = "scan "; // longer than any other line may be
    memset(line + 5, 'y', sizeof line - 6);
    k->checkin.scanned_ms = 0;
    check_line(k, line, true, "");
    assert_int_equal(k->checkin.scan.len, SCAN_BYTES_MAX);
    line[0] = 'x';
    check_line(k, line, false, "not understood");
}

static void test_type_goes_character_by_character(void **state) {
    struct kiosk *k = *state;
    check_line(k, "type Zoë 'M", true, "");
    assert_int_equal(k->checkin.screen, CHECKIN_FIND);
    assert_string_equal(k->checkin.query, "Zoë 'M");
    check_line(k, "key backspace", true, "");
    assert_string_equal(k->checkin.query, "Zoë '");
    check_line(k, "key escape", true, "");
    assert_int_equal(k->checkin.screen, CHECKIN_ATTRACT);
}

static void add_row(struct kiosk *k, const char *name) {
    struct flow_found *f = &k->checkin.found;
    snprintf(f->rows[f->count].person.name, TITLE_SIZE, "%s", name);
    snprintf(f->rows[f->count].person.id, PERSON_ID_SIZE, "0123456789ABCDE%zu", f->count);
    targets_add(&k->targets, (struct rect){0, 0, 10, 10}, ACTION_ROW, (int)f->count++);
}

static void test_rows_are_tapped_by_name_in_either_quotes(void **state) {
    struct kiosk *k = *state;
    static const char *const lines[] = {"tap 'Zoë Müller-Ortiz'",
                                        "tap \"Siobhán O'Brien\"",
                                        "tap 'Ann \"Annie\" Doe'", "tap Madonna"};
    static const char *const names[] = {"Zoë Müller-Ortiz", "Siobhán O'Brien",
                                        "Ann \"Annie\" Doe", "Madonna"};
    for (size_t i = 0; i < 4; i++) {
        checkin_init(&k->checkin);
        targets_begin(&k->targets);
        add_row(k, "Somebody Else");
        add_row(k, names[i]);
        k->checkin.screen = CHECKIN_FIND;
        check_line(k, lines[i], true, "");
        // The store takes nothing: what was asked for shows as a failure, so it was asked.
        assert_true(k->checkin.has_failed);
    }
    targets_begin(&k->targets);
    checkin_init(&k->checkin);
    check_line(k, "tap 'Nobody Here'", false, "not on the screen");
    check_line(k, "tap done", false, "not on the screen"); // known, not shown
    check_line(k, "tap 'open", false, "not understood");
}

static void test_wait_holds_or_ends_in_time(void **state) {
    struct kiosk *k = *state;
    check_line(k, "wait screen attract", true, "");
    check_line(k, "wait moon", false, "no such wait");
    check_line(k, "wait screen", false, "no such wait");
    static const char *const lines[] = {"wait screen verdict 500", "state"};
    struct batch *b = take(k, lines, 2);
    assert_false(b->c.is_done);
    assert_int_equal(script_deadline_ms(&k->script), k->env.mono_ms + 500);
    k->env.mono_ms += 500;
    script_step(k);
    assert_true(b->c.is_done);
    assert_false(b->c.ok);
    const char *words = said(b);
    assert_non_null(strstr(words, "the screen is attract"));
    assert_null(strstr(words, "{")); // what is left is not carried out
    assert_int_equal(script_deadline_ms(&k->script), INT64_MAX);
    drop(b);
}

static void test_wait_sees_what_happened_before_it(void **state) {
    struct kiosk *k = *state;
    static const char *const lines[] = {"scan A", "wait verdict needs-staff", "state"};
    struct batch *b = take(k, lines, 3);
    assert_true(b->c.is_done && b->c.ok);
    json_t *o = NULL;
    const char *text = said(b);
    assert_int_equal(json_parse(text, strlen(text), &o), ERR_NONE);
    assert_string_equal(json_get_text(o, "screen", ""), "verdict");
    json_decref(o);
    drop(b);
}

static void test_batches_take_turns_and_are_bounded(void **state) {
    struct kiosk *k = *state;
    const char *wait = "wait screen find";
    struct batch *b[9];
    for (size_t i = 0; i < 9; i++) {
        b[i] = take(k, &wait, 1);
        assert_int_equal(b[i]->c.is_done, i == 8); // the ninth is refused at once
    }
    assert_non_null(strstr(said(b[8]), "too many"));
    k->checkin.screen = CHECKIN_FIND;
    script_step(k);
    for (size_t i = 0; i < 8; i++) {
        assert_true(b[i]->c.is_done && b[i]->c.ok);
    }
    for (size_t i = 0; i < 9; i++) {
        drop(b[i]);
    }
}

static void test_who_waits_is_told_when_the_kiosk_ends(void **state) {
    struct kiosk *k = *state;
    const char *wait = "wait screen find";
    struct batch *first = take(k, &wait, 1);
    script_finish(&k->script);
    assert_true(first->c.is_done);
    assert_false(first->c.ok);
    assert_non_null(strstr(said(first), "the kiosk ended"));
    drop(first);
    struct batch late = {.lines = {late.text[0]}};
    snprintf(late.text[0], sizeof late.text[0], "state");
    command_init(&late.c, late.lines, 1);
    kiosk_drop_parcel(&(struct parcel){PARCEL_COMMAND, &late.c});
    assert_true(late.c.is_done);
    assert_false(late.c.ok);
    command_finish(&late.c);
}

static void test_script_file_with_blank_lines_and_comments(void **state) {
    struct kiosk *k = *state;
    char path[] = "/tmp/foyer-script-XXXXXX";
    int fd = mkstemp(path);
    const char text[] = "# a comment\n\n  \nwait screen attract\nquit\n";
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(script_load(&k->script, path), ERR_NONE);
    unlink(path);
    script_step(k);
    assert_true(k->is_quitting);
    assert_true(k->script.file.ok);
    assert_int_equal(script_load(&(struct script){0}, "/nowhere/at/all"), ERR_IO);
}

static void test_typed_codes_are_scans_with_a_keyboard_scanner(void **state) {
    struct kiosk *k = *state;
    snprintf(k->options.scanner, sizeof k->options.scanner, "keyboard");
    check_line(k, "type x", true, ""); // by chance
    k->env.mono_ms += 6000;
    check_line(k, "type ABCE", true, "");
    assert_int_equal(k->checkin.screen, CHECKIN_ATTRACT); // no search begins
    check_line(k, "key backspace", true, "");
    check_line(k, "type D", true, "");
    check_line(k, "key enter", true, "");
    assert_int_equal(k->checkin.screen, CHECKIN_VERDICT);
    assert_int_equal(k->checkin.scan.len, 4);
    assert_memory_equal(k->checkin.scan.bytes, "ABCD", 4);
    check_line(k, "key escape", true, "");
    assert_int_equal(k->checkin.screen, CHECKIN_ATTRACT);
    char line[SCAN_BYTES_MAX + 200] = "type ";
    memset(line + 5, 'z', sizeof line - 6);
    check_line(k, line, true, "");
    check_line(k, "key enter", true, "");
    assert_int_equal(k->checkin.scan.len, SCAN_BYTES_MAX); // too long shows as too long
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_scan_takes_the_rest_of_the_line_as_it_is),
        TEST(test_type_goes_character_by_character),
        TEST(test_rows_are_tapped_by_name_in_either_quotes),
        TEST(test_wait_holds_or_ends_in_time),
        TEST(test_wait_sees_what_happened_before_it),
        TEST(test_batches_take_turns_and_are_bounded),
        TEST(test_who_waits_is_told_when_the_kiosk_ends),
        TEST(test_script_file_with_blank_lines_and_comments),
        TEST(test_typed_codes_are_scans_with_a_keyboard_scanner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// What the screens say and in which colours; no drawing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/screens/action.h"
#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/session_view.h"
#include "app/screens/targets.h"
#include "app/screens/verdict.h"
#include "app/ui/theme.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

// ---- verdicts

static struct verdict_view view_of(enum verdict verdict, bool is_staff) {
    return (struct verdict_view){.verdict = verdict,
                                 .is_staff = is_staff,
                                 .since = "09:12",
                                 .at = "Kiosk 2",
                                 .when = "Tuesday"};
}

static void test_every_verdict_has_words_shape_and_colour(void **state) {
    (void)state;
    for (int v = 0; v < VERDICT_COUNT; v++) {
        for (int is_staff = 0; is_staff <= 1; is_staff++) {
            struct verdict_view view = view_of((enum verdict)v, is_staff != 0);
            char title[256], text[512];
            verdict_format_title(&view, title, sizeof title);
            verdict_format_text(&view, text, sizeof text);
            assert_true(strlen(title) >= 5);
            assert_null(strchr(title, '%'));
            assert_null(strchr(text, '%'));
            assert_true(is_staff || strlen(text) >= 10);
            const struct verdict_look *look =
                verdict_get_look(view.verdict, is_staff != 0);
            assert_true(verdict_fill(look->tone) >> 24 == 0xFF);
        }
    }
}

static void test_staff_can_tell_all_verdicts_apart(void **state) {
    (void)state;
    for (int a = 0; a < VERDICT_COUNT; a++) {
        for (int b = 0; b < a; b++) {
            const struct verdict_look *x = verdict_get_look((enum verdict)a, true);
            const struct verdict_look *y = verdict_get_look((enum verdict)b, true);
            assert_string_not_equal(x->title,
                                    y->title); // staff can tell all of them apart
        }
    }
    // Who may go in never looks like anybody who may not.
    for (int v = VERDICT_ALREADY_IN; v < VERDICT_COUNT; v++) {
        assert_int_not_equal(verdict_get_look((enum verdict)v, false)->symbol,
                             DRAW_SYMBOL_CHECK);
        assert_int_not_equal(verdict_get_look((enum verdict)v, true)->symbol,
                             DRAW_SYMBOL_CHECK);
    }
}

static void lower(char *text) {
    for (; *text; text++) {
        *text = (char)tolower((unsigned char)*text);
    }
}

static void test_attendees_are_never_accused(void **state) {
    (void)state;
    const char *words[] = {"forg",        "block",  "invalid", "denied", "refus",
                           "not allowed", "unpaid", "payment", "cancel", "fraud",
                           "error",       "void",   "reject",  "fail",   "stop ",
                           "wrong",       "illegal"};
    for (int v = 0; v < VERDICT_COUNT; v++) {
        struct verdict_view view = view_of((enum verdict)v, false);
        snprintf(view.reason, sizeof view.reason, "forged signature, unpaid, blocked");
        char all[800], text[512];
        verdict_format_title(&view, all, sizeof all);
        verdict_format_text(&view, text, sizeof text);
        snprintf(all + strlen(all), sizeof all - strlen(all), "\n%s", text);
        lower(all);
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
            if (strstr(all, words[w])) {
                fail_msg("%s says \"%s\": %s", verdict_name((enum verdict)v), words[w],
                         all);
            }
        }
    }
}

static void test_kind_refusal_of_the_gate_comes_first(void **state) {
    (void)state;
    struct verdict_view view = view_of(VERDICT_NOT_ON_LIST, false);
    snprintf(view.refusal, sizeof view.refusal, "CARIS is by invitation.");
    char text[512];
    verdict_format_text(&view, text, sizeof text);
    assert_string_equal(text, "CARIS is by invitation.");
}

// ---- contrast

static void check_contrast(const char *what, uint32_t a, uint32_t b, float least) {
    float ratio = theme_contrast(a, b);
    if (ratio < least) {
        fail_msg("%s: contrast %.2f, at least %.1f", what, (double)ratio, (double)least);
    }
}

static void check_theme(const struct theme *t) {
    const uint32_t grounds[2] = {t->bg, t->surface};
    for (int i = 0; i < 2; i++) {
        check_contrast("text", t->text, grounds[i], 7);
        check_contrast("dim", t->dim, grounds[i], 4.5F);
        check_contrast("accent", t->accent, grounds[i], 4.5F);
        check_contrast("ok", t->ok, grounds[i], 4.5F);
        check_contrast("warn", t->warn, grounds[i], 4.5F);
        check_contrast("stop", t->stop, grounds[i], 4.5F);
    }
    check_contrast("chosen row", t->text, t->select, 7);
    check_contrast("dim on a chosen row", t->dim, t->select, 4.5F);
    check_contrast("button", t->on_accent, t->accent, 4.5F);
    check_contrast("chip ok", t->on_ok, t->ok, 4.5F);
    check_contrast("chip warn", t->on_warn, t->warn, 4.5F);
    check_contrast("chip stop", t->on_stop, t->stop, 4.5F);
    check_contrast("chip", t->on_chip, t->chip, 4.5F);
    // A control's outline needs 3 on light screens, where things are touched.
    if (!t->is_dark) {
        check_contrast("outline on white", t->line, t->surface, 3);
    }
}

static void test_colours_keep_their_contrast(void **state) {
    (void)state;
    check_theme(theme_get_ink());
    check_theme(theme_get_paper());
    const struct theme *paper = theme_get_paper();
    check_contrast("verdict's word", paper->text, paper->bg, 7);
    check_contrast("emergency", paper->on_stop, paper->stop, 7);
    for (int tone = TONE_OK; tone <= TONE_STOP; tone++) {
        check_contrast("sign of a verdict", verdict_on_fill((enum verdict_tone)tone),
                       verdict_fill((enum verdict_tone)tone), 4.5F);
    }
}

// ---- sessions

static void check_span(int minutes, const char *expected) {
    char out[48];
    session_view_span(minutes, out, sizeof out);
    assert_string_equal(out, expected);
}

static void test_spans_read_like_speech(void **state) {
    (void)state;
    check_span(-3, "less than a minute");
    check_span(0, "less than a minute");
    check_span(1, "1 min");
    check_span(59, "59 min");
    check_span(60, "1 h");
    check_span(97, "1 h 37 min");
    check_span(120, "2 h");
}

static void test_a_change_says_old_and_new(void **state) {
    (void)state;
    struct session_view s = {.acronym = "HOPS", .title = "How Ossified", .is_bof = true};
    char out[256];
    session_view_change(&s, out, sizeof out);
    assert_string_equal(out, "");
    session_view_line(&s, out, sizeof out);
    assert_string_equal(out, "How Ossified \xC2\xB7 BOF");
    s.change = CHANGE_MOVED_HERE;
    snprintf(s.was, sizeof s.was, "Gold");
    session_view_change(&s, out, sizeof out);
    assert_string_equal(out, "Moved here, was Gold");
    s.change = CHANGE_MOVED_AWAY;
    snprintf(s.to_when, sizeof s.to_when, "Thu 09:00");
    snprintf(s.to_room, sizeof s.to_room, "Oak");
    snprintf(s.to_level, sizeof s.to_level, "Level 2");
    session_view_where(&s, out, sizeof out);
    assert_string_equal(out, "Now Thu 09:00 in Oak, Level 2");
    s.to_when[0] = '\0';
    session_view_where(&s, out, sizeof out);
    assert_string_equal(out, "Now in Oak, Level 2");
    s.to_room[0] = '\0';
    session_view_where(&s, out, sizeof out);
    assert_string_equal(out, "");
}

static void test_the_head_is_the_title_without_acronym(void **state) {
    (void)state;
    struct session_view s = {.title = "Lunch break"};
    char out[256];
    assert_string_equal(session_view_head(&s), "Lunch break");
    session_view_line(&s, out, sizeof out);
    assert_string_equal(out, "");
}

static void test_format_never_splits_a_character(void **state) {
    (void)state;
    char out[6];
    look_format(out, sizeof out, "%s", "ab\xE4\xB8\xAD\xE6\x96\x87");
    assert_string_equal(out, "ab\xE4\xB8\xAD");
}

// ---- actions and targets

static void test_action_names_are_unique_and_found_again(void **state) {
    (void)state;
    for (int a = 0; a < ACTION_COUNT; a++) {
        assert_int_equal(action_of(action_name((enum action)a)), a);
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(action_name((enum action)a),
                                    action_name((enum action)b));
        }
    }
    assert_int_equal(action_of("no such thing"), ACTION_NONE);
    assert_string_equal(action_name(ACTION_COUNT), "?");
}

static struct targets some_targets(void) {
    struct targets t = {.count = 0};
    targets_begin(&t);
    targets_add(&t, rect_make(0, 0, 10, 10), ACTION_FIND, 0);
    targets_add(&t, rect_make(20, 0, 10, 10), ACTION_KEY, 3);
    targets_add(&t, rect_make(40, 0, 10, 10), ACTION_ROW, 0);
    targets_add(&t, rect_make(60, 0, 10, 10), ACTION_ROW, 1);
    return t;
}

static void test_hit_finds_what_is_under_the_finger(void **state) {
    (void)state;
    struct targets t = some_targets();
    assert_int_equal(targets_hit(&t, 45, 5)->action, ACTION_ROW);
    assert_int_equal(targets_hit(&t, 65, 5)->index, 1);
    assert_null(targets_hit(&t, 15, 5));
    assert_null(targets_find(&t, ACTION_ROW, 2));
    assert_non_null(targets_find(&t, ACTION_KEY, 3));
}

static void test_focus_goes_round_and_skips_the_keyboard(void **state) {
    (void)state;
    struct targets t = some_targets();
    assert_int_equal(targets_step_focus(&t, 1)->action, ACTION_FIND);
    assert_int_equal(targets_step_focus(&t, 1)->index, 0);
    assert_int_equal(targets_step_focus(&t, 1)->index, 1);
    assert_int_equal(targets_step_focus(&t, 1)->action, ACTION_FIND);
    assert_int_equal(targets_step_focus(&t, -1)->index, 1);
    targets_begin(&t); // the focused row goes away
    targets_add(&t, rect_make(0, 0, 10, 10), ACTION_DONE, 0);
    assert_false(targets_is_focused(&t, ACTION_DONE, 0));
    assert_int_equal(targets_step_focus(&t, -1)->action, ACTION_DONE);
    targets_begin(&t);
    assert_null(targets_step_focus(&t, 1));
    assert_int_equal(t.focus.action, ACTION_NONE);
}

static void test_buttons_have_words(void **state) {
    (void)state;
    const enum action wordless[] = {ACTION_NONE,  ACTION_LANG, ACTION_KEY,
                                    ACTION_ERASE, ACTION_ROW,  ACTION_PRINT_ELSEWHERE,
                                    ACTION_GATE,  ACTION_DAY,  ACTION_DIGIT};
    for (int a = 0; a < ACTION_COUNT; a++) {
        bool is_wordless = false;
        for (size_t i = 0; i < sizeof wordless / sizeof wordless[0]; i++) {
            is_wordless = is_wordless || wordless[i] == (enum action)a;
        }
        assert_int_equal(page_get_action_text((enum action)a)[0] == '\0', is_wordless);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_verdict_has_words_shape_and_colour),
        cmocka_unit_test(test_staff_can_tell_all_verdicts_apart),
        cmocka_unit_test(test_attendees_are_never_accused),
        cmocka_unit_test(test_kind_refusal_of_the_gate_comes_first),
        cmocka_unit_test(test_colours_keep_their_contrast),
        cmocka_unit_test(test_spans_read_like_speech),
        cmocka_unit_test(test_a_change_says_old_and_new),
        cmocka_unit_test(test_the_head_is_the_title_without_acronym),
        cmocka_unit_test(test_format_never_splits_a_character),
        cmocka_unit_test(test_action_names_are_unique_and_found_again),
        cmocka_unit_test(test_hit_finds_what_is_under_the_finger),
        cmocka_unit_test(test_focus_goes_round_and_skips_the_keyboard),
        cmocka_unit_test(test_buttons_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

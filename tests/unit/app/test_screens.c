// Every sample of every screen at every size: what can be touched is large enough, inside,
// and not on top of something else; nothing crashes; the same view gives the same picture.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/screens/agenda.h"
#include "app/screens/keyboard.h"
#include "app/screens/look.h"
#include "app/screens/room.h"
#include "sync/base/mem.h"
#include "tests/support/desk_samples.h"
#include "tests/support/hall_samples.h"
#include "tests/support/kiosk_samples.h"

#include <stdio.h>
#include <string.h>

static const int sizes[][2] = {{1920, 1080}, {1080, 1920}, {1280, 720},
                               {800, 480},   {480, 800},   {3840, 2160}};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static struct fonts *fonts;

static int open_fonts(void **state) {
    (void)state;
    return fonts_open(NULL, &fonts) == ERR_NONE ? 0 : -1;
}

static int close_fonts(void **state) {
    (void)state;
    fonts_close(fonts);
    return 0;
}

struct easel {
    struct canvas canvas;
    uint32_t *pixels;
    size_t count;
};

static void easel_init(struct easel *e, int w, int h) {
    e->count = (size_t)w * (size_t)h;
    e->pixels = mem_alloc(e->count, sizeof *e->pixels);
    canvas_init(&e->canvas, fonts);
    canvas_set_pixels(&e->canvas, e->pixels, w, h, w);
}

static void easel_finish(struct easel *e) {
    canvas_finish(&e->canvas);
    mem_free(e->pixels);
}

typedef void visit(struct easel *e, const struct screen_sample *sample);

static void for_each_sample(struct easel *e, visit *function) {
    const struct screen_sample *(*const lists[])(size_t *) = {
        hall_samples_get, kiosk_samples_get, desk_samples_get};
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
        size_t count = 0;
        const struct screen_sample *list = lists[l](&count);
        for (size_t i = 0; i < count; i++) {
            function(e, &list[i]);
        }
    }
}

// ---- targets

static bool overlap(struct rect a, struct rect b) {
    return a.x + a.w > b.x + 0.5F && b.x + b.w > a.x + 0.5F && a.y + a.h > b.y + 0.5F &&
           b.y + b.h > a.y + 0.5F;
}

static void check_target(const struct easel *e, const struct screen_sample *sample,
                         const struct targets *t, int i) {
    const struct canvas *c = &e->canvas;
    const struct target *a = &t->list[i];
    struct rect r = a->rect;
    float least = look_u(c, LOOK_TOUCH) - 1;
    // Upright, ten keys share the width: there the height makes up for it.
    bool is_key = a->action == ACTION_KEY || a->action == ACTION_ERASE;
    float least_w = is_key && c->is_portrait ? look_u(c, 84) : least;
    bool is_good = r.h >= least && r.w >= least_w && r.x >= 0 && r.y >= 0 &&
                   r.x + r.w <= (float)c->w + 0.5F && r.y + r.h <= (float)c->h + 0.5F;
    // Attendees reach the lower two thirds; lists of names may begin a little higher.
    if (sample->is_attendee) {
        is_good =
            is_good && r.y >= (float)c->h * (a->action == ACTION_ROW ? 0.14F : 0.33F);
    }
    if (!is_good) {
        fail_msg("%s %dx%d: target %s %d at %.0f,%.0f size %.0fx%.0f, unit %.3f",
                 sample->name, c->w, c->h, action_name(a->action), a->index, (double)r.x,
                 (double)r.y, (double)r.w, (double)r.h, (double)c->unit);
    }
    for (int k = i + 1; k < t->count; k++) {
        if (overlap(r, t->list[k].rect)) {
            fail_msg("%s %dx%d: %s %d and %s %d overlap", sample->name, c->w, c->h,
                     action_name(a->action), a->index, action_name(t->list[k].action),
                     t->list[k].index);
        }
        if (a->action == t->list[k].action && a->index == t->list[k].index) {
            fail_msg("%s: %s %d is there twice", sample->name, action_name(a->action),
                     a->index);
        }
    }
}

static void check_targets(struct easel *e, const struct screen_sample *sample) {
    struct targets t = {.count = 0};
    canvas_clip(&e->canvas, rect_make(0, 0, 0, 0)); // the layout only
    sample->draw(&e->canvas, &t);
    for (int i = 0; i < t.count; i++) {
        check_target(e, sample, &t, i);
    }
    if (sample->is_attendee && t.count == 0 && !strstr(sample->name, "loading")) {
        fail_msg("%s: nothing to touch", sample->name);
    }
}

static void test_targets_are_large_inside_and_apart(void **state) {
    (void)state;
    for (int i = 0; i < SIZES; i++) {
        struct easel e;
        easel_init(&e, sizes[i][0], sizes[i][1]);
        for_each_sample(&e, check_targets);
        easel_finish(&e);
    }
}

// ---- pixels

static void check_pixels(struct easel *e, const struct screen_sample *sample) {
    struct targets t = {.count = 0};
    for (size_t i = 0; i < e->count; i++) {
        e->pixels[i] = 0x00FF00FF; // never drawn by a screen
    }
    sample->draw(&e->canvas, &t);
    uint32_t *first = mem_copy(e->pixels, e->count * sizeof *first);
    size_t other = 0;
    for (size_t i = 0; i < e->count; i++) {
        assert_int_not_equal(first[i], 0x00FF00FF);
        other += first[i] != first[0];
    }
    if (other < e->count / 200) {
        fail_msg("%s: blank", sample->name);
    }
    sample->draw(&e->canvas, &t);
    if (memcmp(first, e->pixels, e->count * sizeof *first) != 0) {
        fail_msg("%s: drawn twice, two pictures", sample->name);
    }
    mem_free(first);
}

static void test_every_screen_fills_the_canvas_the_same_way(void **state) {
    (void)state;
    struct easel e;
    easel_init(&e, 640, 360);
    for_each_sample(&e, check_pixels);
    easel_finish(&e);
}

static void check_zeroed(struct easel *e) {
    struct targets t = {.count = 0};
    struct room_view *room = mem_alloc(1, sizeof *room);
    room_draw(&e->canvas, room, &t);
    mem_free(room);
    struct agenda_view *agenda = mem_alloc(1, sizeof *agenda);
    agenda_draw(&e->canvas, agenda, &t);
    assert_int_equal(agenda_count_pages(&e->canvas, agenda), 1);
    mem_free(agenda);
}

static void test_hall_screens_draw_an_empty_view(void **state) {
    (void)state;
    struct easel e;
    easel_init(&e, 640, 360);
    check_zeroed(&e);
    easel_finish(&e);
}

static void test_focus_and_press_change_the_picture(void **state) {
    (void)state;
    struct easel e;
    easel_init(&e, 960, 540);
    size_t count = 0;
    const struct screen_sample *attract = kiosk_samples_get(&count);
    struct targets t = {.count = 0};
    attract->draw(&e.canvas, &t);
    uint32_t *plain = mem_copy(e.pixels, e.count * sizeof *plain);
    assert_non_null(targets_step_focus(&t, 1));
    attract->draw(&e.canvas, &t);
    assert_memory_not_equal(plain, e.pixels, e.count * sizeof *plain);
    t.focus = (struct target){.action = ACTION_NONE};
    targets_press(&t, targets_find(&t, ACTION_FIND, 0));
    attract->draw(&e.canvas, &t);
    assert_memory_not_equal(plain, e.pixels, e.count * sizeof *plain);
    targets_press(&t, NULL);
    attract->draw(&e.canvas, &t);
    assert_memory_equal(plain, e.pixels, e.count * sizeof *plain);
    mem_free(plain);
    easel_finish(&e);
}

// ---- pages and keys

static void test_agenda_pages_hold_every_row(void **state) {
    (void)state;
    struct agenda_view *view = mem_alloc(1, sizeof *view);
    int least_rows = 6; // at 1920x1080 a page holds that many in each column
    for (int i = 0; i < SIZES; i++) {
        struct easel e;
        easel_init(&e, sizes[i][0], sizes[i][1]);
        int before = 1;
        for (int n = 0; n <= AGENDA_ROWS_MAX; n++) {
            view->now.count = n;
            view->next.count = AGENDA_ROWS_MAX - n;
            view->page = 0;
            int pages = agenda_count_pages(&e.canvas, view);
            int longest = n > AGENDA_ROWS_MAX - n ? n : AGENDA_ROWS_MAX - n;
            assert_true(pages >= 1 && pages <= longest / (least_rows - 1) + 1);
            before = pages;
        }
        assert_true(before > 1);
        easel_finish(&e);
    }
    mem_free(view);
}

static void test_every_key_types_one_thing(void **state) {
    (void)state;
    for (int i = 0; i < KEYBOARD_KEYS; i++) {
        assert_int_equal(strlen(keyboard_text(i)), 1);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(keyboard_text(i), keyboard_text(k));
        }
    }
    assert_string_equal(keyboard_text(KEYBOARD_BLANK), " ");
    assert_string_equal(keyboard_text(-1), "");
    assert_string_equal(keyboard_text(KEYBOARD_KEYS), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets_are_large_inside_and_apart),
        cmocka_unit_test(test_every_screen_fills_the_canvas_the_same_way),
        cmocka_unit_test(test_hall_screens_draw_an_empty_view),
        cmocka_unit_test(test_focus_and_press_change_the_picture),
        cmocka_unit_test(test_agenda_pages_hold_every_row),
        cmocka_unit_test(test_every_key_types_one_thing),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}

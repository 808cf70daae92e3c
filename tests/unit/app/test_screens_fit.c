// What must be on a screen however crowded it is: the members of an incident, a person's
// facts, a code that a phone can read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/image/qr.h"
#include "app/screens/desk_parts.h"
#include "app/screens/look.h"
#include "app/screens/room.h"
#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "tests/support/desk_samples.h"

#include <stdio.h>
#include <string.h>

static const int sizes[][2] = {{1920, 1080}, {1080, 1920}, {1280, 720}, {1366, 768},
                               {1280, 800},  {1024, 768},  {1024, 600}, {800, 480},
                               {480, 800},   {3840, 2160}};
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
    struct targets targets;
    uint32_t *pixels;
};

static void easel_init(struct easel *e, int w, int h) {
    *e = (struct easel){.pixels = mem_alloc((size_t)w * (size_t)h, sizeof *e->pixels)};
    canvas_init(&e->canvas, fonts);
    canvas_set_pixels(&e->canvas, e->pixels, w, h, w);
}

static void easel_finish(struct easel *e) {
    canvas_finish(&e->canvas);
    mem_free(e->pixels);
}

// ---- the desk

// The panel's box is low enough to need its densest form at the most: from there on nothing
// is left out.
static void check_panel_fits(struct easel *e, const struct desk_view *view,
                             enum action last) {
    desk_draw(&e->canvas, view, &e->targets);
    const struct target *close = targets_find(&e->targets, ACTION_CLOSE, 0);
    const struct target *end = targets_find(&e->targets, last, 0);
    assert_non_null(close);
    assert_non_null(end);
    const struct canvas *c = &e->canvas;
    float left = look_u(c, 48), right = close->rect.x + close->rect.w + look_u(c, 32);
    float got = end->rect.y + end->rect.h - close->rect.y + look_u(c, 2 * 14);
    float least = desk_panel_measure_least(&e->canvas, right - left, &view->panel);
    if (least > got + 1) {
        fail_msg("%dx%d: the panel needs %.0f px and has %.0f", c->w, c->h, (double)least,
                 (double)got);
    }
}

static void test_a_full_panel_keeps_its_members_and_facts(void **state) {
    (void)state;
    struct desk_view *view = mem_alloc(1, sizeof *view);
    for (int i = 0; i < SIZES; i++) {
        struct easel e;
        easel_init(&e, sizes[i][0], sizes[i][1]);
        desk_samples_fill_incident(view);
        assert_int_equal(view->panel.member_count, DESK_MEMBERS_MAX);
        check_panel_fits(&e, view, ACTION_RESOLVE);
        desk_samples_fill_person(view);
        assert_int_equal(view->panel.fact_count, DESK_FACTS_MAX);
        check_panel_fits(&e, view, ACTION_MARK_PAID);
        easel_finish(&e);
    }
    mem_free(view);
}

static bool says(struct easel *e, const struct desk_view *view, const char *words) {
    struct bytes said = {0};
    e->canvas.said = &said;
    desk_draw(&e->canvas, view, &e->targets);
    e->canvas.said = NULL;
    bytes_add_u8(&said, 0);
    bool found = strstr((const char *)said.data, words) != NULL;
    bytes_finish(&said);
    return found;
}

static void test_a_notice_comes_back_when_the_panel_closes(void **state) {
    (void)state;
    struct desk_view *view = mem_alloc(1, sizeof *view);
    struct easel e;
    easel_init(&e, 1920, 1080);
    desk_samples_fill_incident(view);
    assert_false(says(&e, view, "Hand out T-shirts"));
    view->panel.kind = DESK_PANEL_NONE;
    assert_true(says(&e, view, "Hand out T-shirts"));
    desk_samples_fill_incident(view); // a small panel leaves it its place
    view->panel.member_count = 0;
    view->panel.attention[0] = view->toast[0] = '\0';
    assert_true(says(&e, view, "Hand out T-shirts"));
    easel_finish(&e);
    mem_free(view);
}

static void test_a_need_shows_however_low_the_screen(void **state) {
    (void)state;
    struct desk_view *view = mem_alloc(1, sizeof *view);
    for (int i = 0; i < SIZES; i++) {
        struct easel e;
        easel_init(&e, sizes[i][0], sizes[i][1]);
        desk_samples_fill_incident(view);
        desk_draw(&e.canvas, view, &e.targets);
        assert_non_null(targets_find(&e.targets, ACTION_GOING, 0));
        easel_finish(&e);
    }
    mem_free(view);
}

static void test_only_who_is_signed_in_can_lock(void **state) {
    (void)state;
    struct desk_view *view = mem_alloc(1, sizeof *view);
    struct easel e;
    easel_init(&e, 1280, 720);
    desk_samples_fill_person(view);
    desk_draw(&e.canvas, view, &e.targets);
    assert_non_null(targets_find(&e.targets, ACTION_LOCK, 0));
    view->staff[0] = '\0';
    desk_draw(&e.canvas, view, &e.targets);
    assert_null(targets_find(&e.targets, ACTION_LOCK, 0));
    easel_finish(&e);
    mem_free(view);
}

// ---- the code at the door

struct box {
    int x0, y0, x1, y1;
};

static struct box find_color(const struct easel *e, struct box in, uint32_t color) {
    struct box found = {in.x1, in.y1, -1, -1};
    for (int y = in.y0; y <= in.y1; y++) {
        for (int x = in.x0; x <= in.x1; x++) {
            if (e->pixels[(size_t)y * (size_t)e->canvas.w + (size_t)x] == color) {
                found.x0 = x < found.x0 ? x : found.x0;
                found.y0 = y < found.y0 ? y : found.y0;
                found.x1 = x > found.x1 ? x : found.x1;
                found.y1 = y > found.y1 ? y : found.y1;
            }
        }
    }
    return found;
}

static void test_the_code_fills_its_white_square(void **state) {
    (void)state;
    const char *url = "https://datatracker.ietf.org/meeting/92/session/acme";
    struct qr qr;
    assert_int_equal(qr_encode(url, strlen(url), &qr), ERR_NONE);
    struct room_view *view = mem_alloc(1, sizeof *view);
    view->qr = &qr;
    snprintf(view->main.acronym, sizeof view->main.acronym, "ACME");
    for (int i = 0; i < SIZES; i++) {
        struct easel e;
        easel_init(&e, sizes[i][0], sizes[i][1]);
        room_draw(&e.canvas, view, &e.targets);
        struct box all = {0, 0, sizes[i][0] - 1, sizes[i][1] - 1};
        struct box white = find_color(&e, all, 0xFFFFFFFF); // no text is pure white
        int side = white.x1 - white.x0 + 1;
        assert_int_equal(side, white.y1 - white.y0 + 1);
        assert_true((float)side >= look_u(&e.canvas, 300));
        struct box inner = {white.x0 + side / 20, white.y0 + side / 20,
                            white.x1 - side / 20, white.y1 - side / 20};
        struct box dark = find_color(&e, inner, 0xFF0D1117);
        int code = dark.x1 - dark.x0 + 1, module = code / qr.side;
        assert_int_equal(code % qr.side, 0);
        assert_true(dark.x0 - white.x0 >= QR_QUIET_MODULES * module);
        assert_true(white.x1 - dark.x1 >= QR_QUIET_MODULES * module);
        assert_true(code * 100 >= side * 74); // 4 modules on each side and a rim
        easel_finish(&e);
    }
    mem_free(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_panel_keeps_its_members_and_facts),
        cmocka_unit_test(test_a_notice_comes_back_when_the_panel_closes),
        cmocka_unit_test(test_a_need_shows_however_low_the_screen),
        cmocka_unit_test(test_only_who_is_signed_in_can_lock),
        cmocka_unit_test(test_the_code_fills_its_white_square),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}

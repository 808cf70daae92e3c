// Templates: what a side, a turn, an image, a size in common and a bar for each role become
// on paper, and that an error names the area and the word.
#include "app/badge/badge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/badge/dither.h"

static struct fonts *fonts;

static int set_up(void **state) {
    (void)state;
    assert_int_equal(fonts_open(NULL, &fonts), ERR_NONE);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fonts_close(fonts);
    return 0;
}

// Parses it and gives what was logged meanwhile.
static enum err parse(const char *text, struct template *t, char log[512]) {
    FILE *file = tmpfile();
    int old = dup(STDERR_FILENO);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    enum err e = template_parse(text, strlen(text), t);
    fflush(stderr);
    dup2(old, STDERR_FILENO);
    close(old);
    rewind(file);
    log[fread(log, 1, 511, file)] = '\0';
    fclose(file);
    return e;
}

static void test_errors_name_the_area_and_the_word(void **state) {
    (void)state;
#define SIZE "\"width_mm\": 60, \"height_mm\": 80, "
#define CODE "{\"show\": \"code\", \"x\": 5, \"y\": 5, \"w\": 20, \"h\": 20}"
#define BOX "\"x\": 5, \"y\": 5, \"w\": 40, \"h\": 20"
#define SIDE(name, y)                              \
    "{\"name\": \"" name "\", \"x\": 0, \"y\": " y \
    ", \"w\": 60, \"h\": 40, \"areas\": [" CODE "]}"
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"{" SIZE "\"areas\": [" CODE "," CODE ", {\"show\": \"photo\", " BOX "}]}",
         ", area 3: \"show\": \"photo\" is no word"},
        {"{" SIZE "\"areas\": [{" BOX ", \"lines\": [{\"show\": \"name\"}, "
         "{\"show\": \"nickname\"}]}]}",
         ", area 1, line 2: \"show\": \"nickname\" is no word"},
        {"{" SIZE "\"areas\": [{\"show\": \"code\", \"colour\": 1, " BOX "}]}",
         ", area 1: \"colour\" is no word"},
        {"{" SIZE "\"area\": []}", "\"area\" is no word"},
        {"{" SIZE "\"areas\": [{" BOX ", \"lines\": [{\"show\": \"text\"}]}]}",
         ", area 1, line 1: \"text\" is a text"},
        {"{" SIZE "\"areas\": [{\"show\": \"image\", " BOX "}]}",
         ", area 1: \"file\" is a text"},
        {"{" SIZE "\"areas\": [{\"show\": \"image\", \"file\": \"../a.png\", " BOX "}]}",
         ", area 1: \"file\": \"../a.png\" is not"},
        {"{" SIZE "\"areas\": [{\"show\": \"qr\", " BOX "}]}",
         ", area 1: \"text\" is a text"},
        {"{" SIZE "\"areas\": [{\"show\": \"marks\", \"style\": \"ribbons\", " BOX "}]}",
         ", area 1: \"style\": \"ribbons\" is no word"},
        {"{" SIZE "\"turn\": 45, \"areas\": [" CODE "]}", "\"turn\" is 0, 90"},
        {"{" SIZE "\"areas\": [" CODE "], \"sides\": [" SIDE("front", "0") "]}",
         "stands instead of \"areas\""},
        {"{" SIZE "\"sides\": [" SIDE("front", "0") "," SIDE("back", "39") "]}",
         ", side 2: it overlaps the first"},
        {"{" SIZE "\"sides\": [" SIDE("front", "41") "]}",
         ", side 1: its box leaves the paper"},
        {"{" SIZE "\"turn\": 90, \"areas\": [{\"show\": \"bar\", \"x\": 5, \"y\": 56, "
         "\"w\": 60, \"h\": 2}]}",
         ", area 1: its box leaves the paper of 80 x 60 mm"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct template t;
        char log[512];
        assert_int_equal(parse(rows[i].text, &t, log), ERR_INPUT);
        if (!strstr(log, rows[i].said)) {
            fail_msg("%s: says \"%s\", not \"%s\"", rows[i].text, log, rows[i].said);
        }
    }
}

static void test_read_names_a_missing_image(void **state) {
    (void)state;
    char path[] = "/tmp/foyer-template-XXXXXX";
    int fd = mkstemp(path);
    const char *text = "{" SIZE "\"areas\": [{\"show\": \"image\", \"file\": "
                       "\"no-such.png\", " BOX "}]}";
    static struct template t;
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    assert_int_equal(template_read(path, &t), ERR_NOT_FOUND);
    unlink(path);
}

// Where the black dots are: x0, y0 and the dots beyond the last.
struct extent {
    int x0, y0, x1, y1;
    long count;
};

static struct extent extent_of(const struct raster *r) {
    struct extent e = {.x0 = r->w, .y0 = r->h};
    for (int y = 0; y < r->h; y++) {
        for (int x = 0; x < r->w; x++) {
            if (raster_is_black(r, x, y)) {
                e.x0 = x < e.x0 ? x : e.x0;
                e.y0 = y < e.y0 ? y : e.y0;
                e.x1 = x + 1 > e.x1 ? x + 1 : e.x1;
                e.y1 = y + 1 > e.y1 ? y + 1 : e.y1;
                e.count++;
            }
        }
    }
    return e;
}

static void draw(const char *text, const struct badge *badge, struct badge_proof *out) {
    static struct template t;
    assert_int_equal(template_parse(text, strlen(text), &t), ERR_NONE);
    badge_proof(&t, badge, fonts, 254, out); // ten dots a millimetre
    template_finish(&t);
}

static void test_sides_turn_clockwise(void **state) {
    (void)state;
    static const struct {
        int turn;
        struct extent expected;
    } rows[] = {
        {0, {50, 60, 250, 160, 0}},
        {90, {600 - 160, 50, 600 - 60, 250, 0}},
        {180, {600 - 250, 800 - 160, 600 - 50, 800 - 60, 0}},
        {270, {60, 800 - 250, 160, 800 - 50, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{" SIZE "\"turn\": %d, \"areas\": [{\"show\": \"bar\", \"x\": 5, "
                 "\"y\": 6, \"w\": 20, \"h\": 10}]}",
                 rows[i].turn);
        struct badge_proof p;
        draw(text, &(struct badge){0}, &p);
        struct extent e = extent_of(&p.raster), want = rows[i].expected;
        assert_int_equal(p.raster.w, 600);
        assert_true(e.x0 == want.x0 && e.y0 == want.y0 && e.x1 == want.x1 &&
                    e.y1 == want.y1);
        assert_int_equal(e.count, 200 * 100);
        raster_finish(&p.raster);
    }
}

static void test_folded_back_stands_on_its_head(void **state) {
    (void)state;
    struct badge badge = {.name = "Zoë"};
#define NAME "\"areas\": [{" BOX ", \"lines\": [{\"show\": \"name\", \"size\": 12}]}]}"
    struct badge_proof p;
    draw("{" SIZE "\"sides\": [{\"name\": \"front\", \"x\": 0, \"y\": 40, \"w\": 60, "
         "\"h\": 40, " NAME ", {\"name\": \"back\", \"x\": 0, \"y\": 0, \"w\": 60, "
         "\"h\": 40, \"turn\": 180, " NAME "]}",
         &badge, &p);
    long black = 0;
    for (int y = 0; y < 400; y++) {
        for (int x = 0; x < 600; x++) {
            bool is_black = raster_is_black(&p.raster, x, y);
            assert_int_equal(is_black, raster_is_black(&p.raster, 599 - x, 799 - y));
            black += is_black;
        }
    }
    assert_true(black > 2000);
    raster_finish(&p.raster);
}

static void test_name_and_family_shrink_together(void **state) {
    (void)state;
    // Alone, "Al" would be 16 mm high; beside a long family name it may not be larger.
    static const char *const with[] = {"", ", \"same_size\": true"};
    int heights[2];
    for (int i = 0; i < 2; i++) {
        char text[512];
        struct badge badge = {.name = "Al", .family = "Fernández-Echeverría"};
        struct badge_proof p;
        snprintf(text, sizeof text,
                 "{" SIZE "\"areas\": [{\"x\": 5, \"y\": 5, \"w\": 50, \"h\": 60, "
                 "\"lines\": [{\"show\": \"name\", \"size\": 16, \"min\": 3}, "
                 "{\"show\": \"family\", \"size\": 16, \"min\": 3%s}]}]}",
                 with[i]);
        draw(text, &badge, &p);
        struct extent e = extent_of(&p.raster);
        heights[i] = e.y1 - e.y0;
        assert_int_equal(p.report.cut, 0);
        assert_int_equal(p.report.spilled, 0);
        raster_finish(&p.raster);
    }
    assert_true(heights[1] * 10 < heights[0] * 7);
}

static void test_small_lines_keep_their_least_size(void **state) {
    (void)state;
    // 30 mm of lines in a box of 14: the name gives way, the organisation only down to 4 mm.
    struct badge badge = {.name = "Al", .org = "Example"};
    struct badge_proof p;
    draw("{" SIZE "\"areas\": [{\"x\": 5, \"y\": 5, \"w\": 50, \"h\": 14, "
         "\"lines\": [{\"show\": \"name\", \"size\": 18, \"min\": 3}, "
         "{\"show\": \"org\", \"size\": 6, \"min\": 4}]}]}",
         &badge, &p);
    assert_int_equal(p.report.smallest, TEMPLATE_SHOW_ORG);
    assert_int_equal(p.report.smallest_px, 40);
    assert_int_equal(p.report.spilled, 0);
    assert_true(extent_of(&p.raster).y0 >= 50 && extent_of(&p.raster).y1 <= 190);
    raster_finish(&p.raster);
}

static void test_latin_line_and_its_absence(void **state) {
    (void)state;
    static const char text[] = "{" SIZE "\"areas\": [{" BOX ", \"lines\": ["
                               "{\"show\": \"latin\", \"size\": 6}]}]}";
    struct badge badge = {.name = "王小明", .latin = "Wang Xiaoming"};
    struct badge_proof p;
    draw(text, &badge, &p);
    assert_true(extent_of(&p.raster).count > 500);
    raster_finish(&p.raster);
    badge.latin[0] = '\0';
    draw(text, &badge, &p);
    assert_int_equal(extent_of(&p.raster).count, 0);
    raster_finish(&p.raster);
}

static void test_bars_fill_the_width_and_stay_in_the_box(void **state) {
    (void)state;
    struct badge badge = {.no_photo = true};
    for (badge.mark_count = 1; badge.mark_count <= BADGE_MARKS_MAX; badge.mark_count++) {
        snprintf(badge.marks[badge.mark_count - 1], BADGE_MARK_SIZE, "VOLUNTEER");
        struct badge_proof p;
        draw("{" SIZE
             "\"areas\": [{\"show\": \"marks\", \"style\": \"bars\", \"size\": 4, "
             "\"x\": 5, \"y\": 50, \"w\": 50, \"h\": 15}]}",
             &badge, &p);
        struct extent e = extent_of(&p.raster);
        assert_int_equal(e.x0, 50);
        assert_int_equal(e.x1, 550);
        assert_true(e.y0 >= 500);
        assert_int_equal(e.y1, 650);
        assert_true(e.count > 500L * 30 * badge.mark_count / 3);
        assert_int_equal(p.report.spilled, 0);
        assert_false(p.report.has_cut_marks);
        raster_finish(&p.raster);
    }
}

static void test_report_tells_what_is_wrong(void **state) {
    (void)state;
    struct badge badge = {.name = "\xF3\xB0\x80\x81",
                          .org = "An organisation with a name that is much too long"};
    struct badge_proof p;
    draw("{" SIZE "\"areas\": [{\"x\": 5, \"y\": 5, \"w\": 20, \"h\": 12, \"lines\": ["
         "{\"show\": \"name\", \"size\": 6}]}, {\"x\": 5, \"y\": 20, \"w\": 10, \"h\": "
         "1, \"lines\": [{\"show\": \"org\", \"size\": 4, \"min\": 4}]}]}",
         &badge, &p);
    assert_int_equal(p.report.missing, 1);
    assert_int_equal(p.report.module_dots, 0);
    assert_true(p.report.cut & (1u << TEMPLATE_SHOW_ORG));
    assert_false(p.report.cut & (1u << TEMPLATE_SHOW_NAME));
    assert_int_equal(p.report.smallest_px, TEXT_SIZE_MIN_PX);
    assert_int_equal(p.report.smallest, TEMPLATE_SHOW_ORG);
    raster_finish(&p.raster);
}

// A grey keeps its share of ink wherever it is measured, and black and white stay clean.
static void test_dither_keeps_lightness(void **state) {
    (void)state;
    for (int grey = 0; grey <= 255; grey += 51) {
        struct image image;
        struct ink ink;
        image_init(&image, 10, 10);
        for (int i = 0; i < 100; i++) {
            image.pixels[i] = 0xff000000u | (uint32_t)(grey * 0x10101);
        }
        ink_init(&ink, 120, 120, 254);
        dither_draw(&ink, &image, (struct shape_box){10, 10, 100, 100},
                    TEXT_ALIGN_CENTER);
        for (int part = 0; part < 4; part++) {
            long black = 0;
            for (int i = 0; i < 2500; i++) {
                int x = 10 + part % 2 * 50 + i % 50, y = 10 + part / 2 * 50 + i / 50;
                uint8_t dot = ink.pixels[y * 120 + x];
                assert_true(dot == SHAPE_INK || dot == SHAPE_PAPER);
                black += dot == SHAPE_INK;
            }
            assert_in_range(black + 100, (255 - grey) * 2500 / 255 + 25,
                            (255 - grey) * 2500 / 255 + 175);
        }
        assert_int_equal(ink.pixels[9 * 120 + 50] + ink.pixels[50 * 120 + 110], 0);
        ink_finish(&ink);
        image_finish(&image);
    }
}

static void test_dither_treats_transparent_as_paper(void **state) {
    (void)state;
    struct image image;
    struct ink ink;
    image_init(&image, 4, 2); // all transparent black; twice as wide as high
    ink_init(&ink, 40, 40, 254);
    dither_draw(&ink, &image, (struct shape_box){0, 0, 40, 40}, TEXT_ALIGN_LEFT);
    dither_draw(&ink, &(struct image){0}, (struct shape_box){0, 0, 40, 40},
                TEXT_ALIGN_LEFT);
    for (int i = 0; i < 1600; i++) {
        assert_int_equal(ink.pixels[i], SHAPE_PAPER);
    }
    for (int i = 0; i < 8; i++) {
        image.pixels[i] = 0xff000000u;
    }
    dither_draw(&ink, &image, (struct shape_box){0, 0, 40, 40}, TEXT_ALIGN_LEFT);
    for (int y = 0; y < 40; y++) { // 40 x 20, in the middle of the box's height
        assert_int_equal(ink.pixels[y * 40 + 20], y >= 10 && y < 30 ? 255 : 0);
    }
    ink_finish(&ink);
    image_finish(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_name_the_area_and_the_word),
        cmocka_unit_test(test_read_names_a_missing_image),
        cmocka_unit_test(test_sides_turn_clockwise),
        cmocka_unit_test(test_folded_back_stands_on_its_head),
        cmocka_unit_test(test_name_and_family_shrink_together),
        cmocka_unit_test(test_small_lines_keep_their_least_size),
        cmocka_unit_test(test_latin_line_and_its_absence),
        cmocka_unit_test(test_bars_fill_the_width_and_stay_in_the_box),
        cmocka_unit_test(test_report_tells_what_is_wrong),
        cmocka_unit_test(test_dither_keeps_lightness),
        cmocka_unit_test(test_dither_treats_transparent_as_paper),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

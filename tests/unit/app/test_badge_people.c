// The people of the demo event: no name or organisation needs a glyph that no font has, and
// a badge of each fifth of them can be drawn with nothing outside its paper.
#include "app/badge/badge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sync/base/json.h"
#include "sync/connectors/people_csv.h"

static struct drafts drafts;
static struct fonts *fonts;

static char *read_file(const char *name, size_t *out_len) {
    char path[512];
    const char *source = getenv("FOYER_SOURCE");
    snprintf(path, sizeof path, "%s/assets/%s", source ? source : ".", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = malloc(1 << 20);
    *out_len = fread(text, 1, 1 << 20, f);
    fclose(f);
    return text;
}

static int set_up(void **state) {
    (void)state;
    size_t len = 0;
    char *text = read_file("ietf92/people.csv", &len);
    struct import_options options = {.file = "people.csv"};
    struct import_report report = {0};
    assert_int_equal(people_csv_read(text, len, &options, &drafts, &report), ERR_NONE);
    assert_int_equal(fonts_open(NULL, &fonts), ERR_NONE);
    free(text);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    drafts_finish(&drafts);
    fonts_close(fonts);
    return 0;
}

static void get_person(size_t i, struct person *out) {
    json_t *body = NULL;
    const struct draft *d = &drafts.items[i];
    assert_int_equal(json_parse(d->body, strlen(d->body), &body), ERR_NONE);
    person_parse(d->subject, body, out);
    json_decref(body);
}

static void test_no_glyph_is_missing(void **state) {
    (void)state;
    struct event_info event = {.name = "IETF 92", .city = "Dallas"};
    assert_true(drafts.count > 600);
    for (size_t i = 0; i < drafts.count; i++) {
        struct person person;
        struct badge badge;
        get_person(i, &person);
        badge_fill(&person, &event, 0, &badge);
        const char *const texts[] = {badge.whole, badge.latin, badge.org, badge.marks[0]};
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++) {
            struct text_style style = {
                .size_px = 40, .weight = TEXT_BOLD, .han = badge.han};
            struct text_layout *layout = text_create(fonts, &style, texts[j]);
            if (text_count_missing(layout) != 0) {
                fail_msg("no glyph for a letter of \"%s\"", texts[j]);
            }
            text_destroy(layout);
        }
    }
}

static void test_badges_stay_on_their_paper(void **state) {
    (void)state;
    struct event_info event = {.name = "IETF 92", .city = "Dallas"};
    struct template template;
    size_t len = 0;
    char *text = read_file("badges/badge-3x4.json", &len);
    assert_int_equal(template_parse(text, len, &template), ERR_NONE);
    free(text);
    for (size_t i = 0; i < drafts.count; i += 5) {
        struct person person;
        struct badge badge;
        struct raster r;
        get_person(i, &person);
        badge_fill(&person, &event, 0, &badge);
        badge_make_raster(&template, &badge, fonts, 203, &r);
        int margin = template_dots(template.margin_mm, 203);
        for (int y = 0; y < r.h; y++) {
            assert_false(raster_is_black(&r, margin - 1, y));
            assert_false(raster_is_black(&r, r.w - margin, y));
        }
        for (int x = 0; x < r.w; x++) {
            assert_false(raster_is_black(&r, x, margin - 1));
            assert_false(raster_is_black(&r, x, r.h - margin));
        }
        raster_finish(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_glyph_is_missing),
        cmocka_unit_test(test_badges_stay_on_their_paper),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

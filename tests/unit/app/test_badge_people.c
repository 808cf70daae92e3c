// The people of the demo event on the labels we ship, at 203 and 300 dpi: no letter without a
// glyph, no ink outside its area, nothing cut, and every code read by a decoder that is not
// ours (zbarimg, and zxing-cpp for a sample).
// One person in EVERY is printed once, label and resolution take turns; FOYER_BADGE_ALL=1
// prints everybody on everything (some ten minutes in a release build). FOYER_BADGE_OUT=DIR keeps
// the pictures.
#include "app/badge/badge.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sync/base/json.h"
#include "sync/connectors/people_csv.h"

enum { LABELS_MAX = 32, DPIS = 2, SAMPLE = 40, EVERY = 3 };
static const int dpis[DPIS] = {203, 300};

static struct drafts drafts;
static struct fonts *fonts;
static struct template templates[LABELS_MAX];
static char label_names[LABELS_MAX][64];
static int label_count;

static const char *source_dir(void) {
    const char *source = getenv("FOYER_SOURCE");
    return source ? source : ".";
}

static void read_people(void) {
    char path[512];
    snprintf(path, sizeof path, "%s/assets/ietf92/people.csv", source_dir());
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = malloc(1 << 20);
    size_t len = fread(text, 1, 1 << 20, f);
    fclose(f);
    struct import_options options = {.file = "people.csv"};
    struct import_report report = {0};
    assert_int_equal(people_csv_read(text, len, &options, &drafts, &report), ERR_NONE);
    assert_true(drafts.count > 600);
    free(text);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_labels(void) {
    char folder[512], path[1024];
    struct dirent **entries;
    snprintf(folder, sizeof folder, "%s/assets/badges", source_dir());
    int count = scandir(folder, &entries, NULL, by_name);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
        if (dot && strcmp(dot, ".json") == 0) {
            assert_true(label_count < LABELS_MAX);
            snprintf(path, sizeof path, "%s/%s", folder, name);
            assert_int_equal(template_read(path, &templates[label_count]), ERR_NONE);
            snprintf(label_names[label_count++], sizeof label_names[0], "%.*s",
                     (int)(dot - name), name);
        }
        free(entries[i]);
    }
    free(entries);
    assert_true(label_count >= 9);
}

static int set_up(void **state) {
    (void)state;
    read_people();
    read_labels();
    assert_int_equal(fonts_open(NULL, &fonts), ERR_NONE);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    drafts_finish(&drafts);
    for (int i = 0; i < label_count; i++) {
        template_finish(&templates[i]);
    }
    fonts_close(fonts);
    return 0;
}

static void get_badge(size_t i, struct badge *out) {
    static const struct event_info event = {.name = "IETF 92", .city = "Dallas"};
    struct person person;
    json_t *body = NULL;
    const struct draft *d = &drafts.items[i];
    assert_int_equal(json_parse(d->body, strlen(d->body), &body), ERR_NONE);
    person_parse(d->subject, body, &person);
    json_decref(body);
    badge_fill(&person, &event, 1, out);
}

struct tally {
    char dir[128];
    int printed, bad, sampled;
    double smallest_mm;
    char smallest_on[512];
    int smallest_module; // dots
};

static bool has_ink_in_margin(const struct raster *r, double margin_mm) {
    int margin = template_dots(margin_mm, r->dpi);
    for (int y = 0; y < r->h; y++) {
        bool is_edge = y < margin || y >= r->h - margin;
        for (int x = 0; x < r->w; x++) {
            if (!is_edge && x == margin) {
                x = r->w - margin;
            }
            if (raster_is_black(r, x, y)) {
                return true;
            }
        }
    }
    return false;
}

static void write_pgm(const struct raster *r, const char *path) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fprintf(f, "P5\n%d %d\n255\n", r->w, r->h);
    for (int y = 0; y < r->h; y++) {
        for (int x = 0; x < r->w; x++) {
            fputc(raster_is_black(r, x, y) ? 0 : 255, f);
        }
    }
    fclose(f);
}

static void print_badge(struct tally *t, const struct badge *badge, int label, int dpi) {
    struct badge_proof p;
    char path[512];
    badge_proof(&templates[label], badge, fonts, dpi, &p);
    const struct badge_report *r = &p.report;
    bool has_stray = has_ink_in_margin(&p.raster, templates[label].margin_mm);
    if (r->missing || r->cut || r->has_cut_marks || r->spilled || has_stray ||
        r->module_dots < 3) {
        print_error("%s on %s at %d dpi: %d letters without a glyph, cut %x%s, %d areas "
                    "spilled (%s), module of %d dots%s\n",
                    badge->whole, label_names[label], dpi, r->missing, r->cut,
                    r->has_cut_marks ? " and a role" : "", r->spilled, r->first_spilled,
                    r->module_dots, has_stray ? ", ink in the margin" : "");
        t->bad++;
    }
    double mm = r->smallest_px * 25.4 / dpi;
    if (t->smallest_mm == 0 || mm < t->smallest_mm) {
        t->smallest_mm = mm;
        snprintf(t->smallest_on, sizeof t->smallest_on, "%s, %s at %d dpi, %s",
                 badge->whole, label_names[label], dpi, template_show_name(r->smallest));
    }
    t->smallest_module = t->smallest_module == 0 || r->module_dots < t->smallest_module
                             ? r->module_dots
                             : t->smallest_module;
    snprintf(path, sizeof path, "%s/%s-%s-%d.png", t->dir, badge->code,
             label_names[label], dpi);
    assert_int_equal(raster_write_png(&p.raster, path), ERR_NONE);
    if (t->printed++ % 16 == 0 && t->sampled < SAMPLE) {
        snprintf(path, sizeof path, "%s/%s-%s-%d.pgm", t->dir, badge->code,
                 label_names[label], dpi);
        write_pgm(&p.raster, path);
        t->sampled++;
    }
    raster_finish(&p.raster);
}

// How many files in the folder have the code of their name read by the command, which gets
// file names and prints a line for each code. All of them are given to few processes: a
// code must come out as often as files are named after it.
static int count_read(const char *dir, const char *ending, const char *command) {
    char line[2048];
    snprintf(line, sizeof line,
             "cd '%s' && ls | sed -n 's/-.*\\.%s$//p' | sort >names && "
             "find . -name '*.%s' -print0 | xargs -0 -n 200 %s 2>/dev/null | "
             "grep -E '^[0-9A-Z]{20}$' | sort >codes; comm -12 names codes | wc -l",
             dir, ending, ending, command);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    pclose(pipe);
    return (int)strtol(line, NULL, 10);
}

static void read_codes(const struct tally *t) {
    char command[1024];
    assert_int_equal(count_read(t->dir, "png", "zbarimg -q --raw"), t->printed);
    if (system("/usr/bin/python3 -c 'import zxingcpp' 2>/dev/null") != 0) {
        print_message("python3-zxing-cpp is not here: no second reader\n");
        return;
    }
    snprintf(command, sizeof command,
             "/usr/bin/python3 \"%s/tests/support/read_codes.py\" list",
             strcmp(source_dir(), ".") == 0 ? "$OLDPWD" : source_dir());
    assert_int_equal(count_read(t->dir, "pgm", command), t->sampled);
}

static void test_everybody_on_every_label(void **state) {
    (void)state;
    const char *all = getenv("FOYER_BADGE_ALL"), *keep = getenv("FOYER_BADGE_OUT");
    struct tally t = {0};
    struct badge badge;
    snprintf(t.dir, sizeof t.dir, "%s", keep ? keep : "/tmp/foyer-people-XXXXXX");
    assert_true(keep || mkdtemp(t.dir));
    for (size_t i = 0; i < drafts.count; i += all ? 1 : EVERY) {
        get_badge(i, &badge);
        for (int j = 0; j < (all ? label_count * DPIS : 1); j++) {
            int turn = (int)i / (all ? 1 : EVERY) + j;
            print_badge(&t, &badge, turn % label_count, dpis[turn / label_count % DPIS]);
        }
    }
    print_message("%d badges for %zu people on %d labels; smallest text %.2f mm (%s), "
                  "smallest module %d dots\n",
                  t.printed, drafts.count, label_count, t.smallest_mm, t.smallest_on,
                  t.smallest_module);
    assert_int_equal(t.bad, 0);
    read_codes(&t);
    assert_true(t.smallest_mm >= 1.5); // what is smaller nobody reads
    if (!keep) {
        char command[256];
        snprintf(command, sizeof command, "rm -rf '%s'", t.dir);
        assert_int_equal(system(command), 0);
    }
}

static void test_no_letter_lacks_a_glyph(void **state) {
    (void)state;
    for (size_t i = 0; i < drafts.count; i++) {
        struct badge badge;
        get_badge(i, &badge);
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

static bool do_overlap(const struct template_area *a, const struct template_area *b) {
    const double slack = 1e-6;
    return a->x_mm + a->w_mm > b->x_mm + slack && b->x_mm + b->w_mm > a->x_mm + slack &&
           a->y_mm + a->h_mm > b->y_mm + slack && b->y_mm + b->h_mm > a->y_mm + slack;
}

static void check_side(const char *label, const struct template_side *side) {
    for (size_t a = 1; a < side->area_count; a++) {
        for (size_t b = 0; b < a; b++) {
            if (do_overlap(&side->areas[a], &side->areas[b])) {
                fail_msg("%s, %s: areas %zu and %zu overlap", label, side->name, b + 1,
                         a + 1);
            }
        }
    }
}

// Areas of a side do not reach into each other: what is drawn later would hide the rest.
static void test_areas_do_not_overlap(void **state) {
    (void)state;
    for (int i = 0; i < label_count; i++) {
        for (size_t s = 0; s < templates[i].side_count; s++) {
            check_side(label_names[i], &templates[i].sides[s]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everybody_on_every_label),
        cmocka_unit_test(test_no_letter_lacks_a_glyph),
        cmocka_unit_test(test_areas_do_not_overlap),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

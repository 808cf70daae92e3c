#include "app/badge/template.h"

#include "sync/base/bytes.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const double MARGIN_MM = 3, SIZE_MM = 6, MARK_SIZE_MM = 3.5;

static const char *const shows[] = {"event", "name", "second", "org"};
_Static_assert(sizeof shows / sizeof shows[0] == TEMPLATE_SHOW_COUNT, "a word each");
static const char *const kinds[] = {"lines", "code", "marks", "bar"};
static const char *const weights[] = {"regular", "medium", "semibold", "bold",
                                      "extrabold"};
static const char *const aligns[] = {"leading", "left", "center", "right"};

int template_dots(double mm, int dpi) {
    return (int)lround(mm * dpi / 25.4);
}

// Index of the word under key, `fallback` when absent, -1 (logged) when unknown.
static int find_word(const json_t *object, const char *key, const char *const *words,
                     size_t count, int fallback) {
    const char *word = json_get_text(object, key, NULL);
    if (!word) {
        return fallback;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return (int)i;
        }
    }
    log_error("badge template: \"%s\": \"%s\" is no word of it", key, word);
    return -1;
}
#define FIND_WORD(object, key, words, fallback) \
    find_word((object), (key), (words), sizeof(words) / sizeof((words)[0]), (fallback))

struct limits {
    double low, high;
};

static const struct limits sides = {20, 320}, sizes = {0.5, 100}; // mm

// False (logged) when it is there and no number within the limits.
static bool read_mm(const json_t *object, const char *key, double fallback,
                    struct limits limits, double *out) {
    const json_t *value = json_object_get(object, key);
    double mm = value ? json_number_value(value) : fallback;
    if ((value && !json_is_number(value)) || !(mm >= limits.low && mm <= limits.high)) {
        log_error("badge template: \"%s\" is a number from %g to %g", key, limits.low,
                  limits.high);
        return false;
    }
    *out = mm;
    return true;
}

static bool read_line(const json_t *object, struct template_line *out) {
    int show = FIND_WORD(object, "show", shows, -1);
    int weight = FIND_WORD(object, "weight", weights, TEXT_REGULAR);
    int64_t max_lines = json_get_int(object, "max_lines", 1);
    if (show < 0 || weight < 0 || max_lines < 1 || max_lines > TEXT_LINES_MAX) {
        log_error("badge template: a line needs \"show\" and 1 or more \"max_lines\"");
        return false;
    }
    out->show = (enum template_show)show;
    out->weight = (enum text_weight)weight;
    out->max_lines = (int)max_lines;
    return read_mm(object, "size", SIZE_MM, sizes, &out->size_mm) &&
           read_mm(object, "min", out->size_mm / 2,
                   (struct limits){sizes.low, out->size_mm}, &out->min_mm) &&
           read_mm(object, "gap", 0, (struct limits){0, sides.high}, &out->gap_mm);
}

static bool read_lines(const json_t *list, struct template_area *out) {
    out->line_count = json_array_size(list);
    if (out->line_count < 1 || out->line_count > TEMPLATE_LINES_MAX) {
        log_error("badge template: \"lines\" holds 1 to %d", TEMPLATE_LINES_MAX);
        return false;
    }
    for (size_t i = 0; i < out->line_count; i++) {
        if (!read_line(json_array_get(list, i), &out->lines[i])) {
            return false;
        }
    }
    return true;
}

static bool read_box(const json_t *object, const struct template *t,
                     struct template_area *a) {
    if (!read_mm(object, "x", -1, (struct limits){0, t->width_mm}, &a->x_mm) ||
        !read_mm(object, "y", -1, (struct limits){0, t->height_mm}, &a->y_mm) ||
        !read_mm(object, "w", -1, (struct limits){0.1, t->width_mm}, &a->w_mm) ||
        !read_mm(object, "h", -1, (struct limits){0.1, t->height_mm}, &a->h_mm)) {
        return false;
    }
    const double slack = 1e-6; // sums of decimal fractions
    if (a->x_mm < t->margin_mm - slack || a->y_mm < t->margin_mm - slack ||
        a->x_mm + a->w_mm > t->width_mm - t->margin_mm + slack ||
        a->y_mm + a->h_mm > t->height_mm - t->margin_mm + slack) {
        log_error("badge template: the area at %g, %g reaches into the margin", a->x_mm,
                  a->y_mm);
        return false;
    }
    return true;
}

static bool read_area(const json_t *object, const struct template *t,
                      struct template_area *out) {
    const json_t *lines = json_object_get(object, "lines");
    int kind = FIND_WORD(object, "show", kinds, lines ? TEMPLATE_AREA_LINES : -1);
    int align = FIND_WORD(object, "align", aligns, TEXT_ALIGN_CENTER);
    if (kind < 0 || align < 0 || !read_box(object, t, out)) {
        log_error("badge template: an area needs \"show\" or \"lines\", and its box");
        return false;
    }
    out->kind = (enum template_area_kind)kind;
    out->align = (enum text_align)align;
    return read_mm(object, "size", MARK_SIZE_MM, sizes, &out->size_mm) &&
           (out->kind != TEMPLATE_AREA_LINES || read_lines(lines, out));
}

static bool read_template(const json_t *root, struct template *t) {
    const json_t *areas = json_object_get(root, "areas");
    json_copy_text(root, "name", t->name, sizeof t->name);
    if (!read_mm(root, "width_mm", 0, sides, &t->width_mm) ||
        !read_mm(root, "height_mm", 0, sides, &t->height_mm) ||
        !read_mm(root, "margin_mm", MARGIN_MM, (struct limits){0, 10}, &t->margin_mm)) {
        return false;
    }
    t->area_count = json_array_size(areas);
    if (t->area_count < 1 || t->area_count > TEMPLATE_AREAS_MAX) {
        log_error("badge template: \"areas\" holds 1 to %d", TEMPLATE_AREAS_MAX);
        return false;
    }
    for (size_t i = 0; i < t->area_count; i++) {
        if (!read_area(json_array_get(areas, i), t, &t->areas[i])) {
            return false;
        }
    }
    return true;
}

enum err template_parse(const void *text, size_t len, struct template *out) {
    json_t *root = NULL;
    struct template t = {0};
    enum err e = json_parse(text, len, &root);
    if (e != ERR_NONE) {
        log_error("badge template: this is no JSON object");
    } else if (!read_template(root, &t)) {
        e = ERR_INPUT;
    } else {
        *out = t;
    }
    json_decref(root);
    return e;
}

enum err template_read(const char *path, struct template *out) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        log_error("badge template %s: %s", path, strerror(errno));
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    char *text = mem_alloc(TEMPLATE_BYTES_MAX + 1, 1);
    size_t len = fread(text, 1, TEMPLATE_BYTES_MAX + 1, f);
    enum err e = ferror(f) ? ERR_IO : len > TEMPLATE_BYTES_MAX ? ERR_LIMIT : ERR_NONE;
    (void)fclose(f);
    if (e == ERR_NONE) {
        e = template_parse(text, len, out);
    }
    if (e != ERR_NONE) {
        log_error("badge template %s: %s", path, err_text(e));
    }
    mem_free(text);
    return e;
}

#include "app/badge/template.h"

#include "sync/base/file.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double MARGIN_MM = 3, SIZE_MM = 6, MARK_SIZE_MM = 3.5;

static const char *const shows[] = {"event", "whole",  "name", "family",
                                    "latin", "second", "org",  "text"};
_Static_assert(sizeof shows / sizeof shows[0] == TEMPLATE_SHOW_COUNT, "a word each");
static const char *const kinds[] = {"lines", "code", "qr", "marks", "bar", "image"};
static const char *const weights[] = {"regular", "medium", "semibold", "bold",
                                      "extrabold"};
static const char *const aligns[] = {"leading", "left", "center", "right"};
static const char *const styles[] = {"chips", "bars"};

// An object of the template, and where it is: errors name the place.
struct node {
    json_t *object;
    char place[TEMPLATE_NAME_SIZE + 64]; // ", front, area 3 (marks), line 1"
};

struct limits {
    double low, high;
};

static const struct limits sides_mm = {20, 320}, sizes_mm = {0.5, 100};

int template_dots(double mm, int dpi) {
    return (int)lround(mm * dpi / 25.4);
}

const char *template_show_name(enum template_show show) {
    return shows[show];
}

double template_side_width(const struct template_side *side) {
    return side->turn % 180 ? side->h_mm : side->w_mm;
}

double template_side_height(const struct template_side *side) {
    return side->turn % 180 ? side->w_mm : side->h_mm;
}

static void complain(const struct node *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void complain(const struct node *r, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    log_error("badge template%s: %s", r->place, text);
}

static struct node node_of(const struct node *above, json_t *object, const char *what,
                           size_t number) {
    struct node r = {.object = object};
    (void)snprintf(r.place, sizeof r.place, "%.*s, %.40s %zu", (int)sizeof r.place - 50,
                   above->place, what, number);
    return r;
}

// False (said) when the object has a key that is none of these.
static bool has_only(const struct node *r, const char *const *keys, size_t count) {
    if (!json_is_object(r->object)) {
        complain(r, "this is no object");
        return false;
    }
    const char *key;
    json_t *value;
    json_object_foreach(r->object, key, value) {
        size_t i = 0;
        while (i < count && strcmp(key, keys[i]) != 0) {
            i++;
        }
        if (i == count) {
            complain(r, "\"%.40s\" is no word of it", key);
            return false;
        }
    }
    return true;
}
#define HAS_ONLY(r, ...)                              \
    has_only((r), (const char *const[]){__VA_ARGS__}, \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

// Index of the word under key, `fallback` when absent, -1 (said) when unknown.
static int find_word(const struct node *r, const char *key, const char *const *words,
                     size_t count, int fallback) {
    const json_t *value = json_object_get(r->object, key);
    if (!value && fallback >= 0) {
        return fallback;
    }
    const char *word = json_string_value(value);
    for (size_t i = 0; word && i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return (int)i;
        }
    }
    if (word) {
        complain(r, "\"%s\": \"%.40s\" is no word of it", key, word);
    } else {
        complain(r, "\"%s\" is missing, or no word", key);
    }
    return -1;
}
#define FIND_WORD(r, key, words, fallback) \
    find_word((r), (key), (words), sizeof(words) / sizeof((words)[0]), (fallback))

// False (said) when it is there and no number within the limits.
static bool read_mm(const struct node *r, const char *key, double fallback,
                    struct limits limits, double *out) {
    const json_t *value = json_object_get(r->object, key);
    double mm = value ? json_number_value(value) : fallback;
    if ((value && !json_is_number(value)) || !(mm >= limits.low && mm <= limits.high)) {
        complain(r, "\"%s\" is a number from %g to %g", key, limits.low, limits.high);
        return false;
    }
    *out = mm;
    return true;
}

static bool read_text(const struct node *r, const char *key, char *out, size_t size) {
    const char *text = json_string_value(json_object_get(r->object, key));
    if (!text || !*text || strlen(text) >= size) {
        complain(r, "\"%s\" is a text of 1 to %zu bytes", key, size - 1);
        return false;
    }
    utf8_copy(text, out, size);
    return true;
}

static bool read_line(const struct node *r, struct template_line *out) {
    if (!HAS_ONLY(r, "show", "size", "min", "max_lines", "gap", "weight", "same_size",
                  "text")) {
        return false;
    }
    int show = FIND_WORD(r, "show", shows, -1);
    int weight = FIND_WORD(r, "weight", weights, TEXT_REGULAR);
    int64_t max_lines = json_get_int(r->object, "max_lines", 1);
    if (show < 0 || weight < 0) {
        return false;
    }
    if (max_lines < 1 || max_lines > TEXT_LINES_MAX) {
        complain(r, "\"max_lines\" is a number from 1 to %d", TEXT_LINES_MAX);
        return false;
    }
    out->show = (enum template_show)show;
    out->weight = (enum text_weight)weight;
    out->max_lines = (int)max_lines;
    out->has_same_size = json_get_bool(r->object, "same_size", false);
    return (out->show != TEMPLATE_SHOW_TEXT ||
            read_text(r, "text", out->text, sizeof out->text)) &&
           read_mm(r, "size", SIZE_MM, sizes_mm, &out->size_mm) &&
           read_mm(r, "min", out->size_mm / 2,
                   (struct limits){sizes_mm.low / 2, out->size_mm}, &out->min_mm) &&
           read_mm(r, "gap", 0, (struct limits){0, sides_mm.high}, &out->gap_mm);
}

static bool read_lines(const struct node *r, struct template_area *out) {
    const json_t *list = json_object_get(r->object, "lines");
    out->line_count = json_array_size(list);
    if (out->line_count < 1 || out->line_count > TEMPLATE_LINES_MAX) {
        complain(r, "\"lines\" holds 1 to %d", TEMPLATE_LINES_MAX);
        return false;
    }
    for (size_t i = 0; i < out->line_count; i++) {
        struct node line = node_of(r, json_array_get(list, i), "line", i + 1);
        if (!read_line(&line, &out->lines[i])) {
            return false;
        }
    }
    return true;
}

// A box within w x h that keeps clear of the margin.
static bool read_box(const struct node *r, struct limits size, double margin,
                     double box[4]) {
    static const char *const keys[] = {"x", "y", "w", "h"};
    for (int i = 0; i < 4; i++) {
        double side = i % 2 ? size.high : size.low;
        if (!read_mm(r, keys[i], -1, (struct limits){i < 2 ? 0 : 0.1, side}, &box[i])) {
            return false;
        }
    }
    const double slack = 1e-6; // sums of decimal fractions
    if (box[0] < margin - slack || box[1] < margin - slack ||
        box[0] + box[2] > size.low - margin + slack ||
        box[1] + box[3] > size.high - margin + slack) {
        complain(r, "its box leaves the paper of %g x %g mm with a margin of %g",
                 size.low, size.high, margin);
        return false;
    }
    return true;
}

// A plain name: a template reads nothing but what lies beside it.
static bool read_file_name(const struct node *r, struct template_area *out) {
    if (!read_text(r, "file", out->text, sizeof out->text)) {
        return false;
    }
    if (strchr(out->text, '/') || out->text[0] == '.') {
        complain(r, "\"file\": \"%s\" is not the name of a PNG beside the template",
                 out->text);
        return false;
    }
    return true;
}

static bool read_area(const struct node *r, const struct template *t,
                      const struct template_side *side, struct template_area *out) {
    if (!HAS_ONLY(r, "show", "lines", "x", "y", "w", "h", "align", "size", "style",
                  "file", "text")) {
        return false;
    }
    bool has_lines = json_object_get(r->object, "lines") != NULL;
    int kind = FIND_WORD(r, "show", kinds, has_lines ? TEMPLATE_AREA_LINES : -1);
    int align = FIND_WORD(r, "align", aligns, TEXT_ALIGN_CENTER);
    int style = FIND_WORD(r, "style", styles, 0);
    struct limits size = {template_side_width(side), template_side_height(side)};
    double box[4];
    if (kind < 0 || align < 0 || style < 0 || !read_box(r, size, t->margin_mm, box)) {
        return false;
    }
    out->kind = (enum template_area_kind)kind;
    out->align = (enum text_align)align;
    out->has_bars = style == 1;
    out->x_mm = box[0];
    out->y_mm = box[1];
    out->w_mm = box[2];
    out->h_mm = box[3];
    return read_mm(r, "size", MARK_SIZE_MM, sizes_mm, &out->size_mm) &&
           (out->kind != TEMPLATE_AREA_LINES || read_lines(r, out)) &&
           (out->kind != TEMPLATE_AREA_QR ||
            read_text(r, "text", out->text, sizeof out->text)) &&
           (out->kind != TEMPLATE_AREA_IMAGE || read_file_name(r, out));
}

static bool read_areas(const struct node *r, const struct template *t,
                       struct template_side *side) {
    const json_t *areas = json_object_get(r->object, "areas");
    double turn = 0;
    if (!read_mm(r, "turn", 0, (struct limits){0, 270}, &turn)) {
        return false;
    }
    side->turn = (int)turn;
    if (side->turn % 90 || side->turn != turn) {
        complain(r, "\"turn\" is 0, 90, 180 or 270");
        return false;
    }
    side->area_count = json_array_size(areas);
    if (side->area_count < 1 || side->area_count > TEMPLATE_AREAS_MAX) {
        complain(r, "\"areas\" holds 1 to %d", TEMPLATE_AREAS_MAX);
        return false;
    }
    for (size_t i = 0; i < side->area_count; i++) {
        json_t *object = json_array_get(areas, i);
        struct node area = node_of(r, object, "area", i + 1);
        if (!read_area(&area, t, side, &side->areas[i])) {
            return false;
        }
    }
    return true;
}

static bool read_side(const struct node *r, const struct template *t,
                      struct template_side *side) {
    double box[4];
    struct limits size = {t->width_mm, t->height_mm};
    if (!HAS_ONLY(r, "name", "x", "y", "w", "h", "turn", "areas") ||
        !read_text(r, "name", side->name, sizeof side->name) ||
        !read_box(r, size, 0, box)) {
        return false;
    }
    side->x_mm = box[0];
    side->y_mm = box[1];
    side->w_mm = box[2];
    side->h_mm = box[3];
    return read_areas(r, t, side);
}

static bool do_overlap(const struct template_side *a, const struct template_side *b) {
    const double slack = 1e-6;
    return a->x_mm + a->w_mm > b->x_mm + slack && b->x_mm + b->w_mm > a->x_mm + slack &&
           a->y_mm + a->h_mm > b->y_mm + slack && b->y_mm + b->h_mm > a->y_mm + slack;
}

static bool read_sides(const struct node *r, struct template *t) {
    const json_t *sides = json_object_get(r->object, "sides");
    if (!sides) {
        t->side_count = 1;
        (void)snprintf(t->sides[0].name, sizeof t->sides[0].name, "front");
        t->sides[0].w_mm = t->width_mm;
        t->sides[0].h_mm = t->height_mm;
        return read_areas(r, t, &t->sides[0]);
    }
    t->side_count = json_array_size(sides);
    if (t->side_count < 1 || t->side_count > TEMPLATE_SIDES_MAX ||
        json_object_get(r->object, "areas") || json_object_get(r->object, "turn")) {
        complain(r,
                 "\"sides\" holds 1 to %d, and stands instead of \"areas\" and \"turn\"",
                 TEMPLATE_SIDES_MAX);
        return false;
    }
    for (size_t i = 0; i < t->side_count; i++) {
        struct node side = node_of(r, json_array_get(sides, i), "side", i + 1);
        if (!read_side(&side, t, &t->sides[i])) {
            return false;
        }
        if (i > 0 && do_overlap(&t->sides[0], &t->sides[i])) {
            complain(&side, "it overlaps the first");
            return false;
        }
    }
    return true;
}

static bool read_template(json_t *root, struct template *t) {
    struct node r = {.object = root};
    json_copy_text(root, "name", t->name, sizeof t->name);
    return HAS_ONLY(&r, "name", "width_mm", "height_mm", "margin_mm", "turn", "areas",
                    "sides") &&
           read_mm(&r, "width_mm", 0, sides_mm, &t->width_mm) &&
           read_mm(&r, "height_mm", 0, sides_mm, &t->height_mm) &&
           read_mm(&r, "margin_mm", MARGIN_MM, (struct limits){0, 10}, &t->margin_mm) &&
           read_sides(&r, t);
}

enum err template_parse(const void *text, size_t len, struct template *out) {
    json_t *root = NULL;
    struct template *t = mem_alloc(1, sizeof *t);
    enum err e = json_parse(text, len, &root);
    if (e != ERR_NONE) {
        log_error("badge template: this is no JSON object");
    } else if (!read_template(root, t)) {
        e = ERR_INPUT;
    } else {
        *out = *t;
    }
    json_decref(root);
    mem_free(t);
    return e;
}

// The image beside the template at `path`.
static enum err read_image(const char *path, struct template_area *area) {
    const char *slash = strrchr(path, '/');
    char *file =
        mem_format("%.*s%s", slash ? (int)(slash - path + 1) : 0, path, area->text);
    enum err e = image_read_png(file, &area->image);
    if (e == ERR_NONE && (area->image.w > TEMPLATE_IMAGE_MAX_PX ||
                          area->image.h > TEMPLATE_IMAGE_MAX_PX)) {
        e = ERR_LIMIT;
    }
    if (e != ERR_NONE) {
        log_error("badge template: image %s: %s; it is a PNG of at most %d px a side",
                  file, err_text(e), TEMPLATE_IMAGE_MAX_PX);
    }
    mem_free(file);
    return e;
}

static enum err read_images(const char *path, struct template_side *side) {
    enum err e = ERR_NONE;
    for (size_t i = 0; i < side->area_count && e == ERR_NONE; i++) {
        if (side->areas[i].kind == TEMPLATE_AREA_IMAGE) {
            e = read_image(path, &side->areas[i]);
        }
    }
    return e;
}

void template_finish(struct template *t) {
    for (size_t i = 0; i < t->side_count; i++) {
        for (size_t j = 0; j < t->sides[i].area_count; j++) {
            image_finish(&t->sides[i].areas[j].image);
        }
    }
    *t = (struct template){0};
}

enum err template_read(const char *path, struct template *out) {
    struct bytes text = {0};
    struct template *t = mem_alloc(1, sizeof *t);
    enum err e = file_read(path, 0, TEMPLATE_BYTES_MAX, &text);
    if (e == ERR_NONE) {
        e = template_parse(text.data, text.len, t);
    }
    for (size_t i = 0; i < t->side_count && e == ERR_NONE; i++) {
        e = read_images(path, &t->sides[i]);
    }
    if (e == ERR_NONE) {
        *out = *t;
    } else {
        log_error("badge template %s: %s", path, err_text(e));
        template_finish(t);
    }
    mem_free(t);
    bytes_finish(&text);
    return e;
}

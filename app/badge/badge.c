#include "app/badge/badge.h"

#include "app/badge/marks.h"
#include "app/badge/shapes.h"
#include "app/image/qr.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

// ASCII capitals; other letters stay as they are.
static void mark_add(struct badge *b, const char *word, size_t len) {
    if (b->mark_count == BADGE_MARKS_MAX || len == 0) {
        return;
    }
    char upper[LIST_SIZE];
    len = len < sizeof upper ? len : sizeof upper - 1;
    for (size_t i = 0; i < len; i++) {
        upper[i] =
            word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 'a' + 'A') : word[i];
    }
    upper[len] = '\0';
    utf8_copy(upper, b->marks[b->mark_count++], BADGE_MARK_SIZE);
}

static void fill_marks(const struct person *person, struct badge *b) {
    for (const char *at = person->roles; *at;) {
        size_t len = strcspn(at, " ");
        mark_add(b, at, len);
        at += len + (at[len] == ' ');
    }
    if (person->is_newcomer) {
        mark_add(b, "newcomer", strlen("newcomer"));
    }
    b->no_photo = person->no_photo;
}

// Length of what stands before the family name, 0 when the name does not end with it.
static size_t given_len(const struct person *person) {
    size_t name = strlen(person->name), family = strlen(person->family);
    if (family == 0 || name < family + 2 || person->name[name - family - 1] != ' ' ||
        strcmp(person->name + name - family, person->family) != 0) {
        return 0;
    }
    size_t given = name - family - 1;
    while (given > 0 && person->name[given - 1] == ' ') {
        given--;
    }
    return given;
}

static void fill_name(const struct person *person, struct badge *b) {
    bool has_latin = *person->latin && strcmp(person->latin, person->name) != 0;
    size_t given = has_latin ? 0 : given_len(person);
    utf8_copy(person->name, b->name, sizeof b->name);
    if (has_latin) {
        utf8_copy(person->latin, b->second, sizeof b->second);
    } else if (given > 0) {
        b->name[given] = '\0';
        utf8_copy(person->family, b->second, sizeof b->second);
    }
}

static enum text_han han_of_country(const char *country) {
    static const struct {
        char country[4];
        enum text_han han;
    } rows[] = {{"JP", TEXT_HAN_JA},   {"KR", TEXT_HAN_KO},   {"TW", TEXT_HAN_HANT},
                {"HK", TEXT_HAN_HANT}, {"MO", TEXT_HAN_HANT}, {"CN", TEXT_HAN_HANS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(country, rows[i].country) == 0) {
            return rows[i].han;
        }
    }
    return TEXT_HAN_AUTO;
}

void badge_fill(const struct person *person, const struct event_info *event,
                unsigned serial, struct badge *out) {
    *out = (struct badge){0};
    (void)snprintf(out->event, sizeof out->event, "%s%s%s", event->name,
                   *event->name && *event->city ? " · " : "", event->city);
    fill_name(person, out);
    utf8_copy(person->org, out->org, sizeof out->org);
    fill_marks(person, out);
    badge_code_format(person->id, serial, out->code);
    out->han = text_han_of(person->lang);
    if (out->han == TEXT_HAN_AUTO) {
        out->han = han_of_country(person->country);
    }
}

// One layout of an area's line, with what is above it.
struct placed {
    struct text_layout *layout; // NULL: the text is empty
    double gap_px;
};

struct painter {
    const struct badge *badge;
    struct fonts *fonts;
    int dpi;
    struct ink *ink;
    struct text_mask mask; // the paper within the margin
    int margin;
};

static const char *show_text(const struct badge *b, enum template_show show) {
    switch (show) {
    case TEMPLATE_SHOW_EVENT:
        return b->event;
    case TEMPLATE_SHOW_NAME:
        return b->name;
    case TEMPLATE_SHOW_SECOND:
        return b->second;
    case TEMPLATE_SHOW_ORG:
        return b->org;
    case TEMPLATE_SHOW_COUNT:
        break;
    }
    return "";
}

static int at_least(int v, int least) {
    return v > least ? v : least;
}

// A text that would be cut may take twice the lines its template wants.
static struct text_layout *lay_text(const struct painter *p, struct text_style *style,
                                    const char *text) {
    struct text_layout *layout = text_create(p->fonts, style, text);
    if (text_get_measure(layout)->is_cut) {
        text_destroy(layout);
        style->max_lines =
            style->max_lines * 2 < TEXT_LINES_MAX ? style->max_lines * 2 : TEXT_LINES_MAX;
        layout = text_create(p->fonts, style, text);
    }
    return layout;
}

// Lays out the lines at `scale` of their sizes. max_h_px: the height each may take, or NULL.
static void lay_lines(const struct painter *p, const struct template_area *area,
                      double scale, const int *max_h_px, struct placed *out) {
    bool is_first = true;
    for (size_t i = 0; i < area->line_count; i++) {
        const struct template_line *line = &area->lines[i];
        const char *text = show_text(p->badge, line->show);
        out[i] = (struct placed){0};
        if (!*text) {
            continue;
        }
        struct text_style style = {
            .size_px =
                at_least(template_dots(line->size_mm * scale, p->dpi), TEXT_SIZE_MIN_PX),
            .min_px =
                at_least(template_dots(line->min_mm * scale, p->dpi), TEXT_SIZE_MIN_PX),
            .max_w_px = template_dots(area->w_mm, p->dpi),
            .max_h_px = max_h_px ? at_least(max_h_px[i], 1) : 0,
            .max_lines = line->max_lines,
            .leading_pct = 108,
            .weight = line->weight,
            .align = area->align,
            .han = p->badge->han,
        };
        out[i].layout = lay_text(p, &style, text);
        out[i].gap_px = is_first ? 0 : template_dots(line->gap_mm * scale, p->dpi);
        is_first = false;
    }
}

static void lines_finish(struct placed *lines, size_t count) {
    for (size_t i = 0; i < count; i++) {
        text_destroy(lines[i].layout);
        lines[i].layout = NULL;
    }
}

static double lines_height(const struct placed *lines, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].layout) {
            sum += lines[i].gap_px + text_get_measure(lines[i].layout)->h_px;
        }
    }
    return sum;
}

static void draw_line(const struct painter *p, const struct template_area *area,
                      const struct text_layout *layout, double y) {
    const struct text_measure *m = text_get_measure(layout);
    int x = template_dots(area->x_mm, p->dpi);
    int spare = template_dots(area->w_mm, p->dpi) - m->w_px;
    bool is_right = area->align == TEXT_ALIGN_RIGHT ||
                    (area->align == TEXT_ALIGN_LEADING && m->is_rtl);
    x += area->align == TEXT_ALIGN_CENTER ? spare / 2 : is_right ? spare : 0;
    text_draw(layout, -1, &p->mask, x - p->margin, (int)y - p->margin);
}

// No line gets more than its share of the box.
static void lay_lines_by_share(const struct painter *p, const struct template_area *area,
                               double scale, struct placed *out) {
    int max_h_px[TEMPLATE_LINES_MAX] = {0};
    double share =
        template_dots(area->h_mm, p->dpi) / lines_height(out, area->line_count);
    for (size_t i = 0; i < area->line_count; i++) {
        if (out[i].layout) {
            max_h_px[i] = (int)(text_get_measure(out[i].layout)->h_px * share);
        }
    }
    lines_finish(out, area->line_count);
    lay_lines(p, area, scale * share, max_h_px, out);
}

// Lays out the lines at the largest scale at which they fit their box's height. Height is
// no smooth function of scale: smaller letters also need fewer lines.
static void fit_lines(const struct painter *p, const struct template_area *area,
                      struct placed *out) {
    enum { TRIES = 3 };
    double box_h = template_dots(area->h_mm, p->dpi), fits, too_big = 1, scale = 1;
    lay_lines(p, area, scale, NULL, out);
    for (int i = 0; i < TRIES && lines_height(out, area->line_count) > box_h; i++) {
        too_big = scale;
        scale *= box_h / lines_height(out, area->line_count);
        lines_finish(out, area->line_count);
        lay_lines(p, area, scale, NULL, out);
    }
    if (lines_height(out, area->line_count) > box_h) {
        lay_lines_by_share(p, area, scale, out);
        return;
    }
    fits = scale;
    for (int i = 0; i < TRIES && too_big - fits > 0.02; i++) {
        struct placed larger[TEMPLATE_LINES_MAX];
        scale = (fits + too_big) / 2;
        lay_lines(p, area, scale, NULL, larger);
        if (lines_height(larger, area->line_count) > box_h) {
            too_big = scale;
            lines_finish(larger, area->line_count);
        } else {
            fits = scale;
            lines_finish(out, area->line_count);
            (void)memcpy(out, larger, sizeof larger);
        }
    }
}

static void draw_lines(const struct painter *p, const struct template_area *area) {
    struct placed lines[TEMPLATE_LINES_MAX] = {0};
    fit_lines(p, area, lines);
    double spare =
        template_dots(area->h_mm, p->dpi) - lines_height(lines, area->line_count);
    double y = template_dots(area->y_mm, p->dpi) + spare / 2;
    for (size_t i = 0; i < area->line_count; i++) {
        if (lines[i].layout) {
            y += lines[i].gap_px;
            draw_line(p, area, lines[i].layout, y);
            y += text_get_measure(lines[i].layout)->h_px;
        }
    }
    lines_finish(lines, area->line_count);
}

struct code_place {
    int x, y; // of the quiet zone's corner
    int dots; // of a module's side
};

static void draw_code_row(struct ink *ink, const struct qr *qr, struct code_place at,
                          int row) {
    int side = at.dots * (qr->side + 2 * QR_QUIET_MODULES);
    if (at.y + row < 0 || at.y + row >= ink->h) {
        return;
    }
    uint8_t *pixels = ink->pixels + (size_t)(at.y + row) * (size_t)ink->w;
    for (int col = 0; col < side; col++) {
        if (at.x + col >= 0 && at.x + col < ink->w) {
            bool is_dark = qr_is_dark(qr, col / at.dots - QR_QUIET_MODULES,
                                      row / at.dots - QR_QUIET_MODULES);
            pixels[at.x + col] = is_dark ? SHAPE_INK : SHAPE_PAPER;
        }
    }
}

// Last, on cleared paper: no neighbour may reach into the quiet zone.
static void draw_code(const struct painter *p, const struct template_area *area) {
    struct qr *qr = mem_alloc(1, sizeof *qr);
    if (qr_encode(p->badge->code, strlen(p->badge->code), qr) == ERR_NONE) {
        int w = template_dots(area->w_mm, p->dpi), h = template_dots(area->h_mm, p->dpi);
        int modules = qr->side + 2 * QR_QUIET_MODULES;
        int dots = at_least((w < h ? w : h) / modules, 1);
        struct code_place at = {
            .x = template_dots(area->x_mm, p->dpi) + (w - dots * modules) / 2,
            .y = template_dots(area->y_mm, p->dpi) + (h - dots * modules) / 2,
            .dots = dots,
        };
        for (int row = 0; row < dots * modules; row++) {
            draw_code_row(p->ink, qr, at, row);
        }
    } // else it is a badge without a code
    mem_free(qr);
}

static void draw_area(const struct painter *p, const struct template_area *area) {
    struct shape_box box = {
        template_dots(area->x_mm, p->dpi), template_dots(area->y_mm, p->dpi),
        template_dots(area->w_mm, p->dpi), template_dots(area->h_mm, p->dpi)};
    switch (area->kind) {
    case TEMPLATE_AREA_LINES:
        draw_lines(p, area);
        break;
    case TEMPLATE_AREA_MARKS: {
        double size = template_dots(area->size_mm, p->dpi);
        marks_draw(p->badge, p->fonts, p->ink,
                   &(struct marks_place){box, size, area->align});
        break;
    }
    case TEMPLATE_AREA_BAR:
        shape_fill_box(p->ink, box, 0, SHAPE_INK);
        break;
    case TEMPLATE_AREA_CODE:
        break;
    }
}

void badge_render(const struct template *template, const struct badge *badge,
                  struct fonts *fonts, int dpi, struct ink *out_ink) {
    CHECK(dpi >= BADGE_DPI_MIN && dpi <= BADGE_DPI_MAX);
    ink_init(out_ink, template_dots(template->width_mm, dpi),
             template_dots(template->height_mm, dpi), dpi);
    struct painter p = {.badge = badge, .fonts = fonts, .dpi = dpi, .ink = out_ink};
    p.margin = template_dots(template->margin_mm, dpi);
    p.mask = (struct text_mask){
        .pixels = out_ink->pixels + (size_t)p.margin * (size_t)(out_ink->w + 1),
        .w = out_ink->w - 2 * p.margin,
        .h = out_ink->h - 2 * p.margin,
        .stride_bytes = out_ink->w,
    };
    for (size_t i = 0; i < template->area_count; i++) {
        draw_area(&p, &template->areas[i]);
    }
    for (size_t i = 0; i < template->area_count; i++) {
        if (template->areas[i].kind == TEMPLATE_AREA_CODE) {
            draw_code(&p, &template->areas[i]);
        }
    }
}

void badge_make_raster(const struct template *template, const struct badge *badge,
                       struct fonts *fonts, int dpi, struct raster *out_raster) {
    struct ink ink;
    badge_render(template, badge, fonts, dpi, &ink);
    raster_threshold(&ink, out_raster);
    ink_finish(&ink);
}

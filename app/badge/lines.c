#include "app/badge/lines.h"

#include "sync/base/mem.h"

#include <string.h>

// One layout of an area's line, with what is above it.
struct placed {
    struct text_layout *layout; // NULL: the text is empty
    double gap_px;
    int above_px,
        below_px; // ink beyond the layout's height: stacked accents, tall scripts
};

// How the lines of an area are to be laid out.
struct wish {
    double scale;        // of all sizes
    const int *max_h_px; // of each line, or NULL
    bool keeps_least;    // no line below its template's least size
};

static const char *show_text(const struct badge *b, const struct template_line *line) {
    switch (line->show) {
    case TEMPLATE_SHOW_EVENT:
        return b->event;
    case TEMPLATE_SHOW_WHOLE:
        return b->whole;
    case TEMPLATE_SHOW_NAME:
        return b->name;
    case TEMPLATE_SHOW_FAMILY:
        return b->family;
    case TEMPLATE_SHOW_LATIN:
        return b->latin;
    case TEMPLATE_SHOW_SECOND:
        return b->family[0] ? b->family : b->latin;
    case TEMPLATE_SHOW_ORG:
        return b->org;
    case TEMPLATE_SHOW_TEXT:
        return line->text;
    case TEMPLATE_SHOW_COUNT:
        break;
    }
    return "";
}

static int at_least(int v, int least) {
    return v > least ? v : least;
}

static int at_most(int v, int most) {
    return v < most ? v : most;
}

// A name that has no family line beside it takes the lines of one.
static int count_lines(const struct badge *b, const struct template_area *area,
                       const struct template_line *line) {
    int count = line->max_lines;
    for (size_t i = 0; i < area->line_count; i++) {
        if (line->show == TEMPLATE_SHOW_NAME && !b->family[0] &&
            area->lines[i].show == TEMPLATE_SHOW_FAMILY) {
            count += area->lines[i].max_lines;
        }
    }
    return at_most(count, TEXT_LINES_MAX);
}

// A text that would be cut, or be smaller than its template allows, may take more lines.
static struct text_layout *lay_text(const struct painter *p, struct text_style *style,
                                    const char *text, int least_px) {
    enum { LINES_MOST = 8 };
    struct text_layout *layout = text_create(p->fonts, style, text);
    for (const struct text_measure *m = text_get_measure(layout);
         (m->is_cut || m->size_px < least_px) && style->max_lines < LINES_MOST;
         m = text_get_measure(layout)) {
        text_destroy(layout);
        style->max_lines = at_most(style->max_lines * 2, LINES_MOST);
        layout = text_create(p->fonts, style, text);
    }
    return layout;
}

// max_px: no larger than this; 0: as large as the template wants.
static struct text_layout *lay_line(const struct painter *p,
                                    const struct template_area *area, size_t i,
                                    const struct wish *wish, int max_px) {
    const struct template_line *line = &area->lines[i];
    int dpi = p->ink->dpi;
    // The box is short: what is large gives way before what is small becomes illegible.
    int floor = wish->keeps_least ? template_dots(line->min_mm, dpi) : TEXT_SIZE_MIN_PX;
    int size = at_least(template_dots(line->size_mm * wish->scale, dpi), floor);
    int min = at_least(template_dots(line->min_mm * wish->scale, dpi), TEXT_SIZE_MIN_PX);
    size = at_least(max_px ? at_most(size, max_px) : size, TEXT_SIZE_MIN_PX);
    struct text_style style = {
        .size_px = size,
        .min_px = at_most(min, size),
        .max_w_px = template_dots(area->w_mm, dpi),
        .max_h_px = wish->max_h_px ? at_least(wish->max_h_px[i], 1) : 0,
        .max_lines = count_lines(p->badge, area, line),
        .leading_pct = 108,
        .weight = line->weight,
        .align = area->align,
        .han = p->badge->han,
    };
    int least = at_most(template_dots(line->min_mm, dpi), size);
    struct text_layout *layout = lay_text(p, &style, show_text(p->badge, line), least);
    // Letters may reach beyond their advance.
    int beyond = text_get_bounds(layout, -1).w - text_get_measure(layout)->w_px;
    if (text_get_measure(layout)->w_px + beyond > style.max_w_px &&
        beyond < style.max_w_px) {
        text_destroy(layout);
        style.max_w_px -= beyond;
        layout = lay_text(p, &style, show_text(p->badge, line), least);
    }
    return layout;
}

static bool has_same_size(const struct template_area *area, const struct placed *lines,
                          size_t i) {
    return i < area->line_count && i > 0 && area->lines[i].has_same_size &&
           lines[i].layout && lines[i - 1].layout;
}

static int size_of(const struct placed *line) {
    return line->layout ? text_get_measure(line->layout)->size_px : 0;
}

// Lines that want the same size all take the smallest of them.
static void lay_same_size(const struct painter *p, const struct template_area *area,
                          const struct wish *wish, struct placed *lines) {
    int sizes[TEMPLATE_LINES_MAX] = {0};
    for (size_t i = 0; i < area->line_count; i++) {
        sizes[i] = size_of(&lines[i]);
        if (has_same_size(area, lines, i)) {
            sizes[i] = at_most(sizes[i], sizes[i - 1]);
        }
    }
    for (size_t i = area->line_count; i-- > 0;) {
        if (has_same_size(area, lines, i + 1)) {
            sizes[i] = at_most(sizes[i], sizes[i + 1]);
        }
        if (size_of(&lines[i]) > sizes[i]) {
            text_destroy(lines[i].layout);
            lines[i].layout = lay_line(p, area, i, wish, sizes[i]);
        }
    }
}

static bool row_has_ink(const uint8_t *row, int w) {
    for (int i = 0; i < w; i++) {
        if (row[i]) {
            return true;
        }
    }
    return false;
}

// Bounds are those of the fonts' tallest letters: whether these ones reach so far is seen
// only when they are drawn.
static void trim_ink(struct placed *line) {
    struct text_bounds b = text_get_bounds(line->layout, -1);
    struct text_mask mask = {.w = b.w, .h = b.h, .stride_bytes = b.w};
    int above = 0, below = 0;
    mask.pixels = mem_alloc((size_t)b.w * (size_t)b.h, 1);
    text_draw(line->layout, -1, &mask, -b.x, -b.y);
    while (above < line->above_px &&
           !row_has_ink(mask.pixels + (size_t)above * (size_t)b.w, b.w)) {
        above++;
    }
    while (below < line->below_px &&
           !row_has_ink(mask.pixels + (size_t)(b.h - 1 - below) * (size_t)b.w, b.w)) {
        below++;
    }
    line->above_px -= above;
    line->below_px -= below;
    mem_free(mask.pixels);
}

static void measure_ink(struct placed *line) {
    struct text_bounds b = text_get_bounds(line->layout, -1);
    if (b.w > 0 && b.h > 0) {
        line->above_px = at_least(-b.y, 0);
        line->below_px = at_least(b.y + b.h - text_get_measure(line->layout)->h_px, 0);
        if (line->above_px + line->below_px > 2) {
            trim_ink(line);
        }
    }
}

static void lay_lines(const struct painter *p, const struct template_area *area,
                      const struct wish *wish, struct placed *out) {
    bool is_first = true;
    for (size_t i = 0; i < area->line_count; i++) {
        out[i] = (struct placed){0};
        if (!*show_text(p->badge, &area->lines[i])) {
            continue;
        }
        double gap_mm = area->lines[i].gap_mm * wish->scale;
        out[i].layout = lay_line(p, area, i, wish, 0);
        out[i].gap_px = is_first ? 0 : template_dots(gap_mm, p->ink->dpi);
        is_first = false;
    }
    lay_same_size(p, area, wish, out);
    for (size_t i = 0; i < area->line_count; i++) {
        if (out[i].layout) {
            measure_ink(&out[i]);
        }
    }
}

static void lines_finish(struct placed *lines, size_t count) {
    for (size_t i = 0; i < count; i++) {
        text_destroy(lines[i].layout);
        lines[i].layout = NULL;
    }
}

static double line_height(const struct placed *line) {
    return line->above_px + text_get_measure(line->layout)->h_px + line->below_px;
}

static double lines_height(const struct placed *lines, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].layout) {
            sum += lines[i].gap_px + line_height(&lines[i]);
        }
    }
    return sum;
}

// No line gets more than its share of the box.
static void lay_lines_by_share(const struct painter *p, const struct template_area *area,
                               double scale, struct placed *out) {
    int max_h_px[TEMPLATE_LINES_MAX] = {0};
    double share =
        template_dots(area->h_mm, p->ink->dpi) / lines_height(out, area->line_count);
    for (size_t i = 0; i < area->line_count; i++) {
        if (out[i].layout) {
            max_h_px[i] = (int)(text_get_measure(out[i].layout)->h_px * share);
        }
    }
    lines_finish(out, area->line_count);
    lay_lines(p, area, &(struct wish){.scale = scale * share, .max_h_px = max_h_px}, out);
}

enum { TRIES = 5 };

// Smaller and smaller until the lines fit or it is in vain. Returns the last scale that was
// too big, 1 if none was.
static double shrink_lines(const struct painter *p, const struct template_area *area,
                           struct wish *wish, struct placed *out) {
    double box_h = template_dots(area->h_mm, p->ink->dpi), too_big = 1;
    lay_lines(p, area, wish, out);
    for (int i = 0; i < TRIES && lines_height(out, area->line_count) > box_h; i++) {
        double share = box_h / lines_height(out, area->line_count);
        too_big = wish->scale;
        wish->scale *= i == 0 ? share : share * share; // some lines give way no more
        lines_finish(out, area->line_count);
        lay_lines(p, area, wish, out);
    }
    return too_big;
}

// Lays out the lines at the largest scale at which they fit their box's height. Height is
// no smooth function of scale: smaller letters also need fewer lines.
static void fit_lines(const struct painter *p, const struct template_area *area,
                      struct placed *out) {
    double box_h = template_dots(area->h_mm, p->ink->dpi);
    struct wish wish = {.scale = 1, .keeps_least = true};
    double too_big = shrink_lines(p, area, &wish, out);
    if (lines_height(out, area->line_count) > box_h) {
        lines_finish(out, area->line_count);
        wish = (struct wish){.scale = 1};
        too_big = shrink_lines(p, area, &wish, out);
    }
    if (lines_height(out, area->line_count) > box_h) {
        lay_lines_by_share(p, area, wish.scale, out);
        return;
    }
    double fits = wish.scale;
    for (int i = 0; i < TRIES && too_big - fits > 0.02; i++) {
        struct placed larger[TEMPLATE_LINES_MAX];
        wish.scale = (fits + too_big) / 2;
        lay_lines(p, area, &wish, larger);
        if (lines_height(larger, area->line_count) > box_h) {
            too_big = wish.scale;
            lines_finish(larger, area->line_count);
        } else {
            fits = wish.scale;
            lines_finish(out, area->line_count);
            (void)memcpy(out, larger, sizeof larger);
        }
    }
}

struct spot {
    int x, y; // dots on the side, of the layout's corner
};

static bool is_outside(const struct painter *p, const struct template_area *area,
                       const struct placed *line, struct spot at) {
    int dpi = p->ink->dpi;
    struct text_bounds b = text_get_bounds(line->layout, -1);
    int x = template_dots(area->x_mm, dpi), y = template_dots(area->y_mm, dpi);
    int right = x + template_dots(area->w_mm, dpi),
        end = y + template_dots(area->h_mm, dpi);
    int top = at.y - line->above_px;
    return b.w > 0 && (at.x + b.x < x || top < y || at.x + b.x + b.w > right ||
                       top + line_height(line) > end);
}

static struct spot place_line(const struct painter *p, const struct template_area *area,
                              const struct text_layout *layout, double y) {
    const struct text_measure *m = text_get_measure(layout);
    struct text_bounds b = text_get_bounds(layout, -1);
    int left = template_dots(area->x_mm, p->ink->dpi);
    int w = template_dots(area->w_mm, p->ink->dpi), spare = w - m->w_px;
    bool is_right = area->align == TEXT_ALIGN_RIGHT ||
                    (area->align == TEXT_ALIGN_LEADING && m->is_rtl);
    struct spot at = {.x = left, .y = (int)y};
    at.x += area->align == TEXT_ALIGN_CENTER ? spare / 2 : is_right ? spare : 0;
    // Letters may reach beyond their advance.
    at.x = at_most(at.x, left + w - b.x - b.w);
    at.x = at_least(at.x, left - b.x);
    return at;
}

static bool report_line(const struct painter *p, const struct template_area *area,
                        const struct placed *lines, size_t i, struct spot at) {
    const struct text_layout *layout = lines[i].layout;
    struct badge_report *r = p->report;
    const struct text_measure *m = text_get_measure(layout);
    r->missing += text_count_missing(layout);
    r->cut |= m->is_cut ? 1u << area->lines[i].show : 0;
    if (!r->smallest_px || m->size_px < r->smallest_px) {
        r->smallest_px = m->size_px;
        r->smallest = area->lines[i].show;
    }
    return is_outside(p, area, &lines[i], at);
}

bool lines_draw(const struct painter *p, const struct template_area *area) {
    struct placed lines[TEMPLATE_LINES_MAX] = {0};
    bool is_spilled = false;
    fit_lines(p, area, lines);
    double spare =
        template_dots(area->h_mm, p->ink->dpi) - lines_height(lines, area->line_count);
    double y = template_dots(area->y_mm, p->ink->dpi) + spare / 2;
    for (size_t i = 0; i < area->line_count; i++) {
        if (lines[i].layout) {
            y += lines[i].gap_px + lines[i].above_px;
            struct spot at = place_line(p, area, lines[i].layout, y);
            text_draw(lines[i].layout, -1, &p->mask, at.x - p->margin, at.y - p->margin);
            is_spilled = report_line(p, area, lines, i, at) || is_spilled;
            y += line_height(&lines[i]) - lines[i].above_px;
        }
    }
    lines_finish(lines, area->line_count);
    return is_spilled;
}

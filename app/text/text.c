#include "app/text/text.h"

#include "app/text/analyse.h"
#include "app/text/faces.h"
#include "app/text/fit.h"
#include "app/text/script.h"
#include "app/text/utf8.h"
#include "sync/base/mem.h"

#include <string.h>

// A piece shaped and drawn at once.
struct run {
    char *text; // owned
    int face, script, span;
    bool is_rtl;
    int x, baseline;
    int w;
};

struct text_layout {
    struct fonts *fonts; // borrowed
    struct text_measure measure;
    struct run *runs;
    int run_count, run_room;
    char *visual[TEXT_LINES_MAX];
    int missing;
};

static const char ELLIPSIS[] = "\xE2\x80\xA6";
enum { ELLIPSIS_CP = 0x2026 };

// A piece of one line before it has a place.
struct piece {
    int from, to; // to == from: the ellipsis
    int level;
    int face;
};

struct line {
    struct piece *pieces;
    int count;
};

static void add_ellipsis(const struct analysis *a, const struct fit_line *at,
                         struct line *line) {
    uint32_t cp = ELLIPSIS_CP;
    int last = at->to > at->from ? at->to - 1 : at->from;
    bool is_missing = false;
    struct face_wish wish = {.script = SCRIPT_COMMON,
                             .weight = a->weights[a->spans[last]],
                             .is_display = a->is_display,
                             .prefer = -1};
    line->pieces[line->count++] =
        (struct piece){.from = last,
                       .to = last,
                       .level = a->bases[last],
                       .face = faces_pick(a->fonts, &wish, &cp, 1, &is_missing)};
}

static void turn_pieces(struct piece *pieces, int low, int high) {
    for (; low < high; low++, high--) {
        struct piece swap = pieces[low];
        pieces[low] = pieces[high];
        pieces[high] = swap;
    }
}

static void turn_level(struct line *line, int level) {
    for (int i = 0; i < line->count;) {
        int end = i;
        while (end < line->count && line->pieces[end].level >= level) {
            end++;
        }
        turn_pieces(line->pieces, i, end - 1);
        i = end + 1;
    }
}

// Rule L2: from the highest level down, turn every stretch at or above it.
static void order_line(struct line *line) {
    int highest = 0;
    for (int i = 0; i < line->count; i++) {
        highest = line->pieces[i].level > highest ? line->pieces[i].level : highest;
    }
    for (int level = highest; level > 0; level--) {
        turn_level(line, level);
    }
}

static struct run *add_run(struct text_layout *layout) {
    if (layout->run_count == layout->run_room) {
        layout->run_room = layout->run_room * 2 + 4;
        layout->runs =
            mem_resize(layout->runs, (size_t)layout->run_room, sizeof *layout->runs);
    }
    struct run *run = &layout->runs[layout->run_count++];
    *run = (struct run){0};
    return run;
}

// A colon between tabular digits is raised to their middle, as Inter itself does it when
// the digits are shaped with it.
static int colon_rise(const struct analysis *a, const struct piece *piece, int size_px) {
    bool is_colon = piece->to - piece->from == 1 && a->cps[piece->from] == ':';
    bool is_between = is_colon && piece->from > 0 && piece->to < a->count &&
                      a->is_cell[piece->from - 1] && a->is_cell[piece->to];
    return is_between ? (size_px * 9 + 50) / 100 : 0;
}

static int place_piece(struct text_layout *layout, const struct analysis *a,
                       const struct piece *piece, int x, int baseline) {
    int size_px = layout->measure.size_px;
    struct run *run = add_run(layout);
    bool is_ellipsis = piece->from == piece->to;
    run->face = piece->face;
    run->script = is_ellipsis ? SCRIPT_COMMON : a->scripts[piece->from];
    run->span = a->spans[piece->from];
    run->is_rtl = (piece->level & 1) != 0;
    run->baseline = baseline - colon_rise(a, piece, size_px);
    run->x = x;
    if (is_ellipsis) {
        run->text = mem_copy_text(ELLIPSIS);
    } else {
        run->text = mem_copy_text_n(a->utf8 + a->at[piece->from],
                                    (size_t)(a->at[piece->to] - a->at[piece->from]));
    }
    TTF_Font *font =
        faces_use(layout->fonts, run->face, size_px, run->is_rtl, run->script);
    if (TTF_SizeUTF8(font, run->text, &run->w, NULL) != 0) {
        run->w = 0;
    }
    if (!is_ellipsis && a->is_cell[piece->from]) {
        int cell = analyse_measure_cell(a, run->face, size_px), advance = run->w;
        (void)TTF_GlyphMetrics32(font, a->cps[piece->from], NULL, NULL, NULL, NULL,
                                 &advance);
        run->x += (cell - advance) / 2;
        return cell;
    }
    return run->w;
}

static int place_line(struct text_layout *layout, const struct analysis *a,
                      const struct fit *fit, int index, int baseline) {
    const struct fit_line *at = &fit->lines[index];
    struct line line = {mem_alloc((size_t)(at->to - at->from) + 2, sizeof(struct piece)),
                        0};
    for (int i = at->from; i < at->to;) {
        int end = analyse_find_end(a, i, at->to);
        line.pieces[line.count++] = (struct piece){i, end, a->levels[i], a->faces[i]};
        i = end;
    }
    if (at->is_cut) {
        add_ellipsis(a, at, &line);
    }
    order_line(&line);
    int x = 0, first = layout->run_count;
    for (int i = 0; i < line.count; i++) {
        x += place_piece(layout, a, &line.pieces[i], x, baseline);
    }
    mem_free(line.pieces);
    char *visual = mem_copy_text("");
    for (int i = first; i < layout->run_count; i++) {
        char *longer =
            mem_format("%s%s%s", visual, i > first ? "|" : "", layout->runs[i].text);
        mem_free(visual);
        visual = longer;
    }
    layout->visual[index] = visual;
    return x;
}

// Lines were placed from x = 0; move each to its side within the widest.
static void align_lines(struct text_layout *layout, const struct fit *fit,
                        const int *widths, const int *run_ends,
                        const struct text_style *style) {
    enum text_align align = style->align;
    if (align == TEXT_ALIGN_LEADING) {
        align = layout->measure.is_rtl ? TEXT_ALIGN_RIGHT : TEXT_ALIGN_LEFT;
    }
    for (int i = 0, run = 0; i < fit->line_count; i++) {
        int rest = layout->measure.w_px - widths[i];
        int dx = align == TEXT_ALIGN_RIGHT    ? rest
                 : align == TEXT_ALIGN_CENTER ? rest / 2
                                              : 0;
        for (; run < run_ends[i]; run++) {
            layout->runs[run].x += dx;
        }
    }
}

static void place_lines(struct text_layout *layout, const struct analysis *a,
                        const struct fit *fit, const struct text_style *style) {
    int widths[TEXT_LINES_MAX], run_ends[TEXT_LINES_MAX];
    struct text_measure *measure = &layout->measure;
    for (int i = 0; i < fit->line_count; i++) {
        int baseline = fit->ascent_px + i * fit->pitch_px;
        widths[i] = place_line(layout, a, fit, i, baseline);
        run_ends[i] = layout->run_count;
        measure->w_px = widths[i] > measure->w_px ? widths[i] : measure->w_px;
        measure->is_cut = measure->is_cut || fit->lines[i].is_cut;
        measure->last_baseline_px = baseline;
    }
    align_lines(layout, fit, widths, run_ends, style);
}

struct text_layout *text_create_spans(struct fonts *fonts, const struct text_style *style,
                                      const struct text_span *spans, size_t span_count) {
    struct analysis a;
    struct fit fit;
    struct text_layout *layout = mem_alloc(1, sizeof *layout);
    analyse_init(&a, fonts, style, spans, span_count);
    fit_lines(&a, style, &fit);
    layout->fonts = fonts;
    layout->missing = a.missing;
    int gaps = fit.line_count > 1 ? fit.line_count - 1 : 0;
    layout->measure = (struct text_measure){
        .h_px = fit.ascent_px + fit.descent_px + gaps * fit.pitch_px,
        .baseline_px = fit.ascent_px,
        .last_baseline_px = fit.ascent_px,
        .cap_px = fit.cap_px,
        .size_px = fit.size_px,
        .line_count = fit.line_count,
        .is_cut = a.is_cut,
        .is_rtl = a.is_rtl,
    };
    place_lines(layout, &a, &fit, style);
    analyse_finish(&a);
    fonts_trim(fonts, FONTS_OPEN_MAX);
    return layout;
}

struct text_layout *text_create(struct fonts *fonts, const struct text_style *style,
                                const char *text) {
    struct text_span span = {text, style->weight};
    return text_create_spans(fonts, style, &span, 1);
}

void text_destroy(struct text_layout *layout) {
    if (layout == NULL) {
        return;
    }
    for (int i = 0; i < layout->run_count; i++) {
        mem_free(layout->runs[i].text);
    }
    for (int i = 0; i < TEXT_LINES_MAX; i++) {
        mem_free(layout->visual[i]);
    }
    mem_free(layout->runs);
    mem_free(layout);
}

const struct text_measure *text_get_measure(const struct text_layout *layout) {
    return &layout->measure;
}

const char *text_get_visual_line(const struct text_layout *layout, int line) {
    CHECK(line >= 0 && line < layout->measure.line_count);
    return layout->visual[line];
}

int text_count_missing(const struct text_layout *layout) {
    return layout->missing;
}

enum text_han text_han_of(const char *tag) {
    if (tag == NULL) {
        return TEXT_HAN_AUTO;
    }
    if (strncmp(tag, "ja", 2) == 0) {
        return TEXT_HAN_JA;
    }
    if (strncmp(tag, "ko", 2) == 0) {
        return TEXT_HAN_KO;
    }
    if (strncmp(tag, "zh", 2) != 0) {
        return TEXT_HAN_AUTO;
    }
    bool is_traditional = strstr(tag, "Hant") != NULL || strstr(tag, "TW") != NULL ||
                          strstr(tag, "HK") != NULL || strstr(tag, "MO") != NULL;
    return is_traditional ? TEXT_HAN_HANT : TEXT_HAN_HANS;
}

// ---- ink

// Where a run's surface stands. SDL_ttf grows the surface to the left and top for ink
// outside the line box without saying by how much; the ink itself tells.
struct ink {
    SDL_Surface *surface;
    int x, y;
};

static bool row_has_ink(const SDL_Surface *s, int y) {
    const uint8_t *row = (const uint8_t *)s->pixels + (size_t)y * (size_t)s->pitch;
    for (int x = 0; x < s->w; x++) {
        if (row[x] != 0) {
            return true;
        }
    }
    return false;
}

static int top_growth(const SDL_Surface *s, int font_height) {
    int growth = s->h - font_height;
    if (growth <= 0 || !row_has_ink(s, 0)) {
        return 0;
    }
    return row_has_ink(s, s->h - 1) ? growth / 2 : growth;
}

static int left_growth(TTF_Font *font, const struct run *run) {
    size_t at = 0;
    int min_x = 0;
    if (run->is_rtl || run->text[0] == '\0') {
        return 0;
    }
    uint32_t cp = utf8_next(run->text, strlen(run->text), &at);
    if (TTF_GlyphMetrics32(font, cp, &min_x, NULL, NULL, NULL, NULL) != 0) {
        return 0;
    }
    return min_x < 0 ? -min_x : 0;
}

static struct ink run_render(const struct text_layout *layout, const struct run *run) {
    const SDL_Color white = {255, 255, 255, 255}, black = {0, 0, 0, 255};
    struct ink ink = {NULL, 0, 0};
    TTF_Font *font = faces_use(layout->fonts, run->face, layout->measure.size_px,
                               run->is_rtl, run->script);
    if (run->w <= 0) {
        return ink;
    }
    // Shaded pictures hold the coverage itself as palette index.
    ink.surface = TTF_RenderUTF8_Shaded(font, run->text, white, black);
    if (ink.surface != NULL) {
        ink.x = run->x - left_growth(font, run);
        ink.y = run->baseline - TTF_FontAscent(font) -
                top_growth(ink.surface, TTF_FontHeight(font));
    }
    return ink;
}

static void blit_max(const struct ink *ink, const struct text_mask *mask, int x, int y) {
    const SDL_Surface *s = ink->surface;
    x += ink->x;
    y += ink->y;
    int left = x < 0 ? -x : 0, right = x + s->w > mask->w ? mask->w - x : s->w;
    for (int row = y < 0 ? -y : 0; row < s->h && y + row < mask->h; row++) {
        const uint8_t *from = (const uint8_t *)s->pixels + (size_t)row * (size_t)s->pitch;
        uint8_t *to = mask->pixels + (size_t)(y + row) * (size_t)mask->stride_bytes + x;
        for (int i = left; i < right; i++) {
            to[i] = from[i] > to[i] ? from[i] : to[i];
        }
    }
}

static void draw_run(const struct text_layout *layout, const struct run *run,
                     const struct text_mask *mask, int x, int y) {
    struct ink ink = run_render(layout, run);
    if (ink.surface != NULL) {
        blit_max(&ink, mask, x, y);
        SDL_FreeSurface(ink.surface);
    }
}

void text_draw(const struct text_layout *layout, int span, const struct text_mask *mask,
               int x, int y) {
    for (int i = 0; i < layout->run_count; i++) {
        if (span < 0 || layout->runs[i].span == span) {
            draw_run(layout, &layout->runs[i], mask, x, y);
        }
    }
    fonts_trim(layout->fonts, FONTS_OPEN_MAX);
}

struct text_bounds text_get_bounds(const struct text_layout *layout, int span) {
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    bool is_empty = true;
    for (int i = 0; i < layout->run_count; i++) {
        const struct run *run = &layout->runs[i];
        if (run->w <= 0 || (span >= 0 && run->span != span)) {
            continue;
        }
        TTF_Font *font = faces_use(layout->fonts, run->face, layout->measure.size_px,
                                   run->is_rtl, run->script);
        int w = 0, h = 0;
        (void)TTF_SizeUTF8(font, run->text, &w, &h);
        // Growth may be on either side: take it on both.
        int grown = h - TTF_FontHeight(font) > 0 ? h - TTF_FontHeight(font) : 0;
        int left = run->x - left_growth(font, run);
        int top = run->baseline - TTF_FontAscent(font) - grown;
        x0 = is_empty || left < x0 ? left : x0;
        y0 = is_empty || top < y0 ? top : y0;
        x1 = is_empty || left + w > x1 ? left + w : x1;
        y1 = is_empty || top + h + grown > y1 ? top + h + grown : y1;
        is_empty = false;
    }
    fonts_trim(layout->fonts, FONTS_OPEN_MAX);
    return (struct text_bounds){x0, y0, x1 - x0, y1 - y0};
}

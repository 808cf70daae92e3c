#include "app/badge/marks.h"

#include "sync/base/mem.h"

#include <math.h>
#include <string.h>

enum { CHIPS_MAX = BADGE_MARKS_MAX + 1 };

// Parts of the em height of the words.
static const double CHIP_HEIGHT = 1.75, CHIP_SIDE = 0.7, CHIP_GAP = 0.45, CAMERA_W = 1.2,
                    OUTLINE = 0.14, SHRINK = 0.88, BAR_HEIGHT = 1.6, BAR_GAP = 0.3,
                    BAR_LEAST = 0.7, BAR_ROUND = 0.25;

struct chip {
    struct text_layout *word;
    bool is_no_photo;
    double w;
    int row;
    double x; // from the left end of its row
};

struct chips {
    struct chip items[CHIPS_MAX];
    int count;
    double size; // em height, dots
    double row_w[CHIPS_MAX];
    int row_count;
};

static void chips_make(struct chips *c, const struct badge *b, struct fonts *fonts,
                       double max_w) {
    c->count = 0;
    for (int i = 0; i <= b->mark_count; i++) {
        bool is_no_photo = i == b->mark_count;
        if (is_no_photo && !b->no_photo) {
            break;
        }
        struct chip *chip = &c->items[c->count++];
        *chip = (struct chip){.is_no_photo = is_no_photo};
        double around =
            c->size * (2 * CHIP_SIDE + (is_no_photo ? CAMERA_W + CHIP_GAP : 0));
        int room = (int)(max_w - around);
        struct text_style style = {
            .size_px = (int)fmax(c->size, TEXT_SIZE_MIN_PX),
            .min_px = TEXT_SIZE_MIN_PX,
            .max_w_px = room > 1 ? room : 1,
            .weight = TEXT_BOLD,
            .han = b->han,
        };
        chip->word = text_create(fonts, &style, is_no_photo ? "NO PHOTOS" : b->marks[i]);
        chip->w = around + text_get_measure(chip->word)->w_px;
    }
}

static void chips_finish(struct chips *c) {
    for (int i = 0; i < c->count; i++) {
        text_destroy(c->items[i].word);
    }
    c->count = 0;
}

static void chips_place(struct chips *c, double max_w) {
    c->row_count = 0;
    double x = 0;
    for (int i = 0; i < c->count; i++) {
        struct chip *chip = &c->items[i];
        if (i == 0 || x + chip->w > max_w) {
            c->row_count++;
            x = 0;
        }
        chip->row = c->row_count - 1;
        chip->x = x;
        c->row_w[chip->row] = x + chip->w;
        x += chip->w + c->size * CHIP_GAP;
    }
}

static double chips_height(const struct chips *c) {
    return c->row_count * c->size * (CHIP_HEIGHT + CHIP_GAP) - c->size * CHIP_GAP;
}

// White words on a black chip: the word is drawn aside and taken from the ink.
static void draw_white_word(struct ink *ink, const struct text_layout *word, int x,
                            int y) {
    const struct text_bounds b = text_get_bounds(word, -1);
    if (b.w < 1 || b.h < 1) {
        return;
    }
    struct text_mask mask = {.w = b.w, .h = b.h, .stride_bytes = b.w};
    mask.pixels = mem_alloc((size_t)b.w * (size_t)b.h, 1);
    text_draw(word, -1, &mask, -b.x, -b.y);
    for (int i = 0; i < b.w * b.h; i++) {
        int at_x = x + b.x + i % b.w, at_y = y + b.y + i / b.w;
        if (at_x >= 0 && at_y >= 0 && at_x < ink->w && at_y < ink->h) {
            uint8_t *pixel = &ink->pixels[(size_t)at_y * (size_t)ink->w + (size_t)at_x];
            uint8_t most = (uint8_t)(255 - mask.pixels[i]);
            *pixel = *pixel < most ? *pixel : most;
        }
    }
    mem_free(mask.pixels);
}

static void draw_black_word(struct ink *ink, const struct text_layout *word, int x,
                            int y) {
    struct text_mask mask = {
        .pixels = ink->pixels, .w = ink->w, .h = ink->h, .stride_bytes = ink->w};
    text_draw(word, -1, &mask, x, y);
}

// The words in the middle, behind the camera if it is the one.
static void chip_draw(struct ink *ink, const struct chip *chip, double size,
                      struct shape_box box, double radius) {
    const struct text_measure *m = text_get_measure(chip->word);
    double camera_w = chip->is_no_photo ? size * (CAMERA_W + CHIP_GAP) : 0;
    double x = box.x + (box.w - m->w_px - camera_w) / 2;
    int word_x = (int)lround(x + camera_w);
    int word_y = (int)lround(box.y + (box.h + m->cap_px) / 2 - m->baseline_px);
    shape_fill_box(ink, box, radius, SHAPE_INK);
    if (!chip->is_no_photo) {
        draw_white_word(ink, chip->word, word_x, word_y);
        return;
    }
    double line = fmax(size * OUTLINE, 1), camera_h = size * CAMERA_W * 0.78;
    struct shape_box inner = {box.x + line, box.y + line, box.w - 2 * line,
                              box.h - 2 * line};
    struct shape_box camera = {x, box.y + (box.h - camera_h) / 2, size * CAMERA_W,
                               camera_h};
    shape_fill_box(ink, inner, radius - line, SHAPE_PAPER);
    shape_draw_no_photo(ink, camera);
    draw_black_word(ink, chip->word, word_x, word_y);
}

static struct marks_result result_of(const struct chips *c) {
    struct marks_result r = {0};
    for (int i = 0; i < c->count; i++) {
        r.missing += text_count_missing(c->items[i].word);
        r.is_cut = r.is_cut || text_get_measure(c->items[i].word)->is_cut;
    }
    return r;
}

static struct marks_result draw_chips(const struct badge *badge, struct fonts *fonts,
                                      struct ink *ink, const struct marks_place *place) {
    struct chips chips = {.size = place->size_px};
    const struct shape_box *box = &place->box;
    chips_make(&chips, badge, fonts, box->w);
    chips_place(&chips, box->w);
    while (chips_height(&chips) > box->h && chips.size * SHRINK >= TEXT_SIZE_MIN_PX) {
        chips_finish(&chips);
        chips.size *= SHRINK;
        chips_make(&chips, badge, fonts, box->w);
        chips_place(&chips, box->w);
    }
    struct marks_result result = result_of(&chips);
    result.is_spilled = chips_height(&chips) > box->h;
    double top = box->y + (box->h - chips_height(&chips)) / 2;
    for (int i = 0; i < chips.count; i++) {
        const struct chip *chip = &chips.items[i];
        double spare = box->w - chips.row_w[chip->row];
        double indent = place->align == TEXT_ALIGN_CENTER  ? spare / 2
                        : place->align == TEXT_ALIGN_RIGHT ? spare
                                                           : 0;
        struct shape_box at = {box->x + indent + chip->x,
                               top + chip->row * chips.size * (CHIP_HEIGHT + CHIP_GAP),
                               chip->w, chips.size * CHIP_HEIGHT};
        chip_draw(ink, chip, chips.size, at, at.h / 2);
        result.is_spilled = result.is_spilled || chip->w > box->w + 1;
    }
    chips_finish(&chips);
    return result;
}

// ---- bars ----------------------------------------------------------------------------------

struct grid {
    int columns, rows;
    double w, h; // of a bar, dots
    double gap;
};

// As few columns as leave the words at a good part of their size.
static struct grid grid_of(int count, const struct marks_place *place) {
    struct grid g = {.gap = place->size_px * BAR_GAP};
    double wanted = place->size_px * BAR_HEIGHT;
    do {
        g.columns++;
        g.rows = (count + g.columns - 1) / g.columns;
        g.h = fmin(wanted, (place->box.h - (g.rows - 1) * g.gap) / g.rows);
    } while (g.h < wanted * BAR_LEAST && g.columns < 3);
    g.w = (place->box.w - (g.columns - 1) * g.gap) / g.columns;
    return g;
}

static struct marks_result draw_bars(const struct badge *badge, struct fonts *fonts,
                                     struct ink *ink, const struct marks_place *place) {
    int count = badge->mark_count + (badge->no_photo ? 1 : 0);
    if (count == 0) {
        return (struct marks_result){0};
    }
    struct grid g = grid_of(count, place);
    struct chips bars = {.size = g.h / BAR_HEIGHT};
    chips_make(&bars, badge, fonts, g.w);
    double top = place->box.y + place->box.h - g.rows * g.h - (g.rows - 1) * g.gap;
    for (int i = 0; i < bars.count; i++) {
        bool is_last = i == bars.count - 1;
        int column = i % g.columns;
        int row = i / g.columns;
        double w = is_last ? place->box.w - column * (g.w + g.gap) : g.w;
        struct shape_box box = {place->box.x + column * (g.w + g.gap),
                                top + row * (g.h + g.gap), w, g.h};
        chip_draw(ink, &bars.items[i], bars.size, box, bars.size * BAR_ROUND);
    }
    struct marks_result result = result_of(&bars);
    result.is_spilled = bars.size < TEXT_SIZE_MIN_PX;
    chips_finish(&bars);
    return result;
}

struct marks_result marks_draw(const struct badge *badge, struct fonts *fonts,
                               struct ink *ink, const struct marks_place *place) {
    return place->has_bars ? draw_bars(badge, fonts, ink, place)
                           : draw_chips(badge, fonts, ink, place);
}

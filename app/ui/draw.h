// Immediate drawing onto a canvas of 32-bit pixels, anti-aliased, in software: the same
// pixels everywhere. Used by app/screens, on the main thread.
//
// Coordinates are real px (floats). canvas->unit is px per design pixel: screens think in
// the mockups' 1920x1080 (1080x1920 upright) and multiply by unit. Colours are 0xAARRGGBB,
// not premultiplied. Nothing fails; drawing outside the canvas is clipped.
// Rendered texts are kept in a bounded cache (least recently used goes first), so that a
// redraw with one changed word renders one word.
#ifndef APP_UI_DRAW_H
#define APP_UI_DRAW_H

#include "app/image/image.h"
#include "app/image/qr.h"
#include "app/text/text.h"
#include "app/ui/rect.h"
#include "app/ui/theme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DRAW_TEXT_CACHE_BYTES = 4 * 1024 * 1024 };

struct draw_cache;

// Read w, h, unit, is_portrait; the rest belongs to draw.c.
struct canvas {
    int w, h;
    float unit;       // px per design pixel: min(w/1920, h/1080), upright min(w/1080, h/1920)
    bool is_portrait; // h > w
    uint32_t *pixels;
    int stride_px;
    struct rect clip;
    struct fonts *fonts;      // borrowed
    struct draw_cache *cache; // owned
};

// pixels: w*h with rows stride_px apart, borrowed until canvas_finish or the next
// canvas_set_pixels; NULL is allowed until then. fonts: borrowed until canvas_finish.
void canvas_init(struct canvas *canvas, struct fonts *fonts);
void canvas_set_pixels(struct canvas *canvas, uint32_t *pixels, int w, int h, int stride_px);
void canvas_finish(struct canvas *canvas); // NULL and a zeroed struct are fine

struct rect canvas_rect(const struct canvas *canvas); // all of it
// Real px of so many design px; text sizes: at least TEXT_SIZE_MIN_PX.
int canvas_px(const struct canvas *canvas, float design_px);
// Later drawing stays inside r. Returns the old clip; give it back to undo.
struct rect canvas_clip(struct canvas *canvas, struct rect r);

// ---- shapes
void draw_clear(struct canvas *canvas, uint32_t color);
void draw_rect(struct canvas *canvas, struct rect r, uint32_t color);
void draw_round(struct canvas *canvas, struct rect r, float radius, uint32_t color);
// The border lies inside r.
void draw_border(struct canvas *canvas, struct rect r, float radius, float stroke,
    uint32_t color);
// Fill and border in one: cards, buttons, fields. stroke 0: no border.
void draw_card(struct canvas *canvas, struct rect r, float radius, uint32_t fill,
    float stroke, uint32_t line);
// A soft shadow under a card at r; draw it before the card.
void draw_shadow(struct canvas *canvas, struct rect r, float radius, float blur, float dy,
    uint32_t color);
void draw_circle(struct canvas *canvas, float cx, float cy, float radius, uint32_t color);
void draw_ring(struct canvas *canvas, float cx, float cy, float radius, float stroke,
    uint32_t color);
// Round ends. dash > 0: dashes of that length with equal gaps, butt ends.
void draw_line(struct canvas *canvas, float x0, float y0, float x1, float y1, float stroke,
    float dash, uint32_t color);
// Even-odd filled polygon of xy_count points: x0 y0 x1 y1 ...; 3..64 points.
void draw_polygon(struct canvas *canvas, const float *xy, size_t xy_count, uint32_t color);
// fraction 0..1 (clamped), from left to right.
void draw_progress(struct canvas *canvas, struct rect r, float fraction, uint32_t track,
    uint32_t fill);

// ---- symbols
// The verdict signs differ in shape, not only in colour.
enum draw_symbol {
    DRAW_SYMBOL_CHECK,    // check in a disc: admitted
    DRAW_SYMBOL_INFO,     // i in a disc: already in, for your information
    DRAW_SYMBOL_STOP,     // octagon with a bar: not admitted (staff)
    DRAW_SYMBOL_HAND,     // raised hand in a rounded square: please see staff
    DRAW_SYMBOL_WARNING,  // ! in a triangle
    DRAW_SYMBOL_QUESTION, // ? in a diamond: unknown code
    DRAW_SYMBOL_LOCK,     // padlock: locked, forged
    DRAW_SYMBOL_CLOCK,    // clock face: too early, too late, wrong day
    DRAW_SYMBOL_COIN,     // coin with a bar: unpaid
    DRAW_SYMBOL_TICK,     // bare check mark in fg, no disc
    DRAW_SYMBOL_CROSS,    // bare cross in fg
    DRAW_SYMBOL_ARROW,    // bare arrow in fg, pointing right; see draw_arrow for others
    DRAW_SYMBOL_PRINTER,
    DRAW_SYMBOL_OFFLINE,  // cloud with a stroke through
    DRAW_SYMBOL_PERSON,
    DRAW_SYMBOL_SEARCH
};
// Centred in r, as large as fits. body: the disc, octagon ...; fg: the mark on it.
void draw_symbol(struct canvas *canvas, enum draw_symbol symbol, struct rect r,
    uint32_t body, uint32_t fg);
// An arrow in r, pointing by degrees clockwise from right (0 right, 90 down, 270 up).
void draw_arrow(struct canvas *canvas, struct rect r, float degrees, float stroke,
    uint32_t color);
// The attract picture: a phone with a code moving to the scanner's beam.
// r keeps the proportion 5:4 (centred, as large as fits).
void draw_scan_picture(struct canvas *canvas, struct rect r, uint32_t ink, uint32_t accent);

// ---- text
enum draw_valign { DRAW_TOP, DRAW_MIDDLE, DRAW_BOTTOM, DRAW_BASELINE };

// How a text stands in its box. Zero means the default in brackets. Sizes are real px.
struct draw_label {
    int size_px;
    int min_px;      // [size_px: never shrink] shrink to fit before cutting
    int max_lines;   // [1]
    int leading_pct; // [120]
    enum text_weight weight;
    enum text_align align; // within the box, LEADING follows the text's direction
    // [TOP] MIDDLE and BOTTOM by the capitals of the lines, so that texts of different
    // scripts align. BASELINE: the first baseline is at r.y; r.h still bounds the height
    // when > 0.
    enum draw_valign valign;
    enum text_direction direction;
    enum text_han han;
    bool is_tabular;
    bool is_struck; // a line through the text: cancelled
    uint32_t color;
};

struct draw_span {
    const char *text;
    enum text_weight weight;
    uint32_t color;
};

// Draws into r: fitted and aligned; r.w or r.h <= 0: no limit that way (alignment is then
// relative to r.x). Returns where the text stands: x, y, w, h of its line box.
struct rect draw_text(struct canvas *canvas, struct rect r, const struct draw_label *label,
    const char *text);
// Pieces with own weight and colour, as one text; label->weight and color are not used.
struct rect draw_spans(struct canvas *canvas, struct rect r, const struct draw_label *label,
    const struct draw_span *spans, size_t span_count);
// The same without drawing. Cached: cheap to call before drawing the same text.
struct text_measure draw_measure(struct canvas *canvas, float max_w, float max_h,
    const struct draw_label *label, const char *text);

// ---- compounds
// A pill, left end at (x, y); returns its rectangle. Height is twice the size.
struct rect draw_chip(struct canvas *canvas, float x, float y, const char *text, int size_px,
    uint32_t fill, uint32_t color);
float draw_chip_width(struct canvas *canvas, const char *text, int size_px);
// A button with its words centred and shrunk to fit.
enum draw_button { DRAW_BUTTON_PLAIN, DRAW_BUTTON_MAIN, DRAW_BUTTON_STOP, DRAW_BUTTON_OFF };
void draw_button(struct canvas *canvas, struct rect r, const struct theme *theme,
    enum draw_button kind, bool is_pressed, int size_px, const char *text);
// The largest square in r with whole pixels per module and the quiet zone inside; returns
// the square used. w = 0 when r is too small for one pixel per module.
struct rect draw_qr(struct canvas *canvas, struct rect r, const struct qr *qr,
    uint32_t dark, uint32_t light);
// Scaled into r keeping proportions, centred; smooth when shrinking.
void draw_image(struct canvas *canvas, struct rect r, const struct image *image);

#endif

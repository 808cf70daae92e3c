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
#include "sync/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DRAW_TEXT_CACHE_BYTES = 4 * 1024 * 1024 };

struct draw_cache;

// Read w, h, unit, is_portrait; the rest belongs to draw.c.
struct canvas {
    int w, h;
    float unit; // px per design pixel: min(w/1920, h/1080), upright min(w/1080, h/1920)
    bool is_portrait; // h > w
    uint32_t *pixels;
    int stride_px;
    struct rect clip;
    struct fonts *fonts;      // borrowed
    struct draw_cache *cache; // owned
    struct bytes *said;       // borrowed; when set, every text drawn is added, one a line
};

// pixels: w*h with rows stride_px apart, borrowed until canvas_finish or the next
// canvas_set_pixels; NULL is allowed until then. fonts: borrowed until canvas_finish.
void canvas_init(struct canvas *canvas, struct fonts *fonts);
void canvas_set_pixels(struct canvas *canvas, uint32_t *pixels, int w, int h,
                       int stride_px);
void canvas_finish(struct canvas *canvas); // NULL and a zeroed struct are fine

struct rect canvas_rect(const struct canvas *canvas); // all of it
// Real px of so many design px, rounded; at least 1 for more than 0.
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
void draw_line(struct canvas *canvas, float x0, float y0, float x1, float y1,
               float stroke, float dash, uint32_t color);
// Even-odd filled polygon of xy_count points: x0 y0 x1 y1 ...; 3..64 points.
void draw_polygon(struct canvas *canvas, const float *xy, size_t xy_count,
                  uint32_t color);
// fraction 0..1 (clamped), from left to right.
void draw_progress(struct canvas *canvas, struct rect r, float fraction, uint32_t track,
                   uint32_t fill);

// The other halves of the same interface, on the same canvas.
#include "app/ui/draw_parts.h"
#include "app/ui/draw_symbol.h"
#include "app/ui/draw_text.h"

#endif

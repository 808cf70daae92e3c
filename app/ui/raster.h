// Inside app/ui only: pixels and coverage. Everything is clipped to canvas->clip.
// Main thread. Colours 0xAARRGGBB, not premultiplied; coverage 0..1 or 0..255.
#ifndef APP_UI_RASTER_H
#define APP_UI_RASTER_H

#include "app/ui/draw.h"

// The clip as whole pixels: x0 <= x < x1.
struct raster_box {
    int x0, y0, x1, y1;
};

// The pixels touched by r within the clip; empty boxes have x1 <= x0 or y1 <= y0.
struct raster_box raster_box_of(const struct canvas *canvas, struct rect r);

// Colour over destination. alpha 0..255 already includes the colour's own.
static inline uint32_t raster_mix(uint32_t under, uint32_t over, uint32_t alpha) {
    uint32_t inverse = 255 - alpha;
    uint32_t rb = (over & 0xFF00FF) * alpha + (under & 0xFF00FF) * inverse + 0x800080;
    uint32_t g = (over & 0x00FF00) * alpha + (under & 0x00FF00) * inverse + 0x008000;
    rb = (rb + (rb >> 8 & 0xFF00FF)) >> 8 & 0xFF00FF;
    g = (g + (g >> 8 & 0x00FF00)) >> 8 & 0x00FF00;
    return 0xFF000000 | rb | g;
}

// One pixel inside the canvas; coverage is clamped to 0..1.
static inline void raster_dot(uint32_t *pixel, uint32_t color, float coverage) {
    float part = coverage <= 0 ? 0 : coverage >= 1 ? 1 : coverage;
    uint32_t alpha = (uint32_t)((float)(color >> 24) * part + 0.5F);
    if (alpha != 0) {
        *pixel = raster_mix(*pixel, color, alpha);
    }
}

// The colour with its alpha times the coverage.
static inline uint32_t raster_fade(uint32_t color, float coverage) {
    float part = coverage <= 0 ? 0 : coverage >= 1 ? 1 : coverage;
    return (uint32_t)((float)(color >> 24) * part + 0.5F) << 24 | (color & 0xFFFFFF);
}

// Pixels x0 <= x < x1 of row y, already within the canvas.
void raster_span(const struct canvas *canvas, int y, int x0, int x1, uint32_t color);

// An 8-bit coverage picture with its corner at (x, y), rows packed.
struct raster_picture {
    const uint8_t *pixels;
    int w, h, x, y;
};
void raster_mask(const struct canvas *canvas, const struct raster_picture *mask,
                 uint32_t color);

// Distance of a point to a rounded rectangle: negative inside.
float raster_round_distance(struct rect r, float radius, float px, float py);

#endif

#include "app/ui/raster.h"

#include <math.h>

struct raster_box raster_box_of(const struct canvas *canvas, struct rect r) {
    const struct rect *clip = &canvas->clip;
    float x0 = fmaxf(floorf(r.x), clip->x), y0 = fmaxf(floorf(r.y), clip->y);
    float x1 = fminf(ceilf(r.x + r.w), clip->x + clip->w);
    float y1 = fminf(ceilf(r.y + r.h), clip->y + clip->h);
    if (!(x1 > x0 && y1 > y0)) { // also when a coordinate is not a number
        return (struct raster_box){0, 0, 0, 0};
    }
    return (struct raster_box){(int)x0, (int)y0, (int)x1, (int)y1};
}

void raster_span(const struct canvas *canvas, int y, int x0, int x1, uint32_t color,
                 float coverage) {
    uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
    uint32_t alpha = (uint32_t)((float)(color >> 24) * fminf(coverage, 1) + 0.5F);
    if (coverage <= 0 || alpha == 0) {
        return;
    }
    if (alpha == 255) {
        for (int x = x0; x < x1; x++) {
            row[x] = color;
        }
        return;
    }
    for (int x = x0; x < x1; x++) {
        row[x] = raster_mix(row[x], color, alpha);
    }
}

void raster_mask(const struct canvas *canvas, const uint8_t *mask, int w, int h, int x,
                 int y, uint32_t color) {
    struct rect at = {(float)x, (float)y, (float)w, (float)h};
    struct raster_box box = raster_box_of(canvas, at);
    uint32_t own = color >> 24;
    for (int row = box.y0; row < box.y1; row++) {
        const uint8_t *from = mask + (size_t)(row - y) * (size_t)w;
        uint32_t *to = canvas->pixels + (size_t)row * (size_t)canvas->stride_px;
        for (int i = box.x0; i < box.x1; i++) {
            uint32_t alpha = own == 255 ? from[i - x] : from[i - x] * own / 255;
            if (alpha == 255) {
                to[i] = color;
            } else if (alpha != 0) {
                to[i] = raster_mix(to[i], color, alpha);
            }
        }
    }
}

float raster_round_distance(struct rect r, float radius, float px, float py) {
    float qx = fabsf(px - (r.x + r.w / 2)) - r.w / 2 + radius;
    float qy = fabsf(py - (r.y + r.h / 2)) - r.h / 2 + radius;
    float inside = fminf(fmaxf(qx, qy), 0);
    float ax = fmaxf(qx, 0), ay = fmaxf(qy, 0);
    if (ax > 0 && ay > 0) {
        return inside + sqrtf(ax * ax + ay * ay) - radius;
    }
    return inside + ax + ay - radius;
}

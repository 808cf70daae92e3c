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

void raster_span(const struct canvas *canvas, int y, int x0, int x1, uint32_t color) {
    uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
    uint32_t alpha = color >> 24;
    if (alpha == 255) {
        for (int x = x0; x < x1; x++) {
            row[x] = color;
        }
    } else if (alpha != 0) {
        for (int x = x0; x < x1; x++) {
            row[x] = raster_mix(row[x], color, alpha);
        }
    }
}

static void mask_row(uint32_t *to, const uint8_t *from, int count, uint32_t color) {
    uint32_t own = color >> 24;
    for (int i = 0; i < count; i++) {
        uint32_t alpha = own == 255 ? from[i] : from[i] * own / 255;
        if (alpha == 255) {
            to[i] = color;
        } else if (alpha != 0) {
            to[i] = raster_mix(to[i], color, alpha);
        }
    }
}

void raster_mask(const struct canvas *canvas, const struct raster_picture *mask,
                 uint32_t color) {
    struct rect at = {(float)mask->x, (float)mask->y, (float)mask->w, (float)mask->h};
    struct raster_box box = raster_box_of(canvas, at);
    for (int y = box.y0; y < box.y1; y++) {
        const uint8_t *from = mask->pixels + (size_t)(y - mask->y) * (size_t)mask->w;
        uint32_t *to = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
        mask_row(to + box.x0, from + (box.x0 - mask->x), box.x1 - box.x0, color);
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

#include "app/badge/shapes.h"

#include <math.h>

static double clamp(double v, double low, double high) {
    return v < low ? low : v > high ? high : v;
}

// distance: of the pixel's centre from the shape's edge, negative inside.
static void blend(uint8_t *pixel, double distance, uint8_t value) {
    double cover = clamp(0.5 - distance, 0, 1);
    *pixel = (uint8_t)lround(*pixel + (value - *pixel) * cover);
}

struct span {
    int from, to; // dots touched, to is beyond the last
};

static struct span span_of(double low, double high, int size) {
    return (struct span){(int)clamp(floor(low) - 1, 0, size),
                         (int)clamp(ceil(high) + 1, 0, size)};
}

void shape_fill_box(struct ink *ink, struct shape_box box, double radius, uint8_t value) {
    double half_w = box.w / 2, half_h = box.h / 2;
    double r = clamp(radius, 0, fmin(half_w, half_h));
    struct span xs = span_of(box.x, box.x + box.w, ink->w);
    struct span ys = span_of(box.y, box.y + box.h, ink->h);
    for (int y = ys.from; y < ys.to; y++) {
        double dy = fabs(y + 0.5 - box.y - half_h) - half_h + r;
        for (int x = xs.from; x < xs.to; x++) {
            double dx = fabs(x + 0.5 - box.x - half_w) - half_w + r;
            double distance = hypot(fmax(dx, 0), fmax(dy, 0)) + fmin(fmax(dx, dy), 0) - r;
            blend(&ink->pixels[(size_t)y * (size_t)ink->w + (size_t)x], distance, value);
        }
    }
}

void shape_fill_stroke(struct ink *ink, struct shape_box box, double width,
                       uint8_t value) {
    struct span xs = span_of(box.x - width, box.x + box.w + width, ink->w);
    struct span ys = span_of(box.y - width, box.y + box.h + width, ink->h);
    double length2 = box.w * box.w + box.h * box.h;
    for (int y = ys.from; y < ys.to; y++) {
        for (int x = xs.from; x < xs.to; x++) {
            double dx = x + 0.5 - box.x, dy = y + 0.5 - box.y;
            double along = clamp((dx * box.w + dy * box.h) / length2, 0, 1);
            double distance = hypot(dx - along * box.w, dy - along * box.h) - width / 2;
            blend(&ink->pixels[(size_t)y * (size_t)ink->w + (size_t)x], distance, value);
        }
    }
}

void shape_draw_no_photo(struct ink *ink, struct shape_box box) {
    double unit = box.h / 12;
    struct shape_box hump = {box.x + box.w / 2 - 3 * unit, box.y, 6 * unit, 4 * unit};
    struct shape_box body = {box.x, box.y + 2 * unit, box.w, box.h - 2 * unit};
    struct shape_box lens = {box.x + box.w / 2 - 3 * unit, box.y + 4 * unit, 6 * unit,
                             6 * unit};
    shape_fill_box(ink, hump, unit, SHAPE_INK);
    shape_fill_box(ink, body, 1.5 * unit, SHAPE_INK);
    shape_fill_box(ink, lens, 3 * unit, SHAPE_PAPER);
    struct shape_box stroke = {box.x, box.y - unit, box.w, box.h + 2 * unit};
    shape_fill_stroke(ink, stroke, 4 * unit, SHAPE_PAPER);
    shape_fill_stroke(ink, stroke, 1.7 * unit, SHAPE_INK);
}

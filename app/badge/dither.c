#include "app/badge/dither.h"

#include "sync/base/mem.h"

#include <math.h>

// Lightness 0..1 of a pixel over white paper. Not linearised: a thermal head's dots grow by
// about what that would make lighter, and the preview on a screen mixes them the same way.
static double pixel_lightness(uint32_t p) {
    double alpha = (p >> 24) / 255.0;
    double grey = (0.299 * (p >> 16 & 255) + 0.587 * (p >> 8 & 255) + 0.114 * (p & 255));
    return 1 - alpha + alpha * grey / 255;
}

// The mean of what lies under one dot of w x h.
static double area_lightness(const struct image *image, double sx, double sy, int x,
                             int y) {
    double x0 = x * sx, x1 = (x + 1) * sx, y0 = y * sy, y1 = (y + 1) * sy, sum = 0;
    for (int row = (int)y0; row < y1 && row < image->h; row++) {
        double part = fmin(row + 1, y1) - fmax(row, y0);
        for (int col = (int)x0; col < x1 && col < image->w; col++) {
            double share = part * (fmin(col + 1, x1) - fmax(col, x0));
            size_t at = (size_t)row * (size_t)image->w + (size_t)col;
            sum += share * pixel_lightness(image->pixels[at]);
        }
    }
    return sum / (sx * sy);
}

// errors: of this row and of the next, each with a spare dot at both ends.
static void diffuse_row(double *row, double *next, int w, bool is_backwards) {
    int step = is_backwards ? -1 : 1;
    for (int i = 0, x = is_backwards ? w - 1 : 0; i < w; i++, x += step) {
        double wanted = row[x];
        row[x] = wanted < 0.5 ? 0 : 1;
        double error = wanted - row[x];
        row[x + step] += error * 7 / 16;
        next[x - step] += error * 3 / 16;
        next[x] += error * 5 / 16;
        next[x + step] += error * 1 / 16;
    }
}

struct dots {
    int x, y, w, h;
};

static void put_row(struct ink *ink, const double *row, const struct dots *at, int y) {
    for (int x = 0; x < at->w; x++) {
        int to_x = at->x + x, to_y = at->y + y;
        if (to_x >= 0 && to_y >= 0 && to_x < ink->w && to_y < ink->h) {
            ink->pixels[(size_t)to_y * (size_t)ink->w + (size_t)to_x] =
                row[x] < 0.5 ? SHAPE_INK : SHAPE_PAPER;
        }
    }
}

static struct dots fit(const struct image *image, struct shape_box box,
                       enum text_align align) {
    double scale = fmin(box.w / image->w, box.h / image->h);
    struct dots d = {.w = (int)fmax(floor(image->w * scale + 1e-6), 1),
                     .h = (int)fmax(floor(image->h * scale + 1e-6), 1)};
    double spare = box.w - d.w;
    d.x = (int)(box.x + (align == TEXT_ALIGN_CENTER  ? spare / 2
                         : align == TEXT_ALIGN_RIGHT ? spare
                                                     : 0));
    d.y = (int)(box.y + (box.h - d.h) / 2);
    return d;
}

void dither_draw(struct ink *ink, const struct image *image, struct shape_box box,
                 enum text_align align) {
    if (!image->pixels) {
        return;
    }
    struct dots at = fit(image, box, align);
    double sx = (double)image->w / at.w, sy = (double)image->h / at.h;
    size_t width = (size_t)at.w + 2; // a spare dot at both ends takes what falls off
    double *rows = mem_alloc(2 * width, sizeof *rows);
    double *row = rows + 1, *next = rows + width + 1;
    for (int y = 0; y < at.h; y++) {
        for (int x = 0; x < at.w; x++) {
            row[x] += area_lightness(image, sx, sy, x, y);
        }
        diffuse_row(row, next, at.w, y % 2 == 1);
        put_row(ink, row, &at, y);
        for (int x = -1; x <= at.w; x++) {
            row[x] = next[x];
            next[x] = 0;
        }
    }
    mem_free(rows);
}

#include "app/badge/raster.h"

#include "sync/base/mem.h"

#include <string.h>

void ink_init(struct ink *ink, int w, int h, int dpi) {
    CHECK(w >= 1 && h >= 1 && w <= IMAGE_SIDE_MAX_PX && h <= IMAGE_SIDE_MAX_PX);
    *ink = (struct ink){.w = w, .h = h, .dpi = dpi};
    ink->pixels = mem_alloc((size_t)w * (size_t)h, 1);
}

void ink_finish(struct ink *ink) {
    mem_free(ink->pixels);
    *ink = (struct ink){0};
}

// The part of `count` dots from `at` that lies within `size`.
static void clip(int at, int count, int size, int *out_from, int *out_to) {
    *out_from = at < 0 ? -at : 0;
    *out_to = at + count > size ? size - at : count;
}

// Where the dot x, y of the turned part comes from.
static uint8_t turned_dot(const struct ink *part, int x, int y, int turn) {
    int from_x = turn % 180 ? y : x, from_y = turn % 180 ? x : y;
    from_x = turn == 180 || turn == 270 ? part->w - 1 - from_x : from_x;
    from_y = turn == 90 || turn == 180 ? part->h - 1 - from_y : from_y;
    return part->pixels[(size_t)from_y * (size_t)part->w + (size_t)from_x];
}

void ink_place(struct ink *ink, const struct ink *part, int x, int y, int turn) {
    CHECK(turn == 0 || turn == 90 || turn == 180 || turn == 270);
    int left, right, top, end;
    clip(x, turn % 180 ? part->h : part->w, ink->w, &left, &right);
    clip(y, turn % 180 ? part->w : part->h, ink->h, &top, &end);
    for (int row = top; row < end; row++) {
        uint8_t *to = ink->pixels + (size_t)(y + row) * (size_t)ink->w;
        for (int col = left; col < right; col++) {
            to[x + col] = turned_dot(part, col, row, turn);
        }
    }
}

void raster_threshold(const struct ink *ink, struct raster *out_raster) {
    struct raster r = {.w = ink->w, .h = ink->h, .dpi = ink->dpi};
    r.stride_bytes = (ink->w + 7) / 8;
    r.bits = mem_alloc((size_t)r.stride_bytes * (size_t)r.h, 1);
    const uint8_t *in = ink->pixels;
    for (int y = 0; y < r.h; y++) {
        uint8_t *row = r.bits + (size_t)y * (size_t)r.stride_bytes;
        for (int x = 0; x < r.w; x++) {
            row[x / 8] |= (uint8_t)((*in++ >> 7) << (7 - x % 8));
        }
    }
    *out_raster = r;
}

void raster_finish(struct raster *raster) {
    mem_free(raster->bits);
    *raster = (struct raster){0};
}

bool raster_is_black(const struct raster *raster, int x, int y) {
    if (x < 0 || y < 0 || x >= raster->w || y >= raster->h) {
        return false;
    }
    size_t at = (size_t)y * (size_t)raster->stride_bytes + (size_t)x / 8;
    return (raster->bits[at] >> (7 - x % 8)) & 1;
}

// Where pixel i of `out` pixels begins among `in` dots, in 1/256 dot.
static int64_t edge_at(int i, int in, int out) {
    return (int64_t)i * in * 256 / out;
}

// How much of dot number `dot` lies between from and to, all in 1/256 dot.
static int64_t overlap(int dot, int64_t from, int64_t to) {
    int64_t low = (int64_t)dot * 256, high = low + 256;
    return (to < high ? to : high) - (from > low ? from : low);
}

// Ink of each output column from one row of dots, times the row's own weight.
static void scale_row(const struct raster *r, int y, int64_t weight, int w,
                      int64_t *sums) {
    for (int x = 0; x < w; x++) {
        int64_t from = edge_at(x, r->w, w), to = edge_at(x + 1, r->w, w);
        int64_t black = 0;
        for (int dot = (int)(from / 256); (int64_t)dot * 256 < to; dot++) {
            black += raster_is_black(r, dot, y) ? overlap(dot, from, to) : 0;
        }
        sums[x] += black * weight * 255 / (to - from);
    }
}

void raster_scale_image(const struct raster *raster, int max_w_px, int max_h_px,
                        struct image *out_image) {
    CHECK(raster->w > 0 && raster->h > 0 && max_w_px > 0 && max_h_px > 0);
    int w = raster->w < max_w_px ? raster->w : max_w_px;
    int h = (int)((int64_t)raster->h * w / raster->w);
    if (h > max_h_px) {
        h = max_h_px;
        w = (int)((int64_t)raster->w * h / raster->h);
    }
    w = w < 1 ? 1 : w;
    h = h < 1 ? 1 : h;
    image_init(out_image, w, h);
    int64_t *sums = mem_alloc((size_t)w, sizeof *sums);
    for (int y = 0; y < h; y++) {
        int64_t from = edge_at(y, raster->h, h), to = edge_at(y + 1, raster->h, h);
        memset(sums, 0, (size_t)w * sizeof *sums);
        for (int dot = (int)(from / 256); (int64_t)dot * 256 < to; dot++) {
            scale_row(raster, dot, overlap(dot, from, to), w, sums);
        }
        uint32_t *row = out_image->pixels + (size_t)y * (size_t)w;
        for (int x = 0; x < w; x++) {
            uint32_t paper = 255u - (uint32_t)(sums[x] / (to - from));
            row[x] = 0xff000000u | paper << 16 | paper << 8 | paper;
        }
    }
    mem_free(sums);
}

enum err raster_write_png(const struct raster *raster, const char *path) {
    size_t w = (size_t)raster->w, h = (size_t)raster->h;
    uint8_t *grey = mem_alloc(w * h, 1);
    for (int y = 0; y < raster->h; y++) {
        for (int x = 0; x < raster->w; x++) {
            grey[(size_t)y * w + (size_t)x] = raster_is_black(raster, x, y) ? 0 : 255;
        }
    }
    enum err e =
        image_write_png_grey(path, grey, raster->w, raster->h, raster->w, raster->dpi);
    mem_free(grey);
    return e;
}

// A label as dots: grey while it is drawn, then black and white as a printer wants it.
// Called by app/badge and by the programs; any thread; no state.
#ifndef APP_BADGE_RASTER_H
#define APP_BADGE_RASTER_H

#include "app/image/image.h"
#include "sync/base/err.h"

#include <stdbool.h>
#include <stdint.h>

// Anti-aliased drawing. Rows are packed: w bytes each.
struct ink {
    int w, h; // printer dots
    int dpi;
    uint8_t *pixels; // 0 paper .. 255 full ink
};

// What is printed: one bit a dot, most significant bit left, 1 = black; bits beyond w in a
// row are 0. All zero is a valid empty one.
struct raster {
    int w, h; // printer dots
    int stride_bytes;
    int dpi;
    uint8_t *bits; // stride_bytes * h
};

// Blank paper of w x h dots, 1..IMAGE_SIDE_MAX_PX each (CHECKed). ink_finish frees it.
void ink_init(struct ink *ink, int w, int h, int dpi);
void ink_finish(struct ink *ink); // frees and zeroes

// Copies a part, turned clockwise by 0, 90, 180 or 270 degrees, with its top left corner (as
// turned) at x, y. What lies outside is left out.
void ink_place(struct ink *ink, const struct ink *part, int x, int y, int turn);

// Dots with half ink or more become black. *out_raster is the caller's (raster_finish).
void raster_threshold(const struct ink *ink, struct raster *out_raster);
void raster_finish(struct raster *raster); // frees and zeroes

bool raster_is_black(const struct raster *raster, int x, int y); // false outside

// The same dots for a screen: scaled by area to fit max_w x max_h px (never enlarged), black
// on white, opaque. *out_image is the caller's (image_finish).
void raster_scale_image(const struct raster *raster, int max_w_px, int max_h_px,
                        struct image *out_image);

// A grey PNG, one pixel a dot, with its dpi. ERR_IO as image_write_png_grey.
MUST_CHECK enum err raster_write_png(const struct raster *raster, const char *path);

#endif

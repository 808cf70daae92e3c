// Pictures in memory and as PNG files. Any thread; no state.
// Pixels are 0xAARRGGBB in a uint32_t, not premultiplied, rows packed without padding.
#ifndef APP_IMAGE_IMAGE_H
#define APP_IMAGE_IMAGE_H

#include "sync/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { IMAGE_SIDE_MAX_PX = 8192 };

struct image {
    int w, h;
    uint32_t *pixels; // w * h
};

// Fresh transparent picture. 1..IMAGE_SIDE_MAX_PX each way (CHECKed). image_finish frees it.
void image_init(struct image *image, int w, int h);

void image_finish(struct image *image); // NULL and a zeroed struct are fine

// Reads a PNG of any colour type. *out_image is the caller's (image_finish); untouched on
// failure. ERR_NOT_FOUND, ERR_IO; ERR_INPUT: not a PNG or broken; ERR_LIMIT: side too long.
MUST_CHECK enum err image_read_png(const char *path, struct image *out_image);

// The same from bytes in memory (borrowed for the call).
MUST_CHECK enum err image_read_png_bytes(const void *bytes, size_t len_bytes,
                                         struct image *out_image);

// Writes an opaque RGB PNG (alpha is dropped); rows are stride_px apart. Written to a
// temporary name and renamed, so that a reader never sees half a picture. ERR_IO.
MUST_CHECK enum err image_write_png(const char *path, const uint32_t *pixels, int w,
                                    int h, int stride_px);

// Writes an 8-bit grey PNG, 0 black. dpi > 0 is stored in the file.
MUST_CHECK enum err image_write_png_grey(const char *path, const uint8_t *pixels, int w,
                                         int h, int stride_bytes, int dpi);

#endif

// A label as dots, what every printer is given. Any thread; no state.
// Called by app/devices and by the languages of this room; app/badge draws what it points to.
#ifndef APP_LABELS_LABEL_H
#define APP_LABELS_LABEL_H

#include "sync/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LABEL_SIDE_MAX_DOTS = 8192 };

// One bit a dot, most significant bit left, 1 = black; what bits beyond w hold is ignored.
struct label {
    int w, h; // dots, 1..LABEL_SIDE_MAX_DOTS
    int stride_bytes;
    int dpi;
    const uint8_t *bits; // stride_bytes * h, borrowed
};

// Its sides are within the limits and a row holds w dots.
bool label_is_sound(const struct label *label);

bool label_is_black(const struct label *label, int x, int y); // false outside

// Copies row y as packed bytes, the bits beyond w zero: (w + 7) / 8 bytes into out.
void label_copy_row(const struct label *label, int y, uint8_t *out);

// Appends all rows as packed bytes for languages in which 1 is white: the bits beyond w are
// white too.
void label_add_inverted(const struct label *label, struct bytes *out);

// Where a label goes on the w x h dots that can be printed: centred, what is too large is cut
// off on both sides. h 0: as long as the label. False when ink would be cut off.
struct label_place {
    int x, y; // of the label's top left dot; negative when cut
};
bool label_fit(const struct label *label, int w, int h, struct label_place *out);

// Sets the label's black dots in a raster of rows of stride_bytes, where label_fit put it on
// paper as long as the label.
void label_copy_placed(const struct label *label, struct label_place place, uint8_t *out,
                       size_t stride_bytes);

#endif

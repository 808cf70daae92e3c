// A label as dots, what every printer is given. Any thread; no state.
// Called by app/devices and by the languages of this room; app/badge draws what it points to.
#ifndef APP_LABELS_LABEL_H
#define APP_LABELS_LABEL_H

#include <stdbool.h>
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

#endif

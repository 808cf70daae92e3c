#include "app/labels/label.h"

#include <string.h>

bool label_is_sound(const struct label *label) {
    return label->w >= 1 && label->h >= 1 && label->w <= LABEL_SIDE_MAX_DOTS &&
           label->h <= LABEL_SIDE_MAX_DOTS && label->stride_bytes >= (label->w + 7) / 8;
}

bool label_is_black(const struct label *label, int x, int y) {
    if (x < 0 || y < 0 || x >= label->w || y >= label->h) {
        return false;
    }
    const uint8_t *row = label->bits + (size_t)y * (size_t)label->stride_bytes;
    return row[x / 8] >> (7 - x % 8) & 1;
}

void label_copy_row(const struct label *label, int y, uint8_t *out) {
    size_t len = ((size_t)label->w + 7) / 8;
    memcpy(out, label->bits + (size_t)y * (size_t)label->stride_bytes, len);
    if (label->w % 8) {
        out[len - 1] = (uint8_t)(out[len - 1] & 0xff << (8 - label->w % 8));
    }
}

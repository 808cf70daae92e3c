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

void label_add_inverted(const struct label *label, struct bytes *out) {
    size_t len = ((size_t)label->w + 7) / 8;
    size_t size = len * (size_t)label->h;
    uint8_t *rows = bytes_grow(out, size);
    for (int y = 0; y < label->h; y++) {
        label_copy_row(label, y, rows + len * (size_t)y);
    }
    for (size_t i = 0; i < size; i++) {
        rows[i] = (uint8_t)~rows[i];
    }
}

static bool has_ink(const struct label *label, int x0, int x1, int y) {
    for (int x = x0; x < x1; x++) {
        if (label_is_black(label, x, y)) {
            return true;
        }
    }
    return false;
}

bool label_fit(const struct label *label, int w, int h, struct label_place *out) {
    int rows = h ? h : label->h;
    struct label_place place = {(w - label->w) / 2, (rows - label->h) / 2};
    for (int y = 0; y < label->h; y++) {
        bool is_off = y + place.y < 0 || y + place.y >= rows;
        int left = place.x < 0 ? -place.x : 0;
        int right = w - place.x < label->w ? w - place.x : label->w;
        if (is_off ? has_ink(label, 0, label->w, y)
                   : has_ink(label, 0, left, y) || has_ink(label, right, label->w, y)) {
            return false;
        }
    }
    *out = place;
    return true;
}

static void copy_row_placed(const struct label *label, int y, int x0, uint8_t *row) {
    for (int x = 0; x < label->w; x++) {
        if (label_is_black(label, x, y)) {
            int at = x + x0;
            row[at / 8] = (uint8_t)(row[at / 8] | 0x80 >> at % 8);
        }
    }
}

void label_copy_placed(const struct label *label, struct label_place place, uint8_t *out,
                       size_t stride_bytes) {
    for (int y = 0; y < label->h; y++) {
        size_t row = (size_t)y + (size_t)place.y;
        copy_row_placed(label, y, place.x, out + row * stride_bytes);
    }
}

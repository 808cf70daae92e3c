#include "sync/base/utf8.h"

#include <stdint.h>
#include <string.h>

// Length in bytes of the well-formed character at s, 0 if there is none; its value in *out.
static size_t utf8_next(const uint8_t *s, size_t len, uint32_t *out) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (!len) {
        return 0;
    }
    if (s[0] < 0x80) {
        *out = s[0];
        return 1;
    }
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || len < n) {
        return 0;
    }
    uint32_t v = s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
        v = v << 6 | (s[i] & 0x3fu);
    }
    if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) {
        return 0;
    }
    *out = v;
    return n;
}

bool utf8_is_valid(const void *text, size_t len_bytes) {
    const uint8_t *s = text;
    uint32_t v;
    for (size_t at = 0, n; at < len_bytes; at += n) {
        n = utf8_next(s + at, len_bytes - at, &v);
        if (!n) {
            return false;
        }
    }
    return true;
}

bool utf8_is_plain(const void *text, size_t len_bytes) {
    const uint8_t *s = text;
    uint32_t v;
    for (size_t at = 0, n; at < len_bytes; at += n) {
        n = utf8_next(s + at, len_bytes - at, &v);
        if (!n || v < 0x20 || (v >= 0x7f && v < 0xa0)) {
            return false;
        }
    }
    return true;
}

void utf8_copy(const char *text, char *out, size_t size) {
    size_t len = strnlen(text, size);
    if (len == size) {
        len = size - 1;
        while (len && ((uint8_t)text[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memmove(out, text, len);
    out[len] = '\0';
}

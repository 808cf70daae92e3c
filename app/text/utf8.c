#include "app/text/utf8.h"

#include <stdbool.h>

// Length announced by a lead byte and the bits it carries; 0 when it can not lead.
static int lead_length(unsigned char lead, uint32_t *out_bits) {
    if (lead >= 0xC2 && lead <= 0xDF) {
        *out_bits = lead & 0x1Fu;
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *out_bits = lead & 0x0Fu;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *out_bits = lead & 0x07u;
        return 4;
    }
    return 0;
}

uint32_t utf8_next(const char *text, size_t len_bytes, size_t *at) {
    unsigned char lead = (unsigned char)text[(*at)++];
    if (lead < 0x80) {
        return lead;
    }
    uint32_t cp = 0;
    int length = lead_length(lead, &cp);
    if (length == 0) {
        return 0xFFFD;
    }
    for (int i = 1; i < length; i++) {
        if (*at >= len_bytes || ((unsigned char)text[*at] & 0xC0) != 0x80) {
            return 0xFFFD;
        }
        cp = cp << 6 | ((unsigned char)text[(*at)++] & 0x3Fu);
    }
    bool is_long = (length == 3 && cp < 0x800) || (length == 4 && cp < 0x10000);
    if (is_long || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        return 0xFFFD;
    }
    return cp;
}

size_t utf8_put(uint32_t cp, char out[4]) {
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

uint32_t utf8_clean(uint32_t cp) {
    if (cp == '\n' || cp == 0x2028 || cp == 0x2029 || cp == 0x85) {
        return '\n';
    }
    if (cp == '\t' || cp == 0x0B || cp == 0x0C) {
        return ' ';
    }
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xFEFF) {
        return 0;
    }
    // Embeddings and overrides could turn the words around them; isolates can not.
    if (cp >= 0x202A && cp <= 0x202E) {
        return 0;
    }
    if ((cp >= 0xFDD0 && cp <= 0xFDEF) || (cp & 0xFFFE) == 0xFFFE) {
        return 0xFFFD;
    }
    return cp;
}

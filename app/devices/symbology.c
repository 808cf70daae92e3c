#include "app/devices/symbology.h"

#include <iconv.h>
#include <stdbool.h>
#include <string.h>

enum { ECI_NONE = -1, ECI_UTF8 = 26, ECI_ASCII = 27, ECI_BINARY = 899, ECI_DIGITS = 6 };

// What iconv calls them.
static const struct {
    int eci;
    const char *charset;
} charsets[] = {
    {0, "CP437"},        {1, "ISO-8859-1"},   {2, "CP437"},        {3, "ISO-8859-1"},
    {4, "ISO-8859-2"},   {5, "ISO-8859-3"},   {6, "ISO-8859-4"},   {7, "ISO-8859-5"},
    {8, "ISO-8859-6"},   {9, "ISO-8859-7"},   {10, "ISO-8859-8"},  {11, "ISO-8859-9"},
    {12, "ISO-8859-10"}, {13, "ISO-8859-11"}, {15, "ISO-8859-13"}, {16, "ISO-8859-14"},
    {17, "ISO-8859-15"}, {18, "ISO-8859-16"}, {20, "SHIFT_JIS"},   {21, "CP1250"},
    {22, "CP1251"},      {23, "CP1252"},      {24, "CP1256"},      {25, "UTF-16BE"},
    {28, "BIG5"},        {29, "GB2312"},      {30, "EUC-KR"},      {32, "GB18030"},
    {33, "UTF-16LE"},    {34, "UTF-32BE"},    {35, "UTF-32LE"},
};

// The bytes since the last escape.
struct segment {
    int eci;
    uint8_t bytes[SCAN_BYTES_MAX];
    size_t len;
};

static bool has_escapes(const char *aim) {
    static const char *const ids[] = {"]Q2", "]Q4", "]Q6", "]L1", "]d4",
                                      "]d5", "]d6", "]z3", "]z4", "]z5"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (strcmp(aim, ids[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void scan_add(struct scan *out, const uint8_t *bytes, size_t len) {
    size_t room = sizeof out->bytes - out->len;
    size_t fits = len < room ? len : room;
    (void)memcpy(out->bytes + out->len, bytes, fits);
    out->len += fits;
}

static enum scan_refusal segment_convert(struct segment *s, const char *charset,
                                         struct scan *out) {
    iconv_t cd = iconv_open("UTF-8", charset);
    if (cd == (iconv_t)-1) {
        return SCAN_REFUSED_ECI; // this machine's libc has not got it
    }
    char text[4 * SCAN_BYTES_MAX];
    char *from = (char *)s->bytes;
    char *to = text;
    size_t left = s->len;
    size_t room = sizeof text;
    size_t rc = iconv(cd, &from, &left, &to, &room);
    (void)iconv_close(cd);
    if (rc != 0 || left != 0) { // also what was converted only nearly
        return SCAN_REFUSED_ECI;
    }
    scan_add(out, (const uint8_t *)text, sizeof text - room);
    return SCAN_REFUSED_NOT;
}

static enum scan_refusal segment_end(struct segment *s, struct scan *out) {
    enum scan_refusal why = SCAN_REFUSED_ECI;
    if (s->len == 0 || s->eci == ECI_NONE || s->eci == ECI_UTF8 || s->eci == ECI_ASCII ||
        s->eci == ECI_BINARY) {
        scan_add(out, s->bytes, s->len);
        why = SCAN_REFUSED_NOT;
    }
    for (size_t i = 0; why && i < sizeof charsets / sizeof charsets[0]; i++) {
        if (charsets[i].eci == s->eci) {
            why = segment_convert(s, charsets[i].charset, out);
            break;
        }
    }
    s->len = 0;
    return why;
}

// Six digits at the start of text, or -1.
static int eci_parse(const uint8_t *text, size_t len) {
    int eci = 0;
    if (len < ECI_DIGITS) {
        return -1;
    }
    for (size_t i = 0; i < ECI_DIGITS; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        eci = eci * 10 + (text[i] - '0');
    }
    return eci;
}

// What stands at b: a byte (its value), an ECI (out_eci), or neither (-1). out_used: bytes.
static int escape_read(const uint8_t *b, size_t len, int *out_eci, size_t *out_used) {
    *out_eci = ECI_NONE;
    *out_used = 1;
    if (b[0] != '\\') {
        return b[0];
    }
    if (len > 1 && b[1] == '\\') {
        *out_used = 2;
        return b[0];
    }
    *out_eci = eci_parse(b + 1, len - 1);
    *out_used = 1 + ECI_DIGITS;
    return -1;
}

static enum scan_refusal undo(const uint8_t *b, size_t len, struct scan *out) {
    struct segment s = {.eci = ECI_NONE};
    size_t used = 0;
    for (size_t i = 0; i < len; i += used) {
        int eci = ECI_NONE;
        int byte = escape_read(b + i, len - i, &eci, &used);
        if (byte >= 0) {
            s.bytes[s.len++] =
                (uint8_t)byte; // at most one for each of the SCAN_BYTES_MAX
            continue;
        }
        enum scan_refusal why =
            eci == ECI_NONE ? SCAN_REFUSED_ESCAPE : segment_end(&s, out);
        if (why) {
            return why;
        }
        s.eci = eci;
    }
    return segment_end(&s, out);
}

enum scan_refusal symbology_undo_escapes(const char *aim, const uint8_t *bytes,
                                         size_t len, struct scan *out) {
    out->len = 0;
    size_t used = len < SCAN_BYTES_MAX ? len : SCAN_BYTES_MAX;
    // A code that is too long anyway may end in the middle of an escape.
    if (!has_escapes(aim) || used == SCAN_BYTES_MAX) {
        scan_add(out, bytes, used);
        return SCAN_REFUSED_NOT;
    }
    enum scan_refusal why = undo(bytes, used, out);
    if (why) {
        out->len = 0;
    }
    return why;
}

#include "tests/support/paper.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 40000 };

// A cursor over a job; every reader stops at the first fault.
struct cursor {
    const uint8_t *data;
    size_t len, at;
    struct paper *paper;
    bool is_bad;
};

static void fail(struct cursor *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(struct cursor *c, const char *format, ...) {
    if (c->is_bad) {
        return;
    }
    c->is_bad = true;
    va_list args;
    va_start(args, format);
    int n = snprintf(c->paper->fault, sizeof c->paper->fault, "byte %zu: ", c->at);
    vsnprintf(c->paper->fault + n, sizeof c->paper->fault - (size_t)n, format, args);
    va_end(args);
}

static bool is_done(const struct cursor *c) {
    return c->is_bad || c->at >= c->len;
}

static int next(struct cursor *c) {
    if (is_done(c)) {
        fail(c, "the job ends too early");
        return 0;
    }
    return c->data[c->at++];
}

static bool take(struct cursor *c, const char *text) {
    size_t n = strlen(text);
    if (c->is_bad || c->len - c->at < n || memcmp(c->data + c->at, text, n) != 0) {
        return false;
    }
    c->at += n;
    return true;
}

static void expect(struct cursor *c, const char *text) {
    if (!take(c, text)) {
        fail(c, "expected \"%s\"", text);
    }
}

static long number(struct cursor *c) {
    long v = 0;
    int digits = 0;
    while (!is_done(c) && c->data[c->at] >= '0' && c->data[c->at] <= '9' && digits < 9) {
        v = v * 10 + (c->data[c->at++] - '0');
        digits++;
    }
    if (digits == 0) {
        fail(c, "expected a number");
    }
    return v;
}

static double decimal(struct cursor *c) {
    double v = (double)number(c);
    if (take(c, ".")) {
        v += next(c) / 10.0 - '0' / 10.0;
    }
    return v;
}

static void paper_make(struct cursor *c, int w, int h) {
    if (w < 1 || h < 1 || w > SIDE_MAX || h > SIDE_MAX) {
        fail(c, "paper of %d x %d dots", w, h);
        return;
    }
    c->paper->w = w;
    c->paper->h = h;
    c->paper->black = calloc((size_t)w * (size_t)h, 1);
}

// Adds a row to paper that grows, in doubling steps.
static uint8_t *paper_add_row(struct cursor *c) {
    struct paper *p = c->paper;
    if ((p->h & (p->h - 1)) == 0) {
        size_t rows = p->h ? 2 * (size_t)p->h : 1;
        uint8_t *grown = realloc(p->black, (size_t)p->w * rows);
        if (!grown) {
            abort();
        }
        p->black = grown;
    }
    uint8_t *row = p->black + (size_t)p->w * (size_t)p->h++;
    memset(row, 0, (size_t)p->w);
    return row;
}

static struct cursor begin(const uint8_t *data, size_t len, struct paper *out) {
    memset(out, 0, sizeof *out);
    return (struct cursor){data, len, 0, out, false};
}

static bool end(struct cursor *c) {
    if (!c->is_bad && c->at != c->len) {
        fail(c, "%zu bytes behind the job", c->len - c->at);
    }
    return !c->is_bad;
}

void paper_finish(struct paper *paper) {
    free(paper->black);
    memset(paper, 0, sizeof *paper);
}

bool paper_is_black(const struct paper *paper, int x, int y) {
    return x >= 0 && y >= 0 && x < paper->w && y < paper->h &&
           paper->black[(size_t)y * (size_t)paper->w + (size_t)x];
}

bool paper_write_pgm(const struct paper *paper, const char *path) {
    FILE *f = fopen(path, "wb");
    if (!f) {
        return false;
    }
    fprintf(f, "P5\n%d %d\n255\n", paper->w, paper->h);
    for (size_t i = 0; i < (size_t)paper->w * (size_t)paper->h; i++) {
        fputc(paper->black[i] ? 0 : 255, f);
    }
    return fclose(f) == 0;
}

bool paper_read_pgm(const char *path, struct paper *out) {
    *out = (struct paper){.w = 0};
    FILE *f = fopen(path, "rb");
    if (!f) {
        return false;
    }
    bool is_read = fscanf(f, "P5 %5d %5d 255%*c", &out->w, &out->h) == 2; // NOLINT
    size_t dots = is_read ? (size_t)out->w * (size_t)out->h : 0;
    out->black = calloc(dots + 1, 1);
    is_read = fread(out->black, 1, dots, f) == dots && dots > 0;
    for (size_t i = 0; i < dots; i++) {
        out->black[i] = out->black[i] == 0;
    }
    (void)fclose(f);
    return is_read;
}

// ---- ZPL --------------------------------------------------------------------------------

// A count in front of a digit: g..z are 20..400 in steps of 20, G..Y 1..19; they add up.
static int acs_count(int ch) {
    if (ch >= 'g' && ch <= 'z') {
        return (ch - 'g' + 1) * 20;
    }
    return ch >= 'G' && ch <= 'Y' ? ch - 'G' + 1 : 0;
}

static int hex_value(int ch) {
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }
    return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

// One row of nibbles. False at a fault.
static bool acs_row(struct cursor *c, uint8_t *row, const uint8_t *before,
                    size_t digits) {
    size_t at = 0;
    if (take(c, ":")) {
        if (!before) {
            fail(c, "':' on the first row");
            return false;
        }
        memcpy(row, before, digits);
        return true;
    }
    while (at < digits && !c->is_bad) {
        int ch = next(c);
        int count = 0;
        while (acs_count(ch)) {
            count += acs_count(ch);
            ch = next(c);
        }
        int fill = ch == ',' ? 0 : ch == '!' ? 15 : hex_value(ch);
        if (ch == ',' || ch == '!') {
            if (count > 0 || at % 2) {
                fail(c, "'%c' behind a count or in mid-byte", ch);
            }
            count = (int)(digits - at);
        }
        count = count ? count : 1;
        if (fill < 0 || at + (size_t)count > digits) {
            fail(c, fill < 0 ? "not a digit: %02x" : "row too long at %02x", ch);
            return false;
        }
        memset(row + at, fill, (size_t)count);
        at += (size_t)count;
    }
    return !c->is_bad;
}

static void zpl_graphic(struct cursor *c, int x, int y) {
    long bytes = number(c);
    expect(c, ",");
    if (number(c) != bytes) {
        fail(c, "the two totals differ");
    }
    expect(c, ",");
    long row_bytes = number(c);
    expect(c, ",");
    if (bytes < 1 || bytes > 99999 || row_bytes < 1 || row_bytes > 99999 ||
        bytes % (row_bytes ? row_bytes : 1)) {
        fail(c, "^GFA %ld bytes of %ld a row", bytes, row_bytes);
    }
    if (c->is_bad || !c->paper->black) {
        fail(c, "a graphic before ^PW and ^LL");
        return;
    }
    size_t digits = (size_t)row_bytes * 2;
    uint8_t *rows[2] = {malloc(digits), malloc(digits)};
    for (long r = 0; r < bytes / row_bytes; r++) {
        if (!acs_row(c, rows[r % 2], r ? rows[(r + 1) % 2] : NULL, digits)) {
            break;
        }
        for (size_t i = 0; i < digits * 4; i++) {
            bool is_black = rows[r % 2][i / 4] >> (3 - i % 4) & 1;
            int px = x + (int)i;
            int py = y + (int)r;
            if (is_black && (px >= c->paper->w || py >= c->paper->h)) {
                fail(c, "ink off the label at %d, %d", px, py);
            } else if (is_black) {
                c->paper->black[(size_t)py * (size_t)c->paper->w + (size_t)px] = 1;
            }
        }
    }
    free(rows[0]);
    free(rows[1]);
    expect(c, "^FS");
}

bool paper_read_zpl(const uint8_t *data, size_t len, struct paper *out) {
    struct cursor c = begin(data, len, out);
    int w = 0, h = 0, x = 0, y = 0, quantity = 0;
    bool has_origin = false;
    expect(&c, "^XA");
    while (!is_done(&c) && !take(&c, "^XZ")) {
        if (take(&c, "\n") || take(&c, "^LH0,0") || take(&c, "^LS0") ||
            take(&c, "^LT0") || take(&c, "^PON") || take(&c, "^PMN") ||
            take(&c, "^LRN") || take(&c, "^JZY")) {
            continue;
        }
        if (take(&c, "^PW")) {
            w = (int)number(&c);
        } else if (take(&c, "^LL")) {
            h = (int)number(&c);
        } else if (take(&c, "^MN")) {
            out->tracking = (char)next(&c);
        } else if (take(&c, "^FO")) {
            x = (int)number(&c);
            expect(&c, ",");
            y = (int)number(&c);
            has_origin = true;
        } else if (take(&c, "^GFA,")) {
            if (!has_origin) {
                fail(&c, "a graphic without ^FO");
            }
            if (!out->black) {
                paper_make(&c, w, h);
            }
            zpl_graphic(&c, x, y);
            has_origin = false;
        } else if (take(&c, "^PQ")) {
            quantity = (int)number(&c);
            expect(&c, ",0,0,N");
        } else {
            fail(&c, "unknown command");
        }
    }
    if (!c.is_bad && (len < 4 || memcmp(data + c.at - 3, "^XZ", 3) != 0)) {
        fail(&c, "no ^XZ");
    }
    take(&c, "\n");
    if (!out->black || quantity != 1 || !out->tracking || !strchr("YMN", out->tracking)) {
        fail(&c, "no graphic, or ^PQ%d, or no ^MN", quantity);
    }
    return end(&c);
}

// ---- Brother QL -------------------------------------------------------------------------

static void unpack(struct cursor *c, size_t n, uint8_t *row, size_t row_bytes) {
    size_t stop = c->at + n;
    size_t at = 0;
    while (c->at < stop && !c->is_bad) {
        int code = next(c);
        size_t count = code < 128 ? (size_t)code + 1 : 257 - (size_t)code;
        if (code == 128 || at + count > row_bytes) {
            fail(c, "PackBits runs over the row");
            return;
        }
        if (code > 128) {
            memset(row + at, next(c), count);
        } else {
            for (size_t i = 0; i < count; i++) {
                row[at + i] = (uint8_t)next(c);
            }
        }
        at += count;
    }
    if (at != row_bytes || c->at != stop) {
        fail(c, "PackBits gives %zu bytes of %zu", at, row_bytes);
    }
}

struct brother {
    size_t row_bytes;
    long lines;
    bool has_mode, has_notice, has_media;
    int red_rows;
};

static void brother_dots(struct cursor *c, const struct brother *b, const uint8_t *row,
                         bool is_red) {
    if (is_red) {
        for (size_t i = 0; i < b->row_bytes; i++) {
            if (row[i]) {
                fail(c, "red ink");
            }
        }
        return;
    }
    uint8_t *dots = paper_add_row(c);
    for (size_t i = 0; i < 8 * b->row_bytes; i++) {
        // The head looks at the paper from the other side.
        dots[8 * b->row_bytes - 1 - i] = row[i / 8] >> (7 - i % 8) & 1;
    }
}

static void brother_row(struct cursor *c, struct brother *b, int colour) {
    uint8_t row[256] = {0};
    size_t n = (size_t)next(c);
    if (!b->has_media || (n != 90 && n != 162 && !c->paper->is_packed)) {
        fail(c, "a row of %zu bytes, or before the media", n);
    }
    if ((colour != 0) != c->paper->is_two_colour) {
        fail(c, "a row of colour %d", colour);
    }
    if (!c->paper->w) {
        c->paper->w = (int)(8 * b->row_bytes);
    }
    if (c->paper->is_packed) {
        unpack(c, n, row, b->row_bytes);
    } else if (n != b->row_bytes) {
        fail(c, "a row of %zu bytes on a head of %zu", n, b->row_bytes);
    } else {
        for (size_t i = 0; i < n; i++) {
            row[i] = (uint8_t)next(c);
        }
    }
    b->red_rows += colour == 2;
    if (!c->is_bad) {
        brother_dots(c, b, row, colour == 2);
    }
}

static void brother_media(struct cursor *c, struct brother *b) {
    int flags = next(c);
    int type = next(c);
    c->paper->media_w_mm = next(c);
    c->paper->media_h_mm = next(c);
    for (int shift = 0; shift < 32; shift += 8) {
        b->lines |= (long)next(c) << shift;
    }
    c->paper->is_die_cut = type == 0x0B;
    if ((flags & 0x8E) != 0x8E || (type != 0x0A && type != 0x0B) ||
        (type == 0x0A) != (c->paper->media_h_mm == 0) || next(c) != 0 || next(c) != 0) {
        fail(c, "media: flags %02x, type %02x", flags, type);
    }
    b->has_media = true;
}

static void brother_escape(struct cursor *c, struct brother *b) {
    int value;
    int op = next(c);
    switch (op) {
    case 0x61:
        b->has_mode = true;
        if (next(c) != 1) {
            fail(c, "not raster mode");
        }
        return;
    case 0x21:
        b->has_notice = true;
        if (next(c) != 0) {
            fail(c, "automatic status is off");
        }
        return;
    case 0x7A:
        brother_media(c, b);
        return;
    case 0x4D:
        if (next(c) != 0x40) {
            fail(c, "no cut");
        }
        return;
    case 0x41:
        if (next(c) != 1) {
            fail(c, "cut not behind every label");
        }
        return;
    case 0x4B:
        value = next(c);
        c->paper->is_two_colour = value & 1;
        if ((value & ~1) != 0x08) {
            fail(c, "expanded mode %02x", value);
        }
        return;
    case 0x64:
        c->paper->margin = next(c);
        c->paper->margin |= next(c) << 8;
        return;
    default:
        fail(c, "1B 69 %02x is unknown", op);
    }
}

bool paper_read_brother(const uint8_t *data, size_t len, size_t head_bytes,
                        struct paper *out) {
    struct cursor c = begin(data, len, out);
    struct brother b = {.row_bytes = head_bytes};
    size_t zeros = 0;
    bool is_ended = false;
    while (zeros < len && data[zeros] == 0) {
        zeros++;
    }
    c.at = zeros;
    if (zeros != 200 && zeros != 400) {
        fail(&c, "%zu bytes to invalidate", zeros);
    }
    expect(&c, "\x1B\x40");
    while (!is_done(&c) && !is_ended) {
        int op = next(&c);
        if (op == 0x1B && next(&c) == 0x69) {
            brother_escape(&c, &b);
        } else if (op == 0x4D) {
            out->is_packed = next(&c) == 2;
        } else if (op == 0x67 && next(&c) == 0) {
            brother_row(&c, &b, 0);
        } else if (op == 0x77) {
            int colour = next(&c);
            brother_row(&c, &b, colour == 1 || colour == 2 ? colour : -1);
        } else if (op == 0x5A) {
            out->w = (int)(8 * b.row_bytes);
            paper_add_row(&c);
        } else if (op == 0x1A) {
            is_ended = true;
        } else {
            fail(&c, "%02x is not a command", op);
        }
    }
    if (!is_ended || out->h != b.lines || !b.has_notice) {
        fail(&c, "%d rows of %ld, ended %d, notices %d", out->h, b.lines, is_ended,
             b.has_notice);
    }
    if (out->is_two_colour && b.red_rows != out->h) {
        fail(&c, "%d red rows of %d", b.red_rows, out->h);
    }
    return end(&c);
}

// ---- ESC/POS, EPL, TSPL -----------------------------------------------------------------

bool paper_read_escpos(const uint8_t *data, size_t len, struct paper *out) {
    struct cursor c = begin(data, len, out);
    expect(&c, "\x1B\x40");
    while (!is_done(&c) && take(&c, "\x1D\x76\x30")) {
        int mode = next(&c);
        int row_bytes = next(&c);
        row_bytes |= next(&c) << 8;
        int rows = next(&c);
        rows |= next(&c) << 8;
        if (mode != 0 || row_bytes < 1 || row_bytes > 72 || rows < 1 || rows > 255 ||
            (out->w && out->w != 8 * row_bytes)) {
            fail(&c, "GS v 0 mode %d, %d bytes, %d rows", mode, row_bytes, rows);
        }
        out->w = 8 * row_bytes;
        for (int y = 0; y < rows && !c.is_bad; y++) {
            uint8_t *dots = paper_add_row(&c);
            for (int i = 0; i < row_bytes; i++) {
                int byte = next(&c);
                for (int k = 0; k < 8; k++) {
                    dots[8 * i + k] = byte >> (7 - k) & 1;
                }
            }
        }
    }
    expect(&c, "\x1D\x56\x42");
    if (next(&c) != 0 || !out->h) {
        fail(&c, "no cut, or nothing printed");
    }
    return end(&c);
}

// 0 is black.
static void inverted_dots(struct cursor *c, int row_bytes, int rows) {
    paper_make(c, 8 * row_bytes, rows);
    for (int i = 0; i < row_bytes * rows && !c->is_bad; i++) {
        int byte = next(c);
        for (int k = 0; k < 8; k++) {
            c->paper->black[8 * (size_t)i + (size_t)k] = !(byte >> (7 - k) & 1);
        }
    }
}

bool paper_read_epl(const uint8_t *data, size_t len, struct paper *out) {
    struct cursor c = begin(data, len, out);
    expect(&c, "\nN\nR0,0\nZT\nq");
    int w = (int)number(&c);
    expect(&c, "\nQ");
    int h = (int)number(&c);
    expect(&c, ",");
    out->tracking = take(&c, "B") ? 'B' : 'G';
    out->tracking = number(&c) == 0 ? 'C' : out->tracking;
    expect(&c, "\nGW0,0,");
    int row_bytes = (int)number(&c);
    expect(&c, ",");
    int rows = (int)number(&c);
    expect(&c, "\n");
    if (w != 8 * row_bytes || rows != h) {
        fail(&c, "q%d for %d bytes, Q%d for %d rows", w, row_bytes, h, rows);
    }
    inverted_dots(&c, row_bytes, rows);
    expect(&c, "\nP1\n");
    return end(&c);
}

bool paper_read_tspl(const uint8_t *data, size_t len, struct paper *out) {
    struct cursor c = begin(data, len, out);
    expect(&c, "\r\nSIZE ");
    double w_mm = decimal(&c);
    expect(&c, " mm,");
    double h_mm = decimal(&c);
    expect(&c, " mm\r\n");
    out->tracking = take(&c, "BLINE ") ? 'B' : 'G';
    if (out->tracking == 'G') {
        expect(&c, "GAP ");
    }
    out->tracking = number(&c) == 0 ? 'C' : out->tracking;
    expect(&c, " mm,0 mm\r\nDIRECTION 0,0\r\nREFERENCE 0,0\r\nCLS\r\nBITMAP 0,0,");
    int row_bytes = (int)number(&c);
    expect(&c, ",");
    int rows = (int)number(&c);
    expect(&c, ",1,");
    inverted_dots(&c, row_bytes, rows);
    out->media_w_mm = (int)(w_mm + 0.5);
    out->media_h_mm = (int)(h_mm + 0.5);
    expect(&c, "\r\nPRINT 1,1\r\n");
    return end(&c);
}

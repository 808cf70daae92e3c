#include "app/labels/zpl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sync/base/mem.h"

enum { STX = 2, ETX = 3, FIELDS_MAX = 12, GRAPHIC_MAX_BYTES = 99999, RUN_MAX = 419 };
enum { PATIENCE_MS = 1500 };

// ---- encoding ---------------------------------------------------------------------------

static const int dpis[] = {203, 300, 600, 152, 0};

static void add_format(struct bytes *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_format(struct bytes *out, const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    CHECK(len >= 0 && (size_t)len < sizeof text);
    bytes_add(out, text, (size_t)len);
}

// A run of equal hex digits: counts of 20 are 'g'..'z' (400), the rest 'G'..'Y' (19).
static void add_run(struct bytes *out, char digit, size_t count) {
    while (count > 0) {
        size_t k = count < RUN_MAX ? count : RUN_MAX;
        if (k >= 20) {
            bytes_add_u8(out, (uint8_t)('g' + k / 20 - 1));
        }
        if (k % 20 && k > 1) {
            bytes_add_u8(out, (uint8_t)('G' + k % 20 - 1));
        }
        bytes_add_u8(out, (uint8_t)digit);
        count -= k;
    }
}

static char row_digit(const uint8_t *row, size_t i) {
    return "0123456789ABCDEF"[i % 2 ? row[i / 2] & 15 : row[i / 2] >> 4];
}

// One row; "," stands for zeros up to its end.
static void add_row(struct bytes *out, const uint8_t *row, size_t len) {
    size_t used = len;
    while (used > 0 && row[used - 1] == 0) {
        used--;
    }
    for (size_t i = 0; i < 2 * used;) {
        char digit = row_digit(row, i);
        size_t run = 1;
        while (i + run < 2 * used && row_digit(row, i + run) == digit) {
            run++;
        }
        add_run(out, digit, run);
        i += run;
    }
    if (used < len) {
        bytes_add_u8(out, ',');
    }
}

// Rows from..to as one graphic field. rows: two buffers of a row each.
static void add_band(struct bytes *out, const struct label *label, int from, int to) {
    size_t len = ((size_t)label->w + 7) / 8;
    uint8_t rows[2][LABEL_SIDE_MAX_DOTS / 8];
    size_t total = len * (size_t)(to - from);
    add_format(out, "^FO0,%d^GFA,%zu,%zu,%zu,", from, total, total, len);
    for (int y = from; y < to; y++) {
        uint8_t *row = rows[y % 2];
        label_copy_row(label, y, row);
        if (y > from && memcmp(row, rows[(y + 1) % 2], len) == 0) {
            bytes_add_u8(out, ':');
        } else {
            add_row(out, row, len);
        }
    }
    bytes_add_text(out, "^FS\n");
}

// Everything that an earlier job of somebody else may have left set is said again.
static enum err zpl_encode(const struct label *label, const struct label_setup *setup,
                           struct bytes *out) {
    static const char tracking[] = {[LABEL_TRACK_GAP] = 'Y',
                                    [LABEL_TRACK_MARK] = 'M',
                                    [LABEL_TRACK_CONTINUOUS] = 'N'};
    enum err e = label_language_check(&label_zpl, label, setup);
    if (e != ERR_NONE) {
        return e;
    }
    add_format(out, "^XA^PW%d^LL%d^LH0,0^LS0^LT0^PON^PMN^LRN^JZY^MN%c\n", label->w,
               label->h, tracking[setup->tracking]);
    // ^GF takes 99,999 bytes at most: a large label goes in bands.
    int band = GRAPHIC_MAX_BYTES / ((label->w + 7) / 8);
    for (int y = 0; y < label->h; y += band) {
        add_band(out, label, y, y + band < label->h ? y + band : label->h);
    }
    bytes_add_text(out, "^PQ1,0,0,N^XZ\n");
    return ERR_NONE;
}

// ---- asking -----------------------------------------------------------------------------

enum zpl_question { ASK_IDENTITY, ASK_STATUS, ASK_ERRORS, ASK_NOTHING };

static enum zpl_question zpl_question_at(enum label_moment moment, int number) {
    static const enum zpl_question meet[] = {ASK_IDENTITY, ASK_STATUS, ASK_ERRORS};
    bool is_meet = moment == LABEL_MEET;
    if (moment == LABEL_DURING || number < 0 || number > (is_meet ? 2 : 1)) {
        return ASK_NOTHING;
    }
    return meet[is_meet ? number : number + 1];
}

static bool zpl_ask(enum label_moment moment, const struct label_setup *setup, int number,
                    struct label_question *out) {
    static const struct label_question questions[] = {
        [ASK_IDENTITY] = {(const uint8_t *)"~HI\r\n", 5, PATIENCE_MS, 0},
        [ASK_STATUS] = {(const uint8_t *)"~HS\r\n", 5, PATIENCE_MS, 0},
        [ASK_ERRORS] = {(const uint8_t *)"~HQES\r\n", 7, PATIENCE_MS, 0},
    };
    enum zpl_question q = zpl_question_at(moment, number);
    if (q == ASK_NOTHING || setup->is_mute) {
        return false;
    }
    *out = questions[q];
    return true;
}

// ---- understanding ----------------------------------------------------------------------

struct frame {
    const uint8_t *data; // between STX and ETX
    size_t len;
};

// The next complete frame from *at on. An STX inside a frame begins it anew: what stood before
// was cut off.
static bool frame_next(const struct label_hearing *h, size_t *at, struct frame *out) {
    const uint8_t *start = NULL;
    for (size_t i = *at; i < h->len; i++) {
        if (h->data[i] == STX) {
            start = h->data + i + 1;
        } else if (h->data[i] == ETX && start) {
            *out = (struct frame){start, (size_t)(h->data + i - start)};
            *at = i + 1;
            return true;
        }
    }
    return false;
}

// Field number i, between commas. False: there are fewer.
static bool frame_field(struct frame f, int number, struct frame *out) {
    size_t at = 0;
    while (number > 0 && at < f.len) {
        number -= f.data[at++] == ',';
    }
    if (number > 0) {
        return false;
    }
    const uint8_t *stop = at < f.len ? memchr(f.data + at, ',', f.len - at) : NULL;
    *out = (struct frame){f.data + at, stop ? (size_t)(stop - f.data) - at : f.len - at};
    return true;
}

// -1: not a number of up to eight digits.
static int field_number(struct frame f) {
    int v = 0;
    for (size_t i = 0; i < f.len; i++) {
        if (f.len > 8 || f.data[i] < '0' || f.data[i] > '9') {
            return -1;
        }
        v = v * 10 + (f.data[i] - '0');
    }
    return f.len ? v : -1;
}

// How many numbers stand between commas; -1 when anything else is in it or there are too many.
static int frame_numbers(struct frame f, int out[FIELDS_MAX]) {
    struct frame field;
    int count = 0;
    while (frame_field(f, count, &field)) {
        int v = field_number(field);
        if (count == FIELDS_MAX || v < 0) {
            return -1;
        }
        out[count++] = v;
    }
    return count;
}

struct host_status {
    int one[FIELDS_MAX], two[FIELDS_MAX];
};

// The last complete ~HS answer: three lines of 12, 11 and 2 numbers, one after the other.
static bool find_host_status(const struct label_hearing *h, struct host_status *out) {
    struct host_status s = {{0}, {0}};
    struct frame f;
    size_t at = 0;
    int line = 0;
    bool is_found = false;
    while (frame_next(h, &at, &f)) {
        int numbers[FIELDS_MAX];
        int count = frame_numbers(f, numbers);
        if (count == 12) {
            memcpy(s.one, numbers, sizeof s.one);
            line = 1;
        } else if (count == 11 && line == 1) {
            memcpy(s.two, numbers, sizeof s.two);
            line = 2;
        } else if (count == 2 && line == 2) {
            *out = s;
            is_found = true;
            line = 0;
        } else {
            line = 0;
        }
    }
    return is_found;
}

static void hear_host_status(const struct host_status *s, enum label_moment moment,
                             struct label_status *status) {
    int formats = s->one[4];
    bool is_partial = s->one[7] != 0;
    bool is_full = s->one[5] != 0;
    status->queued = formats + s->two[8];
    label_status_set(status, PRINTER_READY, "");
    if (status->queued > 0 || is_partial || is_full) {
        label_status_set(status, PRINTER_BUSY, "it is printing");
    }
    if (s->two[7]) {
        label_status_set(status, PRINTER_BUSY, "it waits for a label to be taken off");
    }
    if (s->one[2]) {
        label_status_set(status, PRINTER_PAUSED, "it is paused: press its pause key");
    }
    if (s->one[11]) {
        label_status_set(status, PRINTER_HOT,
                         "the head is too hot: it goes on by itself");
    }
    if (s->two[3]) {
        label_status_set(status, PRINTER_OUT_OF_RIBBON, "the ribbon is out");
    }
    if (s->one[1]) {
        label_status_set(status, PRINTER_OUT_OF_LABELS, "the labels are out");
    }
    if (s->two[2]) {
        label_status_set(status, PRINTER_COVER_OPEN, "the head is up: close the printer");
    }
    if (moment == LABEL_AFTER || moment == LABEL_DURING) {
        status->outcome = status->state == PRINTER_READY ? LABEL_PRINTED : LABEL_WAITING;
    }
}

static int dpi_of(int dots_per_mm) {
    static const int by_dpmm[][2] = {{6, 152}, {8, 203}, {12, 300}, {24, 600}};
    for (size_t i = 0; i < sizeof by_dpmm / sizeof by_dpmm[0]; i++) {
        if (by_dpmm[i][0] == dots_per_mm) {
            return by_dpmm[i][1];
        }
    }
    return 0;
}

// "<model>,<firmware>,<dots per mm>,<memory>,..." in one frame.
static bool hear_identity(const struct label_hearing *h, struct label_status *status) {
    struct frame f, field;
    size_t at = 0;
    while (frame_next(h, &at, &f)) {
        int dpi = frame_field(f, 2, &field) ? dpi_of(field_number(field)) : 0;
        status->dpi = dpi ? dpi : status->dpi;
    }
    return status->dpi != 0;
}

// Bits of "ERRORS:", group 1.
static const struct {
    uint32_t bit;
    enum printer_state state;
    const char *reason;
} error_bits[] = {
    {0x1, PRINTER_OUT_OF_LABELS, "the labels are out"},
    {0x2, PRINTER_OUT_OF_RIBBON, "the ribbon is out"},
    {0x4, PRINTER_COVER_OPEN, "the head is up: close the printer"},
    {0x8, PRINTER_JAM, "the cutter is stuck"},
    {0x10, PRINTER_HOT, "the head is too hot: it goes on by itself"},
    {0x20, PRINTER_HOT, "the motor is too hot: it goes on by itself"},
    {0x1000, PRINTER_JAM, "labels are jammed"},
    {0x4000, PRINTER_JAM, "the labels do not feed"},
    {0x10000, PRINTER_PAUSED, "it is paused: press its pause key"},
    {0x80000, PRINTER_WRONG_LABELS,
     "it finds no gap or mark: load its labels, calibrate"},
};

// The number of hex digits after spaces at *at; false when there is none.
static bool hex_next(const char **at, uint32_t *out) {
    uint32_t v = 0;
    int digits = 0;
    *at += strspn(*at, " ");
    for (; digits < 8; digits++, ++*at) {
        const char *all = "0123456789abcdef0123456789ABCDEF";
        const char *found = **at ? strchr(all, **at) : NULL;
        if (!found) {
            break;
        }
        v = v << 4 | (uint32_t)((found - all) % 16);
    }
    *out = v;
    return digits > 0;
}

// "<word> <flag> <group 2> <group 1>" in text.
static bool find_groups(const char *text, const char *word, uint32_t out[3]) {
    const char *at = strstr(text, word);
    if (!at) {
        return false;
    }
    at += strlen(word);
    return hex_next(&at, &out[0]) && hex_next(&at, &out[1]) && hex_next(&at, &out[2]);
}

static void hear_error_bits(const uint32_t errors[3], struct label_status *status) {
    uint32_t known = 0;
    for (size_t i = 0; i < sizeof error_bits / sizeof error_bits[0]; i++) {
        known |= error_bits[i].bit;
        if (errors[2] & error_bits[i].bit) {
            label_status_set(status, error_bits[i].state, error_bits[i].reason);
        }
    }
    if (status->state == PRINTER_UNKNOWN || status->state == PRINTER_READY) {
        char reason[LABEL_REASON_SIZE];
        (void)snprintf(reason, sizeof reason, "the printer reports error %08X %08X",
                       (unsigned)errors[1], (unsigned)(errors[2] & ~known));
        label_status_set(status, PRINTER_ERROR, reason);
    }
}

// Complete with the last line, the warnings. The last answer counts.
static bool hear_errors(const struct label_hearing *h, struct label_status *status) {
    struct frame f;
    size_t at = 0;
    uint32_t errors[3], warnings[3];
    bool is_found = false;
    while (frame_next(h, &at, &f)) {
        char text[256];
        size_t len = f.len < sizeof text - 1 ? f.len : sizeof text - 1;
        memcpy(text, f.data, len);
        text[len] = '\0';
        is_found |= find_groups(text, "ERRORS:", errors) &&
                    find_groups(text, "WARNINGS:", warnings);
    }
    if (!is_found) {
        return false;
    }
    status->is_low = warnings[0] && warnings[2] & 0x8;
    if (errors[0]) {
        hear_error_bits(errors, status);
    } else {
        label_status_set(status, PRINTER_READY, "");
    }
    return true;
}

static enum label_heard zpl_hear(const struct label_hearing *h,
                                 struct label_status *status) {
    enum zpl_question q = zpl_question_at(h->moment, h->number);
    struct host_status s;
    if (q == ASK_STATUS && find_host_status(h, &s)) {
        hear_host_status(&s, h->moment, status);
        return LABEL_HEARD_ENOUGH;
    }
    if (q == ASK_IDENTITY && hear_identity(h, status)) {
        return LABEL_HEARD_NEXT;
    }
    if (q == ASK_ERRORS && hear_errors(h, status)) {
        return LABEL_HEARD_ENOUGH;
    }
    if (!h->is_over && q != ASK_NOTHING) {
        return LABEL_HEARD_MORE;
    }
    if (q == ASK_ERRORS) {
        label_status_set(
            status, PRINTER_UNKNOWN,
            "it does not answer: out of labels or ribbon, head up, or too hot");
    }
    return LABEL_HEARD_NEXT;
}

static bool zpl_fits(const struct device_id *id) {
    return device_id_speaks(id, "ZPL") ||
           (!id->commands[0] && device_id_begins(id->maker, "Zebra"));
}

#define COMMAND(text) \
    { (const uint8_t *)(text), sizeof(text) - 1 }

const struct label_language label_zpl = {
    .name = "zpl",
    .title = "ZPL (Zebra)",
    .dpis = dpis,
    .max_w_dots = LABEL_SIDE_MAX_DOTS,
    .cancel = COMMAND("~JA\r\n"),
    .resume = COMMAND("~PS\r\n"),
    .calibrate = COMMAND("~JC\r\n"),
    .fits = zpl_fits,
    .encode = zpl_encode,
    .ask = zpl_ask,
    .hear = zpl_hear,
};

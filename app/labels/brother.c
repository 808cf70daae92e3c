#include "app/labels/brother.h"

#include <string.h>

#include "app/labels/brother_status.h"
#include "sync/base/log.h"

enum { ROW_MAX_BYTES = 162, CONTINUOUS_MARGIN = 35, MAX_ROWS = 11811 };
enum { TYPE_CONTINUOUS = 0x0A, TYPE_DIE_CUT = 0x0B };

struct brother_model {
    const char *name; // the device id's model begins with it
    int row_bytes;    // dots of the head / 8
    int extra_offset; // dots the head is wider on the right
    int min_rows;     // of a continuous label
    int invalidate;   // zero bytes that end whatever was left half
    bool has_mode;    // needs the switch to raster mode
    bool has_packbits;
    bool has_cutter;     // and the commands for it
    bool has_blank_rows; // 5A
    bool is_two_colour;  // prints black and red rolls
};

// Of names that begin alike the longer one stands first. The last row is for unknown models.
static const struct brother_model models[] = {
    {"QL-1115", 162, 44, 301, 200, true, true, true, true, false},
    {"QL-1110", 162, 44, 301, 200, true, true, true, true, false},
    {"QL-1100", 162, 44, 301, 200, true, true, true, true, false},
    {"QL-1060", 162, 44, 295, 200, true, true, true, true, false},
    {"QL-1050", 162, 44, 295, 200, true, true, true, true, false},
    {"QL-820", 90, 0, 150, 400, true, true, true, true, true},
    {"QL-810", 90, 0, 150, 400, true, true, true, true, true},
    {"QL-800", 90, 0, 150, 400, true, false, true, false, true},
    {"QL-720", 90, 0, 150, 200, true, true, true, true, false},
    {"QL-710", 90, 0, 150, 200, true, true, true, true, false},
    {"QL-700", 90, 0, 150, 200, false, false, true, true, false},
    {"QL-650", 90, 0, 295, 200, true, true, true, true, false},
    {"QL-600", 90, 0, 150, 200, true, true, true, true, false},
    {"QL-580", 90, 0, 150, 200, true, true, true, true, false},
    {"QL-570", 90, 0, 150, 200, false, false, true, true, false},
    {"QL-560", 90, 0, 295, 200, false, false, true, true, false},
    {"QL-550", 90, 0, 295, 200, false, false, true, true, false},
    {"QL-500", 90, 0, 295, 200, false, false, false, true, false},
    {"", 90, 0, 295, 400, true, false, true, false, false},
};

// Printable dots and the offset of their right edge from the right end of the head.
#define ROLLS(X)                                \
    X("12", 12, 0, 0, 106, 0, 29)               \
    X("29", 29, 0, 0, 306, 0, 6)                \
    X("38", 38, 0, 0, 413, 0, 12)               \
    X("50", 50, 0, 0, 554, 0, 12)               \
    X("54", 54, 0, 0, 590, 0, 0)                \
    X("62", 62, 0, 0, 696, 0, 12)               \
    X("102", 102, 0, 0, 1164, 0, 12)            \
    X("103", 104, 0, 0, 1200, 0, 12)            \
    X("17x54", 17, 54, 54, 165, 566, 0)         \
    X("17x87", 17, 87, 87, 165, 956, 0)         \
    X("23x23", 23, 23, 23, 202, 202, 42)        \
    X("29x42", 29, 42, 42, 306, 425, 6)         \
    X("29x90", 29, 90, 90, 306, 991, 6)         \
    X("38x90", 38, 90, 90, 413, 991, 12)        \
    X("39x48", 39, 48, 48, 425, 495, 6)         \
    X("52x29", 52, 29, 29, 578, 271, 0)         \
    X("54x29", 54, 29, 29, 598, 271, 60)        \
    X("60x86", 60, 86, 87, 672, 954, 18)        \
    X("62x29", 62, 29, 29, 696, 271, 12)        \
    X("62x100", 62, 100, 100, 696, 1109, 12)    \
    X("102x51", 102, 51, 51, 1164, 526, 12)     \
    X("102x152", 102, 152, 153, 1164, 1660, 12) \
    X("103x164", 104, 164, 164, 1200, 1822, 12)

#define ROLL_MEDIA(name, w_mm, h_mm, told_h_mm, w_dots, h_dots, offset) \
    {name, w_mm, h_mm, w_dots, h_dots},
static const struct label_media rolls[] = {ROLLS(ROLL_MEDIA){NULL, 0, 0, 0, 0}};

// What the printer calls the length of a die-cut label, and the offset; row for row as above.
#define ROLL_REST(name, w_mm, h_mm, told_h_mm, w_dots, h_dots, offset) \
    {told_h_mm, offset},
static const struct { int told_h_mm, offset; } roll_rests[] = {ROLLS(ROLL_REST)};

static const int dpis[] = {300, 0};

static const struct brother_model *model_find(const char *name) {
    const struct brother_model *m = models;
    name += device_id_begins(name, "Brother ") ? strlen("Brother ") : 0;
    while (!device_id_begins(name, m->name)) {
        m++;
    }
    return m;
}

int brother_told_height(int w_mm, int h_mm) {
    const struct label_media *m = label_media_find(&label_brother, w_mm, h_mm);
    return m ? roll_rests[m - rolls].told_h_mm : h_mm;
}

int brother_media_height(int w_mm, int told_h_mm) {
    for (size_t i = 0; rolls[i].name; i++) {
        if (rolls[i].w_mm == w_mm && roll_rests[i].told_h_mm == told_h_mm) {
            return rolls[i].h_mm;
        }
    }
    return told_h_mm;
}

// ---- rows -------------------------------------------------------------------------------

// A label on its way to the head.
struct job {
    const struct label *label;
    const struct brother_model *model;
    const struct label_media *media;
    struct label_place place; // on the printable dots
    int offset;               // of their right edge from the right end of the head
    int rows;
    bool is_two_colour;
};

// Row y of the paper as the head wants it: mirrored, its first dot is the right-most.
static void job_fill_row(const struct job *job, int y, uint8_t row[ROW_MAX_BYTES]) {
    uint8_t dots[LABEL_SIDE_MAX_DOTS / 8];
    memset(row, 0, ROW_MAX_BYTES);
    y -= job->place.y;
    if (y < 0 || y >= job->label->h) {
        return;
    }
    label_copy_row(job->label, y, dots);
    for (int x = 0; x < job->label->w; x++) {
        if (!dots[x / 8]) {
            x |= 7;
        } else if (dots[x / 8] >> (7 - x % 8) & 1) {
            int at = job->offset + job->media->w_dots - 1 - (x + job->place.x);
            row[at / 8] = (uint8_t)(row[at / 8] | 0x80 >> at % 8);
        }
    }
}

// PackBits: a count n < 128 and n + 1 bytes as they are, or 257 - n and one byte n times.
static void add_packed(struct bytes *out, const uint8_t *row, size_t len) {
    size_t i = 0;
    while (i < len) {
        size_t run = 1;
        while (i + run < len && run < 128 && row[i + run] == row[i]) {
            run++;
        }
        if (run > 1) {
            bytes_add_u8(out, (uint8_t)(257 - run));
            bytes_add_u8(out, row[i]);
            i += run;
            continue;
        }
        size_t end = i + 1;
        while (end < len && end - i < 128 &&
               (end + 1 == len || row[end] != row[end + 1])) {
            end++;
        }
        bytes_add_u8(out, (uint8_t)(end - i - 1));
        bytes_add(out, row + i, end - i);
        i = end;
    }
}

static void add_plane(const struct job *job, uint8_t colour, const uint8_t *row,
                      struct bytes *out) {
    bytes_add_u8(out, 0x77);
    bytes_add_u8(out, colour);
    bytes_add_u8(out, (uint8_t)job->model->row_bytes);
    bytes_add(out, row, (size_t)job->model->row_bytes);
}

static void add_row(const struct job *job, int y, struct bytes *out) {
    static const uint8_t blank[ROW_MAX_BYTES];
    uint8_t row[ROW_MAX_BYTES];
    size_t len = (size_t)job->model->row_bytes;
    job_fill_row(job, y, row);
    if (job->is_two_colour) {
        add_plane(job, 1, row, out);
        add_plane(job, 2, blank, out);
        return;
    }
    if (job->model->has_blank_rows && memcmp(row, blank, len) == 0) {
        bytes_add_u8(out, 0x5A);
        return;
    }
    bytes_add(out, "\x67\x00", 2);
    size_t at = out->len;
    bytes_add_u8(out, (uint8_t)len);
    if (job->model->has_packbits) {
        add_packed(out, row, len);
        out->data[at] = (uint8_t)(out->len - at - 1);
    } else {
        bytes_add(out, row, len);
    }
}

// ---- the job ----------------------------------------------------------------------------

static void add_set(struct bytes *out, const char *command, uint8_t value) {
    bytes_add_text(out, command);
    bytes_add_u8(out, value);
}

static void add_media(const struct job *job, struct bytes *out) {
    bool is_die_cut = job->media->h_mm != 0;
    bytes_add_text(out, "\x1B\x69\x7A");
    bytes_add_u8(out, 0x80 | 0x40 | 0x08 | 0x04 | 0x02);
    bytes_add_u8(out, is_die_cut ? TYPE_DIE_CUT : TYPE_CONTINUOUS);
    bytes_add_u8(out, (uint8_t)job->media->w_mm);
    bytes_add_u8(out, (uint8_t)roll_rests[job->media - rolls].told_h_mm);
    for (int shift = 0; shift < 32; shift += 8) {
        bytes_add_u8(out, (uint8_t)((uint32_t)job->rows >> shift));
    }
    bytes_add(out, "\0\0", 2); // first page
}

static void add_head(const struct job *job, struct bytes *out) {
    const struct brother_model *m = job->model;
    memset(bytes_grow(out, (size_t)m->invalidate), 0, (size_t)m->invalidate);
    bytes_add_text(out, "\x1B\x40");
    if (m->has_mode) {
        add_set(out, "\x1B\x69\x61", 1);
    }
    add_set(out, "\x1B\x69\x21", 0);
    add_media(job, out);
    if (m->has_cutter) {
        add_set(out, "\x1B\x69\x4D", 0x40);
        add_set(out, "\x1B\x69\x41", 1);
        add_set(out, "\x1B\x69\x4B", job->is_two_colour ? 0x09 : 0x08);
    }
    add_set(out, "\x1B\x69\x64", job->media->h_mm ? 0 : CONTINUOUS_MARGIN);
    bytes_add_u8(out, 0);
    if (m->has_packbits && !job->is_two_colour) {
        add_set(out, "\x4D", 2);
    }
}

static enum err job_plan(const struct label *label, const struct label_setup *setup,
                         struct job *job) {
    const struct label_media *media =
        label_media_find(&label_brother, setup->media_w_mm, setup->media_h_mm);
    if (!media) {
        log_error("brother: there is no roll of %d x %d mm", setup->media_w_mm,
                  setup->media_h_mm);
        return ERR_NOT_FOUND;
    }
    const struct brother_model *model = model_find(setup->model);
    *job = (struct job){.label = label,
                        .model = model,
                        .media = media,
                        .is_two_colour = setup->is_two_colour,
                        .offset = roll_rests[media - rolls].offset + model->extra_offset};
    if (job->offset + media->w_dots > 8 * model->row_bytes ||
        (setup->is_two_colour && !model->is_two_colour)) {
        log_error("brother: a %s does not print on the %s roll%s", setup->model,
                  media->name, setup->is_two_colour ? " in black and red" : "");
        return ERR_LIMIT;
    }
    bool is_fit = label_is_sound(label) && label->dpi == 300 && label->h <= MAX_ROWS &&
                  label_fit(label, media->w_dots, media->h_dots, &job->place);
    if (!is_fit) {
        log_error("brother: a label of %d x %d dots at %d dpi does not fit the %s roll: "
                  "%d x %d dots at 300 dpi",
                  label->w, label->h, label->dpi, media->name, media->w_dots,
                  media->h_dots);
        return ERR_LIMIT;
    }
    job->rows = media->h_dots ? media->h_dots : label->h;
    job->rows =
        job->rows < model->min_rows && !media->h_dots ? model->min_rows : job->rows;
    return ERR_NONE;
}

static enum err brother_encode(const struct label *label, const struct label_setup *setup,
                               struct bytes *out) {
    struct job job;
    enum err e = job_plan(label, setup, &job);
    if (e != ERR_NONE) {
        return e;
    }
    add_head(&job, out);
    for (int y = 0; y < job.rows; y++) {
        add_row(&job, y, out);
    }
    bytes_add_u8(out, 0x1A);
    return ERR_NONE;
}

static bool brother_fits(const struct device_id *id) {
    return device_id_speaks(id, "PT-CBP") ||
           (device_id_begins(id->maker, "Brother") && device_id_begins(id->model, "QL-"));
}

const struct label_language label_brother = {
    .name = "brother",
    .title = "Brother QL",
    .dpis = dpis,
    .max_w_dots = 1200,
    .media = rolls,
    .cancel = {brother_reset, sizeof brother_reset},
    .fits = brother_fits,
    .encode = brother_encode,
    .ask = brother_ask,
    .hear = brother_hear,
};

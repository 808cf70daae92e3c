#include "app/labels/escpos.h"

#include <string.h>

#include "sync/base/log.h"

enum { BAND_ROWS = 255, ANSWER_MS = 1000, PRINT_MS = 10000, TURN_NUMBERS = 4 };

static const int dpis[] = {203, 180, 0};

// 72 and 48 mm can be printed on; at 180 dpi fewer dots do that.
static const struct label_media papers[] = {
    {"80", 80, 0, 576, 0}, {"58", 58, 0, 384, 0}, {NULL, 0, 0, 0, 0}};

static int paper_dots(const struct label_media *paper, int dpi) {
    return dpi == 180 ? paper->w_dots * 8 / 9 : paper->w_dots;
}

static void add_band(struct bytes *out, const struct label *label, int from, int to) {
    size_t len = ((size_t)label->w + 7) / 8;
    size_t rows = (size_t)(to - from);
    const uint8_t head[] = {
        0x1D, 0x76, 0x30, 0, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)rows, 0};
    bytes_add(out, head, sizeof head);
    for (int y = from; y < to; y++) {
        label_copy_row(label, y, bytes_grow(out, len));
    }
}

static enum err escpos_encode(const struct label *label, const struct label_setup *setup,
                              struct bytes *out) {
    int w_mm = setup->media_w_mm ? setup->media_w_mm : 80;
    const struct label_media *paper = label_media_find(&label_escpos, w_mm, 0);
    if (!paper) {
        log_error("escpos: there is no paper %d mm wide, only 80 and 58", w_mm);
        return ERR_NOT_FOUND;
    }
    int w = paper_dots(paper, setup->dpi);
    struct label_place place;
    if (!label_is_sound(label) || (setup->dpi != 203 && setup->dpi != 180) ||
        label->dpi != setup->dpi || !label_fit(label, w, 0, &place)) {
        log_error(
            "escpos: a label of %d x %d dots at %d dpi does not fit %d dots at %d dpi",
            label->w, label->h, label->dpi, w, setup->dpi);
        return ERR_LIMIT;
    }
    struct bytes dots = {NULL, 0, 0};
    size_t row_bytes = ((size_t)w + 7) / 8;
    size_t size = row_bytes * (size_t)label->h;
    memset(bytes_grow(&dots, size), 0, size);
    label_copy_placed(label, place, dots.data, row_bytes);
    struct label paper_label = {w, label->h, (int)row_bytes, label->dpi, dots.data};
    bytes_add_text(out, "\x1B\x40");
    for (int y = 0; y < label->h; y += BAND_ROWS) {
        add_band(out, &paper_label, y,
                 y + BAND_ROWS < label->h ? y + BAND_ROWS : label->h);
    }
    bytes_add(out, "\x1D\x56\x42\x00", 4); // feed to the cutter and cut
    bytes_finish(&dots);
    return ERR_NONE;
}

static const uint8_t questions[TURN_NUMBERS][3] = {
    {0x10, 0x04, 1}, {0x10, 0x04, 2}, {0x10, 0x04, 3}, {0x10, 0x04, 4}};
static const uint8_t turn_question[] = {0x1D, 0x72, 1};

// The four that are answered at once; after a job then GS r, in its turn.
static bool escpos_ask(enum label_moment moment, const struct label_setup *setup,
                       int number, struct label_question *out) {
    bool is_turn = moment == LABEL_AFTER && number == TURN_NUMBERS;
    bool is_none = moment == LABEL_DURING || number < 0 || number >= TURN_NUMBERS;
    if (setup->is_mute || (is_none && !is_turn)) {
        return false;
    }
    *out = (struct label_question){turn_question, sizeof turn_question, PRINT_MS, 0};
    if (!is_turn) {
        *out =
            (struct label_question){questions[number], sizeof questions[0], ANSWER_MS, 0};
    }
    return true;
}

static const struct {
    uint8_t n, bits;
    enum printer_state state;
    const char *reason;
} meanings[] = {
    {1, 0x08, PRINTER_OFFLINE, "it is not online"},
    {2, 0x04, PRINTER_COVER_OPEN, "the cover is open"},
    {2, 0x08, PRINTER_BUSY, "its feed key is held"},
    {2, 0x20, PRINTER_OUT_OF_LABELS, "the paper is out"},
    {2, 0x40, PRINTER_ERROR, "it reports an error"},
    {3, 0x08, PRINTER_JAM, "the cutter is stuck"},
    {3, 0x20, PRINTER_ERROR, "it reports an error that only turning it off ends"},
    {3, 0x40, PRINTER_HOT, "it is too hot: it goes on by itself"},
    {4, 0x60, PRINTER_OUT_OF_LABELS, "the paper is out"},
};

// The fixed bits tell an answer from other bytes: 0, 1, 4 and 7 for DLE EOT, 4 and 7 for GS r.
// The last such byte counts: some printers answer the question
// before once more.
static bool find_byte(const struct label_hearing *h, uint8_t mask, uint8_t fixed,
                      uint8_t *out) {
    bool is_found = false;
    for (size_t i = 0; i < h->len; i++) {
        if ((h->data[i] & mask) == fixed) {
            *out = h->data[i];
            is_found = true;
        }
    }
    return is_found;
}

static void hear_answer(int n, uint8_t told, struct label_status *status) {
    label_status_set(status, PRINTER_READY, "");
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].n == n && told & meanings[i].bits) {
            label_status_set(status, meanings[i].state, meanings[i].reason);
        }
    }
    status->is_low |= n == 4 && told & 0x0C;
}

static enum label_heard hear_turn(const struct label_hearing *h,
                                  struct label_status *status) {
    uint8_t told;
    if (find_byte(h, 0x90, 0x00, &told)) {
        status->outcome = LABEL_PRINTED;
        return LABEL_HEARD_ENOUGH;
    }
    return h->is_over ? LABEL_HEARD_ENOUGH : LABEL_HEARD_MORE;
}

static enum label_heard escpos_hear(const struct label_hearing *h,
                                    struct label_status *status) {
    bool is_after = h->moment == LABEL_AFTER;
    uint8_t told;
    if (h->number >= TURN_NUMBERS) {
        return hear_turn(h, status);
    }
    if (find_byte(h, 0x93, 0x12, &told)) {
        hear_answer(h->number + 1, told, status);
        bool is_held = is_after && status->state != PRINTER_READY;
        status->outcome = is_held ? LABEL_WAITING : LABEL_UNKNOWN;
        bool is_last = h->number == TURN_NUMBERS - 1 && (is_held || !is_after);
        return is_last ? LABEL_HEARD_ENOUGH : LABEL_HEARD_NEXT;
    }
    if (!h->is_over) {
        return LABEL_HEARD_MORE;
    }
    label_status_set(status, PRINTER_UNKNOWN, "it does not answer");
    return LABEL_HEARD_ENOUGH;
}

static bool escpos_fits(const struct device_id *id) {
    return device_id_speaks(id, "ESC/POS") || device_id_speaks(id, "ESCPOS");
}

// DLE DC4 8 empties the buffers; DLE ENQ 2 recovers from an error and empties them.
static const uint8_t cancel[] = {0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8};
static const uint8_t resume[] = {0x10, 0x05, 1};

const struct label_language label_escpos = {
    .name = "escpos",
    .title = "ESC/POS (80 mm printers)",
    .dpis = dpis,
    .max_w_dots = 576,
    .media = papers,
    .cancel = {cancel, sizeof cancel},
    .resume = {resume, sizeof resume},
    .fits = escpos_fits,
    .encode = escpos_encode,
    .ask = escpos_ask,
    .hear = escpos_hear,
};

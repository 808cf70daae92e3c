#include "app/labels/tspl.h"

#include <stdio.h>

enum { MAX_W_DOTS = 1276, GAP_MM = 3, ANSWER_MS = 1500 };
enum { LOOKS = 60, LOOK_MS = 100 }; // how often and how long a label is watched
enum { BIT_PRINTING = 0x20 };

static const int dpis[] = {203, 300, 0};

static enum err tspl_encode(const struct label *label, const struct label_setup *setup,
                            struct bytes *out) {
    enum err e = label_language_check(&label_tspl, label, setup);
    if (e != ERR_NONE) {
        return e;
    }
    char text[240];
    size_t len = ((size_t)label->w + 7) / 8;
    double mm = 25.4 / setup->dpi;
    int gap = setup->tracking == LABEL_TRACK_CONTINUOUS ? 0 : GAP_MM;
    (void)snprintf(text, sizeof text,
                   "\r\nSIZE %.1f mm,%.1f mm\r\n%s %d mm,0 mm\r\nDIRECTION 0,0\r\n"
                   "REFERENCE 0,0\r\nCLS\r\nBITMAP 0,0,%zu,%d,1,",
                   label->w * mm, label->h * mm,
                   setup->tracking == LABEL_TRACK_MARK ? "BLINE" : "GAP", gap, len,
                   label->h);
    bytes_add_text(out, text);
    label_add_inverted(label, out);
    bytes_add_text(out, "\r\nPRINT 1,1\r\n");
    return ERR_NONE;
}

static bool tspl_ask(enum label_moment moment, const struct label_setup *setup,
                     int number, struct label_question *out) {
    bool is_after = moment == LABEL_AFTER;
    if (setup->is_mute || moment == LABEL_DURING || number < 0 ||
        number >= (is_after ? LOOKS : 1)) {
        return false;
    }
    *out = (struct label_question){(const uint8_t *)"\x1B!?", 3, ANSWER_MS,
                                   is_after ? LOOK_MS : 0};
    return true;
}

static const struct {
    uint8_t bit;
    enum printer_state state;
    const char *reason;
} bits[] = {
    {0x01, PRINTER_COVER_OPEN, "the head is up: close the printer"},
    {0x02, PRINTER_JAM, "labels are jammed"},
    {0x04, PRINTER_OUT_OF_LABELS, "the labels are out"},
    {0x08, PRINTER_OUT_OF_RIBBON, "the ribbon is out"},
    {0x10, PRINTER_PAUSED, "it is paused: press its pause key"},
    {BIT_PRINTING, PRINTER_BUSY, "it is printing"},
    {0x40, PRINTER_COVER_OPEN, "the cover is open"},
    {0x80, PRINTER_ERROR, "it reports an error"},
};

// The last byte counts: what stands before it answers earlier questions.
static enum label_heard tspl_hear(const struct label_hearing *h,
                                  struct label_status *status) {
    bool is_after = h->moment == LABEL_AFTER;
    if (h->len == 0) {
        if (h->is_over) {
            label_status_init(status);
            label_status_set(status, PRINTER_UNKNOWN, "it does not answer");
            return LABEL_HEARD_ENOUGH;
        }
        return LABEL_HEARD_MORE;
    }
    uint8_t told = h->data[h->len - 1];
    bool was_printing = status->state == PRINTER_BUSY && h->number > 0;
    label_status_init(status);
    label_status_set(status, PRINTER_READY, "");
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        if (told & bits[i].bit) {
            label_status_set(status, bits[i].state, bits[i].reason);
        }
    }
    if (!is_after) {
        return LABEL_HEARD_ENOUGH;
    }
    bool is_idle = status->state == PRINTER_READY;
    status->outcome = is_idle && was_printing ? LABEL_PRINTED
                      : is_idle               ? LABEL_UNKNOWN
                                              : LABEL_WAITING;
    bool is_watched = status->state == PRINTER_READY || status->state == PRINTER_BUSY;
    return is_watched && status->outcome != LABEL_PRINTED ? LABEL_HEARD_NEXT
                                                          : LABEL_HEARD_ENOUGH;
}

static bool tspl_fits(const struct device_id *id) {
    return device_id_speaks(id, "TSPL") || device_id_speaks(id, "XPP");
}

const struct label_language label_tspl = {
    .name = "tspl",
    .title = "TSPL (TSC, Xprinter)",
    .dpis = dpis,
    .max_w_dots = MAX_W_DOTS,
    .cancel = {(const uint8_t *)"\x1B!.", 3},
    .resume = {(const uint8_t *)"\x1B!O", 3},
    .calibrate = {(const uint8_t *)"\r\nAUTODETECT\r\n", 14},
    .fits = tspl_fits,
    .encode = tspl_encode,
    .ask = tspl_ask,
    .hear = tspl_hear,
};

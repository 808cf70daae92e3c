#include "app/labels/epl.h"

#include <stdio.h>

enum { MAX_W_DOTS = 1248, GAP_MM = 3, ANSWER_MS = 1500 };

static const int dpis[] = {203, 300, 0};

static enum err epl_encode(const struct label *label, const struct label_setup *setup,
                           struct bytes *out) {
    enum err e = label_language_check(&label_epl, label, setup);
    if (e != ERR_NONE) {
        return e;
    }
    char text[120];
    size_t len = ((size_t)label->w + 7) / 8;
    int gap =
        setup->tracking == LABEL_TRACK_CONTINUOUS ? 0 : GAP_MM * setup->dpi * 10 / 254;
    (void)snprintf(text, sizeof text, "\nN\nR0,0\nZT\nq%zu\nQ%d,%s%d\nGW0,0,%zu,%d\n",
                   8 * len, label->h, setup->tracking == LABEL_TRACK_MARK ? "B" : "", gap,
                   len, label->h);
    bytes_add_text(out, text);
    label_add_inverted(label, out);
    bytes_add_text(out, "\nP1\n");
    return ERR_NONE;
}

static bool epl_ask(enum label_moment moment, const struct label_setup *setup, int number,
                    struct label_question *out) {
    if (setup->is_mute || moment == LABEL_DURING || number != 0) {
        return false;
    }
    *out = (struct label_question){(const uint8_t *)"^ee\r\n", 5, ANSWER_MS, 0};
    return true;
}

static const struct {
    int code;
    enum printer_state state;
    const char *reason;
} codes[] = {
    {0, PRINTER_READY, ""},
    {7, PRINTER_OUT_OF_LABELS, "labels or ribbon are out"},
    {11, PRINTER_COVER_OPEN, "the head is up: close the printer"},
    {62, PRINTER_HOT, "the head is too hot: it goes on by itself"},
    {81, PRINTER_JAM, "the cutter is stuck"},
    {92, PRINTER_PAUSED, "it is paused: press its feed key"},
};

struct report {
    int code;
    char what;  // 'P' or 'R' with code 7: labels or ribbon; else 0
    int queued; // with it; else -1
};

// "NN", perhaps behind NAK, perhaps with "Pnnn" or "Rnnn", up to CR. False: not that.
static bool report_parse(const uint8_t *line, size_t len, struct report *out) {
    size_t at = len > 0 && line[0] == 0x15 ? 1 : 0;
    *out = (struct report){0, 0, -1};
    for (size_t end = at + 2; at < end; at++) {
        if (at >= len || line[at] < '0' || line[at] > '9') {
            return false;
        }
        out->code = out->code * 10 + (line[at] - '0');
    }
    if (at == len) {
        return true;
    }
    out->what = (char)line[at++];
    out->queued = 0;
    for (; at < len && out->queued < 10000; at++) {
        if (line[at] < '0' || line[at] > '9') {
            return false;
        }
        out->queued = out->queued * 10 + (line[at] - '0');
    }
    return at == len && (out->what == 'P' || out->what == 'R');
}

static void hear_report(const struct report *r, enum label_moment moment,
                        struct label_status *status) {
    char reason[LABEL_REASON_SIZE];
    (void)snprintf(reason, sizeof reason, "it reports error %02d", r->code);
    status->queued = r->queued;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].code == r->code) {
            label_status_set(status, codes[i].state, codes[i].reason);
        }
    }
    if (r->what == 'R') {
        status->state = PRINTER_OUT_OF_RIBBON;
    }
    if (status->state == PRINTER_UNKNOWN) {
        label_status_set(status, PRINTER_ERROR, reason);
    }
    bool is_held = r->queued > 0 && moment == LABEL_AFTER;
    status->outcome = is_held ? LABEL_WAITING : LABEL_UNKNOWN;
}

// The last whole line that is a report counts.
static enum label_heard epl_hear(const struct label_hearing *h,
                                 struct label_status *status) {
    struct report report, found;
    bool is_found = false;
    size_t start = 0;
    for (size_t i = 0; i < h->len; i++) {
        if (h->data[i] != '\r' && h->data[i] != '\n') {
            continue;
        }
        if (report_parse(h->data + start, i - start, &report)) {
            found = report;
            is_found = true;
        }
        start = i + 1;
    }
    if (is_found) {
        hear_report(&found, h->moment, status);
        return LABEL_HEARD_ENOUGH;
    }
    if (h->is_over) {
        label_status_set(status, PRINTER_UNKNOWN, "it does not answer");
    }
    return h->is_over ? LABEL_HEARD_NEXT : LABEL_HEARD_MORE;
}

static bool epl_fits(const struct device_id *id) {
    return device_id_speaks(id, "EPL");
}

const struct label_language label_epl = {
    .name = "epl",
    .title = "EPL2 (Eltron)",
    .dpis = dpis,
    .max_w_dots = MAX_W_DOTS,
    .calibrate = {(const uint8_t *)"\nxa\n", 4},
    .fits = epl_fits,
    .encode = epl_encode,
    .ask = epl_ask,
    .hear = epl_hear,
};

#include "app/labels/brother_status.h"

#include <stdio.h>
#include <string.h>

enum { PACKET_BYTES = 32, ANSWER_MS = 3000, PRINT_MS = 30000 };
enum { KIND_REPLY, KIND_DONE, KIND_ERROR, KIND_OFF = 4, KIND_NOTICE, KIND_PHASE };
enum { NOTICE_COOLING = 3, COLOUR_BLACK_RED = 0x81 };

const uint8_t brother_reset[402] = {[400] = 0x1B, 0x40};

// The question behind 400 zero bytes that end a job left half.
static const uint8_t fresh_question[405] = {[400] = 0x1B, 0x40, 0x1B, 0x69, 0x53};
static const uint8_t plain_question[3] = {0x1B, 0x69, 0x53};

bool brother_ask(enum label_moment moment, const struct label_setup *setup, int number,
                 struct label_question *out) {
    if (setup->is_mute || number < 0) {
        return false;
    }
    if (moment == LABEL_MEET || moment == LABEL_BEFORE) {
        *out =
            (struct label_question){fresh_question, sizeof fresh_question, ANSWER_MS, 0};
        return number == 0;
    }
    // It speaks by itself while it prints, and must not be asked before it fell silent.
    *out = (struct label_question){NULL, 0, PRINT_MS, 0};
    if (number == 1) {
        *out =
            (struct label_question){plain_question, sizeof plain_question, ANSWER_MS, 0};
    }
    return number == 0 || (number == 1 && moment == LABEL_AFTER);
}

struct error_bit {
    uint8_t bit;
    enum printer_state state;
    enum label_outcome outcome; // of the label that was being printed
    const char *reason;
};

// A cutter that is stuck or a cover opened at the end may have let the label out.
static const struct error_bit errors_1[] = {
    {0x01, PRINTER_OUT_OF_LABELS, LABEL_LOST, "there is no roll in it"},
    {0x02, PRINTER_OUT_OF_LABELS, LABEL_LOST, "the roll is at its end"},
    {0x04, PRINTER_JAM, LABEL_UNKNOWN, "the cutter is stuck"},
    {0x10, PRINTER_BUSY, LABEL_UNKNOWN, "somebody else prints on it"},
    {0x20, PRINTER_OFFLINE, LABEL_UNKNOWN, "it was turned off"},
    {0x80, PRINTER_ERROR, LABEL_UNKNOWN, "its fan does not turn"},
};
static const struct error_bit errors_2[] = {
    {0x01, PRINTER_WRONG_LABELS, LABEL_LOST, "it wants another roll"},
    {0x02, PRINTER_ERROR, LABEL_LOST, "its memory is full"},
    {0x04, PRINTER_ERROR, LABEL_LOST, "it did not understand the job"},
    {0x08, PRINTER_ERROR, LABEL_LOST, "its receive buffer is full"},
    {0x10, PRINTER_COVER_OPEN, LABEL_UNKNOWN, "the cover is open"},
    {0x20, PRINTER_HOT, LABEL_UNKNOWN, "it is too hot: it goes on by itself"},
    {0x40, PRINTER_OUT_OF_LABELS, LABEL_LOST,
     "the labels do not feed: end of roll, or stuck"},
    {0x80, PRINTER_ERROR, LABEL_UNKNOWN, "it reports a system error"},
};

static bool hear_bits(const struct error_bit *bits, size_t count, uint8_t told,
                      struct label_status *status) {
    bool is_lost = false;
    for (size_t i = 0; i < count; i++) {
        if (told & bits[i].bit) {
            label_status_set(status, bits[i].state, bits[i].reason);
            is_lost |= bits[i].outcome == LABEL_LOST;
        }
    }
    return is_lost;
}

// True when a bit says that the label is lost.
static bool hear_errors(const uint8_t *p, struct label_status *status) {
    bool is_lost =
        hear_bits(errors_1, sizeof errors_1 / sizeof errors_1[0], p[8], status);
    return hear_bits(errors_2, sizeof errors_2 / sizeof errors_2[0], p[9], status) ||
           is_lost;
}

static void format_size(int w_mm, int h_mm, char out[32]) {
    (void)(h_mm ? snprintf(out, 32, "%d x %d mm", w_mm, h_mm)
                : snprintf(out, 32, "%d mm continuous", w_mm));
}

static void hear_media(const uint8_t *p, const struct label_setup *setup,
                       struct label_status *status) {
    uint8_t type = p[11];
    if (type == 0x00) {
        label_status_set(status, PRINTER_OUT_OF_LABELS, "there is no roll in it");
        return;
    }
    if (type == 0xFF) {
        label_status_set(status, PRINTER_WRONG_LABELS,
                         "its roll is not one it can print on");
        return;
    }
    bool is_die_cut = (type & 0x0F) == 0x0B;
    status->has_media = true;
    status->media_w_mm = p[10];
    status->media_h_mm = is_die_cut ? brother_media_height(p[10], p[17]) : 0;
    status->is_two_colour = p[25] == COLOUR_BLACK_RED;
    int want_h = brother_told_height(setup->media_w_mm, setup->media_h_mm);
    if (setup->media_w_mm &&
        (p[10] != setup->media_w_mm || (is_die_cut ? p[17] : 0) != want_h)) {
        char want[32], is[32], reason[LABEL_REASON_SIZE];
        format_size(setup->media_w_mm, setup->media_h_mm, want);
        format_size(status->media_w_mm, status->media_h_mm, is);
        (void)snprintf(reason, sizeof reason, "%s is loaded; %s is needed", is, want);
        label_status_set(status, PRINTER_WRONG_LABELS, reason);
    }
}

// The next whole packet. A head inside another packet means that the first was cut off.
static const uint8_t *packet_next(const struct label_hearing *h, size_t *at) {
    static const uint8_t head[] = {0x80, 0x20, 0x42};
    for (size_t i = *at; i + PACKET_BYTES <= h->len; i++) {
        if (memcmp(h->data + i, head, sizeof head) != 0) {
            continue;
        }
        size_t k = i + 1;
        while (k + sizeof head <= i + PACKET_BYTES &&
               memcmp(h->data + k, head, sizeof head) != 0) {
            k++;
        }
        if (k + sizeof head > i + PACKET_BYTES) {
            *at = i + PACKET_BYTES;
            return h->data + i;
        }
    }
    return NULL;
}

// The last reply counts: packets of an earlier job may stand before it.
static enum label_heard hear_reply(const struct label_hearing *h,
                                   struct label_status *status) {
    const uint8_t *reply = NULL;
    const uint8_t *p;
    size_t at = 0;
    while ((p = packet_next(h, &at)) != NULL) {
        bool is_answer = p[18] == KIND_REPLY || p[18] == KIND_ERROR || p[18] == KIND_OFF;
        reply = is_answer ? p : reply;
    }
    if (!reply) {
        if (h->is_over) {
            label_status_set(status, PRINTER_OFFLINE, "it does not answer: turn it on");
        }
        return h->is_over ? LABEL_HEARD_NEXT : LABEL_HEARD_MORE;
    }
    label_status_set(status, PRINTER_READY, "");
    if (reply[18] == KIND_OFF) {
        label_status_set(status, PRINTER_OFFLINE, "it was turned off");
    }
    if (reply[19] == 1) {
        label_status_set(status, PRINTER_BUSY, "it is printing");
    }
    (void)hear_errors(reply, status);
    hear_media(reply, h->setup, status);
    if (reply[18] == KIND_ERROR && status->state == PRINTER_READY) {
        label_status_set(status, PRINTER_ERROR,
                         "it reports an error without saying which");
    }
    return LABEL_HEARD_ENOUGH;
}

static void hear_failure(const uint8_t *p, struct label_status *status) {
    enum label_outcome before = status->outcome;
    label_status_init(status);
    bool is_lost = hear_errors(p, status);
    if (p[18] == KIND_OFF) {
        label_status_set(status, PRINTER_OFFLINE, "it was turned off");
    }
    if (status->state == PRINTER_UNKNOWN) {
        label_status_set(status, PRINTER_ERROR,
                         "it reports an error without saying which");
    }
    status->outcome = is_lost ? LABEL_LOST : LABEL_UNKNOWN;
    status->outcome = before == LABEL_PRINTED ? LABEL_PRINTED : status->outcome;
}

// What came by itself since the job began, in order. Done is said once per label, ready after.
static enum label_heard hear_job(const struct label_hearing *h,
                                 struct label_status *status) {
    const uint8_t *p;
    size_t at = 0;
    bool is_ended = false;
    label_status_init(status);
    while ((p = packet_next(h, &at)) != NULL) {
        bool is_cooling = p[18] == KIND_NOTICE && p[22] == NOTICE_COOLING;
        if (p[18] == KIND_ERROR || p[18] == KIND_OFF) {
            hear_failure(p, status);
            return LABEL_HEARD_ENOUGH;
        }
        if (p[18] == KIND_DONE) {
            status->outcome = LABEL_PRINTED;
        } else if (is_cooling || (p[18] == KIND_PHASE && p[19] == 1)) {
            status->state = is_cooling ? PRINTER_HOT : PRINTER_BUSY;
        } else if (p[18] == KIND_PHASE && status->outcome == LABEL_PRINTED) {
            status->state = PRINTER_READY;
            is_ended = true;
        }
    }
    return is_ended ? LABEL_HEARD_ENOUGH : LABEL_HEARD_MORE;
}

enum label_heard brother_hear(const struct label_hearing *h,
                              struct label_status *status) {
    bool is_job = h->moment == LABEL_DURING || h->moment == LABEL_AFTER;
    if (!is_job || h->number == 1) {
        return hear_reply(h, status);
    }
    enum label_heard heard = hear_job(h, status);
    if (heard == LABEL_HEARD_ENOUGH || !h->is_over) {
        return heard;
    }
    if (status->outcome == LABEL_PRINTED) {
        status->state = PRINTER_READY;
        return LABEL_HEARD_ENOUGH;
    }
    label_status_init(status);
    label_status_set(status, PRINTER_UNKNOWN, "it does not say that the label is out");
    return LABEL_HEARD_NEXT;
}

#include "app/devices/printer_talk.h"

#include "sync/base/clock.h"

// A printer that answers byte by byte without an end.
enum { PATIENCES_MAX = 4 };

static void pump_until(struct printer_link *link, uint64_t end_ms) {
    uint64_t now_ms = clock_mono_ms();
    printer_link_pump(link, now_ms < end_ms ? (int)(end_ms - now_ms) : 0);
}

bool printer_talk_send(struct printer_talk *talk, struct label_command command,
                       int patience_ms) {
    struct printer_link *link = talk->link;
    uint64_t end_ms = clock_mono_ms() + (uint64_t)patience_ms;
    if (!command.data || !printer_link_send(link, command.data, command.len)) {
        return false;
    }
    while (printer_link_get_state(link) == PRINTER_LINK_SENDING &&
           clock_mono_ms() < end_ms && !atomic_load(talk->is_stopping)) {
        pump_until(link, end_ms);
    }
    bool is_taken = printer_link_get_state(link) == PRINTER_LINK_IDLE;
    printer_link_abort(link); // a full or faulted printer takes nothing
    printer_link_forgive(link);
    return is_taken;
}

static enum label_heard hear(struct printer_talk *talk, enum label_moment moment,
                             int number, bool is_over, struct label_status *out) {
    const struct bytes *heard = printer_link_get_heard(talk->link);
    struct label_hearing hearing = {.moment = moment,
                                    .number = number,
                                    .setup = &talk->setup,
                                    .data =
                                        heard->data ? heard->data : (const uint8_t *)"",
                                    .len = heard->len,
                                    .is_over = is_over};
    return talk->language->hear(&hearing, out);
}

static enum label_heard ask_one(struct printer_talk *talk, enum label_moment moment,
                                int number, const struct label_question *q,
                                struct label_status *out) {
    struct printer_link *link = talk->link;
    bool is_sent = true;
    uint64_t start_ms = clock_mono_ms() + (uint64_t)q->wait_ms;
    while (clock_mono_ms() < start_ms && !atomic_load(talk->is_stopping) &&
           printer_link_get_state(link) != PRINTER_LINK_GONE) {
        pump_until(link, start_ms);
    }
    if (q->len > 0) { // else the answer may have come already
        printer_link_forget(link);
        is_sent = printer_talk_send(talk, (struct label_command){q->data, q->len},
                                    q->patience_ms);
    }
    uint64_t patience_ms = (uint64_t)q->patience_ms;
    uint64_t last_ms = clock_mono_ms() + PATIENCES_MAX * patience_ms;
    uint64_t end_ms = clock_mono_ms() + (is_sent ? patience_ms : 0);
    uint64_t total = printer_link_get_heard_total(link);
    for (;;) {
        uint64_t now_ms = clock_mono_ms();
        bool is_over = now_ms >= end_ms || now_ms >= last_ms ||
                       printer_link_get_state(link) == PRINTER_LINK_GONE ||
                       atomic_load(talk->is_stopping);
        enum label_heard heard = hear(talk, moment, number, is_over, out);
        if (heard != LABEL_HEARD_MORE || is_over) {
            return heard;
        }
        pump_until(link, end_ms);
        if (total != printer_link_get_heard_total(link)) {
            total = printer_link_get_heard_total(link);
            end_ms = clock_mono_ms() + patience_ms;
        }
    }
}

static void add_port(struct printer_talk *talk, struct label_status *out) {
    int port =
        out->state == PRINTER_UNKNOWN ? printer_link_get_port_status(talk->link) : -1;
    if (port >= 0) {
        label_status_add_port(out, (uint8_t)port);
    }
    // One that never speaks is taken to be well until its port says otherwise.
    if (talk->setup.is_mute && out->state == PRINTER_UNKNOWN) {
        label_status_set(out, PRINTER_READY, "");
    }
}

void printer_talk_ask(struct printer_talk *talk, enum label_moment moment,
                      struct label_status *out) {
    struct label_question q;
    label_status_init(out);
    talk->has_spoken = false;
    for (int number = 0; talk->language->ask(moment, &talk->setup, number, &q);
         number++) {
        if (ask_one(talk, moment, number, &q, out) == LABEL_HEARD_ENOUGH) {
            talk->has_spoken = q.len == 0;
            break;
        }
    }
    add_port(talk, out);
    if (printer_link_get_state(talk->link) == PRINTER_LINK_GONE) {
        enum label_outcome outcome = out->outcome;
        label_status_init(out);
        out->outcome = outcome; // heard before it went
        out->state = PRINTER_OFFLINE;
    }
}

void printer_talk_listen(struct printer_talk *talk, struct label_status *out) {
    struct label_question q;
    label_status_init(out);
    for (int number = 0; talk->language->ask(LABEL_DURING, &talk->setup, number, &q);
         number++) {
        if (q.len > 0 ||
            hear(talk, LABEL_DURING, number, false, out) != LABEL_HEARD_NEXT) {
            break;
        }
    }
    if (printer_link_get_state(talk->link) != PRINTER_LINK_GONE) {
        add_port(talk, out);
    }
}

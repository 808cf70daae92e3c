#include "app/labels/status.h"

#include "sync/base/mem.h"

#include <stdio.h>
#include <string.h>

const char *printer_state_name(enum printer_state state) {
    static const char *const names[] = {
        [PRINTER_READY] = "ready",
        [PRINTER_BUSY] = "busy",
        [PRINTER_PAUSED] = "paused",
        [PRINTER_OUT_OF_LABELS] = "out-of-labels",
        [PRINTER_WRONG_LABELS] = "wrong-labels",
        [PRINTER_COVER_OPEN] = "cover-open",
        [PRINTER_JAM] = "jam",
        [PRINTER_OUT_OF_RIBBON] = "out-of-ribbon",
        [PRINTER_HOT] = "hot",
        [PRINTER_OFFLINE] = "offline",
        [PRINTER_ERROR] = "error",
        [PRINTER_DISK_FULL] = "disk-full",
        [PRINTER_UNKNOWN] = "unknown",
    };
    _Static_assert(sizeof names / sizeof names[0] == PRINTER_STATE_COUNT, "a name each");
    CHECK(state < PRINTER_STATE_COUNT);
    return names[state];
}

void label_status_init(struct label_status *out) {
    *out = (struct label_status){.state = PRINTER_UNKNOWN, .queued = -1};
}

// Which of two states is said: what a person must do first wins.
static int state_weight(enum printer_state state) {
    static const int weights[PRINTER_STATE_COUNT] = {
        [PRINTER_UNKNOWN] = 0,       [PRINTER_READY] = 1,
        [PRINTER_BUSY] = 2,          [PRINTER_PAUSED] = 3,
        [PRINTER_OFFLINE] = 4,       [PRINTER_HOT] = 6,
        [PRINTER_ERROR] = 5,         [PRINTER_WRONG_LABELS] = 7,
        [PRINTER_OUT_OF_RIBBON] = 8, [PRINTER_OUT_OF_LABELS] = 9,
        [PRINTER_JAM] = 10,          [PRINTER_COVER_OPEN] = 11,
        [PRINTER_DISK_FULL] = 12,
    };
    return weights[state];
}

void label_status_set(struct label_status *status, enum printer_state state,
                      const char *reason) {
    CHECK(state < PRINTER_STATE_COUNT);
    if (state_weight(state) < state_weight(status->state)) {
        return;
    }
    status->state = state;
    (void)snprintf(status->reason, sizeof status->reason, "%s", reason);
}

void label_status_add_port(struct label_status *status, uint8_t port) {
    if (status->state != PRINTER_UNKNOWN) {
        return;
    }
    if (port & 0x20) {
        label_status_set(status, PRINTER_OUT_OF_LABELS, "the printer is out of labels");
    } else if (!(port & 0x08)) {
        label_status_set(status, PRINTER_ERROR,
                         "the printer reports an error: look at it");
    } else if (!(port & 0x10)) {
        label_status_set(status, PRINTER_OFFLINE, "the printer is not online");
    } else if (!status->reason[0]) {
        label_status_set(status, PRINTER_READY, "");
    }
}

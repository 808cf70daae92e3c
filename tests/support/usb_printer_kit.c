#include "tests/support/usb_printer_kit.h"

#include <string.h>

#include "sync/base/mem.h"

bool printer_has_fault(const struct printer_model *p) {
    for (int i = 0; i < PAUSED; i++) {
        if (p->faults[i] && i != WRONG_MEDIA) {
            return true;
        }
    }
    return p->faults[RIBBON_OUT];
}

void printer_say(struct printer_model *p, const void *bytes, size_t len) {
    size_t each = p->split_bytes ? p->split_bytes : len;
    if (p->faults[SILENT] || p->kind->is_mute) {
        return;
    }
    for (size_t at = 0; at < len; at += each) {
        size_t n = len - at < each ? len - at : each;
        usb_model_queue(&p->base, PRINTER_IN_EP, (const uint8_t *)bytes + at, n);
    }
}

void printer_eat(struct printer_model *p, size_t len) {
    memmove(p->in.data, p->in.data + len, p->in.len - len);
    p->in.len -= len;
}

bool printer_begins(const struct printer_model *p, const void *bytes, size_t len) {
    return p->in.len >= len && memcmp(p->in.data, bytes, len) == 0;
}

size_t printer_command_len(const struct printer_model *p, const struct printer_command *c,
                           size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (printer_begins(p, c[i].bytes, c[i].len)) {
            return p->in.len >= c[i].total ? c[i].total : 0;
        }
    }
    return SIZE_MAX;
}

void printer_hold_label(struct printer_model *p) {
    CHECK(p->held_count < PRINTER_HELD_MAX);
    p->held[p->held_count++] = p->job;
    p->job = (struct bytes){.data = NULL};
}

void printer_drop_labels(struct printer_model *p) {
    bytes_clear(&p->job);
    for (int i = 0; i < p->held_count; i++) {
        bytes_finish(&p->held[i]);
    }
    p->held_count = 0;
    p->due_ms = 0;
}

#include "tests/support/usb_printer_brother.h"

#include <string.h>

static void brother_say(struct printer_model *p, uint8_t kind, uint8_t phase) {
    uint8_t s[32] = {0x80, 0x20, 0x42, 0x34, 0x41};
    s[8] = (uint8_t)((p->faults[MEDIA_OUT] ? 1 : 0) | (p->faults[JAM] ? 4 : 0));
    s[9] = (uint8_t)((p->faults[COVER_OPEN] ? 0x10 : 0) | (p->faults[HOT] ? 0x20 : 0));
    s[10] = p->faults[MEDIA_OUT] ? 0 : p->faults[WRONG_MEDIA] ? 29 : 62;
    s[11] = p->faults[MEDIA_OUT] ? 0 : 0x0B;
    s[17] = p->faults[MEDIA_OUT] ? 0 : p->faults[WRONG_MEDIA] ? 90 : 100;
    s[18] = kind;
    s[19] = phase;
    printer_say(p, s, sizeof s);
}

static void brother_printed(struct printer_model *p) {
    brother_say(p, 1, 1);
    brother_say(p, 6, 0);
}

// Length of the command at the input's beginning; 0: not all of it is here.
static size_t brother_len(const struct printer_model *p) {
    static const struct printer_command commands[] = {
        {"\x1B\x40", 2, 2},     {"\x1B\x69\x53", 3, 3},  {"\x1B\x69\x61", 3, 4},
        {"\x1B\x69\x21", 3, 4}, {"\x1B\x69\x7A", 3, 13}, {"\x1B\x69\x4D", 3, 4},
        {"\x1B\x69\x41", 3, 4}, {"\x1B\x69\x4B", 3, 4},  {"\x1B\x69\x64", 3, 5},
        {"\x4D", 1, 2}};
    uint8_t first = p->in.data[0];
    if (first == 0x67 || first == 0x77) {
        size_t len = p->in.len < 3 ? 3 : 3 + (size_t)p->in.data[2];
        return p->in.len >= len ? len : 0;
    }
    size_t len = printer_command_len(p, commands, sizeof commands / sizeof *commands);
    if (len != SIZE_MAX) {
        return len;
    }
    return first == 0x1B && p->in.len < 3 ? 0 : 1;
}

static bool brother_step(struct printer_model *p) {
    bool is_status = printer_begins(p, "\x1B\x69\x53", 3);
    bool is_reset = printer_begins(p, "\x1B\x40", 2);
    uint8_t first = p->in.data[0];
    size_t len = brother_len(p);
    if (len == 0) {
        return false;
    }
    if (is_reset) {
        p->cancels++;
        bytes_clear(&p->job);
        memset(bytes_grow(&p->job, p->zeros), 0, p->zeros);
    }
    p->zeros = first == 0 ? p->zeros + 1 : 0;
    if (!is_status && (first != 0 || p->job.len > 0)) {
        bytes_add(&p->job, p->in.data, len);
    }
    printer_eat(p, len);
    if (is_status) {
        brother_say(p, printer_has_fault(p) ? 2 : 0, 0);
    } else if (first == 0x1A && printer_has_fault(p)) {
        brother_say(p, 2, 0);
        bytes_clear(&p->job);
    } else if (first == 0x1A) {
        brother_say(p, 6, 1);
        printer_hold_label(p);
    }
    return true;
}

// A fault in the midst of a label: it says so and forgets the label.
static void brother_fault(struct printer_model *p) {
    if (p->held_count > 0 && printer_has_fault(p)) {
        printer_drop_labels(p);
        brother_say(p, 2, 0);
    }
}

static bool brother_read(const uint8_t *data, size_t len, struct paper *out) {
    return paper_read_brother(data, len, 90, out);
}

const struct printer_language printer_brother = {.step = brother_step,
                                                 .read = brother_read,
                                                 .printed = brother_printed,
                                                 .faulted = brother_fault};

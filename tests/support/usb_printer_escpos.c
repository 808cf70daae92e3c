#include "tests/support/usb_printer_escpos.h"

#include <string.h>

static void escpos_real_time(struct printer_model *p, uint8_t n) {
    bool is_paper_out = p->faults[MEDIA_OUT];
    uint8_t s = 0x12;
    if (n == 1) {
        s |= printer_has_fault(p) || p->faults[PAUSED] ? 0x08 : 0;
    } else if (n == 2) {
        s |= (uint8_t)((p->faults[COVER_OPEN] ? 0x04 : 0) | (is_paper_out ? 0x20 : 0) |
                       (p->faults[JAM] || p->faults[HOT] ? 0x40 : 0));
    } else if (n == 3) {
        s |= (uint8_t)((p->faults[JAM] ? 0x08 : 0) | (p->faults[HOT] ? 0x40 : 0));
    } else if (n == 4) {
        s |= is_paper_out ? 0x60 : 0;
    }
    printer_say(p, &s, 1);
}

static size_t escpos_len(const struct printer_model *p) {
    static const struct printer_command commands[] = {
        {"\x1B\x40", 2, 2}, {"\x1B\x4A", 2, 3}, {"\x1D\x56", 2, 4},
        {"\x10\x04", 2, 3}, {"\x10\x05", 2, 3}, {"\x1D\x72", 2, 3},
        {"\x1D\x61", 2, 3}, {"\x1D\x49", 2, 3}, {"\x1D\x28\x48", 3, 11},
        {"\x1B\x33", 2, 3}, {"\x1B\x61", 2, 3}, {"\x1D\x4C", 2, 4},
        {"\x1D\x57", 2, 4}, {"\x1B\x32", 2, 2}, {"\x10\x14", 2, 10}};
    if (printer_begins(p, "\x1D\x76\x30", 3)) {
        const uint8_t *d = p->in.data;
        size_t len = p->in.len < 8
                         ? 8
                         : 8 + (size_t)(d[4] | d[5] << 8) * (size_t)(d[6] | d[7] << 8);
        return p->in.len >= len ? len : 0;
    }
    size_t found = printer_command_len(p, commands, sizeof commands / sizeof *commands);
    if (found != SIZE_MAX) {
        return found;
    }
    return p->in.len < 3 && strchr("\x1B\x1D\x10", p->in.data[0]) ? 0 : 1;
}

// Real-time commands are answered at once; the rest stands still in a fault, and while a
// label is printing.
static bool escpos_step(struct printer_model *p) {
    size_t len = escpos_len(p);
    if (len == 0) {
        return false;
    }
    if (p->in.data[0] == 0x10) {
        uint8_t n = p->in.data[2];
        bool is_question = p->in.data[1] == 4;
        printer_eat(p, len);
        if (is_question) {
            escpos_real_time(p, n);
        }
        return true;
    }
    if (printer_has_fault(p) || p->faults[PAUSED] || p->held_count > 0) {
        return false;
    }
    bool is_cut = printer_begins(p, "\x1D\x56", 2);
    bool is_paper_question = printer_begins(p, "\x1D\x72", 2);
    bool is_mark = printer_begins(p, "\x1D\x28\x48", 3);
    uint8_t mark[7] = {0x37, 0x22};
    if (is_mark) {
        memcpy(mark + 2, p->in.data + 7, 4);
    }
    if (!is_paper_question && !is_mark) {
        bytes_add(&p->job, p->in.data, len);
    }
    printer_eat(p, len);
    if (is_cut) {
        printer_hold_label(p);
    } else if (is_paper_question) {
        printer_say(p, "\0", 1);
    } else if (is_mark) {
        printer_say(p, mark, sizeof mark);
    }
    return true;
}

// The real-time commands that stand behind something else are found by a printer's eyes.
static void escpos_peek(struct printer_model *p) {
    bool is_still = printer_has_fault(p) || p->faults[PAUSED] || p->held_count > 0;
    for (size_t i = 0; is_still && i + 2 < p->in.len; i++) {
        if (p->in.data[i] == 0x10 && p->in.data[i + 1] == 4 && p->in.data[i + 2] <= 4) {
            escpos_real_time(p, p->in.data[i + 2]);
            memmove(p->in.data + i, p->in.data + i + 3, p->in.len - i - 3);
            p->in.len -= 3;
        }
    }
}

const struct printer_language printer_escpos = {
    .step = escpos_step, .read = paper_read_escpos, .peek = escpos_peek};

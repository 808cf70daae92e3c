#include "tests/support/usb_printer_zpl.h"

#include <stdio.h>
#include <string.h>

static void zebra_host_status(struct printer_model *p) {
    char text[160];
    bool is_hushed = printer_has_fault(p) && p->faults[HUSHED];
    if (is_hushed) {
        return;
    }
    snprintf(text, sizeof text,
             "\x02"
             "030,%d,%d,1225,%03d,0,%d,0,000,0,0,%d\x03\r\n"
             "\x02"
             "000,0,%d,%d,0,2,4,0,%08d,1,000\x03\r\n"
             "\x02"
             "1234,0\x03\r\n",
             p->faults[MEDIA_OUT], p->faults[PAUSED], p->held_count, p->job.len > 0,
             p->faults[HOT], p->faults[COVER_OPEN], p->faults[RIBBON_OUT],
             p->held_count > 0 && p->due_ms > 0);
    printer_say(p, text, strlen(text));
}

static void zebra_errors(struct printer_model *p) {
    char text[200];
    unsigned bits = (p->faults[MEDIA_OUT] ? 1U : 0) | (p->faults[RIBBON_OUT] ? 2U : 0) |
                    (p->faults[COVER_OPEN] ? 4U : 0) | (p->faults[HOT] ? 0x10U : 0) |
                    (p->faults[JAM] ? 8U : 0) | (p->faults[PAUSED] ? 0x10000U : 0);
    snprintf(text, sizeof text,
             "\x02\r\n  PRINTER STATUS\r\n   ERRORS:         %d 00000000 %08X\r\n"
             "   WARNINGS:       0 00000000 00000000\r\n\x03",
             bits != 0, bits);
    printer_say(p, text, strlen(text));
}

static bool zebra_command(struct printer_model *p) {
    if (printer_begins(p, "~HS", 3)) {
        printer_eat(p, 3);
        zebra_host_status(p);
    } else if (printer_begins(p, "~HQES", 5)) {
        printer_eat(p, 5);
        zebra_errors(p);
    } else if (printer_begins(p, "~HI", 3)) {
        printer_eat(p, 3);
        printer_say(p, p->kind->identity, strlen(p->kind->identity));
    } else if (printer_begins(p, "~JA", 3)) {
        printer_eat(p, 3);
        p->cancels++;
        printer_drop_labels(p);
    } else {
        return false;
    }
    return true;
}

static bool zebra_step(struct printer_model *p) {
    if (p->in.data[0] == '~') {
        if (p->in.len < 5 && memchr(p->in.data, '\n', p->in.len) == NULL) {
            return false; // not all of it is here
        }
        if (zebra_command(p)) {
            return true;
        }
    }
    bool is_begin = printer_begins(p, "^XA", 3);
    bool is_end = printer_begins(p, "^XZ", 3);
    if (p->in.data[0] == '^' && p->in.len < 3) {
        return false;
    }
    if (is_begin) {
        bytes_clear(&p->job);
    }
    if (is_begin || p->job.len > 0) {
        bytes_add(&p->job, p->in.data, is_end ? 3 : 1);
    }
    printer_eat(p, is_end ? 3 : 1);
    if (is_end && p->job.len > 3) {
        printer_hold_label(p);
    }
    return true;
}

const struct printer_language printer_zpl = {.step = zebra_step, .read = paper_read_zpl};

#include "tests/support/usb_printers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/base/mem.h"
#include "tests/support/usb_printer_brother.h"
#include "tests/support/usb_printer_escpos.h"
#include "tests/support/usb_printer_zpl.h"

enum { PRINT_MS = 60 };

static const char *const fault_names[] = {"media-out",  "wrong-media", "cover-open",
                                          "hot",        "jam",         "paused",
                                          "ribbon-out", "silent",      "hushed"};

// ---- what comes out

// What is on the paper, by the strict readers: NNN.pgm, or NNN.fault with the reason.
static void read_paper(const struct printer_model *p, const struct bytes *label,
                       const char *folder, int number) {
    struct paper paper = {.w = 0};
    char path[512];
    bool is_read = p->kind->language->read(label->data, label->len, &paper);
    snprintf(path, sizeof path, "%s/%03d.%s", folder, number, is_read ? "pgm" : "fault");
    if (is_read) {
        (void)paper_write_pgm(&paper, path);
    } else {
        FILE *f = fopen(path, "w");
        if (f) {
            fprintf(f, "%s\n", paper.fault);
            fclose(f);
        }
    }
    paper_finish(&paper);
}

// Whole on the paper: a file, whatever becomes of the cable.
static void put_out(struct printer_model *p, const struct bytes *label) {
    static int number;
    const char *folder = getenv("USB_PRINTED");
    char path[512];
    folder = folder ? folder : "/tmp";
    p->printed++;
    number++;
    read_paper(p, label, folder, number); // before the file that says it is out
    snprintf(path, sizeof path, "%s/%03d.%s", folder, number, p->kind->name);
    FILE *f = fopen(path, "wb");
    if (f) {
        fwrite(label->data, 1, label->len, f);
        fclose(f);
    }
}

static void on_tick(struct usb_model *m, int64_t mono_ms) {
    struct printer_model *p = (struct printer_model *)m;
    p->now_ms = mono_ms;
    bool can_print = p->held_count > 0 && !printer_has_fault(p) && !p->faults[PAUSED];
    if (can_print && p->due_ms == 0) {
        p->due_ms = mono_ms + p->print_ms;
    } else if (!can_print) {
        p->due_ms = 0;
    } else if (mono_ms >= p->due_ms) {
        put_out(p, &p->held[0]);
        bytes_finish(&p->held[0]);
        memmove(&p->held[0], &p->held[1], (size_t)--p->held_count * sizeof p->held[0]);
        p->due_ms = 0;
        if (p->kind->language->printed) {
            p->kind->language->printed(p);
        }
    }
    while (p->in.len > 0 && p->kind->language->step(p)) {
    }
}

// ---- the cable

static int on_out(struct usb_model *m, uint8_t ep, const uint8_t *data, size_t len) {
    struct printer_model *p = (struct printer_model *)m;
    (void)ep;
    size_t n = p->short_bytes && p->short_bytes < len ? p->short_bytes : len;
    if (p->nak_after == 0) {
        return -EAGAIN;
    }
    if (p->stall_after == 0) {
        p->stall_after = -1;
        usb_model_halt(m, PRINTER_OUT_EP);
        return -EPIPE;
    }
    n = p->nak_after > 0 && (long)n > p->nak_after ? (size_t)p->nak_after : n;
    n = p->stall_after > 0 && (long)n > p->stall_after ? (size_t)p->stall_after : n;
    p->nak_after -= p->nak_after > 0 ? (long)n : 0;
    if (p->nak_after == 0 && p->fault_at_nak < FAULT_COUNT) {
        p->faults[p->fault_at_nak] = true;
        p->fault_at_nak = FAULT_COUNT;
    }
    p->stall_after -= p->stall_after > 0 ? (long)n : 0;
    p->taken += n;
    bytes_add(&p->in, data, n);
    while (p->in.len > 0 && p->kind->language->step(p)) {
    }
    if (p->kind->language->peek) {
        p->kind->language->peek(p);
    }
    return (int)n;
}

static int give_id(const struct printer_model *p, uint8_t *data, size_t len) {
    uint8_t id[300];
    size_t text = strlen(p->kind->id);
    size_t total = text + 2;
    size_t told = strcmp(p->id_form, "bare") == 0 ? text : total;
    bool is_little = strcmp(p->id_form, "little") == 0;
    if (strcmp(p->id_form, "none") == 0) {
        return -EPIPE;
    }
    id[is_little ? 1 : 0] = (uint8_t)(told >> 8);
    id[is_little ? 0 : 1] = (uint8_t)told;
    memcpy(id + 2, p->kind->id, text);
    size_t n = total < len ? total : len;
    memcpy(data, id, n);
    return (int)n;
}

static int on_control(struct usb_model *m, const uint8_t setup[8], uint8_t *data,
                      size_t len) {
    struct printer_model *p = (struct printer_model *)m;
    if (setup[0] == 0xA1 && setup[1] == 0) {
        return give_id(p, data, len);
    }
    if (setup[0] == 0xA1 && setup[1] == 1) {
        data[0] =
            (uint8_t)((p->faults[MEDIA_OUT] ? 0x20 : 0) | (p->faults[PAUSED] ? 0 : 0x10) |
                      (printer_has_fault(p) ? 0 : 0x08));
        return 1;
    }
    if (setup[0] == 0x21 && setup[1] == 2) {
        p->resets++;
        bytes_clear(&p->in);
        bytes_clear(&p->job);
        return 0;
    }
    return -ENOSYS;
}

// ---- commands

static bool set_at_nak(struct printer_model *p, const char *name) {
    int i = 0;
    while (i < FAULT_COUNT && strcmp(fault_names[i], name) != 0) {
        i++;
    }
    p->fault_at_nak = i;
    return i < FAULT_COUNT;
}

static bool set_fault(struct printer_model *p, const char *words) {
    for (int i = 0; i < FAULT_COUNT; i++) {
        size_t len = strlen(fault_names[i]);
        if (strncmp(words, fault_names[i], len) == 0 && words[len] == ' ') {
            p->faults[i] = strcmp(words + len + 1, "on") == 0;
            if (p->kind->language->faulted) {
                p->kind->language->faulted(p);
            }
            return true;
        }
    }
    return false;
}

static bool set_number(struct printer_model *p, const char *word, long n) {
    if (strcmp(word, "short") == 0) {
        p->short_bytes = (size_t)n;
    } else if (strcmp(word, "split") == 0) {
        p->split_bytes = (size_t)n;
    } else if (strcmp(word, "nak-after") == 0) {
        p->nak_after = n;
    } else if (strcmp(word, "stall-after") == 0) {
        p->stall_after = n;
    } else if (strcmp(word, "print-ms") == 0) {
        p->print_ms = (int)n;
    } else {
        return false;
    }
    return true;
}

static bool set_id(struct printer_model *p, const char *form) {
    static const char *const forms[] = {"big", "little", "bare", "none"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i], form) == 0) {
            p->id_form = forms[i];
            return true;
        }
    }
    return false;
}

static bool on_command(struct usb_model *m, char *words, char *reply, size_t reply_size) {
    struct printer_model *p = (struct printer_model *)m;
    char *rest = strchr(words, ' ');
    reply[0] = '\0';
    if (strcmp(words, "state") == 0) {
        snprintf(reply, reply_size, "printed=%d held=%d taken=%lu resets=%d cancels=%d",
                 p->printed, p->held_count, p->taken, p->resets, p->cancels);
        return true;
    }
    if (strcmp(words, "stale") == 0) {
        printer_say(p, "\x80 stale", 7);
        return true;
    }
    bool is_done = rest && strncmp(words, "set ", 4) == 0 && set_fault(p, rest + 1);
    is_done = is_done || (rest && strncmp(words, "id ", 3) == 0 && set_id(p, rest + 1));
    is_done =
        is_done || (rest && strncmp(words, "at-nak ", 7) == 0 && set_at_nak(p, rest + 1));
    if (rest && !is_done) {
        *rest = '\0';
        is_done = set_number(p, words, strtol(rest + 1, NULL, 10));
    }
    if (!is_done) {
        snprintf(reply, reply_size, "a printer does not know \"%.40s\"", words);
    }
    return is_done;
}

static void on_destroy(struct usb_model *m) {
    struct printer_model *p = (struct printer_model *)m;
    printer_drop_labels(p);
    bytes_finish(&p->in);
    bytes_finish(&p->job);
    mem_free(p);
}

static const struct printer_kind kinds[] = {
    {"zebra", 0x0a5f, 0x0166,
     "MFG:Zebra Technologies;CMD:ZPL;MDL:ZTC ZD421-300dpi ZPL;CLS:PRINTER;SN:D2J1;",
     &printer_zpl, "\x02ZD421-300dpi,V93.21.17Z,12,8176KB,X\x03\r\n", false},
    {"zebra-203", 0x0a5f, 0x0165,
     "MFG:Zebra Technologies;CMD:ZPL;MDL:ZTC ZD220-203dpi ZPL;CLS:PRINTER;SN:D2J2;",
     &printer_zpl, "\x02ZD220-203dpi,V93.21.17Z,8,8176KB,X\x03\r\n", false},
    {"mute", 0x0a5f, 0x0081, "MFG:Zebra;CMD:ZPL;MDL:GK420d;CLS:PRINTER;", &printer_zpl,
     "", true},
    {"brother", 0x04f9, 0x209d, "MFG:Brother;CMD:PT-CBP;MDL:QL-820NWB;CLS:PRINTER;",
     &printer_brother, "", false},
    {"escpos", 0x04b8, 0x0202, "MFG:EPSON;CMD:ESC/POS;MDL:TM-L90;CLS:PRINTER;",
     &printer_escpos, "", false},
};

struct usb_model *usb_printer_create(const char *kind, const char *serial,
                                     uint16_t vendor, uint16_t product) {
    const struct printer_kind *k = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !k; i++) {
        k = strcmp(kinds[i].name, kind) == 0 ? &kinds[i] : NULL;
    }
    if (!k) {
        return NULL;
    }
    struct printer_model *p = mem_alloc(1, sizeof *p);
    p->kind = k;
    p->id_form = "big";
    p->print_ms = PRINT_MS;
    p->nak_after = p->stall_after = -1;
    p->fault_at_nak = FAULT_COUNT;
    p->base.control = on_control;
    p->base.out = on_out;
    p->base.tick = on_tick;
    p->base.command = on_command;
    p->base.destroy = on_destroy;
    snprintf(p->base.strings[0], sizeof p->base.strings[0], "Foyer tests");
    snprintf(p->base.strings[1], sizeof p->base.strings[1], "Emulated %s", kind);
    snprintf(p->base.strings[2], sizeof p->base.strings[2], "%s", serial);
    struct usb_interface face = {
        .class = 7,
        .subclass = 1,
        .protocol = k->is_mute ? 1 : 2,
        .endpoints = {{PRINTER_OUT_EP, 2, 64, 0}, {PRINTER_IN_EP, 2, 64, 0}},
        .endpoint_count = k->is_mute ? 1 : 2};
    usb_model_describe(&p->base, vendor ? vendor : k->vendor,
                       product ? product : k->product, &face, 1);
    return &p->base;
}

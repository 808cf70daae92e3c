#include "tests/support/usb_printers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "tests/support/paper.h"

enum { OUT_EP = 0x01, IN_EP = 0x82, JOBS_HELD_MAX = 8, PRINT_MS = 60 };

enum fault {
    MEDIA_OUT,
    WRONG_MEDIA,
    COVER_OPEN,
    HOT,
    JAM,
    PAUSED,
    RIBBON_OUT,
    SILENT,
    HUSHED,
    FAULT_COUNT
};
static const char *const fault_names[] = {"media-out",  "wrong-media", "cover-open",
                                          "hot",        "jam",         "paused",
                                          "ribbon-out", "silent",      "hushed"};

struct printer_model;

struct kind {
    const char *name;
    uint16_t vendor, product;
    const char *id;
    // Takes what it understands off the input; false: it must wait before it goes on.
    bool (*step)(struct printer_model *p);
    void (*printed)(struct printer_model *p); // a label came out
    bool is_mute, is_brother, is_escpos;
};

struct printer_model {
    struct usb_model base; // first
    const struct kind *kind;
    bool faults[FAULT_COUNT];
    struct bytes in;                  // not understood yet
    struct bytes job;                 // of the label whose bytes come in
    size_t zeros;                     // brother: just before
    struct bytes held[JOBS_HELD_MAX]; // whole, to be printed
    int held_count;
    int64_t due_ms, now_ms;      // due 0: nothing is printing
    int fault_at_nak;            // FAULT_COUNT: none
    long nak_after, stall_after; // bytes from now; < 0: never
    size_t short_bytes, split_bytes;
    const char *id_form;
    int print_ms, printed, resets, cancels;
    unsigned long taken;
};

static bool has_fault(const struct printer_model *p) {
    for (int i = 0; i < PAUSED; i++) {
        if (p->faults[i] && i != WRONG_MEDIA) {
            return true;
        }
    }
    return p->faults[RIBBON_OUT];
}

static void say(struct printer_model *p, const void *bytes, size_t len) {
    size_t each = p->split_bytes ? p->split_bytes : len;
    if (p->faults[SILENT] || p->kind->is_mute) {
        return;
    }
    for (size_t at = 0; at < len; at += each) {
        size_t n = len - at < each ? len - at : each;
        usb_model_queue(&p->base, IN_EP, (const uint8_t *)bytes + at, n);
    }
}

static void eat(struct printer_model *p, size_t len) {
    memmove(p->in.data, p->in.data + len, p->in.len - len);
    p->in.len -= len;
}

static bool begins(const struct printer_model *p, const void *bytes, size_t len) {
    return p->in.len >= len && memcmp(p->in.data, bytes, len) == 0;
}

// What is on the paper, by the strict readers: NNN.pgm, or NNN.fault with the reason.
static void read_paper(const struct printer_model *p, const struct bytes *label,
                       const char *folder, int number) {
    struct paper paper = {.w = 0};
    char path[512];
    bool is_read =
        p->kind->is_brother  ? paper_read_brother(label->data, label->len, 90, &paper)
        : p->kind->is_escpos ? paper_read_escpos(label->data, label->len, &paper)
                             : paper_read_zpl(label->data, label->len, &paper);
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

static void hold_label(struct printer_model *p) {
    CHECK(p->held_count < JOBS_HELD_MAX);
    p->held[p->held_count++] = p->job;
    p->job = (struct bytes){.data = NULL};
}

static void drop_labels(struct printer_model *p) {
    bytes_clear(&p->job);
    for (int i = 0; i < p->held_count; i++) {
        bytes_finish(&p->held[i]);
    }
    p->held_count = 0;
    p->due_ms = 0;
}

static void on_tick(struct usb_model *m, int64_t mono_ms) {
    struct printer_model *p = (struct printer_model *)m;
    p->now_ms = mono_ms;
    bool can_print = p->held_count > 0 && !has_fault(p) && !p->faults[PAUSED];
    if (can_print && p->due_ms == 0) {
        p->due_ms = mono_ms + p->print_ms;
    } else if (!can_print) {
        p->due_ms = 0;
    } else if (mono_ms >= p->due_ms) {
        put_out(p, &p->held[0]);
        bytes_finish(&p->held[0]);
        memmove(&p->held[0], &p->held[1], (size_t)--p->held_count * sizeof p->held[0]);
        p->due_ms = 0;
        if (p->kind->printed) {
            p->kind->printed(p);
        }
    }
    while (p->in.len > 0 && p->kind->step(p)) {
    }
}

// ---- ZPL

static void zebra_host_status(struct printer_model *p) {
    char text[160];
    bool is_hushed = has_fault(p) && p->faults[HUSHED];
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
    say(p, text, strlen(text));
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
    say(p, text, strlen(text));
}

static bool zebra_command(struct printer_model *p) {
    if (begins(p, "~HS", 3)) {
        eat(p, 3);
        zebra_host_status(p);
    } else if (begins(p, "~HQES", 5)) {
        eat(p, 5);
        zebra_errors(p);
    } else if (begins(p, "~HI", 3)) {
        static const char identity[] = "\x02ZD421-300dpi,V93.21.17Z,12,8176KB,X\x03\r\n";
        eat(p, 3);
        say(p, identity, sizeof identity - 1);
    } else if (begins(p, "~JA", 3)) {
        eat(p, 3);
        p->cancels++;
        drop_labels(p);
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
    bool is_begin = begins(p, "^XA", 3);
    bool is_end = begins(p, "^XZ", 3);
    if (p->in.data[0] == '^' && p->in.len < 3) {
        return false;
    }
    if (is_begin) {
        bytes_clear(&p->job);
    }
    if (is_begin || p->job.len > 0) {
        bytes_add(&p->job, p->in.data, is_end ? 3 : 1);
    }
    eat(p, is_end ? 3 : 1);
    if (is_end && p->job.len > 3) {
        hold_label(p);
    }
    return true;
}

// ---- Brother QL

static void brother_say(struct printer_model *p, uint8_t kind, uint8_t phase) {
    uint8_t s[32] = {0x80, 0x20, 0x42, 0x34, 0x41};
    s[8] = (uint8_t)((p->faults[MEDIA_OUT] ? 1 : 0) | (p->faults[JAM] ? 4 : 0));
    s[9] = (uint8_t)((p->faults[COVER_OPEN] ? 0x10 : 0) | (p->faults[HOT] ? 0x20 : 0));
    s[10] = p->faults[MEDIA_OUT] ? 0 : p->faults[WRONG_MEDIA] ? 29 : 62;
    s[11] = p->faults[MEDIA_OUT] ? 0 : 0x0B;
    s[17] = p->faults[MEDIA_OUT] ? 0 : p->faults[WRONG_MEDIA] ? 90 : 100;
    s[18] = kind;
    s[19] = phase;
    say(p, s, sizeof s);
}

static void brother_printed(struct printer_model *p) {
    brother_say(p, 1, 1);
    brother_say(p, 6, 0);
}

// Length of the command at the input's beginning; 0: not all of it is here.
static size_t brother_len(const struct printer_model *p) {
    static const struct {
        const char *bytes;
        size_t len, total;
    } commands[] = {{"\x1B\x40", 2, 2},      {"\x1B\x69\x53", 3, 3},
                    {"\x1B\x69\x61", 3, 4},  {"\x1B\x69\x21", 3, 4},
                    {"\x1B\x69\x7A", 3, 13}, {"\x1B\x69\x4D", 3, 4},
                    {"\x1B\x69\x41", 3, 4},  {"\x1B\x69\x4B", 3, 4},
                    {"\x1B\x69\x64", 3, 5},  {"\x4D", 1, 2}};
    uint8_t first = p->in.data[0];
    if (first == 0x67 || first == 0x77) {
        size_t len = p->in.len < 3 ? 3 : 3 + (size_t)p->in.data[2];
        return p->in.len >= len ? len : 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (begins(p, commands[i].bytes, commands[i].len)) {
            return p->in.len >= commands[i].total ? commands[i].total : 0;
        }
    }
    return first == 0x1B && p->in.len < 3 ? 0 : 1;
}

static bool brother_step(struct printer_model *p) {
    bool is_status = begins(p, "\x1B\x69\x53", 3);
    bool is_reset = begins(p, "\x1B\x40", 2);
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
    eat(p, len);
    if (is_status) {
        brother_say(p, has_fault(p) ? 2 : 0, 0);
    } else if (first == 0x1A && has_fault(p)) {
        brother_say(p, 2, 0);
        bytes_clear(&p->job);
    } else if (first == 0x1A) {
        brother_say(p, 6, 1);
        hold_label(p);
    }
    return true;
}

// A fault in the midst of a label: it says so and forgets the label.
static void brother_fault(struct printer_model *p) {
    if (p->held_count > 0 && has_fault(p)) {
        drop_labels(p);
        brother_say(p, 2, 0);
    }
}

// ---- ESC/POS

static void escpos_real_time(struct printer_model *p, uint8_t n) {
    bool is_paper_out = p->faults[MEDIA_OUT];
    uint8_t s = 0x12;
    if (n == 1) {
        s |= has_fault(p) || p->faults[PAUSED] ? 0x08 : 0;
    } else if (n == 2) {
        s |= (uint8_t)((p->faults[COVER_OPEN] ? 0x04 : 0) | (is_paper_out ? 0x20 : 0) |
                       (p->faults[JAM] || p->faults[HOT] ? 0x40 : 0));
    } else if (n == 3) {
        s |= (uint8_t)((p->faults[JAM] ? 0x08 : 0) | (p->faults[HOT] ? 0x40 : 0));
    } else if (n == 4) {
        s |= is_paper_out ? 0x60 : 0;
    }
    say(p, &s, 1);
}

static size_t escpos_len(const struct printer_model *p) {
    static const struct {
        const char *bytes;
        size_t len, total;
    } commands[] = {{"\x1B\x40", 2, 2}, {"\x1B\x4A", 2, 3}, {"\x1D\x56", 2, 4},
                    {"\x10\x04", 2, 3}, {"\x10\x05", 2, 3}, {"\x1D\x72", 2, 3},
                    {"\x1D\x61", 2, 3}, {"\x1D\x49", 2, 3}, {"\x1D\x28\x48", 3, 11},
                    {"\x1B\x33", 2, 3}, {"\x1B\x61", 2, 3}, {"\x1D\x4C", 2, 4},
                    {"\x1D\x57", 2, 4}, {"\x1B\x32", 2, 2}, {"\x10\x14", 2, 10}};
    if (begins(p, "\x1D\x76\x30", 3)) {
        const uint8_t *d = p->in.data;
        size_t len = p->in.len < 8
                         ? 8
                         : 8 + (size_t)(d[4] | d[5] << 8) * (size_t)(d[6] | d[7] << 8);
        return p->in.len >= len ? len : 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (begins(p, commands[i].bytes, commands[i].len)) {
            return p->in.len >= commands[i].total ? commands[i].total : 0;
        }
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
        eat(p, len);
        if (is_question) {
            escpos_real_time(p, n);
        }
        return true;
    }
    if (has_fault(p) || p->faults[PAUSED] || p->held_count > 0) {
        return false;
    }
    bool is_cut = begins(p, "\x1D\x56", 2);
    bool is_paper_question = begins(p, "\x1D\x72", 2);
    bool is_mark = begins(p, "\x1D\x28\x48", 3);
    uint8_t mark[7] = {0x37, 0x22};
    if (is_mark) {
        memcpy(mark + 2, p->in.data + 7, 4);
    }
    if (!is_paper_question && !is_mark) {
        bytes_add(&p->job, p->in.data, len);
    }
    eat(p, len);
    if (is_cut) {
        hold_label(p);
    } else if (is_paper_question) {
        say(p, "\0", 1);
    } else if (is_mark) {
        say(p, mark, sizeof mark);
    }
    return true;
}

// ---- all

// The real-time commands that stand behind something else are found by a printer's eyes.
static void escpos_peek(struct printer_model *p) {
    bool is_still = has_fault(p) || p->faults[PAUSED] || p->held_count > 0;
    for (size_t i = 0; is_still && i + 2 < p->in.len; i++) {
        if (p->in.data[i] == 0x10 && p->in.data[i + 1] == 4 && p->in.data[i + 2] <= 4) {
            escpos_real_time(p, p->in.data[i + 2]);
            memmove(p->in.data + i, p->in.data + i + 3, p->in.len - i - 3);
            p->in.len -= 3;
        }
    }
}

static int on_out(struct usb_model *m, uint8_t ep, const uint8_t *data, size_t len) {
    struct printer_model *p = (struct printer_model *)m;
    (void)ep;
    size_t n = p->short_bytes && p->short_bytes < len ? p->short_bytes : len;
    if (p->nak_after == 0) {
        return -EAGAIN;
    }
    if (p->stall_after == 0) {
        p->stall_after = -1;
        usb_model_halt(m, OUT_EP);
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
    while (p->in.len > 0 && p->kind->step(p)) {
    }
    if (p->kind->step == escpos_step) {
        escpos_peek(p);
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
        data[0] = (uint8_t)((p->faults[MEDIA_OUT] ? 0x20 : 0) |
                            (p->faults[PAUSED] ? 0 : 0x10) | (has_fault(p) ? 0 : 0x08));
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
            if (p->kind->step == brother_step) {
                brother_fault(p);
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
        say(p, "\x80 stale", 7);
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
    drop_labels(p);
    bytes_finish(&p->in);
    bytes_finish(&p->job);
    mem_free(p);
}

static const struct kind kinds[] = {
    {"zebra", 0x0a5f, 0x0166,
     "MFG:Zebra Technologies;CMD:ZPL;MDL:ZTC ZD421-300dpi ZPL;CLS:PRINTER;SN:D2J1;",
     zebra_step, NULL, false, false, false},
    {"mute", 0x0a5f, 0x0081, "MFG:Zebra;CMD:ZPL;MDL:GK420d;CLS:PRINTER;", zebra_step,
     NULL, true, false, false},
    {"brother", 0x04f9, 0x209d, "MFG:Brother;CMD:PT-CBP;MDL:QL-820NWB;CLS:PRINTER;",
     brother_step, brother_printed, false, true, false},
    {"escpos", 0x04b8, 0x0202, "MFG:EPSON;CMD:ESC/POS;MDL:TM-L90;CLS:PRINTER;",
     escpos_step, NULL, false, false, true},
};

struct usb_model *usb_printer_create(const char *kind, const char *serial,
                                     uint16_t vendor, uint16_t product) {
    const struct kind *k = NULL;
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
    struct usb_interface face = {.class = 7,
                                 .subclass = 1,
                                 .protocol = k->is_mute ? 1 : 2,
                                 .endpoints = {{OUT_EP, 2, 64, 0}, {IN_EP, 2, 64, 0}},
                                 .endpoint_count = k->is_mute ? 1 : 2};
    usb_model_describe(&p->base, vendor ? vendor : k->vendor,
                       product ? product : k->product, &face, 1);
    return &p->base;
}

#include "tests/support/usb_scanners.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/base/mem.h"

enum { SCAN_MAX = 8192, REPORT_MAX = 64, KEYBOARD_EP = 0x81, POS_EP = 0x82 };

// ---- descriptors ---------------------------------------------------------------------------

#define POS_BEGIN 0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x12, 0xA1, 0x02
#define POS_ID 0x85, 0x02
#define POS_COUNT                                                                       \
    0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x01, 0x05, 0x01, 0x09, 0x3B, 0x81, \
        0x02
#define POS_AIM 0x05, 0x8C, 0x95, 0x03, 0x09, 0xFB, 0x09, 0xFC, 0x09, 0xFD, 0x81, 0x02
#define POS_DATA(n) 0x05, 0x8C, 0x95, n, 0x09, 0xFE, 0x82, 0x02, 0x01
#define POS_CONST(n) 0x95, n, 0x81, 0x03
#define POS_MORE \
    0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x09, 0xFF, 0x81, 0x02, 0x75, 0x07, 0x81, 0x03
#define POS_END 0xC0, 0xC0

static const uint8_t report_a[] = {POS_BEGIN,      POS_ID,       POS_COUNT, POS_AIM,
                                   POS_DATA(0x38), POS_CONST(2), POS_MORE,  POS_END};
static const uint8_t report_a1[] = {POS_BEGIN,    POS_ID,   POS_COUNT,
                                    POS_CONST(1), POS_AIM,  POS_DATA(0x37),
                                    POS_CONST(2), POS_MORE, POS_END};
static const uint8_t report_b[] = {POS_BEGIN,    POS_ID,   POS_COUNT, POS_DATA(0x38),
                                   POS_CONST(5), POS_MORE, POS_END};
static const uint8_t report_noid[] = {POS_BEGIN,    POS_COUNT, POS_AIM, POS_DATA(0x38),
                                      POS_CONST(2), POS_MORE,  POS_END};
// Feature 0xFE (wake-up), feature 0x06 (settings, 20 bytes), output 0x04 (commands) first.
static const uint8_t report_wake[] = {
    0x05,    0x8C,           0x09,         0x02,     0xA1,   0x01, 0x06,   0x8C,
    0xFF,    0x15,           0x00,         0x26,     0xFF,   0x00, 0x75,   0x08,
    0x85,    0xFE,           0x95,         0x01,     0x09,   0x01, 0xB1,   0x02,
    0x85,    0x06,           0x95,         0x14,     0x09,   0x02, 0xB1,   0x02,
    0x85,    0x04,           0x95,         0x3F,     0x09,   0x03, 0x91,   0x02,
    0x05,    0x8C,           0x09,         0x12,     0xA1,   0x02, POS_ID, POS_COUNT,
    POS_AIM, POS_DATA(0x38), POS_CONST(2), POS_MORE, POS_END};
static const uint8_t report_vendor[] = {0x06, 0x8C, 0xFF, 0x09, 0x02, 0xA1, 0x01, 0x85,
                                        0x02, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08,
                                        0x95, 0x3F, 0x09, 0xFE, 0x81, 0x02, 0xC0};
static const uint8_t report_keyboard[] = {
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15,
    0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08,
    0x81, 0x03, 0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91,
    0x02, 0x95, 0x01, 0x75, 0x03, 0x91, 0x03, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00,
    0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xC0};
static const uint8_t report_mouse[] = {
    0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x01, 0xA1, 0x00, 0x05, 0x09, 0x19,
    0x01, 0x29, 0x03, 0x15, 0x00, 0x25, 0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02,
    0x95, 0x01, 0x75, 0x05, 0x81, 0x03, 0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15,
    0x81, 0x25, 0x7F, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06, 0xC0, 0xC0};

// Where a POS report has what; 0 in aim: none. Byte offsets of the whole report.
struct pos {
    const uint8_t *report;
    size_t report_len;
    uint8_t id; // 0: none
    uint8_t count, aim, data, data_len, more, len;
};

static const struct pos pos_a = {report_a, sizeof report_a, 2, 1, 2, 5, 56, 63, 64};
static const struct pos pos_a1 = {report_a1, sizeof report_a1, 2, 1, 3, 6, 55, 63, 64};
static const struct pos pos_b = {report_b, sizeof report_b, 2, 1, 0, 2, 56, 63, 64};
static const struct pos pos_noid = {report_noid, sizeof report_noid, 0, 0, 1, 4, 56, 62,
                                    63};
static const struct pos pos_wake = {report_wake, sizeof report_wake, 2, 1, 2, 5, 56, 63,
                                    64};

struct kind {
    const char *name;
    uint16_t vendor, product;
    const struct pos *pos;
    const uint8_t *first; // another HID interface before it, number 0
    size_t first_len;
    uint8_t first_subclass, first_protocol;
    bool needs_wake;
    uint8_t other_class; // no HID device: 8 disk, 9 hub
};

#define KEYBOARD report_keyboard, sizeof report_keyboard, 1, 1

static const struct kind kinds[] = {
    {"pos-a", 0x0c2e, 0x0b87, &pos_a, NULL, 0, 0, 0, false, 0},
    {"pos-a1", 0x0c2e, 0x0b88, &pos_a1, NULL, 0, 0, 0, false, 0},
    {"pos-b", 0x1eab, 0x0310, &pos_b, NULL, 0, 0, 0, false, 0},
    {"pos-noid", 0x2dd6, 0x2141, &pos_noid, NULL, 0, 0, 0, false, 0},
    {"pos-wake", 0x23d0, 0x0c87, &pos_wake, NULL, 0, 0, 0, true, 0},
    {"decoy", 0x0c2e, 0x0b90, &pos_a, report_vendor, sizeof report_vendor, 0, 0, false,
     0},
    {"composite", 0x05f9, 0x2203, &pos_a, KEYBOARD, false, 0},
    {"keyboard", 0x05e0, 0x1200, NULL, KEYBOARD, false, 0},
    {"mouse", 0x046d, 0xc077, NULL, report_mouse, sizeof report_mouse, 1, 2, false, 0},
    {"hub", 0x05e3, 0x0608, NULL, NULL, 0, 0, 0, false, 9},
    {"disk", 0x0781, 0x5567, NULL, NULL, 0, 0, 0, false, 8},
};

struct scanner_model {
    struct usb_model base;
    const struct kind *kind;
    int protocol, idle; // -1: never set
    bool is_awake;
    int lost;
};

// ---- reports -------------------------------------------------------------------------------

// Queues reports from..to-1 of the code.
static void queue_pos(struct scanner_model *s, const uint8_t *code, size_t len, long from,
                      long to) {
    const struct pos *p = s->kind->pos;
    size_t at = 0;
    long n = 0;
    do {
        uint8_t report[REPORT_MAX] = {0};
        size_t part = len - at < p->data_len ? len - at : p->data_len;
        if (p->id) {
            report[0] = p->id;
        }
        report[p->count] = (uint8_t)part;
        if (p->aim) {
            memcpy(report + p->aim, "]Q1", 3);
        }
        memcpy(report + p->data, code + at, part);
        at += part;
        report[p->more] = at < len;
        if (n >= from && n < to) {
            usb_model_queue(&s->base, POS_EP, report, p->len);
        }
        n++;
    } while (at < len);
}

// US positions: usage of each character, 0x80 = with Shift.
static uint8_t key_of(uint8_t c) {
    static const char plain[] = "1234567890\n\x1b\b\t -=[]\\\0;'`,./";
    static const char shifted[] = "!@#$%^&*()\0\0\0\0\0_+{}|\0:\"~<>?";
    if (c >= 'a' && c <= 'z') {
        return (uint8_t)(4 + c - 'a');
    }
    if (c >= 'A' && c <= 'Z') {
        return (uint8_t)(0x80 | (4 + c - 'A'));
    }
    const char *at = c ? memchr(plain, c, sizeof plain - 1) : NULL;
    if (at) {
        return (uint8_t)(0x1e + (at - plain));
    }
    at = c ? memchr(shifted, c, sizeof shifted - 1) : NULL;
    return at ? (uint8_t)(0x80 | (0x1e + (at - shifted))) : 0;
}

static void queue_keys(struct scanner_model *s, const uint8_t *code, size_t len,
                       long from, long to) {
    static const uint8_t none[8];
    for (size_t i = 0; i < len; i++) {
        uint8_t key = key_of(code[i]);
        uint8_t report[8] = {key & 0x80 ? 2 : 0, 0, key & 0x7f};
        if (!key && code[i] < 0x20) { // GS and its like are typed as Ctrl+]
            report[0] = 1;
            report[2] = key_of((uint8_t)(code[i] + 0x40) | 0x20) & 0x7f;
            report[2] = code[i] == 0x1d ? key_of(']') : report[2];
        }
        if ((long)i >= from && (long)i < to) {
            usb_model_queue(&s->base, KEYBOARD_EP, report, sizeof report);
            usb_model_queue(&s->base, KEYBOARD_EP, none, sizeof none);
        }
    }
}

static int hex_digit(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

// \xNN and the rest as it is.
static size_t unescape(const char *text, uint8_t *out, size_t room) {
    size_t len = 0;
    for (const char *c = text; *c && len < room; c++) {
        bool is_hex =
            c[0] == '\\' && c[1] == 'x' && hex_digit(c[2]) >= 0 && hex_digit(c[3]) >= 0;
        if (is_hex) {
            out[len++] = (uint8_t)(hex_digit(c[2]) * 16 + hex_digit(c[3]));
            c += 3;
        } else {
            out[len++] = (uint8_t)*c;
        }
    }
    return len;
}

static void scan(struct scanner_model *s, const char *text, long from, long to) {
    uint8_t code[SCAN_MAX];
    size_t len = unescape(text, code, sizeof code - 1);
    if (s->kind->needs_wake && !s->is_awake) {
        s->lost++;
    } else if (s->kind->pos) {
        queue_pos(s, code, len, from, to);
    } else {
        code[len++] = '\n';
        queue_keys(s, code, len, from, to);
    }
}

static bool on_command(struct usb_model *m, char *words, char *reply, size_t reply_size) {
    struct scanner_model *s = (struct scanner_model *)m;
    reply[0] = '\0';
    if (strncmp(words, "scan ", 5) == 0) {
        scan(s, words + 5, 0, SCAN_MAX);
        return true;
    }
    if (strncmp(words, "part ", 5) == 0) {
        char *end;
        long from = strtol(words + 5, &end, 10);
        long to = strtol(end, &end, 10);
        scan(s, end + (*end == ' '), from, to);
        return true;
    }
    if (strncmp(words, "key ", 4) == 0) {
        uint8_t code[SCAN_MAX];
        queue_keys(s, code, unescape(words + 4, code, sizeof code), 0, SCAN_MAX);
        return true;
    }
    if (strcmp(words, "state") == 0) {
        snprintf(reply, reply_size, "protocol=%d idle=%d awake=%d lost=%d", s->protocol,
                 s->idle, s->is_awake, s->lost);
        return true;
    }
    snprintf(reply, reply_size, "a scanner does not know \"%.40s\"", words);
    return false;
}

// HID class requests of an interface.
static int on_control(struct usb_model *m, const uint8_t setup[8], uint8_t *data,
                      size_t len) {
    struct scanner_model *s = (struct scanner_model *)m;
    bool is_keyboard = s->kind->first_protocol == 1 && setup[4] == 0;
    if (setup[0] != 0x21) {
        return -ENOSYS;
    }
    switch (setup[1]) {
    case 0x0A: // SET_IDLE; a POS interface stalls it, as many do
        s->idle = is_keyboard ? setup[3] : s->idle;
        return is_keyboard ? 0 : -EPIPE;
    case 0x0B: // SET_PROTOCOL
        s->protocol = is_keyboard ? setup[2] : s->protocol;
        return is_keyboard ? 0 : -EPIPE;
    case 0x09: // SET_REPORT
        if (!s->kind->needs_wake || setup[3] != 3 || setup[2] != 0xFE) {
            return -EPIPE;
        }
        s->is_awake = len == 2 && data[0] == 0xFE && data[1] == 1;
        return (int)len;
    default:
        return -ENOSYS;
    }
}

static void describe(struct scanner_model *s, uint16_t vendor, uint16_t product) {
    const struct kind *k = s->kind;
    struct usb_interface interfaces[2];
    int count = 0;
    if (k->first) {
        s->base.reports[count] = k->first;
        s->base.report_lens[count] = k->first_len;
        uint16_t packet = k->first_protocol == 1 ? 8 : 64;
        interfaces[count++] =
            (struct usb_interface){.class = 3,
                                   .subclass = k->first_subclass,
                                   .protocol = k->first_protocol,
                                   .report_len = (uint16_t)k->first_len,
                                   .endpoints = {{KEYBOARD_EP, 3, packet, 10}},
                                   .endpoint_count = 1};
    }
    if (k->pos || k->other_class) {
        uint16_t report_len = k->pos ? (uint16_t)k->pos->report_len : 0;
        s->base.reports[count] = k->pos ? k->pos->report : NULL;
        s->base.report_lens[count] = report_len;
        interfaces[count] = (struct usb_interface){
            .number = (uint8_t)count,
            .class = k->other_class ? k->other_class : 3,
            .report_len = report_len,
            .endpoints = {{POS_EP, k->other_class == 8 ? 2 : 3, 64, 4}},
            .endpoint_count = 1};
        count++;
    }
    usb_model_describe(&s->base, vendor ? vendor : k->vendor,
                       product ? product : k->product, interfaces, count);
    s->base.descriptors[4] = k->other_class == 9 ? 9 : 0;
}

struct usb_model *usb_scanner_create(const char *kind, const char *serial,
                                     uint16_t vendor, uint16_t product) {
    const struct kind *k = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !k; i++) {
        k = strcmp(kinds[i].name, kind) == 0 ? &kinds[i] : NULL;
    }
    if (!k) {
        return NULL;
    }
    struct scanner_model *s = mem_alloc(1, sizeof *s);
    s->kind = k;
    s->protocol = s->idle = -1;
    s->base.control = on_control;
    s->base.command = on_command;
    snprintf(s->base.strings[0], sizeof s->base.strings[0], "Foyer tests");
    snprintf(s->base.strings[1], sizeof s->base.strings[1], "Emulated %s", kind);
    snprintf(s->base.strings[2], sizeof s->base.strings[2], "%s", serial);
    describe(s, vendor, product);
    return &s->base;
}

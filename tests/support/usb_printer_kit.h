// What the emulated badge printers of every language share: one label at a time comes in, whole
// ones are held until they are printed, faults keep them. A language (usb_printer_zpl.h and its
// like) takes bytes off `in` and answers; usb_printers.c lays the cable and takes the commands.
// Under the transport's lock, like every usb_model.
#ifndef TESTS_SUPPORT_USB_PRINTER_KIT_H
#define TESTS_SUPPORT_USB_PRINTER_KIT_H

#include "sync/base/bytes.h"
#include "tests/support/paper.h"
#include "tests/support/usb_model.h"

enum { PRINTER_OUT_EP = 0x01, PRINTER_IN_EP = 0x82, PRINTER_HELD_MAX = 8 };

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

struct printer_model;

struct printer_language {
    // Takes what it understands off the input; false: it must wait before it goes on.
    bool (*step)(struct printer_model *p);
    // A strict reader's view of one label.
    bool (*read)(const uint8_t *data, size_t len, struct paper *out);
    // NULL: nothing. A label came out; a fault was set or cleared; bytes came in.
    void (*printed)(struct printer_model *p);
    void (*faulted)(struct printer_model *p);
    void (*peek)(struct printer_model *p);
};

struct printer_kind {
    const char *name;
    uint16_t vendor, product;
    const char *id;
    const struct printer_language *language;
    const char *identity; // ZPL: the answer to ~HI
    bool is_mute;         // one way only
};

struct printer_model {
    struct usb_model base; // first
    const struct printer_kind *kind;
    bool faults[FAULT_COUNT];
    struct bytes in;                     // not understood yet
    struct bytes job;                    // of the label whose bytes come in
    size_t zeros;                        // brother: just before
    struct bytes held[PRINTER_HELD_MAX]; // whole, to be printed
    int held_count;
    int64_t due_ms, now_ms;      // due 0: nothing is printing
    int fault_at_nak;            // FAULT_COUNT: none
    long nak_after, stall_after; // bytes from now; < 0: never
    size_t short_bytes, split_bytes;
    const char *id_form;
    int print_ms, printed, resets, cancels;
    unsigned long taken;
};

bool printer_has_fault(
    const struct printer_model *p); // of those that keep it from printing
// Queues an answer, in pieces when it was told to; a silent or mute printer's is lost.
void printer_say(struct printer_model *p, const void *bytes, size_t len);
// The input's beginning.
bool printer_begins(const struct printer_model *p, const void *bytes, size_t len);
void printer_eat(struct printer_model *p, size_t len);
// A command by its first bytes, and its whole length.
struct printer_command {
    const char *bytes;
    size_t len, total;
};
// Its length when all of it is here; 0: not yet; SIZE_MAX: none of these.
size_t printer_command_len(const struct printer_model *p, const struct printer_command *c,
                           size_t count);
// The label in `job` is whole: held until it is printed.
void printer_hold_label(struct printer_model *p);
void printer_drop_labels(struct printer_model *p);

#endif

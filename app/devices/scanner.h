// Scanners: where codes come from, real or pretended. The program starts one by its option
// `--scanner`; each runs on its own thread and does nothing but post what was read.
// Order of life: start, stop, join. Called by the main thread only.
#ifndef APP_DEVICES_SCANNER_H
#define APP_DEVICES_SCANNER_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One more than the longest code there is, so that a longer one shows itself as too long.
enum { SCAN_BYTES_MAX = 4097, SCAN_SOURCE_SIZE = 16 };

// One code as the device gave it: cleaning and judging it is not the scanner's business.
struct scan {
    uint8_t bytes[SCAN_BYTES_MAX]; // may hold any value, NUL included
    size_t len;                    // 1..SCAN_BYTES_MAX
    uint64_t mono_ms;              // when its last byte arrived, by clock_mono_ms
    char source[SCAN_SOURCE_SIZE]; // "fifo", "usb 1-1.4"
};

// Called on the scanner's thread; scan is borrowed for the call. It must only copy the scan
// into a bounded inbox and wake its reader.
typedef void scan_post(void *context, const struct scan *scan);

struct scanner;

enum { SCANNERS_MAX = 8, SCANNER_TEXT_SIZE = 64, SCANNER_PORT_SIZE = 32 };

// One scanning device, as the desk's screen and the self test show it.
struct scanner_health {
    char port[SCANNER_PORT_SIZE];   // "1-1.4": where it is plugged
    char name[SCANNER_TEXT_SIZE];   // as it calls itself, may be ""
    char serial[SCANNER_TEXT_SIZE]; // may be ""
    uint16_t vendor, product;
    bool is_here;        // plugged and read; else it was
    bool is_keyboard;    // it types: no HID POS interface
    bool has_changed;    // it came back as another kind of device than it was
    uint64_t since_mono; // ms; of is_here
    uint64_t scans;      // posted
    uint64_t lost;       // codes that came in part or made no sense, refused
    uint64_t repeats;    // dropped: the same code again at once
    uint64_t errors;     // failed transfers
    uint64_t comings;    // how often it was plugged
};

// A kind of scanner: a row of the table in scanner.c.
struct scanner_kind {
    const char *scheme; // the word before the colon in `--scanner`
    const char *usage;  // "fifo:PATH"
    // place: what stands after the colon; with has_options, after the word. post and context are kept until join.
    enum err (*start)(const char *place, scan_post *post, void *context,
                      struct scanner **out_scanner);
    void (*stop)(struct scanner *scanner); // asks the thread to end; does not wait
    void (*join)(struct scanner *scanner); // waits for it and frees everything
    size_t (*look)(struct scanner *scanner, struct scanner_health *out, size_t room);
    bool has_options; // "usb,keep=…": options may follow without a colon
};

// The first member of every scanner's own struct.
struct scanner {
    const struct scanner_kind *kind;
};

// spec: "none", "fifo:PATH" or "usb[,…]" (scanner_usb.h). ERR_INPUT: no such kind, or the place is unusable; ERR_IO: the
// device does not open. Both are logged with what to do.
MUST_CHECK enum err scanner_start(const char *spec, scan_post *post, void *context,
                                  struct scanner **out_scanner);
void scanner_stop(struct scanner *scanner); // NULL is fine; may be called twice
// Waits for the thread and frees the scanner: no post happens afterwards. NULL is fine.
void scanner_join(struct scanner *scanner);
// The devices behind it, gone ones included; returns how many were written (room at most).
// None for NULL and for kinds that know nothing.
size_t scanner_look(struct scanner *scanner, struct scanner_health *out, size_t room);

#endif

// HID report descriptors: what an interface is and where in its reports things are.
// Pure; any thread. The bytes come from the device and are trusted in nothing: every
// length, count and depth is bounded.
// Sources: USB HID 1.11, 6.2.2; HID Usage Tables (keyboard page 07); HID Point of Sale
// Usage Tables 1.02 (page 8C).
#ifndef APP_DEVICES_HID_REPORT_H
#define APP_DEVICES_HID_REPORT_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HID_DESCRIPTOR_BYTES_MAX = 4096,
    HID_REPORT_BYTES_MAX =
        1024,            // one high-speed packet; longer input reports are refused
    HID_REPORTS_MAX = 4, // of each sort; further ones are ignored
    HID_WAKE_REPORT_ID = 0xFE
};

enum hid_kind {
    HID_OTHER,    // no scanner: mouse, consumer control, vendor page (also 0xFF8C)
    HID_POS,      // bar code scanner (8C/02) with a scanned-data report
    HID_KEYBOARD, // keyboard (01/06): a scanner in its factory state, or a real keyboard
};

// Where a field lies: `count` values of `bits` bits each, from bit `at` of the report as it
// comes from the endpoint (its id byte included). count 0: the report has no such field.
struct hid_span {
    uint16_t at, bits, count;
};

// A scanned-data report.
struct hid_pos_report {
    uint8_t id;             // 0: reports of this interface have no id byte
    uint16_t bytes;         // whole report, id byte included
    struct hid_span length; // 01/3B Byte Count: how many bytes of data are valid
    struct hid_span aim[3]; // 8C/FB, FC, FD: AIM symbology id, "]Q1"
    struct hid_span data;   // 8C/FE, always of 8 bits
    struct hid_span more;   // 8C/FF: bit 0 set when the next report goes on
};

// A key report.
struct hid_key_report {
    uint8_t id;
    uint16_t bytes;
    struct hid_span modifiers[8]; // E0..E7: LCtrl LShift LAlt LGUI RCtrl RShift RAlt RGUI
    struct hid_span array;        // pressed keys by number
    uint16_t array_key;           // the key that array value `array_min` stands for
    int32_t array_min;            // logical minimum; values below mean no key
    struct hid_span bitmap;       // or one bit a key (bits is 1)
    uint16_t bitmap_key;          // the key of the first bit
};

struct hid_layout {
    enum hid_kind kind;
    size_t pos_count, key_count; // an interface may have both: kind is then HID_POS
    struct hid_pos_report pos[HID_REPORTS_MAX];
    struct hid_key_report key[HID_REPORTS_MAX];
    bool has_ids; // the first byte of every report is its id
    // Feature report 0xFE exists: SET_REPORT(feature, 0xFE) with the bytes FE 01 wakes
    // Honeywell and Youjie scanners; a STALL to it is harmless.
    bool has_wake;
};

// out is zeroed first. ERR_INPUT: an item cut short, unbalanced collections, push or pop,
// report id 0; ERR_LIMIT: too long, too deep, an input report over HID_REPORT_BYTES_MAX.
// On failure out is all zero: HID_OTHER.
MUST_CHECK enum err hid_report_parse(const uint8_t *descriptor, size_t len,
                                     struct hid_layout *out);

// The layout of the boot protocol (03/01/01 after SET_PROTOCOL(0)): eight bytes, no id,
// whatever the descriptor says. Do not set the boot protocol on an interface that is
// HID_POS by its descriptor.
void hid_report_boot_layout(struct hid_layout *out);

// Value `index` of the span, as an unsigned number. index < count. False: the report is
// too short for it.
bool hid_report_get(const uint8_t *report, size_t len, const struct hid_span *span,
                    size_t index, uint32_t *out);

#endif

// HID POS: scanned-data reports, one or many, to the bytes of one code. Pure; the caller's
// thread. Layouts differ between makers (with AIM id or without, with report id or without):
// only the descriptor says where things are.
#ifndef APP_DEVICES_HID_POS_H
#define APP_DEVICES_HID_POS_H

#include "app/devices/hid_report.h"
#include "app/devices/scan_refusal.h"
#include "app/devices/scanner.h"

enum {
    HID_POS_SILENCE_MS = 1000, // a half code is given up after this
    // After a damaged part the rest of its code may follow: all that comes without such a
    // pause belongs to it.
    HID_POS_DAMAGED_MS = 250
};

enum hid_pos_event {
    HID_POS_NOTHING, // more to come, or nothing in it
    HID_POS_CODE,    // bytes, len and aim hold a whole code
    HID_POS_REFUSED  // why says what was dropped
};

// All zero is a fresh one.
struct hid_pos {
    uint8_t bytes[SCAN_BYTES_MAX];
    size_t len;   // what is beyond SCAN_BYTES_MAX is dropped: the code shows as too long
    char aim[4];  // "]Q1" or empty
    bool is_open; // parts came, the last did not
    bool is_damaged;
    uint64_t last_ms;
    enum scan_refusal why;
};

// r: the layout of this report. Call hid_pos_expire(mono_ms) before it.
enum hid_pos_event hid_pos_take(struct hid_pos *p, const struct hid_pos_report *r,
                                const uint8_t *report, size_t len, uint64_t mono_ms);
uint64_t hid_pos_deadline_ms(const struct hid_pos *p); // UINT64_MAX: none
enum hid_pos_event hid_pos_expire(struct hid_pos *p, uint64_t now_ms);
enum hid_pos_event hid_pos_break(struct hid_pos *p, uint64_t now_ms);

#endif

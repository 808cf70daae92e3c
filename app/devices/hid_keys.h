// Keyboard mode: key reports to strokes, strokes to the bytes of a code by the layout that
// the scanner is set to. Pure; the caller's thread.
// Understood: Shift, AltGr (right Alt, or left Ctrl with left Alt), dead keys, Caps Lock when
// the scanner presses it, Ctrl with a key (control characters such as GS), Alt codes (left
// Alt held, digits of the keypad). Anything else refuses the code: a character that is
// silently left out would make another code of it.
#ifndef APP_DEVICES_HID_KEYS_H
#define APP_DEVICES_HID_KEYS_H

#include "app/devices/hid_report.h"
#include "app/devices/keyboard_layout.h"
#include "app/devices/scan_refusal.h"
#include "app/devices/scanner.h"

enum {
    HID_KEYS_GAP_MS = 80,   // silence of this length ends a code
    HID_KEYS_STROKES = 260, // at most in one report
    HID_KEYS_KEPT = 512,    // strokes of a code that are kept for finding the layout
};

// "Keys" of strokes that are none.
enum {
    HID_KEY_LEFT_ALT_UP = 0, // ends an Alt code
    HID_KEY_LOST = 1,        // the device lost keys
    HID_KEY_SHORT = 3        // the report was cut short
};

// Bits of a stroke's modifiers, as in the boot report.
enum {
    HID_LEFT_CTRL = 1,
    HID_LEFT_SHIFT = 2,
    HID_LEFT_ALT = 4,
    HID_LEFT_GUI = 8,
    HID_RIGHT_CTRL = 16,
    HID_RIGHT_SHIFT = 32,
    HID_RIGHT_ALT = 64,
    HID_RIGHT_GUI = 128
};

struct hid_stroke {
    uint8_t key, modifiers;
};

enum hid_keys_event {
    HID_KEYS_NOTHING,
    HID_KEYS_CODE,   // bytes and len (its suffix included) and strokes hold a code
    HID_KEYS_REFUSED // why says what was dropped
};

// Set layout, suffix and gap_ms of a zeroed one; the rest is state.
struct hid_keys {
    const struct keyboard_layout *layout;
    // A code ends when its bytes end in this. NULL: at Enter. "": only by the gap; Enter is
    // then a CR of the code.
    const char *suffix;
    uint32_t gap_ms;

    uint8_t down[32]; // one bit a key, of the last report
    uint8_t modifiers;
    uint8_t bytes[SCAN_BYTES_MAX];
    size_t len; // what is beyond SCAN_BYTES_MAX is dropped
    struct hid_stroke strokes[HID_KEYS_KEPT];
    size_t strokes_count; // may be larger than what is kept
    bool is_open, is_ended, is_muted, has_caps;
    uint32_t dead, alt_value, alt_digits;
    uint64_t last_ms;
    enum scan_refusal why;
};

// The keys that went down with this report; returns how many. Call hid_keys_expire(now)
// before it, and hid_keys_press for each.
size_t hid_keys_read(struct hid_keys *k, const struct hid_key_report *r,
                     const uint8_t *report, size_t len,
                     struct hid_stroke out[HID_KEYS_STROKES]);
enum hid_keys_event hid_keys_press(struct hid_keys *k, struct hid_stroke stroke,
                                   uint64_t mono_ms);
uint64_t hid_keys_deadline_ms(const struct hid_keys *k); // UINT64_MAX: none
enum hid_keys_event hid_keys_expire(struct hid_keys *k, uint64_t now_ms);
enum hid_keys_event hid_keys_break(struct hid_keys *k, uint64_t now_ms);

#endif

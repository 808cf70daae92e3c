// From HID reports to scans, the same for both modes of a scanner: HID POS (bytes with a
// length) and keyboard (positions of keys). One decoder for each claimed interface, used by
// the thread that owns the device. No clock, no I/O: time is a parameter.
#ifndef APP_DEVICES_HID_DECODER_H
#define APP_DEVICES_HID_DECODER_H

#include "app/devices/hid_keys.h"
#include "app/devices/hid_pos.h"
#include "app/devices/hid_report.h"
#include "app/devices/scan_refusal.h"
#include "app/devices/scanner.h"

// How the scanner is set up. All zero is the factory state of nearly every scanner.
struct hid_settings {
    bool
        has_aim_prefix; // data begins with the AIM id ("]Q1"), an option of most scanners
    // Taken off the end, in keyboard mode also where a code ends. NULL: one CR, LF, CR LF or
    // TAB if there is one, and a code ends at Enter. "": nothing; a code ends by the gap.
    const char *suffix;                   // borrowed, as long as the decoder lives
    const char *prefix;                   // borrowed; must begin every code. NULL: none
    const struct keyboard_layout *layout; // what the scanner is set to. NULL: US
    uint32_t gap_ms;                      // keyboard mode: 0 for HID_KEYS_GAP_MS
};

// post is as in scanner.h; scan.source is left empty for its owner to fill in a copy.
// refuse: something was sent and dropped; refuse may be NULL.
struct hid_sink {
    scan_post *post;
    void (*refuse)(void *context, enum scan_refusal why);
    void *context;
};

// keys.strokes and keys.strokes_count are valid in post and refuse of a keyboard code.
struct hid_decoder {
    struct hid_layout layout;
    struct hid_settings settings;
    struct hid_sink sink;
    struct hid_pos pos;
    struct hid_keys keys;
    struct scan scan;
    uint64_t scans, refused[SCAN_REFUSED_COUNT]; // since init
};

// layout and settings are copied. No finish: the decoder owns nothing.
void hid_decoder_init(struct hid_decoder *d, const struct hid_layout *layout,
                      const struct hid_settings *settings, const struct hid_sink *sink);

// One report as the endpoint gave it. Calls post or refuse before it returns.
void hid_decoder_take(struct hid_decoder *d, const uint8_t *report, size_t len,
                      uint64_t mono_ms);

// When to call hid_decoder_expire; UINT64_MAX: nothing is under way.
uint64_t hid_decoder_deadline_ms(const struct hid_decoder *d);
// Ends what silence ends: keyboard codes are complete, half POS messages are dropped.
// Nothing happens before the deadline. now_ms: a time since when all that had come by then
// was taken; a thread that was held up has heard no silence.
void hid_decoder_expire(struct hid_decoder *d, uint64_t now_ms);

// Reports may have been lost (STALL, ERROR) or the device has left: a code in the middle
// is refused, and so is its rest when it still comes. Nothing happens between codes.
void hid_decoder_break(struct hid_decoder *d, uint64_t now_ms);

#endif

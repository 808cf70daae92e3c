// Scanners as their makers' manuals describe them: a code in, the reports on the wire out.
// Offsets are written down here by hand and keys come from xkeyboard-config, so that a
// mistake in the product's parser or tables does not repeat itself. Values only.
#ifndef TESTS_SUPPORT_SCANNER_MODEL_H
#define TESTS_SUPPORT_SCANNER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sync/base/bytes.h"

// A scanner in HID POS mode. The table ends with name NULL.
struct scanner_pos {
    const char *name;       // "A": Honeywell, Access-IS; "B": Newland and others
    const char *descriptor; // hexadecimal
    size_t report_bytes;
    uint8_t id;       // 0: none
    size_t length_at; // two bytes, little-endian, when has_wide_length
    size_t aim_at;    // 0: none
    size_t data_at, data_bytes;
    size_t more_at;
    bool has_wide_length;
};
extern const struct scanner_pos scanner_pos_models[];
const struct scanner_pos *scanner_pos_find(const char *name);

// Appends the reports of one code, each of report_bytes. Every report ends in noise where
// makers put other things. aim: three bytes, of which a model without them reads none.
void scanner_pos_scan(const struct scanner_pos *s, const char *aim,
                      const struct bytes *payload, struct bytes *out);
// What a scanner with ECI output sends for data in this character set: escaped.
void scanner_escape(unsigned eci, const struct bytes *payload, struct bytes *out);

// A scanner in keyboard mode.
struct scanner_keyboard {
    const char *layout; // of scanner_keys.h
    bool has_alt;       // sends what no key has as Alt codes
    bool has_ctrl;      // sends control characters as Ctrl and a key
    bool has_enter;     // suffix
    bool has_roll;      // the next key goes down before the last one is up
    uint8_t id;         // of the reports; 0: none
};
extern const char scanner_keyboard_descriptor[];    // eight bytes, no id
extern const char scanner_keyboard_id_descriptor[]; // the same with report id 1

// Appends the reports, each of 8 bytes (9 with an id). False, with where, when this mode
// cannot carry the payload: then out is as it was.
bool scanner_keyboard_scan(const struct scanner_keyboard *s, const struct bytes *payload,
                           struct bytes *out, size_t *out_bad_at);

#endif

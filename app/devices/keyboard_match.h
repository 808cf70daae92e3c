// The calibration code: one text that has every character of tickets, links and addresses,
// shown or printed as a QR code. From the keys that a scanner sends for it follows the
// layout that it is set to. Adopt it only when staff asked for it: anybody can hold up a code
// that pretends to be this one. Pure; any thread; no state.
#ifndef APP_DEVICES_KEYBOARD_MATCH_H
#define APP_DEVICES_KEYBOARD_MATCH_H

#include "app/devices/hid_keys.h"
#include "app/devices/keyboard_layout.h"

#include <stdbool.h>
#include <stddef.h>

// All of printable ASCII behind a mark. ASCII so that every scanner can read it; accents stand
// before digits, with which no dead key combines.
extern const char keyboard_calibration[];

enum { KEYBOARD_DIFFERENCES_MAX = 16, KEYBOARD_MATCH_TEXT_SIZE = 320 };

struct keyboard_difference {
    uint32_t expected, got; // characters; 0: none (left out, or one too many)
};

struct keyboard_match {
    const struct keyboard_layout *layout;  // NULL: unknown layout
    const struct keyboard_layout *nearest; // the layout that explains most
    // Characters that the layout has no key for and the scanner left out: codes with them
    // cannot be read in keyboard mode.
    bool is_lossy;
    bool has_swapped_case; // upper case comes as lower case: its Caps Lock setting is on
    size_t differences_count; // of nearest; may be larger than what is kept
    struct keyboard_difference differences[KEYBOARD_DIFFERENCES_MAX];
};

// strokes: of the calibration code, as in struct hid_keys (its Enter included or not).
void keyboard_match_find(const struct hid_stroke *strokes, size_t count,
                         struct keyboard_match *out);

// Do these strokes look like the calibration code at all, whatever the layout? It has as
// many keys as no ticket has.
bool keyboard_match_is_calibration(const struct hid_stroke *strokes, size_t count);

// One line of English: "German layout (de)" or "unknown layout, nearest is de: expected '@'
// got 'q'; ...". Returns out.
const char *keyboard_match_text(const struct keyboard_match *m,
                                char out[KEYBOARD_MATCH_TEXT_SIZE]);

#endif

// What the keys of a keyboard mean in each country's layout. A scanner in keyboard mode
// sends positions, as if typed on the keyboard of the country that it is set to; what the
// kiosk's own console is set to does not matter. Pure; any thread; no state.
// Sources: HID Usage Tables, page 07 (positions); the layouts of Windows, which scanners
// imitate; where Windows has nothing on a key, xkeyboard-config, which others imitate.
#ifndef APP_DEVICES_KEYBOARD_LAYOUT_H
#define APP_DEVICES_KEYBOARD_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum keyboard_level {
    KEYBOARD_PLAIN = 0,
    KEYBOARD_SHIFT = 1,
    KEYBOARD_ALTGR = 2,
    KEYBOARD_SHIFT_ALTGR = 3,
    KEYBOARD_LEVELS
};

struct keyboard_layout;

// name: "us", "uk", "de", "fr", "es", "it", "jp". NULL: no such layout.
const struct keyboard_layout *keyboard_layout_find(const char *name);
// The i-th layout, the factory default (US) first; NULL past the last.
const struct keyboard_layout *keyboard_layout_get(size_t i);
const char *keyboard_layout_name(const struct keyboard_layout *l);  // "de"
const char *keyboard_layout_title(const struct keyboard_layout *l); // "German"

// The Unicode character of a position (usage of page 07), 0 for none. Dead keys give the
// combining character (U+0300..U+036F). Keys that are the same everywhere are included:
// space, Tab, Enter (CR), Escape, Backspace, the keypad.
uint32_t keyboard_layout_char(const struct keyboard_layout *l, uint8_t key,
                              enum keyboard_level level);

bool keyboard_is_dead(uint32_t code);
// A dead key alone, as before a space: U+0302 is '^'.
uint32_t keyboard_dead_alone(uint32_t dead);
// A dead key before a letter; 0: they do not combine.
uint32_t keyboard_dead_compose(uint32_t dead, uint32_t letter);

// Can this character be typed, dead keys included?
bool keyboard_layout_has(const struct keyboard_layout *l, uint32_t code);

#endif

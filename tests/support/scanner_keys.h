// How a keyboard of each country types a character: positions and modifiers, taken from
// xkeyboard-config by make_scanner_keys.py, independent of the product's tables.
#ifndef TESTS_SUPPORT_SCANNER_KEYS_H
#define TESTS_SUPPORT_SCANNER_KEYS_H

#include <stdint.h>

struct scanner_key {
    uint16_t code;     // Unicode; 0 ends the list
    uint8_t key;       // usage of HID page 07
    uint8_t modifiers; // as in the boot report: 0x02 left Shift, 0x40 AltGr
    uint8_t then;      // key is dead: the character to type after it; 0: it is not
};

struct scanner_layout {
    const char *name;
    const struct scanner_key *keys;
};

extern const struct scanner_layout scanner_layouts[]; // name NULL ends the list

#endif

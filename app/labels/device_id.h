// The IEEE 1284 device id of a printer, as USB's GET_DEVICE_ID returns it: who made it, which
// model it is, what languages it speaks. Called by app/devices; any thread; no state.
// Sources: IEEE 1284-2000 7.6; USB printer class 1.1, 4.2.1.
#ifndef APP_LABELS_DEVICE_ID_H
#define APP_LABELS_DEVICE_ID_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { DEVICE_ID_MAX_BYTES = 2048 };

// Printable ASCII; other bytes became '?'. Longer values are cut. "" when not told.
struct device_id {
    char maker[64];     // MFG, MANUFACTURER
    char model[64];     // MDL, MODEL
    char commands[128]; // CMD, COMMAND SET
    char serial[64];    // SN, SERN, SERIALNUMBER
};

// data: the two length bytes and the text, len bytes as received. The length may be of either
// endianness, with or without its own two bytes; no more than len and DEVICE_ID_MAX_BYTES is
// read. ERR_INPUT: none of the keys above is in it.
MUST_CHECK enum err device_id_parse(const void *data, size_t len, struct device_id *out);

// One of the comma-separated command names begins with word, in any case: "ZPL" is in
// "EPL,ZPL II".
bool device_id_speaks(const struct device_id *id, const char *word);

// haystack begins with word, in any case.
bool device_id_begins(const char *haystack, const char *word);

#endif

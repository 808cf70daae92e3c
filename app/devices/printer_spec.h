// What stands behind `--printer usb`, taken apart for printer_usb.c when it starts. Pure; any
// thread; no state.
#ifndef APP_DEVICES_PRINTER_SPEC_H
#define APP_DEVICES_PRINTER_SPEC_H

#include "app/labels/language.h"
#include "sync/base/err.h"

#include <stdbool.h>

#define PRINTER_SPEC_USAGE                                          \
    "usb[:PORT or SERIAL][,language=NAME][,media=WxH][,answers=no]" \
    "[,patience=SECONDS]"

enum { PRINTER_WISH_SIZE = 64 };

struct printer_spec {
    char wish[PRINTER_WISH_SIZE];          // port or serial number; "": any printer
    const struct label_language *language; // NULL: by the device id
    int media_w_mm, media_h_mm;            // w 0: not said; h 0: continuous
    bool is_mute;                          // it never answers
    int patience_s;                        // that it may stand still without a reason
};

// place: "1-1.4,language=zpl", ",media=62x29", "". ERR_INPUT: logged with what is allowed.
MUST_CHECK enum err printer_spec_parse(const char *place, struct printer_spec *out);

#endif

// Scanners on USB: every HID POS scanner that is plugged, and every keyboard that is not to be
// kept. A row of the table in scanner.c, read on the usb thread (usb.h); `--scanner
// usb[,keep=WHICH...][,layout=NAME]`.
//
// WHICH is VVVV:PPPP (vendor and product in hexadecimal) or a port ("1-1.4"): devices that are
// left to the system, like the keyboard of a staffed desk. Without it every USB keyboard is
// taken for a scanner, for that is what a scanner in its factory state says it is.
//
// NAME is the country that scanners in keyboard mode are set to (keyboard_layout.h); without it
// the US, as they come from the factory. HID POS scanners need none.
//
// Of a scanner all HID interfaces are claimed and never given back, so that no keystroke of it
// reaches the console, not even while the program restarts. The same code twice from one
// scanner within SCANNER_REPEAT_MS is one scan.
#ifndef APP_DEVICES_SCANNER_USB_H
#define APP_DEVICES_SCANNER_USB_H

#include "app/devices/scanner.h"

enum { SCANNER_REPEAT_MS = 500, SCANNER_KEEPS_MAX = 16 };

extern const struct scanner_kind scanner_usb;

#endif

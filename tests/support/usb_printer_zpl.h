// An emulated Zebra (ZD421, 300 dpi): ~HI, ~HS, ~HQES, ~JA; it holds a label through a fault and
// prints it after. By Zebra's programming guide, not by the code under test.
#ifndef TESTS_SUPPORT_USB_PRINTER_ZPL_H
#define TESTS_SUPPORT_USB_PRINTER_ZPL_H

#include "tests/support/usb_printer_kit.h"

extern const struct printer_language printer_zpl;

#endif

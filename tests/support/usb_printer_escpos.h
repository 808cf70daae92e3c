// An emulated Epson TM-L90: DLE EOT at once, GS r in its turn; it stands still on a fault. By
// Epson's command reference, not by the code under test.
#ifndef TESTS_SUPPORT_USB_PRINTER_ESCPOS_H
#define TESTS_SUPPORT_USB_PRINTER_ESCPOS_H

#include "tests/support/usb_printer_kit.h"

extern const struct printer_language printer_escpos;

#endif

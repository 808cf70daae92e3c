// An emulated Brother QL-820NWB: status packets and phases; it throws a label away on a fault.
// By Brother's raster command reference, not by the code under test.
#ifndef TESTS_SUPPORT_USB_PRINTER_BROTHER_H
#define TESTS_SUPPORT_USB_PRINTER_BROTHER_H

#include "tests/support/usb_printer_kit.h"

extern const struct printer_language printer_brother;

#endif

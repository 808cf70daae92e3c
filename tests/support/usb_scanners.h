// Emulated scanners: kinds of usb_model.h, with the report descriptors real ones have. The
// reports are made by hand from the makers' tables, not by the code under test.
//
// Kinds: pos-a (Honeywell, Access-IS: AIM id before the data), pos-a1 (the same a byte later),
// pos-b (Newland family: none), pos-noid (no report id), pos-wake (extra feature and output
// reports; silent until feature report 0xFE is set), decoy (a vendor collection beside the
// real one), composite (boot keyboard + POS), keyboard (boot keyboard only); mouse, disk and
// hub (no scanners at all).
//
// Commands (usb_model.command), text with \xNN for any byte:
//   scan TEXT           one code: by POS reports where the kind has them, else by keys + Enter
//   part FROM TO TEXT   only reports FROM..TO-1 of such a scan
//   key TEXT            by the keyboard, without Enter; US positions
//   state               protocol=P idle=I awake=A lost=N (scans given while not awake)
#ifndef TESTS_SUPPORT_USB_SCANNERS_H
#define TESTS_SUPPORT_USB_SCANNERS_H

#include "tests/support/usb_model.h"

// NULL: no such kind. serial: "" for none. vendor, product: 0 for the kind's own.
struct usb_model *usb_scanner_create(const char *kind, const char *serial,
                                     uint16_t vendor, uint16_t product);

#endif

// Emulated badge printers: kinds of usb_model.h that answer as real ones do, by the makers'
// manuals, not by the code under test.
//
// Kinds: zebra (ZPL: ~HI, ~HS, ~HQES, ~JA; holds a label through a fault and prints it after),
// zebra-203 (another model, 203 dpi),
// brother (QL-820NWB: status packets and phases; throws a label away on a fault), escpos
// (DLE EOT at once, GS r in its turn; stands still on a fault), mute (ZPL, one way only).
//
// What comes out is one file a label, NNN.KIND, in the folder of $USB_PRINTED: the bytes of the
// job, and beside it what a strict reader (paper.h) sees on it, NNN.pgm, or NNN.fault. They
// outlive a pulled cable.
//
// Commands (usb_model.command):
//   set FAULT on|off    media-out, wrong-media, cover-open, hot, jam, paused, ribbon-out;
//                       silent (nothing is answered at all), hushed (zebra: no ~HS in a fault)
//   short N             takes N bytes at most of a transfer; 0: all
//   nak-after N         takes nothing more after N bytes since now; -1: everything
//   at-nak FAULT        that fault begins when nak-after is reached
//   stall-after N       STALLs once after N bytes since now; -1: never
//   split N             answers in packets of N bytes; 0: whole
//   print-ms N          a label takes so long
//   id big|little|bare|none     the length before the device id
//   stale               an answer nobody asked for lies ready
//   state               printed=N held=N taken=N resets=N cancels=N
#ifndef TESTS_SUPPORT_USB_PRINTERS_H
#define TESTS_SUPPORT_USB_PRINTERS_H

#include "tests/support/usb_model.h"

// NULL: no such kind. serial: "" for none. vendor, product: 0 for the kind's own.
struct usb_model *usb_printer_create(const char *kind, const char *serial,
                                     uint16_t vendor, uint16_t product);

#endif

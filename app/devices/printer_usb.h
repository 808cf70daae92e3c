// A badge printer on USB, of any language of app/labels. A row of the table in printer.c:
// `--printer usb[:PORT or SERIAL][,language=NAME][,media=WxH][,answers=no][,patience=S]`.
//
//   PORT     "1-1.4", the socket; SERIAL as the device tells it; without: the first printer
//   language zpl, brother, ...: instead of what the printer's device id says
//   media    62x29 (mm), or 62x0 for a continuous roll: what must be loaded; without: the roll
//            the label was drawn for, or whatever is loaded
//   answers  no: this one never answers; its port status must do
//   patience seconds that it may stand still without a reason (20)
//
// The printer may come, go, and come back as another model. Its own thread owns it, with a
// libusb context of its own. One job is under way at a time. A job's life:
//   asked (LABEL_BEFORE) until ready and the labels are right: else it waits, however long
//   sent: no time-out while bytes flow or a person can see the cause; else it is unknown
//   asked (LABEL_AFTER) until the printer says that it is out. A job that the printer threw away
//   is sent again, thrice at most; where it does not say, the job is unknown. A printer that
//   cannot answer has printed when its port status stays well for MUTE_MS after the last byte.
// Pulled, stalled or silent after the first byte: unknown. Nothing is ever sent twice unless
// the printer itself says that the first one is lost.
#ifndef APP_DEVICES_PRINTER_USB_H
#define APP_DEVICES_PRINTER_USB_H

#include "app/devices/printer.h"

enum { PRINTER_USB_PATIENCE_S = 20, PRINTER_USB_PATIENCE_MAX_S = 600 };

extern const struct printer_kind printer_usb;

#endif

// Which USB device is the printer: the one that `--printer usb:...` names, or the first that is
// there. On the printer's thread only. Source: USB printer class 1.1.
#ifndef APP_DEVICES_PRINTER_FIND_H
#define APP_DEVICES_PRINTER_FIND_H

#include "app/devices/usb.h"
#include "app/labels/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct libusb_context;
struct libusb_device;

// A printer's interface, as its descriptors tell. Values but for device.
struct printer_place {
    struct libusb_device *device; // referenced: printer_place_finish
    uint16_t vendor, product;
    uint8_t config, interface, alternate;
    bool has_alternates;
    uint8_t out, in;          // endpoint addresses; in 0: it cannot answer
    char port[USB_PORT_SIZE]; // "1-1.4": bus and the sockets on the way
};

// wish: a port or a serial number; "": any. False: nothing there; out_trouble is then what is
// there instead, if it is known (a Brother that plays a disk), else offline without a reason.
bool printer_find(struct libusb_context *usb, const char *wish, struct printer_place *out,
                  struct label_status *out_trouble);
void printer_place_finish(struct printer_place *place); // all zero is fine

// Who holds the interface: "usblp", "cupsd"; "another program" when the system does not say.
void printer_find_owner(const struct printer_place *place, char *out, size_t size);

#endif

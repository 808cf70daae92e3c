// What a plugged device is by the descriptors that the kernel keeps: nothing is asked of the
// device, nothing opened. Used by usb.c and printer_find.c, each on its own thread; no state.
#ifndef APP_DEVICES_USB_DESCRIBE_H
#define APP_DEVICES_USB_DESCRIBE_H

#include "app/devices/usb.h"

struct libusb_device;

void usb_describe_port(struct libusb_device *device, char out[USB_PORT_SIZE]); // "1-1.4"

// Fills vendor, product and port of id, and hids with the HID interfaces that can be read;
// returns their number, 0 for a hub. *out_configuration stays as it is for a device without.
size_t usb_describe(struct libusb_device *device, struct usb_id *id,
                    struct usb_hid hids[USB_INTERFACES_MAX], uint8_t *out_configuration);

// The report descriptor that usbhid has read when the device came, at most room bytes. 0: none,
// as no driver was at that interface.
size_t usb_describe_report(const char *port, uint8_t configuration, uint8_t interface,
                           uint8_t *out, size_t room);

#endif

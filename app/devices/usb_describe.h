// What a plugged device is by the descriptors that the kernel keeps: nothing is asked of the
// device, nothing opened. Used by usb.c, on the usb thread.
#ifndef APP_DEVICES_USB_DESCRIBE_H
#define APP_DEVICES_USB_DESCRIBE_H

#include "app/devices/usb.h"

struct libusb_device;

// Fills vendor, product and port of id, and hids with the HID interfaces that can be read;
// returns their number, 0 for a hub. *out_configuration stays as it is for a device without.
size_t usb_describe(struct libusb_device *device, struct usb_id *id,
                    struct usb_hid hids[USB_INTERFACES_MAX], uint8_t *out_configuration);

#endif

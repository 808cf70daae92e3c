// Carries emulated devices (usb_model.h) to programs under test, through umockdev: sysfs, udev
// events and usbfs as the unmodified libusb sees them. No root, no kernel part.
//
// The program under test is a child of the one that calls this and inherits LD_PRELOAD and
// UMOCKDEV_DIR. Any thread; one lock around all models. What this can not show: kernel
// drivers, keystrokes, authorization, POLLERR on unplug. A process can hold 50 emulated files.
#ifndef TESTS_SUPPORT_USB_MOCK_H
#define TESTS_SUPPORT_USB_MOCK_H

#include "tests/support/usb_model.h"

struct usb_mock;

// Starts this program anew with umockdev (and a sanitizer's runtime before it) preloaded,
// unless it is so already. Call first in main.
void usb_mock_preload(char **argv);
// A machine with one root hub and nothing plugged. Exits with 77 (skipped) when umockdev does
// not work here.
struct usb_mock *usb_mock_create(void);
void usb_mock_destroy(struct usb_mock *mock); // unplugs everything; NULL is fine

// Plugs a device into a free port ("1-1"; "1-2.4" when a hub is in "1-2"); takes the model over. Every plug is a new
// node with a new number. False: the port is taken or no port's name.
bool usb_mock_plug(struct usb_mock *mock, const char *port, struct usb_model *model);
// Pulls it: transfers end, the node goes, udev tells. False: nothing there.
bool usb_mock_unplug(struct usb_mock *mock, const char *port);

// Between the two the models may be touched; unlock hands on what they now have to give.
void usb_mock_lock(struct usb_mock *mock);
void usb_mock_unlock(struct usb_mock *mock);
// NULL: nothing there. Borrowed until it is unplugged; under the lock.
struct usb_model *usb_mock_get(struct usb_mock *mock, const char *port);
// Lets every model's tick run and hands on.
void usb_mock_tick(struct usb_mock *mock, int64_t mono_ms);

// What the programs under test have done.
struct usb_mock_look {
    int open_count;        // files held open on the device
    unsigned claimed;      // a bit each interface
    unsigned was_released; // interfaces released or given back to a driver, ever
    int pending_count;     // transfers that wait
    unsigned submitted;    // transfers ever
};
bool usb_mock_look(struct usb_mock *mock, const char *port, struct usb_mock_look *out);
// Files held open on all devices, gone ones included: a leak shows here.
int usb_mock_open_count(struct usb_mock *mock);

#endif

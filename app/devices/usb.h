// The usb thread: one libusb context, which devices are plugged, and the interrupt endpoints
// of those that a driver has taken. Order of life: start, stop, join, by one thread; all
// functions of the driver run on the usb thread, never inside a callback of libusb unless it
// is said, and so do the calls named usb_device_….
//
// The thread sleeps in poll() until a device, a deadline or stop wakes it. Hubs are skipped.
// A device that fails to open or breaks while it is still plugged is tried again after
// USB_RETRY_MS, longer each time.
#ifndef APP_DEVICES_USB_H
#define APP_DEVICES_USB_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    USB_PORT_SIZE = 32, // "1-1.4.2"
    USB_TEXT_SIZE = 64,
    USB_INTERFACES_MAX = 8, // of a device: further ones are left alone
    USB_REQUEST_MS = 1000,
    USB_RETRY_MS = 1000,
    USB_RETRY_MAX_MS = 30000
};

struct usb;
struct usb_device;

// Who a device is. Two of a kind often have the same serial or none: the port tells them
// apart, and says which one it is again after a replug.
struct usb_id {
    uint16_t vendor, product;
    char port[USB_PORT_SIZE];
    char serial[USB_TEXT_SIZE], name[USB_TEXT_SIZE]; // ASCII; "" when it has none
};

// A HID interface, alternate setting 0.
struct usb_hid {
    uint8_t number, subclass, protocol;
    uint8_t endpoint;      // IN
    uint16_t packet_bytes; // of that endpoint
};

// A packet that came.
struct usb_report {
    size_t interface; // index in usb_device_hids
    const uint8_t *bytes;
    size_t len;
    uint64_t mono_ms;
};

// A class request to an interface, host to device.
struct usb_request {
    uint8_t request;
    uint16_t value;
    const uint8_t *data;
    size_t len; // 0..64
};

enum usb_answer {
    USB_TAKEN,    // the driver may keep the device until left
    USB_REFUSED,  // not for this driver: closed, and its kernel drivers get it back
    USB_TRY_AGAIN // for this driver, but it does not work now
};

struct usb_driver {
    // Is this device worth opening? By its descriptors only, so whatever it says of itself.
    bool (*wants)(void *context, const struct usb_id *id,
                  const struct usb_hid *interfaces,
                  size_t count); // id: without texts
    // It is open.
    enum usb_answer (*arrived)(void *context, struct usb_device *d);
    // One packet of a taken device. From a callback of libusb: decode and post, no more.
    void (*take)(void *context, struct usb_device *d, const struct usb_report *report);
    // Packets of the interface may have been lost. As take.
    void (*broke)(void *context, struct usb_device *d, size_t interface,
                  uint64_t mono_ms);
    // A taken device left (was_pulled), or broke and is closed; d ends with this call.
    void (*left)(void *context, struct usb_device *d, bool was_pulled);
    // What the driver itself waits for; UINT64_MAX: nothing.
    uint64_t (*deadline_ms)(void *context);
    // heard_ms: all that came before was taken.
    void (*expire)(void *context, uint64_t heard_ms);
};

// driver and context are kept until join. ERR_IO: libusb does not start (logged).
MUST_CHECK enum err usb_start(const struct usb_driver *driver, void *context,
                              struct usb **out_usb);
void usb_stop(struct usb *usb); // asks the thread to end; may be called twice; any thread
// Waits for it; closes what is open without giving interfaces back to the kernel. NULL is fine.
void usb_join(struct usb *usb);

// ---- for drivers
const struct usb_id *usb_device_id(const struct usb_device *d);
// The index in it is what everything else calls interface.
const struct usb_hid *usb_device_hids(const struct usb_device *d, size_t *out_count);
void usb_device_set_data(struct usb_device *d, void *data); // the driver's own
void *usb_device_data(const struct usb_device *d);
uint64_t usb_device_errors(const struct usb_device *d); // failed transfers since arrived

// The report descriptor. From sysfs while a kernel driver has the interface, so that a touch
// panel keeps it; else by claiming it. room: of out. ERR_IO: the device does not answer.
MUST_CHECK enum err usb_device_read_report(struct usb_device *d, size_t interface,
                                           uint8_t *out, size_t room, size_t *out_len);
// Takes the interface from its kernel driver, for good. ERR_IO: somebody else has it, or it
// is not authorized.
MUST_CHECK enum err usb_device_claim(struct usb_device *d, size_t interface);
// A refusal (STALL) is ERR_IO.
MUST_CHECK enum err usb_device_request(struct usb_device *d, size_t interface,
                                       const struct usb_request *request);
// Starts to read the claimed interface.
MUST_CHECK enum err usb_device_listen(struct usb_device *d, size_t interface);

#endif

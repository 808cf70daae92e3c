// One interrupt-IN endpoint that is read for as long as its device is open, and what is done
// when a transfer fails. Used by usb.c, on the usb thread only.
//
// A callback of libusb only hands the packet on and resubmits; what may not be done there
// (clearing a halt, waiting) is done by usb_pipe_settle from the loop.
#ifndef APP_DEVICES_USB_PIPE_H
#define APP_DEVICES_USB_PIPE_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct libusb_device_handle;
struct libusb_transfer;

enum { USB_PIPE_ERRORS_MAX = 3, USB_PIPE_PAUSE_MS = 100 };

struct usb_pipe_sink {
    void (*take)(void *context, const uint8_t *bytes, size_t len, uint64_t mono_ms);
    // Packets may have been lost: STALL, ERROR, OVERFLOW. Also before a pipe ends.
    void (*broke)(void *context, uint64_t mono_ms);
    void *context;
};

struct usb_pipe {
    struct libusb_device_handle *handle; // borrowed
    struct libusb_transfer *transfer;
    uint8_t *buffer;
    struct usb_pipe_sink sink;
    uint8_t endpoint;
    bool is_flying;       // libusb has the transfer
    bool is_ending;       // cancelled: never submitted again
    bool is_lost;         // the device left, or too many errors in a row
    bool is_pulled;       // is_lost, because the device left
    bool is_halted;       // to be cleared from the loop
    int errors;           // in a row
    uint64_t retry_at_ms; // mono; 0: nothing to retry
    uint64_t error_count; // ever
};

// Starts reading. packet_bytes: wMaxPacketSize times the packets of a microframe. ERR_IO: the
// transfer was refused; the pipe is then as after a lost device.
MUST_CHECK enum err usb_pipe_start(struct usb_pipe *p,
                                   struct libusb_device_handle *handle, uint8_t endpoint,
                                   size_t packet_bytes, const struct usb_pipe_sink *sink);
// Clears a halt, submits again when the pause is over. Not from a callback.
void usb_pipe_settle(struct usb_pipe *p, uint64_t now_ms);
uint64_t usb_pipe_deadline_ms(const struct usb_pipe *p); // UINT64_MAX: none
void usb_pipe_cancel(struct usb_pipe *p); // it ends some events later: see is_flying
// Frees a pipe that does not fly. One that was never started is fine.
void usb_pipe_finish(struct usb_pipe *p);

#endif

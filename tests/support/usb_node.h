// usbfs of one emulated device: what libusb asks of its open files (ioctl requests) is answered
// from the model. usb_mock.h plugs and pulls such nodes and holds its lock around every call.
#ifndef TESTS_SUPPORT_USB_NODE_H
#define TESTS_SUPPORT_USB_NODE_H

#include <umockdev.h>

#include "tests/support/usb_mock.h"

enum { USB_NODE_PIPE_BYTES = 4096 };

struct urb; // one transfer of one open file

struct usb_urbs {
    struct urb *first, *last;
};

// One plugged device, or one that is gone while somebody still holds it open.
struct usb_node {
    struct usb_mock *mock;
    struct usb_model *model; // NULL once unplugged
    UMockdevIoctlBase *handler;
    char port[32], path[64], syspath[128]; // "/dev/bus/usb/001/002"
    int number;
    // The node is a pipe: full = nothing to reap, empty = POLLOUT, which libusb waits for.
    int pipe_fd;
    struct usb_urbs pending, done;
    struct usb_mock_look look;
};

// Answers one request of one open file: its result, < 0 with errno.
int usb_node_answer(struct usb_node *n, UMockdevIoctlClient *client, unsigned request);
// Runs what waits on the model, and shows on the pipe whether there is something to reap.
void usb_node_pump(struct usb_node *n);
// That file is closed: its transfers are gone; the last one closed lets the interfaces go.
void usb_node_drop_client(struct usb_node *n, const UMockdevIoctlClient *client);
int usb_node_pending_count(const struct usb_node *n);

#endif

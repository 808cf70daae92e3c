// An emulated USB device without a wire: descriptors, what it answers, what goes wrong. A
// transport (usb_mock.h) carries it; the same model serves any other. Calls are not locked:
// the transport's lock is held around every one of them.
//
// IN endpoints give what is queued for them, packet by packet, and NAK when nothing is left:
// an idle scanner, a printer without news. Faults are queued among the packets, so "STALL
// between the first and the second report" is two packets with a fault between them.
#ifndef TESTS_SUPPORT_USB_MODEL_H
#define TESTS_SUPPORT_USB_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    USB_MODEL_DESCRIPTORS_MAX = 512,
    USB_MODEL_INTERFACES_MAX = 4,
    USB_MODEL_STRINGS_MAX = 4,
    USB_MODEL_ENDPOINTS = 32 // index: (address & 15) + (IN ? 16 : 0)
};

struct usb_packet; // of a queue

struct usb_model {
    uint8_t
        descriptors[USB_MODEL_DESCRIPTORS_MAX]; // device, then configuration: as usbfs
    size_t descriptors_len;
    int speed_mbps; // 12 or 480
    // HID report descriptors by interface; borrowed, they outlive the model.
    const uint8_t *reports[USB_MODEL_INTERFACES_MAX];
    size_t report_lens[USB_MODEL_INTERFACES_MAX];
    // ASCII, by the index in the descriptors minus one: 1 maker, 2 product, 3 serial.
    char strings[USB_MODEL_STRINGS_MAX][64];
    // What a kind of device adds; NULL: nothing. Answers are a length, or -EAGAIN (NAK: asked
    // again at the next pump), -EPIPE (STALL), another negative errno (that transfer status).
    // Class and vendor requests; len = wLength. What it leaves (-ENOSYS) stalls.
    int (*control)(struct usb_model *m, const uint8_t setup[8], uint8_t *data,
                   size_t len);
    // Data to an OUT endpoint; may take less than all (a short write).
    int (*out)(struct usb_model *m, uint8_t ep, const uint8_t *data, size_t len);
    // Called about every 10 ms by the stand, for what takes time: printing a label.
    void (*tick)(struct usb_model *m, int64_t mono_ms);
    // A command of the stand for this kind ("scan ABC"): false and a reason in reply when it
    // is none of its; true otherwise, reply "" or what was asked for.
    bool (*command)(struct usb_model *m, char *words, char *reply, size_t reply_size);
    void (*destroy)(struct usb_model *m); // frees what the kind holds, and m
    // Who holds its interfaces so that nobody else can claim them; "": nobody.
    char owner[16];
    // ---- the model's own
    struct usb_packet *queue[USB_MODEL_ENDPOINTS], *queue_end[USB_MODEL_ENDPOINTS];
    bool is_halted[USB_MODEL_ENDPOINTS];
    bool is_held[USB_MODEL_ENDPOINTS]; // NAKs whatever is queued or sent
    int stalls_cleared;
};

// A descriptor block of one device: 18 bytes device, then configuration.
struct usb_endpoint {
    uint8_t address; // 0x81
    uint8_t type;    // 2 bulk, 3 interrupt
    uint16_t max_packet;
    uint8_t interval;
};
struct usb_interface {
    uint8_t number, alternate, class, subclass, protocol;
    uint16_t report_len; // 0: not HID
    struct usb_endpoint endpoints[2];
    int endpoint_count;
};
void usb_model_describe(struct usb_model *m, uint16_t vendor, uint16_t product,
                        const struct usb_interface *interfaces, int count);

// Appends what the endpoint gives next; bytes are copied.
void usb_model_queue(struct usb_model *m, uint8_t ep, const void *bytes, size_t len);
// error: EPIPE halts the endpoint until it is cleared; EPROTO, EOVERFLOW, EILSEQ: once.
void usb_model_queue_fault(struct usb_model *m, uint8_t ep, int error);
size_t usb_model_count(const struct usb_model *m, uint8_t ep); // what is still queued
void usb_model_hold(struct usb_model *m, uint8_t ep, bool is_held);
void usb_model_halt(struct usb_model *m, uint8_t ep);

// ---- for the transport
// One control transfer; data has room for len. Standard requests are answered here.
int usb_model_control(struct usb_model *m, const uint8_t setup[8], uint8_t *data,
                      size_t len);
int usb_model_in(struct usb_model *m, uint8_t ep, uint8_t *data, size_t len);
int usb_model_out(struct usb_model *m, uint8_t ep, const uint8_t *data, size_t len);
void usb_model_clear_halt(struct usb_model *m, uint8_t ep);
void usb_model_drop_queues(struct usb_model *m);
void usb_model_destroy(struct usb_model *m); // NULL is fine

#endif

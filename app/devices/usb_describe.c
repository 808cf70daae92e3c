#include "app/devices/usb_describe.h"

#include <glob.h>
#include <stdio.h>

#include <libusb.h>

#include "sync/base/mem.h"

enum {
    PORTS_MAX = 7, // of a path, by the USB specification
    HID_INTERFACE = 3
};

void usb_describe_port(struct libusb_device *device, char out[USB_PORT_SIZE]) {
    uint8_t ports[PORTS_MAX];
    int count = libusb_get_port_numbers(device, ports, PORTS_MAX);
    int at = snprintf(out, USB_PORT_SIZE, "%u", libusb_get_bus_number(device));
    for (int i = 0; i < count; i++) {
        at += snprintf(out + at, (size_t)(USB_PORT_SIZE - at), "%c%u", i == 0 ? '-' : '.',
                       ports[i]);
        CHECK(at < USB_PORT_SIZE); // "255-" and seven times "255."
    }
}

static void add_hid(struct usb_hid *hids, size_t *count,
                    const struct libusb_interface_descriptor *i) {
    bool is_hid = i->bInterfaceClass == HID_INTERFACE && i->bAlternateSetting == 0;
    for (uint8_t e = 0; is_hid && e < i->bNumEndpoints; e++) {
        const struct libusb_endpoint_descriptor *end = &i->endpoint[e];
        // Up to three packets of a high-speed microframe, or the transfer overflows.
        unsigned bytes =
            (end->wMaxPacketSize & 0x7ffu) * (1 + (end->wMaxPacketSize >> 11 & 3u) % 3);
        bool is_ours = end->bEndpointAddress & LIBUSB_ENDPOINT_IN &&
                       (end->bmAttributes & 3) == LIBUSB_TRANSFER_TYPE_INTERRUPT;
        if (is_ours && bytes > 0 && *count < USB_INTERFACES_MAX) {
            hids[(*count)++] = (struct usb_hid){
                i->bInterfaceNumber, i->bInterfaceSubClass, i->bInterfaceProtocol,
                end->bEndpointAddress, (uint16_t)(bytes <= 3072 ? bytes : 3072)};
            return;
        }
    }
}

size_t usb_describe(struct libusb_device *device, struct usb_id *id,
                    struct usb_hid hids[USB_INTERFACES_MAX], uint8_t *out_configuration) {
    struct libusb_device_descriptor head;
    struct libusb_config_descriptor *config = NULL;
    size_t count = 0;
    usb_describe_port(device, id->port);
    if (libusb_get_device_descriptor(device, &head) != 0 ||
        head.bDeviceClass == LIBUSB_CLASS_HUB ||
        libusb_get_active_config_descriptor(device, &config) != 0) {
        return 0;
    }
    id->vendor = head.idVendor;
    id->product = head.idProduct;
    *out_configuration = config->bConfigurationValue;
    for (uint8_t i = 0; i < config->bNumInterfaces; i++) {
        for (int a = 0; a < config->interface[i].num_altsetting; a++) {
            add_hid(hids, &count, &config->interface[i].altsetting[a]);
        }
    }
    libusb_free_config_descriptor(config);
    return count;
}

size_t usb_describe_report(const char *port, uint8_t configuration, uint8_t interface,
                           uint8_t *out, size_t room) {
    char pattern[128];
    glob_t found = {0};
    size_t len = 0;
    (void)snprintf(pattern, sizeof pattern,
                   "/sys/bus/usb/devices/%s:%u.%u/*/report_descriptor", port,
                   configuration, interface);
    if (glob(pattern, 0, NULL, &found) == 0) {
        FILE *f = fopen(found.gl_pathv[0], "rb");
        len = f ? fread(out, 1, room, f) : 0;
        if (f) {
            (void)fclose(f);
        }
    }
    globfree(&found);
    return len;
}

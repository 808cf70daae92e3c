#include "app/devices/printer_find.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libusb.h>
#include <linux/usbdevice_fs.h>

#include "app/devices/usb_describe.h"
#include "app/labels/language.h"
#include "sync/base/log.h"

enum { PROTOCOL_UNIDIRECTIONAL = 1, PROTOCOL_BIDIRECTIONAL = 2 };

static void find_endpoints(const struct libusb_interface_descriptor *d,
                           struct printer_place *p) {
    p->in = p->out = 0;
    for (int i = d->bNumEndpoints - 1; i >= 0; i--) { // the first of each kind stays
        const struct libusb_endpoint_descriptor *e = &d->endpoint[i];
        if ((e->bmAttributes & 3) != LIBUSB_TRANSFER_TYPE_BULK) {
            continue;
        }
        if (e->bEndpointAddress & LIBUSB_ENDPOINT_IN) {
            p->in = e->bEndpointAddress;
        } else {
            p->out = e->bEndpointAddress;
        }
    }
}

// Two ways before one; protocol 4 belongs to ipp-usb. Takes what is better than best.
static int take_better(const struct libusb_interface_descriptor *d, int best,
                       struct printer_place *out) {
    int protocol = d->bInterfaceProtocol;
    bool is_ours =
        d->bInterfaceClass == LIBUSB_CLASS_PRINTER &&
        (protocol == PROTOCOL_BIDIRECTIONAL || protocol == PROTOCOL_UNIDIRECTIONAL);
    struct printer_place p = *out;
    find_endpoints(d, &p);
    if (!is_ours || !p.out || protocol <= best) {
        return best;
    }
    p.interface = d->bInterfaceNumber;
    p.alternate = d->bAlternateSetting;
    *out = p;
    return protocol;
}

// The first interface of several that are as good wins. 0: there is none.
static int find_interface(const struct libusb_config_descriptor *config,
                          struct printer_place *out) {
    int best = 0;
    for (int i = 0; i < config->bNumInterfaces; i++) {
        const struct libusb_interface *face = &config->interface[i];
        for (int a = 0; a < face->num_altsetting; a++) {
            int was = best;
            best = take_better(&face->altsetting[a], best, out);
            out->has_alternates =
                best > was ? face->num_altsetting > 1 : out->has_alternates;
        }
    }
    out->config = config->bConfigurationValue;
    return best;
}

static bool is_printer(struct libusb_device *device, struct printer_place *out) {
    struct libusb_config_descriptor *config = NULL;
    if (libusb_get_active_config_descriptor(device, &config) != 0 &&
        libusb_get_config_descriptor(device, 0, &config) != 0) {
        return false;
    }
    bool is_one = find_interface(config, out) > 0;
    libusb_free_config_descriptor(config);
    return is_one;
}

static bool has_serial(struct libusb_device *device, uint8_t index, const char *wish) {
    libusb_device_handle *handle = NULL;
    unsigned char serial[128] = "";
    if (index == 0 || libusb_open(device, &handle) != 0) {
        return false;
    }
    int len =
        libusb_get_string_descriptor_ascii(handle, index, serial, sizeof serial - 1);
    libusb_close(handle);
    return len > 0 && strcmp((const char *)serial, wish) == 0;
}

static bool is_wished(struct libusb_device *device, uint8_t serial_index,
                      const char *wish) {
    char port[USB_PORT_SIZE];
    usb_describe_port(device, port);
    return !wish[0] || strcmp(port, wish) == 0 || has_serial(device, serial_index, wish);
}

static bool look_at(struct libusb_device *device, const char *wish,
                    struct printer_place *out, struct label_status *trouble) {
    struct libusb_device_descriptor d;
    struct printer_place p = {.device = NULL};
    if (libusb_get_device_descriptor(device, &d) != 0 || d.bDeviceClass == 9) {
        return false; // hubs are many, and no printers
    }
    p.vendor = d.idVendor;
    p.product = d.idProduct;
    struct label_status known;
    label_status_init(&known);
    bool is_trouble = label_usb_trouble(d.idVendor, d.idProduct, &known);
    if ((!is_trouble && !is_printer(device, &p)) ||
        !is_wished(device, d.iSerialNumber, wish)) {
        return false;
    }
    if (is_trouble) {
        *trouble = known;
        return false;
    }
    p.device = libusb_ref_device(device);
    usb_describe_port(device, p.port);
    *out = p;
    return true;
}

bool printer_find(struct libusb_context *usb, const char *wish, struct printer_place *out,
                  struct label_status *out_trouble) {
    libusb_device **list = NULL;
    label_status_init(out_trouble);
    out_trouble->state = PRINTER_OFFLINE;
    ssize_t count = libusb_get_device_list(usb, &list);
    bool is_found = false;
    for (ssize_t i = 0; i < count && !is_found; i++) {
        is_found = look_at(list[i], wish, out, out_trouble);
    }
    if (count >= 0) {
        libusb_free_device_list(list, 1);
    }
    return is_found;
}

void printer_place_finish(struct printer_place *place) {
    if (place->device) {
        libusb_unref_device(place->device);
    }
    *place = (struct printer_place){.device = NULL};
}

// ---- the owner

static bool holds_file(const char *pid, const char *path) {
    char folder[300], target[64];
    (void)snprintf(folder, sizeof folder, "/proc/%s/fd", pid);
    DIR *dir = opendir(folder);
    if (!dir) {
        return false; // another user's process, or gone
    }
    bool is_held = false;
    for (struct dirent *e = readdir(dir); e && !is_held; e = readdir(dir)) {
        ssize_t len = readlinkat(dirfd(dir), e->d_name, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        is_held = strcmp(target, path) == 0;
    }
    (void)closedir(dir);
    return is_held;
}

static bool find_process(const char *path, char *out, size_t size) {
    DIR *dir = opendir("/proc");
    bool is_found = false;
    char self[16];
    (void)snprintf(self, sizeof self, "%ld", (long)getpid());
    for (struct dirent *e = dir ? readdir(dir) : NULL; e && !is_found; e = readdir(dir)) {
        if (e->d_name[0] < '1' || e->d_name[0] > '9' || strcmp(e->d_name, self) == 0 ||
            !holds_file(e->d_name, path)) {
            continue;
        }
        char name_path[300];
        (void)snprintf(name_path, sizeof name_path, "/proc/%s/comm", e->d_name);
        FILE *f = fopen(name_path, "r");
        is_found = f && fgets(out, (int)size, f);
        out[is_found ? strcspn(out, "\n") : 0] = '\0';
        if (f) {
            (void)fclose(f);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    return is_found;
}

void printer_find_owner(const struct printer_place *place, char *out, size_t size) {
    char path[48];
    struct usbdevfs_getdriver driver = {.interface = place->interface};
    (void)snprintf(path, sizeof path, "/dev/bus/usb/%03d/%03d",
                   libusb_get_bus_number(place->device),
                   libusb_get_device_address(place->device));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool is_told = fd >= 0 && ioctl(fd, USBDEVFS_GETDRIVER, &driver) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (is_told && strcmp(driver.driver, "usbfs") != 0) {
        (void)snprintf(out, size, "%s", driver.driver);
    } else if (!find_process(path, out, size)) {
        (void)snprintf(out, size, "another program");
    }
}

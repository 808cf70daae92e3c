#include "app/devices/usb.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libusb.h>

#include "app/devices/usb_describe.h"
#include "app/devices/usb_pipe.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

enum {
    FDS_MAX = 128,
    REPLUG_MS = 10,
    ENDING_MS = 2000, // transfers that do not end by then are the kernel's fault
    REQUEST_GET_DESCRIPTOR = 6,
    DESCRIPTOR_REPORT = 0x2200
};

enum device_state {
    DEVICE_NEW,     // to be opened when retry_at_ms has come
    DEVICE_LEFT_BE, // not ours
    DEVICE_OPEN,    // a driver has it
    DEVICE_CLOSING  // its transfers are ending
};

// One interface of a device, read.
struct lane {
    struct usb_pipe pipe;
    struct usb_device *device;
    size_t interface;
};

struct usb_device {
    struct usb_device *next;
    struct usb *usb;
    libusb_device *device;        // referenced
    libusb_device_handle *handle; // while OPEN or CLOSING
    enum device_state state;
    bool is_gone; // libusb says so
    uint64_t retry_at_ms;
    uint64_t retry_ms; // the next pause
    struct usb_id id;
    struct usb_hid hids[USB_INTERFACES_MAX];
    struct lane lanes[USB_INTERFACES_MAX];
    size_t hid_count;
    uint8_t configuration;
    unsigned claimed; // a bit each of hids
    void *data;
};

// Only the usb thread touches it after start, but for stop_fd.
struct usb {
    libusb_context *context;
    libusb_hotplug_callback_handle hotplug;
    const struct usb_driver *driver;
    void *driver_context;
    struct usb_device *devices;
    int stop_fd;
    bool has_new_fds; // libusb's set of files has changed
    struct pollfd fds[FDS_MAX];
    nfds_t fd_count;
    pthread_t thread;
};

// ---- what the drivers use ------------------------------------------------------------------

const struct usb_id *usb_device_id(const struct usb_device *d) {
    return &d->id;
}

const struct usb_hid *usb_device_hids(const struct usb_device *d, size_t *out_count) {
    *out_count = d->hid_count;
    return d->hids;
}

void usb_device_set_data(struct usb_device *d, void *data) {
    d->data = data;
}

void *usb_device_data(const struct usb_device *d) {
    return d->data;
}

uint64_t usb_device_errors(const struct usb_device *d) {
    uint64_t errors = 0;
    for (size_t i = 0; i < d->hid_count; i++) {
        errors += d->lanes[i].pipe.error_count;
    }
    return errors;
}

enum err usb_device_read_report(struct usb_device *d, size_t interface, uint8_t *out,
                                size_t room, size_t *out_len) {
    uint8_t number = d->hids[interface].number;
    size_t len = usb_describe_report(d->id.port, d->configuration, number, out, room);
    if (len == 0 && usb_device_claim(d, interface) == ERR_NONE) {
        int got = libusb_control_transfer(
            d->handle, LIBUSB_ENDPOINT_IN | LIBUSB_RECIPIENT_INTERFACE,
            REQUEST_GET_DESCRIPTOR, DESCRIPTOR_REPORT, number, out,
            (uint16_t)(room < UINT16_MAX ? room : UINT16_MAX), USB_REQUEST_MS);
        len = got > 0 ? (size_t)got : 0;
    }
    if (len == 0) {
        return ERR_IO;
    }
    *out_len = len;
    return ERR_NONE;
}

enum err usb_device_claim(struct usb_device *d, size_t interface) {
    // With auto-detach the kernel takes the driver off and claims in one step. Only a release
    // would put the driver back, so there is none: closing leaves the interface without one.
    if (libusb_claim_interface(d->handle, d->hids[interface].number) != 0) {
        return ERR_IO;
    }
    d->claimed |= 1u << interface;
    return ERR_NONE;
}

enum err usb_device_request(struct usb_device *d, size_t interface,
                            const struct usb_request *request) {
    uint8_t bytes[64];
    CHECK(request->len <= sizeof bytes);
    if (request->len > 0) {
        memcpy(bytes, request->data, request->len);
    }
    int sent = libusb_control_transfer(
        d->handle, LIBUSB_REQUEST_TYPE_CLASS | LIBUSB_RECIPIENT_INTERFACE,
        request->request, request->value, d->hids[interface].number, bytes,
        (uint16_t)request->len, USB_REQUEST_MS);
    return sent == (int)request->len ? ERR_NONE : ERR_IO;
}

static void on_take(void *context, const uint8_t *bytes, size_t len, uint64_t mono_ms) {
    const struct lane *lane = context;
    const struct usb *u = lane->device->usb;
    struct usb_report report = {lane->interface, bytes, len, mono_ms};
    u->driver->take(u->driver_context, lane->device, &report);
}

static void on_broke(void *context, uint64_t mono_ms) {
    const struct lane *lane = context;
    const struct usb *u = lane->device->usb;
    if (lane->device->data) {
        u->driver->broke(u->driver_context, lane->device, lane->interface, mono_ms);
    }
}

enum err usb_device_listen(struct usb_device *d, size_t interface) {
    const struct usb_hid *hid = &d->hids[interface];
    struct lane *lane = &d->lanes[interface];
    struct usb_pipe_sink sink = {on_take, on_broke, lane};
    lane->device = d;
    lane->interface = interface;
    return usb_pipe_start(&lane->pipe, d->handle, hid->endpoint, hid->packet_bytes,
                          &sink);
}

// ---- opening and closing -------------------------------------------------------------------

static void read_text(struct usb_device *d, uint8_t index, char out[USB_TEXT_SIZE]) {
    unsigned char text[USB_TEXT_SIZE];
    out[0] = '\0';
    if (index != 0 &&
        libusb_get_string_descriptor_ascii(d->handle, index, text, sizeof text) > 0) {
        (void)snprintf(out, USB_TEXT_SIZE, "%.*s", USB_TEXT_SIZE - 1, (const char *)text);
    }
}

static void read_texts(struct usb_device *d) {
    struct libusb_device_descriptor device;
    if (libusb_get_device_descriptor(d->device, &device) == 0) {
        read_text(d, device.iProduct, d->id.name);
        read_text(d, device.iSerialNumber, d->id.serial);
    }
}

static void retry_later(struct usb_device *d, uint64_t now_ms) {
    d->state = DEVICE_NEW;
    d->retry_at_ms = now_ms + d->retry_ms;
    d->retry_ms = d->retry_ms < USB_RETRY_MAX_MS / 2 ? d->retry_ms * 2 : USB_RETRY_MAX_MS;
}

static void device_close(struct usb_device *d) {
    for (size_t i = 0; i < d->hid_count; i++) {
        usb_pipe_finish(&d->lanes[i].pipe);
    }
    libusb_close(d->handle);
    d->handle = NULL;
    d->data = NULL;
    d->claimed = 0;
}

static bool is_flying(const struct usb_device *d) {
    for (size_t i = 0; i < d->hid_count; i++) {
        if (d->lanes[i].pipe.is_flying) {
            return true;
        }
    }
    return false;
}

static void device_cancel(struct usb_device *d) {
    for (size_t i = 0; i < d->hid_count; i++) {
        usb_pipe_cancel(&d->lanes[i].pipe);
    }
    d->state = DEVICE_CLOSING;
}

static void device_open(struct usb_device *d, uint64_t now_ms) {
    const struct usb_driver *driver = d->usb->driver;
    if (!driver->wants(d->usb->driver_context, &d->id, d->hids, d->hid_count)) {
        d->state = DEVICE_LEFT_BE;
        return;
    }
    int result = libusb_open(d->device, &d->handle);
    if (result != 0) {
        d->handle = NULL;
        if (result != LIBUSB_ERROR_NO_DEVICE) {
            log_warning("usb: port %s (%04x:%04x) does not open: %s%s", d->id.port,
                        d->id.vendor, d->id.product, libusb_strerror(result),
                        result == LIBUSB_ERROR_ACCESS ? "; a udev rule must give access"
                                                      : "");
        }
        retry_later(d, now_ms);
        return;
    }
    (void)libusb_set_auto_detach_kernel_driver(d->handle, 1);
    read_texts(d);
    d->state = DEVICE_OPEN;
    enum usb_answer answer = driver->arrived(d->usb->driver_context, d);
    if (answer == USB_TAKEN) {
        return;
    }
    // It may have begun to listen before it gave up: what flies ends first.
    d->data = NULL;
    if (answer == USB_TRY_AGAIN) {
        device_cancel(d);
        return;
    }
    CHECK(!is_flying(d));
    for (size_t i = 0; i < d->hid_count; i++) {
        if (d->claimed & 1u << i) { // taken only to be looked at: its driver gets it back
            (void)libusb_release_interface(d->handle, d->hids[i].number);
        }
    }
    device_close(d);
    d->state = DEVICE_LEFT_BE;
}

// A taken device is told that it left; one that was never taken has no data.
static void device_end(struct usb_device *d, uint64_t now_ms) {
    bool was_pulled = d->is_gone;
    for (size_t i = 0; i < d->hid_count; i++) {
        was_pulled = was_pulled || d->lanes[i].pipe.is_pulled;
    }
    if (d->data) {
        d->usb->driver->left(d->usb->driver_context, d, was_pulled);
    }
    device_close(d);
    retry_later(d, now_ms);
}

// A replug can be quicker than the end of the transfers of what was there before: first that
// one leaves, then this one arrives.
static bool has_predecessor(const struct usb_device *d) {
    for (const struct usb_device *o = d->usb->devices; o; o = o->next) {
        if (o != d && o->handle && strcmp(o->id.port, d->id.port) == 0) {
            return true;
        }
    }
    return false;
}

static void device_settle(struct usb_device *d, uint64_t now_ms) {
    bool is_lost = d->is_gone;
    for (size_t i = 0; d->state == DEVICE_OPEN && i < d->hid_count; i++) {
        struct usb_pipe *p = &d->lanes[i].pipe;
        usb_pipe_settle(p, now_ms);
        is_lost = is_lost || p->is_lost;
    }
    if (d->state == DEVICE_OPEN && is_lost) {
        device_cancel(d);
    }
    if (d->state == DEVICE_CLOSING && !is_flying(d)) {
        device_end(d, now_ms);
    }
    bool is_due = d->state == DEVICE_NEW && !d->is_gone && now_ms >= d->retry_at_ms;
    if (is_due && has_predecessor(d)) {
        d->retry_at_ms = now_ms + REPLUG_MS;
    } else if (is_due) {
        device_open(d, now_ms);
    }
}

static uint64_t device_deadline_ms(const struct usb_device *d) {
    uint64_t at_ms = d->state == DEVICE_NEW ? d->retry_at_ms : UINT64_MAX;
    for (size_t i = 0; d->state == DEVICE_OPEN && i < d->hid_count; i++) {
        uint64_t pipe_ms = usb_pipe_deadline_ms(&d->lanes[i].pipe);
        at_ms = pipe_ms < at_ms ? pipe_ms : at_ms;
    }
    return at_ms;
}

// ---- the table -----------------------------------------------------------------------------

static void device_add(struct usb *u, libusb_device *device) {
    for (const struct usb_device *d = u->devices; d; d = d->next) {
        if (d->device == device) { // a device may be reported twice
            return;
        }
    }
    struct usb_device *d = mem_alloc(1, sizeof *d);
    *d = (struct usb_device){.usb = u,
                             .device = libusb_ref_device(device),
                             .retry_ms = USB_RETRY_MS,
                             .next = u->devices};
    u->devices = d;
}

// From libusb's hotplug, inside its event handling: only the table is changed here.
static int LIBUSB_CALL on_hotplug(libusb_context *context, libusb_device *device,
                                  libusb_hotplug_event event, void *arg) {
    (void)context;
    struct usb *u = arg;
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED) {
        device_add(u, device);
        return 0;
    }
    for (struct usb_device *d = u->devices; d; d = d->next) {
        d->is_gone = d->is_gone || d->device == device;
    }
    return 0;
}

static void settle(struct usb *u) {
    // Opening handles events, which may put new devices at the front of the list.
    for (struct usb_device *d = u->devices; d; d = d->next) {
        if (!d->id.port[0]) {
            d->hid_count = usb_describe(d->device, &d->id, d->hids, &d->configuration);
        }
        device_settle(d, clock_mono_ms());
    }
    struct usb_device **at = &u->devices;
    while (*at) {
        struct usb_device *d = *at;
        if (!d->is_gone || d->handle) {
            at = &d->next;
            continue;
        }
        *at = d->next;
        libusb_unref_device(d->device);
        mem_free(d);
    }
}

// ---- the loop ------------------------------------------------------------------------------

static void LIBUSB_CALL on_fd_added(int fd, short events, void *arg) {
    (void)fd;
    (void)events;
    ((struct usb *)arg)->has_new_fds = true;
}

static void LIBUSB_CALL on_fd_removed(int fd, void *arg) {
    on_fd_added(fd, 0, arg);
}

static void collect_fds(struct usb *u) {
    const struct libusb_pollfd **list = libusb_get_pollfds(u->context);
    u->has_new_fds = false;
    u->fds[0] = (struct pollfd){.fd = u->stop_fd, .events = POLLIN};
    u->fd_count = 1;
    for (size_t i = 0; list && list[i] && u->fd_count < FDS_MAX; i++) {
        u->fds[u->fd_count++] =
            (struct pollfd){.fd = list[i]->fd, .events = list[i]->events};
    }
    libusb_free_pollfds(list);
}

// Opening a device handles events of all: what they changed may lie behind settle already.
static bool is_behind(const struct usb *u) {
    for (const struct usb_device *d = u->devices; d; d = d->next) {
        bool is_lost = d->is_gone;
        for (size_t i = 0; i < d->hid_count; i++) {
            is_lost = is_lost || d->lanes[i].pipe.is_lost;
        }
        if (!d->id.port[0] || (d->state == DEVICE_OPEN && is_lost) ||
            (d->state == DEVICE_CLOSING && !is_flying(d)) || (d->is_gone && !d->handle)) {
            return true;
        }
    }
    return false;
}

static int wait_ms(struct usb *u) {
    uint64_t now_ms = clock_mono_ms();
    uint64_t at_ms = u->driver->deadline_ms(u->driver_context);
    struct timeval timeout;
    if (is_behind(u)) {
        return 0;
    }
    for (const struct usb_device *d = u->devices; d; d = d->next) {
        uint64_t device_ms = device_deadline_ms(d);
        at_ms = device_ms < at_ms ? device_ms : at_ms;
    }
    if (libusb_get_next_timeout(u->context, &timeout) == 1) { // never, with timerfd
        uint64_t usb_ms = now_ms + (uint64_t)timeout.tv_sec * 1000 +
                          (uint64_t)timeout.tv_usec / 1000 + 1;
        at_ms = usb_ms < at_ms ? usb_ms : at_ms;
    }
    if (at_ms == UINT64_MAX) {
        return -1;
    }
    uint64_t left_ms = at_ms > now_ms ? at_ms - now_ms : 0;
    return left_ms < USB_RETRY_MAX_MS ? (int)left_ms : USB_RETRY_MAX_MS;
}

static void handle_events(struct usb *u) {
    struct timeval none = {0};
    (void)libusb_handle_events_timeout_completed(u->context, &none, NULL);
}

// False when asked to stop.
static bool turn(struct usb *u) {
    if (u->has_new_fds) {
        collect_fds(u);
    }
    if (poll(u->fds, u->fd_count, wait_ms(u)) < 0 && errno != EINTR) {
        log_error("usb: poll: %s; no more scans", strerror(errno));
        return false;
    }
    if (u->fds[0].revents) {
        return false;
    }
    uint64_t heard_ms = clock_mono_ms(); // what came before is taken now
    handle_events(u);
    settle(u);
    u->driver->expire(u->driver_context, heard_ms);
    return true;
}

// Cancelled transfers still have to come back before a handle may be closed.
static void close_all(struct usb *u) {
    uint64_t end_ms = clock_mono_ms() + ENDING_MS;
    for (struct usb_device *d = u->devices; d; d = d->next) {
        if (d->state == DEVICE_OPEN) {
            device_cancel(d);
        }
        d->is_gone = true; // not opened again
    }
    settle(u);
    while (u->devices && clock_mono_ms() < end_ms) {
        struct timeval pause = {.tv_usec = 10000};
        (void)libusb_handle_events_timeout_completed(u->context, &pause, NULL);
        settle(u);
    }
    if (u->devices) {
        log_error("usb: port %s: a transfer does not end", u->devices->id.port);
    }
}

static void *usb_run(void *arg) {
    struct usb *u = arg;
    int result = libusb_hotplug_register_callback(
        u->context,
        LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
        LIBUSB_HOTPLUG_ENUMERATE, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
        LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, u, &u->hotplug);
    if (result != 0) {
        log_error("usb: no news of devices: %s; no scans", libusb_strerror(result));
        return NULL;
    }
    while (turn(u)) {
    }
    libusb_hotplug_deregister_callback(u->context, u->hotplug);
    close_all(u);
    return NULL;
}

static void usb_free(struct usb *u) {
    if (u->context && !u->devices) { // with a transfer in flight it must stay
        libusb_set_pollfd_notifiers(u->context, NULL, NULL, NULL);
        libusb_exit(u->context);
    }
    if (u->stop_fd >= 0) {
        (void)close(u->stop_fd);
    }
    if (!u->devices) {
        mem_free(u);
    }
}

// Signals are main's: neither our thread nor libusb's own one may take them.
static enum err start_threads(struct usb *u) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    enum err e = ERR_IO;
    int result = libusb_init(&u->context);
    if (result != 0) {
        log_error("usb: libusb does not start: %s", libusb_strerror(result));
        u->context = NULL;
    } else {
        libusb_set_pollfd_notifiers(u->context, on_fd_added, on_fd_removed, u);
        u->has_new_fds = true;
        e = pthread_create(&u->thread, NULL, usb_run, u) == 0 ? ERR_NONE : ERR_IO;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return e;
}

enum err usb_start(const struct usb_driver *driver, void *context, struct usb **out_usb) {
    struct usb *u = mem_alloc(1, sizeof *u);
    u->driver = driver;
    u->driver_context = context;
    u->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum err e = u->stop_fd >= 0 ? start_threads(u) : ERR_IO;
    if (e != ERR_NONE) {
        usb_free(u);
        return e;
    }
    *out_usb = u;
    return ERR_NONE;
}

void usb_stop(struct usb *usb) {
    uint64_t one = 1;
    ssize_t put = write(usb->stop_fd, &one, sizeof one);
    CHECK(put == sizeof one || errno == EAGAIN);
}

void usb_join(struct usb *usb) {
    if (!usb) {
        return;
    }
    usb_stop(usb);
    CHECK(pthread_join(usb->thread, NULL) == 0);
    usb_free(usb);
}

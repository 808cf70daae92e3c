#include "app/devices/printer_link.h"

#include <stdio.h>
#include <string.h>

#include <libusb.h>

#include "app/labels/language.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

enum {
    FIRST_CONFIG = 0, // an index: what GET_DEVICE_ID asks about
    GET_DEVICE_ID = 0,
    GET_PORT_STATUS = 1,
    SOFT_RESET = 2,
    CLASS_IN = 0xA1,
    CLASS_OUT = 0x21,
    REQUEST_MS = 2000,
    READ_BYTES = 512,
    READ_ERRORS_MAX = 3,
    READ_PAUSE_MS = 100, // after an error, or an empty packet of an idle printer
    END_MS = 5000
};

struct printer_link {
    struct libusb_context *usb;
    libusb_device_handle *handle;
    struct printer_place place;
    struct libusb_transfer *out, *in;
    uint8_t piece[PRINTER_LINK_PIECE_BYTES];
    size_t piece_len, piece_taken;
    uint8_t answer[READ_BYTES];
    bool is_out_pending, is_in_pending;
    bool is_out_stalled, is_in_stalled;
    bool was_refused; // the piece: until forgiven
    bool is_gone, is_closing;
    int read_errors;
    uint64_t read_ms; // when to read again; 0: reading
    uint64_t taken, heard_total;
    struct bytes heard;
};

// ---- out

static void submit_out(struct printer_link *link);

static void on_out(struct libusb_transfer *t) {
    struct printer_link *link = t->user_data;
    link->is_out_pending = false;
    link->piece_taken += (size_t)t->actual_length;
    link->taken += (uint64_t)t->actual_length;
    switch (t->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        if (link->piece_taken < link->piece_len && !link->is_closing) {
            submit_out(link);
        }
        break;
    case LIBUSB_TRANSFER_STALL:
        link->is_out_stalled = link->was_refused = true;
        break;
    case LIBUSB_TRANSFER_CANCELLED:
        break;
    // A real kernel says ERROR first and, tens of milliseconds later, that the device left.
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_NO_DEVICE:
    case LIBUSB_TRANSFER_OVERFLOW:
    case LIBUSB_TRANSFER_TIMED_OUT:
        link->is_gone = true;
        break;
    }
}

static void submit_out(struct printer_link *link) {
    libusb_fill_bulk_transfer(
        link->out, link->handle, link->place.out, link->piece + link->piece_taken,
        (int)(link->piece_len - link->piece_taken), on_out, link, 0);
    link->is_out_pending = libusb_submit_transfer(link->out) == 0;
    link->is_gone = link->is_gone || !link->is_out_pending;
}

bool printer_link_send(struct printer_link *link, const uint8_t *data, size_t len) {
    CHECK(printer_link_get_state(link) != PRINTER_LINK_SENDING && len > 0 &&
          len <= sizeof link->piece);
    if (link->is_gone) {
        return false;
    }
    memcpy(link->piece, data, len);
    link->piece_len = len;
    link->piece_taken = 0;
    submit_out(link);
    return !link->is_gone;
}

void printer_link_abort(struct printer_link *link) {
    if (!link->is_out_pending) {
        return;
    }
    (void)libusb_cancel_transfer(link->out);
    uint64_t end_ms = clock_mono_ms() + END_MS;
    while (link->is_out_pending && clock_mono_ms() < end_ms) {
        printer_link_pump(link, 100);
    }
    link->is_gone = link->is_gone || link->is_out_pending;
}

enum printer_link_state printer_link_get_state(const struct printer_link *link) {
    return link->is_gone          ? PRINTER_LINK_GONE
           : link->is_out_pending ? PRINTER_LINK_SENDING
           : link->was_refused    ? PRINTER_LINK_STALLED
                                  : PRINTER_LINK_IDLE;
}

void printer_link_forgive(struct printer_link *link) {
    link->was_refused = false;
}

uint64_t printer_link_get_taken(const struct printer_link *link) {
    return link->taken;
}

// ---- in

static void submit_in(struct printer_link *link);

static void hear(struct printer_link *link, size_t len) {
    bytes_add(&link->heard, link->answer, len);
    link->heard_total += len;
    if (link->heard.len > LABEL_ANSWER_MAX_BYTES) {
        size_t extra = link->heard.len - LABEL_ANSWER_MAX_BYTES;
        memmove(link->heard.data, link->heard.data + extra, LABEL_ANSWER_MAX_BYTES);
        link->heard.len = LABEL_ANSWER_MAX_BYTES;
    }
}

static void pause_reading(struct printer_link *link) {
    link->read_ms = clock_mono_ms() + READ_PAUSE_MS;
}

static void on_in(struct libusb_transfer *t) {
    struct printer_link *link = t->user_data;
    link->is_in_pending = false;
    switch (t->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        link->read_errors = 0;
        if (t->actual_length == 0) {
            pause_reading(link);
        } else {
            hear(link, (size_t)t->actual_length);
            submit_in(link);
        }
        break;
    case LIBUSB_TRANSFER_STALL:
        link->is_in_stalled = true;
        pause_reading(link);
        break;
    case LIBUSB_TRANSFER_CANCELLED:
        break;
    case LIBUSB_TRANSFER_NO_DEVICE:
        link->is_gone = true;
        break;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_OVERFLOW:
    case LIBUSB_TRANSFER_TIMED_OUT:
        link->is_gone = link->is_gone || ++link->read_errors > READ_ERRORS_MAX;
        pause_reading(link);
        break;
    }
}

// Always pending: some firmware stands still while nobody takes its status.
static void submit_in(struct printer_link *link) {
    if (!link->place.in || link->is_closing || link->is_gone) {
        return;
    }
    libusb_fill_bulk_transfer(link->in, link->handle, link->place.in, link->answer,
                              sizeof link->answer, on_in, link, 0);
    link->is_in_pending = libusb_submit_transfer(link->in) == 0;
    link->read_ms = 0;
    link->is_gone = link->is_gone || !link->is_in_pending;
}

const struct bytes *printer_link_get_heard(const struct printer_link *link) {
    return &link->heard;
}

void printer_link_forget(struct printer_link *link) {
    bytes_clear(&link->heard);
}

uint64_t printer_link_get_heard_total(const struct printer_link *link) {
    return link->heard_total;
}

// ---- both

// What may not be done inside a callback.
static void mend(struct printer_link *link) {
    if (link->is_gone || link->is_closing) {
        return;
    }
    if (link->is_out_stalled) {
        link->is_out_stalled = false;
        (void)libusb_clear_halt(link->handle, link->place.out);
    }
    bool is_due = link->read_ms > 0 && clock_mono_ms() >= link->read_ms;
    if (!is_due || link->is_in_pending) {
        return;
    }
    if (link->is_in_stalled) {
        link->is_in_stalled = false;
        (void)libusb_clear_halt(link->handle, link->place.in);
    }
    submit_in(link);
}

void printer_link_pump(struct printer_link *link, int ms) {
    int wait_ms = ms;
    if (link->read_ms > 0 && wait_ms > READ_PAUSE_MS) {
        wait_ms = READ_PAUSE_MS;
    }
    struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
    (void)libusb_handle_events_timeout_completed(link->usb, &wait, NULL);
    mend(link);
}

void printer_link_lose(struct printer_link *link, const struct libusb_device *device) {
    link->is_gone = link->is_gone || link->place.device == device;
}

// ---- open and close

static void say_not_open(const struct printer_place *place, int e,
                         struct label_status *out) {
    char owner[32];
    label_status_init(out);
    switch (e) {
    case LIBUSB_ERROR_BUSY:
        printer_find_owner(place, owner, sizeof owner);
        out->state = PRINTER_ERROR;
        (void)snprintf(out->reason, sizeof out->reason,
                       "%s uses this printer: stop it or remove the printer from it",
                       owner);
        break;
    case LIBUSB_ERROR_ACCESS:
        out->state = PRINTER_ERROR;
        (void)snprintf(out->reason, sizeof out->reason,
                       "No right to open USB port %s: its udev rule is missing",
                       place->port);
        break;
    default: // most often it has just been pulled
        out->state = PRINTER_OFFLINE;
        break;
    }
}

// Never given back: an interface that usblp gets for a moment swallows what comes in.
static int claim(struct printer_link *link) {
    const struct printer_place *p = &link->place;
    int config = 0;
    if (libusb_get_configuration(link->handle, &config) == 0 && config != p->config) {
        (void)libusb_set_configuration(link->handle, p->config);
    }
    if (libusb_kernel_driver_active(link->handle, p->interface) == 1) {
        (void)libusb_detach_kernel_driver(link->handle, p->interface);
    }
    int e = libusb_claim_interface(link->handle, p->interface);
    if (e == 0 && (p->alternate || p->has_alternates)) {
        e = libusb_set_interface_alt_setting(link->handle, p->interface, p->alternate);
    }
    return e;
}

struct printer_link *printer_link_open(struct libusb_context *usb,
                                       const struct printer_place *place,
                                       struct label_status *out_trouble) {
    struct printer_link *link = mem_alloc(1, sizeof *link);
    link->usb = usb;
    link->place = *place;
    (void)libusb_ref_device(link->place.device);
    link->out = libusb_alloc_transfer(0);
    link->in = libusb_alloc_transfer(0);
    CHECK(link->out && link->in);
    int e = libusb_open(place->device, &link->handle);
    if (e == 0) {
        e = claim(link);
    }
    if (e != 0) {
        say_not_open(place, e, out_trouble);
        printer_link_close(link);
        return NULL;
    }
    submit_in(link);
    return link;
}

void printer_link_close(struct printer_link *link) {
    if (!link) {
        return;
    }
    link->is_closing = true;
    if (link->is_out_pending) {
        (void)libusb_cancel_transfer(link->out);
    }
    if (link->is_in_pending) {
        (void)libusb_cancel_transfer(link->in);
    }
    uint64_t end_ms = clock_mono_ms() + END_MS;
    while ((link->is_out_pending || link->is_in_pending) && clock_mono_ms() < end_ms) {
        printer_link_pump(link, 100);
    }
    if (link->is_out_pending || link->is_in_pending) {
        log_error("printer usb: port %s does not let go of a transfer", link->place.port);
        return; // freeing it now would be worse than losing it
    }
    libusb_free_transfer(link->out);
    libusb_free_transfer(link->in);
    if (link->handle) {
        libusb_close(link->handle);
    }
    printer_place_finish(&link->place);
    bytes_finish(&link->heard);
    mem_free(link);
}

// ---- class requests

size_t printer_link_get_id(struct printer_link *link, uint8_t *out, size_t size) {
    const struct printer_place *p = &link->place;
    int len = libusb_control_transfer(link->handle, CLASS_IN, GET_DEVICE_ID, FIRST_CONFIG,
                                      (uint16_t)(p->interface << 8 | p->alternate), out,
                                      (uint16_t)size, REQUEST_MS);
    return len > 0 ? (size_t)len : 0;
}

int printer_link_get_port_status(struct printer_link *link) {
    uint8_t status = 0;
    int len =
        link->is_gone
            ? -1
            : libusb_control_transfer(link->handle, CLASS_IN, GET_PORT_STATUS, 0,
                                      link->place.interface, &status, 1, REQUEST_MS);
    return len == 1 ? status : -1;
}

void printer_link_reset(struct printer_link *link) {
    if (!link->is_gone) {
        (void)libusb_control_transfer(link->handle, CLASS_OUT, SOFT_RESET, 0,
                                      link->place.interface, NULL, 0, REQUEST_MS);
    }
}

#include "app/devices/usb_pipe.h"

#include <string.h>

#include <libusb.h>

#include "sync/base/clock.h"
#include "sync/base/mem.h"

// Packets may be missing from here on. The halt or the pause is for the loop.
static void pipe_fail(struct usb_pipe *p, bool is_halted) {
    uint64_t now_ms = clock_mono_ms();
    p->errors++;
    p->error_count++;
    p->is_halted = p->is_halted || is_halted;
    p->is_lost = p->errors > USB_PIPE_ERRORS_MAX;
    // The first STALL is cleared at once, by the next turn of the loop.
    p->retry_at_ms = now_ms + (is_halted && p->errors == 1 ? 0 : USB_PIPE_PAUSE_MS);
    p->sink.broke(p->sink.context, now_ms);
}

static void pipe_lose(struct usb_pipe *p) {
    p->is_lost = p->is_pulled = true;
    p->sink.broke(p->sink.context, clock_mono_ms());
}

// A device that leaves is refused here more often than it ends a transfer: both are one case.
static void pipe_submit(struct usb_pipe *p) {
    p->retry_at_ms = 0;
    int result = libusb_submit_transfer(p->transfer);
    p->is_flying = result == 0;
    if (result == LIBUSB_ERROR_NO_DEVICE) {
        pipe_lose(p);
    } else if (result != 0) {
        pipe_fail(p, false);
    }
}

static void LIBUSB_CALL on_transfer(struct libusb_transfer *t) {
    struct usb_pipe *p = t->user_data;
    // A packet that came before the cancelling is there all the same.
    bool is_whole =
        t->status == LIBUSB_TRANSFER_COMPLETED || t->status == LIBUSB_TRANSFER_CANCELLED;
    p->is_flying = false;
    if (is_whole && t->actual_length > 0) {
        p->sink.take(p->sink.context, t->buffer, (size_t)t->actual_length,
                     clock_mono_ms());
    }
    switch (t->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        p->errors = 0;
        break;
    case LIBUSB_TRANSFER_NO_DEVICE:
        pipe_lose(p);
        return;
    case LIBUSB_TRANSFER_STALL:
        pipe_fail(p, true);
        return;
    case LIBUSB_TRANSFER_CANCELLED:
        return;
    case LIBUSB_TRANSFER_ERROR: // also what a pulled cable gives first
    case LIBUSB_TRANSFER_TIMED_OUT:
    case LIBUSB_TRANSFER_OVERFLOW:
    default:
        pipe_fail(p, false);
        return;
    }
    if (!p->is_ending) {
        pipe_submit(p);
    }
}

enum err usb_pipe_start(struct usb_pipe *p, struct libusb_device_handle *handle,
                        uint8_t endpoint, size_t packet_bytes,
                        const struct usb_pipe_sink *sink) {
    CHECK(packet_bytes > 0 && packet_bytes <= 3 * 1024);
    *p = (struct usb_pipe){.handle = handle, .sink = *sink, .endpoint = endpoint};
    p->transfer = libusb_alloc_transfer(0);
    CHECK(p->transfer);
    p->buffer = mem_alloc(1, packet_bytes);
    libusb_fill_interrupt_transfer(p->transfer, handle, endpoint, p->buffer,
                                   (int)packet_bytes, on_transfer, p, 0);
    pipe_submit(p);
    return p->is_flying ? ERR_NONE : ERR_IO;
}

void usb_pipe_settle(struct usb_pipe *p, uint64_t now_ms) {
    bool is_due = p->transfer && !p->is_flying && !p->is_ending && !p->is_lost &&
                  p->retry_at_ms != 0 && now_ms >= p->retry_at_ms;
    if (!is_due) {
        return;
    }
    if (p->is_halted) {
        p->is_halted = false;
        int result = libusb_clear_halt(p->handle, p->endpoint);
        if (result == LIBUSB_ERROR_NO_DEVICE) {
            pipe_lose(p);
            return;
        }
    }
    pipe_submit(p);
}

uint64_t usb_pipe_deadline_ms(const struct usb_pipe *p) {
    bool is_waiting = p->transfer && !p->is_ending && !p->is_lost && p->retry_at_ms != 0;
    return is_waiting ? p->retry_at_ms : UINT64_MAX;
}

void usb_pipe_cancel(struct usb_pipe *p) {
    p->is_ending = true;
    if (p->is_flying) {
        // NOT_FOUND: it has ended, its callback is still to come.
        (void)libusb_cancel_transfer(p->transfer);
    }
}

void usb_pipe_finish(struct usb_pipe *p) {
    CHECK(!p->is_flying);
    if (p->transfer) {
        libusb_free_transfer(p->transfer);
    }
    mem_free(p->buffer);
    memset(p, 0, sizeof *p);
}

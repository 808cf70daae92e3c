// The line to one opened USB printer: bytes out in small pieces, a read always pending, the
// class requests. It claims the interface and keeps it until it is closed: giving it back to
// usblp after each job loses jobs on some printers. On the printer's thread only.
//
// Nothing here waits but printer_link_pump and the class requests (two seconds at most).
// Source: USB printer class 1.1, 4.2; libusb's documentation.
#ifndef APP_DEVICES_PRINTER_LINK_H
#define APP_DEVICES_PRINTER_LINK_H

#include "app/devices/printer_find.h"
#include "sync/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRINTER_LINK_PIECE_BYTES = 16384 };

enum printer_link_state {
    PRINTER_LINK_IDLE,    // a piece may be sent
    PRINTER_LINK_SENDING, // the printer has not taken all of the last one
    PRINTER_LINK_STALLED, // it refused the last one; cleared by then
    PRINTER_LINK_GONE     // pulled, or broken: close it
};

struct printer_link;

// Claims the place's interface, whose device is referenced anew, and begins to read. NULL:
// out_trouble says why in words: who uses it, that the right is missing.
struct printer_link *printer_link_open(struct libusb_context *usb,
                                       const struct printer_place *place,
                                       struct label_status *out_trouble);
void printer_link_close(struct printer_link *link); // NULL is fine

// Hands out one piece, at most PRINTER_LINK_PIECE_BYTES; copied. Only when idle. False: gone.
bool printer_link_send(struct printer_link *link, const uint8_t *data, size_t len);
// Takes the piece under way back; how much of it was taken cannot be known.
void printer_link_abort(struct printer_link *link);
enum printer_link_state printer_link_get_state(const struct printer_link *link);
void printer_link_forgive(struct printer_link *link); // stalled -> idle
// Bytes the printer has taken since it was opened: it grows as long as there is progress.
uint64_t printer_link_get_taken(const struct printer_link *link);

// Everything received since the last printer_link_forget, at most LABEL_ANSWER_MAX_BYTES, the
// newest. Borrowed until the next pump.
const struct bytes *printer_link_get_heard(const struct printer_link *link);
void printer_link_forget(struct printer_link *link);
uint64_t printer_link_get_heard_total(const struct printer_link *link); // only grows

// Lets things happen for ms at most; returns earlier when something did.
void printer_link_pump(struct printer_link *link, int ms);

// Was it this device that left? Then the link is gone.
void printer_link_lose(struct printer_link *link, const struct libusb_device *device);

// ---- class requests
size_t printer_link_get_id(struct printer_link *link, uint8_t *out,
                           size_t size);                     // 0: none
int printer_link_get_port_status(struct printer_link *link); // -1: none
void printer_link_reset(struct printer_link *link); // SOFT_RESET, after an aborted job

#endif

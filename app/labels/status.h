// What a printer is, in the words of the whole product, and what it said last. Values.
// Called by app/devices, the languages of this room and whoever shows a printer; any thread.
#ifndef APP_LABELS_STATUS_H
#define APP_LABELS_STATUS_H

#include <stdbool.h>
#include <stdint.h>

// A job waits in every state but ready and busy, and goes on by itself when the cause is gone.
enum printer_state {
    PRINTER_READY,
    PRINTER_BUSY,
    PRINTER_PAUSED, // by a key on the printer
    PRINTER_OUT_OF_LABELS,
    PRINTER_WRONG_LABELS, // another roll than the badges need
    PRINTER_COVER_OPEN,
    PRINTER_JAM, // feed or cutter
    PRINTER_OUT_OF_RIBBON,
    PRINTER_HOT,       // until the head is cooler
    PRINTER_OFFLINE,   // off, unplugged or not online
    PRINTER_ERROR,     // out of order: the reason says why
    PRINTER_DISK_FULL, // the kiosk gives it no jobs: its disk is for check-ins
    PRINTER_UNKNOWN,   // it does not say: somebody should look
    PRINTER_STATE_COUNT
};
const char *printer_state_name(enum printer_state state); // "out-of-labels"

// What became of the label that was sent last.
enum label_outcome {
    LABEL_UNKNOWN, // cannot tell (yet): ask again while the printer lives, else a human decides
    LABEL_PRINTED, // the printer says that it is out
    LABEL_WAITING, // the printer holds it and prints it by itself: ask again
    LABEL_LOST     // it has not come out and will not: it may be sent again
};

enum { LABEL_REASON_SIZE = 120 };

struct label_status {
    enum printer_state state;
    enum label_outcome outcome;     // only after a job has been sent
    char reason[LABEL_REASON_SIZE]; // English, for logs and staff; "" when ready
    bool has_media;                 // the next two are told
    int media_w_mm;
    int media_h_mm;     // 0: continuous
    int queued;         // labels the printer still holds; -1: it does not say
    int dpi;            // 0: it does not say
    bool is_low;        // the roll ends soon
    bool is_two_colour; // a black and red roll is loaded
};

// Nothing known yet: unknown state and outcome.
void label_status_init(struct label_status *out);

// Sets state and reason. The worse of the two stays when something is known already:
// a fault is never replaced by ready or busy.
void label_status_set(struct label_status *status, enum printer_state state,
                      const char *reason);

// Adds what GET_PORT_STATUS said (USB printer class, one byte), for printers that keep silent:
// 0x20 paper empty, 0x08 no error, 0x10 selected. It only refines PRINTER_UNKNOWN. Ready comes
// of it only when nothing was asked (a mute printer): then there is no reason yet.
void label_status_add_port(struct label_status *status, uint8_t port);

#endif

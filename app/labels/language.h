// The printer languages as values: how a label becomes bytes, what to ask, and what an answer
// (or silence) means. Pure: the transport (app/devices) sends, waits and keeps the clock.
// Any thread; no state. The table in language.c lists them.
//
// Asking, at a moment of a printer's life:
//     label_status_init(&status);
//     for (number = 0; language->ask(moment, setup, number, &question); number++) {
//         wait question.wait_ms; throw away what came unasked; send question.data; data = {}
//         do { read into data, for question.patience_ms at most, then is_over = true }
//         while ((heard = language->hear(&hearing, &status)) == LABEL_HEARD_MORE);
//         if (heard == LABEL_HEARD_ENOUGH) break;
//     }
// With is_over set, hear never returns LABEL_HEARD_MORE. status is right after every call:
// while more is to come it says what is known so far.
#ifndef APP_LABELS_LANGUAGE_H
#define APP_LABELS_LANGUAGE_H

#include "app/labels/device_id.h"
#include "app/labels/label.h"
#include "app/labels/status.h"
#include "sync/base/bytes.h"
#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LABEL_MODEL_SIZE = 64, LABEL_ANSWER_MAX_BYTES = 4096 };

// A roll or paper that a language knows by name.
struct label_media {
    const char *name;   // "62x29"
    int w_mm, h_mm;     // of the label; h_mm 0: continuous
    int w_dots, h_dots; // that can be printed on; h_dots 0: as long as the label is
};

enum label_tracking {
    LABEL_TRACK_GAP,       // gap or notch between labels
    LABEL_TRACK_MARK,      // black mark on the back
    LABEL_TRACK_CONTINUOUS // cut to length
};

// How a label is to be printed. Values; all zero but for dpi is valid.
struct label_setup {
    char model[LABEL_MODEL_SIZE]; // of the device id; "" takes the language's usual one
    int dpi;                      // of the printer
    int media_w_mm,
        media_h_mm; // what should be loaded; w 0: whatever is. h 0: continuous
    enum label_tracking tracking;
    bool is_two_colour; // a red and black roll, which needs to be told even for black
    bool is_mute;       // the printer is known never to answer
};

enum label_moment {
    LABEL_MEET,   // once, when the printer was opened: media, dpi
    LABEL_BEFORE, // the job is sent only when this ends in PRINTER_READY
    LABEL_DURING, // while bytes flow: languages that would disturb them only listen, or not even
    LABEL_AFTER // all is sent. Again and again while the outcome is waiting or unknown
};

struct label_question {
    const uint8_t *data; // static
    size_t len;      // 0: nothing is sent or thrown away, the printer speaks by itself:
                     // data is all it said since the first byte of the job
    int patience_ms; // no byte for so long: it is silent
    int wait_ms;     // before asking
};

struct label_hearing {
    enum label_moment moment;
    int number; // of the question
    const struct label_setup *setup;
    const uint8_t
        *data;    // everything since the question; bytes of others may stand before
    size_t len;   // the last LABEL_ANSWER_MAX_BYTES are enough
    bool is_over; // patience is out
};

enum label_heard {
    LABEL_HEARD_MORE,  // the answer is not complete
    LABEL_HEARD_NEXT,  // ask the next question
    LABEL_HEARD_ENOUGH // nothing more needs to be asked now
};

// What brings a printer back. NULL data: the language has no such thing.
struct label_command {
    const uint8_t *data; // static
    size_t len;
};

struct label_language {
    const char *name;                // "zpl": what --printer says
    const char *title;               // "ZPL (Zebra)"
    const int *dpis;                 // ends with 0
    int max_w_dots;                  // of the widest printer that speaks it
    const struct label_media *media; // ends with a NULL name; NULL: any size
    struct label_command cancel;     // throws away what the printer holds
    struct label_command resume;     // ends a pause
    struct label_command calibrate;  // measures the labels anew

    bool (*fits)(const struct device_id *id);
    // Appends the job to out. ERR_LIMIT: ink outside what the media or printer can print, or a
    // dpi it has not; ERR_NOT_FOUND: no such media. out is as before on failure; logged.
    enum err (*encode)(const struct label *label, const struct label_setup *setup,
                       struct bytes *out);
    // False: no more questions at this moment.
    bool (*ask)(enum label_moment moment, const struct label_setup *setup, int number,
                struct label_question *out);
    enum label_heard (*hear)(const struct label_hearing *hearing,
                             struct label_status *status);
};

// Ends with NULL.
extern const struct label_language *const label_languages[];

// The language a printer with this device id speaks; NULL: none of ours.
const struct label_language *label_language_find(const struct device_id *id);
const struct label_language *label_language_named(const char *name); // NULL: none

// The media of that size, or NULL: unknown, or the language takes any.
const struct label_media *label_media_find(const struct label_language *language,
                                           int w_mm, int h_mm);

// For encode: the label is sound, drawn for the dpi of the setup, which the language has, and
// no wider than its widest printer. ERR_LIMIT: logged.
MUST_CHECK enum err label_language_check(const struct label_language *language,
                                         const struct label *label,
                                         const struct label_setup *setup);

// The media that a label of that size was drawn for, told by its printable dots, die-cut before
// continuous. NULL: none, or the language takes any.
const struct label_media *label_media_drawn(const struct label_language *language,
                                            int w_dots, int h_dots);

// A device that will not print as it is, told by its USB ids alone: state and reason, e.g. a
// Brother that plays a disk ("Editor Lite"). False: nothing known against it.
bool label_usb_trouble(uint16_t vendor, uint16_t product, struct label_status *out);

#endif

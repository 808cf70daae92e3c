// Badge printers, real or pretended. The program starts one by its option `--printer`; each
// runs on its own thread and posts what happens. A job is printed only when the printer says
// so. Order of life: start, submit ..., stop, join. Called by the main thread only.
#ifndef APP_DEVICES_PRINTER_H
#define APP_DEVICES_PRINTER_H

#include "app/labels/label.h"
#include "app/labels/status.h"
#include "sync/base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { PRINTER_JOBS_MAX = 8, PRINTER_SIDE_MAX_DOTS = LABEL_SIDE_MAX_DOTS };
enum { PRINTER_REASON_SIZE = LABEL_REASON_SIZE, PRINTER_MODEL_SIZE = 72 };

enum printer_news_kind {
    PRINTER_STATE_CHANGED,
    PRINTER_JOB_PRINTED,
    // It did not come out and will not, for its own sake: it fits no label, could not be
    // written, was thrown away thrice, was taken back. A printer out of order fails no job:
    // whoever waits for a badge gets it when the printer is mended, without being sought.
    PRINTER_JOB_FAILED,
    PRINTER_JOB_UNKNOWN // it may have come out or not: somebody looks and decides
};

struct printer_news {
    enum printer_news_kind kind;
    uint64_t job;             // printed, failed, unknown
    enum printer_state state; // as of now, with every kind
    // In words, a sentence without its full stop: failed and unknown always have one, a state
    // only where there is more to say than its name ("cupsd uses this printer").
    char reason[PRINTER_REASON_SIZE];
    char model[PRINTER_MODEL_SIZE]; // "Zebra ZD421", with every kind; "" = not known
    int dpi; // that labels must be drawn with, of the printer met last; 0: any
};

// Called on the printer's thread; news is borrowed for the call. It must only copy the news
// into a bounded inbox and wake its reader.
typedef void printer_post(void *context, const struct printer_news *news);

// How a label becomes a file, for printers that write files: the programs give one for PNG.
struct label_format {
    const char *ending; // "png"
    // Creates or replaces path. Called on the printer's thread.
    enum err (*write)(const struct label *label, const char *path);
};
extern const struct label_format label_pbm; // needs no library

struct printer;

// Everything a printer is started with. format, post and context are kept until join.
struct printer_setup {
    const struct label_format *format; // NULL: label_pbm
    printer_post *post;
    void *context;
};

// A kind of printer: a row of the table in printer.c.
struct printer_kind {
    const char *scheme; // the word before the colon in `--printer`
    const char *usage;
    // place: what stands after the colon.
    enum err (*start)(const char *place, const struct printer_setup *setup,
                      struct printer **out_printer);
    enum err (*submit)(struct printer *printer, uint64_t job, const struct label *label);
    void (*cancel)(struct printer *printer, uint64_t job);
    void (*stop)(struct printer *printer);
    void (*join)(struct printer *printer);
};

// The first member of every printer's own struct.
struct printer {
    const struct printer_kind *kind;
};

// spec: "none", "file:DIR[,delay=MS]" or "usb..." (printer_usb.h). With "none" *out_printer is
// NULL: there is no printer here.
// ERR_INPUT: no such kind or a bad place; ERR_IO: it does not open. Both are logged.
MUST_CHECK enum err printer_start(const char *spec, const struct printer_setup *setup,
                                  struct printer **out_printer);

// Hands over a copy of the label. Exactly one of printed, failed and unknown is posted for the
// job, unless the printer is stopped before. ERR_FULL: PRINTER_JOBS_MAX jobs wait already;
// ERR_LIMIT: a label without dots or too large; ERR_CLOSED: stopped, or printer is NULL.
MUST_CHECK enum err printer_submit(struct printer *printer, uint64_t job,
                                   const struct label *label);
// Takes a waiting job back: it fails. One that is under way or unknown is left alone.
void printer_cancel(struct printer *printer, uint64_t job);

// "file": what a print fact calls this printer. "none" for NULL.
const char *printer_name(const struct printer *printer);

// Asks the thread to end; labels not printed by then stay unprinted, without news. One that was
// under way may still come out.
void printer_stop(struct printer *printer); // NULL is fine; may be called twice
// Waits for the thread and frees the printer: no post happens afterwards. NULL is fine.
void printer_join(struct printer *printer);

#endif

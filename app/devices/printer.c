#include "app/devices/printer.h"

#include "app/devices/printer_file.h"
#include "app/devices/printer_usb.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <stdio.h>
#include <string.h>

// A new kind of printer is a row here and a file beside this one.
static const struct printer_kind *const kinds[] = {&printer_file, &printer_usb};

static enum err pbm_write(const struct label *label, const char *path) {
    FILE *f = fopen(path, "wb");
    if (!f) {
        return ERR_IO;
    }
    (void)fprintf(f, "P4\n%d %d\n", label->w, label->h);
    size_t row_bytes = ((size_t)label->w + 7) / 8;
    for (int y = 0; y < label->h; y++) {
        (void)fwrite(label->bits + (size_t)y * (size_t)label->stride_bytes, 1, row_bytes,
                     f);
    }
    bool is_bad = ferror(f) != 0;
    return fclose(f) != 0 || is_bad ? ERR_IO : ERR_NONE;
}

const struct label_format label_pbm = {.ending = "pbm", .write = pbm_write};

enum err printer_start(const char *spec, const struct printer_setup *setup,
                       struct printer **out_printer) {
    if (strcmp(spec, "none") == 0) {
        *out_printer = NULL;
        return ERR_NONE;
    }
    size_t scheme_len = strcspn(spec, ":,"); // "usb,language=zpl" names no place
    const char *place = spec + scheme_len + (spec[scheme_len] == ':');
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i]->scheme) == scheme_len &&
            memcmp(kinds[i]->scheme, spec, scheme_len) == 0) {
            return kinds[i]->start(place, setup, out_printer);
        }
    }
    log_error("--printer %s: no such kind; use none, %s or %s", spec, printer_file.usage,
              printer_usb.usage);
    return ERR_INPUT;
}

enum err printer_submit(struct printer *printer, uint64_t job,
                        const struct label *label) {
    if (!printer) {
        return ERR_CLOSED;
    }
    if (!label_is_sound(label)) {
        return ERR_LIMIT;
    }
    return printer->kind->submit(printer, job, label);
}

void printer_cancel(struct printer *printer, uint64_t job) {
    if (printer) {
        printer->kind->cancel(printer, job);
    }
}

const char *printer_name(const struct printer *printer) {
    return printer ? printer->kind->scheme : "none";
}

void printer_stop(struct printer *printer) {
    if (printer) {
        printer->kind->stop(printer);
    }
}

void printer_join(struct printer *printer) {
    if (printer) {
        printer->kind->join(printer);
    }
}

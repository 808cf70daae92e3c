#include "app/devices/scanner.h"

#include "app/devices/scanner_fifo.h"
#include "app/devices/scanner_none.h"
#include "app/devices/scanner_usb.h"
#include "sync/base/log.h"

#include <string.h>

// A new kind of scanner is a row here and a file beside this one.
static const struct scanner_kind *const kinds[] = {&scanner_none, &scanner_fifo,
                                                   &scanner_usb};

enum err scanner_start(const char *spec, scan_post *post, void *context,
                       struct scanner **out_scanner) {
    size_t scheme_len = strcspn(spec, ":,");
    bool is_optioned = spec[scheme_len] == ',';
    const char *place = spec[scheme_len] ? spec + scheme_len + 1 : "";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i]->scheme) == scheme_len &&
            (!is_optioned || kinds[i]->has_options) &&
            memcmp(kinds[i]->scheme, spec, scheme_len) == 0) {
            return kinds[i]->start(place, post, context, out_scanner);
        }
    }
    log_error("--scanner %s: no such kind; use %s, %s or %s", spec, scanner_none.usage,
              scanner_usb.usage, scanner_fifo.usage);
    return ERR_INPUT;
}

void scanner_stop(struct scanner *scanner) {
    if (scanner) {
        scanner->kind->stop(scanner);
    }
}

void scanner_join(struct scanner *scanner) {
    if (scanner) {
        scanner->kind->join(scanner);
    }
}

size_t scanner_look(struct scanner *scanner, struct scanner_health *out, size_t room) {
    return scanner && scanner->kind->look ? scanner->kind->look(scanner, out, room) : 0;
}

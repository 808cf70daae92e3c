#include "app/devices/scanner_none.h"

#include "sync/base/mem.h"

static enum err none_start(const char *place, scan_post *post, void *context,
                           struct scanner **out_scanner) {
    (void)place;
    (void)post;
    (void)context;
    struct scanner *scanner = mem_alloc(1, sizeof *scanner);
    scanner->kind = &scanner_none;
    *out_scanner = scanner;
    return ERR_NONE;
}

static void none_stop(struct scanner *scanner) {
    (void)scanner;
}

static void none_join(struct scanner *scanner) {
    mem_free(scanner);
}

const struct scanner_kind scanner_none = {
    .scheme = "none",
    .usage = "none",
    .start = none_start,
    .stop = none_stop,
    .join = none_join,
};

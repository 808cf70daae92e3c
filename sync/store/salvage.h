// Reading what can be read of a damaged store, for recover.c. Store thread; no state of its
// own: running it twice is harmless.
#ifndef SYNC_STORE_SALVAGE_H
#define SYNC_STORE_SALVAGE_H

#include "sync/base/err.h"

#include <stdint.h>

struct store;

#define SALVAGE_META "salvage" // of which file, while it is under way

struct salvage_report {
    int64_t streams, facts;
};
// Takes the event, settings and every batch that verifies from the database at path (with
// its -wal beside it) into the fresh store s; our own facts that were not signed yet are
// signed on the way. The file stays as it is. What cannot be read is left out: the upstream
// has it, or it is lost. ERR_IO, ERR_FULL: of s.
MUST_CHECK enum err salvage_run(struct store *s, const char *path,
                                struct salvage_report *out);

#endif

// The kinds of feed by name, and which one some bytes are. Called by the hub's import verb.
// Pure; any thread.
#ifndef SYNC_CONNECTORS_SOURCE_H
#define SYNC_CONNECTORS_SOURCE_H

#include "sync/connectors/import.h"

typedef enum err source_read_fn(const void *bytes, size_t len,
                                const struct import_options *o, struct drafts *out,
                                struct import_report *report);

struct source {
    const char *name;     // as in `import --as datatracker`
    const char *what;     // one line for a help text
    source_read_fn *read; // errors and limits as in import.h
    bool needs_zone;      // options must have the event's zone
};

// All of them, in the order in which files of one event are best imported; NULL name ends.
extern const struct source sources[];

// NULL when there is none of that name.
const struct source *source_find(const char *name);
// By what the bytes hold: the keys of the JSON or the names in the first line. NULL when it
// fits none; a reader may still refuse what was guessed.
const struct source *source_guess(const void *bytes, size_t len);

#endif

// Backups of the hub: one file with the whole store and what is needed to serve again (not
// root.key, which belongs in a safe place of its own). Made while the hub works, checked
// before they get their name. The periodic ones have a thread; start, stop and join it from
// the main thread. The rest may be called from any thread but the store's.
#ifndef SYNC_HUB_BACKUP_H
#define SYNC_HUB_BACKUP_H

#include "sync/base/bytes.h"
#include "sync/store/store.h"

#include <stdbool.h>

struct backups;
struct hub;

struct backup_options {
    const char *dir; // where they go; NULL: none
    uint64_t every_ms;
    unsigned keep; // the newest of this event; older ones are removed
};

struct backups *backups_start(struct hub *h, const struct backup_options *o);
void backups_stop(struct backups *b); // one under way is given up
void backups_join(struct backups *b); // then frees it; NULL is fine
// Milliseconds since the last good one, or since the start; and how many failed.
void backups_get(struct backups *b, uint64_t *out_age_ms, uint64_t *out_failures);

// Of a running hub (s NULL) or of a store that nobody else has (h NULL), whose directory is
// dir. Appends to out what was done, or why not. false: no file was made.
struct backup_order {
    struct hub *hub;
    struct store *store;
    const char *dir;
    const char *file; // absolute
};
bool backup_make(const struct backup_order *o, struct bytes *out);
// Checks a running hub's store on a copy, so that nobody waits.
MUST_CHECK enum err backup_verify(struct hub *h, struct verify_report *out);
// Into a directory that is empty or not there. Says what came back.
bool backup_restore(const char *file, const char *dir, struct bytes *out);
// Removes what a killed hub left half done in its directory.
void backup_clean(const char *dir);

#endif

// What the store does about a disk that fails, fills up or lost something. Store thread.
//
// A failed write or fsync: nothing more is accepted until store_reopen, for Linux forgets
// what it could not write and the next fsync would lie. store_thread does it by itself;
// whoever drives a store without a thread asks store_has_failed after each error.
// A full disk: the reserve file is given up at the first ERR_FULL, the same call then has
// room. It is made again by store_reserve_step.
#ifndef SYNC_STORE_RECOVER_H
#define SYNC_STORE_RECOVER_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

enum { STORE_RESERVE_BYTES = 16 * 1024 * 1024 }; // for real disks

enum store_disk {
    STORE_DISK_OK,
    STORE_DISK_LOW,   // only the reserve is left: check in, but print no badges
    STORE_DISK_FULL,  // the last commit found no room
    STORE_DISK_FAILED // cannot be written at present
};
enum store_disk store_disk_state(const struct store *s);
const char *store_disk_name(enum store_disk d); // "ok" "low" "full" "failed"

bool store_has_failed(const struct store *s);
// Closes the file, writes the log file's bytes again, opens it and checks its tail. What was
// in RAM only is forgotten, search keys are loaded anew. A damaged file is set aside first.
// On failure only store_reopen and store_close may follow.
MUST_CHECK enum err store_reopen(struct store *s);

// After an unclean stop the tail was checked at open; this looks at so many more facts of
// the rest. true: nothing is left to look at. ERR_CORRUPT in *out_err: store_reopen sets
// the file aside.
bool store_check_step(struct store *s, size_t facts, enum err *out_err);
// Makes the reserve when it is missing and there is room for twice as much.
void store_reserve_step(struct store *s);
bool store_needs_reserve(const struct store *s);

struct checking { // inside the store
    int phase;
    uint64_t stream, after;
};

#endif

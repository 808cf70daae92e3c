// `stick save` and `stick load`: the files of exchange/stick.h on a USB stick, read and
// written in slices of the store's thread, so that check-ins go on. One file for each device
// and run, foyer-<event>-<device>-<n>.sync, whole or absent. Called by verbs on any thread but
// the store's.
#ifndef SYNC_AGENT_STICK_H
#define SYNC_AGENT_STICK_H

#include "sync/base/bytes.h"
#include "sync/store/thread.h"

enum { STICK_FILE_BYTES_MAX = 256 * 1024 * 1024, STICK_FILES_MAX = 500 };

struct stick_job {
    struct store_thread *thread; // of the running program, or
    struct store *store;         // a store that has no thread
    const char *path;            // absolute: a folder, or (load) one file
    const char *channels;        // save: "programme,fleet"; NULL or "": all held here
    struct moment now;
    struct bytes *out; // what the caller sees
    uint64_t added;    // of load: facts that are new here
};

// Each says what it did, or why not; false: nothing was written, or not all could be taken.
bool stick_save(struct stick_job *job);
bool stick_load(struct stick_job *job);

#endif

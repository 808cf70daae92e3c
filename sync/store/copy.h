// A true copy of a store while it goes on working, for backups and for checking. Read in
// slices on the store's thread, so that check-ins go on; what is committed meanwhile is in
// the copy too. A backup is one file: the copy with the small files that are needed to serve
// again (device.key and what the caller names) in a table of its own.
// Errors: ERR_IO, ERR_FULL (disk), ERR_CORRUPT, ERR_EXISTS (dir or file is there).
#ifndef SYNC_STORE_COPY_H
#define SYNC_STORE_COPY_H

#include "sync/store/thread.h"

enum {
    COPY_SLICE_PAGES = 128, // of 4 KiB, in one go on the store's thread
    COPY_FILES_MAX = 8,
    COPY_FILE_BYTES_MAX = 64 * 1024
};

struct copy;

// On the store's thread, each. Makes dir (0700) with store.db and device.key in it.
MUST_CHECK enum err copy_begin(struct store *s, const char *dir, struct copy **out);
MUST_CHECK enum err copy_step(struct copy *c, int pages, bool *out_is_done);
MUST_CHECK enum err copy_end(struct copy *c); // on disk when it was done; frees
// The store closes its file under them: they fail at their next step.
void copy_lose_all(struct store *s);

// All of that through the thread, from any other one; removes dir on failure.
// is_to_stop is asked between slices; may be NULL. ERR_CLOSED: stopped.
MUST_CHECK enum err copy_make(struct store_thread *t, const char *dir,
                              bool (*is_to_stop)(void *arg), void *arg);
// Opens the copy and checks everything in it; blocks nobody else.
MUST_CHECK enum err copy_verify(const char *dir, bool is_numbering,
                                struct verify_report *out);
// dir/store.db becomes file (0600, whole or absent), with dir/device.key and from/<names>
// inside; names that are not there are left out. names end with NULL. Removes dir.
MUST_CHECK enum err copy_pack(const char *dir, const char *from, const char *const *names,
                              const char *file);
// The reverse: a backup's store.db and small files into dir, which must be empty or absent.
// ERR_INPUT: no backup. Leaves nothing behind on failure.
MUST_CHECK enum err copy_unpack(const char *file, const char *dir);
// Removes the files of dir, and dir. One that is not there is fine.
void copy_remove(const char *dir);

// What a store holds, for whoever restores it.
struct copy_info {
    int64_t facts, newest_ms; // newest_ms 0: none
    uint64_t head_seq;
};
MUST_CHECK enum err copy_read_info(struct store *s, struct copy_info *out);

#endif

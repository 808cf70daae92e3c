// Snapshots: everything a set of channels holds up to (seq, ch), as zstd chunks of whole
// signed batches (each u32 length, then the batch), named by the hash of their bytes. Built
// in slices on the store thread, so that check-ins go on; kept for a while and served to
// everyone with the same channels. The routes run on HTTP threads.
#ifndef SYNC_HUB_SNAP_H
#define SYNC_HUB_SNAP_H

struct hub;
struct snap;
struct store;

enum {
    SNAP_CHUNK_BYTES = 4 * 1024 * 1024, // unpacked, about
    SNAP_SLICE_BYTES = 1024 * 1024,     // read in one go on the store thread
    SNAP_KEEP_MS = 60000,
    SNAP_SETS_MAX = 8, // different sets of channels
    SNAP_WAITERS_MAX = 512,
    SNAP_DOWNLOADS_MAX = 24, // chunks being sent at a time: their memory, and the link
    SNAP_AGAIN_S = 1,        // the others ask again after that,
    SNAP_SPREAD_S = 4        // and up to so much later
};

// Empties h->dir/snap. The hub must outlive it.
struct snap *snap_create(struct hub *h);
// After the store thread was joined; NULL is fine.
void snap_destroy(struct snap *s);

// On the store's thread after each change: once bodies were erased there, all snapshots go,
// the one being built included.
void snap_watch(struct snap *s, const struct store *store);

#endif

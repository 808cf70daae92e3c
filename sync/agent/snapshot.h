// A new device fetches everything at once: /v1/snap, then its chunks, each verified, taken in
// slices so that the store stays usable, and remembered, so that a restart goes on where it
// stopped. On the agent's thread, which it blocks; the store's own thread takes the facts.
#ifndef SYNC_AGENT_SNAPSHOT_H
#define SYNC_AGENT_SNAPSHOT_H

#include "sync/exchange/client.h"
#include "sync/store/thread.h"

struct http;

enum {
    SNAPSHOT_CHUNKS_MAX = 1024,
    SNAPSHOT_CHUNK_BYTES_MAX = 16 * 1024 * 1024, // unpacked
    SNAPSHOT_SLICE_BYTES = 512 * 1024,           // taken in one commit
    SNAPSHOT_TRIES = 5,
    SNAPSHOT_TIMEOUT_MS = 60000,
    SNAPSHOT_WAIT_MAX_MS = 30000, // for a hub that is busy with others, at a time
    SNAPSHOT_WAITS_MAX = 200
};

// Filled by the caller, borrowed for the call.
struct snapshot {
    struct http *http;
    size_t slot;
    struct store_thread *store;
    const char *upstream;
    struct client_saved saved; // in: where we stand; out: cursor at the snapshot's end
    struct moment now;
    bool (*is_to_stop)(void *arg); // asked between chunks
    void (*tell)(void *arg);       // more facts are here
    void *arg;
};

// ERR_CLOSED: told to stop. ERR_OFFLINE, ERR_TIMEOUT; ERR_INPUT, ERR_SIGNATURE: the hub's
// answer is not what it says it is; else the store's.
MUST_CHECK enum err snapshot_fetch(struct snapshot *s);

#endif

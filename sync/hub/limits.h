// What peers may hold of the hub: bytes of bodies and answers, and time to send or take them.
// One entry for each connection; called by the HTTP threads, any function from any of them.
// Peers that stall are ended by limits_sweep, which whoever comes next calls: a hub nobody
// talks to has nothing to defend.
#ifndef SYNC_HUB_LIMITS_H
#define SYNC_HUB_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIMITS_HELD_MAX = 128 * 1024 * 1024,      // of all peers
    LIMITS_ADDRESS_MAX = LIMITS_HELD_MAX / 2, // of the peers at one address
    LIMITS_REQUEST_MS = 30 * 1000,            // from the connection to the whole request
    LIMITS_IDLE_MS = 60 * 1000 + 30 * 1000,   // from an answer to the next whole request
    LIMITS_ANSWER_MS = 70 * 1000,             // a device waits 60 s for a chunk
    LIMITS_SWEEP_MS = 1000
};

struct limits;
struct limits_peer; // one connection

struct limits *limits_create(void);
void limits_destroy(struct limits *l); // every peer is closed by then; NULL is fine

// fd is borrowed until limits_close; address: IPv4, any byte order. Due in LIMITS_REQUEST_MS.
struct limits_peer *limits_open(struct limits *l, int fd, uint32_t address,
                                uint64_t now_ms);
void limits_close(struct limits *l, struct limits_peer *p); // releases all it held

// The peer has until then; UINT64_MAX: it waits for us.
void limits_set_due(struct limits *l, struct limits_peer *p, uint64_t due_ms);

// More bytes are kept for the peer. false: that would be too much, nothing is counted.
bool limits_hold(struct limits *l, struct limits_peer *p, size_t len);
void limits_release(struct limits *l, struct limits_peer *p); // all of them

// Shuts down the connections that are overdue; cheap when called often. Their ends come by
// way of the server, as for any broken connection.
void limits_sweep(struct limits *l, uint64_t now_ms);

struct limits_totals {
    size_t connections, held;
    uint64_t ended; // by limits_sweep, since the start
};
struct limits_totals limits_get_totals(struct limits *l);

#endif

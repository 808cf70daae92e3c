// The doorbell: connections that wait for the log to grow, and one thread that lets them go
// after a while, since a suspended connection has no time-out and dead peers go unseen.
// Any thread; the release function is called on the ringing thread or on the bell's own.
#ifndef SYNC_HUB_BELL_H
#define SYNC_HUB_BELL_H

#include <stdbool.h>
#include <stdint.h>

struct bell;

enum { BELL_WAITERS_MAX = 2048, BELL_WAIT_MS = 25000 };

// has_news: the head is now seq; else the wait is over. Must only hand over.
typedef void bell_release(void *waiter, uint64_t seq, bool has_news);

// What a waiter knows. up: how far a relay said the hub is; 0: does not matter.
struct bell_mark {
    uint64_t seq, up;
};

struct bell *bell_start(bell_release *release);
// Adds a waiter who knows these. false: it need not wait (*out_seq is the head) or there are
// too many; release is then not called.
bool bell_wait(struct bell *b, void *waiter, const struct bell_mark *known,
               uint64_t *out_seq);
// The log's head is seq now; wakes whoever knows another one.
void bell_ring(struct bell *b, uint64_t seq);
// The same for a head that may be lower: the log lost its end.
void bell_set(struct bell *b, uint64_t seq);
// At a relay: the hub acknowledged something; wakes whoever waits for that.
void bell_ring_up(struct bell *b, uint64_t up);
uint64_t bell_get_seq(struct bell *b);
uint64_t bell_get_up(struct bell *b); // 0 at a hub
void bell_stop(struct bell *b); // all are let go when it returns; nobody waits any more
void bell_destroy(struct bell *b); // after bell_stop; NULL is fine

#endif

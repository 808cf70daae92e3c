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

struct bell *bell_start(bell_release *release);
// Adds a waiter who knows seq. false: it need not wait (*out_seq is the head) or there are
// too many; release is then not called.
bool bell_wait(struct bell *b, void *waiter, uint64_t seq, uint64_t *out_seq);
// The log's head is seq now; wakes whoever knows another one.
void bell_ring(struct bell *b, uint64_t seq);
// The same for a head that may be lower: the log lost its end.
void bell_set(struct bell *b, uint64_t seq);
uint64_t bell_get_seq(struct bell *b);
void bell_stop(struct bell *b); // lets all go; nobody can wait any more
void bell_join(struct bell *b); // then frees it; NULL is fine

#endif

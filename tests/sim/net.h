// Messages under way, in the real wire form: lost, doubled, late and out of order as the plan
// says, cut off by partitions, kept for a replay long after. Owned by the world.
#ifndef TESTS_SIM_NET_H
#define TESTS_SIM_NET_H

#include "sync/base/bytes.h"

enum { NET_MAX = 128, NET_KEPT_MAX = 8 };

enum net_kind {
    NET_REQUEST,
    NET_ANSWER,
    NET_RING, // the doorbell's answer, seq
    NET_BELL_FAILED
};

enum net_status { NET_OK, NET_NEEDS_GRANT, NET_FAILED };

struct net_message {
    enum net_kind kind;
    enum net_status status; // of an answer
    size_t client, link;    // whose exchange this is
    unsigned process;       // of the client: answers to a dead one never arrive
    unsigned session;       // of the link
    uint32_t round;
    uint64_t seq;
    uint64_t due_ms;
    bool is_replay; // nobody waits for the answer
    bool is_forged; // not as it was sent
    struct bytes text;
};

struct net {
    struct net_message items[NET_MAX];
    size_t count;
    struct net_message kept[NET_KEPT_MAX];
    size_t kept_count;
};

struct sim;
// Takes text over.
void net_send(struct sim *s, struct net_message m);
// When the next message is due; UINT64_MAX: none.
uint64_t net_next_ms(const struct sim *s);
// Delivers what is due, in an order by chance.
void net_deliver(struct sim *s);
// An old request comes again.
void net_replay(struct sim *s);
// The doorbells of everybody who waits at this server.
void net_ring(struct sim *s, size_t server, uint64_t head);
void net_finish(struct net *n);

#endif

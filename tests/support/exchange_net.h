// A pretend network for the exchange: the real step machines and stores of an event_kit in
// one thread, with messages that are lost, doubled, late and out of order, restarts and a
// hub that falls back to an old backup. All chance comes from one seed.
#ifndef TESTS_SUPPORT_EXCHANGE_NET_H
#define TESTS_SUPPORT_EXCHANGE_NET_H

#include "sync/exchange/client.h"
#include "tests/support/event_kit.h"

enum { NET_MESSAGES_MAX = 256, NET_TICK_MS = 100 };

// Chances in percent.
struct net_faults {
    unsigned lose, twice, late_ticks; // of each message, either way
    unsigned restart;                 // of a device, each tick
};

struct net_message {
    struct bytes text;
    size_t device;
    uint32_t round;
    uint64_t due_tick;
    bool is_for_hub;
};

struct net_device {
    struct exchange_client client;
    struct exchange_request request;
    struct exchange_response response;
    bool is_ringing;
    uint64_t rung_seq;
};

struct net {
    struct kit *kit; // [0] is the hub, the rest are devices
    struct net_device devices[KIT_NODES_MAX];
    struct net_message messages[NET_MESSAGES_MAX];
    size_t message_count;
    struct net_faults faults;
    uint64_t seed, tick;
    uint32_t channels; // every device may see these
    uint64_t rewinds, lost, doubled;
};

void net_start(struct net *n, struct kit *k, uint64_t seed, uint32_t channels);
void net_finish(struct net *n);
void net_tick(struct net *n);
void net_tell_change(struct net *n, size_t device);
void net_restart(struct net *n, size_t device);
// Every device idle, at the head, with nothing left to push or offer?
bool net_is_settled(struct net *n);
// The hub's files as they are now, and back to that. Needs cp(1).
void net_backup_hub(struct net *n);
void net_restore_hub(struct net *n);

#endif

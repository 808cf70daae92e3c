// Inside the agent only: its struct and the steps its files share. agent.c drives the
// exchange and answers others; agent_link.c chooses the upstream. Everything here runs on the
// agent's thread, but for the members that the lock guards.
#ifndef SYNC_AGENT_AGENT_PARTS_H
#define SYNC_AGENT_AGENT_PARTS_H

#include "sync/agent/agent.h"
#include "sync/agent/claimer.h"
#include "sync/agent/upstreams.h"
#include "sync/exchange/client.h"
#include "sync/net/http.h"
#include "sync/store/upstream.h"

#include <pthread.h>

enum { AGENT_SLOT_SYNC = 0, AGENT_SLOT_BELL = 1, AGENT_SLOT_PROBE = 2 };

struct agent {
    struct store_thread *store;
    void (*wake)(void *arg);
    void *wake_arg;
    struct http *http;
    struct claimer *claimer; // asks the hub only
    pthread_t thread;

    pthread_mutex_t lock; // guards the members up to `thread's own`
    bool is_stopping, is_changed, is_cut;
    struct agent_status status;
    char health[AGENT_HEALTH_SIZE];

    // The thread's own.
    struct upstreams upstreams;
    struct discover *discover;         // NULL: nowhere
    bool has_upstream;                 // one is in use: the client is loaded
    uint64_t retry_ms;                 // mono: one was chosen and could not be loaded
    char upstream[UPSTREAM_NAME_SIZE]; // the store's name for it
    bool was_cut;
    struct exchange_client client;
    struct client_saved stored; // read again after an answer that could not be stored
    struct exchange_request request;
    struct exchange_response response;
    struct bytes text;
    uint32_t round; // of the request that is out
    struct store_identity identity;
    // What a relay last said of the hub; 0: it is the hub, or the hub has everything of ours.
    uint64_t up_version;
};

// agent.c: one event of the exchange and all that follows from it.
void agent_step(struct agent *a, struct client_event event);

// agent_link.c: something happened to an upstream; may change to another one. Not inside a
// step of the exchange, but for UPSTREAMS_SENT.
void agent_link_step(struct agent *a, enum upstreams_event_type type);
void agent_link_retry(struct agent *a); // retry_ms has come
void agent_link_on_probe(struct agent *a, const struct http_answer *answer);
// Now and then: are there other upstreams, and is one needed?
void agent_link_discover(struct agent *a);

#endif

// A real hub on a loopback port and devices that enrol and exchange with it, each with its
// store thread and agent. For tests of the whole exchange. The test's thread drives it.
// With FOYER_TEST_LOG=postgresql the hub's log is in a PostgreSQL of the test's own.
#ifndef TESTS_SUPPORT_HUB_KIT_H
#define TESTS_SUPPORT_HUB_KIT_H

#include "sync/agent/agent.h"
#include "sync/hub/hub.h"
#include "sync/store/thread.h"

#include <pthread.h>

enum { HUB_KIT_DEVICES = 4, HUB_KIT_WAIT_MS = 60000 };

struct hub_kit;
struct http_signing;

struct hub_device {
    struct hub_kit *kit;
    struct store_thread *store;
    struct agent *agent;
    struct store_identity identity;
    // The last answer to a claim, and how many came.
    struct claim_answer claimed;
    size_t claimed_count;
};

struct hub_kit {
    char dir[64];
    unsigned port;
    struct hub *hub;
    struct hub *relay; // when there is one
    unsigned relay_port;
    const char *relay_upstream; // another than the hub; NULL: the hub
    char upstreams[128];        // of devices added from now on; "": the hub alone
    struct hub_device devices[HUB_KIT_DEVICES];
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t woken;
};

// init, serve, and a small event with gates and people (of event_kit.h's ids).
void hub_kit_start(struct hub_kit *k);
void hub_kit_finish(struct hub_kit *k); // stops all and removes the directory
void hub_kit_serve(struct hub_kit *k);  // again after hub_kit_stop_hub, on the same port
void hub_kit_stop_hub(struct hub_kit *k);

// Joins a relay to the hub and serves it; a second time after its directory was removed.
void hub_kit_join_relay(struct hub_kit *k);
void hub_kit_serve_relay(struct hub_kit *k); // again after hub_kit_stop_relay, same port
void hub_kit_stop_relay(struct hub_kit *k);

// Enrols over HTTP and starts the agent; returns the index.
size_t hub_kit_add(struct hub_kit *k, const char *name, const char *role);
// Signs a request as the device (a struct hub_device *): for struct http_signer.
void hub_kit_sign(void *device, struct http_signing *s);
// More people at the hub, below a million.
void hub_kit_add_crowd(struct hub_kit *k, int count);
// Runs a verb through the control socket; false when it failed. *out_text: mem_free.
bool hub_kit_verb(struct hub_kit *k, char **out_text, const char *verb, ...); // … NULL
// Asks again whenever an agent wakes, until it holds or the test fails.
void hub_kit_wait(struct hub_kit *k, const char *what,
                  bool (*holds)(struct hub_kit *k, void *arg), void *arg);
// Admits and pushes; returns the verdict.
enum verdict hub_kit_admit(struct hub_kit *k, size_t device, const char *person);
// The same at gate "social", which is strict: asks the hub and waits for its answer, then
// admits confirmed or on its own. ALREADY_IN when the hub says so.
struct admit_result hub_kit_admit_strict(struct hub_kit *k, size_t device,
                                         const char *person);
// The halves of that: the question (its nonce), and whether its answer is there.
uint64_t hub_kit_ask_strict(struct hub_kit *k, size_t device, const char *person);
bool hub_kit_is_claimed(struct hub_kit *k, size_t device, uint64_t nonce,
                        struct claim_answer *out);
struct admit_result hub_kit_admit_claimed(struct hub_kit *k, size_t device,
                                          const char *person,
                                          const struct claim_answer *answer);
struct store_counts hub_kit_counts(struct store_thread *store);
struct agent_status hub_kit_status(struct hub_kit *k, size_t device);

#endif

// The device's sync thread: keeps exchanging with one upstream at a time (the hub, else a
// relay), holds the doorbell, tells what it knows of the connection. Drives exchange/client.h with net/http.h and the store
// thread. Start, stop and join from the main thread; the rest from any thread. Nothing of
// the caller runs on it but `wake` and `moment`, which must only hand over.
#ifndef SYNC_AGENT_AGENT_H
#define SYNC_AGENT_AGENT_H

#include "sync/agent/claimer.h"
#include "sync/agent/discover.h"
#include "sync/event/fact.h"
#include "sync/event/moment.h"
#include "sync/store/thread.h"

#include <stdbool.h>

struct agent;

enum { AGENT_NOTE_SIZE = 128, AGENT_HEALTH_SIZE = 1024, AGENT_URL_SIZE = 128 };

struct agent_options {
    struct store_thread *store; // must outlive the agent
    const char *url; // "http://hub.example:8092[, http://relay:8092...]"; not kept
    const struct discover_options *discover; // when nobody of the list answers; NULL: no
    bool is_cut;                             // begins with the link down (tests, tours)
    void (*wake)(void *arg); // the status changed or facts came; may be NULL
    void *wake_arg;
    // The answer to a claim, on a thread of the agent's: it must only hand over. May be NULL.
    void (*claimed)(void *arg, const struct claim_answer *answer);
    void *claimed_arg;
};

struct agent_status {
    bool is_online;           // the last round was answered
    bool is_cut;              // by agent_set_link
    bool is_relay;            // what follows is a relay's word, not the hub's
    char url[AGENT_URL_SIZE]; // of the upstream in use, "" before the first
    uint64_t since_mono_ms;   // online or offline since
    bool has_contact;         // met an upstream since this process began
    uint64_t contact_mono_ms; // its last answer
    uint64_t seq;             // everything up to here of its log was received
    uint64_t head_seq;        // its head then
    int64_t unsent;           // own facts that nobody else has
    int64_t on_lan;           // own facts that a relay has, and the hub not yet
    uint64_t received;        // answers that brought facts
    uint64_t acks;            // answers that said what is held up there
    // The hub's clock: at source_mono_ms it was source_ms, within error_ms.
    enum time_state time_state;
    int64_t source_ms, error_ms;
    uint64_t source_mono_ms;
    char note[AGENT_NOTE_SIZE]; // the last thing worth telling staff
};

struct agent *agent_start(const struct agent_options *o);
void agent_stop(struct agent *a);
void agent_join(struct agent *a); // then frees it; NULL is fine

void agent_get_status(struct agent *a, struct agent_status *out);
// Local facts were appended: push them now.
void agent_tell_change(struct agent *a);
// false: behave as if cut off from the hub. For tests, tours and the `link` verb.
void agent_set_link(struct agent *a, bool is_up);
// A strict gate's question, sent at once whatever else is under way. The answer comes by
// `claimed`, once, when there is one or none is to be hoped for; the caller waits no longer
// than CLAIM_WAIT_MS. Without an upstream that may answer there is none.
void agent_claim(struct agent *a, const struct exchange_claim *claim);
// A JSON object that rides in the next request; longer than AGENT_HEALTH_SIZE is dropped.
void agent_set_health(struct agent *a, const char *json);

// What a decision taken now rests on; mode is left BASIS_NONE.
struct basis agent_basis(const struct agent_status *s, uint64_t mono_ms);
// The best guess of the time: the hub's when it was set, its error growing since; else the
// machine's own clock if a time service keeps it; else what the hub holds; else unknown.
struct moment agent_moment(const struct agent_status *s);

#endif

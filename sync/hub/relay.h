// What makes a hub a relay: a client of the hub on the same store. It takes what the hub has,
// hands on what its kiosks gave it, and says how far that went. hub_start and hub_stop own
// it; relay_fill belongs to the store's thread, the rest to any.
#ifndef SYNC_HUB_RELAY_H
#define SYNC_HUB_RELAY_H

#include "sync/exchange/message.h"
#include "sync/store/store.h"

struct hub;
struct relay;
struct agent_status;

enum { RELAY_URLS_SIZE = 512 };

// urls: "URL[, URL...]" of its own upstreams. The store thread, the bell and the timekeeper
// of the hub must run.
struct relay *relay_start(struct hub *h, const char *urls);
void relay_stop(struct relay *r);
void relay_join(struct relay *r);    // while the store thread still runs
void relay_destroy(struct relay *r); // when it does no more; NULL is fine

// Facts came from a device or were authored here: hand them on.
void relay_tell_change(struct relay *r);
void relay_get_status(struct relay *r, struct agent_status *out);
// Behaves as if cut off from the hub. For tests and drills.
void relay_set_link(struct relay *r, bool is_up);

// The part of an answer that says how far the hub has what the device gave. for_all: the
// caller is itself a relay and wants to know of every stream. Errors: the store's.
MUST_CHECK enum err relay_fill(struct relay *r, struct store *s, uint64_t dev,
                               bool for_all, struct exchange_up *out);
// Most of the event is not here yet: a newcomer is better off without a snapshot of it.
bool relay_is_behind(struct relay *r);

// ---- becoming one ----------------------------------------------------------------------

struct relay_enrolment {
    const char *dir; // of the relay, made if need be
    const char *url; // of the hub
    const char *code, *name;
    const struct moment *now;
};
// `foyer-hub join`: enrols this directory at a hub. Says on standard output and error how it
// went. ERR_EXISTS: a hub lives there. Else as enrol_run.
MUST_CHECK enum err relay_enrol(const struct relay_enrolment *j);
// The list of upstreams that joining stored; ERR_NOT_FOUND: this is no relay.
MUST_CHECK enum err relay_read_urls(struct store *s, char out[RELAY_URLS_SIZE]);

#endif

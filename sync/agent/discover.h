// Looks for upstreams when the listed ones do not answer: SRV records, then DNS-SD. A thread
// of its own, since both block; it looks only when asked, and rarely. What it finds is a
// hint: whoever answers there must be of our event, and every fact is signed anyway. Start,
// stop and join from the agent's owner; ask and take from any thread.
#ifndef SYNC_AGENT_DISCOVER_H
#define SYNC_AGENT_DISCOVER_H

#include "sync/agent/upstreams.h"

struct discover;

enum {
    DISCOVER_EVERY_MIN_MS = 10000, // between two looks, doubling
    DISCOVER_EVERY_MAX_MS = 300000,
    DISCOVER_LOOK_MS = 4000 // of each way at most
};

// Where to look. Texts are copied by discover_start.
struct discover_options {
    const char *domain;     // of the SRV records; "" or NULL: the system's search domains
    const char *nameserver; // "ADDRESS[:PORT]"; "" or NULL: the system's
    bool is_off;            // look nowhere
};

struct discover_found {
    char url[UPSTREAMS_URL_SIZE];
    enum upstreams_way way;
    bool is_relay;
    char event[2 * FACT_EVENT_BYTES + 1]; // id in hex, as announced; "": it does not say
};

// wake runs on the thread when something was found.
struct discover *discover_start(const struct discover_options *o, void (*wake)(void *arg),
                                void *arg);
// One look now, on the caller's thread: at most max, and what each way came to.
struct discover_report {
    enum err srv, dnssd;
};
size_t discover_look(const struct discover_options *o, struct discover_found *out,
                     size_t max, struct discover_report *report);
void discover_stop(struct discover *d);
void discover_join(struct discover *d); // then frees it; NULL is fine

// An upstream is wanted: looks, unless it just did.
void discover_ask(struct discover *d);
// What was found since the last call, at most UPSTREAMS_MAX.
size_t discover_take(struct discover *d, struct discover_found out[UPSTREAMS_MAX]);

#endif

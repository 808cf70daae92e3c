// Which of several upstreams (hub, relays) a device exchanges with, as a step machine: what
// happened in, what to ask and what to use out. A hub goes before a relay, then the order
// of the list. A failing upstream is left for one that answers; the better one is taken
// again once it has answered for a while, the longer the more often it disappointed. With one
// upstream it only waits. No clock, no socket; times are monotonic milliseconds, all chance
// comes from the seed. The agent drives it on its thread.
#ifndef SYNC_AGENT_UPSTREAMS_H
#define SYNC_AGENT_UPSTREAMS_H

#include "sync/exchange/message.h"

#include <stdbool.h>

enum {
    UPSTREAMS_MAX = 8,
    UPSTREAMS_URL_SIZE = 128,
    UPSTREAMS_FAILURES = 2,     // in a row: time to look elsewhere
    UPSTREAMS_SLOW_MS = 4000,   // an answer that takes longer: the same
    UPSTREAMS_PROBE_MS = 3000,  // longest wait for an answer to a probe
    UPSTREAMS_ASK_MIN_MS = 500, // between probes of one, doubling
    UPSTREAMS_ASK_MAX_MS = 30000,
    UPSTREAMS_WATCH_MS = 5000,  // of a better one while ours is well, doubling to ASK_MAX
    UPSTREAMS_QUIET_MS = 10000, // ours is asked too when it said nothing for so long
    UPSTREAMS_GOOD_MS = 2000,   // between two probes of one that answered
    UPSTREAMS_STAY_MS = 5000,   // least time with one that was chosen
    UPSTREAMS_HOLD_MIN_MS =
        4000, // a better one must answer that long, doubling each time
    UPSTREAMS_HOLD_MAX_MS = 120000, // it was left within HOLD_MAX
    UPSTREAMS_NOTE_SIZE = 160
};

// How it was found; an earlier way goes first.
enum upstreams_way { UPSTREAMS_LISTED, UPSTREAMS_SRV, UPSTREAMS_DNSSD, UPSTREAMS_WAYS };

struct upstreams_item {
    char url[UPSTREAMS_URL_SIZE];
    enum upstreams_way way;
    bool is_relay; // as it said, or as it was announced
    bool has_log;
    uint8_t log[EXCHANGE_LOG_BYTES];
    unsigned failures;      // probes in a row
    uint64_t probe_at_ms;   // the next one is due
    uint64_t good_since_ms; // has answered every probe since; 0: the last one failed
    uint64_t hold_ms;       // must answer that long before it is preferred
};

// Read freely; only the functions below write.
struct upstreams {
    struct upstreams_item items[UPSTREAMS_MAX];
    size_t count;
    int current; // index, or -1
    int probing; // index, or -1
    bool is_cut;
    bool is_slow;
    unsigned failures; // of the current one, in a row
    uint64_t used_since_ms;
    uint64_t heard_ms;  // the current one said anything at all
    uint64_t sent_ms;   // a request is out since; 0: none
    uint64_t probed_ms; // the probe is out since
    uint64_t random;
};

enum upstreams_event_type {
    UPSTREAMS_TIMEOUT,      // the deadline passed
    UPSTREAMS_PROBED,       // the probe was answered; log, is_relay
    UPSTREAMS_PROBE_FAILED, // it was not, or by something that is not of our event
    UPSTREAMS_SENT,         // a request went out to the current one
    UPSTREAMS_ANSWERED,     // and was answered
    UPSTREAMS_FAILED,       // and was not
    UPSTREAMS_HEARD,        // it let the doorbell go
    UPSTREAMS_CUT,          // nothing may be sent until
    UPSTREAMS_JOINED
};

struct upstreams_event {
    enum upstreams_event_type type;
    uint64_t now_ms;
    bool is_relay, has_log;
    uint8_t log[EXCHANGE_LOG_BYTES];
};

// Do `use` first. Indexes, -1: nothing to do.
struct upstreams_actions {
    int use;   // exchange with this one from now on
    int probe; // ask it who it is; then PROBED or PROBE_FAILED
    char note[UPSTREAMS_NOTE_SIZE];
};

void upstreams_init(struct upstreams *u, uint64_t seed);
// "URL[, URL...]": adds each. ERR_INPUT: an URL is not http(s) or too long; ERR_LIMIT: more
// than UPSTREAMS_MAX. What came before the bad one was added.
MUST_CHECK enum err upstreams_add_list(struct upstreams *u, const char *list);
// Known ones are left as they are. When full, one that was found and does not answer makes
// room; else it is left out. Indexes never change while it is the current or probed one.
void upstreams_add(struct upstreams *u, const char *url, enum upstreams_way way,
                   bool is_relay);
// Would another upstream help? Then it is time to discover.
bool upstreams_is_in_need(const struct upstreams *u);

// The next TIMEOUT is due then; UINT64_MAX: none.
uint64_t upstreams_deadline_ms(const struct upstreams *u);
void upstreams_step(struct upstreams *u, const struct upstreams_event *e,
                    struct upstreams_actions *out);

#endif

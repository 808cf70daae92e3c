// The device's half of the exchange as a step machine: events in, actions out, in order.
// No clock, socket, SQL or thread inside; the agent drives it on its thread, the simulator
// with its own clock and network. Times are monotonic milliseconds. All chance comes from
// the seed. Nothing here allocates.
//
// A round: GATHER (store: seal, read what to push and offer) -> SEND -> APPLY (store: one
// commit) -> again, or RING and rest. Persist always comes before send.
#ifndef SYNC_EXCHANGE_CLIENT_H
#define SYNC_EXCHANGE_CLIENT_H

#include "sync/exchange/locator.h"
#include "sync/exchange/message.h"

enum {
    CLIENT_ANSWER_MS = 20000,    // longest wait for an answer
    CLIENT_POLL_MIN_MS = 5000,   // between rounds without a doorbell, doubling
    CLIENT_POLL_MAX_MS = 60000,  // also with one: a lost ring costs no more
    CLIENT_BACKOFF_MIN_MS = 500, // after a failure, doubling, jitter of half
    CLIENT_BACKOFF_MAX_MS = 30000,
    CLIENT_ANCHOR_EVERY_MS = 30 * 60 * 1000,
    CLIENT_SNAP_FROM = 5000, // facts behind from which on a beginner takes a snapshot
    CLIENT_ACTIONS_MAX = 4,
    CLIENT_NOTE_SIZE = 128
};

// What survives a restart; the store keeps one for each upstream.
struct client_saved {
    struct exchange_cursor cur;
    struct exchange_mark seen;
    struct exchange_locator loc;
};

enum client_event_type {
    CLIENT_STARTED,   // saved state is loaded
    CLIENT_TIMEOUT,   // the deadline passed
    CLIENT_LINK_DOWN, // cut off: nothing is sent until LINK_UP
    CLIENT_LINK_UP,
    CLIENT_CHANGED,    // local facts wait to be sent
    CLIENT_GATHERED,   // answers GATHER; err
    CLIENT_RECEIVED,   // answers SEND; response, rtt_ms
    CLIENT_FAILED,     // answers SEND: no usable answer; wait_ms (Retry-After) or 0
    CLIENT_REFUSED,    // answers SEND: the hub wants to see the grant
    CLIENT_PERSISTED,  // answers APPLY; err, pending, offers
    CLIENT_SNAPPED,    // answers SNAP; err, mark: where the snapshot ends, stored already
    CLIENT_RANG,       // answers RING; seq of the hub's head (unchanged: nothing new)
    CLIENT_BELL_FAILED // answers RING: no doorbell
};

struct client_event {
    enum client_event_type type;
    uint64_t now_ms;
    uint32_t round; // of RECEIVED, FAILED, REFUSED: the SEND answered; others are ignored
    const struct exchange_response *response; // borrowed until the APPLY was answered
    uint32_t rtt_ms;
    uint32_t wait_ms;
    uint64_t seq;
    struct exchange_mark mark;
    uint64_t pending; // of PERSISTED: facts that are left to push
    uint64_t offers;  // of PERSISTED: streams that are left to offer
    // Of PERSISTED with an error: what is stored now, if known (a commit that failed may have
    // reached the disk); borrowed.
    const struct client_saved *saved;
    enum err err;
};

enum client_action_type {
    CLIENT_GATHER, // fill the request from the store and from `saved`; then GATHERED
    CLIENT_SEND,   // send it as round `round`; then RECEIVED, FAILED or REFUSED
    CLIENT_APPLY,  // write `plan` in one commit; then PERSISTED
    CLIENT_SNAP,   // take the hub's snapshot of saved.cur.channels; then SNAPPED
    CLIENT_RING,   // ask the doorbell for a head other than `seq`, unless one is out
    CLIENT_ABORT   // drop the request and the doorbell that are under way
};

// What one commit must write. Valid until the next step.
struct client_plan {
    const struct exchange_response *response; // facts to take, haves to adopt
    struct client_saved saved;                // to store beside them
    bool is_rewound;        // forget what was acknowledged, of every stream
    bool passes_gaps;       // a pass from the beginning did not close them: go on without
    uint32_t drop_channels; // no longer allowed here: erase
    bool defers_drop;       // by the store: not yet, ask again
    bool has_anchor;        // author an `anchor` fact
    int64_t source_ms;      // the hub's clock at anchor_mono_ms
    uint64_t anchor_mono_ms;
    uint32_t rtt_ms;
};

struct client_action {
    enum client_action_type type;
    uint32_t round;
    uint64_t seq;
    bool wants_grants; // of GATHER: put the grants into the request
};

struct client_actions {
    struct client_action items[CLIENT_ACTIONS_MAX];
    size_t count;
    char note[CLIENT_NOTE_SIZE]; // why, in one line; may be empty
};

enum client_phase {
    CLIENT_IDLE,
    CLIENT_GATHERING,
    CLIENT_SENDING,
    CLIENT_APPLYING,
    CLIENT_SNAPPING
};

// Read freely; only client_step writes.
struct exchange_client {
    struct client_saved saved;
    struct client_plan plan;
    enum client_phase phase;
    bool is_cut;
    bool is_online; // the last round was answered
    bool has_news;  // local change or ring while busy
    bool wants_grants;
    bool has_snapped;   // tried once since the start
    uint64_t snap_from; // CLIENT_SNAP_FROM; a test with few facts may lower it
    bool has_to_drop;   // what is no longer allowed is not all acknowledged yet
    bool passes_gaps; // started at the beginning because of a gap, not at the head since
    uint32_t round;
    unsigned failures; // in a row
    unsigned polls;    // rests without a doorbell in a row
    uint64_t deadline_ms;
    uint64_t hold_ms;         // the upstream's pause lasts until then
    uint64_t pending, offers; // as of the last PERSISTED
    bool has_anchored;
    uint64_t anchored_ms;
    uint32_t anchored_rtt_ms;
    uint64_t random;
};

void client_init(struct exchange_client *c, const struct client_saved *saved,
                 uint64_t seed);
// The next TIMEOUT is due then; UINT64_MAX: none.
uint64_t client_deadline_ms(const struct exchange_client *c);
// Never fails. out is overwritten.
void client_step(struct exchange_client *c, const struct client_event *event,
                 struct client_actions *out);

#endif

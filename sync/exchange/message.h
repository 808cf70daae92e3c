// The messages of the exchange as values, with their limits. wire.h has their JSON form.
// Owned by one thread. Every list is bounded; what does not fit is left for the next round.
#ifndef SYNC_EXCHANGE_MESSAGE_H
#define SYNC_EXCHANGE_MESSAGE_H

#include "sync/base/bytes.h"
#include "sync/event/fact.h"
#include "sync/event/moment.h"
#include "sync/event/programme.h"

enum {
    EXCHANGE_PROTO = 1,     // what we speak
    EXCHANGE_PROTO_MIN = 1, // the oldest we answer in full
    EXCHANGE_CH_BYTES = 16,
    EXCHANGE_LOG_BYTES = 16,
    EXCHANGE_BATCHES_MAX = 512,       // in one list of a message
    EXCHANGE_BYTES_MAX = 1024 * 1024, // of batches in one list
    EXCHANGE_OFFERS_MAX = 256,        // summaries in one request
    EXCHANGE_LOCATOR_MAX = 24,
    EXCHANGE_CLAIMS_MAX = 8,
    EXCHANGE_BEHIND_MAX = 256,             // streams in one answer of a relay
    EXCHANGE_HEALTH_SIZE = 1024,           // JSON object with NUL
    EXCHANGE_MESSAGE_MAX = 4 * 1024 * 1024 // JSON of one message, unpacked
};

// A position in a hub's log and the chain hash there. seq 0 is the beginning, any ch.
struct exchange_mark {
    uint64_t seq;
    uint8_t ch[EXCHANGE_CH_BYTES];
};

// Never a bare number: which log, seen through which channels (CHANNEL_BIT), up to where.
struct exchange_cursor {
    uint8_t log[EXCHANGE_LOG_BYTES];
    uint32_t channels; // 0: not told yet
    struct exchange_mark at;
};

// What is held of one stream: its last n and h_n; n 0 in an offer: nothing is held whole.
struct exchange_summary {
    uint64_t stream;
    uint64_t n;
    uint8_t h[FACT_HASH_BYTES];
};

// What the hub holds of one stream.
struct exchange_have {
    uint64_t stream;
    uint64_t n;     // may be lower than what was acknowledged before
    bool is_forked; // the hub follows another branch; do not push this one again
};

// A stream of which the hub has only up to n, though the relay that says so has more.
struct exchange_behind {
    uint64_t stream, n;
};

// What a relay says of its own upstream; a hub says nothing, it has all that it has.
struct exchange_up {
    bool is_relay;
    uint64_t version; // another one: the hub acknowledged something since
    struct exchange_behind behind[EXCHANGE_BEHIND_MAX]; // of the device's own streams
    size_t count;
    bool has_more; // streams that are not listed may be behind as well
};

// Whole signed batches, back to back.
struct exchange_batches {
    struct bytes data;
    uint32_t lens[EXCHANGE_BATCHES_MAX]; // bytes of each
    size_t count;
};
// Room for one more of len bytes? Both limits.
bool exchange_batches_fit(const struct exchange_batches *b, size_t len);
// Copies one batch. ERR_LIMIT when it does not fit.
MUST_CHECK enum err exchange_batches_add(struct exchange_batches *b, const void *bytes,
                                         size_t len);
// Borrowed bytes of batch i; *len is its length.
const uint8_t *exchange_batches_get(const struct exchange_batches *b, size_t i,
                                    size_t *len);

// At a strict gate: may this holder come in here? One question for each nonce, not 0.
struct exchange_claim {
    char person[FACT_SUBJECT_MAX + 1]; // subject of the admission to be
    char gate[ID_SIZE];
    uint64_t nonce;
};

// The hub's answer.
struct exchange_claimed {
    uint64_t nonce;
    bool has_won;
    char by[NAME_SIZE]; // lost: name of the device that was there before
    int64_t at_ms;      // lost: when
};

// Of this batch alone: another branch, not signed, not of this form, too large, not allowed.
bool exchange_is_about_batch(enum err e);

struct exchange_request {
    uint64_t dev;
    unsigned proto;
    uint64_t boot, mono_ms; // the device's clock, for the fleet view only
    int64_t wall_ms;
    struct exchange_batches push;
    struct exchange_batches grants; // proof for a hub that does not know the device
    struct exchange_summary offers[EXCHANGE_OFFERS_MAX];
    size_t offer_count;
    struct exchange_cursor cur;
    struct exchange_mark seen;                      // the head the hub told last
    struct exchange_mark loc[EXCHANGE_LOCATOR_MAX]; // newest first
    size_t loc_count;
    uint32_t max_bytes; // of facts wanted; the hub may send less, and one batch always
    char health[EXCHANGE_HEALTH_SIZE]; // a JSON object or ""
    struct exchange_claim claims[EXCHANGE_CLAIMS_MAX];
    size_t claim_count;
};
void exchange_request_clear(struct exchange_request *r);  // keeps the memory
void exchange_request_finish(struct exchange_request *r); // frees and zeroes

enum { EXCHANGE_HAVE_MAX = EXCHANGE_OFFERS_MAX + EXCHANGE_BATCHES_MAX };

struct exchange_response {
    unsigned proto, proto_min;
    int64_t time_ms;       // the hub's clock when it answered
    int64_t time_error_ms; // half width
    enum time_state time_state;
    uint8_t log[EXCHANGE_LOG_BYTES];
    struct exchange_mark head;
    struct exchange_have have[EXCHANGE_HAVE_MAX]; // the streams of the request
    size_t have_count;
    struct exchange_batches facts;
    struct exchange_mark cur; // covered by facts and all before
    bool has_more;
    bool has_rewind;
    struct exchange_mark rewind; // newest common point
    uint32_t channels;           // what the device may see now; CHANNEL_BIT mask
    uint32_t backoff_ms;         // wait at least that long before the next round
    bool is_read_only;           // nothing could be written: have is what it was
    struct exchange_claimed claims[EXCHANGE_CLAIMS_MAX]; // those that were answered
    size_t claim_count;
    struct exchange_up up;
};
void exchange_response_clear(struct exchange_response *r);
void exchange_response_finish(struct exchange_response *r);
// Adds or replaces the entry of a stream; silently full beyond EXCHANGE_HAVE_MAX.
void exchange_response_have(struct exchange_response *r, uint64_t stream, uint64_t n,
                            bool is_forked);

#endif

// Checking the whole store, folding it anew, dropping channels. Store thread; store.h
// includes it.
#ifndef SYNC_STORE_VERIFY_H
#define SYNC_STORE_VERIFY_H

#include "sync/event/fact.h"
#include "sync/event/programme.h"

struct store;

struct channel_digest {
    int64_t facts;
    uint8_t log[FACT_HASH_BYTES];    // over (stream, n, h), by address
    uint8_t tables[FACT_HASH_BYTES]; // over the folded rows, by key
};
struct verify_report {
    struct channel_digest channels[CHANNEL_COUNT];
    int64_t streams, facts, batches, forks, rejects, quarantined, unsealed;
    char trouble[LINE_SIZE]; // first thing that does not hold; "" when all is well
};
// Checks every hash and signature, the numbering, SQLite's own integrity, and that folding
// the log anew gives the same tables. ERR_CORRUPT with trouble filled.
MUST_CHECK enum err store_verify(struct store *s, struct verify_report *out);
// The digests alone: equal on every store that holds the same facts of a channel. Nothing is
// verified.
MUST_CHECK enum err verify_read_digests(struct store *s,
                                        struct channel_digest out[CHANNEL_COUNT]);
// Checks facts of one stream after n `after`, at most max (0: all), against the stored hash
// there. ERR_CORRUPT with r->trouble filled; *out_last is the last n looked at.
struct verify_range {
    uint64_t stream, after, last_n; // last_n: where the stream is said to end
    uint64_t max;
};
MUST_CHECK enum err verify_part(struct store *s, const struct verify_range *g,
                                struct verify_report *r, uint64_t *out_last);
// The same for the numbering after seq `after`.
MUST_CHECK enum err verify_numbers(struct store *s, uint64_t after, uint64_t max,
                                   struct verify_report *r, uint64_t *out_last);
// Throws the derived tables away and folds the log anew.
MUST_CHECK enum err store_rebuild(struct store *s);
// Drops every fact, row and key of the channels (a narrower role), and zeroes the pages.
MUST_CHECK enum err store_drop_channels(struct store *s, uint32_t channels);

#endif

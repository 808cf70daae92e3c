// Strict gates: who holds the one place of a holder there. A hub answers a claim with the
// fact gate.claim before the desk admits; the fold says for how long it counts. Called by
// the store; any thread, no state, nothing fails.
//
// A place is taken by the first standing admission at the gate. Else by the first claim that
// was won and still counts: not after an admission named its nonce (standing, it takes the
// place itself; voided, the place is free again), and not after CLAIM_MS, for the desk that
// won it may have died. While the time is unknown a claim does not grow old.
#ifndef SYNC_EVENT_CLAIM_H
#define SYNC_EVENT_CLAIM_H

#include "sync/event/fold.h"
#include "sync/event/moment.h"

enum { CLAIM_MS = 10 * 60 * 1000 };

struct claim_holder {
    uint64_t dev;  // whose admission or claim
    int64_t at_ms; // when
    bool is_admission;
};
// false: the place is free. The facts as fold.h sorts them, of one holder.
bool claim_find_holder(const struct fold_fact *sorted, size_t count, const char *gate,
                       const struct moment *now, struct claim_holder *out);

// The question of a device, and what was answered.
struct claim_asked {
    const char *gate; // borrowed
    uint64_t dev;
    uint64_t nonce;
    bool has_won;
    struct claim_holder lost_to; // who was there before
};
// Fills the answer given before to this gate, dev and nonce; false: not asked yet.
bool claim_find_answer(const struct fold_fact *sorted, size_t count,
                       struct claim_asked *io);
// Body of the gate.claim fact that gives this answer. Fresh reference.
json_t *claim_format(const struct claim_asked *asked);

#endif

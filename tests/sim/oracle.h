// The oracle: what must be true, whatever happens. It keeps its own model (what was confirmed
// to whom, when in truth, what was sent and committed where) and never asks the code under
// test for it; at the end it reads logs and tables as data and compares.
//
// T1  Every fact that was confirmed to a person or committed after it was sent, and that a
//     living machine must still hold, is at the hub exactly once after healing, with the same
//     content. A machine that starts again holds what it confirmed before.
// T2  Machines that settled have the same log and the same tables, byte by byte, in every
//     channel that they may see.
// T3  Tables are what folding the log anew gives (store_verify, sampled).
// T4  SQLite's integrity_check after power cuts (sampled).
// T5  The incidents are the double admissions of the model, with its own reason; a desk that
//     holds an admission does not admit again.
// T6  An anchor is within its round trip and its source's error of the truth; so is the time
//     of every fact of an anchored boot, plus drift. No HLC runs ahead of its device's clock.
// T7  No (stream, n) is ever used for two contents, and no fork is ever kept.
// T8  Unknown fields, unknown kinds, later versions and a protocol below the minimum change
//     none of this; the latter gets no facts and still delivers its own.
// T9  What has no right, nobody known or a forged signature stands beside and blocks nothing:
//     rightful facts before and after are in the tables, the others are not.
// T10 Pages, lists and messages keep their bounds; settling takes a bounded time; no store
//     call fails but for a fault of the disk.
// T11 No batch of a channel that a device may not see is ever sent to it, nor a word of an
//     attendee; and none is on its disk at the end.
// T12 After person.erase and event.erase no word of the erased is on any disk: database, free
//     pages and log.
//
// Which fault is to be seen by what:
//   no de-duplication: replays, doubled messages -> T10 (the store refuses), T1
//   cursor without ch: restore -> T2, T1          prune on acknowledgement: start -> T1
//   re-offer own streams only: restore + destroy -> T1     synchronous=NORMAL: cuts -> T1
//   a counter for each device instead of streams: old card, clone, restore -> T7
//   a batch in two transactions: cut soon -> T2   fold by arrival: relays, late -> T2, T3
//   HLC merged from peers: clocks -> T6           quarantine that blocks: rogue -> T9, T10
//   scope leak: agenda kiosk, role, revoke -> T11 snapshot not verified: bad mirror -> T2, T3
//   wider scope, old cursor: role -> T2           one cursor for two upstreams: switch -> T1
//   revocation by time: revoke, clocks -> T9      erased data re-offered: erase -> T12
//   a relay's unsure time anchored: relays -> T6  a batch cut in two: thin pages -> T1, T10
//   an unverified batch takes an address: forge -> T1      ticket quarantined: ticket -> T9
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include "tests/sim/sim.h"

#include <jansson.h>

enum said { SAID_ADMIT, SAID_VOID, SAID_PERSON, SAID_ERASE, SAID_OTHER };

// One fact that a person at a desk or an operator was told is done. The caller fills what
// stands above the line.
struct known {
    struct fact_ref ref;
    enum said what;
    enum channel channel;
    size_t node;
    char subject[24];
    char gate[16];
    struct fact_ref of; // of a void
    struct basis basis;
    struct moment now;
    // ----
    size_t key;
    unsigned epoch;
    int64_t true_ms;
    bool is_at_hub;   // at the end
    bool is_surfaced; // was not confirmed: its commit failed, or so it seemed
};

struct oracle *oracle_create(struct sim *s);
void oracle_destroy(struct oracle *o);

// ---- what happened -----------------------------------------------------------------------

void oracle_say(struct oracle *o, const struct known *k);
// A try that failed: the fact may come up or not.
void oracle_maybe(struct oracle *o, size_t node, const char *subject, const char *gate);
// Words that an attendee could be known by.
void oracle_plant(struct oracle *o, const char *subject, const char *text);
// What a machine's clock said when it wrote something.
void oracle_clock(struct oracle *o, size_t node, int64_t wall_ms);
// A commit with this batch in it succeeded there.
void oracle_hold(struct oracle *o, size_t node, const void *batch, size_t len);
// The answer of a server to a request, both as they were sent.
void oracle_sent(struct oracle *o, size_t server, size_t client,
                 const struct exchange_request *q, const struct exchange_response *r);
struct anchor_note {
    size_t node;
    uint64_t boot;
    int64_t source_ms, error_ms;
    uint32_t rtt_ms;
    bool is_sure; // its commit succeeded; else it may come up or not
};
void oracle_anchor(struct oracle *o, const struct anchor_note *a);
void oracle_drop(struct oracle *o, size_t node, uint32_t channels);
// The program runs again on what the disk kept.
void oracle_started(struct oracle *o, size_t node);

// ---- what operators did ------------------------------------------------------------------

// What the machine must hold, kept with an image of its card.
struct oracle_image;
struct oracle_image *oracle_image_take(const struct oracle *o, size_t node);
void oracle_image_put(struct oracle *o, const struct oracle_image *i, size_t node);
void oracle_image_free(struct oracle_image *i);
void oracle_role(struct oracle *o, size_t key,
                 const char *role); // of a device from now on
void oracle_revoke(struct oracle *o, size_t key, struct fact_ref ref,
                   const json_t *holds);
// A revocation or a role whose commit seemed to fail: it may come up or not. role NULL: none.
void oracle_unsure(struct oracle *o, size_t key, const char *role);
// Is an admission here that this machine must know of, so that it may not admit again?
bool oracle_knows_admission(const struct oracle *o, size_t node, const char *subject,
                            const char *gate);
// A recent admission or print that can be voided; NULL: none.
const struct known *oracle_pick_admission(struct oracle *o, size_t node);

// ---- the end -----------------------------------------------------------------------------

// After healing: everything above. Fails the run at the first that does not hold.
void oracle_judge(struct oracle *o);

#endif

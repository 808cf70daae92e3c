// What can happen in one seed, and how often: drawn from the seed before anything happens.
// Each fault is off in half of the seeds, so that every mix of them comes up.
#ifndef TESTS_SIM_PLAN_H
#define TESTS_SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Things that happen now and then, at a step. A weight of 0: never.
enum act {
    // people
    ACT_SCAN,
    ACT_SCAN_TWICE, // the same person at two desks
    ACT_TICKET,
    ACT_OPAQUE,
    ACT_SEARCH,
    ACT_VOID,
    ACT_WALK_UP,
    ACT_EDIT,
    ACT_PRINT,
    ACT_PAY,
    ACT_ASK,
    ACT_RESOLVE,
    ACT_LATE_IMPORT,
    ACT_PROGRAMME,
    ACT_ROGUE,   // a fact without the right to it
    ACT_UNKNOWN, // a fact of a kind nobody knows yet, or of a later version
    // machines
    ACT_KILL,
    ACT_CUT,
    ACT_CUT_LATER, // in the middle of what it does next
    ACT_FULL,
    ACT_EIO,
    ACT_REST, // idle: a checkpoint
    ACT_PARTITION,
    ACT_SWITCH, // another upstream
    ACT_CLOCK,  // a clock jumps
    ACT_REPLAY,
    ACT_FORGE,
    // operators
    ACT_BACKUP,
    ACT_RESTORE,
    ACT_KEEP_CARD, // an image of a card is kept
    ACT_OLD_CARD,  // and put back
    ACT_CLONE,
    ACT_DESTROY,
    ACT_ENROL,
    ACT_REVOKE,
    ACT_ROLE,
    ACT_ERASE,
    ACT_COUNT
};

struct plan {
    unsigned weights[ACT_COUNT];
    unsigned steps;
    size_t kiosks, relays;
    unsigned gap_ms;              // between two steps, on average
    unsigned lose, twice, replay; // of messages, permille
    unsigned late_ms;             // longest extra delay
    bool is_thin;                 // pages of a few kilobytes
    bool has_bad_clocks;
    bool has_old_kiosk, has_odd_fields;
    bool has_snapshots, has_bad_mirror;
    bool is_hub_unsure; // the hub's time is not set at first
    bool ends_erased;   // event.close and event.erase at the end
};

void plan_draw(struct plan *p, uint64_t *random);
const char *plan_act_name(enum act a);

#endif

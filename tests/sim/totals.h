// What happened, counted: of one seed, or of many.
#ifndef TESTS_SIM_TOTALS_H
#define TESTS_SIM_TOTALS_H

#include <stddef.h>
#include <stdint.h>

enum total {
    T_SEEDS,
    T_CRASHES,
    T_CUTS,
    T_DISK_FULL,
    T_DISK_ERRORS,
    T_RESTORES,
    T_OLD_CARDS,
    T_WIPES,
    T_CLONES,
    T_NEWCOMERS,
    T_SNAPSHOTS,
    T_REWINDS,
    T_REVOCATIONS,
    T_ROLES,
    T_ERASURES,
    T_EVENTS_ERASED,
    T_ROUNDS,
    T_LOST_MESSAGES,
    T_REPLAYS,
    T_FORGED,
    T_CHECKINS,
    T_FACTS,
    T_DOUBLE,
    T_GONE, // only on machines that are no more
    T_LOST,
    T_DOUBLED,
    T_DIVERGED,
    T_OTHER, // any other promise broken
    TOTAL_COUNT
};

struct totals {
    uint64_t of[TOTAL_COUNT];
};

void totals_add(struct totals *to, const struct totals *from);
// A table on standard output.
void totals_print(const struct totals *t);

#endif

#include "tests/sim/totals.h"

#include <stdio.h>

static const char *const names[TOTAL_COUNT] = {
    [T_SEEDS] = "seeds",
    [T_CRASHES] = "programs killed",
    [T_CUTS] = "power cuts",
    [T_DISK_FULL] = "disks full",
    [T_DISK_ERRORS] = "failed fsyncs",
    [T_RESTORES] = "hub restored from a backup",
    [T_OLD_CARDS] = "old card put back",
    [T_WIPES] = "machines destroyed",
    [T_CLONES] = "cards cloned",
    [T_NEWCOMERS] = "devices enrolled meanwhile",
    [T_SNAPSHOTS] = "snapshots taken",
    [T_REWINDS] = "rewinds",
    [T_REVOCATIONS] = "devices revoked",
    [T_ROLES] = "roles changed",
    [T_ERASURES] = "persons erased",
    [T_EVENTS_ERASED] = "events erased",
    [T_ROUNDS] = "exchange rounds",
    [T_LOST_MESSAGES] = "messages lost",
    [T_REPLAYS] = "old requests replayed",
    [T_FORGED] = "batches forged",
    [T_CHECKINS] = "acknowledged check-ins",
    [T_FACTS] = "facts at the hub",
    [T_DOUBLE] = "double admissions, all reported",
    [T_GONE] = "facts only on machines that are no more",
    [T_LOST] = "facts lost",
    [T_DOUBLED] = "facts doubled",
    [T_DIVERGED] = "stores diverged",
    [T_OTHER] = "other promises broken",
};

void totals_add(struct totals *to, const struct totals *from) {
    for (size_t i = 0; i < TOTAL_COUNT; i++) {
        to->of[i] += from->of[i];
    }
}

void totals_print(const struct totals *t) {
    for (size_t i = 0; i < TOTAL_COUNT; i++) {
        printf("%12llu  %s\n", (unsigned long long)t->of[i], names[i]);
    }
}

#include "tests/sim/plan.h"

#include "tests/sim/chance.h"

#include <string.h>

struct row {
    const char *name;
    unsigned weight; // when it can happen at all
    bool is_fault;   // may be off for a whole seed
};

static const struct row rows[ACT_COUNT] = {
    [ACT_SCAN] = {"scan", 60, false},
    [ACT_SCAN_TWICE] = {"two desks", 10, true},
    [ACT_TICKET] = {"ticket", 14, true},
    [ACT_OPAQUE] = {"opaque code", 5, true},
    [ACT_SEARCH] = {"by name", 8, true},
    [ACT_VOID] = {"void", 8, true},
    [ACT_WALK_UP] = {"walk-up", 8, true},
    [ACT_EDIT] = {"edit", 8, true},
    [ACT_PRINT] = {"print", 8, true},
    [ACT_PAY] = {"pay", 4, true},
    [ACT_ASK] = {"ask", 4, true},
    [ACT_RESOLVE] = {"resolve", 4, true},
    [ACT_LATE_IMPORT] = {"late import", 5, true},
    [ACT_PROGRAMME] = {"programme", 6, false},
    [ACT_ROGUE] = {"rogue", 6, true},
    [ACT_UNKNOWN] = {"unknown kind", 5, true},
    [ACT_KILL] = {"kill", 8, true},
    [ACT_CUT] = {"power cut", 6, true},
    [ACT_CUT_LATER] = {"power cut soon", 14, true},
    [ACT_FULL] = {"disk full", 5, true},
    [ACT_EIO] = {"failed fsync", 5, true},
    [ACT_REST] = {"rest", 10, false},
    [ACT_PARTITION] = {"partition", 8, true},
    [ACT_SWITCH] = {"switch upstream", 10, true},
    [ACT_CLOCK] = {"clock jumps", 4, true},
    [ACT_REPLAY] = {"replay", 6, true},
    [ACT_FORGE] = {"forge", 8, true},
    [ACT_BACKUP] = {"backup", 6, true},
    [ACT_RESTORE] = {"restore", 4, true},
    [ACT_KEEP_CARD] = {"keep a card", 4, true},
    [ACT_OLD_CARD] = {"old card", 4, true},
    [ACT_CLONE] = {"clone", 3, true},
    [ACT_DESTROY] = {"destroy", 3, true},
    [ACT_ENROL] = {"enrol", 3, true},
    [ACT_REVOKE] = {"revoke", 2, true},
    [ACT_ROLE] = {"role", 4, true},
    [ACT_ERASE] = {"erase", 2, true},
};

const char *plan_act_name(enum act a) {
    return rows[a].name;
}

static unsigned one_of(uint64_t *random, const unsigned *list, size_t count) {
    return list[chance_next(random) % count];
}

static bool half(uint64_t *random) {
    return chance_next(random) % 2;
}

void plan_draw(struct plan *p, uint64_t *random) {
    static const unsigned losses[] = {0, 0, 20, 100, 300};
    static const unsigned delays[] = {0, 0, 200, 3000, 30000};
    static const unsigned gaps[] = {300, 1000, 4000, 20000, 120000};
    *p = (struct plan){0};
    for (size_t i = 0; i < ACT_COUNT; i++) {
        bool is_on = !rows[i].is_fault || half(random);
        p->weights[i] =
            is_on ? 1 + rows[i].weight * one_of(random, (unsigned[]){1, 2, 4}, 3) : 0;
    }
    p->steps = 30 + (unsigned)(chance_next(random) % 60);
    p->kiosks = 2 + chance_next(random) % 3;
    p->relays = one_of(random, (unsigned[]){0, 0, 1, 1, 2}, 5);
    p->gap_ms = one_of(random, gaps, 5);
    p->lose = one_of(random, losses, 5);
    p->twice = one_of(random, losses, 5);
    p->late_ms = one_of(random, delays, 5);
    p->is_thin = chance_next(random) % 4 == 0;
    p->has_bad_clocks = half(random);
    p->has_old_kiosk = chance_next(random) % 6 == 0;
    p->has_odd_fields = chance_next(random) % 3 == 0;
    p->has_snapshots = half(random);
    p->has_bad_mirror = p->has_snapshots && half(random);
    p->is_hub_unsure = chance_next(random) % 5 == 0;
    p->ends_erased = chance_next(random) % 6 == 0;
}

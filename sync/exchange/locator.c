#include "sync/exchange/locator.h"

#include <string.h>

// How little is lost when mark i goes: the gap it would leave against its distance from
// the newest mark. Lowest goes first; the oldest and the newest always stay.
static double locator_cost(const struct exchange_locator *l, size_t i) {
    uint64_t gap = l->marks[i + 1].seq - l->marks[i - 1].seq;
    uint64_t age = l->marks[l->count - 1].seq - l->marks[i].seq;
    return (double)gap / (double)(age + 1);
}

static void locator_thin(struct exchange_locator *l) {
    size_t worst = 1;
    for (size_t i = 2; i + 1 < l->count; i++) {
        if (locator_cost(l, i) < locator_cost(l, worst)) {
            worst = i;
        }
    }
    memmove(&l->marks[worst], &l->marks[worst + 1],
            (l->count - worst - 1) * sizeof l->marks[0]);
    l->count--;
}

void locator_add(struct exchange_locator *l, const struct exchange_mark *m) {
    if (m->seq == 0) {
        return;
    }
    size_t at = l->count;
    while (at > 0 && l->marks[at - 1].seq > m->seq) {
        at--;
    }
    if (at > 0 && l->marks[at - 1].seq == m->seq) {
        l->marks[at - 1] = *m;
        return;
    }
    if (l->count == EXCHANGE_LOCATOR_MAX) {
        locator_thin(l);
        locator_add(l, m);
        return;
    }
    memmove(&l->marks[at + 1], &l->marks[at], (l->count - at) * sizeof l->marks[0]);
    l->marks[at] = *m;
    l->count++;
}

void locator_cut(struct exchange_locator *l, uint64_t seq) {
    while (l->count && l->marks[l->count - 1].seq > seq) {
        l->count--;
    }
}

size_t locator_list(const struct exchange_locator *l,
                    struct exchange_mark out[EXCHANGE_LOCATOR_MAX]) {
    for (size_t i = 0; i < l->count; i++) {
        out[i] = l->marks[l->count - 1 - i];
    }
    return l->count;
}

// What people do: at the desks, at the hub's import, and what a desk does that it may not.
#ifndef TESTS_SIM_PEOPLE_H
#define TESTS_SIM_PEOPLE_H

#include "tests/sim/oracle.h"

#include <jansson.h>

// One act of the first group of enum act.
void people_act(struct sim *s, enum act a);
// One machine that is on, of this kind; NODES_MAX: none.
size_t people_pick(struct sim *s, enum node_kind kind);

// A fact that a machine authors and whose author is told that it is done. Takes body over.
// Returns false when its store failed.
struct saying {
    size_t node;
    const char *kind, *subject;
    json_t *body;
    enum said what;
    struct fact_ref of; // of a void
    const char *gate;   // of an admission; may be NULL
};
bool people_say(struct sim *s, const struct saying *what);

#endif

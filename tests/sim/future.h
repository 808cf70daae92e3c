// Facts of programs that do not exist yet: kinds that nobody knows, records of a later
// version. They must be kept, hashed and passed on unread.
#ifndef TESTS_SIM_FUTURE_H
#define TESTS_SIM_FUTURE_H

#include "tests/sim/sim.h"

// A machine's newer program says something, in a stream of its own under its own key.
void future_say(struct sim *s, size_t node);

#endif

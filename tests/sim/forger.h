// A peer that changes what it carries: bytes of a batch, its end cut off.
#ifndef TESTS_SIM_FORGER_H
#define TESTS_SIM_FORGER_H

#include "tests/sim/sim.h"

// Takes a request that is under way with a push, and lets a forged one arrive before it.
void forger_act(struct sim *s);

#endif

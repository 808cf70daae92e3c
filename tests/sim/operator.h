// What happens to machines: accidents, and operators who mean well.
#ifndef TESTS_SIM_OPERATOR_H
#define TESTS_SIM_OPERATOR_H

#include "tests/sim/sim.h"

// The machines of the plan, powered on one after the other.
void operator_set_up(struct sim *s);
// One act of the second or third group of enum act.
void operator_act(struct sim *s, enum act a);
// All faults end: room on the disks, right clocks at the hub, everybody at an upstream.
void operator_mend(struct sim *s);
// event.close and event.erase.
void operator_erase_event(struct sim *s);
void operator_finish(struct sim *s); // frees images

#endif

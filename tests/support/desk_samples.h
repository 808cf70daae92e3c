// Samples of the desk screen for the gallery and tests. Any thread; nothing fails.
#ifndef TESTS_SUPPORT_DESK_SAMPLES_H
#define TESTS_SUPPORT_DESK_SAMPLES_H

#include "app/screens/desk.h"
#include "tests/support/screen_samples.h"

// Views with everything at once, and a panel that holds as much as one can: an incident
// with all members, a person with all facts.
void desk_samples_fill_incident(struct desk_view *out);
void desk_samples_fill_person(struct desk_view *out);

#endif

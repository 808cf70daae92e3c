// Old and new programs talking to each other: fields that one side does not know.
#ifndef TESTS_SIM_VERSION_H
#define TESTS_SIM_VERSION_H

#include "sync/base/bytes.h"

struct sim;
// Rewrites some messages as another version would have sent them: with fields nobody knows
// yet, without those that came after the first version.
void version_bend(struct sim *s, struct bytes *text);

#endif

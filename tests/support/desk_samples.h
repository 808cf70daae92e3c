#ifndef TESTS_SUPPORT_DESK_SAMPLES_H
#define TESTS_SUPPORT_DESK_SAMPLES_H

#include "tests/support/screen_samples.h"

#endif

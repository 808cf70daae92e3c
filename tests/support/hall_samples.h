#ifndef TESTS_SUPPORT_HALL_SAMPLES_H
#define TESTS_SUPPORT_HALL_SAMPLES_H

#include "tests/support/screen_samples.h"

#endif

// Chance: splitmix64, and libsodium's generator made to follow from a seed.
#ifndef TESTS_SIM_CHANCE_H
#define TESTS_SIM_CHANCE_H

#include <stdint.h>

uint64_t chance_next(uint64_t *state);
// From here on everything the product draws follows from the seed. Any number of times.
void chance_install(uint64_t seed);

#endif

#include "tests/sim/chance.h"

#include "sync/base/mem.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

uint64_t chance_next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t product; // libsodium's functions have no argument for it

static const char *get_name(void) {
    return "seeded";
}

static uint32_t next_u32(void) {
    return (uint32_t)chance_next(&product);
}

static void fill(void *const out, const size_t len) {
    uint8_t *at = out;
    for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
        uint64_t v = chance_next(&product);
        memcpy(at + i, &v, len - i < sizeof v ? len - i : sizeof v);
    }
}

void chance_install(uint64_t seed) {
    static randombytes_implementation seeded = {
        .implementation_name = get_name, .random = next_u32, .buf = fill};
    product = seed;
    randombytes_set_implementation(&seeded);
    CHECK(sodium_init() >= 0);
}

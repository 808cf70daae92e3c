#define _DEFAULT_SOURCE // adjtimex
#include "sync/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME 7 // Linux; hidden by strict POSIX headers
#endif

static int64_t clock_read_ms(clockid_t id) {
    struct timespec t = {0};
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t clock_mono_ms(void) {
    return (uint64_t)clock_read_ms(CLOCK_BOOTTIME);
}

int64_t clock_wall_ms(void) {
    return clock_read_ms(CLOCK_REALTIME);
}

bool clock_is_synced(int64_t *out_error_ms) {
    struct timex t = {.modes = 0}; // only look
    int state = adjtimex(&t);
    *out_error_ms = t.maxerror / 1000;
    return state != -1 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
}

uint64_t clock_boot_id(void) {
    char text[64] = {0};
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!f) {
        return random_u64(); // no procfs: each process counts as a boot of its own
    }
    size_t len = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    uint8_t digest[16];
    crypto_generichash(digest, sizeof digest, (const uint8_t *)text, len, NULL, 0);
    uint64_t id;
    memcpy(&id, digest, sizeof id);
    return id ? id : 1;
}

void random_fill(void *out, size_t len) {
    randombytes_buf(out, len);
}

uint64_t random_u64(void) {
    uint64_t v = 0;
    while (!v) {
        random_fill(&v, sizeof v);
    }
    return v;
}

#include "sync/base/wait.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"

#include <time.h>

void wait_init(pthread_cond_t *c) {
    pthread_condattr_t monotonic;
    CHECK(pthread_condattr_init(&monotonic) == 0);
    CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(c, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
}

bool wait_until(pthread_cond_t *c, pthread_mutex_t *m, uint64_t mono_ms) {
    if (mono_ms == UINT64_MAX) {
        return pthread_cond_wait(c, m) == 0;
    }
    uint64_t now_ms = clock_mono_ms();
    uint64_t left_ms = mono_ms > now_ms ? mono_ms - now_ms : 0;
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    uint64_t ns = (uint64_t)at.tv_nsec + left_ms % 1000 * 1000000;
    at.tv_sec += (time_t)(left_ms / 1000 + ns / 1000000000);
    at.tv_nsec = (long)(ns % 1000000000);
    return pthread_cond_timedwait(c, m, &at) == 0;
}

// Waiting on a condition until a moment of the monotonic clock: the wall clock may be set back
// by years. Any thread; the mutex is held, as for pthread_cond_wait.
#ifndef SYNC_BASE_WAIT_H
#define SYNC_BASE_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void wait_init(pthread_cond_t *c); // pthread_cond_destroy ends it
// mono_ms as of clock_mono_ms; UINT64_MAX: for ever. false: the time is over.
bool wait_until(pthread_cond_t *c, pthread_mutex_t *m, uint64_t mono_ms);

#endif

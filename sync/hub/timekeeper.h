// What time the hub says it is, and how sure it is of that: `set` when the machine's time
// service keeps the clock (the kernel's word), when the operator vouches for it, or when an
// upstream said so; `held` once that is lost; else `unknown`. Kiosks anchor on `set` only.
// Any thread; the lock guards what is remembered.
#ifndef SYNC_HUB_TIMEKEEPER_H
#define SYNC_HUB_TIMEKEEPER_H

#include "sync/event/moment.h"

#include <pthread.h>

enum {
    TIMEKEEPER_TRUSTED_ERROR_MS = 1000, // of a clock set by hand, unless stated
    TIMEKEEPER_DRIFT_PPM = 100          // of a machine left alone
};

struct timekeeper_options {
    int64_t offset_ms; // the event clock minus the machine's (--now)
    bool is_trusted;   // somebody set this clock by hand
    int64_t error_ms;  // then: how wrong it may be
};

struct timekeeper {
    struct timekeeper_options options;
    pthread_mutex_t lock;
    struct moment known;    // the last time that was set, by its mono_ms; state: or not
    struct moment upstream; // the last word of an upstream
    enum time_state told;   // as last logged
    bool has_told;
};

void timekeeper_init(struct timekeeper *t, const struct timekeeper_options *o);
void timekeeper_finish(struct timekeeper *t);
struct moment timekeeper_now(struct timekeeper *t); // logs when the state changes
// The same when the machine says this; timekeeper_now asks it.
struct moment timekeeper_judge(struct timekeeper *t, const struct moment *machine);
// A relay's upstream answered: at mono_ms it was wall_ms within error_ms. Only `set` counts.
void timekeeper_tell(struct timekeeper *t, const struct moment *upstream);

// Without a running hub: what the machine says at this instant.
struct moment timekeeper_read(const struct timekeeper_options *o);
// "set, within 50 ms", "unknown: …" for `status`.
void timekeeper_describe(const struct moment *now, char *out, size_t size);
const char *timekeeper_state_name(enum time_state state); // as on the wire

#endif

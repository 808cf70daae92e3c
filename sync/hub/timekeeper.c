#include "sync/hub/timekeeper.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <inttypes.h>
#include <stdio.h>

void timekeeper_init(struct timekeeper *t, const struct timekeeper_options *o) {
    *t = (struct timekeeper){.options = *o};
    CHECK(pthread_mutex_init(&t->lock, NULL) == 0);
}

void timekeeper_finish(struct timekeeper *t) {
    pthread_mutex_destroy(&t->lock);
}

struct moment timekeeper_read(const struct timekeeper_options *o) {
    struct moment m = {.wall_ms = clock_wall_ms() + o->offset_ms,
                       .boot = clock_boot_id(),
                       .mono_ms = clock_mono_ms()};
    if (o->is_trusted) {
        m.state = TIME_SET;
        m.error_ms = o->error_ms;
    } else {
        m.state = clock_is_synced(&m.error_ms) ? TIME_SET : TIME_UNKNOWN;
    }
    return m;
}

// What was right at `known`, moved on by the clock that never steps.
static struct moment carry(const struct moment *known, const struct moment *now,
                           enum time_state state) {
    struct moment m = *now;
    int64_t passed = (int64_t)(now->mono_ms - known->mono_ms);
    m.wall_ms = known->wall_ms + passed;
    m.error_ms = known->error_ms + passed / (1000000 / TIMEKEEPER_DRIFT_PPM);
    m.state = state;
    return m;
}

static void tell_change(struct timekeeper *t, const struct moment *now) {
    if (t->has_told && t->told == now->state) {
        return;
    }
    t->has_told = true;
    t->told = now->state;
    char text[160];
    timekeeper_describe(now, text, sizeof text);
    if (now->state == TIME_SET) {
        log_info("hub: the time is %s", text);
    } else {
        log_warning("hub: the time is %s", text);
    }
}

struct moment timekeeper_now(struct timekeeper *t) {
    struct moment machine = timekeeper_read(&t->options);
    return timekeeper_judge(t, &machine);
}

struct moment timekeeper_judge(struct timekeeper *t, const struct moment *machine) {
    struct moment now = *machine;
    pthread_mutex_lock(&t->lock);
    if (now.state != TIME_SET && t->upstream.state == TIME_SET) {
        now = carry(&t->upstream, &now, TIME_SET);
    }
    if (now.state == TIME_SET) {
        t->known = now;
    } else if (t->known.state == TIME_SET) {
        now = carry(&t->known, &now, TIME_HELD);
    }
    tell_change(t, &now);
    pthread_mutex_unlock(&t->lock);
    return now;
}

void timekeeper_tell(struct timekeeper *t, const struct moment *upstream) {
    if (upstream->state != TIME_SET) {
        return;
    }
    pthread_mutex_lock(&t->lock);
    t->upstream = *upstream;
    pthread_mutex_unlock(&t->lock);
}

const char *timekeeper_state_name(enum time_state state) {
    static const char *const names[] = {"unknown", "held", "set"};
    return names[state];
}

void timekeeper_describe(const struct moment *now, char *out, size_t size) {
    const char *name = timekeeper_state_name(now->state);
    if (now->state == TIME_UNKNOWN) {
        snprintf(out, size,
                 "%s: no time service keeps this machine's clock (see timedatectl), so"
                 " kiosks do not take it; serve --clock trusted when it was set by hand",
                 name);
    } else {
        snprintf(out, size, "%s, within %" PRId64 " ms", name, now->error_ms);
    }
}

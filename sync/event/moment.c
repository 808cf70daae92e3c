#include "sync/event/moment.h"

int64_t hlc_ms(uint64_t hlc) {
    return (int64_t)(hlc >> HLC_COUNTER_BITS);
}

uint64_t hlc_next(uint64_t last, int64_t wall_ms) {
    uint64_t now = wall_ms > 0 ? (uint64_t)wall_ms << HLC_COUNTER_BITS : 0;
    return now > last ? now : last + 1;
}

static uint64_t distance(uint64_t a, uint64_t b) {
    return a > b ? a - b : b - a;
}

static bool is_nearer(const struct anchor *a, const struct anchor *b, uint64_t mono_ms) {
    uint64_t da = distance(a->mono_ms, mono_ms);
    uint64_t db = distance(b->mono_ms, mono_ms);
    if (da != db) {
        return da < db;
    }
    if (a->rtt_ms != b->rtt_ms) {
        return a->rtt_ms < b->rtt_ms;
    }
    return a->stream != b->stream ? a->stream < b->stream : a->n < b->n;
}

// NOLINTNEXTLINE(readability-function-size): an instant of a device is three
int64_t moment_anchored_ms(const struct anchor *anchors, size_t count, uint64_t dev,
                           uint64_t boot, uint64_t mono_ms, int64_t fallback_ms) {
    const struct anchor *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct anchor *a = &anchors[i];
        if (a->dev == dev && a->boot == boot && (!best || is_nearer(a, best, mono_ms))) {
            best = a;
        }
    }
    return best ? best->source_ms + (int64_t)(mono_ms - best->mono_ms) : fallback_ms;
}

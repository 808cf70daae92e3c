// What is known about the time at one instant, and when a fact truly happened. Any thread;
// no state, no clock inside.
#ifndef SYNC_EVENT_MOMENT_H
#define SYNC_EVENT_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// unknown: no idea (a Pi that just booted alone); held: last known plus monotonic time;
// set: from the hub, NTP or --now, within error_ms.
enum time_state { TIME_UNKNOWN, TIME_HELD, TIME_SET };

struct moment {
    int64_t wall_ms;  // best guess, since 1970 UTC
    int64_t error_ms; // half width of the interval the truth lies in; 0 when set locally
    enum time_state state;
    uint64_t boot;    // clock_boot_id
    uint64_t mono_ms; // clock_mono_ms
};

// One contact with a source whose time is set: at mono_ms of this boot it was source_ms
// (half the round trip already taken off).
struct anchor {
    uint64_t dev, boot;
    uint64_t mono_ms;
    int64_t source_ms;
    uint32_t rtt_ms;
    uint64_t stream, n; // the anchor fact's address: the last tie-break
};

enum { HLC_COUNTER_BITS = 16 };
int64_t hlc_ms(uint64_t hlc);
// The next stamp after last for this wall time; never goes back, even when the clock does.
uint64_t hlc_next(uint64_t last, int64_t wall_ms);

// The anchored time of a fact at (boot, mono_ms) by dev: the anchor nearest in mono counts,
// then the lowest rtt, then the lowest address. fallback_ms (the HLC's) when none fits.
int64_t moment_anchored_ms(const struct anchor *anchors, size_t count, uint64_t dev,
                           uint64_t boot, uint64_t mono_ms, int64_t fallback_ms);

#endif

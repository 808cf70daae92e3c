#include "sync/store/anchors.h"

#include "sync/base/mem.h"

#include <string.h>

// The anchors of one boot stand together.
struct span {
    size_t from, to;
};

// As SQLite sorts the table, so that loading it in order moves nothing.
static int compare(const struct anchor *a, uint64_t dev, uint64_t boot) {
    if (a->dev != dev) {
        return (int64_t)a->dev < (int64_t)dev ? -1 : 1;
    }
    return a->boot == boot ? 0 : (int64_t)a->boot < (int64_t)boot ? -1 : 1;
}

static struct span find_boot(const struct store *s, uint64_t dev, uint64_t boot) {
    size_t low = 0;
    size_t high = s->anchor_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&s->anchors[middle], dev, boot) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct span boots = {low, low};
    while (boots.to < s->anchor_count && compare(&s->anchors[boots.to], dev, boot) == 0) {
        boots.to++;
    }
    return boots;
}

// Where it stands in its boot's span, or the span's end.
static size_t find_fact(const struct store *s, struct span boot, struct fact_ref ref) {
    size_t at = boot.from;
    while (at < boot.to &&
           (s->anchors[at].stream != ref.stream || s->anchors[at].n != ref.n)) {
        at++;
    }
    return at;
}

void anchors_keep(struct store *s, const struct anchor *a) {
    struct span boot = find_boot(s, a->dev, a->boot);
    if (find_fact(s, boot, (struct fact_ref){a->stream, a->n}) < boot.to) {
        return;
    }
    s->anchors = mem_resize(s->anchors, s->anchor_count + 1, sizeof *s->anchors);
    memmove(&s->anchors[boot.to + 1], &s->anchors[boot.to],
            (s->anchor_count - boot.to) * sizeof *s->anchors);
    s->anchors[boot.to] = *a;
    s->anchor_count++;
}

bool anchors_drop(struct store *s, uint64_t dev, uint64_t boot, struct fact_ref ref) {
    struct span span = find_boot(s, dev, boot);
    size_t at = find_fact(s, span, ref);
    if (at == span.to) {
        return false;
    }
    memmove(&s->anchors[at], &s->anchors[at + 1],
            (--s->anchor_count - at) * sizeof *s->anchors);
    return true;
}

int64_t anchors_time_ms(const struct store *s, uint64_t dev, uint64_t boot,
                        uint64_t mono_ms, int64_t fallback_ms) {
    struct span span = find_boot(s, dev, boot);
    return moment_anchored_ms(s->anchors ? s->anchors + span.from : NULL,
                              span.to - span.from, dev, boot, mono_ms, fallback_ms);
}

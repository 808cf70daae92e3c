#include "sync/agent/upstreams.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void upstreams_init(struct upstreams *u, uint64_t seed) {
    memset(u, 0, sizeof *u);
    u->current = u->probing = -1;
    u->random = seed;
}

// splitmix64 (Steele, Lea, Flood 2014): 0..bound-1.
static uint64_t chance(struct upstreams *u, uint64_t bound) {
    u->random += 0x9e3779b97f4a7c15u;
    uint64_t z = u->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return bound ? (z ^ (z >> 31)) % bound : 0;
}

// Between half of it and all of it.
static uint64_t jitter(struct upstreams *u, uint64_t ms) {
    return ms / 2 + chance(u, ms / 2 + 1);
}

static uint64_t doubled(uint64_t least, unsigned times) {
    uint64_t ms = least;
    while (times-- && ms < UPSTREAMS_ASK_MAX_MS) {
        ms *= 2;
    }
    return ms < UPSTREAMS_ASK_MAX_MS ? ms : UPSTREAMS_ASK_MAX_MS;
}

static void note(struct upstreams_actions *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void note(struct upstreams_actions *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(out->note, sizeof out->note, format, args);
    va_end(args);
}

// ---- the list -------------------------------------------------------------------------

static size_t find_room(const struct upstreams *u) {
    if (u->count < UPSTREAMS_MAX) {
        return u->count;
    }
    size_t worst = UPSTREAMS_MAX;
    for (size_t i = 0; i < u->count; i++) {
        const struct upstreams_item *item = &u->items[i];
        bool may_go = item->way != UPSTREAMS_LISTED && item->failures &&
                      (int)i != u->current && (int)i != u->probing;
        if (may_go &&
            (worst == UPSTREAMS_MAX || item->failures > u->items[worst].failures)) {
            worst = i;
        }
    }
    return worst;
}

void upstreams_add(struct upstreams *u, const char *url, enum upstreams_way way,
                   bool is_relay) {
    size_t len = strlen(url);
    while (len && url[len - 1] == '/') {
        len--;
    }
    size_t at = find_room(u);
    for (size_t i = 0; i < u->count; i++) {
        if (strncmp(u->items[i].url, url, len) == 0 && !u->items[i].url[len]) {
            return;
        }
    }
    if (!len || len >= UPSTREAMS_URL_SIZE || at == UPSTREAMS_MAX) {
        return;
    }
    struct upstreams_item *item = &u->items[at];
    *item = (struct upstreams_item){
        .way = way, .is_relay = is_relay, .hold_ms = UPSTREAMS_HOLD_MIN_MS};
    memcpy(item->url, url, len);
    u->count += at == u->count;
}

enum err upstreams_add_list(struct upstreams *u, const char *list) {
    char url[UPSTREAMS_URL_SIZE];
    for (const char *at = list; *at;) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ", \t");
        if (!len) {
            break;
        }
        bool is_url = strncmp(at, "http://", 7) == 0 || strncmp(at, "https://", 8) == 0;
        if (!is_url || len >= sizeof url) {
            return ERR_INPUT;
        }
        if (u->count == UPSTREAMS_MAX) {
            return ERR_LIMIT;
        }
        snprintf(url, sizeof url, "%.*s", (int)len, at);
        upstreams_add(u, url, UPSTREAMS_LISTED, false);
        at += len;
    }
    return ERR_NONE;
}

// Lower is better.
static size_t rank(const struct upstreams *u, size_t i) {
    const struct upstreams_item *item = &u->items[i];
    size_t kind = (item->is_relay ? UPSTREAMS_WAYS : 0) + (size_t)item->way;
    return kind * UPSTREAMS_MAX + i;
}

static bool is_better(const struct upstreams *u, size_t i) {
    return u->current < 0 || rank(u, i) < rank(u, (size_t)u->current);
}

static bool is_in_trouble(const struct upstreams *u) {
    return u->current < 0 || u->is_slow || u->failures >= UPSTREAMS_FAILURES;
}

bool upstreams_is_in_need(const struct upstreams *u) {
    return !u->is_cut && is_in_trouble(u);
}

// ---- when to do what ------------------------------------------------------------------

// Is it of interest now? Ours is asked by the exchange itself, but behind a silent doorbell
// there may be nothing; that matters only where there is somewhere else to go.
static bool is_wanted(const struct upstreams *u, size_t i) {
    if ((int)i == u->current) {
        return u->count > 1 && !u->sent_ms && !is_in_trouble(u);
    }
    return is_in_trouble(u) || is_better(u, i);
}

static uint64_t due_ms(const struct upstreams *u, size_t i) {
    uint64_t at = u->items[i].probe_at_ms;
    uint64_t quiet = u->heard_ms + UPSTREAMS_QUIET_MS;
    return (int)i == u->current && quiet > at ? quiet : at;
}

static uint64_t stay_until(const struct upstreams *u) {
    return u->current < 0 ? 0 : u->used_since_ms + UPSTREAMS_STAY_MS;
}

static uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

uint64_t upstreams_deadline_ms(const struct upstreams *u) {
    uint64_t at = UINT64_MAX;
    if (u->is_cut) {
        return at;
    }
    if (u->sent_ms && !u->is_slow) {
        at = u->sent_ms + UPSTREAMS_SLOW_MS;
    }
    if (u->probing >= 0) {
        return earlier(at, u->probed_ms + UPSTREAMS_PROBE_MS + UPSTREAMS_GOOD_MS);
    }
    for (size_t i = 0; i < u->count; i++) {
        if (is_wanted(u, i)) {
            at = earlier(at, due_ms(u, i));
        }
    }
    return at;
}

// Others are asked at once when ours begins to fail.
static void hurry(struct upstreams *u, uint64_t now_ms) {
    for (size_t i = 0; i < u->count; i++) {
        struct upstreams_item *item = &u->items[i];
        uint64_t soon = now_ms + doubled(UPSTREAMS_ASK_MIN_MS, item->failures);
        uint64_t due = item->failures ? soon : now_ms;
        item->probe_at_ms = earlier(item->probe_at_ms, due);
    }
}

static void use(struct upstreams *u, size_t i, uint64_t now_ms,
                struct upstreams_actions *out) {
    bool was_in_trouble = is_in_trouble(u);
    if (u->current >= 0) {
        struct upstreams_item *old = &u->items[u->current];
        bool is_early = now_ms - u->used_since_ms < UPSTREAMS_HOLD_MAX_MS;
        if (was_in_trouble) {
            uint64_t hold = is_early ? 2 * old->hold_ms : UPSTREAMS_HOLD_MIN_MS;
            old->hold_ms = earlier(hold, UPSTREAMS_HOLD_MAX_MS);
            old->good_since_ms = 0;
        }
        old->failures = 0;
        old->probe_at_ms = now_ms + jitter(u, UPSTREAMS_WATCH_MS);
        note(out, "from %.60s to %.60s", old->url, u->items[i].url);
    } else {
        note(out, "exchanging with %s", u->items[i].url);
    }
    u->current = (int)i;
    u->failures = 0;
    u->is_slow = false;
    u->sent_ms = 0;
    u->used_since_ms = u->heard_ms = now_ms;
    out->use = (int)i;
}

// One that answers: is it time to go there?
static bool is_to_be_used(const struct upstreams *u, size_t i, uint64_t now_ms) {
    const struct upstreams_item *item = &u->items[i];
    if ((int)i == u->current || !item->good_since_ms || now_ms < stay_until(u)) {
        return false;
    }
    bool has_proven = now_ms - item->good_since_ms >= item->hold_ms;
    return is_in_trouble(u) || (is_better(u, i) && has_proven);
}

static void probe_next(struct upstreams *u, uint64_t now_ms,
                       struct upstreams_actions *out) {
    int best = -1;
    for (size_t i = 0; i < u->count; i++) {
        bool is_due = is_wanted(u, i) && due_ms(u, i) <= now_ms;
        if (is_due && (best < 0 || rank(u, i) < rank(u, (size_t)best))) {
            best = (int)i;
        }
    }
    if (best >= 0 && u->probing < 0 && !u->is_cut) {
        u->probing = best;
        u->probed_ms = now_ms;
        out->probe = best;
    }
}

// ---- what happened --------------------------------------------------------------------

static void on_probed(struct upstreams *u, const struct upstreams_event *e,
                      struct upstreams_actions *out) {
    size_t i = (size_t)u->probing;
    struct upstreams_item *item = &u->items[i];
    u->probing = -1;
    if ((int)i == u->current) {
        u->heard_ms = e->now_ms;
    }
    item->failures = 0;
    item->is_relay = e->is_relay;
    item->has_log = e->has_log;
    memcpy(item->log, e->log, sizeof item->log);
    item->good_since_ms = item->good_since_ms ? item->good_since_ms : e->now_ms;
    item->probe_at_ms = e->now_ms + UPSTREAMS_GOOD_MS;
    if (is_to_be_used(u, i, e->now_ms)) {
        use(u, i, e->now_ms, out);
    }
}

static void on_failed(struct upstreams *u, uint64_t now_ms) {
    u->sent_ms = 0;
    u->failures++;
    if (u->failures == UPSTREAMS_FAILURES) {
        hurry(u, now_ms);
    }
}

static void on_probe_failed(struct upstreams *u, uint64_t now_ms) {
    struct upstreams_item *item = &u->items[u->probing];
    bool is_ours = u->probing == u->current;
    bool is_urgent = is_ours || is_in_trouble(u);
    uint64_t least = is_urgent ? UPSTREAMS_ASK_MIN_MS : UPSTREAMS_WATCH_MS;
    u->probing = -1;
    item->good_since_ms = 0;
    item->probe_at_ms = now_ms + jitter(u, doubled(least, item->failures));
    item->failures += item->failures < 16;
    if (is_ours) {
        on_failed(u, now_ms);
    }
}

static void on_answered(struct upstreams *u, uint64_t now_ms) {
    u->heard_ms = now_ms;
    u->sent_ms = 0;
    u->failures = 0;
    u->is_slow = false;
}

static void on_time(struct upstreams *u, uint64_t now_ms) {
    bool is_late = u->sent_ms && now_ms >= u->sent_ms + UPSTREAMS_SLOW_MS;
    if (is_late && !u->is_slow) {
        u->is_slow = true;
        hurry(u, now_ms);
    }
    bool is_lost = u->probing >= 0 &&
                   now_ms >= u->probed_ms + UPSTREAMS_PROBE_MS + UPSTREAMS_GOOD_MS;
    if (is_lost) {
        on_probe_failed(u, now_ms);
    }
}

static void on_joined(struct upstreams *u, uint64_t now_ms) {
    u->is_cut = false;
    u->failures = 0;
    u->is_slow = false;
    hurry(u, now_ms);
}

static void on_cut(struct upstreams *u) {
    u->is_cut = true;
    u->sent_ms = 0;
    u->probing = -1;
}

void upstreams_step(struct upstreams *u, const struct upstreams_event *e,
                    struct upstreams_actions *out) {
    *out = (struct upstreams_actions){.use = -1, .probe = -1};
    switch (e->type) {
    case UPSTREAMS_TIMEOUT:
        on_time(u, e->now_ms);
        break;
    case UPSTREAMS_PROBED:
        if (u->probing >= 0) {
            on_probed(u, e, out);
        }
        break;
    case UPSTREAMS_PROBE_FAILED:
        if (u->probing >= 0) {
            on_probe_failed(u, e->now_ms);
        }
        break;
    case UPSTREAMS_SENT:
        u->sent_ms = e->now_ms;
        return; // in the middle of a round: nothing else now
    case UPSTREAMS_ANSWERED:
        on_answered(u, e->now_ms);
        break;
    case UPSTREAMS_FAILED:
        on_failed(u, e->now_ms);
        break;
    case UPSTREAMS_HEARD:
        u->heard_ms = e->now_ms;
        break;
    case UPSTREAMS_CUT:
        on_cut(u);
        return;
    case UPSTREAMS_JOINED:
        on_joined(u, e->now_ms);
        break;
    }
    probe_next(u, e->now_ms, out);
}

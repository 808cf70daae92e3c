#include "sync/exchange/client.h"

#include "sync/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void client_init(struct exchange_client *c, const struct client_saved *saved,
                 uint64_t seed) {
    memset(c, 0, sizeof *c);
    c->saved = *saved;
    c->random = seed;
    c->deadline_ms = UINT64_MAX;
    c->snap_from = CLIENT_SNAP_FROM;
}

uint64_t client_deadline_ms(const struct exchange_client *c) {
    return c->deadline_ms;
}

// splitmix64 (Steele, Lea, Flood 2014): 0..bound-1.
static uint64_t client_chance(struct exchange_client *c, uint64_t bound) {
    c->random += 0x9e3779b97f4a7c15u;
    uint64_t z = c->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return bound ? (z ^ (z >> 31)) % bound : 0;
}

static uint64_t doubled(uint64_t least, uint64_t most, unsigned times) {
    uint64_t v = least;
    while (times-- && v < most) {
        v *= 2;
    }
    return v < most ? v : most;
}

static void say(struct client_actions *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct client_actions *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(out->note, sizeof out->note, format, args);
    va_end(args);
}

static struct client_action *act(struct client_actions *out,
                                 enum client_action_type type) {
    CHECK(out->count < CLIENT_ACTIONS_MAX);
    struct client_action *a = &out->items[out->count++];
    *a = (struct client_action){.type = type};
    return a;
}

static void start_round(struct exchange_client *c, struct client_actions *out) {
    c->phase = CLIENT_GATHERING;
    c->has_news = false;
    c->deadline_ms = UINT64_MAX;
    act(out, CLIENT_GATHER)->wants_grants = c->wants_grants;
}

static void rest(struct exchange_client *c, uint64_t until_ms) {
    c->phase = CLIENT_IDLE;
    c->deadline_ms = until_ms;
}

static void back_off(struct exchange_client *c, const struct client_event *e,
                     struct client_actions *out) {
    uint64_t wait = doubled(CLIENT_BACKOFF_MIN_MS, CLIENT_BACKOFF_MAX_MS, c->failures);
    wait = wait / 2 + client_chance(c, wait / 2 + 1);
    if (wait < e->wait_ms) {
        wait = e->wait_ms + client_chance(c, e->wait_ms / 4 + 1);
    }
    c->failures++;
    c->is_online = false;
    rest(c, e->now_ms + wait);
    say(out, "no answer (%u in a row): next try in %llu ms", c->failures,
        (unsigned long long)wait);
}

static bool is_anchor_due(const struct exchange_client *c, const struct client_event *e) {
    if (e->response->time_state != TIME_SET) {
        return false;
    }
    if (!c->has_anchored || e->now_ms - c->anchored_ms >= CLIENT_ANCHOR_EVERY_MS) {
        return true;
    }
    return c->anchored_rtt_ms > 50 && e->rtt_ms < c->anchored_rtt_ms / 2;
}

// A changed grant changes the channels: a wider set starts at the beginning again, what is
// held already is skipped when it comes; a narrower one is erased here.
static void plan_channels(struct client_plan *p, uint32_t before, uint32_t allowed) {
    p->drop_channels = before & ~allowed;
    p->saved.cur.channels = allowed;
    if (allowed & ~before) {
        p->saved.cur.at = (struct exchange_mark){0};
    }
}

static void make_plan(struct exchange_client *c, const struct client_event *e) {
    const struct exchange_response *r = e->response;
    struct client_plan *p = &c->plan;
    memset(p, 0, sizeof *p);
    p->response = r;
    p->saved = c->saved;
    p->is_rewound = r->has_rewind;
    p->passes_gaps = c->passes_gaps;
    if (r->has_rewind) {
        locator_cut(&p->saved.loc, r->rewind.seq);
    }
    memcpy(p->saved.cur.log, r->log, sizeof r->log);
    p->saved.cur.at = r->cur;
    p->saved.seen = r->head;
    locator_add(&p->saved.loc, &r->cur);
    locator_add(&p->saved.loc, &r->head);
    plan_channels(p, c->saved.cur.channels, r->channels);
    if (is_anchor_due(c, e)) {
        p->has_anchor = true;
        p->rtt_ms = e->rtt_ms;
        p->source_ms = r->time_ms + e->rtt_ms / 2;
        p->anchor_mono_ms = e->now_ms;
    }
}

static void on_received(struct exchange_client *c, const struct client_event *e,
                        struct client_actions *out) {
    make_plan(c, e);
    c->phase = CLIENT_APPLYING;
    c->deadline_ms = UINT64_MAX;
    c->is_online = true;
    c->wants_grants = false;
    act(out, CLIENT_APPLY);
    if (e->response->has_rewind) {
        say(out, "the hub lost history after %llu: everything is offered again",
            (unsigned long long)e->response->rewind.seq);
    } else if (e->response->facts.count) {
        say(out, "%zu batches, up to %llu of %llu", e->response->facts.count,
            (unsigned long long)e->response->cur.seq,
            (unsigned long long)e->response->head.seq);
    }
}

// For a head other than the one that was told last: where the cursor cannot follow it (an old
// protocol, facts that are not signed yet), a ring for each head must be enough.
static void ring(const struct exchange_client *c, struct client_actions *out) {
    act(out, CLIENT_RING)->seq = c->saved.seen.seq;
}

static void ring_and_rest(struct exchange_client *c, uint64_t now_ms,
                          struct client_actions *out) {
    ring(c, out);
    uint64_t wait = c->polls
                        ? doubled(CLIENT_POLL_MIN_MS, CLIENT_POLL_MAX_MS, c->polls - 1)
                        : CLIENT_POLL_MAX_MS;
    rest(c, now_ms + wait / 2 + client_chance(c, wait / 2 + 1));
}

static bool is_snap_due(const struct exchange_client *c) {
    return !c->has_snapped && !c->is_cut && c->saved.cur.at.seq == 0 &&
           c->saved.cur.channels && c->saved.seen.seq >= c->snap_from;
}

static void on_snapped(struct exchange_client *c, const struct client_event *e,
                       struct client_actions *out) {
    if (e->err == ERR_NONE) {
        c->saved.cur.at = e->mark;
        c->saved.loc.count = 0; // points of another pass, perhaps of another history
        locator_add(&c->saved.loc, &e->mark);
        say(out, "snapshot taken, up to %llu", (unsigned long long)e->mark.seq);
    } else {
        say(out, "no snapshot (%s): page by page instead", err_text(e->err));
    }
    if (c->is_cut) {
        rest(c, UINT64_MAX);
    } else {
        start_round(c, out);
    }
}

static void on_persisted(struct exchange_client *c, const struct client_event *e,
                         struct client_actions *out) {
    struct client_plan *p = &c->plan;
    if (e->err == ERR_GAP) {
        // Facts came whose predecessors are missing here: fetch from the beginning. `seen`
        // moves on all the same: it answers for the haves just adopted.
        c->saved = p->saved;
        c->saved.cur.at = (struct exchange_mark){0};
        // What is still missing the second time will never come: a branch that is not ours,
        // or a batch that does not verify. It must not hold up the rest.
        c->passes_gaps = true;
        back_off(c, e, out);
        say(out, "a stream has a gap here: starting at the beginning");
        return;
    }
    if (e->err != ERR_NONE) {
        c->saved = e->saved ? *e->saved : c->saved;
        back_off(c, e, out);
        say(out, "the answer could not be stored: %s", err_text(e->err));
        return;
    }
    bool has_progress = p->response->facts.count || p->is_rewound ||
                        e->pending != c->pending || e->offers != c->offers ||
                        p->has_anchor || p->saved.cur.channels != c->saved.cur.channels;
    c->failures = 0; // not before: what cannot be stored is not asked for in a hurry
    uint32_t pause_ms = p->response->backoff_ms;
    c->has_to_drop = p->defers_drop;
    bool has_more = p->response->has_more || e->pending || e->offers || c->has_to_drop ||
                    p->saved.cur.at.seq != p->saved.seen.seq;
    c->saved = p->saved;
    c->passes_gaps = c->passes_gaps && c->saved.cur.at.seq != c->saved.seen.seq;
    c->pending = e->pending;
    c->offers = e->offers;
    if (p->has_anchor) {
        c->has_anchored = true;
        c->anchored_ms = e->now_ms;
        c->anchored_rtt_ms = p->rtt_ms;
    }
    p->response = NULL;
    if (is_snap_due(c)) {
        c->has_snapped = true;
        c->phase = CLIENT_SNAPPING;
        act(out, CLIENT_SNAP);
        say(out, "%llu facts behind: taking the snapshot",
            (unsigned long long)c->saved.seen.seq);
    } else if (pause_ms) {
        c->hold_ms = e->now_ms + pause_ms;
        rest(c, c->hold_ms + client_chance(c, pause_ms / 4 + 1));
    } else if (c->has_news || (has_more && has_progress)) {
        start_round(c, out);
    } else if (has_more) {
        // The hub took nothing of what is left: asking at once would change nothing.
        rest(c, e->now_ms + CLIENT_POLL_MIN_MS + client_chance(c, CLIENT_POLL_MIN_MS));
        say(out, "the hub does not take what is left: %llu facts, %llu streams",
            (unsigned long long)e->pending, (unsigned long long)e->offers);
        ring(c, out);
    } else {
        ring_and_rest(c, e->now_ms, out);
    }
}

// The upstream asked for a pause: nothing shortens it.
static bool is_held(const struct exchange_client *c, const struct client_event *e) {
    return e->now_ms < c->hold_ms;
}

static void on_rang(struct exchange_client *c, const struct client_event *e,
                    struct client_actions *out) {
    c->polls = 0;
    bool has_news = e->seq != c->saved.seen.seq;
    if (c->phase != CLIENT_IDLE || is_held(c, e)) {
        c->has_news = c->has_news || has_news;
    } else if (has_news && !c->is_cut) {
        start_round(c, out);
    } else if (!c->is_cut) {
        ring_and_rest(c, e->now_ms, out);
    }
}

static void on_link_down(struct exchange_client *c, struct client_actions *out) {
    c->is_cut = true;
    c->is_online = false;
    if (c->phase != CLIENT_APPLYING && c->phase != CLIENT_SNAPPING) {
        c->round++; // an answer that still comes is ignored
        rest(c, UINT64_MAX);
    }
    act(out, CLIENT_ABORT);
    say(out, "link down");
}

static void on_answer(struct exchange_client *c, const struct client_event *e,
                      struct client_actions *out) {
    if (c->phase != CLIENT_SENDING || e->round != c->round) {
        say(out, "an answer to an earlier round is ignored");
        return;
    }
    if (e->type == CLIENT_RECEIVED) {
        on_received(c, e, out);
    } else if (e->type == CLIENT_REFUSED && !c->wants_grants) {
        c->wants_grants = true;
        start_round(c, out);
        say(out, "the hub does not know us: presenting the grant");
    } else {
        back_off(c, e, out);
    }
}

static void on_timeout(struct exchange_client *c, const struct client_event *e,
                       struct client_actions *out) {
    if (c->phase == CLIENT_SENDING) {
        c->round++;
        act(out, CLIENT_ABORT);
        back_off(c, e, out);
    } else if (c->phase == CLIENT_IDLE && !c->is_cut && e->now_ms >= c->deadline_ms) {
        start_round(c, out);
    }
}

static void on_gathered(struct exchange_client *c, const struct client_event *e,
                        struct client_actions *out) {
    if (c->phase != CLIENT_GATHERING) {
        return;
    }
    if (e->err != ERR_NONE) {
        back_off(c, e, out);
        say(out, "the store could not be read: %s", err_text(e->err));
        return;
    }
    c->phase = CLIENT_SENDING;
    c->deadline_ms = e->now_ms + CLIENT_ANSWER_MS;
    act(out, CLIENT_SEND)->round = ++c->round;
}

static void on_link_up(struct exchange_client *c, struct client_actions *out) {
    c->is_cut = false;
    c->failures = 0;
    if (c->phase == CLIENT_IDLE) {
        start_round(c, out);
    }
    say(out, "link up");
}

static void on_change(struct exchange_client *c, const struct client_event *e,
                      struct client_actions *out) {
    c->has_news = true;
    // While the hub is away a scan must not shorten the back-off.
    if (c->phase == CLIENT_IDLE && !c->is_cut && !c->failures && !is_held(c, e)) {
        start_round(c, out);
    }
}

static void on_bell_failed(struct exchange_client *c, const struct client_event *e,
                           struct client_actions *out) {
    c->polls++;
    if (c->phase == CLIENT_IDLE && !c->is_cut && !c->failures) {
        uint64_t wait = c->polls == 1 ? 1000 : CLIENT_POLL_MIN_MS;
        rest(c, e->now_ms + wait / 2 + client_chance(c, wait / 2 + 1));
        say(out, "no doorbell: asking again in a moment");
    }
}

// What the store said.
static void on_stored(struct exchange_client *c, const struct client_event *e,
                      struct client_actions *out) {
    if (e->type == CLIENT_SNAPPED && c->phase == CLIENT_SNAPPING) {
        on_snapped(c, e, out);
    } else if (e->type == CLIENT_PERSISTED && c->phase == CLIENT_APPLYING) {
        on_persisted(c, e, out);
        if (c->is_cut) {
            out->count = 0;
            rest(c, UINT64_MAX);
        }
    }
}

void client_step(struct exchange_client *c, const struct client_event *e,
                 struct client_actions *out) {
    out->count = 0;
    out->note[0] = '\0';
    switch (e->type) {
    case CLIENT_LINK_UP:
        on_link_up(c, out);
        break;
    case CLIENT_LINK_DOWN:
        on_link_down(c, out);
        break;
    case CLIENT_STARTED:
    case CLIENT_CHANGED:
        on_change(c, e, out);
        break;
    case CLIENT_TIMEOUT:
        on_timeout(c, e, out);
        break;
    case CLIENT_GATHERED:
        on_gathered(c, e, out);
        break;
    case CLIENT_RECEIVED:
    case CLIENT_FAILED:
    case CLIENT_REFUSED:
        on_answer(c, e, out);
        break;
    case CLIENT_PERSISTED:
    case CLIENT_SNAPPED:
        on_stored(c, e, out);
        break;
    case CLIENT_RANG:
        on_rang(c, e, out);
        break;
    case CLIENT_BELL_FAILED:
        on_bell_failed(c, e, out);
        break;
    }
}

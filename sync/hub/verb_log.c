// status, rebuild, dump, export: what the hub holds.
#include "sync/agent/agent.h"
#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "sync/hub/bell.h"
#include "sync/hub/hub.h"
#include "sync/hub/postgres.h"
#include "sync/hub/relay.h"
#include "sync/hub/verbs.h"
#include "sync/store/authored.h"
#include "sync/store/peer_log.h"
#include "sync/store/peer_text.h"
#include "sync/store/recover.h"
#include "sync/store/upstream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A line for each open incident: whose badge, where, and why.
static void say_incidents(struct verb_call *c) {
    enum { LINES = 20 };
    struct incident *in = mem_alloc(LINES, sizeof *in);
    size_t count = store_read_incidents(c->store, in, LINES);
    for (size_t i = 0; i < count; i++) {
        if (in[i].is_fork && !in[i].is_resolved) {
            verb_say(c, "incident   %s\n", in[i].reason);
        } else if (!in[i].is_resolved) {
            verb_say(c, "incident   %s at %s, admitted %zu times: %s\n",
                     in[i].name[0] ? in[i].name : in[i].holder, in[i].gate,
                     in[i].member_count, in[i].reason);
        }
    }
    mem_free(in);
}

// Of a relay: whom it follows, and what is not up there yet.
static void say_upstream(struct verb_call *c) {
    struct agent_status s;
    struct exchange_up *up = mem_alloc(1, sizeof *up);
    relay_get_status(c->hub->relay, &s);
    verb_say(c, "upstream   %s, %s, at %" PRIu64 " of %" PRIu64 "\n",
             s.url[0] ? s.url : "none found yet", s.is_online ? "online" : "OFFLINE",
             s.seq, s.head_seq);
    if (upstream_read_up(c->store, 0, up) == ERR_NONE) {
        verb_say(c, "to send    facts of %zu%s streams\n", up->count,
                 up->has_more ? " and more" : "");
    }
    mem_free(up);
}

// How the shared log is, and which facts of hubs would go with this machine.
static void say_replication(struct verb_call *c) {
    struct postgres_state s = {0};
    struct authored a;
    if (c->shared) {
        postgres_get_state(c->shared, &s);
    }
    if (c->shared && s.is_writable) {
        verb_say(c, "shared     PostgreSQL at %s, %s replication\n", s.primary,
                 s.is_synchronous ? "synchronous" : "asynchronous");
    } else if (c->shared) {
        verb_say(c, "shared     %s\n           %s\n", s.word, s.trouble);
    }
    for (int ch = CHANNEL_NONE + 1; c->hub && ch < CHANNEL_COUNT; ch++) {
        uint64_t held = fleet_get_held(&c->hub->fleet, (enum channel)ch);
        s.held[ch] = held > s.held[ch] ? held : s.held[ch];
    }
    bool is_safe = !c->hub || c->hub->relay || s.is_synchronous ||
                   store_count_authored(c->store, s.held, &a) != ERR_NONE || !a.count;
    for (size_t i = 0; !is_safe && i < a.kind_count; i++) {
        if (i == 0) {
            verb_say(c,
                     "alone      %" PRIu64 " facts saved, not yet replicated:", a.count);
        }
        verb_say(c, "%s %s %" PRIu64, i ? "," : "", a.kinds[i].kind, a.kinds[i].count);
    }
    verb_say(c, "%s", is_safe ? "" : "\n");
}

bool verb_status(struct verb_call *c) {
    struct exchange_mark head = {0};
    struct store_identity id = store_identity_get(c->store);
    struct programme *p = store_read_programme(c->store);
    struct store_counts n = store_read_counts(c->store, "", &c->now);
    char event[2 * FACT_EVENT_BYTES + 1];
    char dev[17];
    char time[256];
    hex_format(id.event, sizeof id.event, event);
    hex_format_u64(id.dev, dev);
    enum err e = peer_log_head(c->store, &head);
    verb_say(c, "event      %s (%s)\n", p->event.name[0] ? p->event.name : "-", event);
    verb_say(c, "hub        %s%s\n", dev, c->hub ? ", running" : ", not running");
    verb_say(c, "log        %" PRIu64 " facts, %" PRId64 " in quarantine\n", head.seq,
             n.quarantined);
    say_replication(c);
    verb_say(c, "programme  %zu sessions, %zu rooms, %zu notices, %zu gates\n",
             p->session_count, p->room_count, p->notice_count, p->gate_count);
    verb_say(c, "people     %" PRId64 "\n", n.people);
    for (size_t i = 0; i < p->gate_count; i++) {
        struct store_counts at = store_read_counts(c->store, p->gates[i].id, &c->now);
        verb_say(c, "gate       %-12s %" PRId64 " admitted of %" PRId64 " expected\n",
                 p->gates[i].id, at.admitted, at.expected);
    }
    verb_say(c, "disk       %s\n", store_disk_name(store_disk_state(c->store)));
    verb_say(c, "incidents  %" PRId64 " open\n", n.incidents);
    say_incidents(c);
    timekeeper_describe(&c->now, time, sizeof time);
    verb_say(c, "time       %s\n", time);
    if (c->hub && c->hub->relay) {
        say_upstream(c);
    }
    if (c->hub) {
        verb_say(c, "devices    %zu called within 90 s\n",
                 fleet_count_since(&c->hub->fleet, clock_mono_ms(), 90000));
    }
    programme_destroy(p);
    return e == ERR_NONE;
}

bool verb_rebuild(struct verb_call *c) {
    enum err e = store_rebuild(c->store);
    if (e != ERR_NONE) {
        return verb_fail(c, "the tables are as they were: %s\n", err_text(e));
    }
    verb_say(c, "the tables were folded anew from the log\n");
    return true;
}

static bool read_number(struct verb_call *c, const char *name, uint64_t fallback,
                        uint64_t *out) {
    const char *text = verb_option(c, name, NULL);
    char *end = NULL;
    *out = text ? strtoull(text, &end, 10) : fallback;
    if (text && (*end || end == text || *text == '-')) {
        return verb_fail(c, "%s %s: not a number\n", name, text);
    }
    return true;
}

bool verb_dump(struct verb_call *c) {
    enum { LINES = 20000 }; // one answer of the control socket
    uint64_t after = 0;
    uint64_t max = 0;
    uint64_t last = 0;
    if (!read_number(c, "--after", 0, &after) || !read_number(c, "--max", LINES, &max)) {
        return false;
    }
    struct peer_text_dump d = {.kind = verb_option(c, "--kind", NULL),
                               .after = after,
                               .max = max < LINES ? (size_t)max : LINES};
    enum err e = peer_text_dump(c->store, &d, c->out, &last);
    return e == ERR_NONE || verb_fail(c, "the store: %s\n", err_text(e));
}

bool verb_export(struct verb_call *c) {
    const char *what = verb_word(c, 0);
    if (!what || strcmp(what, "admissions") != 0) {
        return verb_fail(c, "export what? admissions\n");
    }
    enum err e = peer_text_admissions(c->store, c->out);
    return e == ERR_NONE || verb_fail(c, "the store: %s\n", err_text(e));
}

#include "tests/sim/sim.h"

#include "sync/base/mem.h"
#include "sync/store/peer.h"
#include "sync/store/peer_log.h"
#include "tests/sim/chance.h"
#include "tests/sim/node.h"
#include "tests/sim/operator.h"
#include "tests/sim/oracle.h"
#include "tests/sim/people.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SETTLE_MS = 30 * 60 * 1000, EVENTS_MAX = 20000 };

uint64_t sim_random(struct sim *s, uint64_t bound) {
    return bound ? chance_next(&s->random) % bound : 0;
}

bool sim_chance(struct sim *s, unsigned permille) {
    return permille && chance_next(&s->random) % 1000 < permille;
}

int64_t sim_true_ms(const struct sim *s) {
    return (int64_t)SIM_EPOCH_S * 1000 + (int64_t)s->now_ms;
}

static void add_to_hash(struct sim *s, const char *text) {
    for (const char *c = text; *c; c++) { // FNV-1a
        s->hash = (s->hash ^ (uint8_t)*c) * 0x100000001b3u;
    }
}

void sim_say(struct sim *s, const struct node *n, const char *format, ...) {
    char line[256];
    va_list args;
    int at = snprintf(line, sizeof line, "%8llu.%03u %-8s ",
                      (unsigned long long)(s->now_ms / 1000),
                      (unsigned)(s->now_ms % 1000), n ? n->name : "");
    va_start(args, format);
    vsnprintf(line + at, sizeof line - (size_t)at, format, args);
    va_end(args);
    add_to_hash(s, line);
    if (s->is_verbose) {
        puts(line);
    }
}

void sim_fail(struct sim *s, const char *format, ...) {
    va_list args;
    if (s->trouble[0]) {
        return;
    }
    va_start(args, format);
    vsnprintf(s->trouble, sizeof s->trouble, format, args);
    va_end(args);
    sim_say(s, NULL, "FAILED: %s", s->trouble);
}

// ---- time --------------------------------------------------------------------------------

void sim_pass(struct sim *s, uint64_t ms) {
    uint64_t end = s->now_ms + ms;
    unsigned events = 0;
    while (!s->trouble[0]) {
        uint64_t a = net_next_ms(s);
        uint64_t b = node_next_ms(s);
        uint64_t next = a < b ? a : b;
        if (next > end) {
            break;
        }
        s->now_ms = next > s->now_ms ? next : s->now_ms;
        net_deliver(s);
        node_run_due(s);
        if (++events > EVENTS_MAX) {
            sim_fail(s, "T10: a hot loop: %u events in %llu ms", events,
                     (unsigned long long)ms);
        }
    }
    s->now_ms = end;
}

static enum act draw_act(struct sim *s) {
    uint64_t sum = 0;
    for (size_t i = 0; i < ACT_COUNT; i++) {
        sum += s->plan.weights[i];
    }
    uint64_t at = sim_random(s, sum);
    size_t i = 0;
    while (at >= s->plan.weights[i]) {
        at -= s->plan.weights[i++];
    }
    return (enum act)i;
}

static void step(struct sim *s) {
    enum act a = draw_act(s);
    sim_say(s, NULL, "-- %s", plan_act_name(a));
    if (a < ACT_KILL) {
        people_act(s, a);
    } else {
        operator_act(s, a);
    }
    sim_pass(s,
             sim_chance(s, 300) ? sim_random(s, 20) : sim_random(s, 2 * s->plan.gap_ms));
}

// ---- healing -----------------------------------------------------------------------------

static bool is_link_settled(struct sim *s, const struct node *n, const struct link *l) {
    const struct exchange_client *c = &l->client;
    struct exchange_mark head;
    struct peer_pending left = peer_count_pending(n->store, l->name);
    if (c->phase != CLIENT_IDLE || c->failures || left.facts || left.offers ||
        c->has_to_drop) {
        return false; // failures: it has not even heard yet that the hub was restored
    }
    if (n->is_old) {
        return true;
    }
    return peer_log_head(s->nodes[l->to].store, &head) == ERR_NONE &&
           c->saved.cur.at.seq == head.seq && c->saved.seen.seq == head.seq &&
           memcmp(c->saved.cur.at.ch, head.ch, sizeof head.ch) == 0;
}

static bool is_settled(struct sim *s) {
    if (s->net.count) {
        return false;
    }
    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        if (!n->is_there || n->is_dead) {
            continue;
        }
        if (!n->is_on) {
            return false;
        }
        const struct link *l = node_link(s, i);
        if (l && !is_link_settled(s, n, l)) {
            return false;
        }
    }
    return true;
}

static void tell_unsettled(struct sim *s) {
    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        const struct link *l = node_link(s, i);
        if (n->is_there && !n->is_dead && n->is_on && l && !is_link_settled(s, n, l)) {
            struct peer_pending left = peer_count_pending(n->store, l->name);
            sim_fail(s,
                     "T10: %s does not settle with %s: phase %d, at %llu of %llu,"
                     " %llu facts and %llu offers left",
                     n->name, l->name, (int)l->client.phase,
                     (unsigned long long)l->client.saved.cur.at.seq,
                     (unsigned long long)l->client.saved.seen.seq,
                     (unsigned long long)left.facts, (unsigned long long)left.offers);
        }
    }
    sim_fail(s, "T10: the machines do not settle");
}

static void settle(struct sim *s) {
    uint64_t until = s->now_ms + SETTLE_MS;
    while (!s->trouble[0] && s->now_ms < until) {
        sim_pass(s, 200);
        if (!s->trouble[0] && is_settled(s)) {
            sim_say(s, NULL, "-- settled");
            return;
        }
    }
    if (!s->trouble[0]) {
        tell_unsettled(s);
    }
}

void sim_heal(struct sim *s) {
    sim_say(s, NULL, "-- faults stop");
    s->is_healing = true;
    operator_mend(s);
    settle(s);
}

// ---- one seed ----------------------------------------------------------------------------

static void start(struct sim *s, struct stage *stage, uint64_t seed) {
    bool is_verbose = s->is_verbose;
    memset(s, 0, sizeof *s);
    s->is_verbose = is_verbose;
    s->seed = s->random = seed;
    s->hash = 0xcbf29ce484222325u;
    s->stage = stage;
    s->totals.of[T_SEEDS] = 1;
    chance_next(&s->random);
    chance_install(seed ^ 0x5eed5eed5eedu);
    disk_be_default(seed);
    plan_draw(&s->plan, &s->random);
    s->oracle = oracle_create(s);
    for (size_t i = 0; i < STAGE_PEOPLE; i++) {
        oracle_plant(s->oracle, stage->people[i].id, stage->people[i].name);
    }
}

static void finish_story(struct sim *s) {
    if (!s->trouble[0]) {
        sim_heal(s);
    }
    if (!s->trouble[0] && s->plan.ends_erased) {
        operator_erase_event(s);
        settle(s);
    }
    if (!s->trouble[0]) {
        oracle_judge(s->oracle);
    }
    for (size_t i = 0; i < TOTAL_COUNT; i++) {
        char count[24];
        snprintf(count, sizeof count, " %llu", (unsigned long long)s->totals.of[i]);
        add_to_hash(s, count);
    }
    s->totals.of[T_OTHER] += s->trouble[0] && !s->totals.of[T_LOST] &&
                             !s->totals.of[T_DOUBLED] && !s->totals.of[T_DIVERGED];
}

void sim_run(struct sim *s, struct stage *stage, uint64_t seed) {
    start(s, stage, seed);
    operator_set_up(s);
    for (unsigned i = 0; i < s->plan.steps && !s->trouble[0]; i++) {
        step(s);
    }
    finish_story(s);
}

static void restart_one(struct sim *s, size_t i) {
    if (!s->nodes[i].is_on) {
        sim_pass(s, s->nodes[i].on_ms - s->now_ms + 1);
        return;
    }
    if (sim_chance(s, 500)) {
        node_kill(s, i);
    } else {
        if (sim_chance(s, 100)) {
            people_act(s, ACT_WALK_UP);
        }
        if (s->nodes[i].is_on) {
            disk_cut_after(i, (long)sim_random(s, 40));
            people_act(s, ACT_SCAN);
        }
        if (s->nodes[i].is_on) {
            node_cut(s, i, 50);
        }
    }
}

void sim_run_restarts(struct sim *s, struct stage *stage, uint64_t starts) {
    start(s, stage, 10000);
    memset(s->plan.weights, 0, sizeof s->plan.weights);
    s->plan = (struct plan){.kiosks = 2, .gap_ms = 1000};
    operator_set_up(s);
    sim_pass(s, 5000);
    for (uint64_t i = 0; i < starts && !s->trouble[0]; i++) {
        size_t kiosk = people_pick(s, KIND_KIOSK);
        kiosk = kiosk < NODES_MAX ? kiosk : s->node_count - 1;
        s->nodes[NODE_HUB].cut_until_ms = i % 200 == 199 ? 0 : UINT64_MAX;
        restart_one(s, kiosk);
        sim_pass(s, i % 200 == 199 ? 60000 : 20);
    }
    finish_story(s);
}

void sim_finish(struct sim *s) {
    for (size_t i = 0; i < NODES_MAX; i++) {
        if (s->nodes[i].store) {
            disk_freeze(i);
            store_close(s->nodes[i].store);
            s->nodes[i].store = NULL;
            disk_thaw(i);
        }
        for (size_t k = 0; k < LINKS_MAX; k++) {
            exchange_request_finish(&s->links[i][k].request);
            exchange_response_finish(&s->links[i][k].response);
            snap_forget(&s->links[i][k].snap);
        }
    }
    operator_finish(s);
    net_finish(&s->net);
    oracle_destroy(s->oracle);
    s->oracle = NULL;
}

#include "tests/sim/node.h"

#include "sync/exchange/wire.h"
#include "sync/store/peer.h"
#include "sync/store/peer_log.h"
#include "sync/store/recover.h"
#include "tests/sim/oracle.h"
#include "tests/sim/server.h"
#include "tests/sim/version.h"

#include <stdio.h>
#include <string.h>

enum { FULL_PAGE = EXCHANGE_BYTES_MAX, THIN_PAGE = 3000, SNAP_FROM = 20 };

// ---- time --------------------------------------------------------------------------------

uint64_t node_mono(const struct sim *s, const struct node *n) {
    int64_t up = sim_true_ms(s) - n->boot_true_ms;
    return (uint64_t)(n->mono_base_ms + up + up * n->drift_ppm / 1000000);
}

// As the agent tells it: the upstream's time where it was set, else our own, which on a
// machine without a battery clock is a guess.
struct moment node_now(const struct sim *s, size_t i) {
    const struct node *n = &s->nodes[i];
    struct moment m = {
        .boot = n->boot, .mono_ms = node_mono(s, n), .state = n->own_state};
    m.wall_ms = sim_true_ms(s) + n->wall_off_ms;
    m.error_ms = m.state == TIME_SET ? 100 : 0;
    const struct link *best = NULL;
    for (size_t k = 0; k < n->link_count; k++) {
        const struct link *l = &n->links[k];
        if (l->has_time && (!best || l->source_mono_ms > best->source_mono_ms)) {
            best = l;
        }
    }
    if (best) {
        m.state = TIME_SET;
        m.wall_ms = best->source_ms + (int64_t)(m.mono_ms - best->source_mono_ms);
        m.error_ms = best->error_ms + (int64_t)(m.mono_ms - best->source_mono_ms) / 5000;
    }
    return m;
}

struct basis node_basis(const struct sim *s, size_t i) {
    const struct node *n = &s->nodes[i];
    struct basis b = {.age_ms = BASIS_NEVER};
    for (size_t k = 0; k < n->link_count; k++) {
        const struct link *l = &n->links[k];
        if (!l->is_used) {
            continue;
        }
        b.seq = l->client.saved.cur.at.seq;
        if (l->has_contact) {
            b.age_ms = (uint32_t)(node_mono(s, n) - l->contact_mono_ms);
        }
    }
    return b;
}

struct link *node_link(struct sim *s, size_t i) {
    for (size_t k = 0; k < s->nodes[i].link_count; k++) {
        if (s->links[i][k].is_used) {
            return &s->links[i][k];
        }
    }
    return NULL;
}

// ---- the step machine and what it asks for -----------------------------------------------

bool node_judge(struct sim *s, size_t i, enum err e, const char *what) {
    struct node *n = &s->nodes[i];
    if (e == ERR_NONE) {
        return true;
    }
    bool is_full = e == ERR_FULL && disk_is_filled(i);
    if (disk_is_off(i) || n->is_failing || disk_has_failed(i)) {
        n->is_failing = true;
    } else if (!is_full) {
        sim_fail(s, "%s: %s failed without a fault of the disk: %s", n->name, what,
                 err_text(e));
    }
    sim_say(s, n, "%s failed: %s", what, err_text(e));
    return false;
}

static enum err act_gather(struct sim *s, size_t i, struct link *l, bool wants_grants) {
    const struct node *n = &s->nodes[i];
    struct peer_gather g = {.upstream = l->name,
                            .saved = &l->client.saved,
                            .max_bytes = s->plan.is_thin && !s->is_healing
                                             ? 1 + sim_random(s, THIN_PAGE)
                                             : FULL_PAGE,
                            .wants_grants = wants_grants};
    enum err e = peer_gather(n->store, &g, &l->request);
    struct moment now = node_now(s, i);
    l->request.boot = now.boot;
    l->request.mono_ms = now.mono_ms;
    l->request.wall_ms = now.wall_ms;
    if (n->is_old) {
        l->request.proto = 0;
    }
    node_judge(s, i, e, "gathering");
    return e;
}

static void note_applied(struct sim *s, size_t i, struct link *l) {
    const struct client_plan *p = &l->client.plan;
    const struct exchange_batches *facts = &p->response->facts;
    const uint8_t *at = facts->data.data;
    for (size_t k = 0; k < facts->count; at += facts->lens[k++]) {
        oracle_hold(s->oracle, i, at, facts->lens[k]);
    }
    if (p->drop_channels) {
        sim_say(s, &s->nodes[i], "erases what its role may not hold any more");
        oracle_drop(s->oracle, i, p->drop_channels);
    }
}

static void note_anchor(struct sim *s, size_t i, const struct link *l, bool is_sure) {
    const struct client_plan *p = &l->client.plan;
    if (p->has_anchor) {
        oracle_anchor(s->oracle,
                      &(struct anchor_note){.node = i,
                                            .boot = s->nodes[i].boot,
                                            .source_ms = p->source_ms,
                                            .error_ms = p->response->time_error_ms,
                                            .rtt_ms = p->rtt_ms,
                                            .is_sure = is_sure});
    }
}

// After a commit that failed: what landed all the same is read, as the agent does.
static void read_again(struct sim *s, size_t i, struct link *l,
                       struct client_event *next) {
    struct node *n = &s->nodes[i];
    if (!disk_is_off(i) && store_has_failed(n->store)) {
        node_mend(s, i);
    }
    if (!disk_is_off(i) && !store_has_failed(n->store) &&
        peer_load(n->store, l->name, &l->stored) == ERR_NONE) {
        next->saved = &l->stored;
    }
}

static enum err act_apply(struct sim *s, size_t i, struct link *l,
                          struct client_event *next) {
    struct node *n = &s->nodes[i];
    struct moment now = node_now(s, i);
    struct peer_pending left = {0};
    oracle_clock(s->oracle, i, now.wall_ms);
    note_anchor(s, i, l, false);
    enum err e = peer_apply(n->store, l->name, &l->client.plan, &now, &left);
    next->pending = left.facts;
    next->offers = left.offers;
    s->totals.of[T_REWINDS] += l->client.plan.is_rewound && e == ERR_NONE;
    if (e == ERR_NONE || e == ERR_GAP) {
        note_anchor(s, i, l, true);
        note_applied(s, i, l);
    } else {
        oracle_drop(s->oracle, i, l->client.plan.drop_channels); // it may come up
        node_judge(s, i, e, "applying");
        read_again(s, i, l, next);
    }
    if (n->kind == KIND_RELAY && (e == ERR_NONE || e == ERR_GAP)) {
        server_ring(s, i);
    }
    return e;
}

static void act_send(struct sim *s, size_t i, size_t k, uint32_t round) {
    struct link *l = &s->links[i][k];
    struct net_message m = {.kind = NET_REQUEST,
                            .client = i,
                            .link = k,
                            .process = s->nodes[i].process,
                            .session = s->links[i][k].session,
                            .round = round};
    wire_format_request(&l->request, &m.text);
    version_bend(s, &m.text);
    l->sent_ms = s->now_ms;
    net_send(s, m);
}

static void act_ring(struct sim *s, size_t i, size_t k, uint64_t seq) {
    struct link *l = &s->links[i][k];
    l->is_ringing = true;
    l->rung_seq = seq;
    if (!s->nodes[l->to].is_on) {
        l->is_ringing = false;
        net_send(s, (struct net_message){.kind = NET_BELL_FAILED,
                                         .client = i,
                                         .link = k,
                                         .process = s->nodes[i].process,
                                         .session = s->links[i][k].session});
    } else {
        server_ring(s, l->to);
    }
}

static bool act(struct sim *s, size_t i, size_t k, const struct client_action *a,
                struct client_event *next) {
    struct link *l = &s->links[i][k];
    *next = (struct client_event){0};
    switch (a->type) {
    case CLIENT_GATHER:
        next->type = CLIENT_GATHERED;
        next->err = act_gather(s, i, l, a->wants_grants);
        return true;
    case CLIENT_APPLY:
        next->type = CLIENT_PERSISTED;
        next->err = act_apply(s, i, l, next);
        return true;
    case CLIENT_SEND:
        act_send(s, i, k, a->round);
        break;
    case CLIENT_SNAP:
        snap_begin(s, i, k);
        break;
    case CLIENT_RING:
        act_ring(s, i, k, a->seq);
        break;
    case CLIENT_ABORT:
        l->is_ringing = false;
        break;
    }
    return false;
}

void node_step(struct sim *s, size_t i, size_t k, struct client_event e) {
    struct node *n = &s->nodes[i];
    bool has_event = n->is_on && n->store;
    while (has_event && !s->trouble[0]) {
        struct client_actions out;
        struct client_event now = e;
        has_event = false;
        now.now_ms = node_mono(s, n);
        client_step(&s->links[i][k].client, &now, &out);
        if (out.note[0]) {
            sim_say(s, n, "%s: %s", s->links[i][k].name, out.note);
        }
        for (size_t a = 0; a < out.count; a++) {
            struct client_event next;
            if (act(s, i, k, &out.items[a], &next)) {
                has_event = true;
                e = next;
            }
        }
    }
}

// ---- what comes --------------------------------------------------------------------------

static void note_time(struct sim *s, size_t i, struct link *l, uint32_t rtt_ms) {
    const struct exchange_response *r = &l->response;
    l->has_contact = true;
    l->contact_mono_ms = node_mono(s, &s->nodes[i]);
    l->contact_true_ms = sim_true_ms(s);
    if (r->time_state == TIME_SET) {
        l->has_time = true;
        l->source_ms = r->time_ms + rtt_ms / 2;
        l->error_ms = r->time_error_ms + rtt_ms / 2 + 1;
        l->source_mono_ms = l->contact_mono_ms;
    }
}

static void receive_answer(struct sim *s, size_t i, struct net_message *m) {
    struct link *l = &s->links[i][m->link];
    struct client_event e = {.type = CLIENT_FAILED, .round = m->round};
    bool is_awaited = l->client.phase == CLIENT_SENDING && l->client.round == m->round;
    if (!l->is_used || !is_awaited) {
        return; // its connection is gone
    }
    if (m->status == NET_NEEDS_GRANT) {
        e.type = CLIENT_REFUSED;
    } else if (m->status == NET_OK) {
        enum err parsed = wire_parse_response(m->text.data, m->text.len, &l->response);
        if (parsed != ERR_NONE) {
            sim_fail(s, "%s: an answer does not parse: %s", s->nodes[i].name,
                     err_text(parsed));
            return;
        }
        e.type = CLIENT_RECEIVED;
        e.response = &l->response;
        e.rtt_ms = (uint32_t)(s->now_ms - l->sent_ms);
        l->rounds++;
        s->totals.of[T_ROUNDS]++;
        note_time(s, i, l, e.rtt_ms);
    }
    node_step(s, i, m->link, e);
}

void node_receive(struct sim *s, size_t i, struct net_message *m) {
    if (m->is_replay) {
        return;
    }
    if (m->kind == NET_ANSWER) {
        receive_answer(s, i, m);
    } else if (s->links[i][m->link].is_used) {
        struct client_event e = {.type = CLIENT_BELL_FAILED, .seq = m->seq};
        e.type = m->kind == NET_RING ? CLIENT_RANG : CLIENT_BELL_FAILED;
        node_step(s, i, m->link, e);
    }
    node_settle(s, i);
}

void node_changed(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    for (size_t k = 0; k < n->link_count; k++) {
        if (n->links[k].is_used) {
            node_step(s, i, k, (struct client_event){.type = CLIENT_CHANGED});
        }
    }
    if (n->kind != KIND_KIOSK) {
        server_ring(s, i);
    }
    node_settle(s, i);
}

// ---- power -------------------------------------------------------------------------------

static enum err open_store(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    char path[96];
    stage_path(s->stage, i, path);
    struct store_options o = {
        .dir = path, .vfs = DISK_VFS, .is_numbering = n->kind != KIND_KIOSK};
    return store_open(&o, &n->store);
}

static void load_link(struct sim *s, size_t i, size_t k) {
    struct link *l = &s->links[i][k];
    struct client_saved saved;
    l->is_ringing = l->has_contact = l->has_time = false;
    l->session++;
    snap_forget(&l->snap);
    l->is_unread =
        !node_judge(s, i, peer_load(s->nodes[i].store, l->name, &saved), "loading");
    if (l->is_unread) {
        return;
    }
    client_init(&l->client, &saved, sim_random(s, UINT64_MAX));
    l->client.snap_from = s->plan.has_snapshots ? SNAP_FROM : UINT64_MAX;
    if (l->is_used) {
        node_step(s, i, k, (struct client_event){.type = CLIENT_STARTED});
    } else {
        node_step(s, i, k, (struct client_event){.type = CLIENT_LINK_DOWN});
    }
}

static void start_program(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    n->is_failing = false;
    n->process++;
    disk_forget_failure(i);
    enum err e = open_store(s, i);
    if (e != ERR_NONE && (disk_is_filled(i) || disk_has_failed(i))) {
        disk_free(i); // somebody makes room, or the card is well again
        disk_fail_syncs(i, 0, 0, 0);
        disk_forget_failure(i);
        e = open_store(s, i);
    }
    if (e != ERR_NONE && !disk_is_off(i)) {
        sim_fail(s, "%s: its store does not open: %s", n->name, err_text(e));
    }
    n->is_on = e == ERR_NONE;
    if (e != ERR_NONE) {
        n->store = NULL;
        node_cut(s, i, 1000); // the power went while it started
        return;
    }
    oracle_started(s->oracle, i);
    for (size_t k = 0; k < n->link_count && !n->is_failing; k++) {
        load_link(s, i, k);
    }
    if (n->kind != KIND_KIOSK && !n->is_failing) {
        server_ring(s, i);
    }
}

void node_start(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    n->boot = 1 + sim_random(s, UINT64_MAX - 1);
    n->boot_true_ms = sim_true_ms(s);
    n->mono_base_ms = 500 + (int64_t)sim_random(s, 20000);
    sim_say(s, n, "starts, device %016llx", (unsigned long long)n->dev);
    start_program(s, i);
    node_settle(s, i);
}

// Calls that hang at a server that is gone end.
static void drop_bells(struct sim *s, size_t server) {
    for (size_t i = 0; i < s->node_count; i++) {
        for (size_t k = 0; k < s->nodes[i].link_count; k++) {
            struct link *l = &s->links[i][k];
            if (l->to == server && l->is_ringing && s->nodes[i].is_on) {
                l->is_ringing = false;
                net_send(s, (struct net_message){.kind = NET_BELL_FAILED,
                                                 .client = i,
                                                 .link = k,
                                                 .process = s->nodes[i].process,
                                                 .session = s->links[i][k].session});
            }
        }
    }
}

void node_stop(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    disk_freeze(i); // a program that dies writes nothing more
    store_close(n->store);
    n->store = NULL;
    n->is_on = false;
    n->is_failing = false;
    drop_bells(s, i);
    for (size_t k = 0; k < n->link_count; k++) {
        snap_forget(&n->links[k].snap);
        n->links[k].is_ringing = false;
    }
}

void node_cut(struct sim *s, size_t i, uint64_t off_ms) {
    struct node *n = &s->nodes[i];
    node_stop(s, i);
    size_t lost = disk_power_on(i, sim_random(s, UINT64_MAX));
    n->on_ms = s->now_ms + off_ms;
    s->totals.of[T_CUTS]++;
    sim_say(s, n, "power cut: %u sectors lost, back in %llu ms", (unsigned)lost,
            (unsigned long long)off_ms);
}

void node_mend(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    enum err e = ERR_IO;
    for (int tries = 0; tries < 5 && e != ERR_NONE && !disk_is_off(i); tries++) {
        disk_forget_failure(i);
        e = store_reopen(n->store);
    }
    n->is_failing = false;
    sim_say(s, n, "opens its store again");
    if (e != ERR_NONE && !disk_is_off(i)) {
        sim_fail(s, "%s: its store does not open again: %s", n->name, err_text(e));
    }
    if (e == ERR_NONE) {
        oracle_started(s->oracle, i);
    }
    for (size_t k = 0; e == ERR_NONE && k < n->link_count; k++) {
        if (n->links[k].is_unread) {
            load_link(s, i, k);
        }
    }
}

void node_kill(struct sim *s, size_t i) {
    node_stop(s, i);
    disk_thaw(i);
    s->totals.of[T_CRASHES]++;
    sim_say(s, &s->nodes[i], "killed, starts again");
    start_program(s, i);
    node_settle(s, i);
}

void node_destroy(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    if (n->store) {
        node_stop(s, i);
    }
    n->is_dead = true;
    n->is_on = false;
    sim_say(s, n, "destroyed");
    disk_wipe(i);
}

void node_settle(struct sim *s, size_t i) {
    struct node *n = &s->nodes[i];
    for (int tries = 0; tries < 4 && n->is_on && !s->trouble[0]; tries++) {
        if (disk_is_off(i)) {
            node_cut(s, i, 500 + sim_random(s, 60000));
        } else if (store_has_failed(n->store)) {
            node_mend(s, i);
        } else if (n->is_failing) {
            node_kill(s, i);
        } else {
            return;
        }
    }
}

void node_use_link(struct sim *s, size_t i, size_t link) {
    struct node *n = &s->nodes[i];
    for (size_t k = 0; k < n->link_count; k++) {
        bool is_used = k == link;
        bool was_used = n->links[k].is_used;
        n->links[k].is_used = is_used;
        if (n->is_on && is_used != was_used) {
            if (!is_used) {
                snap_abort(s, i, k);
            }
            node_step(s, i, k, (struct client_event){.type = CLIENT_LINK_DOWN});
        }
    }
    if (n->is_on) { // what the other upstream changed in the store is read again
        load_link(s, i, link);
    }
    node_settle(s, i);
}

// ---- what is due -------------------------------------------------------------------------

// A deadline of the machine's own clock as true time: never a moment too early.
static uint64_t deadline_ms(const struct sim *s, const struct node *n,
                            const struct link *l) {
    uint64_t deadline = client_deadline_ms(&l->client);
    uint64_t mono = node_mono(s, n);
    if (deadline == UINT64_MAX) {
        return UINT64_MAX;
    }
    return s->now_ms + (deadline > mono ? deadline - mono + (deadline - mono) / 1000 : 0);
}

uint64_t node_next_ms(const struct sim *s) {
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        uint64_t at = UINT64_MAX;
        if (n->is_there && !n->is_dead && !n->is_on) {
            at = n->on_ms;
        }
        for (size_t k = 0; n->is_on && k < n->link_count; k++) {
            uint64_t due = deadline_ms(s, n, &n->links[k]);
            uint64_t snap = snap_next_ms(&n->links[k].snap);
            due = snap < due ? snap : due;
            due = n->links[k].is_unread && !disk_is_filled(i) ? s->now_ms : due;
            at = due < at ? due : at;
        }
        next = at < next ? at : next;
    }
    return next > s->now_ms ? next : s->now_ms;
}

static void run_link(struct sim *s, size_t i, size_t k) {
    struct link *l = &s->links[i][k];
    if (l->is_unread && !disk_is_filled(i)) {
        load_link(s, i, k);
        return;
    }
    if (snap_next_ms(&l->snap) <= s->now_ms) {
        snap_step(s, i, k);
    } else if (deadline_ms(s, &s->nodes[i], l) <= s->now_ms) {
        node_step(s, i, k, (struct client_event){.type = CLIENT_TIMEOUT});
    }
}

void node_run_due(struct sim *s) {
    for (size_t i = 0; i < s->node_count && !s->trouble[0]; i++) {
        struct node *n = &s->nodes[i];
        if (n->is_there && !n->is_dead && !n->is_on && n->on_ms <= s->now_ms) {
            node_start(s, i);
        }
        for (size_t k = 0; n->is_on && !n->is_failing && k < n->link_count; k++) {
            run_link(s, i, k);
        }
        node_settle(s, i);
    }
}

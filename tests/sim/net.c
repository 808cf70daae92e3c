#include "tests/sim/net.h"

#include "tests/sim/node.h"
#include "tests/sim/server.h"
#include "tests/sim/sim.h"

static bool is_cut_off(const struct sim *s, const struct node *a, const struct node *b) {
    return a->cut_until_ms > s->now_ms || b->cut_until_ms > s->now_ms;
}

static const struct link *link_of(const struct sim *s, const struct net_message *m) {
    return &s->links[m->client][m->link];
}

static bool is_lost(struct sim *s, const struct net_message *m) {
    const struct node *client = &s->nodes[m->client];
    const struct node *server = &s->nodes[link_of(s, m)->to];
    return s->net.count == NET_MAX || is_cut_off(s, client, server) ||
           (!s->is_healing && sim_chance(s, s->plan.lose));
}

static uint64_t delay_ms(struct sim *s) {
    uint64_t ms = 1 + sim_random(s, 20);
    if (!s->is_healing && s->plan.late_ms) {
        ms += sim_chance(s, 300) ? sim_random(s, s->plan.late_ms) : 0;
    }
    return ms;
}

static struct net_message copy_message(const struct net_message *m) {
    struct net_message copy = *m;
    copy.text = (struct bytes){0};
    bytes_add(&copy.text, m->text.data, m->text.len);
    return copy;
}

// Some requests are kept, to come again when nobody thinks of them any more.
static void keep(struct sim *s, const struct net_message *m) {
    struct net *n = &s->net;
    if (m->kind != NET_REQUEST || !s->plan.weights[ACT_REPLAY] || !sim_chance(s, 150)) {
        return;
    }
    size_t at =
        n->kept_count < NET_KEPT_MAX ? n->kept_count++ : sim_random(s, NET_KEPT_MAX);
    bytes_finish(&n->kept[at].text);
    n->kept[at] = copy_message(m);
    n->kept[at].is_replay = true;
}

void net_send(struct sim *s, struct net_message m) {
    struct net *n = &s->net;
    keep(s, &m);
    if (is_lost(s, &m)) {
        s->totals.of[T_LOST_MESSAGES]++;
        bytes_finish(&m.text);
        bool is_bell = m.kind == NET_RING || m.kind == NET_BELL_FAILED;
        if (!is_bell || n->count == NET_MAX) {
            return;
        }
        m.kind = NET_BELL_FAILED; // a call that hangs is given up in the end
        m.due_ms = s->now_ms + 40000;
        n->items[n->count++] = m;
        return;
    }
    m.due_ms = s->now_ms + delay_ms(s);
    if (n->count + 1 < NET_MAX && m.kind == NET_REQUEST && !s->is_healing &&
        sim_chance(s, s->plan.twice)) {
        struct net_message twin = copy_message(&m);
        twin.due_ms += delay_ms(s);
        twin.is_replay = true;
        n->items[n->count++] = twin;
    }
    n->items[n->count++] = m;
}

uint64_t net_next_ms(const struct sim *s) {
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < s->net.count; i++) {
        next = s->net.items[i].due_ms < next ? s->net.items[i].due_ms : next;
    }
    return next;
}

static void deliver(struct sim *s, struct net_message *m) {
    struct node *client = &s->nodes[m->client];
    if (m->kind == NET_REQUEST) {
        server_answer(s, link_of(s, m)->to, m);
    } else if (client->is_on && client->process == m->process &&
               link_of(s, m)->session == m->session) {
        node_receive(s, m->client, m);
    }
}

void net_deliver(struct sim *s) {
    struct net *n = &s->net;
    for (;;) {
        size_t due[NET_MAX];
        size_t count = 0;
        for (size_t i = 0; i < n->count; i++) {
            if (n->items[i].due_ms <= s->now_ms) {
                due[count++] = i;
            }
        }
        if (!count || s->trouble[0]) {
            return;
        }
        size_t at = due[sim_random(s, count)];
        struct net_message m = n->items[at];
        n->items[at] = n->items[--n->count];
        deliver(s, &m);
        bytes_finish(&m.text);
    }
}

void net_replay(struct sim *s) {
    struct net *n = &s->net;
    if (!n->kept_count || n->count == NET_MAX) {
        return;
    }
    struct net_message m = copy_message(&n->kept[sim_random(s, n->kept_count)]);
    sim_say(s, &s->nodes[m.client], "an old request to %s comes again",
            s->nodes[link_of(s, &m)->to].name);
    m.due_ms = s->now_ms;
    n->items[n->count++] = m;
    s->totals.of[T_REPLAYS]++;
}

void net_ring(struct sim *s, size_t server, uint64_t head) {
    for (size_t i = 0; i < s->node_count; i++) {
        for (size_t k = 0; k < s->nodes[i].link_count; k++) {
            struct link *l = &s->links[i][k];
            if (s->nodes[i].is_on && l->to == server && l->is_ringing &&
                l->rung_seq != head) {
                l->is_ringing = false;
                net_send(s, (struct net_message){.kind = NET_RING,
                                                 .client = i,
                                                 .link = k,
                                                 .process = s->nodes[i].process,
                                                 .session = s->links[i][k].session,
                                                 .seq = head});
            }
        }
    }
}

void net_finish(struct net *n) {
    for (size_t i = 0; i < n->count; i++) {
        bytes_finish(&n->items[i].text);
    }
    for (size_t i = 0; i < n->kept_count; i++) {
        bytes_finish(&n->kept[i].text);
    }
    *n = (struct net){0};
}

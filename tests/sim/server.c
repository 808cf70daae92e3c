#include "tests/sim/server.h"

#include "sync/base/mem.h"
#include "sync/exchange/grants.h"
#include "sync/exchange/wire.h"
#include "sync/hub/devices.h"
#include "sync/store/peer_log.h"
#include "tests/sim/node.h"
#include "tests/sim/oracle.h"
#include "tests/sim/version.h"

#include <string.h>

struct service {
    struct sim *sim;
    size_t server;
    const struct net_message *message;
    struct exchange_request request;
    struct exchange_response response;
    struct grants_chain chain;
    bool has_proof;
    enum net_status status;
};

void server_ring(struct sim *s, size_t server) {
    struct exchange_mark head;
    struct node *n = &s->nodes[server];
    if (n->is_on && node_judge(s, server, peer_log_head(n->store, &head), "reading")) {
        net_ring(s, server, head.seq);
    }
}

static enum err take_grants(struct service *v, struct store *st,
                            const struct moment *now) {
    const struct exchange_batches *grants = &v->request.grants;
    const uint8_t *at = grants->data.data;
    enum err e = ERR_NONE;
    for (size_t i = 0; i < grants->count && e == ERR_NONE; at += grants->lens[i++]) {
        struct take_result taken;
        if (grants_allow(&v->chain, at, grants->lens[i])) {
            e = store_take_batch(st, at, grants->lens[i], now, &taken);
        }
        if (e == ERR_GAP || e == ERR_FORK || e == ERR_SIGNATURE || e == ERR_INPUT) {
            e = ERR_NONE;
        }
    }
    return e;
}

// Who asks, and what may it see? A hub that lost the device wants to be shown its grant.
static enum err admit(struct service *v, struct store *st, const struct moment *now,
                      struct device_info *info) {
    enum err e = store_find_device(st, v->request.dev, info);
    bool is_known = e == ERR_NONE && info->is_granted;
    if (!is_known && v->has_proof) {
        e = take_grants(v, st, now);
        if (e == ERR_NONE) {
            e = store_find_device(st, v->request.dev, info);
            is_known = e == ERR_NONE && info->is_granted;
            v->status =
                is_known ? NET_OK : NET_FAILED; // ask again: known after this commit
        }
    }
    if (!is_known && v->status == NET_OK) {
        v->status = NET_NEEDS_GRANT;
    }
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

static enum err run(struct service *v, struct store *st) {
    struct moment now = node_now(v->sim, v->server);
    struct device_info info = {0};
    struct peer_log log = {.store = st, .now = now};
    struct exchange_log view;
    enum err e = admit(v, st, &now, &info);
    if (e != ERR_NONE || v->status != NET_OK) {
        return e;
    }
    struct exchange_caller caller = {.channels = devices_channels(&info)};
    if (info.is_revoked) {
        caller.channels &= CHANNEL_BIT(CHANNEL_FLEET);
    }
    e = store_seal(st);
    if (e == ERR_NONE) {
        e = peer_log_open(&log, &view);
    }
    if (e == ERR_NONE) {
        e = exchange_answer(&view, &caller, &v->request, &v->response);
    }
    v->response.time_ms = now.wall_ms;
    v->response.time_error_ms = now.error_ms;
    v->response.time_state = now.state;
    return e;
}

// As the store thread runs a group: of a job that failed nothing stands.
static enum err run_in_commit(struct service *v, struct store *st) {
    enum err e = store_begin(st);
    if (e != ERR_NONE) {
        return e;
    }
    e = run(v, st);
    if (e != ERR_NONE) {
        store_rollback(st);
        return e;
    }
    return store_commit(st);
}

// What stands on this server's disk now, by what was sent; and what it tells to whom.
static void note(struct service *v) {
    struct sim *s = v->sim;
    const struct exchange_batches *push = &v->request.push;
    if (v->message->is_forged) {
        return;
    }
    const uint8_t *at = push->data.data;
    for (size_t i = 0; v->status == NET_OK && i < push->count; at += push->lens[i++]) {
        oracle_hold(s->oracle, v->server, at, push->lens[i]);
    }
    const struct exchange_batches *grants = &v->request.grants;
    at = grants->data.data;
    for (size_t i = 0; v->has_proof && i < grants->count; at += grants->lens[i++]) {
        if (grants_allow(&v->chain, at, grants->lens[i])) {
            oracle_hold(s->oracle, v->server, at, grants->lens[i]);
        }
    }
    if (v->status == NET_OK) {
        oracle_sent(s->oracle, v->server, v->message->client, &v->request, &v->response);
    }
}

static void send_answer(struct service *v) {
    struct sim *s = v->sim;
    struct net_message m = {.kind = NET_ANSWER,
                            .status = v->status,
                            .client = v->message->client,
                            .link = v->message->link,
                            .process = v->message->process,
                            .session = v->message->session,
                            .round = v->message->round,
                            .is_replay = v->message->is_replay};
    if (m.is_replay) {
        return;
    }
    if (v->status == NET_OK) {
        wire_format_response(&v->response, &m.text);
        version_bend(s, &m.text);
    }
    net_send(s, m);
}

static void serve(struct service *v) {
    struct sim *s = v->sim;
    struct node *n = &s->nodes[v->server];
    if (v->request.grants.count) {
        grants_follow(&v->chain, s->stage->root,
                      s->stage->keys[s->nodes[v->message->client].key],
                      &v->request.grants);
        v->has_proof = v->chain.has_wanted;
    }
    oracle_clock(s->oracle, v->server, node_now(s, v->server).wall_ms); // claims
    enum err e = run_in_commit(v, n->store);
    if (node_judge(s, v->server, e, "answering")) {
        note(v);
        server_ring(s, v->server);
    } else {
        v->status = NET_FAILED;
    }
}

static void fill_claim(const struct sim *s, size_t client,
                       const struct exchange_claim *claim, struct bytes *text) {
    struct exchange_request *r = mem_alloc(1, sizeof *r);
    struct moment now = node_now(s, client);
    r->dev = s->nodes[client].dev;
    r->proto = EXCHANGE_PROTO;
    r->boot = now.boot;
    r->mono_ms = now.mono_ms;
    r->claims[r->claim_count++] = *claim;
    wire_format_request(r, text);
    mem_free(r);
}

bool server_claim(struct sim *s, size_t client, const struct exchange_claim *claim,
                  struct exchange_claimed *out) {
    const struct link *l = node_link(s, client);
    const struct node *n = &s->nodes[l->to];
    bool is_cut =
        s->nodes[client].cut_until_ms > s->now_ms || n->cut_until_ms > s->now_ms;
    struct net_message m = {.kind = NET_REQUEST, .client = client};
    struct service *v = mem_alloc(1, sizeof *v);
    *v = (struct service){.sim = s, .server = l->to, .message = &m, .status = NET_FAILED};
    if (n->is_on && !n->is_failing && !is_cut) {
        fill_claim(s, client, claim, &m.text);
        v->status = NET_OK;
        CHECK(wire_parse_request(m.text.data, m.text.len, &v->request) == ERR_NONE);
        serve(v);
    }
    bool is_answered = v->status == NET_OK && v->response.claim_count == 1 &&
                       v->response.claims[0].nonce == claim->nonce;
    *out = v->response.claims[0];
    bytes_finish(&m.text);
    exchange_request_finish(&v->request);
    exchange_response_finish(&v->response);
    node_settle(s, v->server);
    mem_free(v);
    return is_answered;
}

void server_answer(struct sim *s, size_t server, const struct net_message *m) {
    struct service *v = mem_alloc(1, sizeof *v);
    *v = (struct service){.sim = s, .server = server, .message = m};
    if (!s->nodes[server].is_on || s->nodes[server].is_failing) {
        v->status = NET_FAILED;
    } else {
        enum err e = wire_parse_request(m->text.data, m->text.len, &v->request);
        if (e == ERR_NONE) {
            serve(v);
        } else {
            sim_fail(s, "a request of %s does not parse: %s", s->nodes[m->client].name,
                     err_text(e));
        }
    }
    send_answer(v);
    exchange_request_finish(&v->request);
    exchange_response_finish(&v->response);
    mem_free(v);
    node_settle(s, server);
}

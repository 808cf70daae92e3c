#include "tests/support/exchange_net.h"

#include "sync/base/mem.h"
#include "sync/exchange/wire.h"
#include "sync/store/peer.h"
#include "sync/store/peer_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool chance(struct net *n, unsigned percent) {
    return kit_random(&n->seed) % 100 < percent;
}

static void put(struct net *n, struct net_message m, const struct bytes *text) {
    if (n->message_count == NET_MESSAGES_MAX || chance(n, n->faults.lose)) {
        n->lost++;
        return;
    }
    m.due_tick = n->tick + 1;
    if (n->faults.late_ticks) {
        m.due_tick += kit_random(&n->seed) % n->faults.late_ticks;
    }
    m.text = (struct bytes){0};
    bytes_add(&m.text, text->data, text->len);
    n->messages[n->message_count++] = m;
    if (chance(n, n->faults.twice)) {
        n->doubled++;
        put(n, m, text);
    }
}

static struct store *store_of(struct net *n, size_t device) {
    return n->kit->nodes[device];
}

static struct moment now_of(struct net *n) {
    struct moment m = n->kit->now;
    m.mono_ms += n->tick * NET_TICK_MS;
    m.wall_ms += (int64_t)(n->tick * NET_TICK_MS);
    return m;
}

static void device_send(struct net *n, size_t i, uint32_t round) {
    struct bytes text = {0};
    wire_format_request(&n->devices[i].request, &text);
    put(n, (struct net_message){.device = i, .round = round, .is_for_hub = true}, &text);
    bytes_finish(&text);
}

static bool device_act(struct net *n, size_t i, const struct client_action *a,
                       struct client_event *next) {
    struct net_device *d = &n->devices[i];
    struct moment now = now_of(n);
    struct peer_gather gather = {.upstream = "hub",
                                 .saved = &d->client.saved,
                                 .max_bytes = 1 + kit_random(&n->seed) % 4000,
                                 .wants_grants = a->wants_grants};
    struct peer_pending left = {0};
    *next = (struct client_event){0};
    switch (a->type) {
    case CLIENT_GATHER:
        next->type = CLIENT_GATHERED;
        next->err = peer_gather(store_of(n, i), &gather, &d->request);
        return true;
    case CLIENT_APPLY:
        next->type = CLIENT_PERSISTED;
        n->rewinds += d->client.plan.is_rewound;
        next->err = peer_apply(store_of(n, i), "hub", &d->client.plan, &now, &left);
        next->pending = left.facts;
        next->offers = left.offers;
        return true;
    case CLIENT_SNAP:
        next->type = CLIENT_SNAPPED;
        next->err = ERR_UNSUPPORTED;
        return true;
    case CLIENT_SEND:
        device_send(n, i, a->round);
        break;
    case CLIENT_RING:
        d->is_ringing = true;
        d->rung_seq = a->seq;
        break;
    case CLIENT_ABORT:
        d->is_ringing = false;
        break;
    }
    return false;
}

static void device_step(struct net *n, size_t i, struct client_event e) {
    struct client_actions out;
    bool has_event = true;
    while (has_event) {
        has_event = false;
        e.now_ms = n->tick * NET_TICK_MS;
        client_step(&n->devices[i].client, &e, &out);
        for (size_t k = 0; k < out.count; k++) {
            struct client_event next;
            if (device_act(n, i, &out.items[k], &next)) {
                assert_false(has_event);
                has_event = true;
                e = next;
            }
        }
    }
}

static void hub_answer(struct net *n, const struct net_message *m) {
    struct exchange_request request = {0};
    struct exchange_response response = {0};
    struct peer_log log = {.store = store_of(n, 0), .now = now_of(n)};
    struct exchange_log view;
    struct exchange_caller who = {.channels = n->channels};
    struct bytes text = {0};
    assert_int_equal(wire_parse_request(m->text.data, m->text.len, &request), ERR_NONE);
    assert_int_equal(store_begin(log.store), ERR_NONE);
    assert_int_equal(store_seal(log.store), ERR_NONE);
    assert_int_equal(peer_log_open(&log, &view), ERR_NONE);
    assert_int_equal(exchange_answer(&view, &who, &request, &response), ERR_NONE);
    assert_int_equal(store_commit(log.store), ERR_NONE);
    wire_format_response(&response, &text);
    put(n, (struct net_message){.device = m->device, .round = m->round}, &text);
    bytes_finish(&text);
    exchange_request_finish(&request);
    exchange_response_finish(&response);
}

static void deliver(struct net *n, const struct net_message *m) {
    struct net_device *d = &n->devices[m->device];
    if (m->is_for_hub) {
        hub_answer(n, m);
        return;
    }
    // A stale answer must not overwrite the one that is being applied: the machine is in no
    // APPLY here, since applying is one step.
    assert_int_equal(wire_parse_response(m->text.data, m->text.len, &d->response),
                     ERR_NONE);
    device_step(n, m->device,
                (struct client_event){.type = CLIENT_RECEIVED,
                                      .round = m->round,
                                      .response = &d->response,
                                      .rtt_ms = 3});
}

// One due message, picked by chance; false: none is due.
static bool deliver_one(struct net *n) {
    size_t due[NET_MESSAGES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n->message_count; i++) {
        if (n->messages[i].due_tick <= n->tick) {
            due[count++] = i;
        }
    }
    if (!count) {
        return false;
    }
    size_t at = due[kit_random(&n->seed) % count];
    struct net_message m = n->messages[at];
    n->messages[at] = n->messages[--n->message_count];
    deliver(n, &m);
    bytes_finish(&m.text);
    return true;
}

void net_tick(struct net *n) {
    struct exchange_mark head;
    n->tick++;
    while (deliver_one(n)) {
    }
    assert_int_equal(peer_log_head(store_of(n, 0), &head), ERR_NONE);
    for (size_t i = 1; i < n->kit->count; i++) {
        struct net_device *d = &n->devices[i];
        if (chance(n, n->faults.restart)) {
            net_restart(n, i);
        }
        if (client_deadline_ms(&d->client) <= n->tick * NET_TICK_MS) {
            device_step(n, i, (struct client_event){.type = CLIENT_TIMEOUT});
        }
        if (d->is_ringing && head.seq != d->rung_seq && !chance(n, n->faults.lose)) {
            d->is_ringing = false;
            device_step(n, i,
                        (struct client_event){.type = CLIENT_RANG, .seq = head.seq});
        }
    }
}

void net_tell_change(struct net *n, size_t device) {
    device_step(n, device, (struct client_event){.type = CLIENT_CHANGED});
}

static void device_load(struct net *n, size_t i) {
    struct client_saved saved;
    assert_int_equal(peer_load(store_of(n, i), "hub", &saved), ERR_NONE);
    n->devices[i].is_ringing = false;
    client_init(&n->devices[i].client, &saved, kit_random(&n->seed));
    device_step(n, i, (struct client_event){.type = CLIENT_STARTED});
}

void net_restart(struct net *n, size_t device) {
    // Answers to the process that died never arrive.
    for (size_t i = 0; i < n->message_count;) {
        if (!n->messages[i].is_for_hub && n->messages[i].device == device) {
            bytes_finish(&n->messages[i].text);
            n->messages[i] = n->messages[--n->message_count];
        } else {
            i++;
        }
    }
    kit_reopen(n->kit, device);
    device_load(n, device);
}

void net_start(struct net *n, struct kit *k, uint64_t seed, uint32_t channels) {
    memset(n, 0, sizeof *n);
    n->kit = k;
    n->seed = seed;
    n->channels = channels;
    for (size_t i = 1; i < k->count; i++) {
        device_load(n, i);
    }
}

void net_finish(struct net *n) {
    for (size_t i = 0; i < n->message_count; i++) {
        bytes_finish(&n->messages[i].text);
    }
    for (size_t i = 0; i < KIT_NODES_MAX; i++) {
        exchange_request_finish(&n->devices[i].request);
        exchange_response_finish(&n->devices[i].response);
    }
}

bool net_is_settled(struct net *n) {
    struct exchange_mark head;
    assert_int_equal(peer_log_head(store_of(n, 0), &head), ERR_NONE);
    for (size_t i = 1; i < n->kit->count; i++) {
        const struct exchange_client *c = &n->devices[i].client;
        struct peer_pending left = peer_count_pending(store_of(n, i), "hub");
        if (c->phase != CLIENT_IDLE || c->saved.cur.at.seq != head.seq ||
            memcmp(c->saved.cur.at.ch, head.ch, sizeof head.ch) != 0 || left.facts ||
            left.offers) {
            return false;
        }
    }
    return true;
}

static void copy_dir(const char *dir, const char *from, const char *to) {
    char *command = mem_format("rm -rf '%s/%s' && cp -r '%s/%s' '%s/%s'", dir, to, dir,
                               from, dir, to);
    assert_int_equal(system(command), 0);
    mem_free(command);
}

void net_backup_hub(struct net *n) {
    store_checkpoint(store_of(n, 0));
    copy_dir(n->kit->dir, "0", "backup");
}

void net_restore_hub(struct net *n) {
    store_close(n->kit->nodes[0]);
    n->kit->nodes[0] = NULL;
    copy_dir(n->kit->dir, "backup", "0");
    kit_reopen(n->kit, 0);
}

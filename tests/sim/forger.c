#include "tests/sim/forger.h"

#include "sync/base/mem.h"
#include "sync/exchange/wire.h"
#include "tests/sim/net.h"

#include <string.h>

enum { BATCH_HEAD = 89 };

static void change_batch(struct sim *s, struct exchange_batches *push) {
    size_t which = sim_random(s, push->count);
    size_t at = 0;
    for (size_t i = 0; i < which; i++) {
        at += push->lens[i];
    }
    uint8_t *batch = push->data.data + at;
    uint32_t len = push->lens[which];
    size_t from = sim_chance(s, 700) ? BATCH_HEAD : 36; // records, or where they belong
    batch[from + sim_random(s, len - from)] ^= (uint8_t)(1 + sim_random(s, 255));
}

static void forge(struct sim *s, const struct net_message *m) {
    struct exchange_request *r = mem_alloc(1, sizeof *r);
    CHECK(wire_parse_request(m->text.data, m->text.len, r) == ERR_NONE);
    if (r->push.count) {
        struct net_message twin = *m;
        change_batch(s, &r->push);
        twin.text = (struct bytes){0};
        wire_format_request(r, &twin.text);
        twin.is_replay = twin.is_forged = true;
        twin.due_ms = s->now_ms;
        s->net.items[s->net.count++] = twin;
        s->totals.of[T_FORGED]++;
        sim_say(s, &s->nodes[m->client], "its push is forged on the way");
    }
    exchange_request_finish(r);
    mem_free(r);
}

void forger_act(struct sim *s) {
    struct net *n = &s->net;
    for (size_t i = 0; i < n->count && n->count < NET_MAX; i++) {
        if (n->items[i].kind == NET_REQUEST && !n->items[i].is_replay) {
            forge(s, &n->items[i]);
            return;
        }
    }
}

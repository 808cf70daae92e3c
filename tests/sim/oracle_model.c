// The oracle's own memory: filled while a seed runs.
#include "tests/sim/oracle_model.h"

#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "tests/sim/node.h"

#include <stdlib.h>
#include <string.h>

enum {
    ALL = CHANNEL_BIT(CHANNEL_PROGRAMME) | CHANNEL_BIT(CHANNEL_PEOPLE) |
          CHANNEL_BIT(CHANNEL_DESK) | CHANNEL_BIT(CHANNEL_FLEET),
    SCREEN = CHANNEL_BIT(CHANNEL_PROGRAMME) | CHANNEL_BIT(CHANNEL_FLEET)
};

uint32_t oracle_role_channels(const char *role) {
    bool is_screen = strcmp(role, "agenda") == 0 || strcmp(role, "room") == 0 ||
                     strcmp(role, "welcome") == 0;
    return is_screen ? SCREEN : ALL;
}

struct oracle *oracle_create(struct sim *s) {
    struct oracle *o = mem_alloc(1, sizeof *o);
    o->sim = s;
    o->seen = mem_alloc(SEEN_SIZE, sizeof *o->seen);
    for (size_t i = 0; i < STAGE_SPARE_FROM; i++) {
        o->devices[i].now = o->devices[i].ever = oracle_role_channels(stage_role(i));
        o->devices[i].had_desk = i >= STAGE_KIOSK_FROM && o->devices[i].now == ALL;
    }
    o->devices[0].had_desk = true;
    for (size_t i = 0; i < STAGE_FOLDERS; i++) {
        o->devices[i].max_wall_ms = (int64_t)SIM_EPOCH_S * 1000 - 3600000 + 100000;
    }
    return o;
}

void oracle_destroy(struct oracle *o) {
    if (!o) {
        return;
    }
    for (size_t i = 0; i < NODES_MAX; i++) {
        mem_free(o->held[i].items);
    }
    for (size_t i = 0; i < o->revocation_count; i++) {
        json_decref(o->revocations[i].holds);
    }
    mem_free(o->seen);
    mem_free(o);
}

// ---- who holds what ----------------------------------------------------------------------

const struct held_stream *held_find(const struct holding *h, uint64_t stream) {
    for (size_t i = 0; i < h->count; i++) {
        if (h->items[i].stream == stream) {
            return &h->items[i];
        }
    }
    return NULL;
}

void held_set(struct holding *h, uint64_t stream, uint64_t n, enum channel c) {
    struct held_stream *old = (struct held_stream *)(uintptr_t)held_find(h, stream);
    if (old) {
        old->n = n > old->n ? n : old->n;
        return;
    }
    if (h->count == h->cap) {
        h->cap = h->cap ? 2 * h->cap : 64;
        h->items = mem_resize(h->items, h->cap, sizeof *h->items);
    }
    h->items[h->count++] = (struct held_stream){stream, n, c};
}

void held_copy(struct holding *to, const struct holding *from) {
    if (to->cap < from->count) {
        to->cap = from->count;
        to->items = mem_resize(to->items, to->cap, sizeof *to->items);
    }
    to->count = from->count;
    if (from->count) {
        memcpy(to->items, from->items, from->count * sizeof *from->items);
    }
}

struct oracle_image {
    struct holding held;
};

struct oracle_image *oracle_image_take(const struct oracle *o, size_t node) {
    struct oracle_image *i = mem_alloc(1, sizeof *i);
    held_copy(&i->held, &o->held[node]);
    return i;
}

void oracle_image_put(struct oracle *o, const struct oracle_image *i, size_t node) {
    held_copy(&o->held[node], &i->held);
    o->epochs[node]++;
}

void oracle_image_free(struct oracle_image *i) {
    if (i) {
        mem_free(i->held.items);
        mem_free(i);
    }
}

void oracle_hold(struct oracle *o, size_t node, const void *batch, size_t len) {
    struct batch_view b;
    if (batch_parse(batch, len, &b) != ERR_NONE) {
        return;
    }
    const struct held_stream *h = held_find(&o->held[node], b.stream);
    uint64_t n = h ? h->n : 0;
    if (b.from <= n + 1) {
        held_set(&o->held[node], b.stream, b.from + b.count - 1, b.channel);
    }
}

// What a machine lets go of must be somewhere else: with an upstream, as far as is known.
void oracle_drop(struct oracle *o, size_t node, uint32_t channels) {
    struct holding *h = &o->held[node];
    for (size_t i = 0; i < h->count;) {
        if (!(CHANNEL_BIT(h->items[i].channel) & channels)) {
            i++;
            continue;
        }
        h->items[i] = h->items[--h->count];
    }
}

// ---- what was seen -----------------------------------------------------------------------

uint64_t oracle_digest(const struct fact_view *v) {
    uint8_t digest[FACT_HASH_BYTES];
    uint8_t out[FACT_HASH_BYTES];
    static const uint8_t zero[FACT_HASH_BYTES];
    uint64_t d;
    if (v->is_erased) {
        memcpy(digest, v->body, sizeof digest);
    } else {
        fact_hash_body(v->body, v->body_len, digest);
    }
    fact_hash_next(zero, v->header, v->header_len, digest, out);
    memcpy(&d, out, sizeof d);
    return d ? d : 1;
}

bool oracle_see(struct oracle *o, struct fact_ref ref, uint64_t digest) {
    size_t at =
        (size_t)((ref.stream * 0x9e3779b97f4a7c15u) ^ (ref.n * 0x94d049bb133111ebu)) %
        SEEN_SIZE;
    CHECK(o->seen_count < SEEN_SIZE / 2);
    while (o->seen[at].digest) {
        if (o->seen[at].stream == ref.stream && o->seen[at].n == ref.n) {
            return o->seen[at].digest == digest;
        }
        at = (at + 1) % SEEN_SIZE;
    }
    o->seen[at] = (struct seen){ref.stream, ref.n, digest};
    o->seen_count++;
    return true;
}

// T7, on everything that travels.
static void see_batch(struct oracle *o, const struct node *from, const void *bytes,
                      size_t len) {
    struct batch_view b;
    struct fact_view v;
    if (batch_parse(bytes, len, &b) != ERR_NONE) {
        sim_fail(o->sim, "T10: %s sends a batch without shape", from->name);
        return;
    }
    uint64_t n = b.from;
    for (size_t at = 0; batch_next(&b, &at, &v); n++) {
        if (!oracle_see(o, (struct fact_ref){b.stream, n}, oracle_digest(&v))) {
            sim_fail(o->sim, "T7: %s sends another content of %016llx/%llu", from->name,
                     (unsigned long long)b.stream, (unsigned long long)n);
        }
    }
}

static bool has_taint(const void *bytes, size_t len) {
    static const char taint[] = STAGE_TAINT;
    const char *at = bytes;
    for (const char *z = at; (z = memchr(z, taint[0], len - (size_t)(z - at))); z++) {
        if (len - (size_t)(z - at) < sizeof taint - 1) {
            return false;
        }
        if (memcmp(z, taint, sizeof taint - 1) == 0) {
            return true;
        }
    }
    return false;
}

// What this server may tell the device: the hub by the role it has now, unless a backup made
// it forget; a relay by any role it ever had.
static uint32_t allowed_channels(const struct oracle *o, size_t server, size_t client) {
    const struct device_note *d = &o->devices[o->sim->nodes[client].key];
    bool is_sure = server == NODE_HUB && !o->sim->was_restored && !d->is_unsure;
    if (is_sure && d->is_revoked) {
        return CHANNEL_BIT(CHANNEL_FLEET);
    }
    return is_sure ? d->now : d->ever;
}

static void check_scope(struct oracle *o, size_t server, size_t client,
                        const struct exchange_response *r) {
    struct sim *s = o->sim;
    uint32_t allowed = allowed_channels(o, server, client);
    const uint8_t *at = r->facts.data.data;
    for (size_t i = 0; i < r->facts.count; at += r->facts.lens[i++]) {
        struct batch_view b;
        if (batch_parse(at, r->facts.lens[i], &b) == ERR_NONE &&
            !(CHANNEL_BIT(b.channel) & allowed)) {
            sim_fail(s, "T11: %s is sent a batch of %s by %s", s->nodes[client].name,
                     channel_name(b.channel), s->nodes[server].name);
        }
    }
    bool may_people = allowed & CHANNEL_BIT(CHANNEL_PEOPLE);
    if (!may_people && r->facts.data.len &&
        has_taint(r->facts.data.data, r->facts.data.len)) {
        sim_fail(s, "T11: %s is sent an attendee's words", s->nodes[client].name);
    }
}

static void check_bounds(struct oracle *o, size_t server,
                         const struct exchange_request *q,
                         const struct exchange_response *r) {
    struct sim *s = o->sim;
    bool is_over = r->facts.count > 1 && r->facts.data.len > q->max_bytes;
    if (is_over || r->facts.data.len > EXCHANGE_BYTES_MAX + FACT_BATCH_BYTES_MAX ||
        r->facts.count > EXCHANGE_BATCHES_MAX || q->push.count > EXCHANGE_BATCHES_MAX ||
        q->offer_count > EXCHANGE_OFFERS_MAX) {
        sim_fail(s, "T10: a message with %s is beyond its bounds", s->nodes[server].name);
    }
    if (q->proto < EXCHANGE_PROTO_MIN && r->facts.count) {
        sim_fail(s, "T8: %s feeds a device of an older protocol", s->nodes[server].name);
    }
}

void oracle_sent(struct oracle *o, size_t server, size_t client,
                 const struct exchange_request *q, const struct exchange_response *r) {
    const uint8_t *at = q->push.data.data;
    for (size_t i = 0; i < q->push.count; at += q->push.lens[i++]) {
        see_batch(o, &o->sim->nodes[client], at, q->push.lens[i]);
    }
    at = r->facts.data.data;
    for (size_t i = 0; i < r->facts.count; at += r->facts.lens[i++]) {
        see_batch(o, &o->sim->nodes[server], at, r->facts.lens[i]);
    }
    check_scope(o, server, client, r);
    check_bounds(o, server, q, r);
}

// ---- what was said -----------------------------------------------------------------------

const struct known *oracle_find(const struct oracle *o, struct fact_ref ref) {
    for (size_t i = 0; i < o->fact_count; i++) {
        if (o->facts[i].ref.stream == ref.stream && o->facts[i].ref.n == ref.n) {
            return &o->facts[i];
        }
    }
    return NULL;
}

void oracle_clock(struct oracle *o, size_t node, int64_t wall_ms) {
    struct device_note *d = &o->devices[o->sim->nodes[node].key];
    d->max_wall_ms = wall_ms > d->max_wall_ms ? wall_ms : d->max_wall_ms;
}

void oracle_say(struct oracle *o, const struct known *k) {
    if (oracle_find(o, k->ref)) {
        sim_fail(o->sim, "T7: %s uses %016llx/%llu again", o->sim->nodes[k->node].name,
                 (unsigned long long)k->ref.stream, (unsigned long long)k->ref.n);
    }
    if (o->fact_count == PILE_MAX) {
        return;
    }
    struct known *mine = &o->facts[o->fact_count++];
    *mine = *k;
    mine->key = o->sim->nodes[k->node].key;
    mine->epoch = o->epochs[k->node];
    mine->true_ms = sim_true_ms(o->sim);
    held_set(&o->held[k->node], k->ref.stream, k->ref.n, k->channel);
    oracle_clock(o, k->node, k->now.wall_ms);
    o->sim->totals.of[T_CHECKINS] += k->what == SAID_ADMIT;
}

void oracle_maybe(struct oracle *o, size_t node, const char *subject, const char *gate) {
    if (o->maybe_count < PILE_MAX) {
        struct maybe *m = &o->maybes[o->maybe_count++];
        m->node = node;
        snprintf(m->subject, sizeof m->subject, "%s", subject);
        snprintf(m->gate, sizeof m->gate, "%s", gate);
    }
}

void oracle_plant(struct oracle *o, const char *subject, const char *text) {
    if (o->planted_count < PILE_MAX) {
        struct planted *p = &o->planted[o->planted_count++];
        snprintf(p->subject, sizeof p->subject, "%s", subject);
        snprintf(p->text, sizeof p->text, "%s", text);
    }
}

static bool is_voided(const struct oracle *o, struct fact_ref ref) {
    for (size_t i = 0; i < o->fact_count; i++) {
        const struct known *k = &o->facts[i];
        if (k->what == SAID_VOID && k->of.stream == ref.stream && k->of.n == ref.n) {
            return true;
        }
    }
    return false;
}

static bool is_held(const struct oracle *o, size_t node, struct fact_ref ref) {
    const struct held_stream *h = held_find(&o->held[node], ref.stream);
    return h && h->n >= ref.n;
}

// Only facts of devices whose rights never changed: the others may be in quarantine here.
bool oracle_knows_admission(const struct oracle *o, size_t node, const char *subject,
                            const char *gate) {
    for (size_t i = 0; i < o->maybe_count; i++) {
        if (strcmp(o->maybes[i].subject, subject) == 0) {
            return false; // a void that seemed to fail may stand
        }
    }
    for (size_t i = 0; i < o->fact_count; i++) {
        const struct known *k = &o->facts[i];
        const struct device_note *d = &o->devices[k->key];
        if (k->what == SAID_ADMIT && strcmp(k->subject, subject) == 0 &&
            strcmp(k->gate, gate) == 0 && is_held(o, node, k->ref) &&
            !is_voided(o, k->ref) && d->had_desk && !d->is_late_right && !d->is_revoked &&
            !d->is_unsure) {
            return true;
        }
    }
    return false;
}

const struct known *oracle_pick_admission(struct oracle *o, size_t node) {
    for (size_t tries = 0; tries < 8 && o->fact_count; tries++) {
        const struct known *k = &o->facts[sim_random(o->sim, o->fact_count)];
        if (k->what == SAID_ADMIT && is_held(o, node, k->ref)) {
            return k;
        }
    }
    return NULL;
}

// T6, the first half: the truth is known here.
void oracle_anchor(struct oracle *o, const struct anchor_note *a) {
    struct sim *s = o->sim;
    int64_t error = llabs(a->source_ms - sim_true_ms(s));
    if (error > a->rtt_ms + a->error_ms + 2) {
        sim_fail(
            s, "T6: %s anchors a time that is %lld ms wrong, round trip %u ms, said %lld",
            s->nodes[a->node].name, (long long)error, a->rtt_ms, (long long)a->error_ms);
    }
    for (size_t i = 0; i < o->boot_count; i++) {
        struct boot_note *b = &o->boots[i];
        if (b->node == a->node && b->boot == a->boot) {
            b->worst_ms = error > b->worst_ms ? error : b->worst_ms;
            b->is_sure = b->is_sure || a->is_sure;
            return;
        }
    }
    if (o->boot_count < PILE_MAX) {
        o->boots[o->boot_count++] =
            (struct boot_note){a->node, a->boot, error, a->is_sure};
    }
}

// ---- operators ---------------------------------------------------------------------------

void oracle_role(struct oracle *o, size_t key, const char *role) {
    struct device_note *d = &o->devices[key];
    d->now = oracle_role_channels(role);
    d->ever |= d->now;
    bool is_desk = d->now == ALL;
    d->is_late_right = d->is_late_right || (is_desk && !d->had_desk);
    d->had_desk = d->had_desk || is_desk;
}

void oracle_revoke(struct oracle *o, size_t key, struct fact_ref ref,
                   const json_t *holds) {
    o->devices[key].is_revoked = true;
    if (o->revocation_count < sizeof o->revocations / sizeof *o->revocations) {
        o->revocations[o->revocation_count++] =
            (struct revocation){.key = key, .ref = ref, .holds = json_deep_copy(holds)};
    }
}

void oracle_unsure(struct oracle *o, size_t key, const char *role) {
    struct device_note *d = &o->devices[key];
    d->is_unsure = true;
    d->ever |= role ? oracle_role_channels(role) : 0;
    if (d->ever == ALL && !d->had_desk) {
        d->had_desk = d->is_late_right = true;
    }
}

// ---- starts ------------------------------------------------------------------------------

static uint64_t last_held(struct store *st, uint64_t stream) {
    sqlite3_stmt *q = db_get(st, "SELECT last_n FROM stream WHERE stream = ?");
    db_bind_u64(q, 1, stream);
    return (uint64_t)db_int(st, q, 0);
}

void oracle_started(struct oracle *o, size_t node) {
    struct sim *s = o->sim;
    struct store *st = s->nodes[node].store;
    const struct holding *h = &o->held[node];
    for (size_t i = 0; i < h->count; i++) {
        uint64_t n = last_held(st, h->items[i].stream);
        if (n < h->items[i].n && !disk_is_off(node)) {
            s->totals.of[T_LOST]++;
            sim_fail(s, "T1: %s does not hold %016llx/%llu any more (%llu)",
                     s->nodes[node].name, (unsigned long long)h->items[i].stream,
                     (unsigned long long)h->items[i].n, (unsigned long long)n);
            return;
        }
    }
    if (!sim_chance(s, 100)) {
        return;
    }
    sqlite3_stmt *q = db_get(st, "PRAGMA integrity_check(1)");
    enum err e = ERR_NONE;
    bool is_well = db_row(st, q, &e) && strcmp(db_text(q, 0), "ok") == 0;
    sqlite3_reset(q);
    if (!is_well && !disk_is_off(node)) {
        sim_fail(s, "T4: %s: the database is damaged", s->nodes[node].name);
    }
}

// The end of a seed: the model against every living store. What happened at the desks is
// judged in oracle_desk.c.
#include "tests/sim/oracle.h"

#include "sync/store/db.h"
#include "sync/store/verify.h"
#include "tests/sim/oracle_model.h"

#include <string.h>

bool oracle_hub_has(struct store *hub, struct fact_ref ref) {
    sqlite3_stmt *q = db_get(hub, "SELECT 1 FROM fact WHERE stream = ? AND n = ?");
    db_bind_u64(q, 1, ref.stream);
    db_bind_u64(q, 2, ref.n);
    return db_int(hub, q, 0) == 1;
}

static bool is_living(const struct sim *s, size_t i) {
    return s->nodes[i].is_there && !s->nodes[i].is_dead && s->nodes[i].store;
}

// ---- T1 ----------------------------------------------------------------------------------

static void judge_held(struct oracle *o, struct store *hub, size_t node) {
    struct sim *s = o->sim;
    const struct holding *h = &o->held[node];
    for (size_t i = 0; i < h->count; i++) {
        sqlite3_stmt *q = db_get(hub, "SELECT last_n FROM stream WHERE stream = ?");
        db_bind_u64(q, 1, h->items[i].stream);
        uint64_t n = (uint64_t)db_int(hub, q, 0);
        if (n < h->items[i].n) {
            s->totals.of[T_LOST] += h->items[i].n - n;
            sim_fail(s, "T1: the hub lacks %016llx/%llu (has %llu), which %s holds",
                     (unsigned long long)h->items[i].stream,
                     (unsigned long long)h->items[i].n, (unsigned long long)n,
                     s->nodes[node].name);
        }
    }
}

static void judge_numbers(struct oracle *o, struct store *hub) {
    struct sim *s = o->sim;
    int64_t facts = db_int(hub, db_get(hub, "SELECT count(*) FROM fact"), 0);
    int64_t rows = db_int(hub, db_get(hub, "SELECT count(*) FROM log"), 0);
    int64_t addresses = db_int(
        hub, db_get(hub, "SELECT count(*) FROM (SELECT DISTINCT stream, n FROM log)"), 0);
    int64_t last = db_int(hub, db_get(hub, "SELECT max(seq) FROM log"), 0);
    s->totals.of[T_FACTS] += (uint64_t)facts;
    if (rows != addresses) {
        s->totals.of[T_DOUBLED]++;
        sim_fail(s, "T1: %lld facts stand twice in the hub's log",
                 (long long)(rows - addresses));
    }
    if (rows != facts || last != rows) {
        sim_fail(s, "T1: the hub's numbering has %lld rows up to %lld for %lld facts",
                 (long long)rows, (long long)last, (long long)facts);
    }
}

// Content, and the HLC: both are in the record.
static void judge_records(struct oracle *o, struct store *hub) {
    struct sim *s = o->sim;
    sqlite3_stmt *q = db_get(hub, "SELECT f.stream, f.n, f.header, f.body, f.state, t.dev"
                                  " FROM fact f JOIN stream t ON t.stream = f.stream");
    enum err e = ERR_NONE;
    while (db_row(hub, q, &e)) {
        struct fact_ref ref = {db_u64(q, 0), db_u64(q, 1)};
        struct fact_view v = {.header = sqlite3_column_blob(q, 2),
                              .header_len = (size_t)sqlite3_column_bytes(q, 2),
                              .body = sqlite3_column_blob(q, 3),
                              .body_len = (size_t)sqlite3_column_bytes(q, 3),
                              .is_erased = sqlite3_column_int(q, 4) == 1};
        struct fact_header h;
        if (!oracle_see(o, ref, oracle_digest(&v))) {
            sim_fail(s, "T7: the hub has another content of %016llx/%llu",
                     (unsigned long long)ref.stream, (unsigned long long)ref.n);
        }
        bool is_read = fact_parse_header(v.header, v.header_len, &h) == ERR_NONE;
        for (size_t i = 0; is_read && !h.is_future_version && i < STAGE_FOLDERS; i++) {
            const struct device_note *d = &o->devices[i];
            bool is_mine = s->stage->devs[i] == db_u64(q, 5) && d->max_wall_ms;
            if (is_mine && hlc_ms(h.hlc) > d->max_wall_ms + 1) {
                sim_fail(s, "T6: the stamp of %016llx/%llu is %lld ms ahead of its clock",
                         (unsigned long long)ref.stream, (unsigned long long)ref.n,
                         (long long)(hlc_ms(h.hlc) - d->max_wall_ms));
            }
        }
    }
}

static void look_up(struct oracle *o, struct store *hub) {
    for (size_t i = 0; i < o->fact_count; i++) {
        o->facts[i].is_at_hub = oracle_hub_has(hub, o->facts[i].ref);
        o->sim->totals.of[T_GONE] += !o->facts[i].is_at_hub;
    }
    for (size_t i = 0; i < o->revocation_count; i++) {
        o->revocations[i].is_at_hub = oracle_hub_has(hub, o->revocations[i].ref);
    }
}

// ---- T2, T3, T7 --------------------------------------------------------------------------

static uint32_t seen_channels(const struct oracle *o, size_t node) {
    const struct node *n = &o->sim->nodes[node];
    for (size_t k = 0; k < n->link_count; k++) {
        if (n->links[k].is_used) {
            return n->links[k].client.saved.cur.channels;
        }
    }
    return 0;
}

static void judge_channels(struct oracle *o, size_t node, uint32_t channels) {
    struct sim *s = o->sim;
    const struct device_note *d = &o->devices[s->nodes[node].key];
    uint32_t wanted = d->is_revoked ? CHANNEL_BIT(CHANNEL_FLEET) : d->now;
    if (!s->was_restored && !d->is_unsure && channels != wanted) {
        sim_fail(s, "T2: %s sees channels %x, not %x", s->nodes[node].name, channels,
                 wanted);
    }
    if ((channels & ~d->ever) != 0) {
        sim_fail(s, "T11: %s sees channels %x", s->nodes[node].name, channels);
    }
}

// Which streams differ, for whoever reads the trace.
static void tell_streams(struct sim *s, size_t node, enum channel c) {
    struct store *hub = s->nodes[NODE_HUB].store;
    struct store *mine = s->nodes[node].store;
    sqlite3_stmt *q =
        db_get(hub, "SELECT stream, last_n, dev FROM stream WHERE channel = ?");
    sqlite3_bind_int(q, 1, (int)c);
    enum err e = ERR_NONE;
    while (db_row(hub, q, &e)) {
        sqlite3_stmt *m = db_get(mine, "SELECT last_n FROM stream WHERE stream = ?");
        db_bind_u64(m, 1, db_u64(q, 0));
        uint64_t n = (uint64_t)db_int(mine, m, 0);
        if (n != db_u64(q, 1)) {
            sim_say(s, &s->nodes[node], "has %llu, the hub %llu of %016llx by %016llx",
                    (unsigned long long)n, (unsigned long long)db_u64(q, 1),
                    (unsigned long long)db_u64(q, 0), (unsigned long long)db_u64(q, 2));
        }
    }
}

// The rows of one table as lines; the first that stands on one side only.
static void tell_rows(struct sim *s, size_t node, const char *sql) {
    struct store *hub = s->nodes[NODE_HUB].store;
    struct store *mine = s->nodes[node].store;
    sqlite3_stmt *a = db_get(hub, sql);
    sqlite3_stmt *b = db_get(mine, sql);
    bool is_same = true;
    while (is_same) {
        enum err e = ERR_NONE;
        bool has_a = db_row(hub, a, &e);
        bool has_b = db_row(mine, b, &e);
        if (!has_a && !has_b) {
            return;
        }
        const char *x = has_a ? db_text(a, 0) : "nothing";
        const char *y = has_b ? db_text(b, 0) : "nothing";
        is_same = strcmp(x, y) == 0;
        if (!is_same) {
            sim_say(s, &s->nodes[NODE_HUB], "has %s", x);
            sim_say(s, &s->nodes[node], "has %s", y);
        }
    }
    sqlite3_reset(a);
    sqlite3_reset(b);
}

static void tell_tables(struct sim *s, size_t node) {
    static const char *const sqls[] = {
        "SELECT kind||' '||subject||' '||hex(stream)||' '||at_ms||' '||conflict||' "
        "'||body"
        " FROM entity ORDER BY kind, subject",
        "SELECT dev||' '||boot||' '||stream||'/'||n||' '||source_ms FROM anchor"
        " ORDER BY dev, boot, stream, n",
        "SELECT subject FROM erased ORDER BY subject",
        "SELECT id||' '||conflict||' '||body FROM person ORDER BY id",
        "SELECT holder||' '||stream||'/'||n||' '||gate||' '||at_ms||' '||void FROM "
        "admission"
        " ORDER BY holder, stream, n",
        "SELECT person||' '||stream||'/'||n||' '||serial||' '||void FROM print"
        " ORDER BY person, stream, n",
        "SELECT id||' '||holder||' '||gate||' '||last_ms||' '||resolved FROM incident"
        " ORDER BY id",
        "SELECT stream||'/'||n||' '||answered FROM ask ORDER BY stream, n",
        "SELECT stream||'/'||n||' '||why FROM quarantine ORDER BY stream, n"};
    for (size_t i = 0; i < sizeof sqls / sizeof *sqls; i++) {
        tell_rows(s, node, sqls[i]);
    }
}

static void judge_same(struct oracle *o, const struct channel_digest *hub, size_t node) {
    struct sim *s = o->sim;
    struct channel_digest mine[CHANNEL_COUNT];
    uint32_t channels = seen_channels(o, node);
    judge_channels(o, node, channels);
    if (verify_read_digests(s->nodes[node].store, mine) != ERR_NONE) {
        sim_fail(s, "T2: %s cannot be read", s->nodes[node].name);
        return;
    }
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT; c++) {
        bool is_seen = channels & CHANNEL_BIT(c);
        bool is_log = memcmp(mine[c].log, hub[c].log, FACT_HASH_BYTES) == 0;
        bool is_table = memcmp(mine[c].tables, hub[c].tables, FACT_HASH_BYTES) == 0;
        if (is_seen && !(is_log && is_table)) {
            s->totals.of[T_DIVERGED]++;
            tell_streams(s, node, (enum channel)c);
            tell_tables(s, node);
            sim_fail(s, "T2: the %s of %s at %s differs from the hub's: %lld facts, %lld",
                     is_log ? "tables" : "log", channel_name((enum channel)c),
                     s->nodes[node].name, (long long)mine[c].facts,
                     (long long)hub[c].facts);
        }
        if (!is_seen && mine[c].facts && !s->nodes[node].is_old) {
            sim_fail(s, "T11: %s holds %lld facts of %s", s->nodes[node].name,
                     (long long)mine[c].facts, channel_name((enum channel)c));
        }
    }
}

static void judge_forks(struct oracle *o, size_t node) {
    struct sim *s = o->sim;
    struct store *st = s->nodes[node].store;
    int64_t forks = db_int(st, db_get(st, "SELECT count(*) FROM fork"), 0);
    if (forks) {
        sim_fail(s, "T7: %s keeps %lld forks", s->nodes[node].name, (long long)forks);
    }
}

static void judge_verify(struct oracle *o, size_t node) {
    struct sim *s = o->sim;
    struct verify_report r;
    if (store_verify(s->nodes[node].store, &r) != ERR_NONE) {
        sim_fail(s, "T3: %s does not verify: %s", s->nodes[node].name, r.trouble);
    }
}

static void judge_stores(struct oracle *o) {
    struct sim *s = o->sim;
    struct channel_digest hub[CHANNEL_COUNT];
    if (verify_read_digests(s->nodes[NODE_HUB].store, hub) != ERR_NONE) {
        sim_fail(s, "T2: the hub cannot be read");
        return;
    }
    for (size_t i = 0; i < s->node_count && !s->trouble[0]; i++) {
        if (!is_living(s, i)) {
            continue;
        }
        judge_forks(o, i);
        if (i != NODE_HUB && !s->nodes[i].is_old) {
            judge_same(o, hub, i);
        }
        if (sim_chance(s, i == NODE_HUB ? 150 : 60)) {
            judge_verify(o, i);
        }
    }
}

// ---- T11, T12: what is on the disks ------------------------------------------------------

static bool is_erased(const struct oracle *o, const char *subject) {
    for (size_t i = 0; i < o->fact_count; i++) {
        const struct known *k = &o->facts[i];
        if (k->what == SAID_ERASE && strcmp(k->subject, subject) == 0 && k->is_at_hub) {
            return true;
        }
    }
    return false;
}

static void judge_disk(struct oracle *o, size_t node) {
    struct sim *s = o->sim;
    const struct node *n = &s->nodes[node];
    bool may_people = n->is_old || node == NODE_HUB ||
                      (seen_channels(o, node) & CHANNEL_BIT(CHANNEL_PEOPLE));
    if (!may_people && disk_has_text(node, STAGE_TAINT)) {
        sim_fail(s, "T11: an attendee's words are on the disk of %s", n->name);
    }
    if (n->is_old) {
        return; // it was never told
    }
    if (s->is_event_erased && disk_has_text(node, STAGE_TAINT)) {
        sim_fail(s, "T12: after event.erase words of attendees are on the disk of %s",
                 n->name);
    }
    for (size_t i = 0; i < o->planted_count; i++) {
        if (is_erased(o, o->planted[i].subject) &&
            disk_has_text(node, o->planted[i].text)) {
            sim_fail(s, "T12: \"%s\" of the erased %s is on the disk of %s",
                     o->planted[i].text, o->planted[i].subject, n->name);
        }
    }
}

static void judge_disks(struct oracle *o) {
    struct sim *s = o->sim;
    for (size_t i = 0; i < s->node_count; i++) {
        if (is_living(s, i)) {
            store_checkpoint_idle(s->nodes[i].store);
        }
    }
    for (size_t i = 0; i < s->node_count && !s->trouble[0]; i++) {
        if (is_living(s, i)) {
            judge_disk(o, i);
        }
    }
}

void oracle_judge(struct oracle *o) {
    struct sim *s = o->sim;
    struct store *hub = s->nodes[NODE_HUB].store;
    for (size_t i = 0; i < s->node_count; i++) {
        if (is_living(s, i)) {
            judge_held(o, hub, i);
        }
    }
    judge_numbers(o, hub);
    judge_records(o, hub);
    look_up(o, hub);
    if (!s->trouble[0]) {
        oracle_judge_desk(o, hub);
    }
    if (!s->trouble[0]) {
        judge_stores(o);
    }
    if (!s->trouble[0]) {
        judge_disks(o);
    }
}

// What happened at the desks: which admissions stand, which are incidents and why, and when
// they truly were. T5, T6, T9.
#include "sync/base/bytes.h"
#include "sync/base/json.h"
#include "sync/store/db.h"
#include "tests/sim/oracle_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum stand { STANDS, FALLS, EITHER };

struct desk {
    struct oracle *o;
    struct store *hub;
    bool is_erased_all;
};

// ---- rights ------------------------------------------------------------------------------

static bool is_in_holds(const json_t *holds, struct fact_ref ref) {
    for (size_t i = 0; i < json_array_size(holds); i++) {
        const json_t *h = json_array_get(holds, i);
        uint64_t stream = 0;
        bool is_hex = hex_parse_u64(json_get_text(h, "st", ""), &stream) == ERR_NONE;
        if (is_hex && stream == ref.stream &&
            (uint64_t)json_get_int(h, "n", 0) >= ref.n) {
            return true;
        }
    }
    return false;
}

static bool is_machine_sure(const struct desk *d, size_t key) {
    const struct sim *s = d->o->sim;
    if (!s->was_restored) {
        return true;
    }
    return key < STAGE_SPARE_FROM && !d->o->devices[key].is_late_right;
}

static enum stand stand_of(const struct desk *d, const struct known *k) {
    const struct oracle *o = d->o;
    const struct device_note *dev = &o->devices[k->key];
    bool is_revoked = false;
    bool is_saved = false;
    for (size_t i = 0; i < o->revocation_count; i++) {
        const struct revocation *r = &o->revocations[i];
        if (r->key == k->key && r->is_at_hub) {
            is_revoked = true;
            is_saved = is_saved || is_in_holds(r->holds, k->ref);
        }
    }
    if (dev->had_desk && dev->is_unsure) {
        return EITHER; // a revocation that seemed to fail may hold more, or less
    }
    if (!dev->had_desk || (is_revoked && !is_saved)) {
        return FALLS;
    }
    return is_machine_sure(d, k->key) ? STANDS : EITHER;
}

static bool is_erased(const struct desk *d, const char *subject) {
    for (size_t i = 0; i < d->o->fact_count; i++) {
        const struct known *k = &d->o->facts[i];
        if (k->what == SAID_ERASE && strcmp(k->subject, subject) == 0 && k->is_at_hub) {
            return true;
        }
    }
    return d->is_erased_all;
}

// ---- who is known ------------------------------------------------------------------------

// A person fact of somebody with the right to it is at the hub.
static enum stand is_person(const struct desk *d, const char *id) {
    enum stand best = FALLS;
    if (is_erased(d, id)) {
        return FALLS;
    }
    for (size_t i = 0; i < STAGE_LATE_FROM; i++) {
        if (strcmp(d->o->sim->stage->people[i].id, id) == 0) {
            return STANDS;
        }
    }
    for (size_t i = 0; i < d->o->fact_count && best != STANDS; i++) {
        const struct known *k = &d->o->facts[i];
        if (k->what == SAID_PERSON && strcmp(k->subject, id) == 0 && k->is_at_hub) {
            enum stand st = stand_of(d, k);
            best = st == FALLS ? best : st;
        }
    }
    if (best != STANDS) { // a try that failed may have come up
        for (size_t i = 0; i < d->o->maybe_count; i++) {
            best = strcmp(d->o->maybes[i].subject, id) == 0 ? EITHER : best;
        }
    }
    return best;
}

// Under whom an admission stands: the ticket's person, once known. EITHER: cannot be told.
static enum stand find_holder(const struct desk *d, const struct known *k, char out[24]) {
    const struct stage *t = d->o->sim->stage;
    snprintf(out, 24, "%s", k->subject);
    if (k->subject[0] != 't') {
        return is_person(d, k->subject);
    }
    for (size_t i = 0; i < STAGE_PEOPLE; i++) {
        if (strcmp(t->people[i].ticket, k->subject + 1) == 0) {
            enum stand st = is_person(d, t->people[i].id);
            if (st == STANDS) {
                snprintf(out, 24, "%s", t->people[i].id);
            }
            return st == EITHER ? EITHER : STANDS;
        }
    }
    return STANDS;
}

static enum stand is_voided(const struct desk *d, const struct known *k) {
    enum stand best = FALLS;
    for (size_t i = 0; i < d->o->fact_count && best != STANDS; i++) {
        const struct known *v = &d->o->facts[i];
        if (v->what == SAID_VOID && v->of.stream == k->ref.stream &&
            v->of.n == k->ref.n && v->is_at_hub) {
            enum stand st = stand_of(d, v);
            best = st == FALLS ? best : st;
        }
    }
    return best;
}

// ---- one admission -----------------------------------------------------------------------

struct row {
    bool is_there;
    char holder[24];
    int64_t at_ms;
    bool is_void;
};

static struct row read_row(struct store *hub, struct fact_ref ref) {
    struct row r = {0};
    sqlite3_stmt *q = db_get(
        hub, "SELECT holder, at_ms, void FROM admission WHERE stream = ? AND n = ?");
    enum err e = ERR_NONE;
    db_bind_u64(q, 1, ref.stream);
    db_bind_u64(q, 2, ref.n);
    if (db_row(hub, q, &e)) {
        r.is_there = true;
        snprintf(r.holder, sizeof r.holder, "%s", db_text(q, 0));
        r.at_ms = sqlite3_column_int64(q, 1);
        r.is_void = sqlite3_column_int(q, 2) != 0;
        sqlite3_reset(q);
    }
    return r;
}

// The largest error that the time of this fact may have; -1: its boot was never anchored, or
// the machine that could tell is not what it was.
static int64_t time_bound_ms(const struct oracle *o, const struct known *k) {
    const struct node *n = &o->sim->nodes[k->node];
    if (k->is_surfaced || n->is_dead || o->epochs[k->node] != k->epoch ||
        o->devices[k->key].is_revoked ||
        o->devices[k->key].is_unsure) { // anchors may fall
        return -1;
    }
    for (size_t i = 0; i < o->boot_count; i++) {
        const struct boot_note *b = &o->boots[i];
        if (b->node == k->node && b->boot == k->now.boot && b->is_sure) {
            int64_t span = (int64_t)o->sim->now_ms; // longer than any boot
            return b->worst_ms + span * 2 * DRIFT_PPM_MAX / 1000000 + 5;
        }
    }
    return -1;
}

static void judge_time(const struct desk *d, const struct known *k, const struct row *r) {
    int64_t bound = time_bound_ms(d->o, k);
    int64_t error = llabs(r->at_ms - k->true_ms);
    if (bound >= 0 && error > bound) {
        sim_fail(d->o->sim,
                 "T6: %s at %s is told %lld ms wrong, at most %lld was possible",
                 k->subject, k->gate, (long long)error, (long long)bound);
    }
}

static void judge_admission(const struct desk *d, const struct known *k) {
    struct sim *s = d->o->sim;
    char holder[24];
    struct row r = read_row(d->hub, k->ref);
    enum stand right = stand_of(d, k);
    enum stand holds = find_holder(d, k, holder);
    bool is_gone = is_erased(d, k->subject);
    const char *by = s->nodes[k->node].name;
    if (right == FALLS || holds == FALLS || is_gone) {
        if (r.is_there) {
            sim_fail(s, "T9: the admission of %s at %s by %s stands without %s",
                     k->subject, k->gate, by, is_gone ? "being kept" : "right or person");
        }
        return;
    }
    if (right == EITHER || holds == EITHER) {
        return;
    }
    if (!r.is_there) {
        sqlite3_stmt *q =
            db_get(d->hub, "SELECT why FROM quarantine WHERE stream = ? AND n = ?");
        enum err e = ERR_NONE;
        db_bind_u64(q, 1, k->ref.stream);
        db_bind_u64(q, 2, k->ref.n);
        sim_say(s, NULL, "quarantine: %s", db_row(d->hub, q, &e) ? db_text(q, 0) : "no");
        sqlite3_reset(q);
        sim_fail(s, "T9: the admission of %s at %s by %s is not in the tables",
                 k->subject, k->gate, by);
        return;
    }
    if (strcmp(r.holder, holder) != 0) {
        sim_fail(s, "T9: the admission of %s stands under %s, not %s", k->subject,
                 r.holder, holder);
    }
    enum stand is_void = is_voided(d, k);
    if (is_void != EITHER && r.is_void != (is_void == STANDS)) {
        sim_fail(s, "T9: the admission of %s at %s is %s", k->subject, k->gate,
                 r.is_void ? "void without a reason" : "not void");
    }
    judge_time(d, k, &r);
}

// ---- incidents ---------------------------------------------------------------------------

enum { MEMBERS_MAX = 32 };

struct expected {
    char holder[24];
    const char *gate;
    const struct known *members[MEMBERS_MAX];
    size_t count;
    bool is_unsure;
};

// All that was admitted at one gate under one holder, as the model has it.
static void collect(const struct desk *d, const char *holder, const char *gate,
                    struct expected *out) {
    *out = (struct expected){.gate = gate};
    snprintf(out->holder, sizeof out->holder, "%s", holder);
    for (size_t i = 0; i < d->o->fact_count; i++) {
        const struct known *k = &d->o->facts[i];
        char under[24];
        if (k->what != SAID_ADMIT || strcmp(k->gate, gate) != 0 || !k->is_at_hub) {
            continue;
        }
        enum stand holds = find_holder(d, k, under);
        enum stand right = stand_of(d, k);
        enum stand is_void = is_voided(d, k);
        bool is_under = strcmp(under, holder) == 0 || strcmp(k->subject, holder) == 0;
        if (!is_under || holds == FALLS || right == FALLS || is_void == STANDS ||
            is_erased(d, k->subject)) {
            continue;
        }
        out->is_unsure = out->is_unsure || holds == EITHER || right == EITHER ||
                         is_void == EITHER || out->count == MEMBERS_MAX;
        if (out->count < MEMBERS_MAX) {
            out->members[out->count++] = k;
        }
    }
}

static bool has_member(const char *members, struct fact_ref ref) {
    char text[REF_TEXT_SIZE];
    ref_format(ref, text);
    size_t len = strlen(text);
    for (const char *at = strstr(members, text); at; at = strstr(at + 1, text)) {
        if (at[len] == ' ' || !at[len]) {
            return true;
        }
    }
    return false;
}

static size_t count_members(const char *members) {
    size_t count = *members ? 1 : 0;
    for (; *members; members++) {
        count += *members == ' ';
    }
    return count;
}

// The two that the reason is about, by true time; false when their order cannot be told.
static bool order_of(const struct oracle *o, const struct expected *x,
                     const struct known **out_first, const struct known **out_second,
                     int64_t *out_slack) {
    *out_first = *out_second = NULL;
    *out_slack = 0;
    for (size_t i = 0; i < x->count; i++) {
        int64_t bound = time_bound_ms(o, x->members[i]);
        if (bound < 0) {
            return false;
        }
        *out_slack = bound > *out_slack ? bound : *out_slack;
        const struct known *k = x->members[i];
        if (!*out_first || k->true_ms < (*out_first)->true_ms) {
            *out_second = *out_first;
            *out_first = k;
        } else if (!*out_second || k->true_ms < (*out_second)->true_ms) {
            *out_second = k;
        }
    }
    for (size_t i = 0; i < x->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (llabs(x->members[i]->true_ms - x->members[j]->true_ms) <=
                2 * *out_slack) {
                return false;
            }
        }
    }
    return true;
}

static void judge_reason(const struct desk *d, const struct expected *x,
                         const char *reason) {
    const struct known *first;
    const struct known *second;
    int64_t slack;
    if (!order_of(d->o, x, &first, &second, &slack)) {
        return;
    }
    if (strcmp(x->gate, "social") == 0 && strstr(reason, "the hub")) {
        return; // strict: it was not heard; else the gate's rule was not known there yet
    }
    int64_t gap = second->true_ms - first->true_ms;
    int64_t age = second->basis.age_ms;
    const char *wanted = NULL;
    if (second->basis.mode == BASIS_OVERRIDE) {
        wanted = "admitted it knowingly";
    } else if (second->basis.age_ms == BASIS_NEVER) {
        wanted = "had never heard from the hub";
    } else if (age < gap - 2 * slack) {
        wanted = "had not sent its admission yet";
    } else if (age > gap + 2 * slack) {
        wanted = age >= 120000 ? "had been offline for" : "had last heard from the hub";
    }
    if (wanted && !strstr(reason, wanted)) {
        sim_fail(d->o->sim,
                 "T5: the double admission of %s at %s is told as \"%s\", not"
                 " \"%s\" (gap %lld ms, age %lld ms)",
                 x->holder, x->gate, reason, wanted, (long long)gap, (long long)age);
    }
}

static void read_reason(struct store *hub, const char *id, char *out, size_t size) {
    static struct incident list[64];
    size_t count = store_read_incidents(hub, list, 64);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].id, id) == 0) {
            snprintf(out, size, "%s", list[i].reason);
        }
    }
}

static void judge_incident(const struct desk *d, const struct expected *x) {
    struct sim *s = d->o->sim;
    char members[MEMBERS_MAX * REF_TEXT_SIZE] = "";
    char id[40] = "";
    sqlite3_stmt *q =
        db_get(d->hub, "SELECT members, id FROM incident WHERE holder = ? AND gate = ?");
    enum err e = ERR_NONE;
    db_bind_text(q, 1, x->holder);
    db_bind_text(q, 2, x->gate);
    size_t rows = 0;
    while (db_row(d->hub, q, &e)) {
        snprintf(members, sizeof members, "%s", db_text(q, 0));
        snprintf(id, sizeof id, "%s", db_text(q, 1));
        rows++;
    }
    if (x->is_unsure) {
        return;
    }
    if (rows != (x->count >= 2)) {
        sim_fail(s, "T5: %s at %s: %zu admissions, %zu incidents", x->holder, x->gate,
                 x->count, rows);
        return;
    }
    if (!rows) {
        return;
    }
    bool is_same = count_members(members) == x->count;
    for (size_t i = 0; i < x->count; i++) {
        is_same = is_same && has_member(members, x->members[i]->ref);
    }
    if (!is_same) {
        sim_fail(s, "T5: %s at %s: the incident has other members", x->holder, x->gate);
        return;
    }
    char reason[LINE_SIZE];
    s->totals.of[T_DOUBLE]++;
    read_reason(d->hub, id, reason, sizeof reason);
    judge_reason(d, x, reason);
}

static bool is_first_of(const struct desk *d, size_t at) {
    char mine[24];
    char other[24];
    find_holder(d, &d->o->facts[at], mine);
    for (size_t i = 0; i < at; i++) {
        const struct known *k = &d->o->facts[i];
        find_holder(d, k, other);
        if (k->what == SAID_ADMIT && strcmp(other, mine) == 0 &&
            strcmp(k->gate, d->o->facts[at].gate) == 0) {
            return false;
        }
    }
    return true;
}

static void judge_incidents(const struct desk *d) {
    size_t double_rows = 0;
    for (size_t i = 0; i < d->o->fact_count; i++) {
        const struct known *k = &d->o->facts[i];
        if (k->what != SAID_ADMIT || strcmp(k->gate, "free") == 0 || !is_first_of(d, i)) {
            continue;
        }
        struct expected x;
        char holder[24];
        find_holder(d, k, holder);
        collect(d, holder, k->gate, &x);
        judge_incident(d, &x);
        double_rows++;
    }
}

// ---- facts that nobody was told of -------------------------------------------------------

static bool was_tried(const struct oracle *o, const char *subject, const char *gate) {
    for (size_t i = 0; i < o->maybe_count; i++) {
        if (strcmp(o->maybes[i].subject, subject) == 0 &&
            strcmp(o->maybes[i].gate, gate) == 0) {
            return true;
        }
    }
    return false;
}

static size_t find_key(const struct sim *s, uint64_t dev) {
    for (size_t i = 0; i < STAGE_CLONE_FROM; i++) {
        if (s->stage->devs[i] == dev) {
            return i;
        }
    }
    return STAGE_FOLDERS;
}

static enum said what_of(const char *kind) {
    return strcmp(kind, "admit") == 0          ? SAID_ADMIT
           : strcmp(kind, "admit.void") == 0   ? SAID_VOID
           : strcmp(kind, "person.erase") == 0 ? SAID_ERASE
                                               : SAID_PERSON;
}

// The row as a fact that nobody was told of; false when it is none, or erased.
static bool read_surfaced(const struct oracle *o, sqlite3_stmt *q, struct known *out) {
    json_t *body = NULL;
    size_t len = (size_t)sqlite3_column_bytes(q, 4);
    size_t salt =
        channel_is_salted((enum channel)sqlite3_column_int(q, 7)) ? FACT_SALT_BYTES : 0;
    *out = (struct known){.ref = {db_u64(q, 0), db_u64(q, 1)},
                          .what = what_of(db_text(q, 2)),
                          .key = find_key(o->sim, db_u64(q, 6)),
                          .is_surfaced = true,
                          .is_at_hub = true};
    if (oracle_find(o, out->ref) || sqlite3_column_int(q, 5) != 0 || len <= salt ||
        json_parse((const char *)sqlite3_column_blob(q, 4) + salt, len - salt, &body) !=
            ERR_NONE) {
        return false;
    }
    snprintf(out->subject, sizeof out->subject, "%s", db_text(q, 3));
    json_copy_text(body, "gate", out->gate, sizeof out->gate);
    if (ref_parse(json_get_text(body, "of", ""), &out->of) != ERR_NONE) {
        out->of = (struct fact_ref){0};
    }
    json_decref(body);
    return true;
}

// Facts at the hub that the model has not: their commit seemed to fail, and did not. They
// count in the fold; an admission that was never tried comes from nowhere.
static void surface(const struct desk *d) {
    struct oracle *o = d->o;
    sqlite3_stmt *q =
        db_get(d->hub, "SELECT f.stream, f.n, f.kind, f.subject, f.body, f.state, t.dev,"
                       " t.channel FROM fact f JOIN stream t ON t.stream = f.stream WHERE"
                       " f.kind IN ('admit', 'admit.void', 'person', 'person.erase')");
    enum err e = ERR_NONE;
    while (db_row(d->hub, q, &e)) {
        struct known k;
        if (!read_surfaced(o, q, &k)) {
            continue;
        }
        bool was_meant = was_tried(o, k.subject, k.gate);
        if (!was_meant && k.what == SAID_ADMIT) {
            sim_fail(o->sim,
                     "T1: an admission of %s at %s that nobody made is at the hub",
                     k.subject, k.gate);
        }
        bool is_whole = was_meant && (k.what != SAID_ERASE || k.key == NODE_HUB);
        if (is_whole && o->fact_count < PILE_MAX && k.key < STAGE_FOLDERS) {
            o->facts[o->fact_count++] = k;
        }
    }
}

void oracle_judge_desk(struct oracle *o, struct store *hub) {
    struct desk d = {.o = o, .hub = hub, .is_erased_all = o->sim->is_event_erased};
    surface(&d);
    for (size_t i = 0; i < o->fact_count && !o->sim->trouble[0]; i++) {
        const struct known *k = &o->facts[i];
        if (k->what == SAID_ADMIT && k->is_at_hub) {
            judge_admission(&d, k);
        }
    }
    if (!o->sim->trouble[0]) {
        judge_incidents(&d);
    }
}

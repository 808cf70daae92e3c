// Reading for screens: the programme, counts, incidents, calls for staff, devices.
#include "sync/store/views.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/store/people.h"
#include "sync/store/refold.h"
#include "sync/store/upstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *parse_column(sqlite3_stmt *q, int column) {
    json_t *body = NULL;
    const char *text = db_text(q, column);
    if (!*text || json_parse(text, strlen(text), &body) != ERR_NONE) {
        return NULL;
    }
    return body;
}

struct programme *store_read_programme(struct store *s) {
    struct programme *p = mem_alloc(1, sizeof *p);
    sqlite3_stmt *q =
        db_get(s, "SELECT kind, subject, body, was, at_ms FROM entity WHERE"
                  " kind IN ('event','room','session','notice','sponsor','gate')"
                  " ORDER BY kind, subject");
    enum err e;
    while (db_row(s, q, &e)) {
        json_t *body = parse_column(q, 2);
        json_t *was = parse_column(q, 3);
        if (body) {
            programme_add(p, db_text(q, 0), db_text(q, 1), body, was,
                          sqlite3_column_int64(q, 4));
        }
        json_decref(body);
        json_decref(was);
    }
    programme_sort(p);
    return p;
}

bool views_read_gate(struct store *s, const char *id, struct gate *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT body FROM entity WHERE kind='gate' AND subject=?1");
    enum err e;
    db_bind_text(q, 1, id);
    if (!db_row(s, q, &e)) {
        return false;
    }
    json_t *body = parse_column(q, 0);
    if (body) {
        gate_parse(id, body, out);
    }
    json_decref(body);
    sqlite3_reset(q);
    return body != NULL;
}

// People this gate would admit, cancelled and blocked ones left out.
static int64_t count_listed(struct store *s, const struct gate *gate) {
    sqlite3_stmt *q;
    if (gate->is_list) {
        q = db_get(s, "SELECT count(*) FROM person_gate g JOIN person p ON p.id=g.person"
                      " WHERE g.gate=?1 AND p.status=0");
        db_bind_text(q, 1, gate->id);
        return db_int(s, q, 0);
    }
    q = db_get(s, "SELECT kind, count(*) FROM person WHERE status=0 GROUP BY kind");
    int64_t sum = 0;
    enum err e;
    while (db_row(s, q, &e)) {
        bool is_in = gate->kinds[0] == '\0' || list_has(gate->kinds, db_text(q, 0));
        sum += is_in ? sqlite3_column_int64(q, 1) : 0;
    }
    return sum;
}

static int64_t forks_count_open(struct store *s);

struct store_counts store_read_counts(struct store *s, const char *gate,
                                      const struct moment *now) {
    struct store_counts c = {0};
    struct gate rule;
    c.people = db_int(s, db_get(s, "SELECT count(*) FROM person"), 0);
    c.facts = db_int(s, db_get(s, "SELECT sum(last_n) FROM stream"), 0);
    c.incidents =
        db_int(s, db_get(s, "SELECT count(*) FROM incident WHERE resolved=0"), 0) +
        forks_count_open(s);
    c.quarantined = db_int(s, db_get(s, "SELECT count(*) FROM quarantine"), 0);
    c.asks = db_int(s, db_get(s, "SELECT count(*) FROM ask WHERE answered=0"), 0);
    struct upstream_waiting waiting = upstream_count_waiting(s);
    c.unsent = waiting.unsent;
    c.on_lan = waiting.on_lan;
    if (gate[0] && views_read_gate(s, gate, &rule)) {
        sqlite3_stmt *q = db_get(s, "SELECT count(DISTINCT holder) FROM admission WHERE"
                                    " gate=?1 AND void=0");
        db_bind_text(q, 1, gate);
        c.admitted = db_int(s, q, 0);
        c.expected = count_listed(s, &rule) - c.admitted;
        c.expected = c.expected < 0 ? 0 : c.expected;
        q = db_get(
            s, "SELECT count(*) FROM admission WHERE gate=?1 AND void=0 AND at_ms>?2");
        db_bind_text(q, 1, gate);
        sqlite3_bind_int64(q, 2, now->wall_ms - 3600000);
        c.last_hour = db_int(s, q, 0);
    }
    return c;
}

// ---- incidents --------------------------------------------------------------------------

static bool read_member(struct store *s, struct fact_ref ref,
                        struct incident_member *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT f.header, f.body, f.state, f.at_ms, t.dev FROM fact f JOIN"
                  " stream t ON t.stream=f.stream WHERE f.stream=?1 AND f.n=?2");
    enum err e;
    struct fold_fact f;
    db_bind_u64(q, 1, ref.stream);
    db_bind_u64(q, 2, ref.n);
    if (!db_row(s, q, &e)) {
        return false;
    }
    *out = (struct incident_member){.ref = ref};
    int64_t written_ms = sqlite3_column_int64(q, 3);
    bool ok = refold_read_row(s, q, &f);
    sqlite3_reset(q);
    if (ok) {
        out->at_ms = f.at_ms;
        out->typed_ms = fold_set_paper_time(&f) ? written_ms : 0;
        out->basis = f.header.basis;
        out->is_unconfirmed =
            json_object_get(f.body, "claim") && !f.header.basis.is_confirmed;
        people_device_name(s, f.dev, out->device);
    }
    json_decref(f.body);
    return ok;
}

// An admission from paper, typed in later: nobody could know of it in between.
static bool explain_paper(struct incident *in) {
    const struct incident_member *paper = NULL;
    for (size_t i = 2; i-- > 0;) {
        paper = in->members[i].typed_ms ? &in->members[i] : paper;
    }
    if (paper) {
        snprintf(in->reason, sizeof in->reason,
                 "one was taken on paper and typed in later at %s", paper->device);
    }
    return paper != NULL;
}

// At a strict gate the hub decides; a desk that it did not answer in time went on alone.
static bool explain_unconfirmed(struct incident *in) {
    const struct incident_member *first = &in->members[0];
    const struct incident_member *second = &in->members[1];
    if (first->is_unconfirmed && second->is_unconfirmed) {
        snprintf(in->reason, sizeof in->reason, "the hub answered neither desk in time");
    } else if (first->is_unconfirmed || second->is_unconfirmed) {
        snprintf(in->reason, sizeof in->reason, "the hub did not answer %s in time",
                 (second->is_unconfirmed ? second : first)->device);
    }
    return first->is_unconfirmed || second->is_unconfirmed;
}

// Why the second desk could not know of the first admission: it had not heard from its
// upstream since before it, or the first had not been sent yet.
static void explain(struct incident *in) {
    if (in->member_count < 2) {
        return;
    }
    const struct incident_member *first = &in->members[0];
    const struct incident_member *second = &in->members[1];
    int64_t gap_ms = second->at_ms - first->at_ms;
    int64_t age_ms = second->basis.age_ms;
    if (explain_paper(in)) {
        return;
    }
    if (second->basis.mode == BASIS_OVERRIDE) {
        snprintf(in->reason, sizeof in->reason, "%s admitted it knowingly",
                 second->device);
        return;
    }
    if (explain_unconfirmed(in)) {
        return;
    }
    if (second->basis.age_ms == BASIS_NEVER) {
        snprintf(in->reason, sizeof in->reason, "%s had never heard from the hub",
                 second->device);
    } else if (age_ms < gap_ms) {
        snprintf(in->reason, sizeof in->reason, "%s had not sent its admission yet",
                 first->device);
    } else if (age_ms >= 120000) {
        snprintf(in->reason, sizeof in->reason, "%s had been offline for %lld min",
                 second->device, (long long)(age_ms / 60000));
    } else {
        snprintf(in->reason, sizeof in->reason,
                 "%s had last heard from the hub %lld s before", second->device,
                 (long long)(age_ms < 1000 ? 1 : age_ms / 1000));
    }
}

static void read_members(struct store *s, const char *text, struct incident *out) {
    while (*text && out->member_count < INCIDENT_MEMBERS_MAX) {
        char one[REF_TEXT_SIZE];
        size_t len = strcspn(text, " ");
        struct fact_ref ref;
        snprintf(one, sizeof one, "%.*s", (int)len, text);
        text += len + strspn(text + len, " ");
        if (ref_parse(one, &ref) == ERR_NONE &&
            read_member(s, ref, &out->members[out->member_count])) {
            out->member_count++;
        }
    }
}

// ---- forks: the same address, two facts ---------------------------------------------------

// A fork is seen where the second branch arrived; it is dealt with by an incident.resolve
// about its device that names the stream's member.
static const char forks_sql[] =
    "SELECT f.stream, min(f.n), max(f.at_ms), t.dev, (SELECT count(*) FROM fact r WHERE"
    " r.subject=printf('%016llx', t.dev) AND r.kind='incident.resolve' AND r.state=0 AND"
    " instr(r.body, printf('\"%016llx/', f.stream)) AND NOT EXISTS(SELECT 1 FROM"
    " quarantine q WHERE q.stream=r.stream AND q.n=r.n)) AS resolved"
    " FROM fork f JOIN stream t ON t.stream=f.stream GROUP BY f.stream"
    " ORDER BY resolved, max(f.at_ms) DESC";

static int64_t forks_count_open(struct store *s) {
    sqlite3_stmt *q = db_get(s, forks_sql);
    int64_t count = 0;
    enum err e;
    while (db_row(s, q, &e)) {
        count += sqlite3_column_int(q, 4) == 0;
    }
    return count;
}

static size_t read_forks(struct store *s, bool wants_resolved, struct incident *out,
                         size_t max) {
    sqlite3_stmt *q = db_get(s, forks_sql);
    size_t count = 0;
    enum err e;
    while (count < max && db_row(s, q, &e)) {
        struct incident *in = &out[count];
        *in = (struct incident){.is_fork = true,
                                .is_resolved = sqlite3_column_int(q, 4) != 0,
                                .member_count = 1};
        struct incident_member *m = &in->members[0];
        *m = (struct incident_member){.ref = {db_u64(q, 0), db_u64(q, 1)},
                                      .at_ms = sqlite3_column_int64(q, 2)};
        snprintf(in->id, sizeof in->id, "%016llx", (unsigned long long)m->ref.stream);
        hex_format_u64(db_u64(q, 3), in->holder);
        people_device_name(s, db_u64(q, 3), m->device);
        memcpy(in->name, m->device, sizeof m->device);
        snprintf(in->reason, sizeof in->reason,
                 "%s has two histories: its card was copied, or somebody has its key",
                 m->device);
        count += in->is_resolved == wants_resolved;
    }
    sqlite3_reset(q);
    return count;
}

size_t store_read_incidents(struct store *s, struct incident *out, size_t max) {
    sqlite3_stmt *q = db_get(s, "SELECT id, holder, gate, members, resolved FROM incident"
                                " ORDER BY resolved, last_ms DESC, id LIMIT ?1");
    sqlite3_bind_int64(q, 1, (sqlite3_int64)max);
    size_t count = read_forks(s, false, out, max);
    enum err e;
    while (count < max && db_row(s, q, &e)) {
        struct incident *in = &out[count++];
        *in = (struct incident){.is_resolved = sqlite3_column_int(q, 4) != 0};
        snprintf(in->id, sizeof in->id, "%s", db_text(q, 0));
        snprintf(in->holder, sizeof in->holder, "%s", db_text(q, 1));
        snprintf(in->gate, sizeof in->gate, "%s", db_text(q, 2));
        read_members(s, db_text(q, 3), in);
        struct person p;
        if (store_find_person(s, in->holder, &p) == ERR_NONE) {
            memcpy(in->name, p.name, sizeof in->name);
        }
        explain(in);
    }
    sqlite3_reset(q);
    return count + read_forks(s, true, out + count, max - count);
}

size_t store_read_asks(struct store *s, struct ask *out, size_t max) {
    sqlite3_stmt *q =
        db_get(s, "SELECT stream, n, subject, at_ms FROM ask WHERE answered=0"
                  " ORDER BY at_ms, stream, n LIMIT ?1");
    sqlite3_bind_int64(q, 1, (sqlite3_int64)max);
    size_t count = 0;
    enum err e;
    while (count < max && db_row(s, q, &e)) {
        struct ask *a = &out[count];
        *a = (struct ask){.ref = {db_u64(q, 0), db_u64(q, 1)},
                          .at_ms = sqlite3_column_int64(q, 3)};
        if (hex_parse_u64(db_text(q, 2), &a->dev) == ERR_NONE) {
            people_device_name(s, a->dev, a->device);
            count++;
        }
    }
    sqlite3_reset(q);
    return count;
}

// ---- devices ----------------------------------------------------------------------------

static void read_role(struct store *s, const char *hex, struct device_info *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT body FROM entity WHERE kind='role' AND subject=?1");
    enum err e;
    db_bind_text(q, 1, hex);
    if (!db_row(s, q, &e)) {
        return;
    }
    json_t *body = parse_column(q, 0);
    json_copy_text(body, "role", out->role, sizeof out->role);
    json_copy_text(body, "room", out->room, sizeof out->room);
    json_copy_text(body, "gate", out->gate, sizeof out->gate);
    json_decref(body);
    sqlite3_reset(q);
}

static void fill_device(struct store *s, const struct rights_device *d,
                        struct device_info *out) {
    char hex[17];
    hex_format_u64(d->dev, hex);
    *out = (struct device_info){.dev = d->dev,
                                .channels = d->channels,
                                .is_granted = d->may != 0 || d->channels != 0,
                                .is_revoked = d->is_revoked};
    memcpy(out->key, d->key, sizeof out->key);
    people_device_name(s, d->dev, out->name);
    read_role(s, hex, out);
}

size_t store_read_devices(struct store *s, struct device_info *out, size_t max) {
    size_t count = s->rights.count < max ? s->rights.count : max;
    for (size_t i = 0; i < count; i++) {
        fill_device(s, &s->rights.devices[i], &out[i]);
    }
    return count;
}

enum err store_find_device(struct store *s, uint64_t dev, struct device_info *out) {
    const struct rights_device *d = rights_find(&s->rights, dev);
    if (!d) {
        return ERR_NOT_FOUND;
    }
    fill_device(s, d, out);
    return ERR_NONE;
}

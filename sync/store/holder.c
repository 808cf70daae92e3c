// Folding a person: registration and edits into one row; admissions, prints and incidents
// under the same holder. A holder is a person id, or 't' and 16 hex digits for a signed
// ticket whose person is not known here.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/event/job.h"
#include "sync/store/refold.h"

#include <stdio.h>
#include <string.h>

struct holder {
    char id[FACT_SUBJECT_MAX + 1];
    bool is_person;               // a person row exists
    char ticket_subject[ID_SIZE]; // "t…", "" if none
    struct gathered g;
};

void holder_find(struct store *s, const char *subject, char out[FACT_SUBJECT_MAX + 1]) {
    sqlite3_stmt *q = db_get(s, "SELECT person FROM alias WHERE id=?1 UNION ALL"
                                " SELECT id FROM person WHERE ticket IS NOT NULL AND"
                                " ticket=?2 LIMIT 1");
    bool is_ticket = subject[0] == 't' && strlen(subject) == 17;
    db_bind_text(q, 1, subject);
    db_bind_text(q, 2, is_ticket ? subject + 1 : "-");
    enum err e;
    snprintf(out, FACT_SUBJECT_MAX + 1, "%s", subject);
    if (db_row(s, q, &e)) {
        snprintf(out, FACT_SUBJECT_MAX + 1, "%s", db_text(q, 0));
        sqlite3_reset(q);
    }
}

static enum err fold_alias(struct store *s, const char *subject,
                           const struct gathered *g) {
    bool conflict;
    const struct fold_fact *f =
        fold_latest(g->facts, g->count, "person.alias", &conflict);
    if (!f) {
        return ERR_NONE;
    }
    sqlite3_stmt *q = db_get(s, "INSERT OR REPLACE INTO alias(id, person) VALUES(?1,?2)");
    const char *to = json_get_text(f->body, "person", "");
    db_bind_text(q, 1, subject);
    db_bind_text(q, 2, to);
    enum err e = *to && strcmp(to, subject) != 0 ? db_run(s, q) : ERR_NONE;
    return e;
}

static enum err gather_aliases(struct store *s, const char *person, struct gathered *g) {
    sqlite3_stmt *q =
        db_get(s, "SELECT id FROM alias WHERE person=?1 ORDER BY id LIMIT 16");
    char ids[16][FACT_SUBJECT_MAX + 1];
    size_t count = 0;
    enum err e;
    db_bind_text(q, 1, person);
    while (db_row(s, q, &e)) {
        snprintf(ids[count++], sizeof ids[0], "%s", db_text(q, 0));
    }
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = gather(s, ids[i], g);
    }
    return e;
}

// ---- the person row ---------------------------------------------------------------------

// What stood under a person because of this ticket stands by itself again.
static void mark_ticket(struct store *s, const char *ticket) {
    char subject[ID_SIZE];
    if (*ticket) {
        snprintf(subject, sizeof subject, "t%s", ticket);
        refold_mark(s, subject);
    }
}

static enum err delete_person(struct store *s, const char *id) {
    sqlite3_stmt *q =
        db_get(s, "DELETE FROM person WHERE id=?1 RETURNING row, coalesce(ticket,'')");
    enum err e = ERR_NONE;
    db_bind_text(q, 1, id);
    while (db_row(s, q, &e)) {
        search_remove(s->search, sqlite3_column_int64(q, 0));
        mark_ticket(s, db_text(q, 1));
        s->versions[CHANNEL_PEOPLE]++;
    }
    q = db_get(s, "DELETE FROM person_gate WHERE person=?1");
    db_bind_text(q, 1, id);
    return e == ERR_NONE ? db_run(s, q) : e;
}

static enum err write_gates(struct store *s, const struct person *p, bool is_new) {
    enum err e = ERR_NONE;
    if (!is_new) {
        sqlite3_stmt *q = db_get(s, "DELETE FROM person_gate WHERE person=?1");
        db_bind_text(q, 1, p->id);
        e = db_run(s, q);
    }
    for (const char *at = p->gates; *at && e == ERR_NONE;) {
        char gate[ID_SIZE];
        size_t len = strcspn(at, " ");
        snprintf(gate, sizeof gate, "%.*s", (int)len, at);
        at += len + strspn(at + len, " ");
        sqlite3_stmt *q =
            db_get(s, "INSERT OR IGNORE INTO person_gate(gate, person) VALUES(?1,?2)");
        db_bind_text(q, 1, gate);
        db_bind_text(q, 2, p->id);
        e = db_run(s, q);
    }
    return e;
}

// A person's row as it stands; row 0: there is none.
struct person_row {
    int64_t row;
    bool is_same; // it says just this already
    char ticket[17];
};

static enum err read_row(struct store *s, const char *id, const char *body, bool conflict,
                         struct person_row *out) {
    sqlite3_stmt *q = db_get(s, "SELECT row, body, conflict, coalesce(ticket,'')"
                                " FROM person WHERE id=?1");
    enum err e;
    *out = (struct person_row){0};
    db_bind_text(q, 1, id);
    if (!db_row(s, q, &e)) {
        return e;
    }
    out->row = sqlite3_column_int64(q, 0);
    out->is_same =
        strcmp(db_text(q, 1), body) == 0 && (sqlite3_column_int(q, 2) != 0) == conflict;
    snprintf(out->ticket, sizeof out->ticket, "%s", db_text(q, 3));
    sqlite3_reset(q);
    return ERR_NONE;
}

// One plain INSERT for a new person: an upsert that returns its row costs a third more, and
// a new kiosk folds everybody.
static enum err put_person(struct store *s, const struct person *p, const char *body,
                           bool conflict, int64_t row) {
    static const char insert[] =
        "INSERT INTO person(id, ticket, kind, status, conflict, key, body)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7)";
    static const char update[] = "UPDATE person SET ticket=?2, kind=?3, status=?4,"
                                 " conflict=?5, key=?6, body=?7 WHERE id=?1";
    char key[PERSON_KEY_MAX];
    person_key(p, key);
    sqlite3_stmt *q = db_get(s, row ? update : insert);
    db_bind_text(q, 1, p->id);
    sqlite3_bind_null(q, 2);
    if (p->ticket[0]) {
        db_bind_text(q, 2, p->ticket);
    }
    db_bind_text(q, 3, p->kind);
    sqlite3_bind_int(q, 4, (int)p->status);
    sqlite3_bind_int(q, 5, conflict);
    db_bind_text(q, 6, key);
    db_bind_text(q, 7, body);
    enum err e = db_run(s, q);
    if (e == ERR_NONE) {
        search_put(s->search, row ? row : sqlite3_last_insert_rowid(s->db), key);
    }
    s->versions[CHANNEL_PEOPLE]++;
    return e;
}

static enum err write_person(struct store *s, struct holder *h) {
    bool conflict;
    const struct fold_fact *latest;
    json_t *body = fold_person(h->g.facts, h->g.count, &conflict, &latest);
    if (!body) {
        return delete_person(s, h->id);
    }
    struct person p;
    person_parse(h->id, body, &p);
    char *text = json_format(body);
    json_decref(body);
    struct person_row old;
    h->is_person = true;
    if (p.ticket[0]) {
        snprintf(h->ticket_subject, sizeof h->ticket_subject, "t%s", p.ticket);
    }
    enum err e = read_row(s, h->id, text, conflict, &old);
    if (e == ERR_NONE && !old.is_same) {
        e = put_person(s, &p, text, conflict, old.row);
        e = e == ERR_NONE ? write_gates(s, &p, !old.row) : e;
        if (strcmp(old.ticket, p.ticket) != 0) {
            mark_ticket(s, old.ticket);
        }
    }
    mem_free(text);
    return e;
}

// ---- admissions, prints, incidents --------------------------------------------------------

static bool gate_rule(struct store *s, const char *gate, bool *out_is_once) {
    sqlite3_stmt *q =
        db_get(s, "SELECT body FROM entity WHERE kind='gate' AND subject=?1");
    json_t *body = NULL;
    enum err e;
    db_bind_text(q, 1, gate);
    bool is_known = db_row(s, q, &e);
    if (is_known && json_parse(db_text(q, 0), strlen(db_text(q, 0)), &body) == ERR_NONE) {
        struct gate rule;
        gate_parse(gate, body, &rule);
        *out_is_once = rule.is_once;
    }
    json_decref(body);
    sqlite3_reset(q);
    return is_known;
}

static enum err write_admission(struct store *s, const struct holder *h,
                                const struct fold_fact *f) {
    const char *gate = json_get_text(f->body, "gate", "");
    bool is_once;
    if (!h->is_person && h->id[0] != 't') {
        return refold_quarantine(s, f, "person is not known here");
    }
    if (!gate_rule(s, gate, &is_once)) {
        return refold_quarantine(s, f, "gate is not known here");
    }
    sqlite3_stmt *q =
        db_get(s, "INSERT INTO admission(holder, stream, n, gate, at_ms, dev,"
                  " void) VALUES(?1,?2,?3,?4,?5,?6,?7)");
    db_bind_text(q, 1, h->id);
    db_bind_u64(q, 2, f->header.ref.stream);
    db_bind_u64(q, 3, f->header.ref.n);
    db_bind_text(q, 4, gate);
    sqlite3_bind_int64(q, 5, f->at_ms);
    db_bind_u64(q, 6, f->dev);
    sqlite3_bind_int(q, 7, fold_is_void(h->g.facts, h->g.count, f->header.ref));
    return db_run(s, q);
}

// A serial is void when a badge.void names it.
static bool is_void_serial(const struct gathered *g, int64_t serial) {
    for (size_t i = 0; i < g->count; i++) {
        const struct fold_fact *f = &g->facts[i];
        if (f->body && strcmp(f->header.kind, "badge.void") == 0 &&
            json_get_int(f->body, "serial", -1) == serial) {
            return true;
        }
    }
    return false;
}

static enum err write_print(struct store *s, const struct holder *h,
                            const struct fold_fact *f) {
    int64_t serial = json_get_int(f->body, "serial", 0);
    sqlite3_stmt *q = db_get(s, "INSERT INTO print(person, stream, n, serial, at_ms, dev,"
                                " void) VALUES(?1,?2,?3,?4,?5,?6,?7)");
    db_bind_text(q, 1, h->id);
    db_bind_u64(q, 2, f->header.ref.stream);
    db_bind_u64(q, 3, f->header.ref.n);
    sqlite3_bind_int64(q, 4, serial);
    sqlite3_bind_int64(q, 5, f->at_ms);
    db_bind_u64(q, 6, f->dev);
    sqlite3_bind_int(q, 7, is_void_serial(&h->g, serial));
    return db_run(s, q);
}

static enum err write_job(struct store *s, const struct holder *h,
                          const struct fold_fact *f) {
    struct job_fold j;
    job_fold(h->g.facts, h->g.count, f, &j);
    sqlite3_stmt *q = db_get(
        s, "INSERT INTO job(person, stream, n, serial, dev, state, reason, at_ms,"
           " last_stream, last_n, hlc) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)");
    db_bind_text(q, 1, h->id);
    db_bind_u64(q, 2, f->header.ref.stream);
    db_bind_u64(q, 3, f->header.ref.n);
    sqlite3_bind_int64(q, 4, j.serial);
    db_bind_u64(q, 5, j.holder);
    sqlite3_bind_int(q, 6, (int)j.state);
    db_bind_text(q, 7, j.reason);
    sqlite3_bind_int64(q, 8, f->at_ms);
    db_bind_u64(q, 9, j.last.stream);
    db_bind_u64(q, 10, j.last.n);
    db_bind_u64(q, 11, f->header.hlc);
    return db_run(s, q);
}

static enum err write_incident(struct store *s, const struct holder *h,
                               const char *gate) {
    struct fold_incident in;
    bool is_once = true;
    if (!gate_rule(s, gate, &is_once) || !is_once ||
        !fold_incident(h->g.facts, h->g.count, gate, &in)) {
        return ERR_NONE;
    }
    char members[FOLD_MEMBERS_MAX * REF_TEXT_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < in.member_count; i++) {
        char ref[REF_TEXT_SIZE];
        ref_format(in.members[i], ref);
        used += (size_t)snprintf(members + used, sizeof members - used, "%s%s",
                                 i ? " " : "", ref);
    }
    sqlite3_stmt *q =
        db_get(s, "INSERT OR REPLACE INTO incident(id, holder, gate, members,"
                  " last_ms, resolved) VALUES(?1,?2,?3,?4,?5,?6)");
    db_bind_text(q, 1, in.id);
    db_bind_text(q, 2, h->id);
    db_bind_text(q, 3, gate);
    db_bind_text(q, 4, members);
    sqlite3_bind_int64(q, 5, in.last_ms);
    sqlite3_bind_int(q, 6, in.is_resolved);
    return db_run(s, q);
}

// Has anything of the desk been folded under this holder? One look is cheaper than four
// deletions that find nothing, which most people cost.
static bool has_desk_rows(struct store *s, const char *holder) {
    sqlite3_stmt *q =
        db_get(s, "SELECT EXISTS(SELECT 1 FROM admission WHERE holder=?1) OR"
                  " EXISTS(SELECT 1 FROM print WHERE person=?1) OR"
                  " EXISTS(SELECT 1 FROM job WHERE person=?1) OR"
                  " EXISTS(SELECT 1 FROM incident WHERE holder=?1)");
    db_bind_text(q, 1, holder);
    return db_int(s, q, 1) == 1;
}

static enum err clear_holder(struct store *s, const char *holder) {
    static const char *const sql[] = {
        "DELETE FROM admission WHERE holder=?1", "DELETE FROM print WHERE person=?1",
        "DELETE FROM job WHERE person=?1", "DELETE FROM incident WHERE holder=?1"};
    enum err e = ERR_NONE;
    size_t count = has_desk_rows(s, holder) ? sizeof sql / sizeof *sql : 0;
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        sqlite3_stmt *q = db_get(s, sql[i]);
        db_bind_text(q, 1, holder);
        e = db_run(s, q);
    }
    return e;
}

static bool is_kind(const struct fold_fact *f, const char *kind) {
    return f->body && strcmp(f->header.kind, kind) == 0;
}

// Gates that occur more than once among the admissions can hold an incident.
static enum err write_incidents(struct store *s, const struct holder *h) {
    enum err e = ERR_NONE;
    for (size_t i = 0; i < h->g.count && e == ERR_NONE; i++) {
        if (!is_kind(&h->g.facts[i], "admit")) {
            continue;
        }
        const char *gate = json_get_text(h->g.facts[i].body, "gate", "");
        bool is_second = false;
        for (size_t j = 0; j < i; j++) {
            is_second =
                is_second ||
                (is_kind(&h->g.facts[j], "admit") &&
                 strcmp(json_get_text(h->g.facts[j].body, "gate", ""), gate) == 0);
        }
        e = is_second ? write_incident(s, h, gate) : ERR_NONE;
    }
    return e;
}

static enum err write_desk(struct store *s, const struct holder *h) {
    enum err e = clear_holder(s, h->id);
    if (e == ERR_NONE && h->is_person && h->ticket_subject[0]) {
        e = clear_holder(s, h->ticket_subject);
    }
    for (size_t i = 0; i < h->g.count && e == ERR_NONE; i++) {
        const struct fold_fact *f = &h->g.facts[i];
        if (is_kind(f, "admit")) {
            e = write_admission(s, h, f);
        } else if (is_kind(f, "badge.print")) {
            e = write_print(s, h, f);
        } else if (job_is_first(f)) {
            e = write_job(s, h, f);
        }
    }
    s->versions[CHANNEL_DESK]++;
    return e == ERR_NONE ? write_incidents(s, h) : e;
}

static bool has_alias(const struct gathered *g) {
    for (size_t i = 0; i < g->count; i++) {
        if (is_kind(&g->facts[i], "person.alias")) {
            return true;
        }
    }
    return false;
}

// An alias that fell: the person it named is told apart again.
static enum err drop_alias(struct store *s, const char *subject) {
    sqlite3_stmt *q = db_get(s, "DELETE FROM alias WHERE id=?1 RETURNING person");
    enum err e = ERR_NONE;
    db_bind_text(q, 1, subject);
    while (db_row(s, q, &e)) {
        refold_mark(s, db_text(q, 0));
    }
    return e;
}

enum err refold_holder(struct store *s, const char *subject, struct gathered *g) {
    struct holder h = {0};
    enum err e = has_alias(g)    ? fold_alias(s, subject, g)
                 : g->has_fallen ? drop_alias(s, subject)
                                 : ERR_NONE;
    holder_find(s, subject, h.id);
    if (e == ERR_NONE && strcmp(h.id, subject) != 0) { // nothing stays under its own name
        e = clear_holder(s, subject);
        e = e == ERR_NONE ? delete_person(s, subject) : e;
    }
    if (strcmp(h.id, subject) == 0) {
        h.g = *g; // the same facts: not read twice
        *g = (struct gathered){0};
    } else {
        e = e == ERR_NONE ? gather(s, h.id, &h.g) : e;
    }
    e = e == ERR_NONE ? gather_aliases(s, h.id, &h.g) : e;
    fold_sort(h.g.facts, h.g.count);
    e = e == ERR_NONE ? write_person(s, &h) : e;
    if (e == ERR_NONE && h.ticket_subject[0]) {
        e = gather(s, h.ticket_subject, &h.g);
        fold_sort(h.g.facts, h.g.count);
    }
    e = e == ERR_NONE ? write_desk(s, &h) : e;
    gathered_finish(&h.g);
    return e;
}

enum err refold_drop_people(struct store *s) {
    search_clear(s->search);
    s->versions[CHANNEL_PEOPLE]++;
    s->versions[CHANNEL_DESK]++;
    return db_exec(s, "DELETE FROM person;DELETE FROM person_gate;DELETE FROM alias;"
                      "DELETE FROM admission;DELETE FROM print;DELETE FROM job;"
                      "DELETE FROM incident;DELETE FROM ask;");
}

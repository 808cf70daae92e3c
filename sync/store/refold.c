// Folding after every change: the subjects that new facts touch are folded again from all
// their facts, so the tables never depend on the order in which facts arrived.
#include "sync/store/refold.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/erase.h"
#include "sync/store/views.h"

#include <stdio.h>
#include <string.h>

enum { DIRTY_MAX = 256 };

static const char *const entity_kinds[] = {"event",       "room", "session", "notice",
                                           "sponsor",     "gate", "device",  "role",
                                           "event.close", NULL};

void refold_mark(struct store *s, const char *subject) {
    // Twice is harmless, so only the latest are looked at: a gate or a device whose rules
    // changed marks everybody.
    size_t from = s->dirty_count > DIRTY_MAX ? s->dirty_count - DIRTY_MAX : 0;
    for (size_t i = s->dirty_count; i-- > from;) {
        if (strcmp(s->dirty[i], subject) == 0) {
            return;
        }
    }
    if (s->dirty_count == s->dirty_cap) {
        s->dirty_cap = s->dirty_cap ? s->dirty_cap * 2 : DIRTY_MAX;
        s->dirty = mem_resize(s->dirty, s->dirty_cap, sizeof *s->dirty);
    }
    snprintf(s->dirty[s->dirty_count++], sizeof *s->dirty, "%s", subject);
}

bool refold_is_due(const struct store *s) {
    return s->dirty_count >= DIRTY_MAX;
}

bool is_erased_subject(struct store *s, const char *subject) {
    // Not IN (?1, '*'): for each call SQLite would build a table of the two.
    sqlite3_stmt *q = db_get(s, "SELECT EXISTS(SELECT 1 FROM erased WHERE subject=?1) OR"
                                " EXISTS(SELECT 1 FROM erased WHERE subject='*')");
    db_bind_text(q, 1, subject);
    return db_int(s, q, 0) == 1;
}

// ---- gathering -------------------------------------------------------------------------

void gathered_finish(struct gathered *g) {
    for (size_t i = 0; i < g->count; i++) {
        json_decref(g->facts[i].body);
    }
    mem_free(g->facts);
    *g = (struct gathered){0};
}

static enum err quarantine(struct store *s, const struct fact_header *h,
                           const char *why) {
    sqlite3_stmt *q =
        db_get(s, "INSERT OR REPLACE INTO quarantine(stream, n, subject, why)"
                  " VALUES(?1,?2,?3,?4)");
    db_bind_u64(q, 1, h->ref.stream);
    db_bind_u64(q, 2, h->ref.n);
    db_bind_text(q, 3, h->subject);
    db_bind_text(q, 4, why);
    return db_run(s, q);
}

bool refold_read_row(struct store *s, sqlite3_stmt *q, struct fold_fact *out) {
    *out = (struct fold_fact){0};
    size_t len = (size_t)sqlite3_column_bytes(q, 0);
    if (fact_parse_header(sqlite3_column_blob(q, 0), len, &out->header) != ERR_NONE ||
        out->header.is_future_version) {
        return false;
    }
    out->at_ms = sqlite3_column_int64(q, 3);
    out->dev = db_u64(q, 4);
    const struct rights_device *d = rights_find(&s->rights, out->dev);
    out->is_import = d && (d->may & RIGHT_IMPORT);
    if (sqlite3_column_int(q, 2) == 1) {
        return true; // erased
    }
    size_t salt = channel_is_salted(out->header.channel) ? FACT_SALT_BYTES : 0;
    size_t body_len = (size_t)sqlite3_column_bytes(q, 1);
    const char *body = sqlite3_column_blob(q, 1);
    bool is_read = body_len >= salt &&
                   json_parse(body + salt, body_len - salt, &out->body) == ERR_NONE;
    (void)fold_set_paper_time(out);
    return is_read;
}

enum err gather(struct store *s, const char *subject, struct gathered *g) {
    sqlite3_stmt *q =
        db_get(s, "SELECT f.header, f.body, f.state, f.at_ms, t.dev"
                  " FROM fact f JOIN stream t ON t.stream=f.stream"
                  " WHERE f.subject=?1 AND f.kind NOT IN ('anchor','boot')");
    db_bind_text(q, 1, subject);
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        struct fold_fact f;
        if (!refold_read_row(s, q, &f)) {
            json_decref(f.body);
            continue;
        }
        const char *why = rights_refuse(&s->rights, f.dev, &f.header);
        if (why) {
            json_decref(f.body);
            g->has_fallen = true;
            e = quarantine(s, &f.header, why);
        } else {
            g->facts = mem_resize(g->facts, g->count + 1, sizeof *g->facts);
            g->facts[g->count++] = f;
        }
    }
    sqlite3_reset(q);
    return e;
}

static enum err clear_quarantine(struct store *s, const char *subject) {
    sqlite3_stmt *q = db_get(s, "DELETE FROM quarantine WHERE subject=?1");
    db_bind_text(q, 1, subject);
    return db_run(s, q);
}

enum err refold_quarantine(struct store *s, const struct fold_fact *f, const char *why) {
    return quarantine(s, &f->header, why);
}

// ---- entities: newest wins --------------------------------------------------------------

static enum err write_entity(struct store *s, const struct fold_fact *latest,
                             bool conflict, const struct fold_fact *was) {
    char *body = json_format(latest->body);
    char *was_body = was ? json_format(was->body) : NULL;
    sqlite3_stmt *q =
        db_get(s, "INSERT OR REPLACE INTO entity(kind, subject, stream, n,"
                  " at_ms, conflict, body, was) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)");
    db_bind_text(q, 1, latest->header.kind);
    db_bind_text(q, 2, latest->header.subject);
    db_bind_u64(q, 3, latest->header.ref.stream);
    db_bind_u64(q, 4, latest->header.ref.n);
    sqlite3_bind_int64(q, 5, latest->at_ms);
    sqlite3_bind_int(q, 6, conflict);
    db_bind_text(q, 7, body);
    sqlite3_bind_null(q, 8);
    if (was_body) {
        db_bind_text(q, 8, was_body);
    }
    enum err e = db_run(s, q);
    mem_free(body);
    mem_free(was_body);
    return e;
}

static enum err delete_entity(struct store *s, const char *kind, const char *subject,
                              bool *out_was_there) {
    sqlite3_stmt *q =
        db_get(s, "DELETE FROM entity WHERE kind=?1 AND subject=?2 RETURNING 1");
    enum err e;
    db_bind_text(q, 1, kind);
    db_bind_text(q, 2, subject);
    *out_was_there = db_row(s, q, &e);
    return *out_was_there ? db_run(s, q) : e;
}

// A gate's rules decide which admissions are findings: fold those again.
static enum err mark_gate(struct store *s, const char *gate) {
    static const char sql[] =
        "SELECT DISTINCT holder FROM admission WHERE gate=?1 UNION"
        " SELECT DISTINCT subject FROM quarantine WHERE why LIKE 'gate%'";
    sqlite3_stmt *q = db_get(s, sql);
    db_bind_text(q, 1, gate);
    enum err e;
    while (db_row(s, q, &e)) {
        refold_mark(s, db_text(q, 0));
    }
    return e;
}

// Whether admissions fold as before under the gate's new fact: only re-entry matters there.
static bool is_same_rule(struct store *s, const char *gate, const json_t *body) {
    struct gate old;
    struct gate new;
    gate_parse(gate, body, &new);
    return views_read_gate(s, gate, &old) && old.is_once == new.is_once;
}

static enum err fold_entity(struct store *s, const char *kind, const char *subject,
                            const struct gathered *g) {
    bool conflict;
    const struct fold_fact *latest = fold_latest(g->facts, g->count, kind, &conflict);
    const struct fold_fact *was = NULL;
    bool is_gate = strcmp(kind, "gate") == 0;
    if (!latest) {
        bool was_there;
        enum err e = delete_entity(s, kind, subject, &was_there);
        return e == ERR_NONE && is_gate && was_there ? mark_gate(s, subject) : e;
    }
    if (strcmp(kind, "session") == 0) {
        was = fold_session_was(g->facts, g->count, latest);
    }
    bool is_new_rule = is_gate && !is_same_rule(s, subject, latest->body);
    enum err e = write_entity(s, latest, conflict, was);
    if (e == ERR_NONE && is_new_rule) {
        e = mark_gate(s, subject);
    }
    if (e == ERR_NONE && strcmp(kind, "event") == 0) {
        refold_set_event(s, latest->body);
    }
    s->versions[channel_of_kind(kind)]++;
    return e;
}

// ---- asks -------------------------------------------------------------------------------

static bool is_open_ask(const struct fold_fact *f) {
    return f->body && strcmp(f->header.kind, "ask") == 0 &&
           json_get_bool(f->body, "open", true);
}

// By an answer that names it, or because its device withdrew it later.
static bool is_answered(const struct gathered *g, size_t ask) {
    struct fact_ref ref = g->facts[ask].header.ref;
    for (size_t i = 0; i < g->count; i++) {
        struct fact_ref of;
        const struct fold_fact *f = &g->facts[i];
        if (i > ask && strcmp(f->header.kind, "ask") == 0 && !is_open_ask(f)) {
            return true;
        }
        if (f->body && strcmp(f->header.kind, "answer") == 0 &&
            ref_parse(json_get_text(f->body, "of", ""), &of) == ERR_NONE &&
            of.stream == ref.stream && of.n == ref.n) {
            return true;
        }
    }
    return false;
}

static enum err fold_asks(struct store *s, const char *subject,
                          const struct gathered *g) {
    sqlite3_stmt *q = db_get(s, "DELETE FROM ask WHERE subject=?1");
    db_bind_text(q, 1, subject);
    enum err e = db_run(s, q);
    for (size_t i = 0; i < g->count && e == ERR_NONE; i++) {
        const struct fold_fact *f = &g->facts[i];
        if (!is_open_ask(f)) {
            continue;
        }
        q = db_get(s, "INSERT INTO ask(stream, n, subject, at_ms, answered)"
                      " VALUES(?1,?2,?3,?4,?5)");
        db_bind_u64(q, 1, f->header.ref.stream);
        db_bind_u64(q, 2, f->header.ref.n);
        db_bind_text(q, 3, subject);
        sqlite3_bind_int64(q, 4, f->at_ms);
        sqlite3_bind_int(q, 5, is_answered(g, i));
        e = db_run(s, q);
        s->versions[CHANNEL_DESK]++;
    }
    return e;
}

// ---- one subject ------------------------------------------------------------------------

static bool has_kind(const struct gathered *g, const char *kind) {
    for (size_t i = 0; i < g->count; i++) {
        if (strcmp(g->facts[i].header.kind, kind) == 0) {
            return true;
        }
    }
    return false;
}

// Is anything here about a person? Quarantined facts do not count as kinds.
static bool concerns_person(const struct gathered *g) {
    static const char *const kinds[] = {
        "person",     "person.edit",      "person.alias", "admit",
        "admit.void", "badge.print",      "badge.void",   "print.job",
        "pay.mark",   "incident.resolve", "person.erase"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (has_kind(g, kinds[i])) {
            return true;
        }
    }
    return false;
}

static enum err fold_erasures(struct store *s, const char *subject, struct gathered *g) {
    bool was_erased = true;
    enum err e = ERR_NONE;
    if (has_kind(g, "person.erase")) {
        e = erase_subject(s, subject, &was_erased);
    }
    if (e == ERR_NONE && has_kind(g, "event.erase")) {
        e = erase_subject(s, "*", &was_erased);
        e = e == ERR_NONE ? refold_drop_people(s) : e;
    }
    if (e == ERR_NONE && !was_erased) { // bodies changed under us
        gathered_finish(g);
        e = gather(s, subject, g);
        fold_sort(g->facts, g->count);
    }
    return e;
}

static enum err refold_subject(struct store *s, const char *subject) {
    struct gathered g = {0};
    enum err e = clear_quarantine(s, subject);
    e = e == ERR_NONE ? gather(s, subject, &g) : e;
    fold_sort(g.facts, g.count);
    e = e == ERR_NONE ? fold_erasures(s, subject, &g) : e;
    for (size_t i = 0; entity_kinds[i] && e == ERR_NONE; i++) {
        if (has_kind(&g, entity_kinds[i]) || g.has_fallen) {
            e = fold_entity(s, entity_kinds[i], subject, &g);
        }
    }
    if (e == ERR_NONE &&
        (has_kind(&g, "ask") || has_kind(&g, "answer") || g.has_fallen)) {
        e = fold_asks(s, subject, &g);
    }
    if (e == ERR_NONE && (concerns_person(&g) || g.has_fallen)) {
        e = refold_holder(s, subject, &g);
    }
    gathered_finish(&g);
    return e;
}

// Every fact of these devices may now stand or fall.
static enum err mark_device(struct store *s, uint64_t dev) {
    sqlite3_stmt *q =
        db_get(s, "SELECT DISTINCT f.subject FROM stream t CROSS JOIN fact f"
                  " ON t.stream=f.stream WHERE t.dev=?1");
    db_bind_u64(q, 1, dev);
    enum err e;
    while (db_row(s, q, &e)) {
        refold_mark(s, db_text(q, 0));
    }
    return e;
}

static bool is_same_rights(const struct rights_device *a, const struct rights_device *b) {
    return a && b && a->may == b->may && a->is_revoked == b->is_revoked &&
           a->held_count == b->held_count;
}

static enum err refold_rights(struct store *s) {
    struct rights old = s->rights;
    s->rights = (struct rights){0};
    enum err e = refold_load_rights(s);
    s->rights_dirty = false;
    s->versions[CHANNEL_FLEET]++;
    for (size_t i = 0; i < s->rights.count && e == ERR_NONE; i++) {
        const struct rights_device *d = &s->rights.devices[i];
        if (!is_same_rights(rights_find(&old, d->dev), d)) {
            e = mark_device(s, d->dev);
            e = e == ERR_NONE ? refold_device_anchors(s, d->dev) : e;
        }
    }
    rights_finish(&old);
    return e;
}

enum err refold_dirty(struct store *s) {
    enum err e = ERR_NONE;
    while (e == ERR_NONE && (s->rights_dirty || s->dirty_count)) {
        if (s->rights_dirty) {
            e = refold_rights(s);
            continue;
        }
        char subject[FACT_SUBJECT_MAX + 1];
        memcpy(subject, s->dirty[--s->dirty_count], sizeof subject);
        e = refold_subject(s, subject);
    }
    return e;
}

enum err refold_all(struct store *s) {
    enum err e = ERR_NONE;
    for (size_t i = 0; schema_derived[i] && e == ERR_NONE; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "DELETE FROM %s", schema_derived[i]);
        e = db_exec(s, sql);
    }
    s->anchor_count = 0;
    e = e == ERR_NONE ? refold_load_rights(s) : e;
    for (size_t i = 0; i < s->rights.count && e == ERR_NONE; i++) {
        e = refold_device_anchors(s, s->rights.devices[i].dev);
    }
    sqlite3_stmt *q = db_get(s, "SELECT DISTINCT subject FROM fact WHERE kind NOT IN"
                                " ('anchor','boot','')");
    struct bytes subjects = {0};
    while (e == ERR_NONE && db_row(s, q, &e)) {
        bytes_add(&subjects, db_text(q, 0), strlen(db_text(q, 0)) + 1);
    }
    sqlite3_reset(q);
    for (size_t at = 0; at < subjects.len && e == ERR_NONE;) {
        const char *subject = (const char *)subjects.data + at;
        at += strlen(subject) + 1;
        refold_mark(s, subject);
        e = refold_is_due(s) ? refold_dirty(s) : e;
    }
    bytes_finish(&subjects);
    return e == ERR_NONE ? refold_dirty(s) : e;
}

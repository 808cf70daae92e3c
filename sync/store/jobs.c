#include "sync/store/jobs.h"

#include "sync/base/json.h"
#include "sync/base/utf8.h"
#include "sync/store/people.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                             \
    "j.person, j.stream, j.n, j.serial, j.dev, j.state, j.reason, j.at_ms," \
    " j.last_stream, j.last_n, coalesce(p.body,'')"                         \
    " FROM job j LEFT JOIN person p ON p.id=j.person"

static void read_row(struct store *s, sqlite3_stmt *q, struct job *out) {
    json_t *body = NULL;
    const char *text = db_text(q, 10);
    *out = (struct job){.ref = {db_u64(q, 1), db_u64(q, 2)},
                        .last = {db_u64(q, 8), db_u64(q, 9)},
                        .serial = (unsigned)sqlite3_column_int(q, 3),
                        .dev = db_u64(q, 4),
                        .state = (enum job_state)sqlite3_column_int(q, 5),
                        .at_ms = sqlite3_column_int64(q, 7)};
    utf8_copy(db_text(q, 0), out->person, sizeof out->person);
    utf8_copy(db_text(q, 6), out->reason, sizeof out->reason);
    if (text[0] && json_parse(text, strlen(text), &body) == ERR_NONE) {
        json_copy_text(body, "name", out->name, sizeof out->name);
    }
    json_decref(body);
    people_device_name(s, out->dev, out->at);
}

enum err store_find_job(struct store *s, struct fact_ref job, struct job *out) {
    sqlite3_stmt *q = db_get(s, "SELECT " COLUMNS " WHERE j.stream=?1 AND j.n=?2");
    enum err e;
    db_bind_u64(q, 1, job.stream);
    db_bind_u64(q, 2, job.n);
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    read_row(s, q, out);
    sqlite3_reset(q);
    return ERR_NONE;
}

size_t store_read_jobs(struct store *s, uint64_t dev, unsigned states, struct job *out,
                       size_t max) {
    sqlite3_stmt *q = db_get(s, "SELECT " COLUMNS " WHERE (?1>>j.state)&1 AND"
                                " (?2=0 OR j.dev=?2) ORDER BY j.hlc, j.stream, j.n"
                                " LIMIT ?3");
    size_t count = 0;
    enum err e;
    sqlite3_bind_int64(q, 1, states);
    db_bind_u64(q, 2, dev);
    sqlite3_bind_int64(q, 3, (sqlite3_int64)max);
    while (count < max && db_row(s, q, &e)) {
        read_row(s, q, &out[count++]);
    }
    sqlite3_reset(q);
    return count;
}

size_t store_read_job_places(struct store *s, struct job_place *out, size_t max) {
    sqlite3_stmt *q = db_get(
        s, "SELECT r.subject FROM entity r WHERE r.kind='role' AND"
           " json_extract(r.body,'$.role') IN ('desk','checkin') AND EXISTS(SELECT 1 FROM"
           " entity g WHERE g.kind='gate' AND g.subject="
           " coalesce(nullif(json_extract(r.body,'$.gate'),''),'meeting') AND"
           " json_extract(g.body,'$.prints')) ORDER BY (SELECT json_extract(d.body,"
           " '$.name') FROM entity d WHERE d.kind='device' AND d.subject=r.subject),"
           " r.subject");
    size_t count = 0;
    enum err e;
    while (count < max && db_row(s, q, &e)) {
        struct job_place *p = &out[count];
        if (hex_parse_u64(db_text(q, 0), &p->dev) != ERR_NONE ||
            p->dev == s->identity.dev) {
            continue;
        }
        const struct rights_device *d = rights_find(&s->rights, p->dev);
        if (d && !d->is_revoked && (d->may & RIGHT_DESK)) {
            people_device_name(s, p->dev, p->name);
            count++;
        }
    }
    sqlite3_reset(q);
    return count;
}

int64_t store_count_jobs(struct store *s, uint64_t dev, unsigned states) {
    sqlite3_stmt *q = db_get(s, "SELECT count(*) FROM job WHERE (?1>>state)&1 AND"
                                " (?2=0 OR dev=?2)");
    sqlite3_bind_int64(q, 1, states);
    db_bind_u64(q, 2, dev);
    return db_int(s, q, 0);
}

// ---- authoring --------------------------------------------------------------------------

// body: stolen.
static enum err say(struct store *s, const char *kind, const struct job *j, json_t *body,
                    const struct moment *now) {
    struct draft d;
    char of[REF_TEXT_SIZE];
    ref_format(j->ref, of);
    json_object_set_new(body, "of", json_string(of));
    enum err e = draft_fill(&d, kind, j->person, body);
    if (e != ERR_NONE) {
        return e;
    }
    d.prev = j->last;
    e = store_append(s, &d, 1, now, NULL);
    draft_finish(&d);
    return e;
}

static enum err say_state(struct store *s, const struct job *j, enum job_state state,
                          const char *reason, const struct moment *now) {
    return say(s, "print.job", j,
               json_pack("{s:s,s:s}", "state", job_state_name(state), "reason", reason),
               now);
}

// Begins a commit on the job as it stands, in these states only. On failure none is open.
static enum err begin_on(struct store *s, struct fact_ref ref, unsigned states,
                         struct job *out, bool *out_is_mine) {
    *out = (struct job){.ref = ref};
    enum err e = store_group_begin(s, out_is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    e = store_find_job(s, ref, out);
    if (e == ERR_NONE && !(JOB_BIT(out->state) & states)) {
        e = ERR_DENIED;
    }
    return e == ERR_NONE ? e : store_group_end(s, *out_is_mine, e);
}

static bool is_held(const struct store *s, const struct job *j) {
    return j->dev == s->identity.dev;
}

enum err store_job_say(struct store *s, struct fact_ref job, enum job_state state,
                       const char *reason, const struct moment *now) {
    struct job j;
    bool is_mine;
    if (state != JOB_SENT && state != JOB_FAILED && state != JOB_UNKNOWN) {
        return ERR_INPUT;
    }
    unsigned from = state == JOB_SENT      ? JOB_BIT(JOB_QUEUED)
                    : state == JOB_UNKNOWN ? JOB_BIT(JOB_SENT)
                                           : JOB_BIT(JOB_QUEUED) | JOB_BIT(JOB_SENT);
    enum err e = begin_on(s, job, from, &j, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    e = is_held(s, &j) ? say_state(s, &j, state, reason, now) : ERR_DENIED;
    return store_group_end(s, is_mine, e);
}

enum err store_job_printed(struct store *s, struct fact_ref job, const char *printer,
                           const struct moment *now) {
    struct job j;
    bool is_mine;
    unsigned from = JOB_BIT(JOB_SENT) | JOB_BIT(JOB_UNKNOWN) | JOB_BIT(JOB_FAILED);
    enum err e = begin_on(s, job, from, &j, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    json_t *body =
        json_pack("{s:I,s:s}", "serial", (json_int_t)j.serial, "printer", printer);
    return store_group_end(s, is_mine, say(s, "badge.print", &j, body, now));
}

enum err store_job_move(struct store *s, struct fact_ref job, uint64_t to,
                        const struct moment *now) {
    struct job j;
    char hex[17];
    bool is_mine;
    enum err e =
        begin_on(s, job, JOB_BIT(JOB_QUEUED) | JOB_BIT(JOB_FAILED), &j, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    hex_format_u64(to, hex);
    e = is_held(s, &j) ? say(s, "print.job", &j,
                             json_pack("{s:s,s:s}", "state", "moved", "to", hex), now)
                       : ERR_DENIED;
    return store_group_end(s, is_mine, e);
}

enum err store_job_withdraw(struct store *s, struct fact_ref job, const char *reason,
                            const struct moment *now) {
    struct job j;
    bool is_mine;
    unsigned from = JOB_BIT(JOB_QUEUED) | JOB_BIT(JOB_FAILED) | JOB_BIT(JOB_UNKNOWN);
    enum err e = begin_on(s, job, from, &j, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    bool may = j.state == JOB_QUEUED || is_held(s, &j);
    e = may ? say_state(s, &j, JOB_WITHDRAWN, reason, now) : ERR_DENIED;
    return store_group_end(s, is_mine, e);
}

// ---- a new one --------------------------------------------------------------------------

static enum err read_serial(struct store *s, const char *person, unsigned *out_next) {
    sqlite3_stmt *q = db_get(s, "SELECT max((SELECT coalesce(max(serial),0) FROM print"
                                " WHERE person=?1),(SELECT coalesce(max(serial),0) FROM"
                                " job WHERE person=?1))");
    db_bind_text(q, 1, person);
    int64_t last = db_int(s, q, -1);
    *out_next = (unsigned)(last + 1);
    return last < 0 ? ERR_IO : ERR_NONE;
}

static enum err append_body(struct store *s, const struct job_request *r,
                            const char *kind, json_t *body, struct fact_ref *out) {
    struct draft d;
    enum err e = draft_fill(&d, kind, r->person, body);
    if (e != ERR_NONE) {
        return e;
    }
    snprintf(d.by, sizeof d.by, "%s", r->by ? r->by : "");
    d.basis = r->basis;
    e = store_append(s, &d, 1, &r->now, out);
    draft_finish(&d);
    return e;
}

// Serials that were printed, or may still be: none of them is to work any more.
static enum err void_all(struct store *s, const struct job_request *r) {
    enum { SERIALS_MAX = 64 };
    sqlite3_stmt *q = db_get(s, "SELECT serial FROM print WHERE person=?1 AND void=0"
                                " UNION SELECT serial FROM job WHERE person=?1 AND"
                                " state IN (0,1,3,4) ORDER BY serial LIMIT ?2");
    int serials[SERIALS_MAX];
    size_t count = 0;
    enum err e;
    db_bind_text(q, 1, r->person);
    sqlite3_bind_int(q, 2, SERIALS_MAX);
    while (count < SERIALS_MAX && db_row(s, q, &e)) {
        serials[count++] = sqlite3_column_int(q, 0);
    }
    sqlite3_reset(q);
    e = ERR_NONE;
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = append_body(s, r, "badge.void",
                        json_pack("{s:i,s:s}", "serial", serials[i], "reason", r->reason),
                        NULL);
    }
    return e;
}

// The table changes at the commit only: what is asked for twice in one group is seen by
// nobody, so a group asks once.
static enum err enqueue(struct store *s, const struct job_request *r, struct job *out) {
    struct person_state who = {0};
    char to[17];
    unsigned serial = 0;
    struct fact_ref ref = {0, 0};
    enum err e = store_read_person(s, r->person, "", &who);
    if (e == ERR_NONE && !r->is_again && (who.has_badge || who.job.ref.n)) {
        return ERR_EXISTS;
    }
    e = e == ERR_NONE ? void_all(s, r) : e; // not again: only what failed is open
    e = e == ERR_NONE ? read_serial(s, r->person, &serial) : e;
    if (e != ERR_NONE) {
        return e;
    }
    hex_format_u64(r->to ? r->to : s->identity.dev, to);
    e = append_body(s, r, "print.job",
                    json_pack("{s:I,s:s,s:s}", "serial", (json_int_t)serial, "to", to,
                              "reason", r->reason),
                    &ref);
    *out = (struct job){.ref = ref,
                        .last = ref,
                        .serial = serial,
                        .dev = r->to ? r->to : s->identity.dev};
    utf8_copy(r->person, out->person, sizeof out->person);
    utf8_copy(who.person.name, out->name, sizeof out->name);
    utf8_copy(r->reason, out->reason, sizeof out->reason);
    people_device_name(s, out->dev, out->at);
    out->at_ms = r->now.wall_ms;
    return e;
}

enum err store_job_enqueue(struct store *s, const struct job_request *r,
                           struct job *out) {
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    return store_group_end(s, is_mine, enqueue(s, r, out));
}

// ---- at the start -----------------------------------------------------------------------

enum { RESUME_MAX = 16 }; // one is at the printer at a time

enum err store_jobs_resume(struct store *s, const struct moment *now) {
    struct job jobs[RESUME_MAX];
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    size_t count =
        store_read_jobs(s, s->identity.dev, JOB_BIT(JOB_SENT), jobs, RESUME_MAX);
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        e = say_state(s, &jobs[i], JOB_UNKNOWN, "stopped while printing", now);
    }
    return store_group_end(s, is_mine, e);
}

static enum err mark_all(struct store *s) {
    sqlite3_stmt *q =
        db_get(s, "SELECT DISTINCT subject FROM fact WHERE kind='print.job'");
    enum err e;
    while (db_row(s, q, &e)) {
        refold_mark(s, db_text(q, 0));
    }
    return e;
}

enum err jobs_fold_once(struct store *s) {
    char value[8];
    size_t len;
    bool is_mine = false;
    enum err e = store_meta_get(s, JOBS_FOLDED, value, sizeof value, &len);
    if (e != ERR_NOT_FOUND) {
        return e;
    }
    e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    e = mark_all(s);
    e = e == ERR_NONE ? store_meta_set(s, JOBS_FOLDED, "1", 1) : e;
    return store_group_end(s, is_mine, e);
}

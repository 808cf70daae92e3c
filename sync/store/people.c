// Reading people: by id, by scanned code, by name.
#include "sync/store/people.h"
#include "sync/base/json.h"
#include "sync/store/refold.h"

#include <stdio.h>
#include <string.h>

enum { SEARCH_ROWS_MAX = 64 };

static enum err parse_row(sqlite3_stmt *q, struct person *out) {
    json_t *body = NULL;
    const char *text = db_text(q, 1);
    enum err e = json_parse(text, strlen(text), &body);
    if (e == ERR_NONE) {
        person_parse(db_text(q, 0), body, out);
    }
    json_decref(body);
    return e;
}

static enum err find_with(struct store *s, sqlite3_stmt *q, struct person *out) {
    enum err e;
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    e = parse_row(q, out);
    sqlite3_reset(q);
    return e;
}

enum err store_find_person(struct store *s, const char *id, struct person *out) {
    sqlite3_stmt *q = db_get(s, "SELECT id, body FROM person WHERE id=?1 UNION ALL"
                                " SELECT p.id, p.body FROM alias a JOIN person p ON"
                                " p.id=a.person WHERE a.id=?1 LIMIT 1");
    db_bind_text(q, 1, id);
    return find_with(s, q, out);
}

enum err people_find_ticket(struct store *s, const char *ticket, struct person *out) {
    sqlite3_stmt *q = db_get(s, "SELECT id, body FROM person WHERE ticket IS NOT NULL AND"
                                " ticket=?1");
    db_bind_text(q, 1, ticket);
    return find_with(s, q, out);
}

void people_device_name(struct store *s, uint64_t dev, char out[NAME_SIZE]) {
    char hex[17];
    hex_format_u64(dev, hex);
    snprintf(out, NAME_SIZE, "%s", hex);
    sqlite3_stmt *q =
        db_get(s, "SELECT body FROM entity WHERE kind='device' AND subject=?1");
    db_bind_text(q, 1, hex);
    enum err e;
    json_t *body = NULL;
    if (db_row(s, q, &e)) {
        if (json_parse(db_text(q, 0), strlen(db_text(q, 0)), &body) == ERR_NONE) {
            json_copy_text(body, "name", out, NAME_SIZE);
        }
        json_decref(body);
        sqlite3_reset(q);
    }
}

// When an admission from paper was typed in, 0 for any other.
static enum err read_typed(struct store *s, struct fact_ref ref, int64_t *out_ms) {
    struct fold_fact f;
    sqlite3_stmt *q = db_get(
        s, "SELECT f.header, f.body, f.state, f.at_ms, t.dev FROM fact f JOIN stream t ON"
           " t.stream=f.stream WHERE f.stream=?1 AND f.n=?2");
    enum err e;
    db_bind_u64(q, 1, ref.stream);
    db_bind_u64(q, 2, ref.n);
    *out_ms = 0;
    if (db_row(s, q, &e)) {
        int64_t written_ms = sqlite3_column_int64(q, 3);
        bool is_paper = refold_read_row(s, q, &f) && fold_set_paper_time(&f);
        *out_ms = is_paper ? written_ms : 0;
        json_decref(f.body);
        sqlite3_reset(q);
    }
    return e;
}

enum err people_read_admission(struct store *s, const char *holder, const char *gate,
                               struct person_state *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT at_ms, dev, stream, n FROM admission WHERE holder=?1"
                  " AND gate=?2 AND void=0 ORDER BY at_ms, stream, n LIMIT 1");
    db_bind_text(q, 1, holder);
    db_bind_text(q, 2, gate);
    enum err e;
    if (!db_row(s, q, &e)) {
        return e;
    }
    out->is_in = true;
    out->in_ms = sqlite3_column_int64(q, 0);
    uint64_t dev = db_u64(q, 1);
    struct fact_ref ref = {db_u64(q, 2), db_u64(q, 3)};
    sqlite3_reset(q);
    people_device_name(s, dev, out->in_at);
    e = read_typed(s, ref, &out->in_typed_ms);
    if (dev == s->identity.dev) {
        q = db_get(s, "SELECT EXISTS(SELECT 1 FROM upstream) AND NOT EXISTS(SELECT 1 FROM"
                      " acked a LEFT JOIN behind b ON b.upstream=a.upstream AND"
                      " b.stream=a.stream WHERE a.stream=?1 AND a.n>=?2 AND a.known"
                      " AND coalesce(b.n, a.n)>=?2)");
        db_bind_u64(q, 1, ref.stream);
        db_bind_u64(q, 2, ref.n);
        out->in_is_pending = db_int(s, q, 0) != 0;
    }
    return e;
}

// The newest job that may still give a badge; the serials of all count as taken.
static enum err read_job(struct store *s, struct person_state *out) {
    sqlite3_stmt *q = db_get(s, "SELECT stream, n, state, serial, dev FROM job WHERE"
                                " person=?1 ORDER BY (?2>>state)&1, hlc, stream, n");
    struct person_job *j = &out->job;
    enum err e;
    db_bind_text(q, 1, out->person.id);
    sqlite3_bind_int(q, 2, JOB_LIVE);
    while (db_row(s, q, &e)) {
        unsigned serial = (unsigned)sqlite3_column_int(q, 3);
        enum job_state state = (enum job_state)sqlite3_column_int(q, 2);
        out->serial = serial > out->serial ? serial : out->serial;
        if (JOB_BIT(state) & JOB_LIVE) {
            *j = (struct person_job){.ref = {db_u64(q, 0), db_u64(q, 1)},
                                     .state = state,
                                     .serial = serial,
                                     .dev = db_u64(q, 4)};
        }
    }
    if (e == ERR_NONE && j->ref.n) {
        people_device_name(s, j->dev, j->at);
    }
    return e;
}

static enum err read_badge(struct store *s, struct person_state *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT max(serial), min(void) FROM print WHERE person=?1");
    db_bind_text(q, 1, out->person.id);
    enum err e;
    if (db_row(s, q, &e)) {
        bool has_any = sqlite3_column_type(q, 0) != SQLITE_NULL;
        out->serial = (unsigned)sqlite3_column_int(q, 0);
        out->has_badge = has_any && sqlite3_column_int(q, 1) == 0;
        sqlite3_reset(q);
    }
    return e == ERR_NONE ? read_job(s, out) : e;
}

enum err people_read_state(struct store *s, const char *gate, struct person_state *io) {
    enum err e = people_read_admission(s, io->person.id, gate, io);
    return e == ERR_NONE ? read_badge(s, io) : e;
}

enum err store_read_person(struct store *s, const char *id, const char *gate,
                           struct person_state *out) {
    *out = (struct person_state){0};
    enum err e = store_find_person(s, id, &out->person);
    return e == ERR_NONE ? people_read_state(s, gate, out) : e;
}

// One person found by name. Most have neither an admission nor a badge yet: one statement
// tells so, and those that do are read as everywhere. "+gate": by the holder's key, not by
// the index of all who passed the gate.
static enum err read_found(struct store *s, int64_t row, const char *gate,
                           struct person_state *out) {
    sqlite3_stmt *q =
        db_get(s, "SELECT id, body, EXISTS(SELECT 1 FROM admission WHERE holder=p.id AND"
                  " +gate=?2), EXISTS(SELECT 1 FROM print WHERE person=p.id)"
                  " OR EXISTS(SELECT 1 FROM job WHERE person=p.id)"
                  " FROM person p WHERE row=?1");
    enum err e;
    *out = (struct person_state){0};
    sqlite3_bind_int64(q, 1, row);
    db_bind_text(q, 2, gate);
    if (!db_row(s, q, &e)) {
        return e == ERR_NONE ? ERR_NOT_FOUND : e;
    }
    bool has_admission = sqlite3_column_int(q, 2) != 0;
    bool has_print = sqlite3_column_int(q, 3) != 0;
    e = parse_row(q, &out->person);
    sqlite3_reset(q);
    if (e == ERR_NONE && has_admission) {
        e = people_read_admission(s, out->person.id, gate, out);
    }
    return e == ERR_NONE && has_print ? read_badge(s, out) : e;
}

size_t store_search(struct store *s, const char *text, const char *gate,
                    struct person_state *out, size_t max) {
    char folded[256];
    int64_t rows[SEARCH_ROWS_MAX];
    person_fold(text, folded, sizeof folded);
    size_t found = search_find(s->search, folded, rows,
                               max < SEARCH_ROWS_MAX ? max : SEARCH_ROWS_MAX);
    size_t done = 0;
    for (size_t i = 0; i < found; i++) {
        done += read_found(s, rows[i], gate, &out[done]) == ERR_NONE;
    }
    return done;
}

bool store_search_load(struct store *s, size_t count) {
    sqlite3_stmt *q = db_get(s, "SELECT row, key FROM person INDEXED BY person_key"
                                " WHERE row>?1 ORDER BY row LIMIT ?2");
    sqlite3_bind_int64(q, 1, s->search_loaded);
    sqlite3_bind_int64(q, 2, (sqlite3_int64)count);
    size_t done = 0;
    enum err e;
    for (; db_row(s, q, &e); done++) {
        s->search_loaded = sqlite3_column_int64(q, 0);
        search_put(s->search, s->search_loaded, db_text(q, 1));
    }
    return done < count;
}

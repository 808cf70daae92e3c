#include "sync/store/erase.h"

#include "sync/base/utf8.h"
#include "sync/store/db.h"
#include "sync/store/mend.h"
#include "sync/store/shared.h"

#include <string.h>

// The body goes, its digest stays: the chain still verifies.
static enum err erase_bodies(struct store *s, const char *subject) {
    bool is_all = strcmp(subject, "*") == 0;
    sqlite3_stmt *q =
        is_all ? db_get(s, "SELECT f.stream, f.n, f.body FROM fact f JOIN stream t ON"
                           " t.stream=f.stream WHERE f.state=0 AND t.channel IN (2,3,5)")
               : db_get(s, "SELECT f.stream, f.n, f.body FROM fact f JOIN stream t ON"
                           " t.stream=f.stream WHERE f.state=0 AND t.channel IN (2,3,5)"
                           " AND f.subject=?1");
    sqlite3_stmt *w =
        db_get(s, "UPDATE fact SET state=1, body=?3 WHERE stream=?1 AND n=?2");
    if (!is_all) {
        db_bind_text(q, 1, subject);
    }
    enum err e = ERR_NONE;
    while (e == ERR_NONE && db_row(s, q, &e)) {
        uint8_t digest[FACT_HASH_BYTES];
        fact_hash_body(sqlite3_column_blob(q, 2), (size_t)sqlite3_column_bytes(q, 2),
                       digest);
        db_bind_u64(w, 1, db_u64(q, 0));
        db_bind_u64(w, 2, db_u64(q, 1));
        db_bind_bytes(w, 3, digest, sizeof digest);
        e = db_run(s, w);
        shared_note_erased(s, db_u64(q, 0), db_u64(q, 1));
        s->erasures++;
    }
    sqlite3_reset(q);
    return e;
}

// An id that was the same person is no more: that person is folded again without it.
static enum err drop_alias(struct store *s, const char *subject) {
    char person[ID_SIZE] = "";
    sqlite3_stmt *q = db_get(s, "DELETE FROM alias WHERE id=?1 RETURNING person");
    db_bind_text(q, 1, subject);
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
        utf8_copy(db_text(q, 0), person, sizeof person);
    }
    if (e == ERR_NONE && person[0]) {
        refold_mark(s, person);
    }
    return e;
}

enum err erase_subject(struct store *s, const char *subject, bool *out_was_erased) {
    *out_was_erased = is_erased_subject(s, subject);
    sqlite3_stmt *q = db_get(s, "INSERT OR IGNORE INTO erased(subject) VALUES(?1)");
    db_bind_text(q, 1, subject);
    enum err e = db_run(s, q);
    sqlite3_stmt *d = db_get(s, "DELETE FROM imported WHERE subject=?1 OR ?1='*'");
    db_bind_text(d, 1, subject); // an unsalted digest could be guessed
    e = e == ERR_NONE ? db_run(s, d) : e;
    e = e == ERR_NONE ? drop_alias(s, subject) : e;
    uint64_t before = s->erasures;
    e = e == ERR_NONE ? erase_bodies(s, subject) : e;
    bool is_new = !*out_was_erased || s->erasures != before;
    return e == ERR_NONE && is_new ? recover_forget_evidence(s) : e;
}

enum err erase_find_subjects(struct store *s, const char *person,
                             char out[ERASE_SUBJECTS_MAX][ID_SIZE], size_t *out_count) {
    // Of all that was ever said of them: a ticket that was replaced counts, too. A body
    // begins with 16 random bytes.
    sqlite3_stmt *q = db_get(
        s, "WITH id(x) AS (SELECT ?1 UNION SELECT id FROM alias WHERE person=?1),"
           " body(b) AS (SELECT CAST(substr(f.body, 17) AS TEXT) FROM fact f, id"
           " WHERE f.subject=id.x AND f.kind='person' AND f.state=0)"
           " SELECT x FROM id WHERE x<>?1 UNION"
           " SELECT 't' || json_extract(b, '$.ticket') FROM body WHERE json_valid(b) AND"
           " length(json_extract(b, '$.ticket'))=16 LIMIT ?2");
    db_bind_text(q, 1, person);
    sqlite3_bind_int(q, 2, ERASE_SUBJECTS_MAX - 1);
    size_t count = 0;
    enum err e = ERR_NONE;
    utf8_copy(person, out[count++], ID_SIZE);
    while (db_row(s, q, &e)) {
        utf8_copy(db_text(q, 0), out[count++], ID_SIZE);
    }
    *out_count = count;
    return e;
}

// ---- emptied by an erasure that nobody knows ----------------------------------------------

#define ERASED_IS_UNKNOWN                                                         \
    "state=1 AND NOT EXISTS(SELECT 1 FROM erased WHERE subject=fact.subject) AND" \
    " NOT EXISTS(SELECT 1 FROM erased WHERE subject='*')"

enum err erase_find_whole(struct store *s, uint64_t stream, uint64_t *io_n,
                          uint8_t io_h[FACT_HASH_BYTES]) {
    sqlite3_stmt *q =
        db_get(s, "SELECT n-1, (SELECT h FROM fact b WHERE b.stream=?1 AND"
                  " b.n=fact.n-1) FROM fact WHERE stream=?1 AND " ERASED_IS_UNKNOWN
                  " ORDER BY n LIMIT 1");
    enum err e;
    db_bind_u64(q, 1, stream);
    if (db_row(s, q, &e)) {
        *io_n = db_u64(q, 0);
        memset(io_h, 0, FACT_HASH_BYTES);
        if (sqlite3_column_bytes(q, 1) == FACT_HASH_BYTES) {
            memcpy(io_h, sqlite3_column_blob(q, 1), FACT_HASH_BYTES);
        }
        sqlite3_reset(q);
    }
    return e;
}

bool erase_has_unknown(struct store *s) {
    sqlite3_stmt *q =
        db_get(s, "SELECT EXISTS(SELECT 1 FROM fact WHERE " ERASED_IS_UNKNOWN ")");
    return db_int(s, q, 0) == 1;
}

static bool has_emptied_in(struct store *s, const struct batch_view *b) {
    sqlite3_stmt *q = db_get(s, "SELECT EXISTS(SELECT 1 FROM fact WHERE stream=?1 AND"
                                " n BETWEEN ?2 AND ?3 AND " ERASED_IS_UNKNOWN ")");
    db_bind_u64(q, 1, b->stream);
    db_bind_u64(q, 2, b->from);
    db_bind_u64(q, 3, b->from + b->count - 1);
    return db_int(s, q, 0) == 1;
}

static enum err fill_emptied(struct store *s, uint64_t stream, uint64_t n,
                             const struct fact_view *v) {
    sqlite3_stmt *q =
        db_get(s, "UPDATE fact SET state=0, body=?3 WHERE stream=?1 AND n=?2"
                  " AND " ERASED_IS_UNKNOWN " RETURNING subject");
    enum err e;
    db_bind_u64(q, 1, stream);
    db_bind_u64(q, 2, n);
    db_bind_bytes(q, 3, v->body, v->body_len);
    while (db_row(s, q, &e)) {
        refold_mark(s, db_text(q, 0));
    }
    return e;
}

// Rows shared with other hubs stay as they are there.
enum err erase_fill_unknown(struct store *s, const struct batch_view *b) {
    struct fact_view v;
    bool is_mine;
    if (s->share.with || !has_emptied_in(s, b)) {
        return ERR_NONE;
    }
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    uint64_t n = b->from;
    for (size_t at = 0; e == ERR_NONE && batch_next(b, &at, &v); n++) {
        e = v.is_erased ? ERR_NONE : fill_emptied(s, b->stream, n, &v);
    }
    return store_group_end(s, is_mine, e);
}

uint64_t erase_count(const struct store *s) {
    return s->erasures;
}

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

uint64_t erase_count(const struct store *s) {
    return s->erasures;
}

#include "sync/store/erase.h"

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

enum err erase_subject(struct store *s, const char *subject, bool *out_was_erased) {
    *out_was_erased = is_erased_subject(s, subject);
    sqlite3_stmt *q = db_get(s, "INSERT OR IGNORE INTO erased(subject) VALUES(?1)");
    db_bind_text(q, 1, subject);
    enum err e = db_run(s, q);
    sqlite3_stmt *d = db_get(s, "DELETE FROM imported WHERE subject=?1 OR ?1='*'");
    db_bind_text(d, 1, subject); // an unsalted digest could be guessed
    e = e == ERR_NONE ? db_run(s, d) : e;
    e = e == ERR_NONE ? recover_forget_evidence(s) : e;
    return e == ERR_NONE ? erase_bodies(s, subject) : e;
}

uint64_t erase_count(const struct store *s) {
    return s->erasures;
}

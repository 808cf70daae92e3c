// Inside the store only: the steps of folding, split over refold.c (subjects and entities),
// holder.c (people and their admissions) and clockwork.c (rights, anchors, the event).
// Store thread, inside a commit. Errors as in db.h.
#ifndef SYNC_STORE_REFOLD_H
#define SYNC_STORE_REFOLD_H

#include "sync/store/db.h"

// Facts of one subject that may be folded; bodies owned.
struct gathered {
    struct fold_fact *facts;
    size_t count;
    bool has_fallen; // some are in quarantine: rows they made once must go
};
void gathered_finish(struct gathered *g);
// The row (header, body, state, at_ms, dev) that q stands on, as a fold_fact; false if its
// header is of a later version or its body no JSON: kept in the log, not folded.
bool refold_read_row(struct store *s, sqlite3_stmt *q, struct fold_fact *out);
// Adds the subject's facts; those without the right go to quarantine instead.
MUST_CHECK enum err gather(struct store *s, const char *subject, struct gathered *g);

bool refold_is_due(const struct store *s); // enough is marked: fold before going on
MUST_CHECK enum err refold_quarantine(struct store *s, const struct fold_fact *f,
                                      const char *why);

// Whose facts these are: through an alias, or through the ticket of a known person.
void holder_find(struct store *s, const char *subject, char out[FACT_SUBJECT_MAX + 1]);
// A person and all admissions, prints and incidents under it. g: the subject's own facts;
// they may be taken over, g is then left empty.
MUST_CHECK enum err refold_holder(struct store *s, const char *subject,
                                  struct gathered *g);
// After event.erase: all rows about people go.
MUST_CHECK enum err refold_drop_people(struct store *s);

MUST_CHECK enum err refold_load_rights(struct store *s);
MUST_CHECK enum err refold_device_anchors(struct store *s, uint64_t dev);
void refold_set_event(struct store *s, const json_t *body); // zone, names, ticket keys

#endif

// What must be gone for good: a person's bodies after person.erase, all of people, desk and
// hub after event.erase. The log keeps their digests, so that the chain still verifies. On
// the store's thread. Errors: the database's.
#ifndef SYNC_STORE_ERASE_H
#define SYNC_STORE_ERASE_H

#include "sync/store/store.h"

// Drops the bodies about a subject ("*": everybody) from the log and from the evidence kept
// beside it, and has them refused from now on. Part of folding, inside its commit.
MUST_CHECK enum err erase_subject(struct store *s, const char *subject,
                                  bool *out_was_erased);
// The subjects under which something about this person is kept: the id itself, the ids that
// were found to be the same person, and the holder of the ticket ("t" and its digits).
enum { ERASE_SUBJECTS_MAX = 32 };
MUST_CHECK enum err erase_find_subjects(struct store *s, const char *person,
                                        char out[ERASE_SUBJECTS_MAX][ID_SIZE],
                                        size_t *out_count);
// How many bodies were dropped since the store was opened: whoever keeps data elsewhere
// (snapshots, copies) throws it away when this grows.
uint64_t erase_count(const struct store *s);

#endif

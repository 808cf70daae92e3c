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
// A body may come emptied before the erasure itself does. A hub restored from an older backup
// may not know of that erasure any more: then nobody does, and the words stand again. Does
// the store hold such bodies?
bool erase_has_unknown(struct store *s);
// The last fact of the stream before the first of them, and its hash; n 0: there is none
// before. Untouched when the stream has none of them.
MUST_CHECK enum err erase_find_whole(struct store *s, uint64_t stream, uint64_t *io_n,
                                     uint8_t io_h[FACT_HASH_BYTES]);
// Fills them from a batch that was verified and joins what is held.
MUST_CHECK enum err erase_fill_unknown(struct store *s, const struct batch_view *b);
// How many bodies were dropped since the store was opened: whoever keeps data elsewhere
// (snapshots, copies) throws it away when this grows.
uint64_t erase_count(const struct store *s);

#endif

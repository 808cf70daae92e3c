// Erased bytes must leave the file, too. SQLite zeroes what is deleted (secure_delete), but
// when a page is split or joined, copies of its rows stay in the page's unused middle. This
// zeroes that middle in every page of the file: bytes that mean nothing, so that a power cut
// in between harms nothing. Due after an erasure, remembered over restarts. On the store's
// thread, between commits.
#ifndef SYNC_STORE_SCRUB_H
#define SYNC_STORE_SCRUB_H

#include "sync/store/store.h"

enum { SCRUB_SLICE_PAGES = 256 };

// Part of the commit that erased something.
MUST_CHECK enum err scrub_want(struct store *s);
bool scrub_is_due(const struct store *s);
// Empties the WAL and works on at most that many pages; scrub_is_due tells when it is done.
// ERR_IO, ERR_FULL: tried again at the next rest.
MUST_CHECK enum err scrub_slice(struct store *s, size_t pages);
// All of it: for a store without a thread.
MUST_CHECK enum err scrub_all(struct store *s);

#endif

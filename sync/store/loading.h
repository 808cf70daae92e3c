// How far a new device is with the people: a desk says "8 200 of 12 431 people" until it has
// caught up with an upstream once. Store thread. Failures of the database: ERR_IO, ERR_FULL,
// ERR_CORRUPT; a reading that fails says that nobody is here.
#ifndef SYNC_STORE_LOADING_H
#define SYNC_STORE_LOADING_H

#include "sync/store/store.h"

enum { LOADING_LAG = 1000 }; // facts behind an upstream's head that are worth a word

struct loading {
    bool is_loading; // never caught up with any upstream, or far behind all of them
    int64_t people;  // that are here
    int64_t total;   // that the upstream spoke of; 0: it did not
};
struct loading loading_read(struct store *s);
// The upstream holds so many people. Kept, so that a restart can say so, too.
MUST_CHECK enum err loading_expect(struct store *s, int64_t total);
int64_t loading_count_people(struct store *s);

#endif

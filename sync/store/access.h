// What this store's own device may author, for whoever asks before it tries. On the store's
// thread; a question that cannot fail.
#ifndef SYNC_STORE_ACCESS_H
#define SYNC_STORE_ACCESS_H

#include "sync/event/rights.h"
#include "sync/store/store.h"

// All of these (enum right)? False for a device that was revoked.
bool access_may(const struct store *s, unsigned rights);

#endif

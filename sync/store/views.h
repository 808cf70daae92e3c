// Inside the store only: one reading of views.c that admit.c needs. Store thread, inside or
// outside a commit.
#ifndef SYNC_STORE_VIEWS_H
#define SYNC_STORE_VIEWS_H

#include "sync/store/db.h"

// The folded gate; false when there is none of this id.
bool views_read_gate(struct store *s, const char *id, struct gate *out);

#endif

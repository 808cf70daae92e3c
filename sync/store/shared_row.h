// Inside the store only: the bytes of one row of a shared log. They are: u32 count, then that
// many runs (u64 stream, u64 n of the first, u32 facts) in the order of their numbers, then
// whole batches that hold them (each u32 length, batch). Big-endian. Store thread, inside a
// commit.
#ifndef SYNC_STORE_SHARED_ROW_H
#define SYNC_STORE_SHARED_ROW_H

#include "sync/store/db.h"
#include "sync/store/shared.h"

enum { SHARED_ROW_BYTES = 1024 * 1024 };

struct shared_range {
    uint64_t after, last;
    size_t cut_bytes; // a row ends when it has that many and no batch of it is unfinished
};
// Gives the rows of our numbered log in the range to each, in order.
MUST_CHECK enum err shared_row_build(struct store *s, const struct shared_range *range,
                                     shared_each *each, void *arg);
// Takes the facts and numbers them as the row says. ERR_GAP: its chain hash is not what
// comes out. ERR_CORRUPT: no row, or a batch in it does not verify.
MUST_CHECK enum err shared_row_take(struct store *s, const struct shared_row *row);

#endif

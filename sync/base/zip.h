// zstd, for message bodies and snapshot chunks; used by the HTTP client and the hub.
// Any thread; no state.
#ifndef SYNC_BASE_ZIP_H
#define SYNC_BASE_ZIP_H

#include "sync/base/bytes.h"

// Appends one zstd frame (level 3) to out.
void zip_pack(const void *data, size_t len, struct bytes *out);
// Appends the unpacked frames to out, at most max bytes of them. ERR_INPUT: not zstd, cut
// short or damaged. ERR_LIMIT: more than max; out then keeps its old length.
MUST_CHECK enum err zip_unpack(const void *data, size_t len, size_t max,
                               struct bytes *out);

#endif

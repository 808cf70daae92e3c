// Whole files into memory. Any thread; no state.
// Errors: ERR_NOT_FOUND when it cannot be opened, ERR_IO when reading fails, ERR_LIMIT.
#ifndef SYNC_BASE_FILE_H
#define SYNC_BASE_FILE_H

#include "sync/base/bytes.h"
#include "sync/base/err.h"

// Appends what the file holds from byte `from` on. ERR_LIMIT beyond max bytes; out then
// holds a part.
MUST_CHECK enum err file_read(const char *path, uint64_t from, size_t max,
                              struct bytes *out);

#endif

// Whole files in and out of memory. Any thread; no state.
// Errors: ERR_NOT_FOUND when there is none, ERR_IO when it cannot be opened, read or written,
// ERR_FULL, ERR_LIMIT.
#ifndef SYNC_BASE_FILE_H
#define SYNC_BASE_FILE_H

#include "sync/base/bytes.h"
#include "sync/base/err.h"

// Appends what the file holds from byte `from` on. ERR_LIMIT beyond max bytes; out then
// holds a part.
MUST_CHECK enum err file_read(const char *path, uint64_t from, size_t max,
                              struct bytes *out);
// Writes the file (0600) so that after a power cut it is whole, as before, or absent. What
// was there is replaced. Logs the cause of a failure.
MUST_CHECK enum err file_write(const char *path, const void *data, size_t len);
// Copies a file of any length to a new one (0600). ERR_EXISTS: to is there.
MUST_CHECK enum err file_copy(const char *from, const char *to);
// Makes a rename in the folder that holds path durable.
MUST_CHECK enum err file_sync_parent(const char *path);

#endif

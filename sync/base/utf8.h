// UTF-8 at the byte level, for every reader of outside bytes. Any thread; no state.
// Unicode properties live in sync/event.
#ifndef SYNC_BASE_UTF8_H
#define SYNC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

// Well-formed by RFC 3629: no overlong forms, surrogates or values over U+10FFFF.
bool utf8_is_valid(const void *text, size_t len_bytes);
// Valid, and without C0 or C1 control characters and DEL.
bool utf8_is_plain(const void *text, size_t len_bytes);
// Copies as many whole characters as fit, always NUL-terminated. size >= 1, in bytes.
void utf8_copy(const char *text, char *out, size_t size);

#endif

// Memory that cannot fail, and the check that stays on in release builds.
// Any thread. Running out of memory ends the process: the store is durable and the
// supervisor restarts it. Never use these with a size taken unchecked from outside.
#ifndef SYNC_BASE_MEM_H
#define SYNC_BASE_MEM_H

#include <stddef.h>

// Zeroed memory of count*size bytes; aborts on overflow or exhaustion. Free with mem_free.
void *mem_alloc(size_t count, size_t size);

// Grows or shrinks; new bytes are not zeroed. old may be NULL.
void *mem_resize(void *old, size_t count, size_t size);

// Fresh NUL-terminated copies; the caller frees.
char *mem_copy_text(const char *text);
char *mem_copy_text_n(const char *text, size_t len_bytes);
void *mem_copy(const void *bytes, size_t len_bytes);

// printf into a fresh string; the caller frees.
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

void mem_free(void *p);                   // NULL is fine
void mem_wipe(void *p, size_t len_bytes); // zeroes what was secret; never left out

_Noreturn void mem_check_failed(const char *expr, const char *file, int line);

// A broken promise inside Foyer: logs and aborts, in release too. Not for outside bytes.
#define CHECK(expr) ((expr) ? (void)0 : mem_check_failed(#expr, __FILE__, __LINE__))

#endif

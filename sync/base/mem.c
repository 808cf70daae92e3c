#include "sync/base/mem.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void mem_check_failed(const char *expr, const char *file, int line) {
    fprintf(stderr, "<2>check failed: %s (%s:%d)\n", expr, file, line);
    abort();
}

void *mem_alloc(size_t count, size_t size) {
    void *p = calloc(count ? count : 1, size ? size : 1);
    CHECK(p);
    return p;
}

void *mem_resize(void *old, size_t count, size_t size) {
    CHECK(!size || count <= SIZE_MAX / size);
    size_t bytes = count * size;
    void *p = realloc(old, bytes ? bytes : 1);
    CHECK(p);
    return p;
}

char *mem_copy_text_n(const char *text, size_t len_bytes) {
    char *p = mem_alloc(len_bytes + 1, 1);
    if (len_bytes) {
        memcpy(p, text, len_bytes);
    }
    return p;
}

char *mem_copy_text(const char *text) {
    return mem_copy_text_n(text, strlen(text));
}

void *mem_copy(const void *bytes, size_t len_bytes) {
    return mem_copy_text_n(bytes, len_bytes);
}

char *mem_format(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    CHECK(len >= 0);
    char *p = mem_alloc((size_t)len + 1, 1);
    va_start(args, format);
    vsnprintf(p, (size_t)len + 1, format, args);
    va_end(args);
    return p;
}

void mem_free(void *p) {
    free(p);
}

void mem_wipe(void *p, size_t len_bytes) {
    sodium_memzero(p, len_bytes);
}

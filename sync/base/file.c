#include "sync/base/file.h"

#include <stdio.h>

enum { STEP = 65536 };

enum err file_read(const char *path, uint64_t from, size_t max, struct bytes *out) {
    FILE *f = fopen(path, "re");
    if (!f) {
        return ERR_NOT_FOUND;
    }
    size_t start = out->len;
    enum err e = fseek(f, (long)from, SEEK_SET) == 0 ? ERR_NONE : ERR_IO;
    for (size_t got = STEP; e == ERR_NONE && got == STEP;) {
        uint8_t *at = bytes_grow(out, STEP);
        got = fread(at, 1, STEP, f);
        out->len -= STEP - got;
        if (ferror(f)) {
            e = ERR_IO;
        } else if (out->len - start > max) {
            e = ERR_LIMIT;
        }
    }
    fclose(f);
    return e;
}

#include "sync/base/zip.h"

#include "sync/base/mem.h"

#include <zstd.h>

enum { ZIP_LEVEL = 3 };

void zip_pack(const void *data, size_t len, struct bytes *out) {
    size_t bound = ZSTD_compressBound(len);
    uint8_t *at = bytes_grow(out, bound);
    size_t used = ZSTD_compress(at, bound, data, len, ZIP_LEVEL);
    CHECK(!ZSTD_isError(used));
    out->len -= bound - used;
}

enum err zip_unpack(const void *data, size_t len, size_t max, struct bytes *out) {
    size_t before = out->len;
    size_t step = ZSTD_DStreamOutSize();
    ZSTD_DStream *stream = ZSTD_createDStream();
    CHECK(stream);
    ZSTD_inBuffer in = {data, len, 0};
    size_t left = len ? 1 : 0; // 0: a frame ended
    bool is_stuck = !len;
    enum err e = ERR_NONE;
    while (e == ERR_NONE && !is_stuck && (in.pos < in.size || left != 0)) {
        ZSTD_outBuffer piece = {bytes_grow(out, step), step, 0};
        size_t in_before = in.pos;
        left = ZSTD_decompressStream(stream, &piece, &in);
        out->len -= step - piece.pos;
        if (ZSTD_isError(left)) {
            e = ERR_INPUT;
        } else if (out->len - before > max) {
            e = ERR_LIMIT;
        }
        is_stuck = in.pos == in_before && piece.pos == 0;
    }
    ZSTD_freeDStream(stream);
    if (e == ERR_NONE && (is_stuck || left != 0)) {
        e = ERR_INPUT;
    }
    if (e != ERR_NONE) {
        out->len = before;
    }
    return e;
}

#include "sync/store/seal.h"

#include "sync/base/mem.h"

#include <gcrypt.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { UNIT = 512, BLOCK = 16, PART = 16 * UNIT };

struct seal {
    sqlite3_vfs vfs;
    sqlite3_vfs *base;
    char name[32];
    gcry_cipher_hd_t cipher;
    uint8_t units[PART + 2 * UNIT]; // where whole units are turned
};

struct sealed_file { // the file of the VFS below lies behind it
    sqlite3_file base;
    struct seal *seal;
    uint8_t domain; // which file: the same bytes look different in each
};

static sqlite3_file *below(sqlite3_file *file) {
    return (sqlite3_file *)(void *)((struct sealed_file *)(void *)file + 1);
}

static struct sealed_file *sealed(sqlite3_file *file) {
    return (struct sealed_file *)(void *)file;
}

// ---- turning ------------------------------------------------------------------------------

// len bytes at offset `offset`, within one unit, both multiples of 16, in place. XTS counts
// blocks from the unit's start, so what lies before is turned too, and left out.
static void turn_unit(struct sealed_file *f, uint8_t *at, size_t len, uint64_t offset,
                      bool is_sealing) {
    uint64_t unit = offset / UNIT;
    size_t from = (size_t)(offset % UNIT);
    size_t to = from + len;
    uint8_t tweak[BLOCK] = {0};
    uint8_t scratch[UNIT] = {0};
    for (int i = 0; i < 8; i++) {
        tweak[i] = (uint8_t)(unit >> (8 * i));
    }
    tweak[BLOCK - 1] = f->domain;
    uint8_t *bytes = from ? scratch : at;
    if (from) {
        memcpy(scratch + from, at, to - from);
    }
    gcry_cipher_hd_t c = f->seal->cipher;
    CHECK(gcry_cipher_setiv(c, tweak, sizeof tweak) == 0);
    CHECK((is_sealing ? gcry_cipher_encrypt(c, bytes, to, NULL, 0)
                      : gcry_cipher_decrypt(c, bytes, to, NULL, 0)) == 0);
    if (from) {
        memcpy(at, scratch + from, to - from);
    }
}

// len bytes at offset `at` of the file, both multiples of 16.
static void turn(struct sealed_file *f, uint8_t *bytes, size_t len, uint64_t at,
                 bool is_sealing) {
    while (len) {
        size_t from = (size_t)(at % UNIT);
        size_t part = UNIT - from < len ? UNIT - from : len;
        turn_unit(f, bytes, part, at, is_sealing);
        bytes += part;
        at += part;
        len -= part;
    }
}

static uint64_t round_up(uint64_t n) {
    return (n + BLOCK - 1) / BLOCK * BLOCK;
}

// ---- files --------------------------------------------------------------------------------

// Whole blocks at `at` into the buffer; what is beyond the end is zero. *out_got: how many
// bytes the file had.
static int read_blocks(sqlite3_file *file, size_t len, uint64_t at, size_t *out_got) {
    struct sealed_file *f = sealed(file);
    sqlite3_file *b = below(file);
    uint8_t *units = f->seal->units;
    int rc = b->pMethods->xRead(b, units, (int)len, (sqlite3_int64)at);
    *out_got = len;
    if (rc == SQLITE_IOERR_SHORT_READ) {
        sqlite3_int64 size = 0;
        rc = b->pMethods->xFileSize(b, &size);
        uint64_t there = (uint64_t)size > at ? (uint64_t)size - at : 0;
        *out_got = there < len ? (size_t)(there / BLOCK * BLOCK) : len;
    }
    if (rc == SQLITE_OK) {
        turn(f, units, *out_got, at, false);
        memset(units + *out_got, 0, len - *out_got);
    }
    return rc;
}

static int seal_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset) {
    uint8_t *to = out;
    uint64_t at = (uint64_t)offset;
    size_t left = (size_t)len;
    bool is_short = false;
    while (left) {
        uint64_t start = at / BLOCK * BLOCK;
        size_t skip = (size_t)(at - start);
        size_t part = left < PART ? left : PART;
        size_t got = 0;
        int rc = read_blocks(file, (size_t)round_up(skip + part), start, &got);
        if (rc != SQLITE_OK) {
            return rc;
        }
        memcpy(to, sealed(file)->seal->units + skip, part);
        is_short = is_short || got < skip + part;
        to += part;
        at += part;
        left -= part;
    }
    return is_short ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

// The block at `at`, as it is, for the end of a write that covers a part of it.
static int read_edge(sqlite3_file *file, uint64_t at, uint8_t out[BLOCK]) {
    size_t got;
    int rc = read_blocks(file, BLOCK, at, &got);
    memcpy(out, sealed(file)->seal->units, BLOCK);
    return rc;
}

static int write_part(sqlite3_file *file, const uint8_t *from, size_t len, uint64_t at) {
    struct sealed_file *f = sealed(file);
    sqlite3_file *b = below(file);
    uint8_t first[BLOCK] = {0},
            last[BLOCK] = {0}; // a compiler cannot see that they are read first
    uint64_t start = at / BLOCK * BLOCK;
    uint64_t end = round_up(at + len);
    int rc = start < at ? read_edge(file, start, first) : SQLITE_OK;
    if (rc == SQLITE_OK && end > at + len) {
        rc = read_edge(file, end - BLOCK, last);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    uint8_t *units = f->seal->units;
    size_t total = (size_t)(end - start);
    if (end > at + len) {
        memcpy(units + total - BLOCK, last, BLOCK);
    }
    if (start < at) { // after the last: one block may be both
        memcpy(units, first, BLOCK);
    }
    memcpy(units + (at - start), from, len);
    turn(f, units, total, start, true);
    return b->pMethods->xWrite(b, units, (int)total, (sqlite3_int64)start);
}

static int seal_write(sqlite3_file *file, const void *data, int len,
                      sqlite3_int64 offset) {
    const uint8_t *from = data;
    uint64_t at = (uint64_t)offset;
    size_t left = (size_t)len;
    int rc = SQLITE_OK;
    while (left && rc == SQLITE_OK) {
        size_t part = left < PART ? left : PART;
        rc = write_part(file, from, part, at);
        from += part;
        at += part;
        left -= part;
    }
    return rc;
}

static int seal_close(sqlite3_file *file) {
    sqlite3_file *b = below(file);
    return b->pMethods ? b->pMethods->xClose(b) : SQLITE_OK;
}

static int seal_truncate(sqlite3_file *file, sqlite3_int64 len) {
    sqlite3_file *b = below(file);
    return b->pMethods->xTruncate(b, (sqlite3_int64)round_up((uint64_t)len));
}

static int seal_sync(sqlite3_file *file, int flags) {
    sqlite3_file *b = below(file);
    return b->pMethods->xSync(b, flags);
}

static int seal_size(sqlite3_file *file, sqlite3_int64 *out) {
    sqlite3_file *b = below(file);
    return b->pMethods->xFileSize(b, out);
}

static int seal_lock(sqlite3_file *file, int level) {
    sqlite3_file *b = below(file);
    return b->pMethods->xLock(b, level);
}

static int seal_unlock(sqlite3_file *file, int level) {
    sqlite3_file *b = below(file);
    return b->pMethods->xUnlock(b, level);
}

static int seal_is_reserved(sqlite3_file *file, int *out) {
    sqlite3_file *b = below(file);
    return b->pMethods->xCheckReservedLock(b, out);
}

static int seal_control(sqlite3_file *file, int op, void *arg) {
    sqlite3_file *b = below(file);
    return b->pMethods->xFileControl(b, op, arg);
}

static int seal_sector(sqlite3_file *file) {
    sqlite3_file *b = below(file);
    return b->pMethods->xSectorSize(b);
}

static int seal_traits(sqlite3_file *file) {
    sqlite3_file *b = below(file);
    return b->pMethods->xDeviceCharacteristics(b) & SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// Version 1: no shared memory and no mapping; the store is the only user of its files.
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = seal_close,
    .xRead = seal_read,
    .xWrite = seal_write,
    .xTruncate = seal_truncate,
    .xSync = seal_sync,
    .xFileSize = seal_size,
    .xLock = seal_lock,
    .xUnlock = seal_unlock,
    .xCheckReservedLock = seal_is_reserved,
    .xFileControl = seal_control,
    .xSectorSize = seal_sector,
    .xDeviceCharacteristics = seal_traits,
};

// ---- the VFS --------------------------------------------------------------------------------

static struct seal *seal_of(sqlite3_vfs *vfs) {
    return vfs->pAppData;
}

static int seal_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags) {
    enum { MINE = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL };
    struct seal *s = seal_of(vfs);
    if (!(flags & MINE)) { // the reserve; the store keeps temporary things in RAM
        return s->base->xOpen(s->base, name, file, flags, out_flags);
    }
    struct sealed_file *f = sealed(file);
    *f = (struct sealed_file){.seal = s};
    f->domain = flags & SQLITE_OPEN_MAIN_DB ? 1 : flags & SQLITE_OPEN_WAL ? 2 : 3;
    memset(below(file), 0, (size_t)s->base->szOsFile);
    int rc = s->base->xOpen(s->base, name, below(file), flags, out_flags);
    f->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

static int seal_delete(sqlite3_vfs *vfs, const char *name, int is_synced) {
    sqlite3_vfs *b = seal_of(vfs)->base;
    return b->xDelete(b, name, is_synced);
}

static int seal_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    sqlite3_vfs *b = seal_of(vfs)->base;
    return b->xAccess(b, name, flags, out);
}

static int seal_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    sqlite3_vfs *b = seal_of(vfs)->base;
    return b->xFullPathname(b, name, size, out);
}

static int seal_random(sqlite3_vfs *vfs, int len, char *out) {
    sqlite3_vfs *b = seal_of(vfs)->base;
    return b->xRandomness(b, len, out);
}

static int seal_sleep(sqlite3_vfs *vfs, int us) {
    sqlite3_vfs *b = seal_of(vfs)->base;
    return b->xSleep(b, us);
}

static int seal_time(sqlite3_vfs *vfs, double *out) {
    sqlite3_vfs *b = seal_of(vfs)->base;
    return b->xCurrentTime(b, out);
}

static int seal_last_error(sqlite3_vfs *vfs, int len, char *out) {
    sqlite3_vfs *b = seal_of(vfs)->base;
    return b->xGetLastError ? b->xGetLastError(b, len, out) : 0;
}

static void start_gcrypt(void) {
    if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
        CHECK(gcry_check_version(NULL) != NULL);
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
}

struct seal *seal_create(const char *base, const uint8_t key[SEAL_KEY_BYTES]) {
    struct seal *s = mem_alloc(1, sizeof *s);
    start_gcrypt();
    s->base = sqlite3_vfs_find(base);
    CHECK(s->base != NULL);
    gcry_error_t e =
        gcry_cipher_open(&s->cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_XTS, 0);
    CHECK(e == 0);
    CHECK(gcry_cipher_setkey(s->cipher, key, SEAL_KEY_BYTES) == 0);
    snprintf(s->name, sizeof s->name, "seal-%p", (void *)s);
    s->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct sealed_file) + s->base->szOsFile,
        .mxPathname = s->base->mxPathname,
        .zName = s->name,
        .pAppData = s,
        .xOpen = seal_open,
        .xDelete = seal_delete,
        .xAccess = seal_access,
        .xFullPathname = seal_full_path,
        .xRandomness = seal_random,
        .xSleep = seal_sleep,
        .xCurrentTime = seal_time,
        .xGetLastError = seal_last_error,
    };
    CHECK(sqlite3_vfs_register(&s->vfs, 0) == SQLITE_OK);
    return s;
}

const char *seal_name(const struct seal *s) {
    return s->name;
}

void seal_destroy(struct seal *s) {
    if (!s) {
        return;
    }
    sqlite3_vfs_unregister(&s->vfs);
    gcry_cipher_close(s->cipher);
    sodium_memzero(s, sizeof *s);
    mem_free(s);
}

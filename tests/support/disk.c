#define _GNU_SOURCE // memmem
#include "tests/support/disk.h"

#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "sync/store/store.h" // its SQLite

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 6, NAME_MAX_BYTES = 96, SECTOR = 512 };

enum op_kind { OP_WRITE, OP_TRUNCATE, OP_DELETE };

struct op { // done, but not synced; its bytes stand in the file's pool
    enum op_kind kind;
    size_t at; // offset, or the new length
    size_t from, len;
};

struct file {
    char name[NAME_MAX_BYTES]; // "" = free
    bool exists;               // to the process
    bool is_safe;              // survives a cut
    struct bytes now;          // what the process reads
    struct bytes safe;         // what is there after a cut, without luck
    struct bytes pool;
    struct op *ops;
    size_t op_count, op_cap;
};

struct disk {
    struct file files[FILES_MAX];
    long ops, cut_at;
    // With others on it: bytes that files may still grow by; alone: that all may hold.
    size_t room;
    bool is_off, is_filled, is_shared, has_failed;
    unsigned passing, failing; // syncs that succeed, then those that fail
    uint64_t fail_seed;
};

struct handle {
    sqlite3_file base;
    struct disk *disk;
    struct file *file;
};

struct disk_image {
    struct {
        char name[NAME_MAX_BYTES];
        bool exists;
        struct bytes bytes;
    } files[FILES_MAX];
};

static struct disk disks[DISKS_MAX];
static uint64_t salt;

static uint64_t next_random(uint64_t *seed) { // splitmix64
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void set_bytes(struct bytes *to, const struct bytes *from) {
    bytes_clear(to);
    bytes_add(to, from->data, from->len);
}

static void resize(struct bytes *b, size_t len) {
    if (len > b->len) {
        size_t more = len - b->len;
        memset(bytes_grow(b, more), 0, more);
    }
    b->len = len;
}

static void put(struct bytes *b, size_t at, const uint8_t *data, size_t len) {
    resize(b, b->len > at + len ? b->len : at + len);
    memcpy(b->data + at, data, len);
}

static void forget_ops(struct file *f) {
    bytes_clear(&f->pool);
    f->op_count = 0;
}

// Keeps the memory: a run begins with as many files of the same size.
static void clear_file(struct file *f) {
    forget_ops(f);
    bytes_clear(&f->now);
    bytes_clear(&f->safe);
    f->exists = f->is_safe = false;
    f->name[0] = '\0';
}

static void free_file(struct file *f) {
    bytes_finish(&f->pool);
    bytes_finish(&f->now);
    bytes_finish(&f->safe);
    mem_free(f->ops);
    *f = (struct file){0};
}

static struct disk *disk_at(size_t d) {
    CHECK(d < DISKS_MAX);
    return &disks[d];
}

// ".../03/store.db-wal" -> disk 3, "store.db-wal"
static struct disk *find_disk(const char *path, const char **out_name) {
    const char *slash = strrchr(path, '/');
    const char *folder = slash;
    if (!slash) {
        *out_name = path;
        return disk_at(0);
    }
    while (folder > path && folder[-1] != '/') {
        folder--;
    }
    char *end;
    size_t number = strtoul(folder, &end, 10);
    CHECK(end != folder && end == slash);
    *out_name = slash + 1;
    return disk_at(number);
}

static struct file *find_file(struct disk *d, const char *name, bool make) {
    struct file *free_one = NULL;
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (strcmp(d->files[i].name, name) == 0) {
            return &d->files[i];
        }
        free_one = !free_one && !d->files[i].name[0] ? &d->files[i] : free_one;
    }
    if (!make) {
        return NULL;
    }
    CHECK(free_one && strlen(name) < NAME_MAX_BYTES);
    snprintf(free_one->name, sizeof free_one->name, "%s", name);
    return free_one;
}

// Counts one operation; true when the power goes with it.
static bool is_cut(struct disk *d) {
    d->is_off = d->is_off || d->ops == d->cut_at;
    d->ops++;
    return d->is_off;
}

static void add_op(struct file *f, struct op op, const void *data) {
    if (f->op_count == f->op_cap) {
        f->op_cap = f->op_cap ? 2 * f->op_cap : 16;
        f->ops = mem_resize(f->ops, f->op_cap, sizeof *f->ops);
    }
    op.from = f->pool.len;
    bytes_add(&f->pool, data, op.len);
    f->ops[f->op_count++] = op;
}

static void apply_op(struct file *f, const struct op *op) {
    if (op->kind == OP_WRITE) {
        put(&f->safe, op->at, f->pool.data + op->from, op->len);
        f->is_safe = true;
    } else {
        resize(&f->safe, op->kind == OP_TRUNCATE ? op->at : 0);
        f->is_safe = op->kind == OP_TRUNCATE;
    }
}

// One write: a third is dropped, a third kept, a third torn; each sector by itself.
static size_t settle_write(struct file *f, const struct op *op, uint64_t *seed) {
    uint64_t fate = next_random(seed) % 3;
    size_t lost = 0;
    for (size_t from = 0; from < op->len;) {
        size_t border = (op->at + from) / SECTOR * SECTOR + SECTOR - op->at;
        size_t to = border < op->len ? border : op->len;
        bool is_kept = fate == 1 || (fate == 2 && next_random(seed) % 2);
        if (is_kept) {
            put(&f->safe, op->at + from, f->pool.data + op->from + from, to - from);
            f->is_safe = true;
        }
        lost += !is_kept;
        from = to;
    }
    return lost;
}

static size_t settle_ops(struct file *f, uint64_t *seed) {
    size_t lost = 0;
    for (size_t i = 0; i < f->op_count; i++) {
        const struct op *op = &f->ops[i];
        if (op->kind == OP_WRITE) {
            lost += settle_write(f, op, seed);
        } else if (next_random(seed) % 2 && f->is_safe) {
            apply_op(f, op);
        }
    }
    forget_ops(f);
    return lost;
}

// ---- files -------------------------------------------------------------------------------

static int close_file(sqlite3_file *file) {
    (void)file;
    return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *out, int len, sqlite3_int64 at) {
    const struct handle *h = (struct handle *)file;
    const struct bytes *now = &h->file->now;
    if (h->disk->is_off) {
        return SQLITE_IOERR_READ;
    }
    size_t want = (size_t)len;
    size_t from = (size_t)at;
    size_t there = from < now->len ? now->len - from : 0;
    size_t got = there < want ? there : want;
    if (got) {
        memcpy(out, now->data + from, got);
    }
    memset((uint8_t *)out + got, 0, want - got);
    return got == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static size_t used_bytes(const struct disk *d) {
    size_t used = 0;
    for (size_t i = 0; i < FILES_MAX; i++) {
        used += d->files[i].now.len;
    }
    return used;
}

static bool is_room_for(const struct disk *d, size_t more) {
    size_t used = d->is_shared ? 0 : used_bytes(d);
    return !more || used + more <= d->room;
}

static int write_file(sqlite3_file *file, const void *data, int len, sqlite3_int64 at) {
    struct handle *h = (struct handle *)file;
    struct file *f = h->file;
    size_t end = (size_t)at + (size_t)len;
    size_t more = end > f->now.len ? end - f->now.len : 0;
    if (h->disk->is_off) {
        return SQLITE_IOERR_WRITE;
    }
    if (h->disk->is_filled && !is_room_for(h->disk, more)) {
        return SQLITE_FULL;
    }
    h->disk->room -= h->disk->is_filled && h->disk->is_shared ? more : 0;
    add_op(f, (struct op){.kind = OP_WRITE, .at = (size_t)at, .len = (size_t)len}, data);
    if (is_cut(h->disk)) {
        return SQLITE_IOERR_WRITE; // the one that is cut may be torn
    }
    put(&f->now, (size_t)at, data, (size_t)len);
    return SQLITE_OK;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 len) {
    struct handle *h = (struct handle *)file;
    if (h->disk->is_off) {
        return SQLITE_IOERR_TRUNCATE;
    }
    add_op(h->file, (struct op){.kind = OP_TRUNCATE, .at = (size_t)len}, NULL);
    if (is_cut(h->disk)) {
        return SQLITE_IOERR_TRUNCATE;
    }
    resize(&h->file->now, (size_t)len);
    return SQLITE_OK;
}

// What was not written is forgotten, yet read back until the end, as on Linux.
static void fail_sync(struct disk *d, struct file *f) {
    d->failing--;
    d->has_failed = true;
    if (d->fail_seed) {
        settle_ops(f, &d->fail_seed);
    } else {
        forget_ops(f);
    }
}

static int sync_file(sqlite3_file *file, int flags) {
    struct handle *h = (struct handle *)file;
    struct file *f = h->file;
    (void)flags;
    if (h->disk->is_off || is_cut(h->disk)) {
        return SQLITE_IOERR_FSYNC; // nobody is told what came true
    }
    if (h->disk->failing && !h->disk->passing) {
        fail_sync(h->disk, f);
        return SQLITE_IOERR_FSYNC;
    }
    h->disk->passing -= h->disk->passing != 0;
    for (size_t i = 0; i < f->op_count; i++) {
        apply_op(f, &f->ops[i]);
    }
    f->is_safe = f->exists;
    forget_ops(f);
    return SQLITE_OK;
}

static int size_file(sqlite3_file *file, sqlite3_int64 *out) {
    const struct handle *h = (struct handle *)file;
    *out = (sqlite3_int64)h->file->now.len;
    return h->disk->is_off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int lock_file(sqlite3_file *file, int level) {
    (void)file;
    (void)level;
    return SQLITE_OK;
}

static int is_reserved(sqlite3_file *file, int *out) {
    (void)file;
    *out = 0;
    return SQLITE_OK;
}

static int control_file(sqlite3_file *file, int op, void *arg) {
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file) {
    (void)file;
    return SECTOR;
}

// As SQLite's own VFS says of every disk: bytes beside a torn write stay whole.
static int characteristics(sqlite3_file *file) {
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_file,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
};

// ---- the VFS -----------------------------------------------------------------------------

// Temporary files never come here: the store keeps them in memory.
static int open_path(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *out_flags) {
    struct handle *h = (struct handle *)file;
    const char *name;
    (void)vfs;
    CHECK(path);
    *h = (struct handle){.disk = find_disk(path, &name)};
    struct file *f = find_file(h->disk, name, (flags & SQLITE_OPEN_CREATE) != 0);
    if (h->disk->is_off || !f || (!f->exists && !(flags & SQLITE_OPEN_CREATE))) {
        return SQLITE_CANTOPEN;
    }
    f->exists = true;
    h->file = f;
    h->base.pMethods = &methods;
    if (out_flags) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

static int delete_path(sqlite3_vfs *vfs, const char *path, int is_synced) {
    const char *name;
    struct disk *d = find_disk(path, &name);
    struct file *f = find_file(d, name, false);
    (void)vfs;
    if (d->is_off) {
        return SQLITE_IOERR_DELETE;
    }
    if (!f || !f->exists) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    add_op(f, (struct op){.kind = OP_DELETE}, NULL);
    if (is_cut(d)) {
        return SQLITE_IOERR_DELETE;
    }
    f->exists = false;
    bytes_clear(&f->now);
    if (is_synced) {
        f->is_safe = false;
        forget_ops(f);
    }
    return SQLITE_OK;
}

static int access_path(sqlite3_vfs *vfs, const char *path, int flags, int *out) {
    const char *name;
    struct disk *d = find_disk(path, &name);
    const struct file *f = find_file(d, name, false);
    (void)vfs;
    (void)flags;
    *out = f && f->exists;
    return d->is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    (void)vfs;
    snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int fill_random(sqlite3_vfs *vfs, int len, char *out) {
    (void)vfs;
    for (int i = 0; i < len; i++) {
        out[i] = (char)next_random(&salt);
    }
    return len;
}

static sqlite3_vfs the_vfs;

void disk_register(void) {
    if (!the_vfs.zName) {
        the_vfs = *sqlite3_vfs_find(NULL); // its clock and sleep
        the_vfs.zName = DISK_VFS;
        the_vfs.szOsFile = sizeof(struct handle);
        the_vfs.mxPathname = 256;
        the_vfs.pNext = NULL;
        the_vfs.xOpen = open_path;
        the_vfs.xDelete = delete_path;
        the_vfs.xAccess = access_path;
        the_vfs.xFullPathname = full_path;
        the_vfs.xRandomness = fill_random;
        CHECK(sqlite3_vfs_register(&the_vfs, 0) == SQLITE_OK);
    }
}

void disk_be_default(uint64_t seed) {
    salt = seed;
    disk_register();
    CHECK(sqlite3_vfs_register(&the_vfs, 1) == SQLITE_OK);
    sqlite3_randomness(0, NULL);
}

void disk_wipe(size_t disk) {
    struct disk *d = disk_at(disk);
    for (size_t i = 0; i < FILES_MAX; i++) {
        clear_file(&d->files[i]);
    }
    d->ops = 0;
    d->cut_at = -1;
    d->room = 0;
    d->is_off = d->is_filled = d->is_shared = d->has_failed = false;
    d->passing = d->failing = 0;
}

void disk_finish(void) {
    for (size_t d = 0; d < DISKS_MAX; d++) {
        for (size_t i = 0; i < FILES_MAX; i++) {
            free_file(&disks[d].files[i]);
        }
    }
}

void disk_cut_after(size_t disk, long ops) {
    struct disk *d = disk_at(disk);
    d->ops = 0;
    d->cut_at = ops;
}

long disk_ops(size_t disk) {
    return disk_at(disk)->ops;
}

bool disk_is_off(size_t disk) {
    return disk_at(disk)->is_off;
}

void disk_freeze(size_t disk) {
    disk_at(disk)->is_off = true;
}

void disk_thaw(size_t disk) {
    disk_at(disk)->is_off = false;
}

void disk_fill(size_t disk, size_t bytes, bool is_shared) {
    struct disk *d = disk_at(disk);
    d->is_filled = true;
    d->is_shared = is_shared;
    d->room = bytes + (is_shared ? 0 : used_bytes(d));
}

void disk_free(size_t disk) {
    disk_at(disk)->is_filled = false;
}

void disk_fail_syncs(size_t disk, unsigned after, unsigned count, uint64_t seed) {
    struct disk *d = disk_at(disk);
    d->passing = after;
    d->failing = count;
    d->fail_seed = seed;
}

bool disk_is_filled(size_t disk) {
    return disk_at(disk)->is_filled;
}

bool disk_has_failed(size_t disk) {
    return disk_at(disk)->has_failed;
}

void disk_forget_failure(size_t disk) {
    disk_at(disk)->has_failed = false;
}

// ---- the cut -----------------------------------------------------------------------------

static size_t settle_file(struct file *f, uint64_t *seed) {
    size_t lost = settle_ops(f, seed);
    f->exists = f->is_safe;
    if (!f->is_safe) {
        bytes_clear(&f->safe);
    }
    set_bytes(&f->now, &f->safe);
    return lost;
}

size_t disk_power_on(size_t disk, uint64_t seed) {
    struct disk *d = disk_at(disk);
    size_t lost = 0;
    for (size_t i = 0; i < FILES_MAX; i++) {
        lost += settle_file(&d->files[i], &seed);
    }
    d->is_off = false;
    d->passing = d->failing = 0;
    disk_cut_after(disk, -1);
    return lost;
}

// ---- images ------------------------------------------------------------------------------

struct disk_image *disk_image_take(size_t disk) {
    const struct disk *d = disk_at(disk);
    struct disk_image *image = mem_alloc(1, sizeof *image);
    for (size_t i = 0; i < FILES_MAX; i++) {
        memcpy(image->files[i].name, d->files[i].name, NAME_MAX_BYTES);
        image->files[i].exists = d->files[i].exists;
        set_bytes(&image->files[i].bytes, &d->files[i].now);
    }
    return image;
}

void disk_image_put(const struct disk_image *image, size_t disk) {
    struct disk *d = disk_at(disk);
    disk_wipe(disk);
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *f = &d->files[i];
        memcpy(f->name, image->files[i].name, NAME_MAX_BYTES);
        f->exists = f->is_safe = image->files[i].exists;
        set_bytes(&f->now, &image->files[i].bytes);
        set_bytes(&f->safe, &image->files[i].bytes);
    }
}

void disk_image_free(struct disk_image *image) {
    for (size_t i = 0; image && i < FILES_MAX; i++) {
        bytes_finish(&image->files[i].bytes);
    }
    mem_free(image);
}

bool disk_has_text(size_t disk, const char *text) {
    const struct disk *d = disk_at(disk);
    bool has = false;
    for (size_t i = 0; i < FILES_MAX && !has; i++) {
        const struct bytes *now = &d->files[i].now;
        has = now->len && memmem(now->data, now->len, text, strlen(text)) != NULL;
    }
    return has;
}

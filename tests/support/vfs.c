#include "tests/support/vfs.h"

#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "sync/store/store.h" // its SQLite

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 32, NAME_MAX_BYTES = 256, SECTOR = 512 };

enum op_kind { OP_WRITE, OP_TRUNCATE, OP_DELETE };

struct op { // done, but not synced
    enum op_kind kind;
    size_t at; // offset, or the new length
    struct bytes data;
};

struct file {
    char name[NAME_MAX_BYTES]; // "" = free
    bool exists;               // to the process
    struct bytes now;          // what the process reads
    bool is_safe;              // survives a cut
    struct bytes safe;         // what was there at the last sync
    struct op *ops;
    size_t op_count;
};

struct disk {
    struct file files[FILES_MAX];
    long ops, cut_at;
    bool is_off;
    unsigned temps;
    uint64_t salt;
    size_t room;         // bytes of all files; 0: no end
    long syncs, fail_at; // the sync counted so fails, and fail_count - 1 after it
    long fail_count;
    uint64_t fail_seed;
};

struct handle {
    sqlite3_file base;
    struct file *file;
    bool is_temp;
};

static struct disk disk = {.cut_at = -1, .fail_at = -1};
static struct file saved[FILES_MAX];

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
    for (size_t i = 0; i < f->op_count; i++) {
        bytes_finish(&f->ops[i].data);
    }
    mem_free(f->ops);
    f->ops = NULL;
    f->op_count = 0;
}

static void drop_file(struct file *f) {
    forget_ops(f);
    bytes_finish(&f->now);
    bytes_finish(&f->safe);
    *f = (struct file){0};
}

static struct file *find_file(const char *name, bool make) {
    struct file *free_one = NULL;
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (strcmp(disk.files[i].name, name) == 0) {
            return &disk.files[i];
        }
        free_one = !free_one && !disk.files[i].name[0] ? &disk.files[i] : free_one;
    }
    if (!make) {
        return NULL;
    }
    CHECK(free_one && strlen(name) < NAME_MAX_BYTES);
    snprintf(free_one->name, sizeof free_one->name, "%s", name);
    return free_one;
}

// Counts one operation; true when the power goes with it.
static bool is_cut(void) {
    disk.is_off = disk.is_off || disk.ops == disk.cut_at;
    disk.ops++;
    return disk.is_off;
}

static void add_op(struct file *f, enum op_kind kind, size_t at, const void *data,
                   size_t len) {
    f->ops = mem_resize(f->ops, f->op_count + 1, sizeof *f->ops);
    f->ops[f->op_count] = (struct op){.kind = kind, .at = at};
    bytes_add(&f->ops[f->op_count++].data, data, len);
}

// One write: a third is dropped, a third kept, a third torn; each sector by itself.
static size_t settle_write(struct file *f, const struct op *op, uint64_t *seed) {
    uint64_t fate = next_random(seed) % 3;
    size_t lost = 0;
    for (size_t from = 0; from < op->data.len;) {
        size_t border = (op->at + from) / SECTOR * SECTOR + SECTOR - op->at;
        size_t to = border < op->data.len ? border : op->data.len;
        bool is_kept = fate == 1 || (fate == 2 && next_random(seed) % 2);
        if (is_kept) {
            put(&f->safe, op->at + from, op->data.data + from, to - from);
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
            resize(&f->safe, op->kind == OP_TRUNCATE ? op->at : 0);
            f->is_safe = op->kind == OP_TRUNCATE;
        }
    }
    forget_ops(f);
    return lost;
}

// ---- files -------------------------------------------------------------------------------

static struct file *file_of(sqlite3_file *file) {
    return ((struct handle *)file)->file;
}

static int close_file(sqlite3_file *file) {
    struct handle *h = (struct handle *)file;
    if (h->is_temp) {
        drop_file(h->file);
    }
    return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *out, int len, sqlite3_int64 at) {
    const struct file *f = file_of(file);
    if (disk.is_off) {
        return SQLITE_IOERR_READ;
    }
    size_t want = (size_t)len;
    size_t from = (size_t)at;
    size_t there = from < f->now.len ? f->now.len - from : 0;
    size_t got = there < want ? there : want;
    if (got) {
        memcpy(out, f->now.data + from, got);
    }
    memset((uint8_t *)out + got, 0, want - got);
    return got == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static bool is_room_for(const struct file *f, size_t len) {
    size_t used = vfs_used();
    return !disk.room || len <= f->now.len || used - f->now.len + len <= disk.room;
}

static int write_file(sqlite3_file *file, const void *data, int len, sqlite3_int64 at) {
    struct file *f = file_of(file);
    if (disk.is_off) {
        return SQLITE_IOERR_WRITE;
    }
    if (!is_room_for(f, (size_t)at + (size_t)len)) {
        return SQLITE_FULL;
    }
    add_op(f, OP_WRITE, (size_t)at, data, (size_t)len); // the one that is cut may be torn
    if (is_cut()) {
        return SQLITE_IOERR_WRITE;
    }
    put(&f->now, (size_t)at, data, (size_t)len);
    return SQLITE_OK;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 len) {
    struct file *f = file_of(file);
    if (disk.is_off) {
        return SQLITE_IOERR_TRUNCATE;
    }
    add_op(f, OP_TRUNCATE, (size_t)len, NULL, 0);
    if (is_cut()) {
        return SQLITE_IOERR_TRUNCATE;
    }
    resize(&f->now, (size_t)len);
    return SQLITE_OK;
}

static int sync_file(sqlite3_file *file, int flags) {
    struct file *f = file_of(file);
    (void)flags;
    if (disk.is_off || is_cut()) {
        return SQLITE_IOERR_FSYNC; // nobody is told what came true
    }
    if (disk.fail_at >= 0 && disk.syncs++ >= disk.fail_at &&
        disk.syncs <= disk.fail_at + disk.fail_count) {
        // As Linux does it: what was not written is forgotten, yet read back until the end.
        settle_ops(f, &disk.fail_seed);
        return SQLITE_IOERR_FSYNC;
    }
    for (size_t i = 0; i < f->op_count; i++) {
        const struct op *op = &f->ops[i];
        if (op->kind == OP_WRITE) {
            put(&f->safe, op->at, op->data.data, op->data.len);
        } else {
            resize(&f->safe, op->at);
        }
    }
    f->is_safe = f->exists;
    forget_ops(f);
    return SQLITE_OK;
}

static int size_file(sqlite3_file *file, sqlite3_int64 *out) {
    *out = (sqlite3_int64)file_of(file)->now.len;
    return disk.is_off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
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

// ---- the disk ----------------------------------------------------------------------------

static int open_path(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags) {
    struct handle *h = (struct handle *)file;
    char temp[32];
    (void)vfs;
    *h = (struct handle){.is_temp = name == NULL};
    if (!name) {
        snprintf(temp, sizeof temp, "temp-%u", disk.temps++);
        name = temp;
    }
    struct file *f = find_file(name, (flags & SQLITE_OPEN_CREATE) != 0);
    if (disk.is_off || !f || (!f->exists && !(flags & SQLITE_OPEN_CREATE))) {
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

static int delete_path(sqlite3_vfs *vfs, const char *name, int is_synced) {
    struct file *f = find_file(name, false);
    (void)vfs;
    if (disk.is_off) {
        return SQLITE_IOERR_DELETE;
    }
    if (!f || !f->exists) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    add_op(f, OP_DELETE, 0, NULL, 0);
    if (is_cut()) {
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

static int access_path(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    const struct file *f = find_file(name, false);
    (void)vfs;
    (void)flags;
    *out = f && f->exists;
    return disk.is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    (void)vfs;
    snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

// The salts of SQLite's log: new ones each time, the same in every run.
static int fill_random(sqlite3_vfs *vfs, int len, char *out) {
    (void)vfs;
    for (int i = 0; i < len; i++) {
        out[i] = (char)next_random(&disk.salt);
    }
    return len;
}

void vfs_register(void) {
    static sqlite3_vfs vfs;
    if (!vfs.zName) {
        vfs = *sqlite3_vfs_find(NULL); // its clock and sleep
        vfs.zName = VFS_NAME;
        vfs.szOsFile = sizeof(struct handle);
        vfs.mxPathname = NAME_MAX_BYTES;
        vfs.pNext = NULL;
        vfs.xOpen = open_path;
        vfs.xDelete = delete_path;
        vfs.xAccess = access_path;
        vfs.xFullPathname = full_path;
        vfs.xRandomness = fill_random;
        CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
    }
}

void vfs_wipe(void) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        drop_file(&disk.files[i]);
    }
    disk = (struct disk){.cut_at = -1, .fail_at = -1};
}

void vfs_cut_after(long ops) {
    disk.ops = 0;
    disk.cut_at = ops;
}

long vfs_ops(void) {
    return disk.ops;
}

bool vfs_is_off(void) {
    return disk.is_off;
}

void vfs_limit(size_t bytes) {
    disk.room = bytes;
}

size_t vfs_used(void) {
    size_t used = 0;
    for (size_t i = 0; i < FILES_MAX; i++) {
        used += disk.files[i].now.len;
    }
    return used;
}

void vfs_fail_syncs(long after, long count, uint64_t seed) {
    disk.syncs = 0;
    disk.fail_at = after;
    disk.fail_count = count;
    disk.fail_seed = seed;
}

bool vfs_holds(const char *name, const void *bytes, size_t len) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        const struct file *f = &disk.files[i];
        bool is_it = f->name[0] && strstr(f->name, name);
        for (size_t at = 0; is_it && at + len <= f->now.len; at++) {
            if (memcmp(f->now.data + at, bytes, len) == 0) {
                return true;
            }
        }
    }
    return false;
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

size_t vfs_power_on(uint64_t seed) {
    size_t lost = 0;
    for (size_t i = 0; i < FILES_MAX; i++) {
        lost += settle_file(&disk.files[i], &seed);
    }
    disk.is_off = false;
    vfs_cut_after(-1);
    return lost;
}

void vfs_save(void) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        drop_file(&saved[i]);
        saved[i].exists = disk.files[i].exists;
        memcpy(saved[i].name, disk.files[i].name, sizeof saved[i].name);
        set_bytes(&saved[i].now, &disk.files[i].now);
    }
}

void vfs_restore(void) {
    vfs_wipe();
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct file *f = &disk.files[i];
        memcpy(f->name, saved[i].name, sizeof f->name);
        f->exists = f->is_safe = saved[i].exists;
        set_bytes(&f->now, &saved[i].now);
        set_bytes(&f->safe, &saved[i].now);
    }
}

void vfs_finish(void) {
    vfs_wipe();
    for (size_t i = 0; i < FILES_MAX; i++) {
        drop_file(&saved[i]);
    }
}

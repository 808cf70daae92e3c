// The reserve: a file of nothing that is given up when the disk is full.
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/mend.h"

static const char *const disk_names[] = {"ok", "low", "full", "failed"};

const char *store_disk_name(enum store_disk d) {
    return disk_names[d];
}

enum store_disk store_disk_state(const struct store *s) {
    return s->failed ? STORE_DISK_FAILED : s->disk;
}

bool store_needs_reserve(const struct store *s) {
    return s->reserve_bytes && !s->has_reserve && !s->failed;
}

// SQLite keeps the name's address: it must end with two NULs and outlive the file.
static char *reserve_path(const struct store *s) {
    return mem_format("%s/reserve%c%c", s->dir, 0, 0);
}

void reserve_find(struct store *s) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(s->vfs);
    char *path = reserve_path(s);
    int is_there = 0;
    if (s->reserve_bytes) {
        (void)vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &is_there);
    }
    s->has_reserve = is_there;
    mem_free(path);
}

static int fill_file(sqlite3_file *f, size_t bytes) {
    enum { PART = 64 * 1024 };
    int chunk = (int)bytes;
    sqlite3_int64 size = (sqlite3_int64)bytes;
    // On a real disk this allocates without writing.
    (void)f->pMethods->xFileControl(f, SQLITE_FCNTL_CHUNK_SIZE, &chunk);
    int rc = f->pMethods->xFileControl(f, SQLITE_FCNTL_SIZE_HINT, &size);
    if (rc != SQLITE_NOTFOUND) {
        return rc;
    }
    uint8_t *part = mem_alloc(PART, 1);
    rc = SQLITE_OK;
    for (size_t at = 0; at < bytes && rc == SQLITE_OK; at += PART) {
        size_t len = bytes - at < PART ? bytes - at : PART;
        rc = f->pMethods->xWrite(f, part, (int)len, (sqlite3_int64)at);
    }
    mem_free(part);
    return rc;
}

static bool make_reserve(struct store *s, sqlite3_vfs *vfs, const char *path) {
    // Not a main journal: for one SQLite cuts the path at its last '-' to find a database.
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;
    sqlite3_file *f = mem_alloc(1, (size_t)vfs->szOsFile);
    int rc = vfs->xOpen(vfs, path, f, flags, NULL);
    if (rc == SQLITE_OK) {
        // Room for twice as much, or the reserve itself would fill the disk.
        rc = fill_file(f, 2 * s->reserve_bytes);
        sqlite3_int64 size = (sqlite3_int64)s->reserve_bytes;
        int none = 0;
        (void)f->pMethods->xFileControl(f, SQLITE_FCNTL_CHUNK_SIZE, &none);
        rc = rc == SQLITE_OK ? f->pMethods->xTruncate(f, size) : rc;
        rc = rc == SQLITE_OK ? f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) : rc;
    }
    if (f->pMethods) {
        f->pMethods->xClose(f);
    }
    mem_free(f);
    return rc == SQLITE_OK;
}

void store_reserve_step(struct store *s) {
    if (!store_needs_reserve(s)) {
        return;
    }
    sqlite3_vfs *vfs = sqlite3_vfs_find(s->vfs);
    char *path = reserve_path(s);
    s->has_reserve = make_reserve(s, vfs, path);
    if (s->has_reserve) {
        s->disk = STORE_DISK_OK;
    } else {
        (void)vfs->xDelete(vfs, path, 0);
        if (s->disk == STORE_DISK_OK) {
            log_warning("store: the disk is nearly full: no room for the reserve");
            s->disk = STORE_DISK_LOW;
        }
    }
    mem_free(path);
}

void reserve_note(struct store *s, enum err e) {
    s->found_full = false;
    if (e == ERR_NONE && s->disk == STORE_DISK_FULL) {
        s->disk = STORE_DISK_LOW;
    }
    if (e != ERR_FULL) {
        return;
    }
    s->disk = STORE_DISK_FULL;
    if (s->has_reserve) {
        sqlite3_vfs *vfs = sqlite3_vfs_find(s->vfs);
        char *path = reserve_path(s);
        s->has_reserve = false;
        s->disk = vfs->xDelete(vfs, path, 1) == SQLITE_OK ? STORE_DISK_LOW : s->disk;
        log_error("store: the disk is full: the reserve is given up");
        mem_free(path);
    }
}

#include "sync/store/copy.h"

#include "sync/base/file.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/scrub.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct copy {
    struct store *from;
    struct copy *next; // of the same store
    char *dir;
    sqlite3 *to;
    sqlite3_backup *backup;
    bool is_done;
};

static enum err say_sqlite(sqlite3 *db, int rc, const char *path) {
    log_error("store: %s: %s (%d)", path, db ? sqlite3_errmsg(db) : "no memory", rc);
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return ERR_CORRUPT;
    default:
        return ERR_IO;
    }
}

static enum err say_errno(const char *path) {
    log_error("store: %s: %s", path, strerror(errno));
    return errno == EEXIST || errno == ENOTEMPTY ? ERR_EXISTS
           : errno == ENOSPC || errno == EDQUOT  ? ERR_FULL
                                                 : ERR_IO;
}

// A plain connection to a copy, never to a store in use: nobody else knows the file yet, so
// it needs no journal and is made durable once, at the end.
static enum err open_copy(const char *path, sqlite3 **out) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(path, out, flags, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(*out,
                          "PRAGMA synchronous=OFF;PRAGMA journal_mode=MEMORY;"
                          "PRAGMA trusted_schema=OFF;PRAGMA secure_delete=ON",
                          NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        enum err e = say_sqlite(*out, rc, path);
        sqlite3_close(*out);
        *out = NULL;
        return e;
    }
    return ERR_NONE;
}

static enum err make_empty(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0 ? ERR_NONE : say_errno(path);
}

// ---- on the store's thread ------------------------------------------------------------

enum err copy_begin(struct store *s, const char *dir, struct copy **out) {
    if (mkdir(dir, 0700) != 0) {
        return say_errno(dir);
    }
    struct copy *c = mem_alloc(1, sizeof *c);
    c->dir = mem_copy_text(dir);
    c->from = s;
    c->next = s->copies;
    s->copies = c;
    char *path = mem_format("%s/store.db", dir);
    char *key = mem_format("%s/device.key", dir);
    enum err e = file_write(key, s->secret, sizeof s->secret);
    e = e == ERR_NONE ? make_empty(path) : e;
    e = e == ERR_NONE ? open_copy(path, &c->to) : e;
    if (e == ERR_NONE) {
        c->backup = sqlite3_backup_init(c->to, "main", s->db, "main");
        e = c->backup ? ERR_NONE : say_sqlite(c->to, sqlite3_errcode(c->to), path);
    }
    mem_free(path);
    mem_free(key);
    if (e != ERR_NONE) {
        enum err ignored = copy_end(c);
        (void)ignored;
        copy_remove(dir);
        return e;
    }
    *out = c;
    return ERR_NONE;
}

void copy_lose_all(struct store *s) {
    for (struct copy *c = s->copies; c; c = c->next) {
        sqlite3_backup_finish(c->backup);
        c->backup = NULL;
    }
}

static void forget(struct copy *c) {
    struct copy **at = &c->from->copies;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
}

enum err copy_step(struct copy *c, int pages, bool *out_is_done) {
    if (!c->backup) {
        return ERR_IO; // the store was opened again meanwhile
    }
    int rc = sqlite3_backup_step(c->backup, pages);
    c->is_done = *out_is_done = rc == SQLITE_DONE;
    bool is_well = rc == SQLITE_OK || rc == SQLITE_DONE;
    return is_well ? ERR_NONE : say_sqlite(c->to, rc, c->dir);
}

static enum err sync_file(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_kept = fd >= 0 && fsync(fd) == 0;
    enum err e = is_kept ? ERR_NONE : say_errno(path);
    if (fd >= 0) {
        close(fd);
    }
    return e;
}

enum err copy_end(struct copy *c) {
    enum err e = ERR_NONE;
    if (c->backup && sqlite3_backup_finish(c->backup) != SQLITE_OK) {
        e = say_sqlite(c->to, sqlite3_errcode(c->to), c->dir);
    }
    forget(c);
    if (sqlite3_close(c->to) != SQLITE_OK) {
        e = ERR_IO;
    }
    if (e == ERR_NONE && c->is_done) {
        char *path = mem_format("%s/store.db", c->dir);
        e = sync_file(path);
        mem_free(path);
    }
    mem_free(c->dir);
    mem_free(c);
    return e;
}

// ---- through the thread ---------------------------------------------------------------

struct copying {
    const char *dir;
    struct copy *copy;
    bool is_done;
};

static enum err begin_run(struct store *s, void *arg) {
    struct copying *job = arg;
    return copy_begin(s, job->dir, &job->copy);
}

static enum err step_run(struct store *s, void *arg) {
    struct copying *job = arg;
    (void)s;
    return copy_step(job->copy, COPY_SLICE_PAGES, &job->is_done);
}

static enum err end_run(struct store *s, void *arg) {
    struct copying *job = arg;
    (void)s;
    return copy_end(job->copy);
}

enum err copy_make(struct store_thread *t, const char *dir, bool (*is_to_stop)(void *arg),
                   void *arg) {
    struct copying job = {.dir = dir};
    enum err e = store_thread_call(t, begin_run, &job, false);
    if (e != ERR_NONE) {
        return e;
    }
    while (e == ERR_NONE && !job.is_done) {
        e = is_to_stop && is_to_stop(arg) ? ERR_CLOSED
                                          : store_thread_call(t, step_run, &job, false);
    }
    enum err ended = store_thread_call(t, end_run, &job, false);
    CHECK(ended != ERR_CLOSED); // the thread outlives whoever copies
    e = e == ERR_NONE ? ended : e;
    if (e != ERR_NONE) {
        copy_remove(dir);
    }
    return e;
}

enum err copy_verify(const char *dir, bool is_numbering, struct verify_report *out) {
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .is_numbering = is_numbering};
    enum err e = store_open(&o, &s);
    if (e == ERR_NONE) {
        e = scrub_all(s); // a copy made right after an erasure
        e = e == ERR_NONE ? store_verify(s, out) : e;
    } else {
        *out = (struct verify_report){0};
        snprintf(out->trouble, sizeof out->trouble, "the copy cannot be opened: %s",
                 err_text(e));
    }
    store_close(s);
    return e;
}

// ---- one file -------------------------------------------------------------------------

static enum err put_file(sqlite3 *db, const char *name, const struct bytes *data) {
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT INTO backup_file(name, data) VALUES(?1, ?2)",
                                -1, &q, NULL);
    if (rc == SQLITE_OK) {
        db_bind_text(q, 1, name);
        db_bind_bytes(q, 2, data->data ? data->data : (const uint8_t *)"", data->len);
        rc = sqlite3_step(q);
    }
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? ERR_NONE : say_sqlite(db, rc, name);
}

static enum err put_named(sqlite3 *db, const char *dir, const char *name) {
    struct bytes data = {0};
    char *path = mem_format("%s/%s", dir, name);
    enum err e = file_read(path, 0, COPY_FILE_BYTES_MAX, &data);
    if (e == ERR_NONE) {
        e = put_file(db, name, &data);
    } else if (e == ERR_NOT_FOUND) {
        e = ERR_NONE;
    }
    if (data.data) {
        sodium_memzero(data.data, data.len);
    }
    mem_free(path);
    bytes_finish(&data);
    return e;
}

static enum err put_all(const char *dir, const char *from, const char *const *names,
                        const char *path) {
    sqlite3 *db = NULL;
    enum err e = open_copy(path, &db);
    if (e != ERR_NONE) {
        return e;
    }
    int rc = sqlite3_exec(db,
                          "CREATE TABLE backup_file(name TEXT PRIMARY KEY,"
                          " data BLOB NOT NULL) WITHOUT ROWID",
                          NULL, NULL, NULL);
    e = rc == SQLITE_OK ? put_named(db, dir, "device.key") : say_sqlite(db, rc, path);
    for (size_t i = 0; names[i] && e == ERR_NONE; i++) {
        e = put_named(db, from, names[i]);
    }
    return sqlite3_close(db) == SQLITE_OK ? e : ERR_IO;
}

enum err copy_pack(const char *dir, const char *from, const char *const *names,
                   const char *file) {
    char *path = mem_format("%s/store.db", dir);
    enum err e = access(file, F_OK) == 0 ? ERR_EXISTS : put_all(dir, from, names, path);
    e = e == ERR_NONE ? sync_file(path) : e;
    if (e == ERR_NONE && rename(path, file) != 0) {
        e = say_errno(file);
    }
    e = e == ERR_NONE ? file_sync_parent(file) : e;
    mem_free(path);
    copy_remove(dir);
    return e;
}

static bool is_plain_name(const char *name) {
    return name[0] && name[0] != '.' && !strchr(name, '/') &&
           strncmp(name, "store.db", 8) != 0;
}

static enum err take_files(sqlite3 *db, const char *dir) {
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT name, data FROM backup_file", -1, &q, NULL);
    enum err e = rc == SQLITE_OK ? ERR_NONE : ERR_INPUT; // a store, but no backup
    while (e == ERR_NONE && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *name = db_text(q, 0);
        if (!is_plain_name(name)) {
            e = ERR_INPUT;
            break;
        }
        char *path = mem_format("%s/%s", dir, name);
        e = file_write(path, sqlite3_column_blob(q, 1),
                       (size_t)sqlite3_column_bytes(q, 1));
        mem_free(path);
    }
    sqlite3_finalize(q);
    if (e == ERR_NONE && rc != SQLITE_DONE) {
        e = say_sqlite(db, rc, dir);
    }
    if (e == ERR_NONE) {
        rc = sqlite3_exec(db, "DROP TABLE backup_file", NULL, NULL, NULL);
        e = rc == SQLITE_OK ? ERR_NONE : say_sqlite(db, rc, dir);
    }
    return e;
}

static enum err unpack_into(const char *file, const char *dir) {
    char *path = mem_format("%s/store.db", dir);
    sqlite3 *db = NULL;
    enum err e = file_copy(file, path);
    e = e == ERR_NONE ? open_copy(path, &db) : e;
    e = e == ERR_NONE ? take_files(db, dir) : e;
    if (db && sqlite3_close(db) != SQLITE_OK) {
        e = ERR_IO;
    }
    e = e == ERR_NONE ? sync_file(path) : e;
    e = e == ERR_NONE ? file_sync_parent(path) : e;
    mem_free(path);
    return e == ERR_CORRUPT ? ERR_INPUT : e;
}

enum err copy_unpack(const char *file, const char *dir) {
    if (access(file, R_OK) != 0) {
        return ERR_NOT_FOUND;
    }
    // An empty one may be there: a mount point, or made by the administrator.
    if (rmdir(dir) != 0 && errno != ENOENT) {
        return say_errno(dir);
    }
    if (mkdir(dir, 0700) != 0) {
        return say_errno(dir);
    }
    enum err e = unpack_into(file, dir);
    e = e == ERR_NONE ? file_sync_parent(dir) : e;
    if (e != ERR_NONE) {
        copy_remove(dir);
    }
    return e;
}

void copy_remove(const char *dir) {
    DIR *d = opendir(dir);
    struct dirent *entry;
    while (d && (entry = readdir(d)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            char *path = mem_format("%s/%s", dir, entry->d_name);
            unlink(path);
            mem_free(path);
        }
    }
    if (d) {
        closedir(d);
        rmdir(dir);
    }
}

enum err copy_read_info(struct store *s, struct copy_info *out) {
    *out = (struct copy_info){0};
    sqlite3_stmt *q = db_get(s, "SELECT count(*), coalesce(max(at_ms), 0),"
                                " (SELECT coalesce(max(seq), 0) FROM log) FROM fact");
    enum err e = ERR_NONE;
    if (db_row(s, q, &e)) {
        out->facts = sqlite3_column_int64(q, 0);
        out->newest_ms = sqlite3_column_int64(q, 1);
        out->head_seq = db_u64(q, 2);
        sqlite3_reset(q);
    }
    return e;
}

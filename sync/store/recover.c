#include "sync/store/recover.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/mend.h"
#include "sync/store/salvage.h"
#include "sync/store/scrub.h"
#include "sync/store/shared.h"
#include "sync/store/verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAIL_STREAMS = 64, TAIL_FACTS = 16, TAIL_NUMBERS = 64, COPY_BYTES = 64 * 1024 };

bool store_has_failed(const struct store *s) {
    return s->failed;
}

// ---- checking ---------------------------------------------------------------------------

static enum err say_trouble(const struct verify_report *r, enum err e) {
    if (e == ERR_CORRUPT) {
        log_error("store: damaged: %s", r->trouble[0] ? r->trouble : err_text(e));
    }
    return e;
}

// Does each stream end with the fact it is said to end with?
static enum err check_ends(struct store *s, struct verify_report *r) {
    sqlite3_stmt *q = db_get(
        s,
        "SELECT t.stream, t.last_n FROM stream t LEFT JOIN fact f ON f.stream=t.stream"
        " AND f.n=t.last_n WHERE t.last_n>0 AND (f.h IS NULL OR f.h<>t.last_h) LIMIT 1");
    enum err e;
    if (db_row(s, q, &e)) {
        snprintf(r->trouble, sizeof r->trouble, "the end of stream %016llx is missing",
                 (unsigned long long)db_u64(q, 0));
        sqlite3_reset(q);
        return ERR_CORRUPT;
    }
    return e;
}

static enum err check_tails(struct store *s, struct verify_report *r) {
    struct verify_range list[TAIL_STREAMS];
    size_t count = 0;
    sqlite3_stmt *q =
        db_get(s, "SELECT t.stream, t.last_n FROM stream t JOIN fact f ON"
                  " f.stream=t.stream AND f.n=t.last_n ORDER BY f.at_ms DESC LIMIT ?1");
    sqlite3_bind_int(q, 1, TAIL_STREAMS);
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
        uint64_t last = db_u64(q, 1);
        list[count++] = (struct verify_range){
            .stream = db_u64(q, 0),
            .after = last > TAIL_FACTS ? last - TAIL_FACTS : 0,
            .last_n = last,
        };
    }
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        uint64_t last;
        e = verify_part(s, &list[i], r, &last);
    }
    return e;
}

enum err recover_check_tail(struct store *s) {
    struct verify_report *r = mem_alloc(1, sizeof *r);
    enum err e = s->identity.has_event ? check_ends(s, r) : ERR_NONE;
    e = e == ERR_NONE && s->identity.has_event ? check_tails(s, r) : e;
    if (e == ERR_NONE && s->is_numbering && s->next_seq > 1) {
        uint64_t head = s->next_seq - 1;
        uint64_t last;
        e = verify_numbers(s, head > TAIL_NUMBERS ? head - TAIL_NUMBERS : 0, 0, r, &last);
    }
    e = say_trouble(r, e);
    mem_free(r);
    return e;
}

enum { CHECK_STREAMS, CHECK_NUMBERS, CHECK_DONE };

// The next part of the streams, by number; they are random, 0 is nobody's.
static enum err check_next_stream(struct store *s, size_t facts,
                                  struct verify_report *r) {
    struct checking *c = &s->check;
    sqlite3_stmt *q = db_get(s, "SELECT stream, last_n FROM stream WHERE stream>=?1"
                                " ORDER BY stream LIMIT 1");
    db_bind_u64(q, 1, c->stream);
    enum err e;
    if (!db_row(s, q, &e)) {
        c->phase = s->is_numbering ? CHECK_NUMBERS : CHECK_DONE;
        c->after = 0;
        return e;
    }
    struct verify_range g = {
        .stream = db_u64(q, 0), .last_n = db_u64(q, 1), .max = facts};
    sqlite3_reset(q);
    g.after = g.stream == c->stream ? c->after : 0;
    e = verify_part(s, &g, r, &c->after);
    c->stream = g.stream;
    if (e == ERR_NONE && c->after >= g.last_n) {
        bool is_last = c->stream == INT64_MAX;
        c->phase = is_last ? CHECK_NUMBERS : c->phase;
        c->stream += !is_last;
        c->after = 0;
    }
    return e;
}

static enum err check_next(struct store *s, size_t facts) {
    struct checking *c = &s->check;
    struct verify_report *r = mem_alloc(1, sizeof *r);
    enum err e;
    if (c->phase == CHECK_STREAMS) {
        e = check_next_stream(s, facts, r);
    } else {
        uint64_t before = c->after;
        e = verify_numbers(s, before, facts, r, &c->after);
        c->phase = c->after - before < facts ? CHECK_DONE : c->phase;
    }
    e = say_trouble(r, e);
    mem_free(r);
    return e;
}

bool store_check_step(struct store *s, size_t facts, enum err *out_err) {
    *out_err = ERR_NONE;
    if (!s->is_unclean || s->failed || !s->identity.has_event) {
        return true;
    }
    *out_err = check_next(s, facts);
    if (*out_err == ERR_CORRUPT) {
        s->failed = s->is_damaged = true;
    } else if (*out_err == ERR_NONE && s->check.phase == CHECK_DONE) {
        log_info("store: checked from end to end after an unclean stop");
        s->is_unclean = false;
    }
    return !s->is_unclean || *out_err != ERR_NONE;
}

// ---- opening again ----------------------------------------------------------------------

// Linux marks pages that could not be written as clean: they are read back as if they were
// on the disk, but are not. Writing the same bytes again makes the next sync mean them.
static int rewrite_file(sqlite3_file *f) {
    sqlite3_int64 size = 0;
    int rc = f->pMethods->xFileSize(f, &size);
    uint8_t *part = mem_alloc(COPY_BYTES, 1);
    for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < size; at += COPY_BYTES) {
        int len = (int)(size - at < COPY_BYTES ? size - at : COPY_BYTES);
        rc = f->pMethods->xRead(f, part, len, at);
        rc = rc == SQLITE_OK ? f->pMethods->xWrite(f, part, len, at) : rc;
    }
    mem_free(part);
    return rc == SQLITE_OK && size ? f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) : rc;
}

static enum err rewrite_wal(struct store *s) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(s->vfs);
    char *path = store_path(s, "-wal");
    int is_there = 0;
    int rc = vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &is_there);
    if (rc == SQLITE_OK && is_there) {
        sqlite3_file *f = mem_alloc(1, (size_t)vfs->szOsFile);
        rc = vfs->xOpen(vfs, path, f, SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE, NULL);
        rc = rc == SQLITE_OK ? rewrite_file(f) : rc;
        if (f->pMethods) {
            f->pMethods->xClose(f);
        }
        mem_free(f);
    }
    if (rc != SQLITE_OK) {
        log_error("store: %s cannot be written again: %s", path, sqlite3_errstr(rc));
    }
    mem_free(path);
    return rc == SQLITE_OK ? ERR_NONE : ERR_IO;
}

static enum err reopen(struct store *s) {
    store_close_database(s);
    if (s->is_damaged && !s->vfs) {
        return recover_damaged(s);
    }
    s->is_damaged = false;
    enum err e = rewrite_wal(s);
    e = e == ERR_NONE ? store_open_database(s) : e;
    e = e == ERR_NONE ? recover_unfinished(s) : e;
    e = e == ERR_NONE ? recover_check_tail(s) : e;
    if (e == ERR_CORRUPT && !s->vfs) {
        return recover_damaged(s);
    }
    s->failed = e != ERR_NONE;
    return e;
}

// What is salvaged gets numbers here first; the next commit settles it with the shared log.
enum err store_reopen(struct store *s) {
    const struct store_shared *shared = s->share.with;
    shared_cancel(s);
    s->share.with = NULL;
    enum err e = reopen(s);
    s->share.with = shared;
    s->share.has_unshared = shared != NULL;
    return e == ERR_NONE && shared ? store_adopt_log(s, shared->log) : e;
}

// ---- a damaged file ---------------------------------------------------------------------

static bool rename_beside(const char *base, const char *to, const char *ending) {
    char *from = mem_format("%s%s", base, ending);
    char *aside = mem_format("%s%s", to, ending);
    bool ok = rename(from, aside) == 0;
    if (ok) {
        log_error("store: damaged; kept as %s", aside);
    }
    mem_free(from);
    mem_free(aside);
    return ok;
}

// A damaged database is set aside, never deleted. NULL: it could not be. mem_free.
static char *set_aside(struct store *s) {
    char *base = store_path(s, "");
    char *found = NULL;
    for (int n = 1; n < 1000 && !found; n++) {
        char *to = mem_format("%s.bad-%d", base, n);
        if (access(to, F_OK) != 0) {
            found = to;
        } else {
            mem_free(to);
        }
    }
    bool ok = found && rename_beside(base, found, "");
    if (ok) {
        rename_beside(base, found, "-wal");
    } else {
        mem_free(found);
        found = NULL;
    }
    mem_free(base);
    return found;
}

// Reads the file at path into s; a stop in between is made good at the next open.
static enum err salvage_from(struct store *s, const char *path) {
    struct salvage_report found = {0};
    enum err e = salvage_run(s, path, &found);
    log_warning("store: %lld facts in %lld streams were read from %s%s",
                (long long)found.facts, (long long)found.streams, path,
                s->identity.has_event ? "" : "; the event is not known: enrol again");
    return e;
}

enum err recover_damaged(struct store *s) {
    s->failed = true; // nothing of it is moved into the file any more
    store_close_database(s);
    char *bad = set_aside(s);
    if (!bad) {
        s->failed = true;
        return ERR_CORRUPT;
    }
    s->is_damaged = false;
    s->identity.has_event = false;
    enum err e = store_open_database(s);
    e = e == ERR_NONE ? salvage_from(s, bad) : e;
    mem_free(bad);
    s->is_unclean = false;
    s->failed = e != ERR_NONE;
    return e;
}

enum err recover_forget_evidence(struct store *s) {
    enum err e = scrub_want(s);
    e = e == ERR_NONE ? db_run(s, db_get(s, "UPDATE fork SET batch=x''")) : e;
    return e == ERR_NONE ? db_run(s, db_get(s, "DELETE FROM reject")) : e;
}

static void erase_file(const char *path) {
    FILE *f = fopen(path, "r+be");
    if (!f) {
        return;
    }
    static const uint8_t zeros[4096];
    (void)fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    for (long at = 0; at < size; at += (long)sizeof zeros) {
        (void)fwrite(zeros, 1, sizeof zeros, f);
    }
    bool ok = fflush(f) == 0 && fsync(fileno(f)) == 0;
    (void)fclose(f);
    if (unlink(path) != 0 || !ok) {
        log_error("store: %s could not be erased", path);
    }
}

void recover_erase_aside(struct store *s) {
    static const char *const endings[] = {"", "-wal"};
    for (int n = 1; n < 1000 && !s->vfs; n++) {
        char *path = mem_format("%s/store.db.bad-%d", s->dir, n);
        bool is_there = access(path, F_OK) == 0;
        for (size_t i = 0; is_there && i < sizeof endings / sizeof *endings; i++) {
            char *file = mem_format("%s%s", path, endings[i]);
            erase_file(file);
            mem_free(file);
        }
        mem_free(path);
        if (!is_there) {
            break;
        }
    }
}

// The newest file set aside; NULL: none. mem_free.
static char *find_aside(const struct store *s) {
    char *found = NULL;
    for (int n = 1; n < 1000; n++) {
        char *path = mem_format("%s/store.db.bad-%d", s->dir, n);
        if (access(path, F_OK) != 0) {
            mem_free(path);
            break;
        }
        mem_free(found);
        found = path;
    }
    return found;
}

enum err recover_unfinished(struct store *s) {
    char path[1024];
    size_t len = 0;
    if (s->vfs) {
        return ERR_NONE;
    }
    if (store_meta_get(s, SALVAGE_META, path, sizeof path - 1, &len) == ERR_NONE && len) {
        path[len] = '\0';
        return access(path, F_OK) == 0 ? salvage_from(s, path)
                                       : store_meta_set(s, SALVAGE_META, "", 0); // erased
    }
    char *aside = s->identity.has_event ? NULL : find_aside(s);
    enum err e = aside ? salvage_from(s, aside) : ERR_NONE;
    mem_free(aside);
    return e;
}

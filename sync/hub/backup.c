#include "sync/hub/backup.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/wait.h"
#include "sync/event/zone.h"
#include "sync/hub/bell.h"
#include "sync/hub/hub.h"
#include "sync/store/copy.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 1000 };

static const char *const names[] = {"ticket.key", "import.secret", "log.url", NULL};
static const char ending[] = ".backup";

struct backups {
    struct hub *hub;
    char *dir;
    uint64_t every_ms;
    unsigned keep;
    char event[9]; // first half of its id: files of other events are left alone
    pthread_t thread;
    pthread_mutex_t lock; // guards what follows
    pthread_cond_t changed;
    bool is_stopping;
    char *last;       // the last good one, NULL before it
    uint64_t seq;     // of it
    uint64_t good_ms; // mono
    uint64_t failures;
};

static void say(struct bytes *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct bytes *out, const char *format, ...) {
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    bytes_add_text(out, line);
}

// ---- one backup -----------------------------------------------------------------------

static bool is_hub_stopping(void *arg) {
    struct hub *h = arg;
    return atomic_load(&h->is_stopping);
}

// The same without a thread: nobody else has the store.
static enum err copy_alone(struct store *s, const char *dir) {
    struct copy *c = NULL;
    bool is_done = false;
    enum err e = copy_begin(s, dir, &c);
    if (e != ERR_NONE) {
        return e;
    }
    while (e == ERR_NONE && !is_done) {
        e = copy_step(c, COPY_SLICE_PAGES, &is_done);
    }
    enum err ended = copy_end(c);
    e = e == ERR_NONE ? ended : e;
    if (e != ERR_NONE) {
        copy_remove(dir);
    }
    return e;
}

static enum err copy_order(const struct backup_order *o, const char *dir) {
    return o->hub ? copy_make(o->hub->store, dir, is_hub_stopping, o->hub)
                  : copy_alone(o->store, dir);
}

bool backup_make(const struct backup_order *o, struct bytes *out) {
    struct verify_report r = {0};
    char *part = mem_format("%s.part", o->file);
    bool is_there = access(o->file, F_OK) == 0;
    copy_remove(part);
    enum err e = is_there ? ERR_EXISTS : copy_order(o, part);
    if (e == ERR_NONE) {
        e = copy_verify(part, true, &r);
        if (e == ERR_NONE) {
            e = copy_pack(part, o->dir, names, o->file);
        } else {
            copy_remove(part);
        }
    }
    mem_free(part);
    struct stat st = {0};
    if (e != ERR_NONE || stat(o->file, &st) != 0) {
        say(out, "%s: no backup: %s%s%s\n", o->file,
            is_there ? "the file is there already" : err_text(e),
            r.trouble[0] ? ": " : "", r.trouble);
        return false;
    }
    say(out,
        "%s: %" PRId64 " facts, %" PRId64 " bytes, every hash and table checked\n"
        "it holds personal data and this hub's keys (not root.key): keep it as safe as "
        "the"
        " hub\n",
        o->file, r.facts, (int64_t)st.st_size);
    return true;
}

enum err backup_verify(struct hub *h, struct verify_report *out) {
    char *part = mem_format("%s/verify.part", h->dir);
    *out = (struct verify_report){0};
    copy_remove(part);
    enum err e = copy_make(h->store, part, is_hub_stopping, h);
    if (e == ERR_NONE) {
        e = copy_verify(part, true, out);
    } else {
        snprintf(out->trouble, sizeof out->trouble, "no copy could be made to check: %s",
                 err_text(e));
    }
    copy_remove(part);
    mem_free(part);
    return e;
}

void backup_clean(const char *dir) {
    char *part = mem_format("%s/verify.part", dir);
    copy_remove(part);
    mem_free(part);
}

// ---- restoring ------------------------------------------------------------------------

static enum err check_restored(const char *dir, struct bytes *out) {
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .is_numbering = true};
    struct verify_report r = {0};
    struct copy_info info = {0};
    char event[2 * FACT_EVENT_BYTES + 1] = "";
    char newest[32] = "-";
    enum err e = store_open(&o, &s);
    e = e == ERR_NONE ? store_verify(s, &r) : e;
    e = e == ERR_NONE ? copy_read_info(s, &info) : e;
    if (e == ERR_NONE) {
        struct programme *p = store_read_programme(s);
        struct store_identity id = store_identity_get(s);
        hex_format(id.event, sizeof id.event, event);
        if (info.newest_ms) {
            instant_format(info.newest_ms, newest);
        }
        say(out,
            "event   %s (%s)\nfacts   %" PRId64 ", numbered up to %" PRIu64
            "\nnewest  %s\n",
            p->event.name[0] ? p->event.name : "-", event, info.facts, info.head_seq,
            newest);
        programme_destroy(p);
    }
    store_close(s);
    if (e != ERR_NONE) {
        say(out, "%s: the backup does not hold: %s\n", dir,
            r.trouble[0] ? r.trouble : err_text(e));
    }
    return e;
}

bool backup_restore(const char *file, const char *dir, struct bytes *out) {
    enum err e = copy_unpack(file, dir);
    if (e != ERR_NONE) {
        say(out, "%s to %s: %s\n", file, dir,
            e == ERR_EXISTS  ? "the directory is not empty; give a new one with --dir"
            : e == ERR_INPUT ? "this is no backup of a hub"
                             : err_text(e));
        return false;
    }
    if (check_restored(dir, out) != ERR_NONE) {
        copy_remove(dir);
        return false;
    }
    say(out,
        "all hashes, signatures and tables are right\n"
        "next: foyer-hub serve --dir %s; what came after the backup, the kiosks give back"
        " by themselves. Never run it beside the old hub. root.key is not in backups.\n",
        dir);
    return true;
}

// ---- every now and then ---------------------------------------------------------------

struct kept_file {
    char name[256];
    int64_t at_ms;
};

static int compare_kept(const void *a, const void *b) {
    const struct kept_file *x = a;
    const struct kept_file *y = b;
    return x->at_ms < y->at_ms ? 1 : x->at_ms > y->at_ms ? -1 : strcmp(y->name, x->name);
}

static bool is_ours(const struct backups *b, const char *name) {
    char prefix[24];
    size_t len = strlen(name);
    snprintf(prefix, sizeof prefix, "foyer-%s-", b->event);
    return strncmp(name, prefix, strlen(prefix)) == 0 && len > strlen(ending) &&
           strcmp(name + len - strlen(ending), ending) == 0 &&
           len < sizeof((struct kept_file *)0)->name;
}

static size_t list_kept(const struct backups *b, struct kept_file *out) {
    size_t count = 0;
    DIR *d = opendir(b->dir);
    struct dirent *entry;
    while (d && count < FILES_MAX && (entry = readdir(d)) != NULL) {
        if (!is_ours(b, entry->d_name)) {
            continue;
        }
        struct stat st = {0};
        char *path = mem_format("%s/%s", b->dir, entry->d_name);
        if (stat(path, &st) == 0) {
            struct kept_file *f = &out[count++];
            snprintf(f->name, sizeof f->name, "%s", entry->d_name);
            f->at_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        }
        mem_free(path);
    }
    if (d) {
        closedir(d);
    }
    return count;
}

// The newest stay, whatever their names say; the one just made always does.
static void remove_old(const struct backups *b, const char *newest) {
    struct kept_file *list = mem_alloc(FILES_MAX, sizeof *list);
    size_t count = list_kept(b, list);
    qsort(list, count, sizeof *list, compare_kept);
    for (size_t i = b->keep; i < count; i++) {
        char *path = mem_format("%s/%s", b->dir, list[i].name);
        if (strcmp(path, newest) != 0 && unlink(path) != 0) {
            log_warning("hub: %s: %s", path, strerror(errno));
        }
        mem_free(path);
    }
    mem_free(list);
}

// file: the good one; NULL: it failed.
static void note_result(struct backups *b, const char *file, uint64_t seq) {
    pthread_mutex_lock(&b->lock);
    if (file) {
        char *last = mem_copy_text(file);
        mem_free(b->last);
        b->last = last;
        b->seq = seq;
        b->good_ms = clock_mono_ms();
    } else {
        b->failures++;
    }
    pthread_mutex_unlock(&b->lock);
}

static char *next_name(const struct backups *b, uint64_t seq) {
    char at[32];
    char plain[32];
    size_t len = 0;
    instant_format(hub_now(b->hub).wall_ms, at);
    for (const char *c = at; *c && *c != '.'; c++) {
        if (*c != '-' && *c != ':') {
            plain[len++] = *c;
        }
    }
    plain[len] = '\0';
    return mem_format("%s/foyer-%s-%s-%" PRIu64 "%s", b->dir, b->event, plain, seq,
                      ending);
}

static void make_next(struct backups *b) {
    uint64_t seq = bell_get_seq(b->hub->bell);
    if (b->last && b->seq == seq && access(b->last, F_OK) == 0) {
        note_result(b, b->last, seq); // nothing new since: the last one is as good
        return;
    }
    struct bytes said = {0};
    char *file = next_name(b, seq);
    struct backup_order order = {.hub = b->hub, .dir = b->hub->dir, .file = file};
    bool is_made = access(file, F_OK) == 0 || backup_make(&order, &said);
    if (is_made) {
        log_info("hub: backup up to %" PRIu64 " is made", seq);
        remove_old(b, file);
    } else if (!atomic_load(&b->hub->is_stopping)) {
        log_error("hub: %.*s", (int)said.len, said.data ? (const char *)said.data : "");
    }
    note_result(b, is_made ? file : NULL, seq);
    mem_free(file);
    bytes_finish(&said);
}

static void *backups_run(void *arg) {
    struct backups *b = arg;
    uint64_t next_ms = clock_mono_ms();
    pthread_mutex_lock(&b->lock);
    while (!b->is_stopping) {
        if (clock_mono_ms() >= next_ms) {
            pthread_mutex_unlock(&b->lock);
            make_next(b);
            pthread_mutex_lock(&b->lock);
            next_ms = clock_mono_ms() + b->every_ms;
            continue;
        }
        (void)wait_until(&b->changed, &b->lock, next_ms);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

struct backups *backups_start(struct hub *h, const struct backup_options *o) {
    struct backups *b = mem_alloc(1, sizeof *b);
    b->hub = h;
    b->dir = mem_copy_text(o->dir);
    b->every_ms = o->every_ms;
    b->keep = o->keep ? o->keep : 1;
    b->good_ms = clock_mono_ms();
    hex_format(h->identity.event, (sizeof b->event - 1) / 2, b->event);
    if (mkdir(b->dir, 0700) != 0 && errno != EEXIST) {
        log_error("hub: %s: %s", b->dir, strerror(errno)); // each backup will say so, too
    }
    wait_init(&b->changed);
    CHECK(pthread_mutex_init(&b->lock, NULL) == 0);
    CHECK(pthread_create(&b->thread, NULL, backups_run, b) == 0);
    return b;
}

void backups_stop(struct backups *b) {
    pthread_mutex_lock(&b->lock);
    b->is_stopping = true;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void backups_join(struct backups *b) {
    if (!b) {
        return;
    }
    pthread_join(b->thread, NULL);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
    mem_free(b->last);
    mem_free(b->dir);
    mem_free(b);
}

void backups_get(struct backups *b, uint64_t *out_age_ms, uint64_t *out_failures) {
    pthread_mutex_lock(&b->lock);
    *out_age_ms = clock_mono_ms() - b->good_ms;
    *out_failures = b->failures;
    pthread_mutex_unlock(&b->lock);
}

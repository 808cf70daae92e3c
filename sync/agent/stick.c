#include "sync/agent/stick.h"

#include "sync/base/file.h"
#include "sync/base/mem.h"
#include "sync/exchange/stick.h"
#include "sync/store/peer_stick.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ending[] = ".sync";

static void say(struct stick_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct stick_job *job, const char *format, ...) {
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    bytes_add_text(job->out, line);
}

// One piece of work on the store, in a commit of its own or one that is shared.
static enum err on_store(struct stick_job *job, enum err (*run)(struct store *, void *),
                         void *arg) {
    if (job->thread) {
        return store_thread_call(job->thread, run, arg, true);
    }
    enum err e = store_begin(job->store);
    if (e != ERR_NONE) {
        return e;
    }
    e = run(job->store, arg);
    if (e != ERR_NONE) {
        store_rollback(job->store);
        return e;
    }
    return store_commit(job->store);
}

static enum err identity_run(struct store *s, void *arg) {
    *(struct store_identity *)arg = store_identity_get(s);
    return ERR_NONE;
}

static bool find_identity(struct stick_job *job, struct store_identity *out) {
    enum err e = on_store(job, identity_run, out);
    if (e != ERR_NONE || !out->has_event) {
        say(job, "%s\n", e == ERR_NONE ? "not enrolled in an event yet" : err_text(e));
        return false;
    }
    return true;
}

// ---- save -----------------------------------------------------------------------------

static bool parse_channels(struct stick_job *job, uint32_t *out) {
    const char *at = job->channels ? job->channels : "";
    *out = 0;
    while (*at) {
        char name[16] = "";
        size_t len = strcspn(at, ",");
        if (len < sizeof name) {
            memcpy(name, at, len);
        }
        enum channel c = channel_find(name);
        if (c == CHANNEL_NONE) {
            say(job, "--channels %s: programme, people, desk, fleet, with commas\n",
                job->channels);
            return false;
        }
        *out |= CHANNEL_BIT(c);
        at += len + (at[len] == ',');
    }
    return true;
}

struct saving {
    struct peer_stick_walk walk;
    struct exchange_request request;
    uint64_t facts;    // written so far
    uint32_t channels; // of them
};

static enum err read_run(struct store *s, void *arg) {
    struct saving *w = arg;
    return peer_stick_read(s, &w->walk, &w->request);
}

static enum err count_batches(struct saving *w) {
    enum err e = ERR_NONE;
    for (size_t i = 0; e == ERR_NONE && i < w->request.push.count; i++) {
        struct batch_view b;
        size_t len = 0;
        const uint8_t *bytes = exchange_batches_get(&w->request.push, i, &len);
        e = batch_parse(bytes, len, &b);
        if (e == ERR_NONE) {
            w->facts += b.count;
            w->channels |= CHANNEL_BIT(b.channel);
        }
    }
    return e;
}

static enum err fill_file(struct stick_job *job, struct saving *w, struct bytes *out) {
    enum err e = ERR_NONE;
    while (e == ERR_NONE && !w->walk.is_done) {
        e = on_store(job, read_run, w);
        e = e == ERR_NONE ? count_batches(w) : e;
        if (e == ERR_NONE && w->request.push.count) {
            stick_format_add(&w->request, out);
        }
        if (e == ERR_NONE && out->len > STICK_FILE_BYTES_MAX) {
            e = ERR_LIMIT;
        }
    }
    return e;
}

// The first free name; mem_free.
static char *free_name(const char *dir, const struct store_identity *id) {
    char event[9];
    char dev[17];
    hex_format(id->event, (sizeof event - 1) / 2, event);
    hex_format_u64(id->dev, dev);
    for (unsigned n = 1;; n++) {
        char *path = mem_format("%s/foyer-%s-%s-%u%s", dir, event, dev, n, ending);
        if (access(path, F_OK) != 0) {
            return path;
        }
        mem_free(path);
    }
}

static bool write_stick(struct stick_job *job, const struct store_identity *id,
                        struct saving *w) {
    struct bytes file = {0};
    struct stick_head head = {.dev = id->dev};
    memcpy(head.event, id->event, sizeof head.event);
    stick_format_start(&head, &file);
    char *path = free_name(job->path, id);
    enum err e = fill_file(job, w, &file);
    stick_format_end(&file);
    e = e == ERR_NONE ? file_write(path, file.data, file.len) : e;
    if (e != ERR_NONE) {
        say(job, "%s: not written: %s\n", path, err_text(e));
    } else {
        say(job, "%s: %" PRIu64 " facts, %zu bytes\n", path, w->facts, file.len);
        if (w->channels & (CHANNEL_BIT(CHANNEL_PEOPLE) | CHANNEL_BIT(CHANNEL_DESK))) {
            say(job, "it holds personal data, not encrypted: keep the stick with you and"
                     " delete the file when it was loaded\n");
        }
    }
    mem_free(path);
    bytes_finish(&file);
    return e == ERR_NONE;
}

bool stick_save(struct stick_job *job) {
    struct store_identity id = {0};
    struct stat st;
    struct saving *w = mem_alloc(1, sizeof *w);
    bool is_dir = stat(job->path, &st) == 0 && S_ISDIR(st.st_mode);
    if (!is_dir) {
        say(job, "%s: no such folder; is the stick there?\n", job->path);
    }
    bool is_done = is_dir && parse_channels(job, &w->walk.channels) &&
                   find_identity(job, &id) && write_stick(job, &id, w);
    peer_stick_finish(&w->walk);
    exchange_request_finish(&w->request);
    mem_free(w);
    return is_done;
}

// ---- load -----------------------------------------------------------------------------

struct loading {
    struct exchange_request request;
    struct moment now;
    struct peer_stick_report report, before;
};

static enum err take_run(struct store *s, void *arg) {
    struct loading *w = arg;
    w->report = w->before; // run again after a commit that failed, perhaps
    return peer_stick_take(s, &w->request, &w->now, &w->report);
}

static enum err take_frames(struct stick_job *job, struct loading *w, struct reader *r,
                            unsigned *out_damaged) {
    enum err e = ERR_NONE;
    enum err frame = ERR_NONE;
    while (e == ERR_NONE && !r->is_short) {
        if (stick_parse_next(r, &w->request, &frame)) {
            w->before = w->report;
            e = on_store(job, take_run, w);
        } else if (frame == ERR_NONE) {
            return ERR_NONE; // the end
        } else {
            ++*out_damaged;
        }
    }
    return e;
}

static bool load_file(struct stick_job *job, const struct store_identity *id,
                      struct loading *w, const char *path) {
    struct bytes data = {0};
    struct stick_head head;
    unsigned damaged = 0;
    enum err e = file_read(path, 0, STICK_FILE_BYTES_MAX, &data);
    struct reader r = reader_make(data.data, data.len);
    if (e == ERR_NONE) {
        e = stick_parse_start(&r, &head);
    }
    if (e != ERR_NONE) {
        say(job, "%s: %s\n", path,
            e == ERR_INPUT ? "not a file of stick save, or cut at its beginning"
                           : err_text(e));
    } else if (memcmp(head.event, id->event, sizeof head.event) != 0) {
        say(job, "%s: of another event, nothing taken\n", path);
        e = ERR_DENIED;
    } else {
        e = take_frames(job, w, &r, &damaged);
        if (e != ERR_NONE) {
            say(job, "%s: the store: %s\n", path, err_text(e));
        }
    }
    if (damaged) {
        say(job, "%s: damaged or cut (%u parts); what verifies was taken\n", path,
            damaged);
        e = ERR_INPUT;
    }
    bytes_finish(&data);
    return e == ERR_NONE;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t list_files(const char *dir, char **out) {
    size_t count = 0;
    DIR *d = opendir(dir);
    struct dirent *entry;
    while (d && count < STICK_FILES_MAX && (entry = readdir(d)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (strncmp(entry->d_name, "foyer-", 6) == 0 && len > strlen(ending) &&
            strcmp(entry->d_name + len - strlen(ending), ending) == 0) {
            out[count++] = mem_format("%s/%s", dir, entry->d_name);
        }
    }
    if (d) {
        closedir(d);
    }
    qsort(out, count, sizeof *out, compare_names);
    return count;
}

static void say_report(struct stick_job *job, const struct peer_stick_report *r) {
    say(job,
        "%" PRIu64 " new facts of %zu devices, %" PRIu64 " known, %" PRIu64 " refused\n",
        r->added, r->device_count, r->known, r->refused);
    if (r->unseen) {
        say(job, "%" PRIu64 " batches are of channels this device may not see\n",
            r->unseen);
    }
    if (r->gaps) {
        say(job,
            "%" PRIu64 " batches follow facts that are not here: load the other sticks,"
            " then this one again\n",
            r->gaps);
    }
}

bool stick_load(struct stick_job *job) {
    struct store_identity id = {0};
    struct stat st;
    if (stat(job->path, &st) != 0) {
        say(job, "%s: %s\n", job->path, strerror(errno));
        return false;
    }
    if (!find_identity(job, &id)) {
        return false;
    }
    struct loading *w = mem_alloc(1, sizeof *w);
    char **files = mem_alloc(STICK_FILES_MAX, sizeof *files);
    size_t count = S_ISDIR(st.st_mode) ? list_files(job->path, files) : 0;
    bool is_well = true;
    w->now = job->now;
    if (!S_ISDIR(st.st_mode)) {
        files[count++] = mem_copy_text(job->path);
    } else if (!count) {
        say(job, "%s: no foyer-*.sync files there\n", job->path);
        is_well = false;
    }
    for (size_t i = 0; i < count; i++) {
        is_well = load_file(job, &id, w, files[i]) && is_well;
        mem_free(files[i]);
    }
    say_report(job, &w->report);
    job->added = w->report.added;
    is_well = is_well && !w->report.refused && !w->report.gaps;
    exchange_request_finish(&w->request);
    mem_free(files);
    mem_free(w);
    return is_well;
}

#include "sync/hub/verbs.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/hub/bell.h"
#include "sync/hub/hub.h"
#include "sync/hub/postgres.h"
#include "sync/hub/snap.h"
#include "sync/store/access.h"
#include "sync/store/peer_log.h"
#include "sync/store/scrub.h"
#include "sync/store/shared.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct verb verbs[] = {
    {"import", "[--confirm] FILE...",
     "event.json, agenda.json, rooms, agenda and people CSV: authors what is new or "
     "changed",
     .run = verb_import, .right = RIGHT_IMPORT},
    {"enrol", "--name NAME --role ROLE [--room ROOM] [--gate GATE] [--url URL]",
     "a one-time code for a new device (checkin desk door room agenda"
     " welcome, or relay)",
     .run = verb_enrol, .right = RIGHT_ENROL},
    {"role", "DEVICE --role ROLE [--room ROOM] [--gate GATE]",
     "gives a device another role, without a restart", .run = verb_role,
     .right = RIGHT_ENROL},
    {"revoke", "DEVICE [--reason TEXT]",
     "shuts a lost device out for good; what it sent so far stands", .run = verb_revoke,
     .right = RIGHT_ENROL},
    {"grants", "", "devices, their roles and what they may see", .run = verb_grants},
    {"announce",
     "TITLE [--text TEXT] [--level info|warn|emergency] [--room ROOM]... [--minutes N]"
     " | --gone ID",
     "a notice on every screen, or takes one back", .run = verb_announce,
     .right = RIGHT_ANNOUNCE},
    {"move", "SESSION [--room ROOM] [--start INSTANT] [--minutes N] [--note TEXT]",
     "a session to another room or time (SESSION: its id or acronym)", .run = verb_move,
     .right = RIGHT_IMPORT},
    {"cancel", "SESSION [--note TEXT]", "cancels a session; it stays visible",
     .run = verb_cancel, .right = RIGHT_IMPORT},
    {"ticket",
     "[--person ID] [--kind KIND] [--day DAY]... [--id HEX] [--expires INSTANT]",
     "a signed ticket code; `foyer qr CODE` shows it", .run = verb_ticket},
    {"backup", "FILE",
     "the whole hub into one file, checked, while it works; see also restore",
     .run = verb_backup, .is_beside = true, .path_at = 1},
    {"status", "", "counts, devices and the head of the log", .run = verb_status},
    {"stick", "save DIR [--channels LIST] | load DIR|FILE",
     "facts to a USB stick and from one, for kiosks the network does not reach",
     .run = verb_stick, .is_beside = true, .path_at = 2},
    {"verify", "",
     "checks every hash, signature and table, on a copy while the hub works",
     .run = verb_verify, .is_beside = true},
    {"rebuild", "", "throws the tables away and folds the log anew", .run = verb_rebuild},
    {"dump", "[--kind KIND] [--after SEQ] [--max N]", "facts of the log, one JSON a line",
     .run = verb_dump},
    {"export", "admissions", "CSV to standard output", .run = verb_export},
    {"erase-person", "ID [--reason TEXT]", "removes a person's data everywhere, for good",
     .run = verb_erase_person, .right = RIGHT_ERASE},
    {"close", "--yes [--reason TEXT]", "says that the event is over", .run = verb_close,
     .right = RIGHT_ERASE},
    {"erase", "EVENT-ID [--reason TEXT]",
     "after close: removes all people everywhere, for good (8 digits of the id)",
     .run = verb_erase, .right = RIGHT_ERASE},
    {0},
};

const struct verb *verbs_find(const char *name) {
    for (const struct verb *v = verbs; v->name; v++) {
        if (strcmp(v->name, name) == 0) {
            return v;
        }
    }
    return NULL;
}

// ---- running --------------------------------------------------------------------------

struct verb_job {
    const struct verb *verb;
    struct verb_call call;
    bool is_ok;
    struct exchange_mark head;
};

static enum err verb_job_run(struct store *s, void *arg) {
    struct verb_job *job = arg;
    job->call.store = s;
    if (access_may(s, job->verb->right)) {
        job->is_ok = job->verb->run(&job->call);
    } else {
        job->is_ok = verb_fail(&job->call,
                               "%s: a relay has no right to do this; do it at the hub\n",
                               job->verb->name);
    }
    if (job->call.hub) {
        snap_watch(job->call.hub->snap, s);
    }
    return peer_log_head(s, &job->head);
}

static struct verb_job job_make(const struct control_request *request,
                                struct bytes *out) {
    return (struct verb_job){
        .verb = verbs_find(request->verb),
        .call = {.args = request->args, .data = request->data, .out = out}};
}

// Why nothing was written, after a verb that failed.
static void say_read_only(struct verb_call *c) {
    struct postgres_state state = {0};
    if (c->shared) {
        postgres_get_state(c->shared, &state);
        verb_say(c, "%s%s", state.word, state.word[0] ? "\n" : "");
    }
}

bool verbs_run_in(struct hub *h, const struct control_request *request,
                  struct bytes *out) {
    struct verb_job job = job_make(request, out);
    if (!job.verb) {
        bytes_add_text(out, "no such verb");
        return false;
    }
    job.call.dir = h->dir;
    job.call.hub = h;
    job.call.shared = h->shared;
    job.call.now = hub_now(h);
    if (job.verb->is_beside) {
        return job.verb->run(&job.call);
    }
    enum err e = store_thread_call(h->store, verb_job_run, &job, false);
    if (e != ERR_NONE) {
        return verb_fail(&job.call, "the store: %s\n", err_text(e));
    }
    bell_ring(h->bell, job.head.seq);
    if (!job.is_ok) {
        say_read_only(&job.call);
    }
    return job.is_ok;
}

// Attaches the log that the directory shares with other hubs, if it does.
static enum err share_alone(struct store *s, struct verb_call *c) {
    char *url = postgres_read_url(c->dir);
    enum err e = url ? postgres_attach(url, c->dir, s, &c->shared) : ERR_NONE;
    mem_free(url);
    return e == ERR_OFFLINE ? ERR_NONE : e; // reading goes on
}

bool verbs_run_alone(const char *dir, int64_t offset_ms,
                     const struct control_request *request, struct bytes *out) {
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .is_numbering = true};
    struct verb_job job = job_make(request, out);
    CHECK(job.verb);
    enum err e = store_open(&o, &s);
    if (e != ERR_NONE) {
        return verb_fail(&job.call, "%s: %s\n", dir,
                         e == ERR_BUSY ? "another program holds it" : err_text(e));
    }
    job.call.dir = dir;
    job.call.now = hub_moment(offset_ms);
    if (!store_identity_get(s).has_event) {
        store_close(s);
        return verb_fail(&job.call, "%s holds no event yet: run foyer-hub init\n", dir);
    }
    e = share_alone(s, &job.call);
    if (e == ERR_NONE) {
        e = verb_job_run(s, &job);
        e = e == ERR_NONE ? scrub_all(s) : e; // no thread comes to rest after this
        if (!job.is_ok) {
            say_read_only(&job.call);
        }
    } else {
        verb_fail(&job.call, "the shared log: %s\n", err_text(e));
    }
    store_close(s);
    postgres_close(job.call.shared);
    return e == ERR_NONE && job.is_ok;
}

void verbs_make_absolute(const struct verb *v, json_t *args) {
    char here[4096];
    struct verb_call c = {.args = args};
    const char *path = v->path_at ? verb_word(&c, v->path_at - 1) : NULL;
    if (!path || path[0] == '/' || !getcwd(here, sizeof here)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(args); i++) {
        if (json_string_value(json_array_get(args, i)) == path) {
            char *full = mem_format("%s/%s", here, path);
            json_array_set_new(args, i, json_string(full));
            mem_free(full);
            return;
        }
    }
}

// ---- arguments ------------------------------------------------------------------------

static void say(struct bytes *out, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void say(struct bytes *out, const char *format, va_list args) {
    char line[1024];
    vsnprintf(line, sizeof line, format, args);
    bytes_add_text(out, line);
}

bool verb_fail(struct verb_call *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(c->out, format, args);
    va_end(args);
    return false;
}

void verb_say(struct verb_call *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(c->out, format, args);
    va_end(args);
}

static const char *arg_at(const struct verb_call *c, size_t i) {
    const char *text = json_string_value(json_array_get(c->args, i));
    return text ? text : "";
}

static bool is_flag(const char *arg) {
    return strcmp(arg, "--confirm") == 0 || strcmp(arg, "--yes") == 0;
}

const char *verb_option_at(const struct verb_call *c, const char *name, size_t at) {
    size_t count = json_array_size(c->args);
    for (size_t i = 0; i + 1 < count; i++) {
        const char *arg = arg_at(c, i);
        if (strncmp(arg, "--", 2) != 0 || is_flag(arg)) {
            continue;
        }
        i++; // its value
        if (strcmp(arg, name) == 0 && at-- == 0) {
            return arg_at(c, i);
        }
    }
    return NULL;
}

const char *verb_option(const struct verb_call *c, const char *name,
                        const char *fallback) {
    const char *value = verb_option_at(c, name, 0);
    return value ? value : fallback;
}

bool verb_flag(const struct verb_call *c, const char *name) {
    for (size_t i = 0; i < json_array_size(c->args); i++) {
        if (strcmp(arg_at(c, i), name) == 0) {
            return true;
        }
    }
    return false;
}

const char *verb_word(const struct verb_call *c, size_t at) {
    for (size_t i = 0; i < json_array_size(c->args); i++) {
        const char *arg = arg_at(c, i);
        if (strncmp(arg, "--", 2) == 0) {
            i += is_flag(arg) ? 0 : 1;
        } else if (at-- == 0) {
            return arg;
        }
    }
    return NULL;
}

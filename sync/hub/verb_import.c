// import: files of the outside world to facts, through the connectors.
#include "sync/base/mem.h"
#include "sync/connectors/source.h"
#include "sync/event/zone.h"
#include "sync/hub/keys.h"
#include "sync/hub/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 16, SHRINK_PERCENT = 70 };

struct import_file {
    const char *name;
    struct bytes data;
    const struct source *source;
};

struct import_job {
    struct verb_call *call;
    struct import_file files[FILES_MAX];
    size_t count;
    struct import_options options;
    struct zone *zone;
    struct drafts drafts;
    const char **rooms;
    size_t room_count;
};

static bool read_files(struct import_job *job) {
    const json_t *list = job->call->data;
    size_t count = json_array_size(list);
    if (!count || count > FILES_MAX) {
        return verb_fail(job->call, "import needs 1 to %d files\n", FILES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        struct import_file *f = &job->files[i];
        const json_t *item = json_array_get(list, i);
        const char *text = json_get_text(item, "data", "");
        size_t chars = strlen(text);
        size_t len = 0;
        f->name = json_get_text(item, "name", "file");
        uint8_t *out = bytes_grow(&f->data, chars / 4 * 3 + 3);
        job->count = i + 1;
        if (sodium_base642bin(out, f->data.cap, text, chars, NULL, &len, NULL,
                              sodium_base64_VARIANT_ORIGINAL) != 0) {
            return verb_fail(job->call, "%s: damaged on the way\n", f->name);
        }
        f->data.len = len;
        f->source = source_guess(f->data.data, len);
        if (!f->source) {
            return verb_fail(job->call, "%s: none of the formats that import knows\n",
                             f->name);
        }
    }
    return true;
}

static bool open_zone(struct import_job *job, const char *name) {
    if (!*name) {
        return true;
    }
    zone_close(job->zone);
    job->zone = NULL;
    job->options.zone = NULL;
    if (zone_open(name, &job->zone) != ERR_NONE) {
        return verb_fail(job->call, "no time zone %s on this machine\n", name);
    }
    job->options.zone = job->zone;
    return true;
}

static json_t *draft_body(const struct draft *d) {
    json_t *body = NULL;
    return json_parse(d->body, strlen(d->body), &body) == ERR_NONE ? body : NULL;
}

// The event's draft gets the public half of our ticket key, and tells the zone.
static bool finish_event(struct import_job *job) {
    for (size_t i = 0; i < job->drafts.count; i++) {
        struct draft *d = &job->drafts.items[i];
        if (strcmp(d->kind, "event") != 0) {
            continue;
        }
        uint8_t secret[FACT_SECRET_BYTES];
        uint8_t key[FACT_KEY_BYTES];
        char id[5];
        char hex[2 * FACT_KEY_BYTES + 1];
        enum err e = keys_read(job->call->dir, "ticket.key", secret, sizeof secret);
        if (e != ERR_NONE) {
            return verb_fail(job->call, "ticket.key: %s\n", err_text(e));
        }
        keys_public(secret, key);
        sodium_memzero(secret, sizeof secret);
        hex_format(key, sizeof key, hex);
        snprintf(id, sizeof id, "%04x", ticket_key_id(key));
        json_t *body = draft_body(d);
        CHECK(body); // a connector made it
        json_t *item = json_pack("{s:s,s:s}", "id", id, "key", hex);
        json_object_set_new(body, "ticket_keys", json_pack("[o]", item));
        mem_free(d->body);
        d->body = json_format(body);
        bool is_ok = open_zone(job, json_get_text(body, "zone", ""));
        json_decref(body);
        return is_ok;
    }
    return true;
}

static void note_rooms(struct import_job *job) {
    job->room_count = 0;
    for (size_t i = 0; i < job->drafts.count; i++) {
        if (strcmp(job->drafts.items[i].kind, "room") == 0) {
            job->rooms = mem_resize(job->rooms, job->room_count + 1, sizeof *job->rooms);
            job->rooms[job->room_count++] = job->drafts.items[i].subject;
        }
    }
    job->options.known_rooms = job->rooms;
    job->options.known_room_count = job->room_count;
}

// A feed that is suddenly much smaller is more likely broken than true.
static bool check_shrink(struct import_job *job, const struct import_file *f,
                         size_t now) {
    char key[64];
    uint64_t before = 0;
    size_t len = 0;
    struct verb_call *c = job->call;
    snprintf(key, sizeof key, "import:%s", f->source->name);
    enum err e = store_meta_get(c->store, key, &before, sizeof before, &len);
    bool is_small =
        e == ERR_NONE && len == sizeof before && now * 100 < before * SHRINK_PERCENT;
    if (is_small && !verb_flag(c, "--confirm")) {
        return verb_fail(c,
                         "%s: refused: only %zu entries, the last one had %llu."
                         " Nothing was imported; add --confirm if that is right\n",
                         f->name, now, (unsigned long long)before);
    }
    return true;
}

static enum err remember_size(struct import_job *job, const struct import_file *f,
                              uint64_t count) {
    char key[64];
    snprintf(key, sizeof key, "import:%s", f->source->name);
    return store_meta_set(job->call->store, key, &count, sizeof count);
}

static bool read_one(struct import_job *job, struct import_file *f, size_t *out_count) {
    struct import_report *report = mem_alloc(1, sizeof *report);
    size_t before = job->drafts.count;
    job->options.file = f->name;
    enum err e =
        f->source->read(f->data.data, f->data.len, &job->options, &job->drafts, report);
    for (size_t i = 0; i < report->message_count && i < IMPORT_MESSAGES_MAX; i++) {
        verb_say(job->call, "%s\n", report->messages[i]);
    }
    if (report->message_count > IMPORT_MESSAGES_MAX) {
        verb_say(job->call, "... and %zu more\n",
                 report->message_count - IMPORT_MESSAGES_MAX);
    }
    *out_count = job->drafts.count - before;
    if (e == ERR_NONE) {
        verb_say(job->call, "%s: %s, %zu rows, %zu skipped, %zu not for the public\n",
                 f->name, f->source->name, report->rows, report->skipped, report->hidden);
    } else {
        verb_say(job->call, "%s: refused: %s. Nothing was imported\n", f->name,
                 report->refusal[0] ? report->refusal : err_text(e));
    }
    mem_free(report);
    return e == ERR_NONE;
}

static bool read_source(struct import_job *job, const struct source *s,
                        size_t counts[FILES_MAX]) {
    for (size_t i = 0; i < job->count; i++) {
        struct import_file *f = &job->files[i];
        if (f->source == s && !(read_one(job, f, &counts[i]) &&
                                check_shrink(job, f, counts[i]) && finish_event(job))) {
            return false;
        }
    }
    note_rooms(job);
    return true;
}

// In the order of the table of sources: the event first, for its zone; rooms before agendas.
static bool read_all(struct import_job *job, size_t counts[FILES_MAX]) {
    for (const struct source *s = sources; s->name; s++) {
        if (!read_source(job, s, counts)) {
            return false;
        }
    }
    return true;
}

static bool import_all(struct import_job *job) {
    struct verb_call *c = job->call;
    struct store_diff diff = {0};
    size_t counts[FILES_MAX] = {0};
    if (!read_files(job) || !read_all(job, counts)) {
        return false;
    }
    enum err e = store_begin(c->store);
    if (e != ERR_NONE) {
        return verb_fail(c, "the store: %s\n", err_text(e));
    }
    e = store_import(c->store, &job->drafts, &c->now, &diff);
    for (size_t i = 0; i < job->count && e == ERR_NONE; i++) {
        e = remember_size(job, &job->files[i], counts[i]);
    }
    if (e != ERR_NONE) {
        store_rollback(c->store);
    } else {
        e = store_commit(c->store);
    }
    if (e != ERR_NONE) {
        return verb_fail(c, "not imported: the store: %s\n", err_text(e));
    }
    verb_say(c, "%zu added, %zu changed, %zu the same\n", diff.added, diff.changed,
             diff.same);
    return true;
}

bool verb_import(struct verb_call *c) {
    struct import_job job = {.call = c};
    struct programme *p = store_read_programme(c->store);
    bool is_ok = true;
    if (keys_read(c->dir, "import.secret", job.options.secret,
                  sizeof job.options.secret) != ERR_NONE) {
        is_ok = verb_fail(c, "%s/import.secret is missing: ids and mail hashes need it\n",
                          c->dir);
    }
    is_ok = is_ok && open_zone(&job, p->event.zone) && import_all(&job);
    programme_destroy(p);
    for (size_t i = 0; i < job.count; i++) {
        bytes_finish(&job.files[i].data);
    }
    drafts_finish(&job.drafts);
    zone_close(job.zone);
    mem_free(job.rooms);
    return is_ok;
}

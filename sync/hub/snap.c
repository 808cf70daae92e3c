#include "sync/hub/snap.h"

#include "sync/base/clock.h"
#include "sync/base/file.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/zip.h"
#include "sync/exchange/wire_part.h"
#include "sync/hub/hub.h"
#include "sync/hub/relay.h"
#include "sync/hub/routes.h"
#include "sync/store/erase.h"
#include "sync/store/loading.h"
#include "sync/store/peer_log.h"

#include <dirent.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_HEX_SIZE = 2 * FACT_HASH_BYTES + 1 };

// One set of channels. While it is_building, the members below it belong to the store
// thread; manifest, waiters and the flags are guarded by the lock.
struct snap_set {
    struct snap *snap;
    uint32_t channels;
    bool is_building;
    uint64_t built_ms; // 0: never
    struct bytes manifest;
    struct call *waiters[SNAP_WAITERS_MAX];
    size_t waiter_count;

    struct exchange_mark mark;
    uint8_t log[EXCHANGE_LOG_BYTES];
    uint64_t *streams;
    size_t stream_count, stream_at;
    int64_t people; // that whoever has it all will know; 0: not of its channels
    uint64_t n_at;
    struct bytes raw;
    json_t *chunks;
    json_t *last,
        *older; // chunks of the two snapshots before: someone may still fetch them
    bool has_begun, is_complete;
    bool is_void; // something in it was erased meanwhile
};

struct snap {
    struct hub *hub;
    char *dir;
    pthread_mutex_t lock;
    uint64_t erasures; // of the store, as last seen
    struct snap_set sets[SNAP_SETS_MAX];
};

static void empty_dir(const char *dir) {
    DIR *d = opendir(dir);
    struct dirent *entry;
    while (d && (entry = readdir(d)) != NULL) {
        if (entry->d_name[0] != '.') {
            char *path = mem_format("%s/%s", dir, entry->d_name);
            unlink(path);
            mem_free(path);
        }
    }
    if (d) {
        closedir(d);
    }
}

struct snap *snap_create(struct hub *h) {
    struct snap *s = mem_alloc(1, sizeof *s);
    s->hub = h;
    s->dir = mem_format("%s/snap", h->dir);
    CHECK(pthread_mutex_init(&s->lock, NULL) == 0);
    if (mkdir(s->dir, 0700) != 0 && errno != EEXIST) {
        log_error("hub: %s: %s", s->dir, strerror(errno));
    }
    empty_dir(s->dir);
    for (size_t i = 0; i < SNAP_SETS_MAX; i++) {
        s->sets[i].snap = s;
    }
    return s;
}

static void set_forget(struct snap_set *set) {
    mem_free(set->streams);
    set->streams = NULL;
    bytes_finish(&set->raw);
    json_decref(set->chunks);
    set->chunks = NULL;
}

void snap_destroy(struct snap *s) {
    if (!s) {
        return;
    }
    for (size_t i = 0; i < SNAP_SETS_MAX; i++) {
        set_forget(&s->sets[i]);
        bytes_finish(&s->sets[i].manifest);
        json_decref(s->sets[i].last);
        json_decref(s->sets[i].older);
    }
    empty_dir(s->dir);
    pthread_mutex_destroy(&s->lock);
    mem_free(s->dir);
    mem_free(s);
}

// ---- building, on the store thread ----------------------------------------------------

static enum err chunk_write(struct snap_set *set) {
    struct bytes packed = {0};
    uint8_t hash[FACT_HASH_BYTES];
    char name[NAME_HEX_SIZE];
    zip_pack(set->raw.data, set->raw.len, &packed);
    crypto_generichash(hash, sizeof hash, packed.data, packed.len, NULL, 0);
    hex_format(hash, sizeof hash, name);
    char *path = mem_format("%s/%s", set->snap->dir, name);
    FILE *f = fopen(path, "we");
    bool is_kept = f && fwrite(packed.data, 1, packed.len, f) == packed.len;
    is_kept = f && fclose(f) == 0 && is_kept;
    if (is_kept) {
        json_t *item = json_object();
        json_object_set_new(item, "hash", json_string(name));
        json_object_set_new(item, "bytes", json_integer((json_int_t)packed.len));
        json_object_set_new(item, "raw", json_integer((json_int_t)set->raw.len));
        json_array_append_new(set->chunks, item);
    } else {
        log_error("hub: %s: %s", path, strerror(errno));
    }
    mem_free(path);
    bytes_finish(&packed);
    bytes_clear(&set->raw);
    return is_kept ? ERR_NONE : ERR_IO;
}

static enum err set_begin(struct store *s, struct snap_set *set) {
    struct peer_log log = {.store = s};
    struct exchange_log view;
    set_forget(set);
    set->chunks = json_array();
    set->stream_at = set->stream_count = 0;
    set->n_at = 0;
    enum err e = store_seal(s);
    e = e == ERR_NONE ? peer_log_open(&log, &view) : e;
    e = e == ERR_NONE ? peer_log_head(s, &set->mark) : e;
    if (e == ERR_NONE) {
        bool has_people = (set->channels & CHANNEL_BIT(CHANNEL_PEOPLE)) != 0;
        set->people = has_people ? loading_count_people(s) : 0;
        memcpy(set->log, view.log, sizeof set->log);
        e = peer_log_streams(s, set->channels, &set->streams, &set->stream_count);
    }
    set->has_begun = e == ERR_NONE;
    return e;
}

// Facts that come in while this goes on may be in it or not: whoever has the snapshot asks
// for what follows (seq, ch), and what is held twice is skipped.
static enum err set_read_slice(struct store *s, struct snap_set *set) {
    struct bytes data = {0};
    struct bytes lens = {0};
    uint64_t last = set->n_at;
    enum err e = store_read_batches(s, set->streams[set->stream_at], set->n_at,
                                    SNAP_SLICE_BYTES, &data, &lens, &last);
    size_t at = 0;
    for (size_t i = 0; e == ERR_NONE && i < lens.len / sizeof(uint32_t); i++) {
        uint32_t len;
        memcpy(&len, lens.data + i * sizeof len, sizeof len);
        bytes_add_u32(&set->raw, len);
        bytes_add(&set->raw, data.data + at, len);
        at += len;
    }
    if (e == ERR_NONE && lens.len == 0) {
        set->stream_at++;
        set->n_at = 0;
    } else {
        set->n_at = last;
    }
    bytes_finish(&data);
    bytes_finish(&lens);
    return e;
}

static enum err slice_run(struct store *s, void *arg) {
    struct snap_set *set = arg;
    enum err e = set->has_begun ? ERR_NONE : set_begin(s, set);
    size_t before = set->raw.len;
    while (e == ERR_NONE && set->stream_at < set->stream_count &&
           set->raw.len - before < SNAP_SLICE_BYTES) {
        e = set_read_slice(s, set);
    }
    set->is_complete = e == ERR_NONE && set->stream_at == set->stream_count;
    bool is_chunk =
        set->raw.len >= SNAP_CHUNK_BYTES || (set->is_complete && set->raw.len);
    return e == ERR_NONE && is_chunk ? chunk_write(set) : e;
}

static void set_write_manifest(struct snap_set *set) {
    json_t *object = json_object();
    json_object_set_new(object, "log", wire_hex(set->log, sizeof set->log));
    json_object_set_new(object, "at", wire_mark(&set->mark));
    json_object_set_new(object, "channels", wire_channels(set->channels));
    if (set->people) {
        json_object_set_new(object, "people", json_integer((json_int_t)set->people));
    }
    json_object_set(object, "chunks", set->chunks);
    char *text = json_format(object);
    bytes_clear(&set->manifest);
    bytes_add_text(&set->manifest, text);
    mem_free(text);
    json_decref(object);
}

static bool list_has_chunk(const json_t *list, const char *name) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *other = json_get_text(json_array_get(list, i), "hash", "");
        if (strcmp(other, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_chunk_used(const struct snap *s, const char *name) {
    for (size_t i = 0; i < SNAP_SETS_MAX; i++) {
        if (list_has_chunk(s->sets[i].last, name) ||
            list_has_chunk(s->sets[i].older, name)) {
            return true;
        }
    }
    return false;
}

// The new chunks take their place; files that no kept snapshot names go. The lock is held.
static void set_turn(struct snap_set *set) {
    json_t *gone = set->older;
    set->older = set->last;
    set->last = json_incref(set->chunks);
    for (size_t i = 0; i < json_array_size(gone); i++) {
        const char *name = json_get_text(json_array_get(gone, i), "hash", "");
        if (!is_chunk_used(set->snap, name)) {
            char *path = mem_format("%s/%s", set->snap->dir, name);
            unlink(path);
            mem_free(path);
        }
    }
    json_decref(gone);
}

static void answer_manifest(struct snap_set *set, struct call *c) {
    c->status = MHD_HTTP_OK;
    bytes_add(&c->out, set->manifest.data, set->manifest.len);
}

static void unlink_chunks(const struct snap *s, const json_t *chunks) {
    for (size_t i = 0; i < json_array_size(chunks); i++) {
        char *path = mem_format("%s/%s", s->dir,
                                json_get_text(json_array_get(chunks, i), "hash", ""));
        unlink(path);
        mem_free(path);
    }
}

void snap_watch(struct snap *s, const struct store *store) {
    uint64_t erasures = erase_count(store);
    if (erasures == s->erasures) {
        return;
    }
    s->erasures = erasures;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SNAP_SETS_MAX; i++) {
        struct snap_set *set = &s->sets[i];
        set->is_void = set->is_building;
        set->built_ms = 0;
        bytes_finish(&set->manifest);
        unlink_chunks(s, set->last);
        unlink_chunks(s, set->older);
        json_decref(set->last);
        json_decref(set->older);
        set->last = set->older = NULL;
    }
    pthread_mutex_unlock(&s->lock);
}

static void set_end(struct snap_set *set, enum err e) {
    pthread_mutex_lock(&set->snap->lock);
    if (set->is_void) {
        unlink_chunks(set->snap, set->chunks);
        e = ERR_BUSY; // whoever waits asks again
    }
    set->is_void = false;
    if (e == ERR_NONE) {
        set_write_manifest(set);
        set_turn(set);
        set->built_ms = clock_mono_ms();
    } else {
        log_warning("hub: no snapshot: %s", err_text(e));
    }
    for (size_t i = 0; i < set->waiter_count; i++) {
        struct call *c = set->waiters[i];
        if (e == ERR_NONE) {
            answer_manifest(set, c);
        } else {
            call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "no snapshot now");
            c->retry_after_s = 1;
        }
        call_resume(c);
    }
    set->waiter_count = 0;
    set->is_building = set->has_begun = false;
    set_forget(set);
    pthread_mutex_unlock(&set->snap->lock);
}

static void slice_post(struct snap_set *set);

static void slice_done(void *arg, enum err e) {
    struct snap_set *set = arg;
    if (e == ERR_NONE && !set->is_complete) {
        slice_post(set);
    } else {
        set_end(set, e);
    }
}

static void slice_post(struct snap_set *set) {
    struct store_job job = {.run = slice_run, .done = slice_done, .arg = set};
    enum err e = store_thread_post(set->snap->hub->store, &job);
    if (e != ERR_NONE) {
        set_end(set, e);
    }
}

// ---- serving, on HTTP threads ---------------------------------------------------------

// The set for these channels, else the one built longest ago that is not being built; the
// lock is held. NULL: all are busy.
static struct snap_set *find_set(struct snap *s, uint32_t channels) {
    struct snap_set *oldest = NULL;
    for (size_t i = 0; i < SNAP_SETS_MAX; i++) {
        struct snap_set *set = &s->sets[i];
        if (set->channels == channels) {
            return set;
        }
        if (!set->is_building && (!oldest || set->built_ms < oldest->built_ms)) {
            oldest = set;
        }
    }
    if (oldest) {
        oldest->channels = channels;
        oldest->built_ms = 0;
    }
    return oldest;
}

void route_snap(struct call *c) {
    struct snap *s = c->hub->snap;
    struct fleet_entry known;
    if (!fleet_find(&c->hub->fleet, c->dev, &known)) {
        call_refuse(c, MHD_HTTP_UNAUTHORIZED, "POST /v1/sync first");
        return;
    }
    if (c->hub->relay && relay_is_behind(c->hub->relay)) {
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "this relay is still catching up");
        c->retry_after_s = 5;
        return;
    }
    bool is_starting = false;
    pthread_mutex_lock(&s->lock);
    struct snap_set *set = find_set(s, known.channels);
    bool is_fresh = set && !set->is_building && set->built_ms &&
                    clock_mono_ms() - set->built_ms < SNAP_KEEP_MS;
    if (is_fresh) {
        answer_manifest(set, c);
    } else if (!set || set->waiter_count == SNAP_WAITERS_MAX) {
        call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many snapshots asked for");
        c->retry_after_s = 5;
    } else {
        call_suspend(c);
        set->waiters[set->waiter_count++] = c;
        is_starting = !set->is_building;
        set->is_building = true;
    }
    pthread_mutex_unlock(&s->lock);
    if (is_starting) {
        slice_post(set);
    }
}

// When the power comes back, 500 kiosks ask at once: some are served, the others told when to
// ask again, not all at the same moment.
static bool download_begin(struct call *c) {
    if (atomic_fetch_add(&c->hub->downloads, 1) < SNAP_DOWNLOADS_MAX) {
        c->counter = &c->hub->downloads;
        return true;
    }
    atomic_fetch_sub(&c->hub->downloads, 1);
    call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "many are starting, ask again");
    c->retry_after_s = SNAP_AGAIN_S + (unsigned)(random_u64() % SNAP_SPREAD_S);
    return false;
}

void route_blob(struct call *c) {
    const char *name = c->path + strlen("/v1/blob/");
    uint8_t hash[FACT_HASH_BYTES];
    struct fleet_entry known;
    if (!fleet_find(&c->hub->fleet, c->dev, &known)) {
        call_refuse(c, MHD_HTTP_UNAUTHORIZED, "POST /v1/sync first");
        return;
    }
    if (strlen(name) != NAME_HEX_SIZE - 1 ||
        hex_parse(name, hash, sizeof hash) != ERR_NONE) {
        call_refuse(c, MHD_HTTP_BAD_REQUEST, "not a hash");
        return;
    }
    if (!download_begin(c)) {
        return;
    }
    char *path = mem_format("%s/%s", c->hub->snap->dir, name);
    c->is_raw = true;
    c->type = "application/octet-stream";
    if (c->range_from > SNAP_CHUNK_BYTES * 2 ||
        file_read(path, c->range_from, 2 * SNAP_CHUNK_BYTES, &c->out) != ERR_NONE) {
        call_refuse(c, MHD_HTTP_NOT_FOUND, "no such chunk, ask for /v1/snap again");
    } else {
        c->status = c->range_from ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK;
    }
    mem_free(path);
}

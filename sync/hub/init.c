#include "sync/hub/init.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/hub/devices.h"
#include "sync/hub/keys.h"
#include "sync/hub/postgres.h"
#include "sync/store/store.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static enum err make_keys(const char *dir) {
    enum err e = keys_make_pair(dir, "root.key");
    e = e == ERR_EXISTS ? ERR_NONE : e;
    if (e == ERR_NONE) {
        e = keys_make_pair(dir, "ticket.key");
        e = e == ERR_EXISTS ? ERR_NONE : e;
    }
    if (e == ERR_NONE) {
        e = keys_make_random(dir, "import.secret", KEYS_IMPORT_BYTES);
        e = e == ERR_EXISTS ? ERR_NONE : e;
    }
    return e;
}

// The root grants this hub everything; the hub names itself.
static enum err author_hub(struct store *s, const uint8_t root_secret[FACT_SECRET_BYTES],
                           const char *name, const struct moment *now) {
    struct store_identity id = store_identity_get(s);
    struct draft grant = {0};
    struct draft device = {0};
    char dev[17];
    char hex[2 * FACT_KEY_BYTES + 1];
    hex_format_u64(id.dev, dev);
    hex_format(id.key, sizeof id.key, hex);
    enum err e = draft_fill(&grant, "grant", dev, devices_hub_grant(id.key));
    if (e == ERR_NONE) {
        e = store_append_root(s, &grant, root_secret, now);
    }
    json_t *body = json_object();
    json_object_set_new(body, "name", json_string(name));
    json_object_set_new(body, "key", json_string(hex));
    if (e == ERR_NONE) {
        e = draft_fill(&device, "device", dev, json_incref(body));
    }
    if (e == ERR_NONE) {
        e = store_append(s, &device, 1, now, NULL);
    }
    json_decref(body);
    draft_finish(&grant);
    draft_finish(&device);
    return e;
}

static enum err pick_event(const char *text, uint8_t out[FACT_EVENT_BYTES]) {
    if (!text) {
        random_fill(out, FACT_EVENT_BYTES);
        return ERR_NONE;
    }
    return strlen(text) == 2 * FACT_EVENT_BYTES ? hex_parse(text, out, FACT_EVENT_BYTES)
                                                : ERR_INPUT;
}

static enum err bind_store(struct store *s, const struct init_options *o,
                           const uint8_t event[FACT_EVENT_BYTES]) {
    uint8_t secret[FACT_SECRET_BYTES];
    uint8_t root[FACT_KEY_BYTES];
    enum err e = make_keys(o->dir);
    if (e == ERR_NONE) {
        e = keys_read(o->dir, "root.key", secret, sizeof secret);
    }
    if (e == ERR_NONE) {
        keys_public(secret, root);
        e = store_join(s, event, root);
    }
    if (e == ERR_NONE) {
        e = author_hub(s, secret, "Hub", &o->now);
    }
    if (e == ERR_NONE) {
        char hex[2 * FACT_KEY_BYTES + 1];
        hex_format(event, FACT_EVENT_BYTES, hex);
        printf("event %s\n", hex);
        hex_format(root, sizeof root, hex);
        printf("root  %s\n", hex);
        printf("%s/root.key signs grants only; move it to a safe place\n", o->dir);
    }
    sodium_memzero(secret, sizeof secret);
    return e;
}

// ---- one more hub for a shared log --------------------------------------------------------

// The first hub's keys, copied here by the operator: the root signs our grant, tickets and
// mail hashes must be the same at every hub.
static enum err read_keys(const struct init_options *o, const struct postgres_log *log,
                          uint8_t out_secret[FACT_SECRET_BYTES]) {
    uint8_t ticket[FACT_SECRET_BYTES];
    uint8_t import[KEYS_IMPORT_BYTES];
    uint8_t root[FACT_KEY_BYTES];
    bool has_all =
        keys_read(o->dir, "root.key", out_secret, FACT_SECRET_BYTES) == ERR_NONE &&
        keys_read(o->dir, "ticket.key", ticket, sizeof ticket) == ERR_NONE &&
        keys_read(o->dir, "import.secret", import, sizeof import) == ERR_NONE;
    sodium_memzero(ticket, sizeof ticket);
    sodium_memzero(import, sizeof import);
    if (!has_all) {
        log_error("init: the shared log holds an event already. To add a hub to it, copy"
                  " root.key, ticket.key and import.secret of its first hub to %s",
                  o->dir);
        return ERR_NOT_FOUND;
    }
    keys_public(out_secret, root);
    if (memcmp(root, log->root, sizeof root) != 0) {
        log_error("init: %s/root.key is of another event than the shared log", o->dir);
        return ERR_DENIED;
    }
    return ERR_NONE;
}

static bool is_granted(struct store *s) {
    struct device_info own;
    uint64_t dev = store_identity_get(s).dev;
    return store_find_device(s, dev, &own) == ERR_NONE && own.is_granted;
}

// Takes the whole log first, so that our grant is the next fact of it.
static enum err join_store(struct store *s, const struct init_options *o,
                           const struct postgres_log *log) {
    struct postgres *p = NULL;
    uint8_t secret[FACT_SECRET_BYTES];
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "Hub %04x", (unsigned)(store_identity_get(s).dev >> 48));
    enum err e = read_keys(o, log, secret);
    e = e == ERR_NONE ? store_join_log(s, log->event, log->root, log->log) : e;
    e = e == ERR_NONE ? postgres_attach(o->log, o->dir, s, &p) : e;
    if (e == ERR_NONE && !is_granted(s)) { // else it comes back without its store
        e = author_hub(s, secret, name, &o->now);
    }
    if (e == ERR_NONE) {
        char hex[2 * FACT_KEY_BYTES + 1];
        hex_format(log->event, FACT_EVENT_BYTES, hex);
        printf("joined event %s as %s\n", hex, name);
        printf("%s/root.key is needed no more here; remove it\n", o->dir);
    }
    sodium_memzero(secret, sizeof secret);
    store_share(s, NULL);
    postgres_close(p);
    return e;
}

static enum err share_store(struct store *s, const struct init_options *o) {
    struct postgres *p = NULL;
    enum err e = postgres_attach(o->log, o->dir, s, &p);
    store_share(s, NULL);
    postgres_close(p);
    return e;
}

// A new event here, or the one that the shared log holds.
static enum err fill_store(struct store *s, const struct init_options *o,
                           const uint8_t event[FACT_EVENT_BYTES]) {
    struct postgres *p = NULL;
    struct postgres_log log;
    enum err e = o->log ? postgres_open(o->log, &p) : ERR_NOT_FOUND;
    e = p ? postgres_read_log(p, &log) : e;
    postgres_close(p);
    if (e == ERR_NONE) {
        return join_store(s, o, &log);
    }
    e = e == ERR_NOT_FOUND ? bind_store(s, o, event) : e;
    return e == ERR_NONE && o->log ? share_store(s, o) : e;
}

enum err init_event(const struct init_options *o) {
    struct store *s = NULL;
    struct store_options store = {.dir = o->dir, .is_numbering = true};
    uint8_t event[FACT_EVENT_BYTES];
    enum err e = pick_event(o->event_id, event);
    if (e != ERR_NONE) {
        log_error("init: --event-id %s: 32 hex digits", o->event_id);
        return e;
    }
    e = store_open(&store, &s);
    // Without a grant joining ended half-way: the same command goes on.
    if (e == ERR_NONE && store_identity_get(s).has_event && (!o->log || is_granted(s))) {
        e = ERR_EXISTS;
    }
    if (e == ERR_NONE) {
        e = fill_store(s, o, event);
    }
    if (e != ERR_NONE) {
        log_error("init: %s: %s", o->dir,
                  e == ERR_EXISTS ? "holds an event already"
                  : e == ERR_BUSY ? "a hub is running there"
                                  : err_text(e));
    }
    store_close(s);
    return e;
}

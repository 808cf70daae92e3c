#include "app/kiosk.h"

#include "app/verbs.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/number.h"
#include "sync/event/zone.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const role_names[] = {"none", "checkin", "desk",
                                         "door", "room",    "agenda"};

enum role role_find(const char *name) {
    for (size_t i = 1; i < sizeof role_names / sizeof *role_names; i++) {
        if (strcmp(name, role_names[i]) == 0) {
            return (enum role)i;
        }
    }
    return ROLE_NONE;
}

const char *role_name(enum role r) {
    return role_names[r];
}

static const char *first_of(const char *a, const char *b, const char *c) {
    return a[0] ? a : (b[0] ? b : c);
}

// What local options say goes before what the hub says.
static void update_role(struct kiosk *k) {
    const struct options *o = &k->options;
    struct flow_env *e = &k->env;
    struct flow_env was = *e;
    snprintf(e->name, sizeof e->name, "%.*s", (int)sizeof e->name - 1,
             first_of(o->name, k->self.name, "Foyer"));
    snprintf(e->room, sizeof e->room, "%.*s", (int)sizeof e->room - 1,
             first_of(o->room, k->self.room, ""));
    snprintf(e->gate, sizeof e->gate, "%.*s", (int)sizeof e->gate - 1,
             first_of(o->gate, k->self.gate, "meeting"));
    snprintf(e->place, sizeof e->place, "%.*s", (int)sizeof e->place - 1, o->place);
    enum role role = role_find(first_of(o->role, k->self.role, ""));
    if (role != k->role) { // who was on the old screen is not for the new one
        k->role = role;
        checkin_forget(&k->checkin);
        checkin_forget(&k->desk.checkin);
        k->is_dirty = true;
        k->needs_refresh = true; // signage reads no counts and calls
    }
    if (strcmp(e->gate, was.gate) != 0) {
        k->needs_refresh = true; // counts are of a gate
    }
    bool is_same = strcmp(e->gate, was.gate) == 0 && strcmp(e->room, was.room) == 0 &&
                   strcmp(e->name, was.name) == 0;
    k->is_dirty = k->is_dirty || !is_same;
}

void kiosk_update_env(struct kiosk *k) {
    struct flow_env *e = &k->env;
    if (k->agent) {
        agent_get_status(k->agent, &e->link);
    }
    e->mono_ms = (int64_t)clock_mono_ms();
    e->now = agent_moment(&e->link);
    if (k->has_event_clock) {
        e->now.wall_ms = e->mono_ms + k->clock_offset_ms;
        e->now.state = TIME_SET;
        e->now.error_ms = 0;
    }
    e->programme = k->programme;
    e->zone = k->zone;
    e->is_utc = k->is_utc;
    e->loading = k->loading;
    // Alone, whoever is here is all there are.
    e->loading.is_loading = e->loading.is_loading && e->has_upstream;
    enum store_disk disk = k->store ? store_thread_disk(k->store) : e->disk;
    k->is_dirty = k->is_dirty || disk != e->disk;
    e->disk = disk;
    e->printer = disk == STORE_DISK_OK ? k->printer_state : PRINTER_DISK_FULL;
}

// Without the venue's zone there are no local times, but there are times.
static void use_zone(struct kiosk *k, const char *name) {
    zone_close(k->zone);
    k->zone = NULL;
    snprintf(k->zone_name, sizeof k->zone_name, "%s", name);
    k->is_utc = zone_open(name, &k->zone) != ERR_NONE;
    if (k->is_utc && zone_open("UTC", &k->zone) == ERR_NONE) {
        log_warning("kiosk: the time zone \"%s\" is unknown here (is tzdata installed?): "
                    "times are UTC",
                    name);
    }
}

static void use_programme(struct kiosk *k, struct programme *p) {
    programme_destroy(k->programme);
    k->programme = p;
    bool has_event = p->event.name[0] != '\0';
    if (strcmp(p->event.zone, k->zone_name) != 0 || (has_event && !k->zone)) {
        use_zone(k, p->event.zone);
    }
    k->is_dirty = true;
}

void kiosk_take_refresh(struct kiosk *k, struct refresh *r) {
    if (r->programme) {
        use_programme(k, r->programme);
        k->programme_version = r->programme_version;
    }
    k->is_dirty = k->is_dirty || r->is_enrolled != k->is_enrolled;
    k->is_enrolled = r->is_enrolled;
    if (r->has_self) {
        k->is_dirty = k->is_dirty || k->self.is_revoked != r->self.is_revoked;
        k->self = r->self;
        lock_seal_if_due(k);
    }
    if (r->wants_desk) {
        k->desk_facts = r->desk;
        k->env.queued = r->desk.jobs.queued;
        k->is_dirty = k->is_dirty || k->loading.is_loading || r->loading.is_loading;
        k->loading = r->loading;
    }
    update_role(k);
    kiosk_update_env(k);
}

static bool wants_desk(const struct kiosk *k) {
    return k->role == ROLE_CHECKIN || k->role == ROLE_DESK || k->role == ROLE_DOOR;
}

void kiosk_refresh(struct kiosk *k) {
    if (k->is_refreshing || !k->store) {
        k->needs_refresh = k->store != NULL;
        return;
    }
    k->needs_refresh = false;
    k->is_refreshing = requests_refresh(k->store, k->inbox, k->programme_version,
                                        wants_desk(k), &k->env) == ERR_NONE;
    k->needs_refresh = !k->is_refreshing;
}

// ---- starting ----------------------------------------------------------------------------

static void post_scan(void *context, const struct scan *s) {
    struct scan *copy = mem_copy(s, sizeof *s);
    enum err e = inbox_post(context, PARCEL_SCAN, copy);
    if (e != ERR_NONE) {
        log_warning("kiosk: a scan was lost: %s", err_text(e));
        mem_free(copy);
    }
}

static void post_printer(void *context, const struct printer_news *news) {
    struct printer_news *copy = mem_copy(news, sizeof *news);
    enum err e = inbox_post(context, PARCEL_PRINTER, copy);
    if (e != ERR_NONE) {
        log_warning("kiosk: news of the printer were lost: %s", err_text(e));
        mem_free(copy);
    }
}

static void wake_link(void *arg) {
    // An inbox that is full or closed needs no waking: the news is looked up, not carried.
    if (inbox_post(arg, PARCEL_LINK, NULL) != ERR_NONE) {
        log_debug("kiosk: inbox full");
    }
}

static void post_claim(void *arg, const struct claim_answer *answer) {
    struct claim_answer *copy = mem_copy(answer, sizeof *answer);
    if (inbox_post(arg, PARCEL_CLAIM, copy) != ERR_NONE) {
        mem_free(copy); // the flow goes on without
    }
}

static enum err write_label(const struct label *l, const char *path) {
    struct raster r = {
        .w = l->w, .h = l->h, .stride_bytes = l->stride_bytes, .dpi = l->dpi};
    r.bits = mem_copy(l->bits, (size_t)l->stride_bytes * (size_t)l->h);
    enum err e = raster_write_png(&r, path);
    raster_finish(&r);
    return e;
}

static const struct label_format label_png = {"png", write_label};

static void start_devices(struct kiosk *k) {
    const struct options *o = &k->options;
    struct printer_setup setup = {&label_png, post_printer, k->inbox};
    bool is_keyboard = strcmp(o->scanner, "keyboard") == 0;
    if (!is_keyboard &&
        scanner_start(o->scanner, post_scan, k->inbox, &k->scanner) != ERR_NONE) {
        k->scanner = NULL;
    }
    if (printer_start(o->printer, &setup, &k->printer) != ERR_NONE) {
        k->printer = NULL;
    }
    k->env.has_scanner = is_keyboard || (k->scanner && strcmp(o->scanner, "none") != 0);
    k->env.has_printer = k->printer != NULL;
    const char *name = printer_name(k->printer);
    snprintf(k->env.printer_name, sizeof k->env.printer_name, "%s",
             strcmp(name, "file") == 0 ? "Label folder" : name);
    k->printing = printing_start(o->badge, k->inbox);
}

struct hub_url {
    char text[OPTION_SIZE];
};

static enum err read_hub_url(struct store *s, struct hub_url *out) {
    size_t len = 0;
    enum err e = store_meta_get(s, "hub_url", out->text, sizeof out->text - 1, &len);
    out->text[e == ERR_NONE ? len : 0] = '\0';
    return e;
}

static void start_agent(struct kiosk *k, const struct hub_url *stored) {
    const char *url = first_of(k->options.hub, stored->text, "");
    if (!url[0]) {
        return;
    }
    struct discover_options discover = {.domain = k->options.domain,
                                        .nameserver = k->options.nameserver,
                                        .is_off = strcmp(k->options.discover, "no") == 0};
    struct agent_options o = {.discover = &discover,
                              .store = k->store,
                              .url = url,
                              .wake = wake_link,
                              .wake_arg = k->inbox,
                              .claimed = post_claim,
                              .claimed_arg = k->inbox};
    k->agent = agent_start(&o);
    k->env.has_upstream = true;
}

static bool read_size(const char *text, struct window_options *w) {
    char side[16];
    const char *x = strchr(text, 'x');
    if (!x || (size_t)(x - text) >= sizeof side) {
        return false;
    }
    snprintf(side, sizeof side, "%.*s", (int)(x - text), text);
    w->w = (int)number_parse(side, 0);
    w->h = (int)number_parse(x + 1, 0);
    return w->w > 0 && w->h > 0;
}

static enum err open_window(struct kiosk *k) {
    struct window_options w = {.title = "Foyer",
                               .is_fullscreen = k->options.is_fullscreen,
                               .rotate_degrees = (int)number_parse(k->options.rotate, 0),
                               .is_pointer_shown = !k->options.is_fullscreen};
    if (k->options.size[0] && !read_size(k->options.size, &w)) {
        log_error("kiosk: --size %s is not WIDTHxHEIGHT", k->options.size);
        return ERR_INPUT;
    }
    enum err e = fonts_open(NULL, &k->fonts);
    return e == ERR_NONE ? window_open(&w, k->fonts, &k->window) : e;
}

static enum err check_options(const struct options *o) {
    static const char *const turns[] = {"0", "90", "180", "270"};
    bool is_turn = false;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        is_turn = is_turn || strcmp(o->rotate, turns[i]) == 0;
    }
    if (!is_turn) {
        log_error("kiosk: --rotate %s is not 0, 90, 180 or 270", o->rotate);
        return ERR_INPUT;
    }
    if (o->role[0] && role_find(o->role) == ROLE_NONE) {
        log_error("kiosk: --role %s is not checkin, desk, door, room or agenda", o->role);
        return ERR_INPUT;
    }
    return ERR_NONE;
}

static enum err set_event_clock(struct kiosk *k) {
    int64_t ms = 0;
    if (!k->options.now[0]) {
        return ERR_NONE;
    }
    if (instant_parse(k->options.now, &ms) != ERR_NONE) {
        log_error("kiosk: --now %s is not like 2015-03-23T09:10-05:00", k->options.now);
        return ERR_INPUT;
    }
    k->has_event_clock = true;
    k->clock_offset_ms = ms - (int64_t)clock_mono_ms();
    return ERR_NONE;
}

// The store is read before its thread has it: the first frame shows the programme at once.
static enum err open_store(struct kiosk *k, const uint8_t *key, struct hub_url *url) {
    struct store_options so = {
        .dir = k->options.dir, .reserve_bytes = STORE_RESERVE_BYTES, .key = key};
    struct store *s = NULL;
    enum err e = store_open(&so, &s);
    if (e == ERR_LOCKED && !key) {
        k->lock.is_locked = true;
        vault_get_url(k->options.dir, url->text);
        log_info("kiosk: the store is sealed: looking for its key");
        return ERR_NONE;
    }
    if (e != ERR_NONE) {
        log_error("kiosk: the store in %s cannot be opened: %s", k->options.dir,
                  err_text(e));
        return e;
    }
    k->env.dev = store_identity_get(s).dev;
    if (read_hub_url(s, url) == ERR_CORRUPT) {
        store_close(s);
        return ERR_CORRUPT;
    }
    // Nothing that was at the printer is printed again by itself.
    kiosk_update_env(k);
    if (store_jobs_resume(s, &k->env.now) != ERR_NONE) {
        log_error("kiosk: badges that were printing could not be marked as uncertain");
    }
    struct refresh first = {.known_programme = 0};
    requests_read(s, &first);
    kiosk_take_refresh(k, &first);
    // SIGTERM is the window's (it becomes INPUT_QUIT): no other thread may take it.
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, &before);
    k->store = store_thread_start(s, true);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    atomic_store(&k->is_open, true);
    return ERR_NONE;
}

enum err kiosk_open(struct kiosk *k, const uint8_t key[SEAL_KEY_BYTES]) {
    struct hub_url url = {""};
    enum err e = open_store(k, key, &url);
    if (e == ERR_NONE) {
        start_agent(k, &url);
        kiosk_refresh(k);
    }
    return e;
}

// Where the keeper asks: noted beside the store, for the next start.
static void start_keeper(struct kiosk *k, const struct hub_url *stored) {
    const char *urls = first_of(k->options.hub, stored->text, "");
    if (urls[0] && vault_set_url(k->options.dir, urls) != ERR_NONE) {
        log_warning("kiosk: the next start will not know where the hub is");
    }
    lock_start(k, urls);
}

static enum err start(struct kiosk *k) {
    struct hub_url url = {""};
    enum err e = check_options(&k->options);
    e = e == ERR_NONE ? set_event_clock(k) : e;
    e = e == ERR_NONE ? open_store(k, NULL, &url) : e;
    e = e == ERR_NONE ? open_window(k) : e;
    if (e != ERR_NONE) {
        return e;
    }
    inbox_set_window(k->inbox, k->window);
    kiosk_update_env(k);
    kiosk_draw(k); // something real at once; devices and the network follow
    k->sound = sound_create((int)number_parse(k->options.volume, 0));
    start_devices(k);
    if (k->store) {
        start_agent(k, &url);
    }
    start_keeper(k, &url);
    e = verbs_start_control(k);
    if (e == ERR_NONE && k->options.script[0]) {
        e = script_load(&k->script, k->options.script);
    }
    if (e != ERR_NONE) {
        log_error("kiosk: cannot start: %s", err_text(e));
    }
    kiosk_refresh(k);
    return e;
}

// ---- stopping: stop all, then join all, then what they stood on ----------------------------

static void stop(struct kiosk *k) {
    script_finish(&k->script);
    if (k->control) {
        atomic_store(&k->is_ending, true);
        control_stop(k->control);
    }
    if (k->agent) {
        agent_stop(k->agent);
    }
    if (k->keeper) {
        keeper_stop(k->keeper);
    }
    scanner_stop(k->scanner);
    printer_stop(k->printer);
    if (k->printing) {
        printing_stop(k->printing);
    }
    inbox_close(k->inbox);
    struct parcel p;
    while (inbox_take(k->inbox, &p)) { // a command may wait for its answer
        kiosk_drop_parcel(&p);
    }
    control_join(k->control);
    agent_join(k->agent);
    keeper_join(k->keeper);
    scanner_join(k->scanner);
    printer_join(k->printer);
    printing_join(k->printing);
    if (k->store) {
        store_thread_stop(k->store);
    }
    store_thread_join(k->store);
    inbox_set_window(k->inbox, NULL);
    inbox_destroy(k->inbox, kiosk_drop_parcel);
    sound_destroy(k->sound);
    window_close(k->window);
    fonts_close(k->fonts);
    badge_job_destroy(k->badge);
    kiosk_jobs_finish(&k->jobs);
    programme_destroy(k->programme);
    zone_close(k->zone);
    bytes_finish(&k->said);
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

int64_t kiosk_deadline_ms(const struct kiosk *k) {
    int64_t at = k->env.mono_ms + signage_wait_ms(&k->env);
    int64_t sound = sound_deadline_ms(k->sound);
    at = least(at, script_deadline_ms(&k->script));
    at = least(at, lock_deadline_ms(k));
    if (sound != INT64_MAX) { // in the window's clock
        at = least(at, k->env.mono_ms + (sound - window_now_ms()));
    }
    switch (k->role) {
    case ROLE_DESK:
        return least(at, desk_deadline_ms(&k->desk));
    case ROLE_CHECKIN:
    case ROLE_DOOR:
        return least(at, checkin_deadline_ms(&k->checkin));
    case ROLE_AGENDA:
        return least(at, k->signage.next_page_ms);
    case ROLE_ROOM:
    case ROLE_NONE:
        break;
    }
    return at;
}

static void loop(struct kiosk *k) {
    while (!k->is_quitting) {
        kiosk_update_env(k);
        kiosk_take_parcels(k);
        kiosk_tick(k);
        if (k->is_dirty) {
            kiosk_draw(k);
        }
        script_step(k);
        if (k->is_dirty || k->is_quitting) {
            continue;
        }
        // Deadlines are in boot time, the window sleeps in its own clock: pass the distance.
        int64_t wait = kiosk_deadline_ms(k) - (int64_t)clock_mono_ms();
        struct input in = window_wait(k->window, window_now_ms() + (wait > 0 ? wait : 0));
        kiosk_update_env(k);
        kiosk_take_input(k, &in);
    }
}

int kiosk_run(const struct options *o) {
    struct kiosk *k = mem_alloc(1, sizeof *k);
    k->options = *o;
    k->started_ms = clock_mono_ms();
    k->inbox = inbox_create();
    k->programme = mem_alloc(1, sizeof *k->programme);
    k->is_dirty = true;
    checkin_init(&k->checkin);
    desk_init(&k->desk);
    update_role(k);
    enum err e = start(k);
    if (e == ERR_NONE && o->shot[0] && !o->script[0]) {
        e = window_shot(k->window, o->shot);
    } else if (e == ERR_NONE) {
        loop(k);
    }
    bool has_failed = k->has_failed || (o->script[0] && !k->script.file.ok);
    stop(k);
    mem_free(k);
    return e == ERR_NONE && !has_failed ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include "sync/hub/postgres.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/wait.h"
#include "sync/hub/bell.h"
#include "sync/hub/hub.h"
#include "sync/hub/postgres_part.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    POLL_MS = 50,    // between two looks at the head
    RETRY_MS = 300,  // between two tries to connect
    NODES_MS = 1000, // between two looks at how it replicates
    VACUUM_MS = 60000,
    DDL_LOCK = 17950821 // of the advisory lock under which the tables are made
};

// ---- making a link ------------------------------------------------------------------------

static const char tables_sql[] =
    "BEGIN;"
    "SELECT pg_advisory_xact_lock(%d);"
    "CREATE TABLE IF NOT EXISTS foyer_head(one boolean PRIMARY KEY DEFAULT true CHECK "
    "(one),"
    " version integer NOT NULL, event bytea NOT NULL, root bytea NOT NULL,"
    " log_id bytea NOT NULL, seq bigint NOT NULL, ch bytea NOT NULL)"
    " WITH (fillfactor = 20);"
    "CREATE TABLE IF NOT EXISTS foyer_row(seq bigint PRIMARY KEY, ch bytea NOT NULL,"
    " bytes bytea NOT NULL);"
    "CREATE TABLE IF NOT EXISTS foyer_code(find text PRIMARY KEY, secret bytea NOT NULL,"
    " wish text NOT NULL, until_ms bigint NOT NULL, tries bigint NOT NULL);"
    "CREATE TABLE IF NOT EXISTS foyer_holder(hub bigint, channel bigint, seq bigint NOT "
    "NULL,"
    " PRIMARY KEY(hub, channel));"
    "COMMIT";

// A hub that stands still must not hold the counter for long, nor wait for it. An
// acknowledged commit is on the disk, whatever the database's default.
static const char session_sql[] =
    "SET lock_timeout = '2s';"
    "SET idle_in_transaction_session_timeout = '10s';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')";

static bool run_ok(struct link *l, const char *sql) {
    PGresult *r = link_run(l, sql, LINK_WAIT_MS);
    bool is_ok = r && link_is_ok(l, r);
    PQclear(r);
    return is_ok;
}

static enum err prepare(struct link *l) {
    PGresult *r = run_ok(l, session_sql)
                      ? link_run(l,
                                 "SELECT to_regclass('foyer_head') IS NULL OR"
                                 " to_regclass('foyer_holder') IS NULL",
                                 LINK_WAIT_MS)
                      : NULL;
    bool is_ok = r && link_is_ok(l, r);
    bool is_missing = is_ok && strcmp(PQgetvalue(r, 0, 0), "t") == 0;
    PQclear(r);
    if (is_missing) {
        char sql[sizeof tables_sql + 16];
        snprintf(sql, sizeof sql, tables_sql, DDL_LOCK);
        is_ok = run_ok(l, sql);
    }
    return is_ok ? ERR_NONE : ERR_OFFLINE;
}

static enum err read_log(struct link *l, struct postgres_log *out) {
    PGresult *r = link_call(
        l, "SELECT version::bigint, event, root, log_id FROM foyer_head", NULL, 0);
    enum err e = r && link_is_ok(l, r) ? ERR_NONE : ERR_OFFLINE;
    struct postgres_log log;
    if (e == ERR_NONE && PQntuples(r) == 0) {
        e = ERR_NOT_FOUND;
    } else if (e == ERR_NONE && link_get_u64(r, 0, 0) > POSTGRES_VERSION) {
        snprintf(l->trouble, sizeof l->trouble, "the tables are of a newer version");
        e = ERR_VERSION;
    } else if (e == ERR_NONE) {
        bool is_whole = link_get_bytes(r, 0, 1, log.event, sizeof log.event) &&
                        link_get_bytes(r, 0, 2, log.root, sizeof log.root) &&
                        link_get_bytes(r, 0, 3, log.log, sizeof log.log);
        e = is_whole ? ERR_NONE : ERR_CORRUPT;
    }
    PQclear(r);
    if (e == ERR_NONE) {
        *out = log;
    }
    return e;
}

static enum err write_log(struct link *l, const struct postgres_log *log) {
    static const uint8_t no_ch[EXCHANGE_CH_BYTES];
    struct link_value v[] = {{log->event, sizeof log->event},
                             {log->root, sizeof log->root},
                             {log->log, sizeof log->log},
                             {no_ch, sizeof no_ch}};
    PGresult *r =
        link_call(l,
                  "INSERT INTO foyer_head(version, event, root, log_id, seq, ch)"
                  " VALUES(1, $1::bytea, $2::bytea, $3::bytea, 0, $4::bytea)"
                  " ON CONFLICT DO NOTHING",
                  v, 4);
    bool is_ok = r && link_is_ok(l, r);
    PQclear(r);
    return is_ok ? ERR_NONE : ERR_OFFLINE;
}

// Is it the log we belong to? An empty database becomes it.
static enum err check_log(struct postgres *p, struct link *l) {
    struct postgres_log there;
    enum err e = read_log(l, &there);
    if (e == ERR_NOT_FOUND && p->has_log) {
        e = write_log(l, &p->log);
        e = e == ERR_NONE ? read_log(l, &there) : e;
    }
    if (e == ERR_NONE && p->has_log && memcmp(&there, &p->log, sizeof there) != 0) {
        snprintf(l->trouble, sizeof l->trouble,
                 "the database holds another event or another log of it");
        e = ERR_EXISTS;
    }
    return e;
}

// A transaction that still waits for its replica holds the counter: then it is not writable.
static enum err probe(struct link *l) {
    return run_ok(l, "BEGIN; SELECT 1 FROM foyer_head FOR UPDATE; ROLLBACK")
               ? ERR_NONE
               : ERR_OFFLINE;
}

static void note(struct postgres *p, const struct link *l, enum err e) {
    pthread_mutex_lock(&p->lock);
    bool is_new = strcmp(p->trouble, l->trouble) != 0;
    snprintf(p->trouble, sizeof p->trouble, "%s", l->trouble);
    p->is_locked = l->is_locked;
    if (e == ERR_NONE) {
        snprintf(p->primary, sizeof p->primary, "%s:%s", PQhost(l->conn),
                 PQport(l->conn));
    }
    pthread_mutex_unlock(&p->lock);
    if (e != ERR_NONE && e != ERR_NOT_FOUND && is_new) {
        log_warning("postgresql: %s: %s", p->hosts, l->trouble);
    }
}

// Connects, prepares and checks what is there. *out: fresh, or trouble is noted. ERR_OFFLINE,
// ERR_NOT_FOUND (no event there and none expected), ERR_EXISTS (another event), ERR_VERSION.
static enum err make_link(struct postgres *p, struct link **out) {
    struct link *l = mem_alloc(1, sizeof *l);
    enum err e = link_open(l, p->url);
    e = e == ERR_NONE ? prepare(l) : e;
    e = e == ERR_NONE ? check_log(p, l) : e;
    e = e == ERR_NONE ? probe(l) : e;
    note(p, l, e);
    if (e != ERR_NONE) {
        postgres_free_link(l);
        return e;
    }
    *out = l;
    return ERR_NONE;
}

enum err postgres_connect(struct postgres *p) {
    struct link *l = NULL;
    enum err e = make_link(p, &l);
    if (e == ERR_NONE) {
        pthread_mutex_lock(&p->lock);
        struct link *old = p->link; // one may have died unnoticed
        p->link = l;
        pthread_mutex_unlock(&p->lock);
        postgres_free_link(old);
        log_info("postgresql: %s takes writes", p->primary);
    }
    return e;
}

enum err postgres_read_log(struct postgres *p, struct postgres_log *out) {
    struct link l = {0};
    enum err e = link_open(&l, p->url);
    bool is_open = e == ERR_NONE;
    e = e == ERR_NONE ? prepare(&l) : e;
    e = e == ERR_NONE ? read_log(&l, out) : e;
    note(p, &l, is_open ? e : ERR_OFFLINE);
    link_close(&l);
    return e;
}

static enum err follow_now(struct postgres *p, struct store *s) {
    struct exchange_mark head = {0};
    enum err e = postgres_connect(p);
    e = e == ERR_NONE ? store_follow(s, &head) : e;
    if (e == ERR_NONE) {
        postgres_set_mirror(p, &head);
    }
    return e == ERR_READ_ONLY ? ERR_OFFLINE : e;
}

// A log of ours with another id gives way to the one that is there.
static enum err adopt_log(struct postgres *p, struct store *s, struct postgres_log *io) {
    struct postgres_log there;
    enum err e = postgres_read_log(p, &there);
    if (e != ERR_NONE) {
        return e == ERR_NOT_FOUND || e == ERR_OFFLINE ? ERR_NONE : e;
    }
    bool is_same_event = memcmp(there.event, io->event, sizeof there.event) == 0 &&
                         memcmp(there.root, io->root, sizeof there.root) == 0;
    if (is_same_event) {
        *io = there;
        return store_adopt_log(s, there.log);
    }
    return ERR_NONE;
}

enum err postgres_attach(const char *url, const char *dir, struct store *s,
                         struct postgres **out) {
    struct postgres *p = NULL;
    struct store_identity id = store_identity_get(s);
    struct postgres_log log;
    size_t len = 0;
    enum err e = postgres_open(url, &p);
    if (e != ERR_NONE) {
        return e;
    }
    memcpy(log.event, id.event, sizeof log.event);
    memcpy(log.root, id.root, sizeof log.root);
    e = store_meta_get(s, "log_id", log.log, sizeof log.log, &len);
    e = e == ERR_NONE ? adopt_log(p, s, &log) : e;
    if (e == ERR_NONE) {
        postgres_expect(p, &log);
        store_share(s, postgres_shared(p));
        e = follow_now(p, s);
    }
    if (e == ERR_NONE) {
        e = postgres_save_url(dir, url);
    }
    if (e != ERR_NONE && e != ERR_OFFLINE) {
        log_error("hub: %s: %s", p->hosts, p->trouble[0] ? p->trouble : err_text(e));
        store_share(s, NULL);
        postgres_close(p);
        return e;
    }
    *out = p;
    return e;
}

// ---- following ----------------------------------------------------------------------------

static enum err follow_run(struct store *s, void *arg) {
    struct postgres *p = arg;
    return store_follow(s, &p->followed);
}

static void follow_done(void *arg, enum err e) {
    struct postgres *p = arg;
    if (e == ERR_NONE || e == ERR_READ_ONLY) {
        bell_set(p->hub->bell, p->followed.seq);
        postgres_set_mirror(p, &p->followed);
    } else {
        log_warning("hub: the shared log was not followed: %s", err_text(e));
    }
    pthread_mutex_lock(&p->lock);
    p->is_following = false;
    pthread_mutex_unlock(&p->lock);
}

// The store has not what the head says, or more: one job at a time puts that right.
static void follow(struct postgres *p, const struct exchange_mark *head) {
    pthread_mutex_lock(&p->lock);
    bool is_same = head->seq == p->mirror.seq &&
                   memcmp(head->ch, p->mirror.ch, sizeof head->ch) == 0;
    bool is_due = !is_same && !p->is_following && p->link;
    p->is_following = p->is_following || is_due;
    pthread_mutex_unlock(&p->lock);
    struct store_job job = {.run = follow_run, .done = follow_done, .arg = p};
    if (is_due && store_thread_post(p->hub->store, &job) != ERR_NONE) {
        pthread_mutex_lock(&p->lock);
        p->is_following = false;
        pthread_mutex_unlock(&p->lock);
    }
}

struct watch {
    struct link link;
    bool is_open;
    uint64_t nodes_ms;            // when it was asked how it replicates
    uint64_t vacuum_ms;           // not before
    uint64_t told[CHANNEL_COUNT]; // how far we are, as the others know
};

static void watch_drop(struct watch *w) {
    link_close(&w->link);
    w->is_open = false;
}

static void watch_head(struct postgres *p, struct watch *w) {
    PGresult *r = link_call(&w->link, "SELECT seq, ch FROM foyer_head", NULL, 0);
    struct exchange_mark head = {.seq = r ? link_get_u64(r, 0, 0) : 0};
    bool is_ok =
        r && link_is_ok(&w->link, r) && link_get_bytes(r, 0, 1, head.ch, sizeof head.ch);
    PQclear(r);
    if (is_ok) {
        follow(p, &head);
    } else {
        watch_drop(w);
    }
}

// Tells the others how far our mirror (channel 0) and our devices are.
static bool write_holder(struct postgres *p, struct watch *w, int channel) {
    uint8_t hub[8];
    uint8_t number[8];
    uint8_t seq[8];
    pthread_mutex_lock(&p->lock);
    uint64_t held =
        channel ? fleet_get_held(&p->hub->fleet, (enum channel)channel) : p->mirror.seq;
    pthread_mutex_unlock(&p->lock);
    if (held == w->told[channel]) {
        return true;
    }
    struct link_value v[] = {link_u64(p->hub->identity.dev, hub),
                             link_u64((uint64_t)channel, number), link_u64(held, seq)};
    PGresult *r = link_call(
        &w->link,
        "INSERT INTO foyer_holder(hub, channel, seq) VALUES($1::bigint, $2::bigint,"
        " $3::bigint) ON CONFLICT (hub, channel) DO UPDATE SET seq = excluded.seq",
        v, 3);
    bool is_ok = r && link_is_ok(&w->link, r);
    PQclear(r);
    w->told[channel] = is_ok ? held : w->told[channel];
    return is_ok;
}

// How far others are: a hub's mirror has all channels.
static bool read_holders(struct postgres *p, struct watch *w) {
    uint8_t hub[8];
    struct link_value v = link_u64(p->hub->identity.dev, hub);
    uint64_t held[CHANNEL_COUNT] = {0};
    PGresult *r = link_call(&w->link,
                            "SELECT channel, max(seq) FROM foyer_holder WHERE"
                            " hub <> $1::bigint GROUP BY channel",
                            &v, 1);
    bool is_ok = r && link_is_ok(&w->link, r);
    for (int i = 0; is_ok && i < PQntuples(r); i++) {
        uint64_t channel = link_get_u64(r, i, 0);
        uint64_t seq = link_get_u64(r, i, 1);
        for (uint64_t c = 0; c < CHANNEL_COUNT; c++) {
            held[c] = (channel == 0 || channel == c) && seq > held[c] ? seq : held[c];
        }
    }
    PQclear(r);
    pthread_mutex_lock(&p->lock);
    memcpy(p->held, held, sizeof p->held);
    pthread_mutex_unlock(&p->lock);
    return is_ok;
}

static void watch_holders(struct postgres *p, struct watch *w) {
    if (atomic_exchange(&p->has_parted, false)) {
        fleet_forget_held(&p->hub->fleet);
    }
    bool is_ok = true;
    for (int c = 0; c < CHANNEL_COUNT && is_ok; c++) {
        is_ok = write_holder(p, w, c);
    }
    if (!is_ok || !read_holders(p, w)) {
        watch_drop(w);
    }
}

static void watch_nodes(struct postgres *p, struct watch *w) {
    w->nodes_ms = clock_mono_ms();
    PGresult *r =
        link_run(&w->link, "SELECT current_setting('synchronous_standby_names') <> ''",
                 LINK_WAIT_MS);
    bool is_ok = r && link_is_ok(&w->link, r);
    if (is_ok) {
        pthread_mutex_lock(&p->lock);
        p->is_synchronous = strcmp(PQgetvalue(r, 0, 0), "t") == 0;
        pthread_mutex_unlock(&p->lock);
    }
    PQclear(r);
    if (!is_ok) {
        watch_drop(w);
    }
}

// Erased bytes stay in the table's file until it is written anew.
static void watch_vacuum(struct postgres *p, struct watch *w) {
    PGresult *r = link_run(&w->link, "VACUUM FULL foyer_row", VACUUM_MS);
    if (r && link_is_ok(&w->link, r)) {
        log_info("postgresql: foyer_row was written anew without what was erased");
        atomic_store(&p->needs_vacuum, false);
    } else {
        // Each try asks for the table alone: all who write would wait behind it.
        log_warning("postgresql: foyer_row keeps erased bytes for now: %s",
                    w->link.trouble);
        w->vacuum_ms = clock_mono_ms() + VACUUM_MS;
    }
    PQclear(r);
    if (w->link.is_broken) {
        watch_drop(w);
    }
}

static void look(struct postgres *p, struct watch *w) {
    if (!w->is_open) {
        w->is_open = link_open(&w->link, p->url) == ERR_NONE;
        w->nodes_ms = 0;
        if (w->is_open && !run_ok(&w->link, session_sql)) {
            watch_drop(w);
        }
    }
    if (w->is_open) {
        watch_head(p, w);
    }
    if (w->is_open && clock_mono_ms() - w->nodes_ms >= NODES_MS) {
        watch_nodes(p, w);
        if (w->is_open) {
            watch_holders(p, w);
        }
    }
    if (w->is_open && atomic_load(&p->needs_vacuum) && clock_mono_ms() >= w->vacuum_ms) {
        watch_vacuum(p, w);
    }
}

// Until something changed or the time is over; false: stop.
static bool rest(struct postgres *p, unsigned ms) {
    uint64_t until_ms = clock_mono_ms() + ms;
    pthread_mutex_lock(&p->lock);
    if (!p->is_stopping) {
        (void)wait_until(&p->changed, &p->lock, until_ms);
    }
    bool goes_on = !p->is_stopping;
    pthread_mutex_unlock(&p->lock);
    return goes_on;
}

static void *keep(void *arg) {
    struct postgres *p = arg;
    struct watch w = {0};
    unsigned pause_ms = 0;
    do {
        bool has_link = postgres_get_link(p) || postgres_connect(p) == ERR_NONE;
        if (has_link) {
            look(p, &w);
        }
        pause_ms = has_link ? POLL_MS : RETRY_MS;
    } while (rest(p, pause_ms));
    watch_drop(&w);
    return NULL;
}

void postgres_start(struct postgres *p, struct hub *h) {
    p->hub = h;
    CHECK(pthread_create(&p->thread, NULL, keep, p) == 0);
    p->is_started = true;
}

void postgres_stop(struct postgres *p) {
    if (!p || !p->is_started) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->is_stopping = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    p->is_started = false;
}

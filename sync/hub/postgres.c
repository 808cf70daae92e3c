#include "sync/hub/postgres.h"

#include "sync/base/clock.h"
#include "sync/base/file.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/wait.h"
#include "sync/hub/postgres_part.h"
#include "sync/store/peer_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LATER_BYTES_MAX = 256 * 1024 };

// ---- the link ---------------------------------------------------------------------------

struct link *postgres_get_link(struct postgres *p) {
    pthread_mutex_lock(&p->lock);
    struct link *l = p->link;
    pthread_mutex_unlock(&p->lock);
    return l;
}

void postgres_free_link(struct link *l) {
    if (l) {
        link_close(l);
        mem_free(l);
    }
}

void postgres_drop_link(struct postgres *p, const char *why) {
    pthread_mutex_lock(&p->lock);
    struct link *l = p->link;
    p->link = NULL;
    if (l) {
        snprintf(p->trouble, sizeof p->trouble, "%s", why);
        p->is_locked = l->is_locked;
    }
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    if (l) {
        log_warning("postgresql: read-only: %s", why);
    }
    postgres_free_link(l);
}

void postgres_set_mirror(struct postgres *p, const struct exchange_mark *at) {
    pthread_mutex_lock(&p->lock);
    p->mirror = *at;
    pthread_mutex_unlock(&p->lock);
}

// One statement on the store's link; NULL: read-only from here on.
static PGresult *call(struct postgres *p, const char *sql,
                      const struct link_value *values, int count) {
    struct link *l = postgres_get_link(p);
    if (!l) {
        return NULL;
    }
    PGresult *r = link_call(l, sql, values, count);
    if (!r || !link_is_ok(l, r)) {
        PQclear(r);
        postgres_drop_link(p, l->trouble);
        return NULL;
    }
    return r;
}

static PGresult *run(struct postgres *p, const char *sql) {
    struct link *l = postgres_get_link(p);
    if (!l) {
        return NULL;
    }
    PGresult *r = link_run(l, sql, LINK_WAIT_MS);
    if (!r || !link_is_ok(l, r)) {
        PQclear(r);
        postgres_drop_link(p, l->trouble);
        return NULL;
    }
    return r;
}

// ---- the log, for the store thread --------------------------------------------------------

static enum err read_mark(const PGresult *r, int row, struct exchange_mark *out) {
    out->seq = link_get_u64(r, row, 0);
    return link_get_bytes(r, row, 1, out->ch, sizeof out->ch) ? ERR_NONE : ERR_CORRUPT;
}

static enum err pg_lock(void *arg, struct exchange_mark *out_head) {
    struct postgres *p = arg;
    // Results are text here: several statements in one message.
    PGresult *r =
        run(p, "BEGIN; SELECT seq, encode(ch, 'hex') FROM foyer_head FOR UPDATE");
    if (!r) {
        return ERR_READ_ONLY;
    }
    bool is_row = PQntuples(r) == 1;
    enum err e = is_row
                     ? hex_parse(PQgetvalue(r, 0, 1), out_head->ch, sizeof out_head->ch)
                     : ERR_CORRUPT;
    if (e == ERR_NONE) {
        out_head->seq = strtoull(PQgetvalue(r, 0, 0), NULL, 10);
    }
    PQclear(r);
    p->is_replaced = false;
    bytes_clear(&p->later);
    p->said_ms = clock_mono_ms();
    if (e != ERR_NONE) {
        postgres_drop_link(p, "table foyer_head has no row");
    }
    return e == ERR_NONE ? e : ERR_READ_ONLY;
}

// Else the server would take the counter from a hub that only works for long.
static enum err pg_touch(void *arg) {
    struct postgres *p = arg;
    if (clock_mono_ms() - p->said_ms < POSTGRES_TOUCH_MS) {
        return ERR_NONE;
    }
    p->said_ms = clock_mono_ms();
    PGresult *r = run(p, "SELECT 1");
    PQclear(r);
    return r ? ERR_NONE : ERR_READ_ONLY;
}

static enum err pg_mark(void *arg, uint64_t seq, struct exchange_mark *out) {
    uint8_t at[8];
    struct link_value v = link_u64(seq, at);
    PGresult *r = call(arg,
                       "SELECT seq, ch FROM foyer_row WHERE seq <= $1::bigint"
                       " ORDER BY seq DESC LIMIT 1",
                       &v, 1);
    if (!r) {
        return ERR_READ_ONLY;
    }
    *out = (struct exchange_mark){0};
    enum err e = PQntuples(r) ? read_mark(r, 0, out) : ERR_NONE;
    PQclear(r);
    return e;
}

static enum err pg_end(void *arg, uint64_t seq, struct exchange_mark *out) {
    uint8_t at[8];
    struct link_value v = link_u64(seq, at);
    PGresult *r = call(arg,
                       "SELECT seq, ch FROM foyer_row WHERE seq >= $1::bigint"
                       " ORDER BY seq LIMIT 1",
                       &v, 1);
    if (!r) {
        return ERR_READ_ONLY;
    }
    enum err e = PQntuples(r) ? read_mark(r, 0, out) : ERR_CORRUPT;
    PQclear(r);
    return e;
}

static enum err pg_read(void *arg, uint64_t from, shared_each *each, void *each_arg) {
    uint8_t at[8];
    struct link_value v = link_u64(from, at);
    PGresult *r = call(arg,
                       "SELECT seq, ch, CASE WHEN seq = $1::bigint THEN NULL ELSE"
                       " bytes END FROM foyer_row WHERE seq >= $1::bigint"
                       " ORDER BY seq LIMIT 64",
                       &v, 1);
    enum err e = r ? ERR_NONE : ERR_READ_ONLY;
    for (int i = 0; e == ERR_NONE && i < PQntuples(r); i++) {
        struct shared_row row = {.bytes = (const uint8_t *)PQgetvalue(r, i, 2),
                                 .len = (size_t)PQgetlength(r, i, 2)};
        e = read_mark(r, i, &row.at);
        e = e == ERR_NONE ? each(each_arg, &row) : e;
    }
    PQclear(r);
    return e;
}

static enum err write_row(struct postgres *p, const char *sql,
                          const struct shared_row *row) {
    uint8_t seq[8];
    struct link_value v[] = {link_u64(row->at.seq, seq),
                             {row->at.ch, sizeof row->at.ch},
                             {row->bytes, (int)row->len}};
    PGresult *r = row->len > INT32_MAX ? NULL : call(p, sql, v, 3);
    enum err e = r ? ERR_NONE : ERR_READ_ONLY;
    if (r && strcmp(PQcmdTuples(r), "1") != 0) {
        postgres_drop_link(p, "a row of foyer_row is missing");
        e = ERR_READ_ONLY;
    }
    PQclear(r);
    return e;
}

static void add_hex(struct bytes *out, const void *data, size_t len) {
    hex_format(data, len, (char *)bytes_grow(out, 2 * len + 1));
    out->len--; // its NUL
}

// The usual small row goes out with the commit: one answer to wait for instead of two.
static void append_later(struct postgres *p, const struct shared_row *row) {
    char start[96];
    snprintf(start, sizeof start,
             "INSERT INTO foyer_row(seq, ch, bytes) VALUES(%" PRIu64 ", decode('",
             row->at.seq);
    bytes_add_text(&p->later, start);
    add_hex(&p->later, row->at.ch, sizeof row->at.ch);
    bytes_add_text(&p->later, "', 'hex'), decode('");
    add_hex(&p->later, row->bytes, row->len);
    bytes_add_text(&p->later, "', 'hex'));");
}

static enum err pg_append(void *arg, const struct shared_row *row) {
    struct postgres *p = arg;
    if (row->len <= LATER_BYTES_MAX && p->later.len <= LATER_BYTES_MAX) {
        append_later(p, row);
        return ERR_NONE;
    }
    return write_row(arg,
                     "INSERT INTO foyer_row(seq, ch, bytes)"
                     " VALUES($1::bigint, $2::bytea, $3::bytea)",
                     row);
}

static enum err pg_replace(void *arg, const struct shared_row *row) {
    struct postgres *p = arg;
    p->is_replaced = true;
    return write_row(arg,
                     "UPDATE foyer_row SET bytes = $3::bytea WHERE seq = $1::bigint"
                     " AND ch = $2::bytea",
                     row);
}

// A warning with the commit ("canceling wait for synchronous replication") means that it is
// on one node only: no acknowledgement then.
static enum err pg_commit(void *arg, const struct exchange_mark *head) {
    struct postgres *p = arg;
    char ch[2 * EXCHANGE_CH_BYTES + 1];
    char sql[160];
    hex_format(head->ch, sizeof head->ch, ch);
    snprintf(sql, sizeof sql,
             "UPDATE foyer_head SET seq = %" PRIu64 ", ch = decode('%s', 'hex'); COMMIT",
             head->seq, ch);
    bytes_add(&p->later, sql, strlen(sql) + 1);
    struct link *l = postgres_get_link(p);
    if (!l) {
        return ERR_READ_ONLY;
    }
    l->has_warning = false;
    PGresult *r = run(p, (const char *)p->later.data);
    if (!r) {
        return ERR_READ_ONLY;
    }
    bool is_done = strcmp(PQcmdStatus(r), "COMMIT") == 0 && !l->has_warning;
    PQclear(r);
    if (!is_done) {
        postgres_drop_link(p, l->has_warning ? l->trouble : "a commit was rolled back");
        return ERR_READ_ONLY;
    }
    if (p->is_replaced) {
        atomic_store(&p->needs_vacuum, true);
    }
    postgres_set_mirror(p, head);
    return ERR_NONE;
}

static void pg_cancel(void *arg) {
    PQclear(run(arg, "ROLLBACK"));
}

static void pg_parted(void *arg, const struct exchange_mark *common) {
    struct postgres *p = arg;
    uint8_t seq[8];
    struct link_value v = link_u64(common->seq, seq);
    PQclear(call(p, "DELETE FROM foyer_holder WHERE seq > $1::bigint", &v, 1));
    atomic_store(&p->has_parted, true);
}

// ---- one-time codes -----------------------------------------------------------------------

static enum err pg_code_add(void *arg, const struct shared_code *code) {
    uint8_t until[8];
    struct link_value v[] = {{code->find, (int)strlen(code->find)},
                             {code->secret, sizeof code->secret},
                             {code->wish, (int)strlen(code->wish)},
                             link_u64((uint64_t)code->until_ms, until)};
    PGresult *r = call(arg,
                       "INSERT INTO foyer_code(find, secret, wish, until_ms, tries)"
                       " VALUES($1::text, $2::bytea, $3::text, $4::bigint, 0)",
                       v, 4);
    PQclear(r);
    return r ? ERR_NONE : ERR_READ_ONLY;
}

static enum err pg_code_try(void *arg, struct shared_code *io_code, int64_t now_ms) {
    uint8_t now[8];
    uint8_t tries[8];
    struct link_value v[] = {{io_code->find, (int)strlen(io_code->find)},
                             link_u64((uint64_t)now_ms, now),
                             link_u64(ENROLMENT_TRIES, tries)};
    PGresult *r = call(arg,
                       "UPDATE foyer_code SET tries = tries + 1 WHERE find = $1::text"
                       " AND until_ms >= $2::bigint AND tries < $3::bigint"
                       " RETURNING secret, wish",
                       v, 3);
    if (!r) {
        return ERR_READ_ONLY;
    }
    bool is_there = link_get_bytes(r, 0, 0, io_code->secret, sizeof io_code->secret) &&
                    PQgetlength(r, 0, 1) < (int)sizeof io_code->wish;
    if (is_there) {
        snprintf(io_code->wish, sizeof io_code->wish, "%.*s", PQgetlength(r, 0, 1),
                 PQgetvalue(r, 0, 1));
    }
    PQclear(r);
    return is_there ? ERR_NONE : ERR_DENIED;
}

static enum err pg_code_forget(void *arg, const char *find, int64_t now_ms) {
    uint8_t now[8];
    struct link_value v[] = {{find, (int)strlen(find)}, link_u64((uint64_t)now_ms, now)};
    PGresult *r =
        call(arg, "DELETE FROM foyer_code WHERE find = $1::text OR until_ms < $2::bigint",
             v, 2);
    PQclear(r);
    return r ? ERR_NONE : ERR_READ_ONLY;
}

// ---- opening ------------------------------------------------------------------------------

// "host:port, …" of what libpq would try.
static void list_hosts(const char *url, char *out, size_t size) {
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    const char *hosts = "";
    const char *ports = "";
    for (PQconninfoOption *o = options; o && o->keyword; o++) {
        const char *value = o->val ? o->val : "";
        hosts = strcmp(o->keyword, "host") == 0 ? value : hosts;
        ports = strcmp(o->keyword, "port") == 0 ? value : ports;
    }
    size_t at = 0;
    out[0] = '\0';
    while (*hosts && at < size) {
        int host = (int)strcspn(hosts, ",");
        int port = (int)strcspn(ports, ",");
        at += (size_t)snprintf(out + at, size - at, "%s%.*s%s%.*s", at ? ", " : "", host,
                               hosts, port ? ":" : "", port, ports);
        hosts += host + (hosts[host] == ',');
        ports += ports[port] == ',' ? port + 1 : 0; // one port may stand for all hosts
    }
    if (!out[0]) {
        snprintf(out, size, "local socket");
    }
    PQconninfoFree(options);
}

enum err postgres_open(const char *url, struct postgres **out) {
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &why);
    if (!options) {
        log_error("hub: --log %s: %s", url, why ? why : "not a PostgreSQL URL");
        PQfreemem(why);
        return ERR_INPUT;
    }
    PQconninfoFree(options);
    struct postgres *p = mem_alloc(1, sizeof *p);
    p->shared = (struct store_shared){.arg = p,
                                      .lock = pg_lock,
                                      .touch = pg_touch,
                                      .mark = pg_mark,
                                      .end = pg_end,
                                      .read = pg_read,
                                      .append = pg_append,
                                      .replace = pg_replace,
                                      .commit = pg_commit,
                                      .cancel = pg_cancel,
                                      .parted = pg_parted,
                                      .code_add = pg_code_add,
                                      .code_try = pg_code_try,
                                      .code_forget = pg_code_forget};
    p->url = mem_copy_text(url);
    list_hosts(url, p->hosts, sizeof p->hosts);
    CHECK(pthread_mutex_init(&p->lock, NULL) == 0);
    wait_init(&p->changed);
    *out = p;
    return ERR_NONE;
}

void postgres_close(struct postgres *p) {
    if (!p) {
        return;
    }
    postgres_free_link(p->link);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    bytes_finish(&p->later);
    mem_free(p->url);
    mem_free(p);
}

const struct store_shared *postgres_shared(struct postgres *p) {
    return &p->shared;
}

void postgres_expect(struct postgres *p, const struct postgres_log *log) {
    p->log = *log;
    memcpy(p->shared.log, log->log, sizeof p->shared.log);
    p->has_log = true;
}

void postgres_get_state(struct postgres *p, struct postgres_state *out) {
    *out = (struct postgres_state){0};
    pthread_mutex_lock(&p->lock);
    out->is_writable = p->link != NULL;
    out->is_synchronous = p->is_synchronous;
    memcpy(out->primary, p->primary, sizeof out->primary);
    memcpy(out->held, p->held, sizeof out->held);
    if (!out->is_writable) {
        snprintf(out->word, sizeof out->word, "read-only: %s (%s): nothing was written",
                 p->is_locked ? "another commit takes long at the PostgreSQL primary"
                              : "no PostgreSQL primary answers",
                 p->hosts);
        memcpy(out->trouble, p->trouble, sizeof out->trouble);
    }
    pthread_mutex_unlock(&p->lock);
}

// ---- the URL ------------------------------------------------------------------------------

enum { URL_BYTES_MAX = 4096 };

enum err postgres_save_url(const char *dir, const char *url) {
    char *path = mem_format("%s/log.url", dir);
    enum err e = file_write(path, url, strlen(url));
    mem_free(path);
    return e;
}

char *postgres_read_url(const char *dir) {
    struct bytes data = {0};
    char *path = mem_format("%s/log.url", dir);
    enum err e = file_read(path, 0, URL_BYTES_MAX, &data);
    mem_free(path);
    bytes_add_u8(&data, 0);
    char *url = e == ERR_NONE ? mem_copy_text((const char *)data.data) : NULL;
    bytes_finish(&data);
    if (url) {
        url[strcspn(url, "\r\n")] = '\0'; // a person may have written it
    }
    return url;
}

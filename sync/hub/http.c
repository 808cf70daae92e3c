#include "sync/hub/http.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/zip.h"
#include "sync/exchange/auth.h"
#include "sync/hub/hub.h"
#include "sync/hub/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    struct hub *hub;
    const struct http_route *routes;
    struct MHD_Daemon *daemon;
    struct limits *limits;
};

// One connection.
struct peer {
    struct limits_peer *limits;
    uint8_t key[FACT_KEY_BYTES]; // that signed a request here
    bool has_key;
};

// What the route sees comes first, so that a struct call is a struct http_call.
struct http_call {
    struct call call;
    struct server *server;
    struct peer *peer;
    struct MHD_Connection *connection;
    const struct http_route *route;
    // Only HTTP threads touch these two: the resuming thread must not, or a quick answer
    // would be queued on a connection that is still suspended.
    bool is_started, is_suspended;
    bool is_zipped;
    bool takes_zip;
    char path[256];
    char target[320]; // path with query, as it was signed
    char seq[24], up[24];
};

static struct http_call *outer(struct call *c) {
    return (struct http_call *)(void *)c;
}

void call_refuse(struct call *c, int status, const char *text) {
    c->status = status;
    c->type = NULL; // JSON, whatever the route meant to send
    bytes_clear(&c->out);
    bytes_add_text(&c->out, "{\"error\":\"");
    bytes_add_text(&c->out, text);
    bytes_add_text(&c->out, "\"}");
}

void call_refuse_load(struct call *c) {
    call_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too much at a time");
    c->retry_after_s = 2;
}

bool call_hold(struct call *c, size_t len) {
    return limits_hold(outer(c)->server->limits, outer(c)->peer->limits, len);
}

struct limits_totals call_get_totals(struct call *c) {
    return limits_get_totals(outer(c)->server->limits);
}

void call_suspend(struct call *c) {
    outer(c)->is_suspended = true;
    MHD_suspend_connection(outer(c)->connection);
}

void call_resume(struct call *c) {
    MHD_resume_connection(outer(c)->connection);
}

static const char *header_of(struct http_call *c, const char *name) {
    return MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name);
}

// ---- reading --------------------------------------------------------------------------

static const struct http_route *find_route(const struct server *s, const char *method,
                                           const char *path, bool *has_path) {
    for (const struct http_route *r = s->routes; r->path; r++) {
        size_t len = strlen(r->path);
        bool is_prefix = r->path[len - 1] == '/';
        if (is_prefix ? strncmp(path, r->path, len) != 0 : strcmp(path, r->path) != 0) {
            continue;
        }
        *has_path = true;
        if (strcmp(method, r->method) == 0) {
            return r;
        }
    }
    return NULL;
}

static struct http_call *call_create(struct server *s, struct MHD_Connection *connection,
                                     const char *path) {
    struct http_call *c = mem_alloc(1, sizeof *c);
    c->server = s;
    c->connection = connection;
    c->peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
                  ->socket_context;
    uint64_t now_ms = clock_mono_ms();
    limits_set_due(s->limits, c->peer->limits, now_ms + LIMITS_REQUEST_MS);
    limits_sweep(s->limits, now_ms);
    c->call.hub = s->hub;
    snprintf(c->path, sizeof c->path, "%s", path);
    c->call.path = c->path;
    const char *seq =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "seq");
    const char *up = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "up");
    snprintf(c->seq, sizeof c->seq, "%s", seq ? seq : "");
    snprintf(c->up, sizeof c->up, "%s", up ? up : "");
    c->call.query_seq = c->seq;
    c->call.query_up = c->up;
    snprintf(c->target, sizeof c->target, "%s%s%s%s%s", c->path, seq ? "?seq=" : "",
             c->seq, up ? "&up=" : "", c->up);
    const char *encoding = header_of(c, "Content-Encoding");
    const char *accepted = header_of(c, "Accept-Encoding");
    const char *range = header_of(c, "Range");
    c->is_zipped = encoding && strcmp(encoding, "zstd") == 0;
    c->takes_zip = accepted && strstr(accepted, "zstd");
    if (range && strncmp(range, "bytes=", 6) == 0) {
        c->call.range_from = strtoull(range + 6, NULL, 10);
    }
    hub_count(s->hub, HUB_REQUESTS, 1);
    return c;
}

// What a route made on the way to the answer is not kept while a slow peer takes it.
static void call_free_state(struct http_call *c) {
    if (c->call.free_state) {
        c->call.free_state(c->call.state);
    }
    c->call.free_state = NULL;
    c->call.state = NULL;
    bytes_finish(&c->call.in);
    limits_release(c->server->limits, c->peer->limits);
}

static void call_destroy(struct http_call *c) {
    call_free_state(c);
    if (c->call.counter) {
        atomic_fetch_sub(c->call.counter, 1);
    }
    limits_set_due(c->server->limits, c->peer->limits, clock_mono_ms() + LIMITS_IDLE_MS);
    bytes_finish(&c->call.out);
    mem_free(c);
}

static bool is_known(struct http_call *c) {
    const char *hex = header_of(c, "Foyer-Key");
    return c->route->trust == HTTP_SIGNED_ONCE && c->peer->has_key && hex &&
           strlen(hex) == 2 * sizeof c->call.key &&
           hex_parse(hex, c->call.key, sizeof c->call.key) == ERR_NONE &&
           memcmp(c->call.key, c->peer->key, sizeof c->peer->key) == 0;
}

static bool check_signature(struct http_call *c, const char *method) {
    uint8_t text[AUTH_TEXT_BYTES];
    if (is_known(c)) {
        c->call.dev = device_id(c->call.key);
        return true;
    }
    auth_text(method, c->target, c->call.in.data, c->call.in.len, text);
    enum err e = auth_check(header_of(c, "Foyer-Key"), header_of(c, "Foyer-Sig"), text,
                            c->call.key);
    if (e != ERR_NONE) {
        c->call.status = MHD_HTTP_UNAUTHORIZED;
        bytes_add_text(&c->call.out, "{\"need\":\"signature\"}");
        return false;
    }
    c->call.dev = device_id(c->call.key);
    memcpy(c->peer->key, c->call.key, sizeof c->peer->key);
    c->peer->has_key = true;
    return true;
}

static bool unpack_body(struct http_call *c) {
    if (!c->is_zipped) {
        return true;
    }
    struct bytes plain = {0};
    enum err e = zip_unpack(c->call.in.data, c->call.in.len, HTTP_IN_MAX, &plain);
    bytes_finish(&c->call.in);
    c->call.in = plain;
    if (e == ERR_NONE && !call_hold(&c->call, plain.len)) {
        call_refuse_load(&c->call);
        return false;
    }
    if (e != ERR_NONE) {
        call_refuse(&c->call,
                    e == ERR_LIMIT ? MHD_HTTP_CONTENT_TOO_LARGE : MHD_HTTP_BAD_REQUEST,
                    "the body is no zstd frame of allowed size");
    }
    return e == ERR_NONE;
}

// The whole request is here: answers, or leaves the call suspended.
static void call_start(struct server *s, struct http_call *c, const char *method) {
    bool has_path = false;
    c->is_started = true;
    limits_set_due(s->limits, c->peer->limits, UINT64_MAX);
    c->route = find_route(s, method, c->path, &has_path);
    if (c->call.status) {
        return; // refused while reading
    }
    if (!c->route) {
        call_refuse(&c->call, has_path ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND,
                    has_path ? "no such method here" : "no such path");
        return;
    }
    if ((c->route->trust == HTTP_ANYBODY || check_signature(c, method)) &&
        unpack_body(c)) {
        c->route->handle(&c->call);
    }
}

// ---- answering ------------------------------------------------------------------------

static void count_answer(struct hub *h, int status) {
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE) {
        hub_count(h, HUB_BUSY, 1);
    } else if (status >= 400 && status < 500) {
        hub_count(h, HUB_REFUSED, 1);
    }
}

// The body as it goes out, and what that took is all the call still holds.
static bool pack_answer(struct http_call *h) {
    struct call *c = &h->call;
    struct bytes packed = {0};
    bool is_packed = !c->is_raw && h->takes_zip && c->out.len >= HTTP_ZIP_FROM;
    if (is_packed) {
        zip_pack(c->out.data, c->out.len, &packed);
        bytes_finish(&c->out);
        c->out = packed;
    }
    call_free_state(h);
    if (c->out.len > HTTP_SMALL && !call_hold(c, c->out.cap)) {
        call_refuse_load(c);
        is_packed = false;
    }
    return is_packed;
}

static struct MHD_Response *make_response(struct http_call *h) {
    struct call *c = &h->call;
    bool is_packed = pack_answer(h);
    // The server has no use for no memory at all.
    struct MHD_Response *r =
        c->out.len ? MHD_create_response_from_buffer(c->out.len, c->out.data,
                                                     MHD_RESPMEM_MUST_FREE)
                   : MHD_create_response_from_buffer(0, h->path, MHD_RESPMEM_PERSISTENT);
    if (!r) {
        return NULL;
    }
    if (c->out.len) {
        c->out = (struct bytes){0}; // the response's now
    }
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
                            c->type ? c->type : "application/json");
    if (is_packed) {
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "zstd");
    }
    return r;
}

static enum MHD_Result call_answer(struct http_call *h) {
    struct call *c = &h->call;
    if (c->finish) {
        void (*finish)(struct call *) = c->finish;
        c->finish = NULL;
        finish(c);
    }
    limits_set_due(h->server->limits, h->peer->limits,
                   clock_mono_ms() + LIMITS_ANSWER_MS);
    struct MHD_Response *r = make_response(h);
    if (!r) {
        return MHD_NO;
    }
    char text[16];
    if (c->retry_after_s) {
        snprintf(text, sizeof text, "%u", c->retry_after_s);
        MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, text);
    }
    count_answer(c->hub, c->status);
    enum MHD_Result result =
        MHD_queue_response(h->connection, c->status ? (unsigned)c->status : 500, r);
    MHD_destroy_response(r);
    return result;
}

static void call_receive(struct http_call *c, const char *data, size_t len) {
    if (c->call.status) {
        return; // refused already: the rest is read and dropped
    }
    if (c->call.in.len + len > HTTP_IN_MAX) {
        call_refuse(&c->call, MHD_HTTP_CONTENT_TOO_LARGE, "the body is over 4 MiB");
    } else if (!call_hold(&c->call, len)) {
        call_refuse_load(&c->call);
    } else {
        bytes_add(&c->call.in, data, len);
        return;
    }
    bytes_finish(&c->call.in); // what came before is of no use either
    limits_release(c->server->limits, c->peer->limits);
}

// NOLINTNEXTLINE(readability-function-size): libmicrohttpd gives the parameters
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
                                  const char *path, const char *method,
                                  const char *version, const char *data, size_t *len,
                                  void **state) {
    struct server *s = arg;
    struct http_call *c = *state;
    (void)version;
    if (!c) {
        *state = call_create(s, connection, path);
        return MHD_YES;
    }
    if (*len) {
        call_receive(c, data, *len);
        *len = 0;
        return MHD_YES;
    }
    if (!c->is_started) {
        call_start(s, c, method);
        if (c->is_suspended) {
            return MHD_YES; // comes back here once resumed
        }
    }
    return call_answer(c);
}

static void on_done(void *arg, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode why) {
    (void)arg;
    (void)connection;
    (void)why;
    if (*state) {
        call_destroy(*state);
        *state = NULL;
    }
}

static uint32_t address_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct sockaddr_in in;
    if (!info || info->client_addr->sa_family != AF_INET) {
        return 0;
    }
    memcpy(&in, info->client_addr, sizeof in);
    return in.sin_addr.s_addr;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **peer,
                          enum MHD_ConnectionNotificationCode what) {
    struct server *s = arg;
    struct peer *p = *peer;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                     ->connect_fd;
        uint64_t now_ms = clock_mono_ms();
        limits_sweep(s->limits, now_ms);
        *peer = p = mem_alloc(1, sizeof *p);
        p->limits = limits_open(s->limits, fd, address_of(connection), now_ms);
    } else {
        limits_close(s->limits, p->limits);
        mem_free(p);
        *peer = NULL;
    }
}

static void on_log(void *arg, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void on_log(void *arg, const char *format, va_list args) {
    char line[256];
    (void)arg;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    log_debug("http: %s", line);
}

// ---- starting -------------------------------------------------------------------------

static enum err parse_address(const char *text, struct sockaddr_in *out) {
    char host[64];
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host) {
        return ERR_INPUT;
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    char *end = NULL;
    unsigned long port = strtoul(colon + 1, &end, 10);
    memset(out, 0, sizeof *out);
    out->sin_family = AF_INET;
    out->sin_port = htons((uint16_t)port);
    if (*end || end == colon + 1 || port > UINT16_MAX ||
        inet_pton(AF_INET, host, &out->sin_addr) != 1) {
        return ERR_INPUT;
    }
    return ERR_NONE;
}

enum err server_start(struct hub *h, const char *address, const struct http_route *routes,
                      struct server **out) {
    struct sockaddr_in at;
    enum err e = parse_address(address, &at);
    if (e != ERR_NONE) {
        log_error("hub: --listen %s: not an IPv4 address and port", address);
        return e;
    }
    struct server *s = mem_alloc(1, sizeof *s);
    s->hub = h;
    s->routes = routes;
    s->limits = limits_create();
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)HTTP_PER_ADDRESS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HTTP_POOL_BYTES, MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
    if (!s->daemon) {
        log_error("hub: cannot listen on %s: %s", address, strerror(errno));
        limits_destroy(s->limits);
        mem_free(s);
        return ERR_BUSY;
    }
    *out = s;
    return ERR_NONE;
}

unsigned server_port(const struct server *s) {
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void server_quiesce(struct server *s) {
    MHD_socket fd = MHD_quiesce_daemon(s->daemon);
    if (fd != MHD_INVALID_SOCKET) {
        close(fd);
    }
}

void server_stop(struct server *s) {
    if (s) {
        MHD_stop_daemon(s->daemon);
        limits_destroy(s->limits);
        mem_free(s);
    }
}

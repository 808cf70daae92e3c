// The HTTP server of the hub on libmicrohttpd: two polling threads, bounded connections, and
// bodies and answers within the limits of limits.h, else 503. A route either answers at once or suspends the call and answers later from
// another thread (the store's, the bell's).
#ifndef SYNC_HUB_HTTP_H
#define SYNC_HUB_HTTP_H

#include "sync/base/bytes.h"
#include "sync/event/fact.h"

#include <stdatomic.h>
#include <stdbool.h>

struct hub;
struct limits_totals;
struct call;
struct server;

enum {
    HTTP_THREADS = 2,
    HTTP_CONNECTIONS_MAX = 2200,
    HTTP_PER_ADDRESS_MAX = 1100,
    HTTP_SILENCE_S = 60,           // an idle connection is closed
    HTTP_IN_MAX = 4 * 1024 * 1024, // of a body, packed and unpacked
    HTTP_POOL_BYTES = 8 * 1024,    // of a connection: its headers, a piece of a body
    HTTP_SMALL = 4096,             // an answer that always has room
    HTTP_ZIP_FROM = 1024
};

enum http_trust {
    HTTP_ANYBODY,
    HTTP_SIGNED,
    // It gives nothing away: whose key signed on this connection before is taken at their
    // word. A fact that wakes 500 devices costs half as many signatures.
    HTTP_SIGNED_ONCE
};

// One route: who may call it, and what it does. handle runs on an HTTP thread.
struct http_route {
    const char *method;
    const char *path;      // exact, or a prefix when it ends with '/'
    enum http_trust trust; // call->key and dev are known before handle, or nobody's
    void (*handle)(struct call *c);
};

// One request; owned by the server, lives until it was answered.
struct call {
    struct hub *hub;
    const char *path;      // without the query
    const char *query_seq; // the value of ?seq=, or ""
    const char *query_up;  // the value of &up=, or ""
    struct bytes in;       // the body, unpacked
    uint8_t key[FACT_KEY_BYTES];
    uint64_t dev;
    uint64_t range_from; // of a GET with a Range
    // The answer. finish, when set, runs on an HTTP thread after a suspended call resumed
    // and may fill it; state belongs to the route and is freed by free_state.
    int status;
    struct bytes out;
    const char *type; // content type; NULL: application/json
    unsigned retry_after_s;
    bool is_raw; // out is served as it is, not compressed on the way
    void (*finish)(struct call *c);
    void *state;
    void (*free_state)(void *state);
    atomic_uint *counter; // lowered once the answer is sent, or cannot be
};

// {"error": text} with this status. Any thread that has the call.
void call_refuse(struct call *c, int status, const char *text);
// 503 "too much at a time". Any thread that has the call.
void call_refuse_load(struct call *c);
// Counts bytes that the call keeps until it is answered against limits.h; false: no room.
bool call_hold(struct call *c, size_t len);
// What all peers hold of the server that the call came to.
struct limits_totals call_get_totals(struct call *c);
// Between suspend and resume the call belongs to whoever will resume it.
void call_suspend(struct call *c);
void call_resume(struct call *c);

// address: "127.0.0.1:8092". routes end with an all-zero entry and must outlive the server.
// ERR_BUSY: the port is taken. ERR_INPUT: not an address.
MUST_CHECK enum err server_start(struct hub *h, const char *address,
                                 const struct http_route *routes, struct server **out);
unsigned server_port(const struct server *s);
void server_quiesce(struct server *s); // no new connections
void server_stop(struct server *s);    // every call must be resumed by then; NULL is fine

#endif

// How command-line verbs reach the running program: a 0600 Unix socket in its directory.
// One JSON line {"verb":…, "args":[…], "data":…} gets one JSON line {"ok":…, "text":…}.
// The server answers on a thread of its own, one request at a time; the client blocks.
#ifndef SYNC_NET_CONTROL_H
#define SYNC_NET_CONTROL_H

#include "sync/base/bytes.h"
#include "sync/base/json.h"

#include <stdbool.h>

enum {
    CONTROL_BYTES_MAX = 64 * 1024 * 1024, // of one request, imports included
    CONTROL_PATH_MAX = 100                // of the socket: a limit of Unix sockets
};

struct control_request {
    const char *verb;
    const json_t *args; // array of strings, or NULL
    const json_t *data; // any value, or NULL
};

// Called on the server's thread; may block. Appends what the caller shall see to out and
// returns whether it worked. The request is borrowed.
typedef bool control_handler(void *arg, const struct control_request *request,
                             struct bytes *out);

struct control;

// Listens on path; a socket left over from a dead process is replaced. ERR_BUSY: someone
// answers there. ERR_LIMIT: path too long. ERR_IO.
MUST_CHECK enum err control_start(const char *path, control_handler *handler, void *arg,
                                  struct control **out);
void control_stop(
    struct control *c); // from any thread; a request being handled ends first
void control_join(struct control *c); // removes the socket and frees; NULL is fine

// Sends one request and waits for the answer. args and data may be NULL and are borrowed.
// ERR_NOT_FOUND: nobody listens there. Appends the answer's text to out.
MUST_CHECK enum err control_call(const char *path, const struct control_request *request,
                                 bool *out_ok, struct bytes *out);

#endif

// HTTP client over libcurl: a few requests at a time, on kept-alive connections, driven by
// one thread. Only http_wake may be called from others. Bodies are zstd when that is worth
// it. Errors of a request are in its answer, not return values.
#ifndef SYNC_NET_HTTP_H
#define SYNC_NET_HTTP_H

#include "sync/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;

enum {
    HTTP_SLOTS = 3, // requests at a time, one in each slot
    HTTP_CONNECT_MS = 5000,
    HTTP_SILENT_MS = 10000,          // a peer whose machine is gone is noticed by then
    HTTP_BODY_MAX = 64 * 1024 * 1024 // of an answer, unpacked
};

// A request about to be sent, to be signed (exchange/auth.h).
struct http_signing {
    const char *method, *path;
    const void *body; // as it will be sent
    size_t len;
    char key_hex[65], sig_hex[129]; // to be filled
};
// Called in http_send, on its thread.
struct http_signer {
    void (*sign)(void *arg, struct http_signing *s);
    void *arg;
};

// base: "http://127.0.0.1:8092", copied. signer may be NULL and is copied; its arg must
// outlive the client.
struct http *http_create(const char *base, const struct http_signer *signer);
void http_destroy(struct http *h); // drops what is under way; NULL is fine
// Requests go there from now on; what is under way is dropped.
void http_set_base(struct http *h, const char *base);

struct http_request {
    const char *method; // "GET", "POST" or "PUT"
    const char *path;   // "/v1/sync"
    const char *base; // another server's, for a request that needs no signature; or NULL
    const void *body; // copied; NULL with len 0
    size_t len;
    uint32_t timeout_ms;
    uint64_t range_from; // first byte wanted of a GET; 0 all
};
// Starts it in a free slot. A slot in use is dropped first.
void http_send(struct http *h, size_t slot, const struct http_request *r);
bool http_is_busy(const struct http *h, size_t slot);
void http_drop(struct http *h, size_t slot);

// Valid until the slot is used again.
struct http_answer {
    size_t slot;
    enum err err; // ERR_OFFLINE, ERR_TIMEOUT, ERR_LIMIT, ERR_INPUT (body); else ERR_NONE
    int status;   // HTTP status when err is ERR_NONE
    const uint8_t *body; // unpacked
    size_t len;
    uint32_t retry_after_ms; // 0: none
    uint32_t rtt_ms;         // first byte sent to answer begun, connecting left out
    char detail[96];         // why it failed, for the log
};
// Waits at most timeout_ms, or until an answer is there (true) or http_wake was called.
bool http_poll(struct http *h, uint32_t timeout_ms, struct http_answer *out);
void http_wake(struct http *h); // any thread

// One request and its answer, for enrolment and verbs. true: *out is filled.
bool http_call(struct http *h, const struct http_request *r, struct http_answer *out);

#endif

#include "tests/support/light.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "sync/exchange/auth.h"
#include "sync/exchange/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void light_init(struct light *l, const uint8_t event[FACT_EVENT_BYTES]) {
    *l = (struct light){.fd = -1};
    crypto_sign_keypair(l->key, l->secret);
    l->dev = device_id(l->key);
    l->stream = random_u64();
    fact_hash_start(event, l->stream, CHANNEL_DESK, l->key, l->h);
}

void light_finish(struct light *l) {
    if (l->fd >= 0) {
        close(l->fd);
    }
    bytes_finish(&l->in);
    l->fd = -1;
}

void light_connect(struct light *l, unsigned port, unsigned part) {
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + part);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (l->fd >= 0) {
        close(l->fd);
    }
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(l->fd >= 0);
    CHECK(setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
    CHECK(bind(l->fd, (struct sockaddr *)&from, sizeof from) == 0);
    CHECK(connect(l->fd, (struct sockaddr *)&to, sizeof to) == 0);
}

void light_format(const struct light *l, const char *method, const char *path,
                  const struct bytes *body, struct bytes *out) {
    uint8_t text[AUTH_TEXT_BYTES], sig[FACT_SIG_BYTES];
    char key_hex[2 * FACT_KEY_BYTES + 1], sig_hex[2 * FACT_SIG_BYTES + 1];
    size_t len = body ? body->len : 0;
    auth_text(method, path, body ? body->data : NULL, len, text);
    crypto_sign_detached(sig, NULL, text, sizeof text, l->secret);
    hex_format(l->key, sizeof l->key, key_hex);
    hex_format(sig, sizeof sig, sig_hex);
    char *head = mem_format("%s %s HTTP/1.1\r\nHost: hub\r\nFoyer-Key: %s\r\n"
                            "Foyer-Sig: %s\r\nContent-Length: %zu\r\n\r\n",
                            method, path, key_hex, sig_hex, len);
    bytes_add_text(out, head);
    if (len) {
        bytes_add(out, body->data, len);
    }
    mem_free(head);
}

void light_admit(struct light *l, const char *person, struct bytes *out) {
    uint8_t header[FACT_HEADER_MAX], digest[FACT_HASH_BYTES], sig[FACT_SIG_BYTES];
    uint8_t body[FACT_SALT_BYTES + 64];
    struct fact_header h = {.channel = CHANNEL_DESK,
                            .ref = {l->stream, l->n + 1},
                            .hlc = (uint64_t)clock_wall_ms() << 16,
                            .boot = 1,
                            .mono_ms = clock_mono_ms(),
                            .basis = {.age_ms = 100, .mode = BASIS_LISTED},
                            .kind = "admit"};
    snprintf(h.subject, sizeof h.subject, "%s", person);
    random_fill(body, FACT_SALT_BYTES);
    int len = snprintf((char *)body + FACT_SALT_BYTES, sizeof body - FACT_SALT_BYTES,
                       "{\"by_code\":\"badge\",\"gate\":\"meeting\",\"serial\":1}");
    struct fact_view view = {.header = header,
                             .header_len = fact_format_header(&h, header),
                             .body = body,
                             .body_len = FACT_SALT_BYTES + (size_t)len};
    size_t start = out->len;
    batch_format_start(out, l->key, l->stream, CHANNEL_DESK, l->n + 1, l->h);
    batch_format_add(out, start, &view);
    fact_hash_body(view.body, view.body_len, digest);
    fact_hash_next(l->h, header, view.header_len, digest, l->h);
    l->n++;
    batch_sign(l->secret, l->stream, l->n, l->h, sig);
    batch_format_end(out, sig);
}

void light_format_sync(const struct light *l, const struct bytes *batch,
                       struct bytes *out) {
    struct exchange_request *r = mem_alloc(1, sizeof *r);
    struct bytes body = {0};
    r->dev = l->dev;
    r->proto = EXCHANGE_PROTO;
    r->cur = l->cur;
    r->seen = l->seen;
    r->max_bytes = EXCHANGE_BYTES_MAX;
    if (batch) {
        CHECK(exchange_batches_add(&r->push, batch->data, batch->len) == ERR_NONE);
    }
    wire_format_request(r, &body);
    light_format(l, "POST", "/v1/sync", &body, out);
    exchange_request_finish(r);
    mem_free(r);
    bytes_finish(&body);
}

void light_send(struct light *l, const struct bytes *request) {
    size_t sent = 0;
    bytes_clear(&l->in);
    l->status = 0;
    while (sent < request->len) {
        ssize_t n = send(l->fd, request->data + sent, request->len - sent, MSG_NOSIGNAL);
        CHECK(n > 0);
        sent += (size_t)n;
    }
}

// Is the head there, and all of the body it tells of?
static bool is_complete(struct light *l) {
    bytes_add_u8(&l->in, 0);
    l->in.len--;
    char *text = (char *)l->in.data;
    char *end = strstr(text, "\r\n\r\n");
    if (!end) {
        return false;
    }
    const char *len = strstr(text, "Content-Length: ");
    l->status = (int)strtol(text + 9, NULL, 10); // "HTTP/1.1 "
    l->body_at = (size_t)(end - text) + 4;
    l->body_len = len && len < end ? strtoul(len + 16, NULL, 10) : 0;
    return l->in.len >= l->body_at + l->body_len;
}

bool light_read(struct light *l) {
    uint8_t piece[65536];
    ssize_t n = recv(l->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    CHECK(n > 0);
    bytes_add(&l->in, piece, (size_t)n);
    return is_complete(l);
}

void light_ask(struct light *l, const struct bytes *request) {
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    light_send(l, request);
    do {
        CHECK(poll(&p, 1, 60000) > 0);
    } while (!light_read(l));
}

void light_take_sync(struct light *l, struct exchange_response *scratch) {
    CHECK(l->status == 200);
    CHECK(wire_parse_response(l->in.data + l->body_at, l->body_len, scratch) == ERR_NONE);
    memcpy(l->cur.log, scratch->log, sizeof l->cur.log);
    l->cur.channels = scratch->channels;
    l->cur.at = scratch->cur;
    l->seen = scratch->head;
}

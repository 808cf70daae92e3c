#include "sync/net/http.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/zip.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { ZIP_FROM_BYTES = 1024 }; // smaller bodies gain nothing

struct slot {
    CURL *easy;
    struct curl_slist *headers;
    bool is_busy;
    struct bytes sent;
    struct bytes got;
    struct bytes unpacked;
    bool is_zipped;
    bool is_too_long;
    uint32_t retry_after_ms;
    char error[CURL_ERROR_SIZE];
};

struct http {
    CURLM *multi;
    char *base;
    struct http_signer signer;
    struct slot slots[HTTP_SLOTS];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static void curl_start(void) {
    CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

static char *copy_base(const char *base) {
    char *copy = mem_copy_text(base);
    size_t len = strlen(copy);
    if (len && copy[len - 1] == '/') {
        copy[len - 1] = '\0';
    }
    return copy;
}

struct http *http_create(const char *base, const struct http_signer *signer) {
    pthread_once(&curl_once, curl_start);
    struct http *h = mem_alloc(1, sizeof *h);
    h->multi = curl_multi_init();
    CHECK(h->multi);
    h->base = copy_base(base);
    if (signer) {
        h->signer = *signer;
    }
    for (size_t i = 0; i < HTTP_SLOTS; i++) {
        h->slots[i].easy = curl_easy_init();
        CHECK(h->slots[i].easy);
    }
    return h;
}

void http_destroy(struct http *h) {
    if (!h) {
        return;
    }
    for (size_t i = 0; i < HTTP_SLOTS; i++) {
        struct slot *s = &h->slots[i];
        http_drop(h, i);
        curl_easy_cleanup(s->easy);
        curl_slist_free_all(s->headers);
        bytes_finish(&s->sent);
        bytes_finish(&s->got);
        bytes_finish(&s->unpacked);
    }
    curl_multi_cleanup(h->multi);
    mem_free(h->base);
    mem_free(h);
}

void http_set_base(struct http *h, const char *base) {
    for (size_t i = 0; i < HTTP_SLOTS; i++) {
        http_drop(h, i);
    }
    mem_free(h->base);
    h->base = copy_base(base);
}

bool http_is_busy(const struct http *h, size_t slot) {
    return h->slots[slot].is_busy;
}

void http_drop(struct http *h, size_t slot) {
    struct slot *s = &h->slots[slot];
    if (s->is_busy) {
        curl_multi_remove_handle(h->multi, s->easy);
        s->is_busy = false;
    }
}

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
    struct slot *s = arg;
    size_t len = size * count;
    if (len > HTTP_BODY_MAX - s->got.len) {
        s->is_too_long = true;
        return 0;
    }
    bytes_add(&s->got, data, len);
    return len;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg) {
    static const char encoding[] = "content-encoding: zstd";
    static const char retry[] = "retry-after:";
    struct slot *s = arg;
    size_t len = size * count;
    if (len >= sizeof encoding - 1 &&
        strncasecmp(data, encoding, sizeof encoding - 1) == 0) {
        s->is_zipped = true;
    }
    if (len > sizeof retry && strncasecmp(data, retry, sizeof retry - 1) == 0) {
        char text[16] = {0};
        size_t used = len - (sizeof retry - 1);
        memcpy(text, data + sizeof retry - 1, used < 15 ? used : 15);
        long seconds = strtol(text, NULL, 10);
        s->retry_after_ms = seconds > 0 && seconds < 3600 ? (uint32_t)seconds * 1000 : 0;
    }
    return len;
}

static void add_header(struct slot *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_header(struct slot *s, const char *format, ...) {
    char line[256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    s->headers = curl_slist_append(s->headers, line);
}

static void fill_headers(struct http *h, struct slot *s, const struct http_request *r,
                         bool is_zipped) {
    curl_slist_free_all(s->headers);
    s->headers = NULL;
    add_header(s, "Accept-Encoding: zstd");
    add_header(s, "Expect:"); // curl would wait a second for a 100 that never comes
    if (r->len) {
        add_header(s, "Content-Type: application/json");
    }
    if (is_zipped) {
        add_header(s, "Content-Encoding: zstd");
    }
    if (h->signer.sign && !r->base) {
        struct http_signing signing = {.method = r->method,
                                       .path = r->path,
                                       .body = s->sent.data,
                                       .len = s->sent.len};
        h->signer.sign(h->signer.arg, &signing);
        add_header(s, "Foyer-Key: %s", signing.key_hex);
        add_header(s, "Foyer-Sig: %s", signing.sig_hex);
    }
}

// A doorbell hangs on a silent connection; when the other machine is gone, or the cable,
// nobody says so. The kernel asks, and gives up early.
static int watch_socket(void *arg, curl_socket_t fd, curlsocktype purpose) {
    (void)arg;
    (void)purpose;
    int on = 1;
    int idle_s = HTTP_SILENT_MS / 2000;
    int every_s = 2;
    unsigned limit_ms = HTTP_SILENT_MS;
    bool is_set =
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms) == 0;
    if (!is_set) {
        log_debug("http: the kernel does not watch this connection");
    }
    return CURL_SOCKOPT_OK;
}

void http_send(struct http *h, size_t slot, const struct http_request *r) {
    struct slot *s = &h->slots[slot];
    http_drop(h, slot);
    bytes_clear(&s->sent);
    bytes_clear(&s->got);
    bytes_clear(&s->unpacked);
    s->is_zipped = s->is_too_long = false;
    s->retry_after_ms = 0;
    s->error[0] = '\0';
    bool is_zipped = r->len >= ZIP_FROM_BYTES;
    if (is_zipped) {
        zip_pack(r->body, r->len, &s->sent);
    } else if (r->len) {
        bytes_add(&s->sent, r->body, r->len);
    }
    fill_headers(h, s, r, is_zipped);
    char *url = mem_format("%s%s", r->base ? r->base : h->base, r->path);
    char range[32];
    snprintf(range, sizeof range, "%llu-", (unsigned long long)r->range_from);
    curl_easy_reset(s->easy); // keeps the connection
    curl_easy_setopt(s->easy, CURLOPT_URL, url);
    curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(s->easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(s->easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(s->easy, CURLOPT_SOCKOPTFUNCTION, watch_socket);
    curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
    curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->error);
    curl_easy_setopt(s->easy, CURLOPT_RANGE, r->range_from ? range : NULL);
    if (strcmp(r->method, "GET") != 0) {
        curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->sent.len);
        curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS,
                         s->sent.data ? (const char *)s->sent.data : "");
        curl_easy_setopt(s->easy, CURLOPT_CUSTOMREQUEST, r->method);
    }
    CHECK(curl_multi_add_handle(h->multi, s->easy) == CURLM_OK);
    s->is_busy = true;
    mem_free(url);
}

static enum err error_of(CURLcode code, const struct slot *s) {
    if (code == CURLE_OK) {
        return ERR_NONE;
    }
    if (s->is_too_long) {
        return ERR_LIMIT;
    }
    return code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_OFFLINE;
}

static uint32_t rtt_of(CURL *easy) {
    curl_off_t ready = 0;
    curl_off_t begun = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &begun);
    return begun > ready ? (uint32_t)((begun - ready + 999) / 1000) : 0;
}

static void fill_answer(struct slot *s, CURLcode code, struct http_answer *out) {
    long status = 0;
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    out->err = error_of(code, s);
    out->status = (int)status;
    out->retry_after_ms = s->retry_after_ms;
    out->rtt_ms = rtt_of(s->easy);
    out->body = s->got.data;
    out->len = s->got.len;
    snprintf(out->detail, sizeof out->detail, "%.90s",
             s->error[0] ? s->error : curl_easy_strerror(code));
    if (out->err == ERR_NONE && s->is_zipped) {
        out->err = zip_unpack(s->got.data, s->got.len, HTTP_BODY_MAX, &s->unpacked);
        out->body = s->unpacked.data;
        out->len = s->unpacked.len;
    }
}

static bool take_answer(struct http *h, struct http_answer *out) {
    int left = 0;
    CURLMsg *m = curl_multi_info_read(h->multi, &left);
    while (m && m->msg != CURLMSG_DONE) {
        m = curl_multi_info_read(h->multi, &left);
    }
    if (!m) {
        return false;
    }
    CURLcode code = m->data.result; // m goes with the handle
    size_t i = 0;
    while (h->slots[i].easy != m->easy_handle) {
        i++;
        CHECK(i < HTTP_SLOTS);
    }
    *out = (struct http_answer){.slot = i};
    http_drop(h, i);
    fill_answer(&h->slots[i], code, out);
    return true;
}

bool http_poll(struct http *h, uint32_t timeout_ms, struct http_answer *out) {
    int running = 0;
    curl_multi_perform(h->multi, &running);
    if (take_answer(h, out)) {
        return true;
    }
    curl_multi_poll(h->multi, NULL, 0,
                    timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms, NULL);
    curl_multi_perform(h->multi, &running);
    return take_answer(h, out);
}

void http_wake(struct http *h) {
    curl_multi_wakeup(h->multi);
}

bool http_call(struct http *h, const struct http_request *r, struct http_answer *out) {
    uint64_t until = clock_mono_ms() + r->timeout_ms + HTTP_CONNECT_MS;
    http_send(h, 0, r);
    while (clock_mono_ms() < until) {
        if (http_poll(h, 1000, out) && out->slot == 0) {
            return true;
        }
    }
    http_drop(h, 0);
    return false;
}

#include "sync/agent/claimer.h"

#include "sync/agent/jobs.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/exchange/wire.h"
#include "sync/net/http.h"

#include <pthread.h>
#include <string.h>

enum { SLOT = 0, IDLE_MS = 60000 };

struct question {
    struct exchange_claim claim;
    uint64_t until_ms;
};

struct questions {
    struct question items[EXCHANGE_CLAIMS_MAX];
    size_t count;
};

struct claimer {
    struct store_thread *store;
    void (*done)(void *arg, const struct claim_answer *answer);
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock; // guards the members up to `thread's own`
    struct http *http;    // only the thread changes it, and waits on it without the lock
    char *url;            // the next hub's; NULL: the same
    bool is_stopping, is_cut;
    struct questions fresh; // asked, not sent yet

    // The thread's own.
    bool has_url;
    struct questions open; // sent
    struct store_identity identity;
    struct exchange_request request;
    struct exchange_response response;
    struct bytes text;
};

// ---- what others ask ------------------------------------------------------------------

static void tell(struct claimer *c, const struct exchange_claimed *claimed,
                 bool is_answered) {
    struct claim_answer answer = {.is_answered = is_answered, .claimed = *claimed};
    if (c->done) {
        c->done(c->arg, &answer);
    }
}

void claimer_ask(struct claimer *c, const struct exchange_claim *claim) {
    pthread_mutex_lock(&c->lock);
    struct questions *q = &c->fresh;
    bool is_full = q->count == EXCHANGE_CLAIMS_MAX;
    if (!is_full) {
        q->items[q->count++] =
            (struct question){*claim, clock_mono_ms() + CLAIMER_GIVE_UP_MS};
        http_wake(c->http);
    }
    pthread_mutex_unlock(&c->lock);
    if (is_full) {
        tell(c, &(struct exchange_claimed){.nonce = claim->nonce}, false);
    }
}

void claimer_set_url(struct claimer *c, const char *url) {
    pthread_mutex_lock(&c->lock);
    mem_free(c->url);
    c->url = mem_copy_text(url);
    http_wake(c->http);
    pthread_mutex_unlock(&c->lock);
}

static void claimer_flag(struct claimer *c, bool *flag, bool value) {
    pthread_mutex_lock(&c->lock);
    *flag = value;
    http_wake(c->http);
    pthread_mutex_unlock(&c->lock);
}

void claimer_set_link(struct claimer *c, bool is_up) {
    claimer_flag(c, &c->is_cut, !is_up);
}

void claimer_stop(struct claimer *c) {
    if (c) {
        claimer_flag(c, &c->is_stopping, true);
    }
}

// ---- the thread -----------------------------------------------------------------------

static enum err run_identity(struct store *s, void *arg) {
    struct store_identity *out = arg;
    *out = store_identity_get(s);
    return out->has_event ? ERR_NONE : ERR_DENIED;
}

// Takes the i-th open question out.
static void drop_question(struct claimer *c, size_t i) {
    c->open.items[i] = c->open.items[--c->open.count];
}

// The open questions of this age get no answer any more.
static void give_up(struct claimer *c, uint64_t now_ms) {
    for (size_t i = c->open.count; i-- > 0;) {
        struct exchange_claimed none = {.nonce = c->open.items[i].claim.nonce};
        if (c->open.items[i].until_ms <= now_ms) {
            drop_question(c, i);
            tell(c, &none, false);
        }
    }
}

// Fresh questions become open ones. false: there are none.
static bool take_fresh(struct claimer *c, bool *out_is_cut, bool *out_is_stopping) {
    pthread_mutex_lock(&c->lock);
    struct questions fresh = c->fresh;
    c->fresh.count = 0;
    *out_is_cut = c->is_cut;
    *out_is_stopping = c->is_stopping;
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < fresh.count; i++) {
        if (c->open.count < EXCHANGE_CLAIMS_MAX) {
            c->open.items[c->open.count++] = fresh.items[i];
        } else {
            tell(c, &(struct exchange_claimed){.nonce = fresh.items[i].claim.nonce},
                 false);
        }
    }
    return fresh.count > 0;
}

// All open questions in one request: those of one that is under way are asked again, which
// changes nothing.
static void send_open(struct claimer *c) {
    if (!c->identity.has_event &&
        store_thread_call(c->store, run_identity, &c->identity, false) != ERR_NONE) {
        give_up(c, UINT64_MAX);
        return;
    }
    struct exchange_request *r = &c->request;
    exchange_request_clear(r);
    r->dev = c->identity.dev;
    r->proto = EXCHANGE_PROTO;
    r->boot = clock_boot_id();
    r->mono_ms = clock_mono_ms();
    r->wall_ms = clock_wall_ms();
    for (size_t i = 0; i < c->open.count; i++) {
        r->claims[r->claim_count++] = c->open.items[i].claim;
    }
    bytes_clear(&c->text);
    wire_format_request(r, &c->text);
    http_send(c->http, SLOT,
              &(struct http_request){.method = "POST",
                                     .path = "/v1/sync",
                                     .body = c->text.data,
                                     .len = c->text.len,
                                     .timeout_ms = CLAIMER_GIVE_UP_MS});
}

static void on_claimed(struct claimer *c, const struct exchange_claimed *claimed) {
    for (size_t i = 0; i < c->open.count; i++) {
        if (c->open.items[i].claim.nonce == claimed->nonce) {
            drop_question(c, i);
            tell(c, claimed, true);
            return;
        }
    }
}

// What this answer leaves open has no answer: it held all that was open.
static void on_answer(struct claimer *c, const struct http_answer *answer) {
    bool is_good =
        answer->err == ERR_NONE && answer->status == 200 &&
        wire_parse_response(answer->body, answer->len, &c->response) == ERR_NONE;
    if (!is_good) {
        log_debug("claim: no answer: %s",
                  answer->err == ERR_NONE ? "refused" : answer->detail);
    }
    for (size_t i = 0; is_good && i < c->response.claim_count; i++) {
        on_claimed(c, &c->response.claims[i]);
    }
    give_up(c, UINT64_MAX);
}

static uint32_t wait_ms(const struct claimer *c) {
    uint64_t now = clock_mono_ms();
    uint64_t wait = IDLE_MS;
    for (size_t i = 0; i < c->open.count; i++) {
        uint64_t until = c->open.items[i].until_ms;
        uint64_t left = until > now ? until - now : 0;
        wait = left < wait ? left : wait;
    }
    return (uint32_t)wait;
}

static void claimer_sign(void *arg, struct http_signing *s) {
    struct claimer *c = arg;
    struct jobs_sign job = {{0}, {0}};
    auth_text(s->method, s->path, s->body, s->len, job.text);
    if (store_thread_call(c->store, jobs_run_sign, &job, false) != ERR_NONE) {
        log_debug("claim: the store is closing, the request goes unsigned");
    }
    hex_format(c->identity.key, FACT_KEY_BYTES, s->key_hex);
    hex_format(job.sig, sizeof job.sig, s->sig_hex);
}

static struct http *make_http(struct claimer *c, const char *url) {
    return http_create(url, &(struct http_signer){.sign = claimer_sign, .arg = c});
}

// Questions to the hub before get no answer any more.
static void take_url(struct claimer *c) {
    struct http *old = NULL;
    pthread_mutex_lock(&c->lock);
    if (c->url) {
        old = c->http;
        c->has_url = c->url[0] != '\0';
        c->http = make_http(c, c->url);
        mem_free(c->url);
        c->url = NULL;
    }
    pthread_mutex_unlock(&c->lock);
    if (old) {
        http_destroy(old);
        give_up(c, UINT64_MAX);
    }
}

static void *claimer_run(void *arg) {
    struct claimer *c = arg;
    bool is_cut = false;
    bool is_stopping = false;
    for (;;) {
        take_url(c);
        bool has_fresh = take_fresh(c, &is_cut, &is_stopping);
        if (is_stopping) {
            return NULL;
        }
        if (is_cut || !c->has_url) {
            http_drop(c->http, SLOT);
            give_up(c, UINT64_MAX);
        } else if (has_fresh) {
            send_open(c);
        }
        struct http_answer answer;
        if (http_poll(c->http, wait_ms(c), &answer)) {
            on_answer(c, &answer);
        }
        give_up(c, clock_mono_ms());
    }
}

struct claimer *claimer_start(const struct claimer_options *o) {
    struct claimer *c = mem_alloc(1, sizeof *c);
    c->store = o->store;
    c->done = o->done;
    c->arg = o->arg;
    c->is_cut = o->is_cut;
    c->http = make_http(c, o->url);
    c->has_url = o->url[0] != '\0';
    CHECK(pthread_mutex_init(&c->lock, NULL) == 0);
    CHECK(pthread_create(&c->thread, NULL, claimer_run, c) == 0);
    return c;
}

void claimer_join(struct claimer *c) {
    if (!c) {
        return;
    }
    pthread_join(c->thread, NULL);
    http_destroy(c->http);
    exchange_request_finish(&c->request);
    exchange_response_finish(&c->response);
    bytes_finish(&c->text);
    pthread_mutex_destroy(&c->lock);
    mem_free(c->url);
    mem_free(c);
}

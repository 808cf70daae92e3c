#include "sync/agent/keeper.h"

#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/wait.h"
#include "sync/exchange/auth.h"
#include "sync/net/http.h"
#include "sync/store/device_key.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum keeper_state {
    KEEPER_IDLE,   // the store is plain, and may be
    KEEPER_ASKING, // sealed, and no key yet
    KEEPER_MAKING, // a new key that nobody else has yet
    KEEPER_KEEPING // the store is open by it
};

struct keeper {
    char *dir;
    char *urls[KEEPER_URLS_MAX];
    size_t url_count;
    uint8_t secret[FACT_SECRET_BYTES], public_key[FACT_KEY_BYTES];
    void (*post)(void *arg, const struct keeper_news *news);
    void *post_arg;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; // protects what follows
    pthread_cond_t changed;
    bool is_stopping;
    enum keeper_state state;
    uint8_t key[SEAL_KEY_BYTES];
    bool has_try;
    char badge[PERSON_ID_SIZE], pin[VAULT_PIN_MAX + 1];
    // The thread's own.
    uint64_t next_ms, tried_ms;
    unsigned failures;
};

static void keeper_sign(void *arg, struct http_signing *s) {
    const struct keeper *k = arg;
    uint8_t text[AUTH_TEXT_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
    auth_text(s->method, s->path, s->body, s->len, text);
    crypto_sign_detached(sig, NULL, text, sizeof text, k->secret);
    hex_format(k->public_key, FACT_KEY_BYTES, s->key_hex);
    hex_format(sig, sizeof sig, s->sig_hex);
}

static bool is_wanted_elsewhere(struct keeper *k) {
    pthread_mutex_lock(&k->lock);
    bool is_wanted = k->is_stopping || k->has_try;
    pthread_mutex_unlock(&k->lock);
    return is_wanted;
}

// One request, given up when a code was typed or the program ends. body: NULL for a GET.
// Returns the HTTP status, 0 without an answer; the answer's text in out.
static int ask(struct keeper *k, const char *url, struct http_request *r,
               struct bytes *out) {
    struct http *http =
        http_create(url, &(struct http_signer){.sign = keeper_sign, .arg = k});
    struct http_answer a = {.err = ERR_TIMEOUT};
    bool has_answer = false;
    uint64_t until = clock_mono_ms() + KEEPER_ANSWER_MS;
    r->timeout_ms = KEEPER_ANSWER_MS;
    http_send(http, 0, r);
    while (!has_answer && clock_mono_ms() < until && !is_wanted_elsewhere(k)) {
        has_answer = http_poll(http, 50, &a);
    }
    int status = has_answer && a.err == ERR_NONE ? a.status : 0;
    if (status == 200) {
        bytes_add(out, a.body, a.len);
    }
    http_destroy(http);
    return status;
}

// The answer is sealed to a key of this moment: who records it and has the card later, has
// nothing.
static int fetch(struct keeper *k, const char *url, uint8_t out_key[SEAL_KEY_BYTES]) {
    uint8_t pk[crypto_box_PUBLICKEYBYTES], sk[crypto_box_SECRETKEYBYTES];
    uint8_t box[SEAL_KEY_BYTES + crypto_box_SEALBYTES], key[SEAL_KEY_BYTES];
    char path[16 + 2 * sizeof pk];
    struct bytes answer = {0};
    json_t *json = NULL;
    crypto_box_keypair(pk, sk);
    snprintf(path, sizeof path, "/v1/key/");
    hex_format(pk, sizeof pk, path + strlen(path));
    int status =
        ask(k, url, &(struct http_request){.method = "GET", .path = path}, &answer);
    bool ok = status == 200 && json_parse(answer.data, answer.len, &json) == ERR_NONE &&
              hex_parse(json_get_text(json, "box", ""), box, sizeof box) == ERR_NONE &&
              crypto_box_seal_open(key, box, sizeof box, pk, sk) == 0;
    if (ok) {
        memcpy(out_key, key, sizeof key);
    }
    sodium_memzero(sk, sizeof sk);
    sodium_memzero(key, sizeof key);
    json_decref(json);
    bytes_finish(&answer);
    return ok ? 200 : status == 200 ? 0 : status;
}

static int leave(struct keeper *k, const char *url, const uint8_t key[SEAL_KEY_BYTES]) {
    char text[2 * SEAL_KEY_BYTES + 16];
    char hex[2 * SEAL_KEY_BYTES + 1];
    struct bytes answer = {0};
    hex_format(key, SEAL_KEY_BYTES, hex);
    snprintf(text, sizeof text, "{\"key\":\"%s\"}", hex);
    struct http_request r = {
        .method = "PUT", .path = "/v1/key", .body = text, .len = strlen(text)};
    int status = ask(k, url, &r, &answer);
    sodium_memzero(text, sizeof text);
    sodium_memzero(hex, sizeof hex);
    bytes_finish(&answer);
    return status;
}

static void tell(struct keeper *k, enum keeper_news_kind kind, uint64_t wait_ms) {
    struct keeper_news news = {.kind = kind, .wait_ms = wait_ms};
    if (kind == KEEPER_OPEN || kind == KEEPER_MADE) {
        memcpy(news.key, k->key, sizeof news.key);
    }
    if (k->post) {
        k->post(k->post_arg, &news);
    }
    sodium_memzero(&news, sizeof news);
}

static void set_state(struct keeper *k, enum keeper_state state) {
    pthread_mutex_lock(&k->lock);
    k->state = state;
    pthread_mutex_unlock(&k->lock);
}

static void open_by(struct keeper *k, const uint8_t key[SEAL_KEY_BYTES]) {
    pthread_mutex_lock(&k->lock);
    memcpy(k->key, key, SEAL_KEY_BYTES);
    k->state = KEEPER_KEEPING;
    pthread_mutex_unlock(&k->lock);
    tell(k, KEEPER_OPEN, 0);
}

static bool ask_all(struct keeper *k) {
    uint8_t key[SEAL_KEY_BYTES];
    for (size_t i = 0; i < k->url_count && !is_wanted_elsewhere(k); i++) {
        int status = fetch(k, k->urls[i], key);
        if (status == 200 && vault_is_key(k->dir, key)) {
            log_info("keeper: the key came from %s", k->urls[i]);
            open_by(k, key);
            sodium_memzero(key, sizeof key);
            return true;
        }
        log_debug("keeper: %s has no key for us: %d", k->urls[i], status);
    }
    return false;
}

// With each upstream; how many have it. One that does not know us yet will, in a moment.
static size_t leave_all(struct keeper *k) {
    size_t kept = 0;
    for (size_t i = 0; i < k->url_count && !is_wanted_elsewhere(k); i++) {
        int status = leave(k, k->urls[i], k->key);
        log_debug("keeper: %s answers %d", k->urls[i], status);
        kept += status == 200;
    }
    return kept;
}

static uint64_t retry_ms(struct keeper *k) {
    unsigned shift = k->failures < 5 ? k->failures++ : 5;
    uint64_t ms = (uint64_t)KEEPER_RETRY_MIN_MS << shift;
    ms = ms < KEEPER_RETRY_MAX_MS ? ms : KEEPER_RETRY_MAX_MS;
    return ms / 2 + randombytes_uniform((uint32_t)ms / 2 + 1);
}

static void work(struct keeper *k, enum keeper_state state) {
    bool is_done = false; // nothing to do for a while
    if (state == KEEPER_ASKING) {
        if (ask_all(k)) {
            k->failures = 0;
            k->next_ms = 0;
            return;
        }
    } else {
        size_t kept = leave_all(k);
        is_done = kept == k->url_count;
        if (kept && state == KEEPER_MAKING) {
            set_state(k, KEEPER_KEEPING);
            tell(k, KEEPER_MADE, 0);
        }
    }
    k->failures = is_done ? 0 : k->failures;
    k->next_ms = clock_mono_ms() + (is_done ? KEEPER_AGAIN_MS : retry_ms(k));
}

static void try_code(struct keeper *k) {
    char badge[PERSON_ID_SIZE], pin[VAULT_PIN_MAX + 1];
    uint8_t key[SEAL_KEY_BYTES];
    uint64_t wait = 0;
    pthread_mutex_lock(&k->lock);
    memcpy(badge, k->badge, sizeof badge);
    memcpy(pin, k->pin, sizeof pin);
    sodium_memzero(k->pin, sizeof k->pin);
    k->has_try = false;
    bool is_asking = k->state == KEEPER_ASKING;
    pthread_mutex_unlock(&k->lock);
    struct vault_try t = {
        .badge = badge, .pin = pin, .now_ms = clock_mono_ms(), .last_ms = k->tried_ms};
    enum err e = is_asking ? vault_try_code(k->dir, &t, key, &wait) : ERR_CLOSED;
    if (e == ERR_NONE) {
        open_by(k, key);
        k->next_ms = 0;
    } else if (is_asking) {
        k->tried_ms = e == ERR_DENIED ? clock_mono_ms() : k->tried_ms;
        bool is_wrong = e == ERR_DENIED || e == ERR_BUSY;
        tell(k,
             e == ERR_NOT_FOUND ? KEEPER_NO_CODE
             : is_wrong         ? KEEPER_WRONG
                                : KEEPER_TROUBLE,
             wait);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(pin, sizeof pin);
}

static void *run(void *arg) {
    struct keeper *k = arg;
    pthread_mutex_lock(&k->lock);
    while (!k->is_stopping) {
        enum keeper_state state = k->state;
        bool is_due = state != KEEPER_IDLE && clock_mono_ms() >= k->next_ms;
        if (!k->has_try && !is_due) {
            (void)wait_until(&k->changed, &k->lock,
                             state == KEEPER_IDLE ? clock_mono_ms() + KEEPER_AGAIN_MS
                                                  : k->next_ms);
            continue;
        }
        bool has_try = k->has_try;
        pthread_mutex_unlock(&k->lock);
        if (has_try) {
            try_code(k);
        } else {
            work(k, state);
        }
        pthread_mutex_lock(&k->lock);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

// ---- starting and stopping ----------------------------------------------------------------

static enum err create(const char *dir, const char *urls, struct keeper **out) {
    struct keeper *k = mem_alloc(1, sizeof *k);
    k->dir = mem_copy_text(dir);
    while (*urls && k->url_count < KEEPER_URLS_MAX) {
        size_t skip = strspn(urls, ", ");
        size_t len = strcspn(urls + skip, ", ");
        if (len) {
            k->urls[k->url_count++] = mem_copy_text_n(urls + skip, len);
        }
        urls += skip + len;
    }
    pthread_mutex_init(&k->lock, NULL);
    wait_init(&k->changed);
    enum err e = device_key_load(dir, k->secret);
    crypto_sign_ed25519_sk_to_pk(k->public_key, k->secret);
    *out = k;
    return e;
}

enum err keeper_start(const struct keeper_options *o, struct keeper **out) {
    struct keeper *k = NULL;
    enum err e = create(o->dir, o->urls, &k);
    if (e != ERR_NONE) {
        keeper_join(k);
        return e;
    }
    k->post = o->post;
    k->post_arg = o->post_arg;
    k->state = o->is_locked ? KEEPER_ASKING : KEEPER_IDLE;
    k->tried_ms = clock_mono_ms();
    k->has_thread = pthread_create(&k->thread, NULL, run, k) == 0;
    CHECK(k->has_thread);
    *out = k;
    return ERR_NONE;
}

void keeper_stop(struct keeper *k) {
    pthread_mutex_lock(&k->lock);
    k->is_stopping = true;
    pthread_cond_signal(&k->changed);
    pthread_mutex_unlock(&k->lock);
}

void keeper_join(struct keeper *k) {
    if (!k) {
        return;
    }
    if (k->has_thread) {
        pthread_join(k->thread, NULL);
    }
    for (size_t i = 0; i < k->url_count; i++) {
        mem_free(k->urls[i]);
    }
    pthread_cond_destroy(&k->changed);
    pthread_mutex_destroy(&k->lock);
    mem_free(k->dir);
    sodium_memzero(k, sizeof *k);
    mem_free(k);
}

void keeper_make(struct keeper *k) {
    pthread_mutex_lock(&k->lock);
    if (k->state == KEEPER_IDLE && k->url_count) {
        do { // XTS wants two different halves
            randombytes_buf(k->key, sizeof k->key);
        } while (memcmp(k->key, k->key + SEAL_KEY_BYTES / 2, SEAL_KEY_BYTES / 2) == 0);
        k->state = KEEPER_MAKING;
        pthread_cond_signal(&k->changed);
    }
    pthread_mutex_unlock(&k->lock);
}

void keeper_try(struct keeper *k, const char *badge, const char *pin) {
    pthread_mutex_lock(&k->lock);
    snprintf(k->badge, sizeof k->badge, "%s", badge);
    snprintf(k->pin, sizeof k->pin, "%s", pin);
    k->has_try = true;
    pthread_cond_signal(&k->changed);
    pthread_mutex_unlock(&k->lock);
}

enum err keeper_add_code(struct keeper *k, const struct vault_code *code) {
    uint8_t key[SEAL_KEY_BYTES];
    pthread_mutex_lock(&k->lock);
    bool has_key = k->state == KEEPER_KEEPING;
    memcpy(key, k->key, sizeof key);
    pthread_mutex_unlock(&k->lock);
    enum err e = has_key ? vault_add_code(k->dir, code, key) : ERR_DENIED;
    sodium_memzero(key, sizeof key);
    return e;
}

enum err keeper_fetch(const char *dir, const char *urls,
                      uint8_t out_key[SEAL_KEY_BYTES]) {
    struct keeper *k = NULL;
    enum err e = create(dir, urls, &k);
    if (e == ERR_NONE) {
        k->state = KEEPER_ASKING;
        e = ask_all(k) ? ERR_NONE : ERR_NOT_FOUND;
    }
    if (e == ERR_NONE) {
        memcpy(out_key, k->key, SEAL_KEY_BYTES);
    }
    keeper_join(k);
    return e;
}

// What the hub says to requests that are unsigned, too long, broken or from strangers, and
// its plain pages. Over real HTTP.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/exchange/auth.h"
#include "sync/hub/devices.h"
#include "sync/net/http.h"
#include "tests/support/hub_kit.h"
#include "tests/support/light.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct stranger {
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES];
    bool is_lying;
    struct http *http;
};

static void sign(void *arg, struct http_signing *s) {
    const struct stranger *who = arg;
    uint8_t text[AUTH_TEXT_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
    auth_text(s->method, who->is_lying ? "/v1/other" : s->path, s->body, s->len, text);
    crypto_sign_detached(sig, NULL, text, sizeof text, who->secret);
    hex_format(who->key, sizeof who->key, s->key_hex);
    hex_format(sig, sizeof sig, s->sig_hex);
}

static void open_stranger(struct stranger *who, const struct hub_kit *k,
                          bool is_signing) {
    char url[64];
    struct http_signer signer = {.sign = sign, .arg = who};
    memset(who, 0, sizeof *who);
    crypto_sign_keypair(who->key, who->secret);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", k->port);
    who->http = http_create(url, is_signing ? &signer : NULL);
}

static struct http_answer ask(struct stranger *who, const char *method, const char *path,
                              const char *body) {
    struct http_answer answer = {0};
    struct http_request r = {.method = method,
                             .path = path,
                             .body = body,
                             .len = body ? strlen(body) : 0,
                             .timeout_ms = 10000};
    assert_true(http_call(who->http, &r, &answer));
    assert_int_equal(answer.err, ERR_NONE);
    return answer;
}

static bool says(const struct http_answer *a, const char *text) {
    struct bytes copy = {0};
    bytes_add(&copy, a->body, a->len);
    bytes_add_u8(&copy, 0);
    bool is_there = strstr((const char *)copy.data, text) != NULL;
    bytes_finish(&copy);
    return is_there;
}

static void test_plain_pages_answer_anyone(void **state) {
    (void)state;
    struct hub_kit k;
    struct stranger who;
    hub_kit_start(&k);
    open_stranger(&who, &k, false);
    struct http_answer a = ask(&who, "GET", "/healthz", NULL);
    assert_int_equal(a.status, 200);
    a = ask(&who, "GET", "/readyz", NULL);
    assert_int_equal(a.status, 200);
    a = ask(&who, "GET", "/v1/time", NULL);
    assert_int_equal(a.status, 200);
    assert_true(says(&a, "\"state\":\"set\""));
    a = ask(&who, "GET", "/metrics", NULL);
    assert_int_equal(a.status, 200);
    assert_true(says(&a, "foyer_log_head "));
    a = ask(&who, "GET", "/nothing", NULL);
    assert_int_equal(a.status, 404);
    a = ask(&who, "GET", "/v1/sync", NULL);
    assert_int_equal(a.status, 405);
    http_destroy(who.http);
    hub_kit_finish(&k);
}

static void test_unsigned_and_wrongly_signed_requests_get_401(void **state) {
    (void)state;
    static const char *const paths[] = {"/v1/wait?seq=1", "/v1/snap", "/v1/blob/00"};
    struct hub_kit k;
    struct stranger nobody;
    struct stranger liar;
    hub_kit_start(&k);
    open_stranger(&nobody, &k, false);
    open_stranger(&liar, &k, true);
    liar.is_lying = true;
    struct http_answer a = ask(&nobody, "POST", "/v1/sync", "{}");
    assert_int_equal(a.status, 401);
    assert_true(says(&a, "signature"));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        a = ask(&nobody, "GET", paths[i], NULL);
        assert_int_equal(a.status, 401);
        a = ask(&liar, "GET", paths[i], NULL);
        assert_int_equal(a.status, 401);
    }
    a = ask(&liar, "POST", "/v1/enrol", "{\"code\":\"x\"}");
    assert_int_equal(a.status, 401);
    http_destroy(nobody.http);
    http_destroy(liar.http);
    hub_kit_finish(&k);
}

static void test_stranger_with_a_key_gets_nothing(void **state) {
    (void)state;
    struct hub_kit k;
    struct stranger who;
    char body[160];
    hub_kit_start(&k);
    open_stranger(&who, &k, true);
    int64_t before = hub_kit_counts(k.hub->store).facts;
    snprintf(
        body, sizeof body,
        "{\"dev\":\"%016llx\",\"proto\":1,\"cur\":{\"seq\":0,\"channels\":[\"people\"]}}",
        (unsigned long long)device_id(who.key));
    struct http_answer a = ask(&who, "POST", "/v1/sync", body);
    assert_int_equal(a.status, 401);
    assert_true(says(&a, "grant"));
    a = ask(&who, "GET", "/v1/wait?seq=0", NULL);
    assert_int_equal(a.status, 401);
    a = ask(&who, "GET", "/v1/snap", NULL);
    assert_int_equal(a.status, 401);
    a = ask(&who, "POST", "/v1/enrol", "{\"code\":\"000000000000\"}");
    assert_int_equal(a.status, 403);
    a = ask(&who, "POST", "/v1/enrol", "not json");
    assert_int_equal(a.status, 400);
    a = ask(&who, "POST", "/v1/sync", "{\"dev\":\"0000000000000001\"}"); // not its own
    assert_int_equal(a.status, 400);
    a = ask(&who, "POST", "/v1/sync", "[[[[");
    assert_int_equal(a.status, 400);
    assert_int_equal(hub_kit_counts(k.hub->store).facts, before);
    http_destroy(who.http);
    hub_kit_finish(&k);
}

static void test_body_over_the_limit_is_refused(void **state) {
    (void)state;
    enum { LONG = 20 * 1024 * 1024 };
    struct hub_kit k;
    struct stranger who;
    hub_kit_start(&k);
    open_stranger(&who, &k, true);
    // Packs to a few kilobytes: the unpacked size must count.
    char *body = mem_alloc(LONG + 1, 1);
    memset(body, ' ', LONG);
    struct http_answer a = ask(&who, "POST", "/v1/sync", body);
    assert_int_equal(a.status, 413);
    // Hardly packs at all.
    for (size_t i = 0; i < LONG; i++) {
        body[i] = (char)(1 + randombytes_uniform(127));
    }
    a = ask(&who, "POST", "/v1/sync", body);
    assert_int_equal(a.status, 413);
    mem_free(body);
    http_destroy(who.http);
    hub_kit_finish(&k);
}

static enum err enrol_run(struct store *s, void *arg) {
    const struct light *l = arg;
    struct device_wish wish = {.name = "Desk", .role = "desk"};
    struct moment now = hub_moment(0);
    return devices_enrol(s, &wish, l->key, &now);
}

static int ask_lightly(struct light *l, const struct light *signer, const char *method,
                       const char *path) {
    struct bytes request = {0};
    struct light liar = *l;
    memcpy(liar.secret, signer->secret, sizeof liar.secret);
    if (strcmp(method, "POST") == 0) {
        light_format_sync(&liar, NULL, &request);
    } else {
        light_format(&liar, method, path, NULL, &request);
    }
    light_ask(l, &request);
    bytes_finish(&request);
    return l->status;
}

// Who signed on a connection rings there unsigned; nothing else is had that way.
static void test_doorbell_knows_its_connection(void **state) {
    static const char wait[] = "/v1/wait?seq=123456";
    struct hub_kit k;
    struct light l, other;
    (void)state;
    hub_kit_start(&k);
    light_init(&l, k.hub->identity.event);
    light_init(&other, k.hub->identity.event);
    assert_int_equal(store_thread_call(k.hub->store, enrol_run, &l, false), ERR_NONE);
    light_connect(&l, k.port, 0);
    assert_int_equal(ask_lightly(&l, &other, "GET", wait), 401);
    assert_int_equal(ask_lightly(&l, &l, "POST", NULL), 200);
    assert_int_equal(ask_lightly(&l, &other, "GET", wait), 200);
    assert_int_equal(ask_lightly(&l, &other, "POST", NULL), 401);
    assert_int_equal(ask_lightly(&l, &other, "GET", "/v1/snap"), 401);
    uint8_t key[FACT_KEY_BYTES];
    memcpy(key, l.key, sizeof key);
    memcpy(l.key, other.key, sizeof l.key); // another device by the same connection
    assert_int_equal(ask_lightly(&l, &l, "GET", wait), 401);
    memcpy(l.key, key, sizeof l.key);
    light_connect(&other, k.port, 0); // a connection of its own says nothing for it
    memcpy(other.key, l.key, sizeof other.key);
    assert_int_equal(ask_lightly(&other, &other, "GET", wait), 401);
    light_finish(&l);
    light_finish(&other);
    hub_kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_pages_answer_anyone),
        cmocka_unit_test(test_doorbell_knows_its_connection),
        cmocka_unit_test(test_unsigned_and_wrongly_signed_requests_get_401),
        cmocka_unit_test(test_stranger_with_a_key_gets_nothing),
        cmocka_unit_test(test_body_over_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

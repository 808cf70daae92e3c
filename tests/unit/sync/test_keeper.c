// The key of a sealed store on its way: made, left with a real hub, asked for after a start,
// refused to a revoked device; and codes when there is no hub.
#include "sync/agent/keeper.h"

#include "sync/base/mem.h"
#include "sync/store/deposit.h"
#include "tests/support/event_kit.h"
#include "tests/support/hub_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct desk { // what the keeper told, and where
    struct hub_kit kit;
    char dir[96], url[64];
    pthread_mutex_t lock;
    struct keeper_news news;
    int count;
};

static void note(void *arg, const struct keeper_news *news) {
    struct desk *d = arg;
    pthread_mutex_lock(&d->lock);
    d->news = *news;
    d->count++;
    pthread_mutex_unlock(&d->lock);
}

struct wish {
    struct desk *desk;
    int count;
};

static bool has_news(struct hub_kit *k, void *arg) {
    const struct wish *w = arg;
    (void)k;
    pthread_mutex_lock(&w->desk->lock);
    bool has = w->desk->count >= w->count;
    pthread_mutex_unlock(&w->desk->lock);
    return has;
}

static struct keeper_news wait_news(struct desk *d, int count) {
    struct wish w = {d, count};
    hub_kit_wait(&d->kit, "the keeper tells", has_news, &w);
    return d->news;
}

static void start(struct desk *d) {
    memset(d, 0, sizeof *d);
    hub_kit_start(&d->kit);
    hub_kit_add(&d->kit, "Desk A", "desk");
    hub_kit_add(&d->kit, "Desk B", "desk");
    snprintf(d->dir, sizeof d->dir, "%s/0", d->kit.dir);
    snprintf(d->url, sizeof d->url, "http://127.0.0.1:%u", d->kit.port);
    pthread_mutex_init(&d->lock, NULL);
}

static void finish(struct desk *d) {
    pthread_mutex_destroy(&d->lock);
    hub_kit_finish(&d->kit);
}

static struct keeper *start_keeper(struct desk *d, const char *urls, bool is_locked) {
    struct keeper *k = NULL;
    struct keeper_options o = {
        .dir = d->dir, .urls = urls, .is_locked = is_locked, .post = note, .post_arg = d};
    d->count = 0;
    assert_int_equal(keeper_start(&o, &k), ERR_NONE);
    return k;
}

static void end_keeper(struct keeper *k) {
    keeper_stop(k);
    keeper_join(k);
}

static enum err seal_run(struct store *s, void *arg) {
    return vault_seal(s, arg);
}

struct look {
    uint64_t dev;
    uint8_t key[SEAL_KEY_BYTES];
};

static enum err look_run(struct store *s, void *arg) {
    struct look *l = arg;
    return deposit_get(s, l->dev, l->key);
}

// Makes a key, leaves it with the hub and seals the desk's store by it.
static struct keeper *seal_desk(struct desk *d, uint8_t key[SEAL_KEY_BYTES]) {
    struct keeper *k = start_keeper(d, d->url, false);
    keeper_make(k);
    struct keeper_news news = wait_news(d, 1);
    assert_int_equal(news.kind, KEEPER_MADE);
    memcpy(key, news.key, SEAL_KEY_BYTES);
    assert_int_equal(store_thread_call(d->kit.devices[0].store, seal_run, key, false),
                     ERR_NONE);
    assert_true(vault_is_locked(d->dir));
    return k;
}

static void test_key_comes_back_from_the_hub(void **state) {
    struct desk d;
    uint8_t key[SEAL_KEY_BYTES], got[SEAL_KEY_BYTES];
    char other[96];
    (void)state;
    start(&d);
    end_keeper(seal_desk(&d, key));
    struct look l = {.dev = d.kit.devices[0].identity.dev};
    assert_int_equal(store_thread_call(d.kit.hub->store, look_run, &l, false), ERR_NONE);
    assert_memory_equal(l.key, key, sizeof key);
    struct keeper *k = start_keeper(&d, d.url, true);
    struct keeper_news news = wait_news(&d, 1);
    assert_int_equal(news.kind, KEEPER_OPEN);
    assert_memory_equal(news.key, key, sizeof key);
    end_keeper(k);
    assert_int_equal(keeper_fetch(d.dir, d.url, got), ERR_NONE);
    assert_memory_equal(got, key, sizeof key);
    snprintf(other, sizeof other, "%s/1", d.kit.dir); // the other desk has none
    assert_int_equal(keeper_fetch(other, d.url, got), ERR_NOT_FOUND);
    finish(&d);
}

static void test_revoked_device_gets_no_key(void **state) {
    struct desk d;
    uint8_t key[SEAL_KEY_BYTES], got[SEAL_KEY_BYTES];
    (void)state;
    start(&d);
    end_keeper(seal_desk(&d, key));
    assert_true(hub_kit_verb(&d.kit, NULL, "revoke", "Desk A", NULL));
    assert_int_equal(keeper_fetch(d.dir, d.url, got), ERR_NOT_FOUND);
    struct look l = {.dev = d.kit.devices[0].identity.dev};
    assert_int_equal(store_thread_call(d.kit.hub->store, look_run, &l, false),
                     ERR_NOT_FOUND);
    struct keeper *k = start_keeper(&d, d.url, false); // nor may it leave one
    keeper_make(k);
    assert_int_equal(keeper_fetch(d.dir, d.url, got), ERR_NOT_FOUND);
    end_keeper(k);
    assert_int_equal(d.count, 0);
    finish(&d);
}

static void test_code_opens_without_a_hub(void **state) {
    struct desk d;
    uint8_t key[SEAL_KEY_BYTES];
    (void)state;
    start(&d);
    struct vault_code zoe = {.name = "Zoe", .badge = KIT_ZOE, .pin = "271828"};
    struct keeper *k = seal_desk(&d, key);
    assert_int_equal(keeper_add_code(k, &zoe), ERR_NONE);
    end_keeper(k);
    k = start_keeper(&d, "", true);
    assert_int_equal(keeper_add_code(k, &zoe), ERR_DENIED); // locked
    keeper_try(k, KIT_ZOE, "000000");
    struct keeper_news news = wait_news(&d, 1);
    assert_int_equal(news.kind, KEEPER_WRONG);
    keeper_try(k, KIT_ZOE, "271828");
    news = wait_news(&d, 2);
    assert_int_equal(news.kind, KEEPER_OPEN);
    assert_memory_equal(news.key, key, sizeof key);
    end_keeper(k);
    finish(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_comes_back_from_the_hub),
        cmocka_unit_test(test_revoked_device_gets_no_key),
        cmocka_unit_test(test_code_opens_without_a_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

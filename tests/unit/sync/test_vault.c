// Sealing a store in place, opening it with the key only, and codes that staff know.
#include "sync/store/vault.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "tests/support/event_kit.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

struct desk {
    struct kit kit;
    char dir[80]; // of the desk
    uint8_t key[SEAL_KEY_BYTES], other[SEAL_KEY_BYTES];
};

static void start(struct desk *r) {
    kit_start(&r->kit);
    kit_add_node(&r->kit, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(&r->kit);
    kit_add_node(&r->kit, "desk", "desk", ALL);
    kit_copy(&r->kit, 0, 1, 3);
    snprintf(r->dir, sizeof r->dir, "%s/1", r->kit.dir);
    for (size_t i = 0; i < sizeof r->key; i++) {
        r->key[i] = (uint8_t)(5 * i + 1);
        r->other[i] = (uint8_t)(5 * i + 2);
    }
    log_set_level((enum log_level)0);
}

static void finish(struct desk *r) {
    log_set_level(LOG_LEVEL_INFO);
    kit_finish(&r->kit);
}

static bool is_in_files(const struct desk *r, const char *text) {
    char *command = mem_format("grep -rqa '%s' '%s'", text, r->dir);
    int status = system(command);
    mem_free(command);
    return status == 0;
}

static enum err open_with(struct desk *r, const uint8_t *key) {
    struct store_options o = {.dir = r->dir, .key = key};
    return store_open(&o, &r->kit.nodes[1]);
}

static void close_desk(struct desk *r) {
    store_close(r->kit.nodes[1]);
    r->kit.nodes[1] = NULL;
}

static void test_sealed_store_opens_with_its_key_only(void **state) {
    struct desk r;
    struct verify_report v;
    (void)state;
    start(&r);
    assert_true(is_in_files(&r, "Mullender"));
    assert_false(vault_is_locked(r.dir));
    assert_int_equal(vault_seal(r.kit.nodes[1], r.key), ERR_NONE);
    assert_true(vault_is_locked(r.dir));
    assert_false(is_in_files(&r, "Mullender"));
    kit_say(&r.kit, 1, "pay.mark", KIT_UNPAID, "{'how':'in the sealed store'}");
    assert_false(is_in_files(&r, "in the sealed store"));
    close_desk(&r);
    assert_false(is_in_files(&r, "in the sealed store"));
    assert_int_equal(open_with(&r, NULL), ERR_LOCKED);
    assert_int_equal(open_with(&r, r.other), ERR_LOCKED);
    assert_int_equal(open_with(&r, r.key), ERR_NONE);
    assert_int_equal(store_verify(r.kit.nodes[1], &v), ERR_NONE);
    struct person p;
    assert_int_equal(store_find_person(r.kit.nodes[1], KIT_JAN, &p), ERR_NONE);
    assert_string_equal(p.name, "Jan Mullender");
    assert_int_equal(vault_seal(r.kit.nodes[1], r.key), ERR_EXISTS);
    finish(&r);
}

// The mark is written before the file changes place: power may go in between.
static void test_change_over_cut_short_stays_plain(void **state) {
    struct desk r;
    char path[96];
    (void)state;
    start(&r);
    close_desk(&r);
    snprintf(path, sizeof path, "%s/seal", r.dir);
    FILE *f = fopen(path, "w");
    fputs("{\"check\":\"00112233445566778899aabbccddeeff\"}", f);
    fclose(f);
    assert_false(vault_is_locked(r.dir));
    assert_int_equal(open_with(&r, NULL), ERR_NONE);
    assert_int_equal(vault_seal(r.kit.nodes[1], r.key), ERR_NONE);
    close_desk(&r);
    assert_true(vault_is_key(r.dir, r.key));
    assert_int_equal(open_with(&r, r.key), ERR_NONE);
    finish(&r);
}

static void test_damaged_sealed_file_is_read_with_its_key(void **state) {
    struct desk r;
    char path[96];
    (void)state;
    start(&r);
    assert_int_equal(vault_seal(r.kit.nodes[1], r.key), ERR_NONE);
    int64_t facts = store_read_counts(r.kit.nodes[1], "", &r.kit.now).facts;
    struct store *desk = r.kit.nodes[1];
    int64_t page = db_int(desk,
                          db_get(desk, "SELECT rootpage FROM sqlite_schema WHERE"
                                       " name='entity'"),
                          0);
    close_desk(&r);
    snprintf(path, sizeof path, "%s/store.db", r.dir);
    FILE *f = fopen(path, "r+b");
    fseek(f, (long)(page - 1) * 4096, SEEK_SET);
    for (int i = 0; i < 4096; i++) {
        fputc(0x33, f);
    }
    fclose(f);
    assert_int_equal(open_with(&r, r.key), ERR_NONE);
    snprintf(path, sizeof path, "%s/store.db.bad-1", r.dir);
    assert_int_equal(access(path, F_OK), 0);
    struct verify_report v;
    assert_int_equal(store_verify(r.kit.nodes[1], &v), ERR_NONE);
    int64_t left = store_read_counts(r.kit.nodes[1], "", &r.kit.now).facts;
    assert_int_equal(left, facts); // a derived table: the log was whole
    assert_false(is_in_files(&r, "Mullender"));
    finish(&r);
}

static size_t count_codes(const char *dir) {
    char *path = mem_format("%s/unlock", dir);
    json_t *list = json_load_file(path, 0, NULL);
    size_t count = json_array_size(list);
    json_decref(list);
    mem_free(path);
    return count;
}

static void test_codes_unwrap_the_key(void **state) {
    struct desk r;
    uint8_t got[SEAL_KEY_BYTES];
    uint64_t wait = 0;
    (void)state;
    start(&r);
    assert_int_equal(vault_seal(r.kit.nodes[1], r.key), ERR_NONE);
    struct vault_try t = {.badge = KIT_ZOE, .pin = "271828", .now_ms = 1000};
    assert_int_equal(vault_try_code(r.dir, &t, got, &wait), ERR_NOT_FOUND);
    struct vault_code zoe = {.name = "Zoe", .badge = KIT_ZOE, .pin = "271828"};
    struct vault_code jan = {.name = "Jan", .pin = "314159"};
    assert_int_equal(vault_add_code(r.dir, &zoe, r.key), ERR_NONE);
    assert_int_equal(vault_add_code(r.dir, &jan, r.key), ERR_NONE);
    assert_int_equal(
        vault_add_code(r.dir, &(struct vault_code){.name = "X", .pin = "12345"}, r.key),
        ERR_INPUT);
    assert_int_equal(
        vault_add_code(r.dir, &(struct vault_code){.name = "X", .pin = "12345x"}, r.key),
        ERR_INPUT);
    assert_int_equal(count_codes(r.dir), 2);
    assert_int_equal(vault_try_code(r.dir, &t, got, &wait), ERR_NONE);
    assert_memory_equal(got, r.key, sizeof got);
    t.badge = NULL; // Zoe's PIN without her badge
    assert_int_equal(vault_try_code(r.dir, &t, got, &wait), ERR_DENIED);
    t.pin = "314159";
    assert_int_equal(vault_try_code(r.dir, &t, got, &wait), ERR_NONE);
    zoe.pin = "999999"; // replaced
    assert_int_equal(vault_add_code(r.dir, &zoe, r.key), ERR_NONE);
    assert_int_equal(count_codes(r.dir), 2);
    t = (struct vault_try){.badge = KIT_ZOE, .pin = "271828", .now_ms = 1000};
    assert_int_equal(vault_try_code(r.dir, &t, got, &wait), ERR_DENIED);
    finish(&r);
}

static void test_wrong_codes_cost_time_that_no_restart_saves(void **state) {
    struct desk r;
    uint8_t got[SEAL_KEY_BYTES];
    uint64_t wait = 0;
    (void)state;
    start(&r);
    assert_int_equal(vault_seal(r.kit.nodes[1], r.key), ERR_NONE);
    struct vault_code jan = {.name = "Jan", .pin = "314159"};
    assert_int_equal(vault_add_code(r.dir, &jan, r.key), ERR_NONE);
    struct vault_try wrong = {.pin = "000000", .now_ms = 1000};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vault_try_code(r.dir, &wrong, got, &wait), ERR_DENIED);
    }
    assert_int_equal(wait, 15000);
    struct vault_try right = {.pin = "314159", .now_ms = 2000, .last_ms = 1000};
    assert_int_equal(vault_try_code(r.dir, &right, got, &wait), ERR_BUSY);
    assert_int_equal(wait, 14000);
    right = (struct vault_try){.pin = "314159", .now_ms = 100, .last_ms = 0}; // restarted
    assert_int_equal(vault_try_code(r.dir, &right, got, &wait), ERR_BUSY);
    wrong = (struct vault_try){.pin = "000000", .now_ms = 16000, .last_ms = 1000};
    assert_int_equal(vault_try_code(r.dir, &wrong, got, &wait), ERR_DENIED);
    assert_int_equal(wait, 30000); // doubled
    right = (struct vault_try){.pin = "314159", .now_ms = 30000, .last_ms = 0};
    assert_int_equal(vault_try_code(r.dir, &right, got, &wait), ERR_NONE);
    right = (struct vault_try){.pin = "314159", .now_ms = 30000, .last_ms = 30000};
    assert_int_equal(vault_try_code(r.dir, &right, got, &wait), ERR_NONE); // forgotten
    finish(&r);
}

static void test_upstream_is_known_before_the_key(void **state) {
    struct desk r;
    char url[VAULT_URL_SIZE];
    (void)state;
    start(&r);
    vault_get_url(r.dir, url);
    assert_string_equal(url, "");
    assert_int_equal(vault_set_url(r.dir, "http://127.0.0.1:8092"), ERR_NONE);
    assert_int_equal(vault_seal(r.kit.nodes[1], r.key), ERR_NONE);
    vault_get_url(r.dir, url);
    assert_string_equal(url, "http://127.0.0.1:8092");
    finish(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sealed_store_opens_with_its_key_only),
        cmocka_unit_test(test_change_over_cut_short_stays_plain),
        cmocka_unit_test(test_damaged_sealed_file_is_read_with_its_key),
        cmocka_unit_test(test_codes_unwrap_the_key),
        cmocka_unit_test(test_wrong_codes_cost_time_that_no_restart_saves),
        cmocka_unit_test(test_upstream_is_known_before_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

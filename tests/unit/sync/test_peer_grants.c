// What lets a device in: one-time codes, and the grants it shows to a hub that forgot it.
#include "sync/base/mem.h"
#include "sync/event/code.h"
#include "sync/exchange/grants.h"
#include "sync/store/peer_grants.h"
#include "sync/store/peer_log.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_grants_lead_from_the_root_and_nothing_else_is_let_in(void **state) {
    (void)state;
    struct kit k;
    struct exchange_batches list = {0};
    struct grants_chain chain;
    kit_start_pair(&k);
    assert_int_equal(store_seal(k.nodes[0]), ERR_NONE);
    assert_int_equal(
        peer_read_grants(k.nodes[1], store_identity_get(k.nodes[1]).key, &list),
        ERR_NONE);
    struct store_identity desk = store_identity_get(k.nodes[1]);
    grants_follow(&chain, k.root, desk.key, &list);
    assert_true(chain.has_wanted);
    uint8_t other_root[FACT_KEY_BYTES];
    memset(other_root, 7, sizeof other_root);
    grants_follow(&chain, other_root, desk.key, &list);
    assert_false(chain.has_wanted);
    assert_false(grants_allow(&chain, list.data.data, list.lens[0]));
    // A broken byte anywhere breaks its batch.
    list.data.data[list.data.len - 1] ^= 1;
    list.data.data[list.lens[0] - 1] ^= 1;
    grants_follow(&chain, k.root, desk.key, &list);
    assert_false(chain.has_wanted);
    bytes_finish(&list.data);
    kit_finish(&k);
}

// More devices than a chain has places, more grants than a list of batches holds, and the
// hub started again in between: a new device's own grant is there.
static void test_grant_of_the_newest_device_is_found_among_many(void **state) {
    enum { MANY = 2500 };
    (void)state;
    struct kit k;
    struct exchange_batches list = {0};
    struct grants_chain chain;
    uint8_t key[FACT_KEY_BYTES] = {0};
    char dev[17], hex[2 * FACT_KEY_BYTES + 1], body[512];
    kit_start_pair(&k);
    for (uint32_t i = 0; i < MANY; i++) {
        if (i == MANY / 2) {
            assert_int_equal(store_commit(k.nodes[0]), ERR_NONE);
            assert_int_equal(store_seal(k.nodes[0]), ERR_NONE);
            kit_reopen(&k, 0);
        }
        if (i == 0 || i == MANY / 2) {
            assert_int_equal(store_begin(k.nodes[0]), ERR_NONE);
        }
        memcpy(key, &i, sizeof i);
        hex_format_u64(device_id(key), dev);
        hex_format(key, sizeof key, hex);
        snprintf(body, sizeof body, "{'key':'%s','may':['desk'],'channels':['desk']}",
                 hex);
        kit_say(&k, 0, "grant", dev, body);
    }
    assert_int_equal(store_commit(k.nodes[0]), ERR_NONE);
    assert_int_equal(store_seal(k.nodes[0]), ERR_NONE);
    for (uint32_t i = MANY / 2 - 1; i < MANY; i += MANY / 2) { // the last of both streams
        memcpy(key, &i, sizeof i);
        list.count = 0;
        bytes_clear(&list.data);
        assert_int_equal(peer_read_grants(k.nodes[0], key, &list), ERR_NONE);
        grants_follow(&chain, k.root, key, &list);
        assert_true(chain.has_wanted);
    }
    assert_true(list.data.len > EXCHANGE_BYTES_MAX / 2);
    bytes_finish(&list.data);
    kit_finish(&k);
}

static void test_code_lets_in_once_within_its_time_and_tries(void **state) {
    (void)state;
    struct kit k;
    char code[ENROLMENT_CODE_SIZE];
    char wrong[ENROLMENT_CODE_SIZE];
    char *wish = NULL;
    kit_start_pair(&k);
    struct store *s = k.nodes[0];
    assert_int_equal(peer_enrolment_add(s, "{}", 1000, code), ERR_NONE);
    assert_int_equal(strlen(code), ENROLMENT_CODE_SIZE - 1);
    assert_int_equal(peer_enrolment_take(s, code, 1001, &wish), ERR_DENIED); // too old
    assert_int_equal(peer_enrolment_take(s, "", 1, &wish), ERR_DENIED);
    assert_int_equal(peer_enrolment_take(s, "0000-00000000-0", 1, &wish), ERR_DENIED);
    char spaced[ENROLMENT_CODE_SIZE + 2];
    snprintf(spaced, sizeof spaced, "%.4s-%s", code, code + 4);
    assert_int_equal(peer_enrolment_take(s, spaced, 900, &wish), ERR_NONE);
    assert_string_equal(wish, "{}");
    mem_free(wish);
    assert_int_equal(peer_enrolment_take(s, code, 900, &wish), ERR_DENIED); // once
    assert_int_equal(peer_enrolment_add(s, "{}", 1000, code), ERR_NONE);
    memcpy(wrong, code, sizeof wrong);
    wrong[11] = wrong[11] == '0' ? '1' : '0';
    for (int i = 0; i < ENROLMENT_TRIES; i++) {
        assert_int_equal(peer_enrolment_take(s, wrong, 1, &wish), ERR_DENIED);
    }
    assert_int_equal(peer_enrolment_take(s, code, 1, &wish),
                     ERR_DENIED); // tried too often
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grants_lead_from_the_root_and_nothing_else_is_let_in),
        cmocka_unit_test(test_grant_of_the_newest_device_is_found_among_many),
        cmocka_unit_test(test_code_lets_in_once_within_its_time_and_tries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

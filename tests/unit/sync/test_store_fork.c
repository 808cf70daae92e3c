// Two histories of one device: an incident at the hub until staff deals with it.
#include "sync/base/log.h"
#include "sync/store/db.h"
#include "sync/store/peer.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void take_all(struct kit *k, size_t from, size_t to, enum err *out_last) {
    struct bytes all = {0};
    struct bytes lens = {0};
    uint64_t streams[64];
    size_t count = 0;
    enum err e;
    assert_int_equal(store_seal(k->nodes[from]), ERR_NONE);
    sqlite3_stmt *q = db_get(k->nodes[from], "SELECT stream FROM stream WHERE own=1");
    while (count < 64 && db_row(k->nodes[from], q, &e)) {
        streams[count++] = db_u64(q, 0);
    }
    sqlite3_reset(q);
    for (size_t i = 0; i < count; i++) {
        uint64_t last;
        struct take_result taken;
        bytes_clear(&all);
        bytes_clear(&lens);
        assert_int_equal(
            store_read_batches(k->nodes[from], streams[i], 0, 1, &all, &lens, &last),
            ERR_NONE);
        *out_last = store_take_batch(k->nodes[to], all.data, all.len, &k->now, &taken);
    }
    bytes_finish(&all);
    bytes_finish(&lens);
}

static void test_fork_is_an_incident_until_it_is_dealt_with(void **state) {
    struct kit k;
    struct incident in[4];
    enum err e = ERR_NONE;
    (void)state;
    kit_start_pair(&k);
    log_set_level((enum log_level)0); // a fork is what this test makes
    const size_t desk = 1;
    // One transaction is shown to the hub and then thrown away; the stream goes on otherwise,
    // as on a copied card.
    assert_int_equal(store_begin(k.nodes[desk]), ERR_NONE);
    kit_say(&k, desk, "pay.mark", KIT_JAN, "{'how':'cash'}");
    struct own_stream was = k.nodes[desk]->own[CHANNEL_DESK];
    take_all(&k, desk, 0, &e);
    assert_int_equal(e, ERR_NONE);
    store_rollback(k.nodes[desk]);
    k.nodes[desk]->own[CHANNEL_DESK] = (struct own_stream){.stream = was.stream};
    struct log_stream again = {was.stream, CHANNEL_DESK, k.nodes[desk]->identity.key,
                               k.now.boot, true};
    assert_int_equal(
        log_insert_stream(k.nodes[desk], &again, k.nodes[desk]->own[CHANNEL_DESK].last_h),
        ERR_NONE);
    kit_say(&k, desk, "pay.mark", KIT_ZOE, "{'how':'card'}");
    assert_int_equal(store_read_incidents(k.nodes[0], in, 4), 0);
    take_all(&k, desk, 0, &e);
    assert_int_equal(e, ERR_FORK);
    assert_int_equal(store_read_incidents(k.nodes[0], in, 4), 1);
    assert_true(in[0].is_fork && !in[0].is_resolved);
    assert_non_null(strstr(in[0].reason, "Desk A"));
    assert_int_equal(store_read_counts(k.nodes[0], "", &k.now).incidents, 1);
    char ref[REF_TEXT_SIZE], body[160];
    ref_format(in[0].members[0].ref, ref);
    snprintf(body, sizeof body, "{'of':['%s'],'text':'card replaced'}", ref);
    kit_say(&k, 0, "incident.resolve", in[0].holder, body);
    assert_int_equal(store_read_counts(k.nodes[0], "", &k.now).incidents, 0);
    assert_int_equal(store_read_incidents(k.nodes[0], in, 4), 1);
    assert_true(in[0].is_resolved);
    struct verify_report r;
    assert_int_equal(store_verify(k.nodes[0], &r), ERR_NONE);
    log_set_level(LOG_LEVEL_INFO);
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fork_is_an_incident_until_it_is_dealt_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

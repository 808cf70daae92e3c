// Nothing is believed unverified: facts without a right, of a revoked device, in a batch that
// was changed, in a file that was changed; and what is held is mended, also by a backup.
#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

static void test_facts_without_right_wait_in_quarantine(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_say(&k, 1, "session", "s9", "{'acronym':'evil','room':'Gold'}");
    kit_say(&k, 1, "session", "s10", "{'acronym':'evil','room':'Gold'}");
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_JAN, 0)), VERDICT_ADMITTED);
    kit_copy(&k, 1, 0, 1);
    struct programme *p = store_read_programme(k.nodes[0]);
    assert_int_equal(p->session_count, 0);
    programme_destroy(p);
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).quarantined, 2);
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).admitted, 1);
    kit_finish(&k);
}

static void test_revoked_device_keeps_only_what_hub_held(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_admit(&k, 1, "meeting", kit_code(KIT_JAN, 0));
    kit_copy(&k, 1, 0, 1);
    struct store_identity id = store_identity_get(k.nodes[1]);
    sqlite3_stmt *q =
        db_get(k.nodes[0], "SELECT stream, last_n FROM stream WHERE dev=?1 AND"
                           " channel=3");
    db_bind_u64(q, 1, id.dev);
    enum err e;
    assert_true(db_row(k.nodes[0], q, &e));
    char stream[17], dev[17], body[256];
    hex_format_u64(db_u64(q, 0), stream);
    snprintf(body, sizeof body, "{'holds':[{'st':'%s','n':%d}]}", stream,
             sqlite3_column_int(q, 1));
    sqlite3_reset(q);
    hex_format_u64(id.dev, dev);
    kit_say(&k, 0, "device.revoke", dev, body);
    kit_admit(&k, 1, "meeting", kit_code(KIT_ZOE, 0)); // has not heard of it
    kit_copy(&k, 1, 0, 2);
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).admitted, 1);
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).quarantined, 1);
    kit_copy(&k, 0, 1, 3);
    kit_check_same(&k, 0, 1, ALL);
    kit_finish(&k);
}

static void revoke(struct kit *k, size_t node) {
    char dev[17];
    hex_format_u64(store_identity_get(k->nodes[node]).dev, dev);
    kit_say(k, 0, "device.revoke", dev, "{'holds':[],'reason':'stolen'}");
}

// All facts of a subject fall together: the rows they had made go, as if never folded.
static void test_revocation_takes_down_what_was_folded_before(void **state) {
    (void)state;
    struct kit k;
    struct person p;
    kit_start_desks(&k, 2);
    kit_say(&k, 1, "person", "W000000000000001", "{'name':'Wal Kup','kind':'week'}");
    char dev[17];
    hex_format_u64(store_identity_get(k.nodes[1]).dev, dev);
    kit_say(&k, 1, "anchor", dev, "{'source_ms':1427119800000,'rtt_ms':4}");
    kit_admit(&k, 1, "meeting", kit_code("W000000000000001", 0));
    kit_copy(&k, 1, 0, 5);
    assert_int_equal(store_find_person(k.nodes[0], "W000000000000001", &p), ERR_NONE);
    revoke(&k, 1);
    assert_int_equal(store_find_person(k.nodes[0], "W000000000000001", &p),
                     ERR_NOT_FOUND);
    kit_copy(&k, 0, 2, 6); // learns of the revocation in whatever order
    kit_check_same(&k, 0, 2, ALL);
    kit_finish(&k);
}

static void test_batch_changed_anywhere_is_refused(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_admit(&k, 1, "meeting", kit_code(KIT_JAN, 0));
    assert_int_equal(store_seal(k.nodes[1]), ERR_NONE);
    uint64_t stream = (uint64_t)db_int(
        k.nodes[1],
        db_get(k.nodes[1], "SELECT stream FROM stream WHERE own=1 AND channel=3"), 0);
    struct bytes all = {0}, lens = {0};
    uint64_t last;
    assert_int_equal(
        store_read_batches(k.nodes[1], stream, 0, 1 << 20, &all, &lens, &last), ERR_NONE);
    for (size_t i = 0; i < all.len; i++) {
        struct take_result r;
        all.data[i] ^= 1;
        assert_int_not_equal(store_take_batch(k.nodes[0], all.data, all.len, &k.now, &r),
                             ERR_NONE);
        all.data[i] ^= 1;
    }
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).admitted, 0);
    struct take_result r;
    assert_int_equal(store_take_batch(k.nodes[0], all.data, all.len, &k.now, &r),
                     ERR_NONE);
    assert_int_equal(r.new_facts, 1);
    assert_int_equal(store_take_batch(k.nodes[0], all.data, all.len, &k.now, &r),
                     ERR_NONE);
    assert_int_equal(r.new_facts, 0);
    bytes_finish(&all);
    bytes_finish(&lens);
    kit_finish(&k);
}

static void rename_node(const struct kit *k, const char *from, const char *to) {
    char *old = mem_format("%s/%s", k->dir, from);
    char *new = mem_format("%s/%s", k->dir, to);
    assert_int_equal(rename(old, new), 0);
    mem_free(old);
    mem_free(new);
}

// The backup was made before a fact was signed; others hold that fact and more.
static void test_restored_hub_signs_what_its_backup_held(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_say(&k, 0, "notice", "n1", "{'text':'Lunch is in the ballroom'}");
    store_checkpoint(k.nodes[0]);
    char *copy = mem_format("cp -a '%s/0' '%s/old'", k.dir, k.dir);
    assert_int_equal(system(copy), 0);
    mem_free(copy);
    kit_copy(&k, 0, 1, 1);
    kit_say(&k, 0, "notice", "n2", "{'text':'Dinner is at the river'}");
    kit_copy(&k, 0, 1, 2);
    rename_node(&k, "0", "gone");
    rename_node(&k, "old", "0");
    kit_reopen(&k, 0);
    kit_copy(&k, 1, 0, 3);
    kit_add_node(&k, "Desk B", "desk", ALL);
    kit_copy(&k, 0, 2, 4);
    kit_check_same(&k, 0, 2, ALL);
    kit_finish(&k);
}

static void test_rebuild_and_reopen_change_nothing(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_admit(&k, 1, "meeting", kit_code(KIT_JAN, 0));
    struct verify_report before, after;
    assert_int_equal(store_verify(k.nodes[1], &before), ERR_NONE);
    assert_int_equal(store_rebuild(k.nodes[1]), ERR_NONE);
    kit_reopen(&k, 1);
    assert_int_equal(store_verify(k.nodes[1], &after), ERR_NONE);
    assert_memory_equal(before.channels, after.channels, sizeof before.channels);
    kit_finish(&k);
}

static void test_verify_finds_a_changed_byte(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 0);
    struct verify_report r;
    assert_int_equal(
        db_exec(k.nodes[0], "UPDATE person SET kind='press' WHERE id LIKE '%G'"),
        ERR_NONE);
    assert_int_equal(store_verify(k.nodes[0], &r), ERR_CORRUPT);
    assert_non_null(strstr(r.trouble, "people"));
    assert_int_equal(store_rebuild(k.nodes[0]), ERR_NONE);
    assert_int_equal(store_verify(k.nodes[0], &r), ERR_NONE);
    assert_int_equal(
        db_exec(k.nodes[0], "UPDATE fact SET body=x'00' WHERE kind='person'"), ERR_NONE);
    assert_int_equal(store_verify(k.nodes[0], &r), ERR_CORRUPT);
    assert_non_null(strstr(r.trouble, "hash"));
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_without_right_wait_in_quarantine),
        cmocka_unit_test(test_revoked_device_keeps_only_what_hub_held),
        cmocka_unit_test(test_revocation_takes_down_what_was_folded_before),
        cmocka_unit_test(test_batch_changed_anywhere_is_refused),
        cmocka_unit_test(test_restored_hub_signs_what_its_backup_held),
        cmocka_unit_test(test_rebuild_and_reopen_change_nothing),
        cmocka_unit_test(test_verify_finds_a_changed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// What is erased or dropped leaves no trace in any file, and nothing brings it back: not a
// desk that was away, nor the evidence of what is refused.
#include "sync/base/bytes.h"
#include "sync/store/db.h"
#include "sync/store/erase.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4),
    SIGNAGE = CHANNEL_BIT(1) | CHANNEL_BIT(4)
};

static void test_erased_person_leaves_no_trace_and_chain_holds(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_admit(&k, 1, "meeting", kit_code(KIT_ZOE, 0));
    kit_copy(&k, 1, 0, 1);
    kit_say(&k, 0, "person.erase", KIT_ZOE, "{'reason':'asked'}");
    kit_copy(&k, 1, 0, 2); // the desk still has her: her bodies must not come back
    struct person p;
    assert_int_equal(store_find_person(k.nodes[0], KIT_ZOE, &p), ERR_NOT_FOUND);
    kit_copy(&k, 0, 1, 3);
    assert_int_equal(store_find_person(k.nodes[1], KIT_ZOE, &p), ERR_NOT_FOUND);
    kit_check_same(&k, 0, 1, ALL);
    store_checkpoint(k.nodes[0]);
    store_checkpoint(k.nodes[1]);
    char command[160];
    snprintf(command, sizeof command, "grep -q -a 'ller-Ortiz' %s/*/store.db*", k.dir);
    assert_int_not_equal(system(command), 0);
    kit_finish(&k);
}

// A desk that was away sends on, and a bad line changes what it sends: the evidence of what
// is refused must not bring back the words of the erased.
static void test_evidence_brings_nothing_erased_back(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_say(&k, 1, "person.edit", KIT_ZOE, "{'set':{'org':'Tainted Words'}}");
    struct bytes all = {0}, lens = {0};
    uint64_t last;
    uint64_t stream = (uint64_t)db_int(
        k.nodes[1],
        db_get(k.nodes[1], "SELECT stream FROM fact WHERE kind='person.edit'"), 0);
    assert_int_equal(store_seal(k.nodes[1]), ERR_NONE);
    assert_int_equal(
        store_read_batches(k.nodes[1], stream, 0, 1 << 20, &all, &lens, &last), ERR_NONE);
    kit_say(&k, 0, "person.erase", KIT_ZOE, "{'reason':'asked'}");
    struct take_result r;
    all.data[all.len - 1] ^= 1; // its signature
    assert_int_equal(store_take_batch(k.nodes[0], all.data, all.len, &k.now, &r),
                     ERR_SIGNATURE);
    all.data[all.len - 1] ^= 1;
    bytes_finish(&all);
    bytes_finish(&lens);
    struct verify_report v;
    assert_int_equal(store_verify(k.nodes[0], &v), ERR_NONE);
    assert_int_equal(v.rejects, 1);
    store_checkpoint(k.nodes[0]);
    char command[160];
    snprintf(command, sizeof command, "grep -q -a 'Tainted Words' %s/0/store.db*", k.dir);
    assert_int_not_equal(system(command), 0);
    kit_finish(&k);
}

static void test_dropped_channels_leave_no_person(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_say(&k, 1, "pay.mark", KIT_JAN, "{'how':'cash'}");
    kit_say(&k, 1, "pay.mark", KIT_ZOE, "{'how':'cash'}");
    assert_int_equal(store_drop_channels(k.nodes[1], CHANNEL_BIT(CHANNEL_PEOPLE) |
                                                         CHANNEL_BIT(CHANNEL_DESK)),
                     ERR_NONE);
    // What is said in such a channel afterwards is a stream of its own, from its beginning.
    assert_int_equal(kit_say(&k, 1, "pay.mark", KIT_JAN, "{'how':'card'}").n, 1);
    assert_int_equal(store_read_counts(k.nodes[1], "meeting", &k.now).people, 0);
    kit_check_same(&k, 0, 1, SIGNAGE);
    char command[160];
    snprintf(command, sizeof command, "grep -q -a 'Mullender' %s/1/store.db*", k.dir);
    assert_int_not_equal(system(command), 0);
    kit_finish(&k);
}

// All batches of a stream, one after another; lens behind them.
struct pile {
    struct bytes data, lens;
};

static void read_all(struct kit *k, size_t node, uint64_t stream, struct pile *out) {
    uint64_t last;
    assert_int_equal(store_seal(k->nodes[node]), ERR_NONE);
    assert_int_equal(store_read_batches(k->nodes[node], stream, 0, 1 << 20, &out->data,
                                        &out->lens, &last),
                     ERR_NONE);
}

static enum err take_all(struct kit *k, size_t node, const struct pile *pile) {
    enum err e = ERR_NONE;
    const uint8_t *at = pile->data.data;
    for (size_t i = 0; i < pile->lens.len / sizeof(uint32_t) && e == ERR_NONE; i++) {
        struct take_result r;
        uint32_t len;
        memcpy(&len, pile->lens.data + i * sizeof len, sizeof len);
        e = store_take_batch(k->nodes[node], at, len, &k->now, &r);
        at += len;
    }
    return e;
}

static void pile_finish(struct pile *p) {
    bytes_finish(&p->data);
    bytes_finish(&p->lens);
}

// Her body comes emptied, of the erasure nobody who is left ever heard.
static void test_emptied_body_is_filled_while_its_erasure_is_unknown(void **state) {
    (void)state;
    struct kit k;
    struct pile whole = {0}, emptied = {0};
    struct person p;
    kit_start_desks(&k, 2);
    kit_say(&k, 0, "person", "0123456789ABCDEZ", "{'name':'Lost and Found'}");
    sqlite3_stmt *q =
        db_get(k.nodes[0], "SELECT stream FROM fact WHERE subject='0123456789ABCDEZ'");
    uint64_t stream = (uint64_t)db_int(k.nodes[0], q, 0);
    kit_copy(&k, 0, 1, 1);
    read_all(&k, 1, stream, &whole);
    kit_say(&k, 0, "person.erase", "0123456789ABCDEZ", "{'reason':'asked'}");
    read_all(&k, 0, stream, &emptied);
    assert_int_equal(take_all(&k, 2, &emptied), ERR_NONE);
    assert_int_equal(store_find_person(k.nodes[2], "0123456789ABCDEZ", &p),
                     ERR_NOT_FOUND);
    assert_true(erase_has_unknown(k.nodes[2]));
    assert_int_equal(take_all(&k, 2, &whole), ERR_NONE);
    assert_int_equal(store_find_person(k.nodes[2], "0123456789ABCDEZ", &p), ERR_NONE);
    assert_false(erase_has_unknown(k.nodes[2]));
    kit_copy(&k, 0, 2, 2); // and now it is known
    assert_int_equal(store_find_person(k.nodes[2], "0123456789ABCDEZ", &p),
                     ERR_NOT_FOUND);
    assert_int_equal(take_all(&k, 2, &whole), ERR_NONE);
    assert_int_equal(store_find_person(k.nodes[2], "0123456789ABCDEZ", &p),
                     ERR_NOT_FOUND);
    pile_finish(&whole);
    pile_finish(&emptied);
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erased_person_leaves_no_trace_and_chain_holds),
        cmocka_unit_test(test_evidence_brings_nothing_erased_back),
        cmocka_unit_test(test_emptied_body_is_filled_while_its_erasure_is_unknown),
        cmocka_unit_test(test_dropped_channels_leave_no_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

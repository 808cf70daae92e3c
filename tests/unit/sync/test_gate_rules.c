// A gate's new rules fold the admissions that passed it before: what is a finding changes,
// and whoever waited for the gate comes in.
#include "sync/base/bytes.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

static void start(struct kit *k) {
    kit_start(k);
    kit_add_node(k, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(k);
}

static struct store_counts counts(struct kit *k, const char *gate) {
    return store_read_counts(k->nodes[0], gate, &k->now);
}

static void check_verifies(struct kit *k) {
    struct verify_report r;
    enum err e = store_verify(k->nodes[0], &r);
    assert_string_equal(r.trouble, "");
    assert_int_equal(e, ERR_NONE);
}

static void test_reentry_decides_what_is_a_finding(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    kit_say(&k, 0, "admit", KIT_JAN, "{'gate':'free'}");
    kit_say(&k, 0, "admit", KIT_JAN, "{'gate':'free'}");
    assert_int_equal(counts(&k, "free").incidents, 0);
    kit_say(&k, 0, "gate", "free", "{'name':'Plenary, once'}");
    assert_int_equal(counts(&k, "free").incidents, 1);
    kit_say(&k, 0, "gate", "free", "{'name':'Another name'}");
    assert_int_equal(counts(&k, "free").incidents, 1);
    check_verifies(&k);
    kit_say(&k, 0, "gate", "free", "{'name':'Plenary','reentry':'free'}");
    assert_int_equal(counts(&k, "free").incidents, 0);
    check_verifies(&k);
    kit_finish(&k);
}

static void test_admissions_wait_for_their_gate(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    kit_say(&k, 0, "admit", KIT_JAN, "{'gate':'hall'}");
    kit_say(&k, 0, "admit", KIT_ZOE, "{'gate':'hall'}");
    assert_int_equal(counts(&k, "hall").quarantined, 2);
    kit_say(&k, 0, "gate", "hall", "{'name':'Hall'}");
    assert_int_equal(counts(&k, "hall").quarantined, 0);
    assert_int_equal(counts(&k, "hall").admitted, 2);
    check_verifies(&k);
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reentry_decides_what_is_a_finding),
        cmocka_unit_test(test_admissions_wait_for_their_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

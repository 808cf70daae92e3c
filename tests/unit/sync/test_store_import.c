// Imports: what has not changed is not said again, and a feed leaves changes by hand alone.
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_import_twice_authors_nothing(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 0);
    for (int round = 0; round < 3; round++) {
        struct drafts d = {0};
        const char *room = round == 2 ? "Oak" : "Gold";
        assert_int_equal(
            drafts_add(&d, "session", "s1",
                       json_pack("{s:s,s:s}", "acronym", "acme", "room", room)),
            ERR_NONE);
        assert_int_equal(
            drafts_add(&d, "room", "Gold", json_pack("{s:s}", "name", "Gold")), ERR_NONE);
        struct store_diff diff;
        assert_int_equal(store_author(k.nodes[0], &d, &k.now, &diff), ERR_NONE);
        assert_int_equal(diff.added, round == 0 ? 2 : 0);
        assert_int_equal(diff.changed, round == 2 ? 1 : 0);
        assert_int_equal(diff.same, round == 0 ? 0 : (round == 1 ? 2 : 1));
        drafts_finish(&d);
    }
    struct programme *p = store_read_programme(k.nodes[0]);
    assert_string_equal(p->sessions[0].room, "Oak");
    assert_string_equal(p->sessions[0].was_room, "Gold");
    programme_destroy(p);
    kit_finish(&k);
}

// The feed still says Gold; somebody moved it to Oak by hand: importing again keeps Oak.
static void test_import_leaves_changes_by_hand_alone(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 0);
    for (int round = 0; round < 3; round++) {
        struct drafts d = {0};
        struct store_diff diff;
        const char *room =
            round < 2 ? "Gold" : "Royal"; // in the end the feed changes too
        assert_int_equal(
            drafts_add(&d, "session", "s1",
                       json_pack("{s:s,s:s}", "acronym", "acme", "room", room)),
            ERR_NONE);
        assert_int_equal(store_import(k.nodes[0], &d, &k.now, &diff), ERR_NONE);
        assert_int_equal(diff.same, round == 1);
        if (round == 0) {
            kit_say(&k, 0, "session", "s1", "{'acronym':'acme','room':'Oak'}");
        }
        struct programme *p = store_read_programme(k.nodes[0]);
        assert_string_equal(p->sessions[0].room, round < 2 ? "Oak" : "Royal");
        programme_destroy(p);
        drafts_finish(&d);
    }
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_import_twice_authors_nothing),
        cmocka_unit_test(test_import_leaves_changes_by_hand_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

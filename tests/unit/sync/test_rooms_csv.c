#include "sync/connectors/rooms_csv.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <string.h>

static void test_ietf83_rooms(void **state) {
    (void)state;
    struct feed_result *r =
        feed_read_file(rooms_csv_read, "assets/ietf83/rooms.csv", NULL);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(feed_count(r, "room"), 11);
    assert_string_equal(feed_body(r, "room", "Maillot"),
                        "{\"capacity\":380,\"name\":\"Maillot\",\"order\":8}");
    assert_non_null(feed_body(r, "room", "Salon Etoile d'Or (Concorde Hotel)"));
    assert_int_equal(r->report.message_count, 0);
    feed_free(r);
}

static void test_all_columns_in_any_order(void **state) {
    (void)state;
    struct feed_result *r = feed_read_text(
        rooms_csv_read,
        "\xef\xbb\xbfLevel,NAME,way,Capacity,order,functional_name,note,id,colour\r\n"
        "Lobby, Oak ,\"Past the stairs,\nleft\",120,4,Breakout 4,private "
        "remark,77,red\r\n",
        NULL);
    assert_string_equal(
        feed_body(r, "room", "Oak"),
        "{\"capacity\":120,\"function\":\"Breakout 4\",\"level\":\"Lobby\","
        "\"name\":\"Oak\",\"order\":4,\"way\":\"Past the stairs, left\"}");
    assert_true(feed_says(r, "column \"colour\" is not used"));
    feed_free(r);
}

static void test_bad_rows_are_named(void **state) {
    (void)state;
    struct feed_result *r = feed_read_text(
        rooms_csv_read,
        "name,capacity\nOak,many\n,5\nGold,-1\nOak,3\nFar \"East\",2\nRoyal,9,9\n"
        "Venetian\nPari\xff,1\nInternational,300\n",
        NULL);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(r->drafts.count, 3);
    assert_int_equal(r->report.rows, 9);
    assert_int_equal(r->report.skipped, 6);
    assert_true(feed_says(r, "rooms.csv line 2: column capacity: \"many\""));
    assert_true(feed_says(r, "line 3: column name is empty"));
    assert_true(feed_says(r, "line 4: column capacity: \"-1\""));
    assert_true(feed_says(r, "line 5: room \"Oak\" stands on line 2"));
    assert_true(feed_says(r, "line 6: has a quote where none belongs"));
    assert_true(feed_says(r, "line 7: has more columns"));
    assert_true(feed_says(r, "line 8: has fewer columns"));
    assert_true(feed_says(r, "line 9: column name is not UTF-8"));
    assert_string_equal(feed_body(r, "room", "International"),
                        "{\"capacity\":300,\"name\":\"International\",\"order\":5}");
    feed_free(r);
}

static void test_a_name_longer_than_a_subject_is_skipped(void **state) {
    (void)state;
    struct feed_result *r = feed_read_text(
        rooms_csv_read,
        "name\nOak\n"
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg\n",
        NULL);
    assert_int_equal(r->drafts.count, 1);
    assert_true(feed_says(r, "more text than a fact may hold"));
    feed_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ietf83_rooms),
        cmocka_unit_test(test_all_columns_in_any_order),
        cmocka_unit_test(test_bad_rows_are_named),
        cmocka_unit_test(test_a_name_longer_than_a_subject_is_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "sync/connectors/people_csv.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const struct import_options keyed = {
    .secret = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
               17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32}};

static void test_a_full_row(void **state) {
    (void)state;
    struct feed_result *r =
        feed_read_file(people_csv_read, "tests/data/people-good.csv", &keyed);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(r->report.message_count, 0);
    assert_int_equal(r->drafts.count, 4);
    // The values of the keyed hashes were computed by Python's hashlib.
    assert_string_equal(
        feed_body(r, "person", "0123456789ABCDEF"),
        "{\"country\":\"DE\",\"days\":[\"2015-03-24\",\"2015-03-25\"],\"family\":"
        "\"Müller-Ortiz\","
        "\"gates\":[\"social\",\"hackathon\"],\"given\":\"Zoë\",\"kind\":\"week\","
        "\"lang\":\"de\",\"mail\":\"969eb018404f5375dfbe8ebfb9c020f2\","
        "\"name\":\"Zoë Müller-Ortiz\",\"newcomer\":true,\"note\":\"Bring a chair, "
        "please\","
        "\"org\":\"Example \\\"Networks\\\"\",\"paid\":false,\"photo\":false,"
        "\"roles\":[\"chair\",\"noc\"],\"source\":\"0123456789abcdef\",\"status\":"
        "\"blocked\","
        "\"ticket\":\"00ff00ff00ff00ff\"}");
    assert_string_equal(
        feed_body(r, "person", "SJDYJ0VN79KGPAA8"),
        "{\"latin\":\"Mohammed Mulla\",\"name\":\"محمد ملا\",\"source\":\"17\"}");
    assert_string_equal(
        feed_body(r, "person", "W0GTW9SS6C3G5H7S"),
        "{\"family\":\"O'Brien\",\"given\":\"Pat\","
        "\"mail\":\"25137000d36c3c5d8b18307e83bc6fac\",\"name\":\"Pat O'Brien\"}");
    assert_string_equal(r->drafts.items[3].body,
                        "{\"name\":\"X\"}"); // its id was an address
    feed_free(r);
}

static void test_bad_rows_are_named_and_the_good_kept(void **state) {
    (void)state;
    static const char head[] =
        "id,name,country,kind,days,paid,status,roles,newcomer,photo,"
        "gates,ticket,mail,lang\n";
    static const struct {
        const char *row;
        const char *says; // NULL: good
    } rows[] = {
        {"2,A,,,,,,,,,,,,", NULL},
        {"3,B,us,Day,2015-03-24|2015-03-25,no,OK,Chair;noc,YES,0,social,"
         "00FF00ff00ff00ff,a@example.org,pt-BR",
         NULL},
        {"4,C,,,,perhaps,,,,,,,,",
         "column paid: \"perhaps\" is neither yes nor no; row skipped"},
        {"5,D,USA,,,,,,,,,,,", "column country: \"USA\""},
        {"6,E,U1,,,,,,,,,,,", "column country: \"U1\""},
        {"7,F,,week pass,,,,,,,,,,", "column kind: \"week pass\""},
        {"8,G,,,2015-02-29,,,,,,,,,", "column days: \"2015-02-29\""},
        {"9,H,,,Tue,,,,,,,,,", "column days: \"Tue\""},
        {"10,I,,,,,gone,,,,,,,", "column status: \"gone\""},
        {"11,J,,,,,,ch@ir,,,,,,", "column roles: \"(an address)\""},
        {"12,K,,,,,,,maybe,,,,,", "column newcomer"},
        {"13,L,,,,,,,,never,,,,", "column photo"},
        {"14,M,,,,,,,,,so/cial,,,", "column gates"},
        {"15,N,,,,,,,,,,123,,", "column ticket"},
        {"16,O,,,,,,,,,,00ff00ff00ff00fg,,", "column ticket"},
        {"17,P,,,,,,,,,,,nobody,", "column mail is not an e-mail address"},
        {"18,Q,,,,,,,,,,,,x", "column lang"},
        {"19,,,,,,,,,,,,,", "no name for the badge"},
        {",R,,,,,,,,,,,,", "neither id nor mail"},
        {"2,S,,,,,,,,,,,,", "the same person as on line 2"},
        {"20,T\n", "has fewer columns"},
        {"21,\"U,,,,,,,,,,,,", "quote"},
        {"22,V,,,,,,,,,,,,", NULL},
    };
    char text[4000] = "";
    size_t good = 0, len = 0, line = 2;
    len += (size_t)snprintf(text + len, sizeof text - len, "%s", head);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", rows[i].row);
        good += rows[i].says == NULL;
    }
    struct feed_result *r = feed_read_text(people_csv_read, text, NULL);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(r->drafts.count, good);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char where[40];
        snprintf(where, sizeof where, "people.csv line %zu:", line);
        bool is_told = feed_says(r, where);
        if (is_told != (rows[i].says != NULL) ||
            (is_told && !feed_says(r, rows[i].says))) {
            fail_msg("line %zu: %s", line, rows[i].row);
        }
        line += strchr(rows[i].row, '\n') ? 2 : 1;
    }
    feed_free(r);
}

static void test_no_address_leaves(void **state) {
    (void)state;
    struct feed_result *r = feed_read_text(
        people_csv_read,
        "id,name,given,family,org,note,mail\n"
        "ann@example.org,Ann,,,Example Networks,call ann@example.org,ann@example.org\n"
        "2,bob@example.org,Bob,,bob@example.org,,bob@example.org\n"
        "3,carl@example.org,carl@example.org,,,,\n",
        &keyed);
    assert_int_equal(r->drafts.count, 1);
    for (size_t i = 0; i < r->drafts.count; i++) {
        assert_null(strchr(r->drafts.items[i].body, '@'));
        assert_null(strchr(r->drafts.items[i].subject, '@'));
    }
    for (size_t i = 0; i < r->report.message_count; i++) {
        assert_null(strchr(r->report.messages[i], '@'));
    }
    assert_true(feed_says(r, "line 2: column note holds an e-mail address; left out"));
    feed_free(r);
}

static void test_a_name_too_long_for_a_screen_is_told(void **state) {
    (void)state;
    char text[400];
    snprintf(text, sizeof text, "id,name\n1,%0160d\n", 7);
    struct feed_result *r = feed_read_text(people_csv_read, text, NULL);
    assert_int_equal(r->drafts.count, 1);
    assert_true(feed_says(r, "line 2: column name has more than 159 bytes"));
    feed_free(r);
}

static void test_ids_and_hashes(void **state) {
    (void)state;
    char id[PEOPLE_ID_SIZE], again[PEOPLE_ID_SIZE], mail[PEOPLE_MAIL_SIZE],
        other[PEOPLE_MAIL_SIZE];
    people_format_id(keyed.secret, "oilabcdefghjkmnp", id); // look-alikes of 0, 1 and 1
    assert_string_equal(id, "011ABCDEFGHJKMNP");
    people_format_id(keyed.secret, "uuuuuuuuuuuuuuuu", id); // no u in the alphabet
    people_format_id(keyed.secret, "uuuuuuuuuuuuuuuu", again);
    assert_string_equal(id, again);
    assert_string_not_equal(id, "UUUUUUUUUUUUUUUU");
    people_hash_mail(keyed.secret, " Zoe@Example.ORG", mail);
    people_hash_mail(keyed.secret, "zoe@example.org", other);
    assert_string_equal(mail, other);
    people_hash_mail((const uint8_t[32]){9}, "zoe@example.org", other);
    assert_string_not_equal(mail, other);
}

static void test_every_byte_changed_is_survived(void **state) {
    (void)state;
    static const char text[] =
        "id,name,mail,days,note\n1,\"A \"\"x\"\", b\",a@b.c,2015-03-24,\n"
        "2,Zo\xc3\xab,,,\"x\ny\"\n";
    static const char put[] = {'\0', '"', ',', '\n', '\r', '\xff', '@', ';'};
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (size_t i = 0; i < sizeof put; i++) {
            char changed[sizeof text];
            memcpy(changed, text, sizeof text);
            changed[at] = put[i];
            feed_free(feed_read(people_csv_read, changed, sizeof text - 1, NULL));
        }
        feed_free(feed_read(people_csv_read, text, at, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_row),
        cmocka_unit_test(test_bad_rows_are_named_and_the_good_kept),
        cmocka_unit_test(test_no_address_leaves),
        cmocka_unit_test(test_a_name_too_long_for_a_screen_is_told),
        cmocka_unit_test(test_ids_and_hashes),
        cmocka_unit_test(test_every_byte_changed_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "sync/connectors/event_file.h"
#include "sync/event/zone.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <string.h>

static void test_a_full_file(void **state) {
    (void)state;
    struct feed_result *r = feed_read_text(
        event_file_read,
        "{\"event\":{\"name\":\"IETF "
        "92\",\"zone\":\"America/Chicago\",\"start\":\"2015-03-22\","
        "\"end\":\"2015-03-27\",\"wifi\":\"ietf\"},"
        "\"gates\":[{\"id\":\"social\",\"name\":\" Social \\n event\",\"from\":"
        "\"2015-03-24T19:00\",\"until\":\"2015-03-24T23:00-05:00\",\"strict\":true,"
        "\"reentry\":\"once\",\"list\":true,\"early_minutes\":30,\"kinds\":[\"week\"]}],"
        "\"notices\":[{\"id\":\"n1\",\"title\":\"T\",\"level\":\"warn\",\"rooms\":["
        "\"Gold\"],"
        "\"from\":\"2015-03-24T19:00:00Z\"}],"
        "\"sponsors\":[{\"id\":\"s1\",\"name\":\"Example\",\"order\":2}]}",
        NULL);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(r->report.message_count, 0);
    assert_string_equal(
        feed_body(r, "event", "event"),
        "{\"end\":\"2015-03-27\",\"name\":\"IETF 92\",\"start\":\"2015-03-22\","
        "\"wifi\":\"ietf\",\"zone\":\"America/Chicago\"}");
    assert_string_equal(feed_body(r, "gate", "social"),
                        "{\"early_minutes\":30,\"from\":\"2015-03-25T00:00:00Z\","
                        "\"kinds\":[\"week\"],\"list\":true,\"name\":\"Social event\","
                        "\"reentry\":\"once\",\"strict\":true,"
                        "\"until\":\"2015-03-25T04:00:00Z\"}");
    assert_string_equal(feed_body(r, "notice", "n1"),
                        "{\"from\":\"2015-03-24T19:00:00Z\",\"level\":\"warn\","
                        "\"rooms\":[\"Gold\"],\"title\":\"T\"}");
    assert_string_equal(feed_body(r, "sponsor", "s1"),
                        "{\"name\":\"Example\",\"order\":2}");
    feed_free(r);
}

static void test_bad_events_refuse_the_file(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "empty"},
        {"[]", "not a JSON object"},
        {"{\"event\":", "not a JSON object"},
        {"{}", "no usable row"},
        {"{\"event\":1}", "field \"name\""},
        {"{\"event\":{\"name\":\"E\",\"start\":\"2015-03-22\",\"end\":\"2015-03-27\"}}",
         "field \"zone\""},
        {"{\"event\":{\"name\":\"E\",\"zone\":\"Mars/Olympus\",\"start\":\"2015-03-22\","
         "\"end\":\"2015-03-27\"}}",
         "zone \"Mars/Olympus\""},
        {"{\"event\":{\"name\":\"E\",\"zone\":\"Europe/Paris\",\"start\":\"22 March\","
         "\"end\":\"2015-03-27\"}}",
         "field \"start\""},
        {"{\"event\":{\"name\":\"E\",\"zone\":\"Europe/Paris\",\"start\":\"2015-03-28\","
         "\"end\":\"2015-03-27\"}}",
         "ends before it starts"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct feed_result *r = feed_read_text(event_file_read, rows[i].text, NULL);
        assert_int_equal(r->e, ERR_INPUT);
        if (!strstr(r->report.refusal, rows[i].says)) {
            fail_msg("row %zu says \"%s\"", i, r->report.refusal);
        }
        feed_free(r);
    }
}

static void test_bad_entries_are_named(void **state) {
    (void)state;
    struct zone *zone = NULL;
    assert_int_equal(zone_open("Europe/Paris", &zone), ERR_NONE);
    struct import_options o = {.zone = zone};
    struct feed_result *r = feed_read_text(
        event_file_read,
        "{\"speakers\":[],\"sponsors\":{},\"gates\":[{\"id\":\"a\",\"name\":\"A\"},"
        "{\"id\":\"a\",\"name\":\"B\"},{\"name\":\"C\"},{\"id\":\"D d\",\"name\":\"D\"},"
        "{\"id\":\"e\"},{\"id\":\"f\",\"name\":\"F\",\"reentry\":\"twice\"},"
        "{\"id\":\"g\",\"name\":\"G\",\"from\":\"2012-03-24T25:00\"},"
        "{\"id\":\"h\",\"name\":\"H\",\"colour\":\"red\"},null,"
        "{\"id\":\"i\",\"name\":\"I\",\"strict\":\"yes\"},"
        "{\"id\":\"j\",\"name\":\"J\",\"capacity\":-1},"
        "{\"id\":\"k\",\"name\":\"K\",\"kinds\":[1]},"
        "{\"id\":\"l\",\"name\":\"L\",\"from\":\"2012-03-25 09:00\"}]}",
        &o);
    assert_int_equal(r->e, ERR_NONE);
    assert_int_equal(r->drafts.count, 3);
    assert_true(feed_says(r, "\"speakers\" is not known"));
    assert_true(feed_says(r, "\"sponsors\" is not a list"));
    assert_true(feed_says(r, "id \"a\" stands there twice"));
    assert_true(feed_says(r, "gates 3: its id"));
    assert_true(feed_says(r, "gates 4: its id"));
    assert_true(feed_says(r, "gate \"e\": field \"name\""));
    assert_true(feed_says(r, "gate \"f\": field \"reentry\""));
    assert_true(feed_says(r, "gate \"g\": field \"from\""));
    assert_true(feed_says(r, "h: field \"colour\" is not known"));
    assert_true(feed_says(r, "gates 9: its id"));
    assert_true(feed_says(r, "gate \"i\": field \"strict\""));
    assert_true(feed_says(r, "gate \"j\": field \"capacity\""));
    assert_true(feed_says(r, "gate \"k\": field \"kinds\""));
    assert_string_equal(feed_body(r, "gate", "l"),
                        "{\"from\":\"2012-03-25T07:00:00Z\",\"name\":\"L\"}");
    feed_free(r);
    zone_close(zone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_file),
        cmocka_unit_test(test_bad_events_refuse_the_file),
        cmocka_unit_test(test_bad_entries_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

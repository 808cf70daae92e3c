// The hub's verbs on a directory without a running hub, with the demo event.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/event/code.h"
#include "sync/hub/hub.h"
#include "sync/hub/init.h"
#include "sync/hub/keys.h"
#include "sync/hub/verbs.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAID_SIZE = 16384 };

struct bench {
    char dir[64];
    char said[SAID_SIZE]; // by the last verb
    json_t *data;         // for import
};

static void start(struct bench *b) {
    memset(b, 0, sizeof *b);
    snprintf(b->dir, sizeof b->dir, "/tmp/foyer-test-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    assert_true(sodium_init() >= 0);
    struct init_options o = {.dir = b->dir, .now = hub_moment(0)};
    assert_int_equal(init_event(&o), ERR_NONE);
    assert_int_equal(init_event(&o), ERR_EXISTS);
    b->data = json_array();
}

static void finish(struct bench *b) {
    json_decref(b->data);
    char *command = mem_format("rm -rf '%s'", b->dir);
    assert_int_equal(system(command), 0);
    mem_free(command);
}

static bool run(struct bench *b, const char *verb, ...) {
    struct bytes out = {0};
    json_t *args = json_array();
    va_list list;
    va_start(list, verb);
    for (const char *arg = va_arg(list, const char *); arg;
         arg = va_arg(list, const char *)) {
        json_array_append_new(args, json_string(arg));
    }
    va_end(list);
    struct control_request request = {.verb = verb, .args = args, .data = b->data};
    bool is_ok = verbs_run_alone(b->dir, 0, &request, &out);
    snprintf(b->said, sizeof b->said, "%.*s", (int)out.len,
             out.data ? (const char *)out.data : "");
    bytes_finish(&out);
    json_decref(args);
    return is_ok;
}

static bool said(const struct bench *b, const char *text) {
    if (strstr(b->said, text)) {
        return true;
    }
    print_message("said instead: %s\n", b->said);
    return false;
}

static void give(struct bench *b, const char *name, const void *data, size_t len) {
    size_t room = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
    char *text = mem_alloc(room, 1);
    sodium_bin2base64(text, room, data, len, sodium_base64_VARIANT_ORIGINAL);
    json_array_append_new(b->data, json_pack("{s:s,s:s}", "name", name, "data", text));
    mem_free(text);
}

static void read_asset(const char *name, struct bytes *out) {
    char *path = mem_format("%s/ietf92/%s", FOYER_ASSETS, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    uint8_t *at = bytes_grow(out, 1 << 20);
    size_t got = fread(at, 1, 1 << 20, f);
    out->len = got;
    fclose(f);
    mem_free(path);
}

static void give_asset(struct bench *b, const char *name) {
    struct bytes data = {0};
    read_asset(name, &data);
    give(b, name, data.data, data.len);
    bytes_finish(&data);
}

static void give_all(struct bench *b) {
    json_array_clear(b->data);
    give_asset(b, "people.csv"); // any order
    give_asset(b, "extra.csv");
    give_asset(b, "agenda.json");
    give_asset(b, "rooms.csv");
    give_asset(b, "event.json");
}

static void test_second_import_authors_nothing_and_a_change_just_itself(void **state) {
    (void)state;
    struct bench b;
    struct bytes people = {0};
    start(&b);
    give_all(&b);
    assert_true(run(&b, "import", NULL));
    assert_true(said(&b, " 0 changed, 0 the same"));
    assert_true(run(&b, "import", NULL));
    assert_true(said(&b, "0 added, 0 changed, "));
    json_array_clear(b.data);
    read_asset("people.csv", &people);
    bytes_add_u8(&people, 0);
    char *yes = strstr((char *)people.data, ",week,");
    assert_non_null(yes);
    memcpy(yes, ",hack,", 6);
    people.len--;
    give(&b, "people.csv", people.data, people.len);
    assert_true(run(&b, "import", NULL));
    assert_true(said(&b, "0 added, 1 changed, "));
    assert_true(run(&b, "verify", NULL));
    bytes_finish(&people);
    finish(&b);
}

static void test_feed_that_shrank_or_is_empty_is_refused(void **state) {
    (void)state;
    struct bench b;
    struct bytes people = {0};
    start(&b);
    give_all(&b);
    assert_true(run(&b, "import", NULL));
    json_array_clear(b.data);
    read_asset("people.csv", &people);
    size_t half = people.len / 2;
    while (people.data[half] != '\n') {
        half--;
    }
    give(&b, "people.csv", people.data, half + 1);
    assert_false(run(&b, "import", NULL));
    assert_true(said(&b, "--confirm"));
    assert_true(run(&b, "import", "--confirm", NULL));
    // Leaving someone out is no cancellation.
    assert_true(said(&b, "0 added, 0 changed, "));
    json_array_clear(b.data);
    give(&b, "people.csv", "", 0);
    assert_false(run(&b, "import", NULL));
    json_array_clear(b.data);
    give(&b, "photo.jpg", "\xff\xd8\xff", 3);
    assert_false(run(&b, "import", NULL));
    assert_true(said(&b, "photo.jpg"));
    bytes_finish(&people);
    finish(&b);
}

static void test_ticket_is_signed_by_the_key_in_the_event(void **state) {
    (void)state;
    struct bench b;
    struct code code;
    struct store *s = NULL;
    start(&b);
    give_all(&b);
    assert_true(run(&b, "import", NULL));
    assert_true(run(&b, "ticket", "--kind", "day", "--day", "2015-03-24", "--id",
                    "00112233445566aa", NULL));
    assert_int_equal(strlen(b.said), TICKET_CHARS + 1);
    uint8_t secret[FACT_SECRET_BYTES];
    struct ticket_key key;
    assert_int_equal(keys_read(b.dir, "ticket.key", secret, sizeof secret), ERR_NONE);
    keys_public(secret, key.key);
    struct store_options o = {.dir = b.dir, .is_numbering = true};
    assert_int_equal(store_open(&o, &s), ERR_NONE);
    struct code_keys keys = {.keys = &key, .count = 1};
    struct store_identity id = store_identity_get(s);
    memcpy(keys.event, id.event, sizeof keys.event);
    code_parse(b.said, strlen(b.said), &keys, &code);
    assert_int_equal(code.class, CODE_TICKET);
    assert_string_equal(code.ticket_hex, "00112233445566aa");
    assert_int_equal(code.ticket.day_mask, 1 << 2);
    // A desk finds the same key in the event fact.
    struct moment now = hub_moment(0);
    struct admit_request r = {.gate = "meeting",
                              .code = b.said,
                              .code_len = TICKET_CHARS,
                              .by = "",
                              .now = now,
                              .is_dry = true};
    struct admit_result result;
    assert_int_equal(store_admit(s, &r, &result), ERR_NONE);
    assert_int_equal(result.code.class, CODE_TICKET);
    store_close(s);
    assert_false(run(&b, "ticket", "--kind", "royal", NULL));
    assert_false(run(&b, "ticket", "--day", "2015-04-24", NULL));
    assert_false(run(&b, "ticket", "--expires", "soon", NULL));
    finish(&b);
}

static void test_bad_arguments_are_named(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    give_all(&b);
    assert_true(run(&b, "import", NULL));
    assert_false(run(&b, "enrol", "--name", "Desk", "--role", "king", NULL));
    assert_false(run(&b, "enrol", "--role", "desk", NULL));
    assert_false(run(&b, "announce", NULL));
    assert_false(run(&b, "announce", "Hello", "--level", "loud", NULL));
    assert_true(said(&b, "loud"));
    assert_false(run(&b, "announce", "Hello", "--minutes", "ten", NULL));
    assert_false(run(&b, "announce", "--gone", "nothing", NULL));
    assert_false(run(&b, "move", "nosuch", "--room", "Oak", NULL));
    assert_true(said(&b, "nosuch"));
    assert_false(run(&b, "role", "Nobody", "--role", "desk", NULL));
    assert_false(run(&b, "export", "everything", NULL));
    assert_false(run(&b, "erase-person", "short", NULL));
    assert_false(run(&b, "dump", "--max", "-3", NULL));
    assert_true(run(&b, "announce", "Lunch", "--text", "in the \"Oak\" room", "--room",
                    "Oak", "--room", "Gold", "--minutes", "30", NULL));
    assert_true(run(&b, "dump", "--kind", "notice", NULL));
    assert_true(said(&b, "\"rooms\":[\"Oak\",\"Gold\"]"));
    assert_true(run(&b, "status", NULL));
    assert_true(said(&b, "IETF 92"));
    assert_true(run(&b, "export", "admissions", NULL));
    finish(&b);
}

static void test_erased_person_is_gone_from_the_store(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    give(&b, "people.csv", "id,name,paid\n0123456789ABCDEF,Zoe Farewell,yes\n", 46);
    assert_true(run(&b, "import", NULL));
    assert_true(run(&b, "erase-person", "0123456789ABCDEF", NULL));
    assert_true(run(&b, "dump", "--kind", "person", NULL));
    assert_null(strstr(b.said, "Farewell"));
    assert_true(run(&b, "verify", NULL));
    // The feed still has them: refused for ever.
    run(&b, "import", NULL);
    assert_true(run(&b, "dump", "--kind", "person", NULL));
    assert_null(strstr(b.said, "Farewell"));
    finish(&b);
}

static void test_erased_person_is_gone_under_every_id(void **state) {
    (void)state;
    struct bench b;
    struct store *s = NULL;
    struct draft d = {0};
    struct moment now = hub_moment(0);
    static const char csv[] = "id,name,ticket,paid\n"
                              "0123456789ABCDEF,Zoe Farewell,0011223344556677,yes\n"
                              "0123456789ABCDEG,Zoe Longago,,yes\n"
                              "0123456789ABCDEH,Jan Stays,,yes\n";
    start(&b);
    give(&b, "people.csv", csv, sizeof csv - 1);
    assert_true(run(&b, "import", NULL));
    struct store_options o = {.dir = b.dir, .is_numbering = true};
    assert_int_equal(store_open(&o, &s), ERR_NONE);
    json_t *body = json_pack("{s:s}", "person", "0123456789ABCDEF");
    assert_int_equal(draft_fill(&d, "person.alias", "0123456789ABCDEG", body), ERR_NONE);
    assert_int_equal(store_append(s, &d, 1, &now, NULL), ERR_NONE);
    draft_finish(&d);
    store_close(s);
    assert_true(run(&b, "erase-person", "0123456789ABCDEF", NULL));
    assert_true(run(&b, "dump", NULL));
    assert_null(strstr(b.said, "Farewell"));
    assert_null(strstr(b.said, "Longago"));
    assert_non_null(strstr(b.said, "Jan Stays"));
    assert_non_null(strstr(b.said, "\"subject\":\"t0011223344556677\""));
    assert_true(run(&b, "verify", NULL));
    finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_import_authors_nothing_and_a_change_just_itself),
        cmocka_unit_test(test_feed_that_shrank_or_is_empty_is_refused),
        cmocka_unit_test(test_ticket_is_signed_by_the_key_in_the_event),
        cmocka_unit_test(test_bad_arguments_are_named),
        cmocka_unit_test(test_erased_person_is_gone_from_the_store),
        cmocka_unit_test(test_erased_person_is_gone_under_every_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// A store of every released schema opens, migrates and verifies. tests/data/store-<n>/ holds
// one of each, as the program of its day wrote it. Make the one of the present schema with
//   FOYER_MAKE_STORE=tests/data/store-1 build/dev/tests/unit_store_versions
// before the schema's number is raised, and never again after.
#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

static void copy_dir(const char *from, const char *to) {
    char *command = mem_format("mkdir -p '%s' && cp '%s'/* '%s'/", to, from, to);
    assert_int_equal(system(command), 0);
    mem_free(command);
}

static void make_store(const char *dir) {
    struct kit k;
    char from[96];
    char code[BADGE_CODE_CHARS + 1];
    kit_start(&k);
    kit_add_node(&k, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(&k);
    badge_code_format(KIT_ZOE, 0, code);
    assert_int_equal(kit_admit(&k, 0, "meeting", code), VERDICT_ADMITTED);
    kit_say(&k, 0, "badge.print", KIT_ZOE, "{'serial':1,'reason':'first badge'}");
    kit_say(&k, 0, "person.erase", KIT_NOTE, "{'reason':'asked'}");
    assert_int_equal(store_seal(k.nodes[0]), ERR_NONE);
    store_close(k.nodes[0]);
    k.nodes[0] = NULL;
    snprintf(from, sizeof from, "%s/0", k.dir);
    copy_dir(from, dir);
    kit_finish(&k);
}

static void check_version(const char *source, const char *dir, int version) {
    char *from = mem_format("%s/tests/data/store-%d", source, version);
    char *to = mem_format("%s/%d", dir, version);
    struct store *s = NULL;
    struct verify_report r;
    struct moment now = {.wall_ms = 1427120000000};
    copy_dir(from, to);
    struct store_options o = {.dir = to, .is_numbering = true};
    assert_int_equal(store_open(&o, &s), ERR_NONE);
    enum err e = store_verify(s, &r);
    assert_string_equal(r.trouble, "");
    assert_int_equal(e, ERR_NONE);
    struct store_counts c = store_read_counts(s, "meeting", &now);
    assert_int_equal(c.people, 5);
    assert_int_equal(c.admitted, 1);
    struct person_state zoe;
    assert_int_equal(store_read_person(s, KIT_ZOE, "meeting", &zoe), ERR_NONE);
    assert_true(zoe.is_in && zoe.has_badge);
    store_close(s);
    assert_int_equal(store_open(&o, &s), ERR_NONE); // as it was left
    store_close(s);
    mem_free(from);
    mem_free(to);
}

static void test_store_of_every_version_opens(void **state) {
    enum { FIRST = 1, LATEST = 1 };
    const char *source = getenv("FOYER_SOURCE");
    char dir[] = "/tmp/foyer-test-XXXXXX";
    (void)state;
    assert_non_null(source);
    assert_non_null(mkdtemp(dir));
    for (int version = FIRST; version <= LATEST; version++) {
        check_version(source, dir, version);
    }
    char *command = mem_format("rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
    mem_free(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_of_every_version_opens),
    };
    const char *dir = getenv("FOYER_MAKE_STORE");
    if (dir) {
        make_store(dir);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

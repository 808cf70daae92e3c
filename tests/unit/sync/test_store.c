// The store's promises: folding does not depend on order, nothing confirmed is lost,
// disagreement becomes an incident. Trust, erasure and imports: test_store_*.c.
#include "sync/base/bytes.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

static void test_copy_gives_same_tables(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 2);
    kit_check_same(&k, 0, 1, ALL);
    kit_check_same(&k, 1, 2, ALL);
    kit_finish(&k);
}

// Any order, any repeats: the same tables.
static void test_fold_is_independent_of_order(void **state) {
    (void)state;
    const char *given = getenv("FOYER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 20150323;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 6; round++) {
        struct kit k;
        kit_start_desks(&k, 2);
        kit_say(&k, 0, "session", "s1",
                "{'acronym':'acme','room':'Gold',"
                "'start':'2015-03-25T18:00:00Z','minutes':90}");
        kit_say(&k, 0, "session", "s1",
                "{'acronym':'acme','room':'Oak','start':'2015-03-25T18:00:00Z','minutes':"
                "90}");
        for (int i = 0; i < 12; i++) {
            static const char *const who[] = {KIT_ZOE, KIT_JAN, KIT_UNPAID, KIT_TUESDAY};
            size_t node = 1 + (size_t)(kit_random(&seed) % 2);
            const char *p = who[kit_random(&seed) % 4];
            switch (kit_random(&seed) % 4) {
            case 0:
                kit_say(&k, node, "person.edit", p, "{'set':{'org':'Delta University'}}");
                break;
            case 1:
                kit_say(&k, node, "pay.mark", p, "{'how':'card'}");
                break;
            case 2:
                kit_say(&k, node, "badge.print", p, "{'serial':1}");
                break;
            default:
                kit_admit(&k, node, "meeting", kit_code(p, 0));
            }
        }
        for (size_t from = 1; from <= 2; from++) {
            kit_copy(&k, from, 0, kit_random(&seed));
        }
        for (size_t to = 1; to <= 2; to++) {
            kit_copy(&k, 0, to, kit_random(&seed));
        }
        kit_check_same(&k, 0, 1, ALL);
        kit_check_same(&k, 1, 2, ALL);
        kit_finish(&k);
    }
}

static void test_verdicts(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    struct ticket t = {.key_id = ticket_key_id(k.ticket_key), .kind = 0};
    char text[TICKET_CHARS + 1];
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_ZOE, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_ZOE, 0)),
                     VERDICT_NOT_PRINTED);
    kit_say(&k, 1, "badge.print", KIT_ZOE, "{'serial':1}");
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_ZOE, 1)),
                     VERDICT_ALREADY_IN);
    kit_say(&k, 1, "badge.void", KIT_ZOE, "{'serial':1}");
    assert_int_equal(kit_admit(&k, 1, "social", kit_code(KIT_ZOE, 1)),
                     VERDICT_VOID_BADGE);
    assert_int_equal(kit_admit(&k, 1, "social", kit_code(KIT_ZOE, 2)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "social", kit_code(KIT_JAN, 0)),
                     VERDICT_NOT_ON_LIST);
    assert_int_equal(kit_admit(&k, 1, "free", kit_code(KIT_JAN, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "free", kit_code(KIT_JAN, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_UNPAID, 0)),
                     VERDICT_UNPAID);
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_CANCELLED, 0)),
                     VERDICT_CANCELLED);
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_NOTE, 0)),
                     VERDICT_NEEDS_STAFF);
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_TUESDAY, 0)),
                     VERDICT_WRONG_DAY);
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code("ZZZZZZZZZZZZZZZZ", 0)),
                     VERDICT_UNKNOWN);
    memcpy(t.id, "\0\0\0\0\0\0\0\xbb", 8);
    ticket_format(&t, k.event, k.ticket_secret, text);
    assert_int_equal(kit_admit(&k, 1, "meeting", text), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "meeting", text), VERDICT_ALREADY_IN);
    text[50] = text[50] == 'A' ? 'B' : 'A';
    assert_int_equal(kit_admit(&k, 1, "meeting", text), VERDICT_FORGED);
    k.now.state = TIME_UNKNOWN;
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_TUESDAY, 0)),
                     VERDICT_ADMITTED);
    kit_finish(&k);
}

// A ticket is scanned before its person is known; the person arrives; one admission.
static void test_signed_admission_joins_its_person(void **state) {
    (void)state;
    struct kit k;
    kit_start(&k);
    kit_add_node(&k, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(&k);
    kit_add_node(&k, "Desk A", "desk", ALL);
    struct store *desk = k.nodes[1];
    struct ticket_key key;
    memcpy(key.key, k.ticket_key, sizeof key.key);
    assert_int_equal(store_ticket_keys_set(desk, &key, 1), ERR_NONE);
    kit_reopen(&k, 1);
    kit_say(&k, 1, "gate", "meeting", "{'name':'Meeting','prints':true}"); // quarantined
    struct ticket t = {.key_id = ticket_key_id(k.ticket_key)};
    char text[TICKET_CHARS + 1];
    memcpy(t.id, "\0\0\0\0\0\0\0\xaa", 8); // Zoë's
    ticket_format(&t, k.event, k.ticket_secret, text);
    struct admit_result result;
    struct admit_request r = {
        .gate = "meeting", .code = text, .code_len = strlen(text), .now = k.now};
    assert_int_equal(store_admit(k.nodes[1], &r, &result), ERR_NONE); // never synced
    assert_int_equal(result.verdict, VERDICT_ADMITTED);
    assert_true(result.is_signed_only);
    text[60] = text[60] == 'A' ? 'B' : 'A';
    assert_int_equal(kit_admit(&k, 1, "meeting", text), VERDICT_FORGED);
    r.code = kit_code(KIT_ZOE, 0); // whose badge this is nobody knows here yet
    r.code_len = strlen(r.code);
    assert_int_equal(store_admit(k.nodes[1], &r, &result), ERR_NOT_FOUND);
    kit_copy(&k, 0, 1, 5); // now the gate, the person and the admission meet
    struct person_state p;
    assert_int_equal(store_read_person(k.nodes[1], KIT_ZOE, "meeting", &p), ERR_NONE);
    assert_true(p.is_in);
    kit_copy(&k, 1, 0, 5);
    kit_copy(&k, 0, 1, 6);
    kit_check_same(&k, 0, 1, ALL);
    kit_finish(&k);
}

static void test_double_admission_is_one_incident(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 2);
    assert_int_equal(kit_admit(&k, 1, "meeting", kit_code(KIT_JAN, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 2, "meeting", kit_code(KIT_JAN, 0)), VERDICT_ADMITTED);
    for (size_t i = 1; i <= 2; i++) {
        kit_copy(&k, i, 0, i);
    }
    for (size_t i = 1; i <= 2; i++) {
        kit_copy(&k, 0, i, i);
    }
    char id[33] = "";
    for (size_t i = 0; i < 3; i++) {
        struct incident in[4];
        assert_int_equal(store_read_incidents(k.nodes[i], in, 4), 1);
        assert_int_equal(in[0].member_count, 2);
        assert_string_equal(in[0].name, "Jan Mullender");
        assert_string_equal(in[0].members[0].device, "Desk A");
        assert_true(strlen(in[0].reason) > 0);
        assert_true(!*id || strcmp(id, in[0].id) == 0);
        memcpy(id, in[0].id, sizeof id);
    }
    struct incident in[1];
    store_read_incidents(k.nodes[1], in, 1);
    char a[REF_TEXT_SIZE], b[REF_TEXT_SIZE], body[256];
    ref_format(in[0].members[0].ref, a);
    ref_format(in[0].members[1].ref, b);
    snprintf(body, sizeof body, "{'of':['%s','%s'],'text':'same person'}", b, a);
    kit_say(&k, 1, "incident.resolve", KIT_JAN, body);
    store_read_incidents(k.nodes[1], in, 1);
    assert_true(in[0].is_resolved);
    // A new member reopens it.
    kit_say(&k, 2, "admit", KIT_JAN, "{'gate':'meeting'}");
    kit_copy(&k, 2, 1, 9);
    assert_int_equal(store_read_counts(k.nodes[1], "meeting", &k.now).incidents, 1);
    kit_finish(&k);
}

static void test_anchor_mends_the_time_of_its_boot(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    int64_t true_ms = k.now.wall_ms;
    k.now.wall_ms = 1000; // 1970: no battery clock
    k.now.boot = 77;
    k.now.mono_ms = 5000;
    kit_reopen(&k, 1);
    kit_admit(&k, 1, "meeting", kit_code(KIT_JAN, 0)); // at mono 6000
    char dev[17], body[128];
    hex_format_u64(store_identity_get(k.nodes[1]).dev, dev);
    snprintf(body, sizeof body, "{'source_ms':%lld,'rtt_ms':20}",
             (long long)(true_ms + 60000)); // at mono 7000
    kit_say(&k, 1, "anchor", dev, body);
    struct person_state p;
    assert_int_equal(store_read_person(k.nodes[1], KIT_JAN, "meeting", &p), ERR_NONE);
    assert_int_equal(p.in_ms, true_ms + 60000 - 1000);
    kit_copy(&k, 1, 0, 4);
    kit_check_same(&k, 0, 1, ALL);
    kit_finish(&k);
}

static void test_call_ends_by_answer_or_withdrawal(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    struct ask asks[4];
    char dev[17], ref[REF_TEXT_SIZE], body[96];
    hex_format_u64(store_identity_get(k.nodes[1]).dev, dev);
    ref_format(kit_say(&k, 1, "ask", dev, "{'what':'staff'}"), ref);
    assert_int_equal(store_read_asks(k.nodes[1], asks, 4), 1);
    assert_string_equal(asks[0].device, "Desk A");
    snprintf(body, sizeof body, "{'of':'%s'}", ref);
    kit_say(&k, 0, "answer", dev, body);
    kit_copy(&k, 0, 1, 3);
    assert_int_equal(store_read_asks(k.nodes[1], asks, 4), 0);
    kit_say(&k, 1, "ask", dev, "{'what':'staff'}");
    assert_int_equal(store_read_asks(k.nodes[1], asks, 4), 1);
    kit_say(&k, 1, "ask", dev, "{'open':false,'what':'staff'}");
    assert_int_equal(store_read_asks(k.nodes[1], asks, 4), 0);
    kit_copy(&k, 1, 0, 4);
    kit_check_same(&k, 0, 1, ALL);
    kit_finish(&k);
}

static void test_search_finds_by_any_word(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 1);
    kit_say(&k, 0, "person", "0000000000000001",
            "{'name':'李小龍','latin':'Li Xiaolong'}");
    kit_say(&k, 0, "person", "0000000000000002", "{'name':'Łukasz Brzęczyszczykiewicz'}");
    kit_copy(&k, 0, 1, 3);
    kit_reopen(&k, 1);
    while (!store_search_load(k.nodes[1], 3)) {
    }
    static const struct {
        const char *text;
        size_t found;
        const char *first;
    } cases[] = {
        {"mull", 2, NULL},
        {"MÜLL", 2, NULL},
        {"ortiz zo", 1, KIT_ZOE},
        {"小龍", 1, "0000000000000001"},
        {"xiao", 1, "0000000000000001"},
        {"lukasz", 1, "0000000000000002"},
        {"brzecz", 1, "0000000000000002"},
        {"z", 2, KIT_ZOE},
        {"zzz", 0, NULL},
        {"", 0, NULL},
        {"exam net zoe", 1, KIT_ZOE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct person_state out[8];
        size_t found = store_search(k.nodes[1], cases[i].text, "meeting", out, 8);
        if (found != cases[i].found) {
            print_message("search %s: %zu\n", cases[i].text, found);
        }
        assert_int_equal(found, cases[i].found);
        if (cases[i].first) {
            assert_string_equal(out[0].person.id, cases[i].first);
        }
    }
    kit_finish(&k);
}

// One author, a new stream for each word: what counts as said last is what was said last.
static void test_clock_that_stands_still_keeps_the_order_of_words(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 0);
    for (int i = 0; i < 12; i++) {
        struct drafts d = {0};
        struct store_diff diff;
        json_t *body = json_pack("{s:s}", "name", i % 2 ? "Odd" : "Even");
        struct moment now = {.wall_ms = 5000, .boot = 9, .mono_ms = 1}; // since 1970
        kit_reopen(&k, 0);
        assert_int_equal(drafts_add(&d, "room", "r1", body), ERR_NONE);
        assert_int_equal(store_author(k.nodes[0], &d, &now, &diff), ERR_NONE);
        assert_int_equal(diff.same, 0);
        drafts_finish(&d);
    }
    kit_finish(&k);
}

static void test_second_process_is_told_busy(void **state) {
    (void)state;
    struct kit k;
    kit_start_desks(&k, 0);
    char dir[80];
    snprintf(dir, sizeof dir, "%s/0", k.dir);
    struct store *second = NULL;
    struct store_options o = {.dir = dir};
    assert_int_equal(store_open(&o, &second), ERR_BUSY);
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy_gives_same_tables),
        cmocka_unit_test(test_fold_is_independent_of_order),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_signed_admission_joins_its_person),
        cmocka_unit_test(test_double_admission_is_one_incident),
        cmocka_unit_test(test_anchor_mends_the_time_of_its_boot),
        cmocka_unit_test(test_call_ends_by_answer_or_withdrawal),
        cmocka_unit_test(test_search_finds_by_any_word),
        cmocka_unit_test(test_clock_that_stands_still_keeps_the_order_of_words),
        cmocka_unit_test(test_second_process_is_told_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

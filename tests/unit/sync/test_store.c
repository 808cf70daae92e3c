// The store's promises: folding does not depend on order, nothing is taken unverified,
// nothing confirmed is lost, disagreement becomes an incident.
#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4),
    SIGNAGE = CHANNEL_BIT(1) | CHANNEL_BIT(4)
};
static const char hub_rights[] = "import announce enrol issue desk count erase";

static void start(struct kit *k, size_t desks) {
    kit_start(k);
    kit_add_node(k, "hub", hub_rights, ALL | CHANNEL_BIT(5));
    kit_people(k);
    for (size_t i = 0; i < desks; i++) {
        char name[16];
        snprintf(name, sizeof name, "Desk %c", (char)('A' + i));
        kit_add_node(k, name, "desk issue", ALL);
    }
    for (size_t i = 1; i < k->count; i++) {
        kit_copy(k, 0, i, i);
    }
}

static const char *code_of(const char *person, unsigned serial) {
    static char code[BADGE_CODE_CHARS + 1];
    badge_code_format(person, serial, code);
    return code;
}

static void test_copy_gives_same_tables(void **state) {
    (void)state;
    struct kit k;
    start(&k, 2);
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
        start(&k, 2);
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
                kit_admit(&k, node, "meeting", code_of(p, 0));
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
    start(&k, 1);
    struct ticket t = {.key_id = ticket_key_id(k.ticket_key), .kind = 0};
    char text[TICKET_CHARS + 1];
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_ZOE, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_ZOE, 0)),
                     VERDICT_NOT_PRINTED);
    kit_say(&k, 1, "badge.print", KIT_ZOE, "{'serial':1}");
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_ZOE, 1)),
                     VERDICT_ALREADY_IN);
    kit_say(&k, 1, "badge.void", KIT_ZOE, "{'serial':1}");
    assert_int_equal(kit_admit(&k, 1, "social", code_of(KIT_ZOE, 1)), VERDICT_VOID_BADGE);
    assert_int_equal(kit_admit(&k, 1, "social", code_of(KIT_ZOE, 2)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "social", code_of(KIT_JAN, 0)),
                     VERDICT_NOT_ON_LIST);
    assert_int_equal(kit_admit(&k, 1, "free", code_of(KIT_JAN, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "free", code_of(KIT_JAN, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_UNPAID, 0)), VERDICT_UNPAID);
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_CANCELLED, 0)),
                     VERDICT_CANCELLED);
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_NOTE, 0)),
                     VERDICT_NEEDS_STAFF);
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_TUESDAY, 0)),
                     VERDICT_WRONG_DAY);
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of("ZZZZZZZZZZZZZZZZ", 0)),
                     VERDICT_UNKNOWN);
    memcpy(t.id, "\0\0\0\0\0\0\0\xbb", 8);
    ticket_format(&t, k.event, k.ticket_secret, text);
    assert_int_equal(kit_admit(&k, 1, "meeting", text), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 1, "meeting", text), VERDICT_ALREADY_IN);
    text[50] = text[50] == 'A' ? 'B' : 'A';
    assert_int_equal(kit_admit(&k, 1, "meeting", text), VERDICT_FORGED);
    k.now.state = TIME_UNKNOWN;
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_TUESDAY, 0)),
                     VERDICT_ADMITTED);
    kit_finish(&k);
}

// A ticket is scanned before its person is known; the person arrives; one admission.
static void test_signed_admission_joins_its_person(void **state) {
    (void)state;
    struct kit k;
    kit_start(&k);
    kit_add_node(&k, "hub", hub_rights, ALL);
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
    r.code = code_of(KIT_ZOE, 0); // whose badge this is nobody knows here yet
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
    start(&k, 2);
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_JAN, 0)), VERDICT_ADMITTED);
    assert_int_equal(kit_admit(&k, 2, "meeting", code_of(KIT_JAN, 0)), VERDICT_ADMITTED);
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

static void test_facts_without_right_wait_in_quarantine(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
    kit_say(&k, 1, "session", "s9", "{'acronym':'evil','room':'Gold'}");
    kit_say(&k, 1, "session", "s10", "{'acronym':'evil','room':'Gold'}");
    assert_int_equal(kit_admit(&k, 1, "meeting", code_of(KIT_JAN, 0)), VERDICT_ADMITTED);
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
    start(&k, 1);
    kit_admit(&k, 1, "meeting", code_of(KIT_JAN, 0));
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
    kit_admit(&k, 1, "meeting", code_of(KIT_ZOE, 0)); // has not heard of it
    kit_copy(&k, 1, 0, 2);
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).admitted, 1);
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).quarantined, 1);
    kit_copy(&k, 0, 1, 3);
    kit_check_same(&k, 0, 1, ALL);
    kit_finish(&k);
}

static void test_anchor_mends_the_time_of_its_boot(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
    int64_t true_ms = k.now.wall_ms;
    k.now.wall_ms = 1000; // 1970: no battery clock
    k.now.boot = 77;
    k.now.mono_ms = 5000;
    kit_reopen(&k, 1);
    kit_admit(&k, 1, "meeting", code_of(KIT_JAN, 0)); // at mono 6000
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

static void test_erased_person_leaves_no_trace_and_chain_holds(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
    kit_admit(&k, 1, "meeting", code_of(KIT_ZOE, 0));
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
    start(&k, 1);
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

// A desk that was away sends on, and a bad line changes what it sends: the evidence of what
// is refused must not bring back the words of the erased.
static void test_evidence_brings_nothing_erased_back(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
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

static void test_batch_changed_anywhere_is_refused(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
    kit_admit(&k, 1, "meeting", code_of(KIT_JAN, 0));
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

static void test_import_twice_authors_nothing(void **state) {
    (void)state;
    struct kit k;
    start(&k, 0);
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
    start(&k, 0);
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

static void test_call_ends_by_answer_or_withdrawal(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
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
    start(&k, 1);
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

static void test_dropped_channels_leave_no_person(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
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

// One author, a new stream for each word: what counts as said last is what was said last.
static void test_clock_that_stands_still_keeps_the_order_of_words(void **state) {
    (void)state;
    struct kit k;
    start(&k, 0);
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
    start(&k, 2);
    kit_say(&k, 1, "person", "W000000000000001", "{'name':'Wal Kup','kind':'week'}");
    char dev[17];
    hex_format_u64(store_identity_get(k.nodes[1]).dev, dev);
    kit_say(&k, 1, "anchor", dev, "{'source_ms':1427119800000,'rtt_ms':4}");
    kit_admit(&k, 1, "meeting", code_of("W000000000000001", 0));
    kit_copy(&k, 1, 0, 5);
    assert_int_equal(store_find_person(k.nodes[0], "W000000000000001", &p), ERR_NONE);
    revoke(&k, 1);
    assert_int_equal(store_find_person(k.nodes[0], "W000000000000001", &p),
                     ERR_NOT_FOUND);
    kit_copy(&k, 0, 2, 6); // learns of the revocation in whatever order
    kit_check_same(&k, 0, 2, ALL);
    kit_finish(&k);
}

static void test_second_process_is_told_busy(void **state) {
    (void)state;
    struct kit k;
    start(&k, 0);
    char dir[80];
    snprintf(dir, sizeof dir, "%s/0", k.dir);
    struct store *second = NULL;
    struct store_options o = {.dir = dir};
    assert_int_equal(store_open(&o, &second), ERR_BUSY);
    kit_finish(&k);
}

static void test_rebuild_and_reopen_change_nothing(void **state) {
    (void)state;
    struct kit k;
    start(&k, 1);
    kit_admit(&k, 1, "meeting", code_of(KIT_JAN, 0));
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
    start(&k, 0);
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
        cmocka_unit_test(test_copy_gives_same_tables),
        cmocka_unit_test(test_fold_is_independent_of_order),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_signed_admission_joins_its_person),
        cmocka_unit_test(test_double_admission_is_one_incident),
        cmocka_unit_test(test_facts_without_right_wait_in_quarantine),
        cmocka_unit_test(test_revoked_device_keeps_only_what_hub_held),
        cmocka_unit_test(test_anchor_mends_the_time_of_its_boot),
        cmocka_unit_test(test_erased_person_leaves_no_trace_and_chain_holds),
        cmocka_unit_test(test_evidence_brings_nothing_erased_back),
        cmocka_unit_test(test_restored_hub_signs_what_its_backup_held),
        cmocka_unit_test(test_batch_changed_anywhere_is_refused),
        cmocka_unit_test(test_import_twice_authors_nothing),
        cmocka_unit_test(test_import_leaves_changes_by_hand_alone),
        cmocka_unit_test(test_call_ends_by_answer_or_withdrawal),
        cmocka_unit_test(test_search_finds_by_any_word),
        cmocka_unit_test(test_dropped_channels_leave_no_person),
        cmocka_unit_test(test_revocation_takes_down_what_was_folded_before),
        cmocka_unit_test(test_clock_that_stands_still_keeps_the_order_of_words),
        cmocka_unit_test(test_second_process_is_told_busy),
        cmocka_unit_test(test_rebuild_and_reopen_change_nothing),
        cmocka_unit_test(test_verify_finds_a_changed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

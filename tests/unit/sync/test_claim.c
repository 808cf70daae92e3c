// Strict gates: who holds the place, by the facts alone; and the hub's answers, with real
// stores. One place, one winner, whatever is repeated, voided or lost on the way.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/store/claim.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// ---- the fold ---------------------------------------------------------------------------

enum { FACTS_MAX = 5, MINUTE_MS = 60000 };

#define DEV(n) "000000000000000" #n
#define NONCE(n) "00000000000000a" #n
#define CLAIM(d, n) "{'gate':'social','dev':'" DEV(d) "','nonce':'" NONCE(n) "'}"
#define LOST(d, n, to)                                                            \
    "{'gate':'social','dev':'" DEV(d) "','nonce':'" NONCE(n) "','lost_to':'" DEV( \
        to) "','since_ms':7}"
#define ADMIT(n) "{'gate':'social','claim':'" NONCE(n) "'}"
#define VOID(at) "{'of':'0000000000000009/" #at "'}"

struct row {
    const char *kind;
    int64_t at_minute;
    uint64_t dev, n; // author; the stream is 9
    const char *body;
};

static const struct {
    const char *want;
    int64_t now_minute;
    size_t count;
    struct row rows[FACTS_MAX];
} cases[] = {
    {"free", 1, 0, {{0}}},
    {"claim of 1 at 1", 2, 1, {{"gate.claim", 1, 8, 1, CLAIM(1, 1)}}},
    // the first wins, whatever order they come in
    {"claim of 1 at 1",
     2,
     2,
     {{"gate.claim", 1, 8, 1, CLAIM(1, 1)}, {"gate.claim", 2, 8, 2, CLAIM(2, 2)}}},
    // a question that was lost takes nothing
    {"free", 2, 1, {{"gate.claim", 1, 8, 1, LOST(1, 1, 2)}}},
    // an admission that names the claim goes before it; so does any other
    {"admission of 1 at 2",
     3,
     2,
     {{"gate.claim", 1, 8, 1, CLAIM(1, 1)}, {"admit", 2, 1, 2, ADMIT(1)}}},
    {"admission of 2 at 2",
     3,
     2,
     {{"gate.claim", 1, 8, 1, CLAIM(1, 1)}, {"admit", 2, 2, 2, "{'gate':'social'}"}}},
    // a voided admission frees its claim, not the claim of another
    {"free",
     4,
     3,
     {{"gate.claim", 1, 8, 1, CLAIM(1, 1)},
      {"admit", 2, 1, 2, ADMIT(1)},
      {"admit.void", 3, 1, 3, VOID(2)}}},
    {"claim of 2 at 3",
     5,
     4,
     {{"gate.claim", 1, 8, 1, CLAIM(1, 1)},
      {"admit", 2, 1, 2, ADMIT(1)},
      {"gate.claim", 3, 8, 3, CLAIM(2, 2)},
      {"admit.void", 3, 1, 4, VOID(2)}}},
    // re-entry after the void
    {"admission of 2 at 5",
     6,
     5,
     {{"gate.claim", 1, 8, 1, CLAIM(1, 1)},
      {"admit", 2, 1, 2, ADMIT(1)},
      {"admit.void", 3, 1, 3, VOID(2)},
      {"gate.claim", 4, 8, 4, CLAIM(2, 2)},
      {"admit", 5, 2, 5, ADMIT(2)}}},
    // the desk that won died: not for ever
    {"claim of 1 at 1", 10, 1, {{"gate.claim", 1, 8, 1, CLAIM(1, 1)}}},
    {"free", 11, 1, {{"gate.claim", 1, 8, 1, CLAIM(1, 1)}}},
    // another gate, an erased body
    {"free", 2, 1, {{"gate.claim", 1, 8, 1, "{'gate':'meeting'}"}}},
    {"free", 2, 1, {{"gate.claim", 1, 8, 1, NULL}}},
};

static json_t *body_of(const char *text) {
    char copy[256];
    json_t *body = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    assert_int_equal(json_parse(copy, strlen(copy), &body), ERR_NONE);
    return body;
}

static void tell(const struct fold_fact *facts, size_t count, const struct moment *now,
                 char out[64]) {
    struct claim_holder h;
    snprintf(out, 64, "free");
    if (claim_find_holder(facts, count, "social", now, &h)) {
        snprintf(out, 64, "%s of %d at %d", h.is_admission ? "admission" : "claim",
                 (int)h.dev, (int)(h.at_ms / MINUTE_MS));
    }
}

static void test_who_holds_the_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct moment now = {.state = TIME_SET,
                             .wall_ms = cases[i].now_minute * MINUTE_MS};
        struct fold_fact facts[FACTS_MAX];
        size_t count = cases[i].count;
        for (size_t turn = 0; turn < count || turn == 0; turn++) { // any order
            char got[64];
            for (size_t f = 0; f < count; f++) {
                const struct row *r = &cases[i].rows[(f + turn) % count];
                facts[f] = (struct fold_fact){.header = {.ref = {9, r->n}},
                                              .at_ms = r->at_minute * MINUTE_MS,
                                              .dev = r->dev,
                                              .body = r->body ? body_of(r->body) : NULL};
                snprintf(facts[f].header.kind, sizeof facts[f].header.kind, "%s",
                         r->kind);
            }
            fold_sort(facts, count);
            tell(facts, count, &now, got);
            assert_string_equal(got, cases[i].want);
            for (size_t f = 0; f < count; f++) {
                json_decref(facts[f].body);
            }
        }
    }
}

static void test_without_time_a_claim_does_not_grow_old(void **state) {
    (void)state;
    char got[64];
    struct moment now = {.state = TIME_UNKNOWN, .wall_ms = (int64_t)1 << 50};
    struct fold_fact claim = {.header = {.kind = "gate.claim", .ref = {9, 1}},
                              .body = body_of(CLAIM(1, 1))};
    tell(&claim, 1, &now, got);
    assert_string_equal(got, "claim of 1 at 0");
    json_decref(claim.body);
}

// ---- the hub's answers --------------------------------------------------------------------

enum {
    ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4),
    HUB = 0,
    DESK_A = 1,
    DESK_B = 2,
    SCREEN = 3
};

static void start(struct kit *k) {
    kit_start(k);
    kit_add_node(k, "hub", KIT_HUB_RIGHTS, ALL | CHANNEL_BIT(5));
    kit_people(k);
    kit_add_node(k, "Desk A", "desk issue", ALL);
    kit_add_node(k, "Desk B", "desk issue", ALL);
    kit_add_node(k, "Screen", "count", CHANNEL_BIT(1) | CHANNEL_BIT(4));
    for (size_t i = 1; i < k->count; i++) {
        kit_copy(k, HUB, i, i);
    }
}

static enum err ask(struct kit *k, size_t node, const char *gate, uint64_t nonce,
                    struct exchange_claimed *out) {
    struct exchange_claim claim = {.person = KIT_ZOE, .nonce = nonce};
    snprintf(claim.gate, sizeof claim.gate, "%s", gate);
    *out = (struct exchange_claimed){0};
    assert_int_equal(store_begin(k->nodes[HUB]), ERR_NONE);
    enum err e = store_answer_claim(k->nodes[HUB], store_identity_get(k->nodes[node]).dev,
                                    &claim, &k->now, out);
    assert_int_equal(store_commit(k->nodes[HUB]), ERR_NONE);
    return e;
}

static bool wins(struct kit *k, size_t node, uint64_t nonce) {
    struct exchange_claimed c;
    assert_int_equal(ask(k, node, "social", nonce, &c), ERR_NONE);
    assert_int_equal(c.nonce, nonce);
    return c.has_won;
}

static struct admit_result admit(struct kit *k, size_t node, uint64_t claim,
                                 bool is_confirmed, bool is_override) {
    struct admit_result r;
    struct admit_request a = {.gate = "social",
                              .person = KIT_ZOE,
                              .now = k->now,
                              .claim = claim,
                              .is_confirmed = is_confirmed,
                              .is_override = is_override};
    assert_int_equal(store_admit(k->nodes[node], &a, &r), ERR_NONE);
    return r;
}

static int64_t facts_at_hub(struct kit *k) {
    return store_read_counts(k->nodes[HUB], "social", &k->now).facts;
}

static void test_the_first_wins_and_a_repeat_changes_nothing(void **state) {
    (void)state;
    struct kit k;
    struct exchange_claimed c;
    start(&k);
    assert_true(wins(&k, DESK_A, 11));
    assert_int_equal(ask(&k, DESK_B, "social", 22, &c), ERR_NONE);
    assert_false(c.has_won);
    assert_string_equal(c.by, "Desk A");
    assert_int_equal(c.at_ms, k.now.wall_ms);
    int64_t facts = facts_at_hub(&k);
    assert_true(wins(&k, DESK_A, 11));
    assert_false(wins(&k, DESK_B, 22));
    assert_int_equal(facts_at_hub(&k), facts);
    // A desk whose answer was lost asks with another nonce.
    assert_true(wins(&k, DESK_A, 12));
    // The same nonce from another desk is another question.
    assert_false(wins(&k, DESK_B, 11));
    kit_finish(&k);
}

static void test_only_a_desk_at_a_strict_gate_is_answered(void **state) {
    (void)state;
    struct kit k;
    struct exchange_claimed c;
    start(&k);
    int64_t facts = facts_at_hub(&k);
    assert_int_equal(ask(&k, SCREEN, "social", 1, &c), ERR_DENIED);
    assert_int_equal(ask(&k, DESK_A, "meeting", 1, &c), ERR_DENIED);
    assert_int_equal(ask(&k, DESK_A, "nowhere", 1, &c), ERR_DENIED);
    assert_int_equal(facts_at_hub(&k), facts);
    kit_finish(&k);
}

static void test_a_store_that_may_not_author_claims_is_silent(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    struct exchange_claim claim = {.person = KIT_ZOE, .gate = "social", .nonce = 1};
    struct exchange_claimed c;
    uint64_t dev = store_identity_get(k.nodes[DESK_B]).dev;
    assert_int_equal(store_answer_claim(k.nodes[DESK_A], dev, &claim, &k.now, &c),
                     ERR_DENIED);
    kit_finish(&k);
}

static void test_admission_void_and_in_again(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    struct admit_result r = admit(&k, DESK_A, 0, false, false);
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    assert_int_equal(r.ref.n, 0); // nothing yet: the hub is to be asked
    assert_true(r.claim != 0);
    uint64_t nonce = r.claim;
    assert_true(wins(&k, DESK_A, nonce));
    r = admit(&k, DESK_A, nonce, true, false);
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    assert_true(r.ref.n > 0);
    kit_copy(&k, DESK_A, HUB, 1);
    assert_false(wins(&k, DESK_B, 22));
    char of[REF_TEXT_SIZE];
    char body[96];
    ref_format(r.ref, of);
    snprintf(body, sizeof body, "{'of':'%s'}", of);
    kit_say(&k, DESK_A, "admit.void", KIT_ZOE, body);
    kit_copy(&k, DESK_A, HUB, 2);
    // A replay of the question that was lost stays lost; a new one wins.
    assert_false(wins(&k, DESK_B, 22));
    assert_true(wins(&k, DESK_B, 23));
    assert_true(wins(&k, DESK_A, nonce)); // a replay: what was said is said again
    r = admit(&k, DESK_B, 23, true, false);
    assert_true(r.ref.n > 0);
    kit_copy(&k, DESK_B, HUB, 3);
    assert_int_equal(store_read_counts(k.nodes[HUB], "social", &k.now).admitted, 1);
    assert_int_equal(store_read_counts(k.nodes[HUB], "social", &k.now).incidents, 0);
    kit_finish(&k);
}

static void test_a_claim_known_here_keeps_the_place(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    assert_true(wins(&k, DESK_A, 11));
    kit_copy(&k, HUB, DESK_B, 1);
    struct admit_result r = admit(&k, DESK_B, 0, false, false);
    assert_int_equal(r.verdict, VERDICT_ALREADY_IN);
    assert_true(r.is_claimed);
    assert_string_equal(r.state.in_at, "Desk A");
    assert_int_equal(r.state.in_ms, k.now.wall_ms);
    // Staff may know better than a desk that died.
    assert_true(r.claim != 0);
    r = admit(&k, DESK_B, r.claim, false, true);
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    assert_true(r.ref.n > 0);
    // At the desk that won the place is its own.
    kit_copy(&k, HUB, DESK_A, 1);
    r = admit(&k, DESK_A, 0, false, false);
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    kit_finish(&k);
}

static void test_two_unconfirmed_admissions_say_so(void **state) {
    (void)state;
    struct kit k;
    struct incident in;
    start(&k);
    assert_true(admit(&k, DESK_A, 11, false, false).ref.n > 0);
    k.now.wall_ms += 1000;
    assert_true(admit(&k, DESK_B, 22, false, false).ref.n > 0);
    kit_copy(&k, DESK_A, HUB, 1);
    kit_copy(&k, DESK_B, HUB, 2);
    assert_int_equal(store_read_incidents(k.nodes[HUB], &in, 1), 1);
    assert_string_equal(in.reason, "the hub answered neither desk in time");
    assert_true(in.members[0].is_unconfirmed && in.members[1].is_unconfirmed);
    kit_finish(&k);
}

static void test_one_unconfirmed_admission_is_named(void **state) {
    (void)state;
    struct kit k;
    struct incident in;
    start(&k);
    assert_true(admit(&k, DESK_A, 11, true, false).ref.n > 0);
    k.now.wall_ms += 1000;
    assert_true(admit(&k, DESK_B, 22, false, false).ref.n > 0);
    kit_copy(&k, DESK_A, HUB, 1);
    kit_copy(&k, DESK_B, HUB, 2);
    assert_int_equal(store_read_incidents(k.nodes[HUB], &in, 1), 1);
    assert_string_equal(in.reason, "the hub did not answer Desk B in time");
    kit_finish(&k);
}

// Without a clock a date rule cannot be judged: a strict gate leaves it to a person.
static void test_unknown_time_at_a_strict_gate_needs_staff(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    k.now.state = TIME_UNKNOWN;
    struct admit_result r = admit(&k, DESK_A, 0, false, false);
    assert_int_equal(r.verdict, VERDICT_NEEDS_STAFF);
    assert_true(r.is_time_unsure);
    assert_int_equal(r.claim, 0);
    r = admit(&k, DESK_A, 0, false, true); // staff decide: the hub is asked all the same
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    assert_true(r.claim != 0 && r.ref.n == 0);
    kit_finish(&k);
}

// ---- from paper ---------------------------------------------------------------------------

static void test_paper_counts_from_its_own_time(void **state) {
    (void)state;
    struct kit k;
    struct incident in;
    struct person_state p;
    start(&k);
    assert_true(admit(&k, DESK_A, 11, true, false).ref.n > 0);
    k.now.wall_ms += 5 * MINUTE_MS;
    kit_say(&k, DESK_B, "admit", KIT_ZOE,
            "{'gate':'social','by_code':'paper','at':'2015-03-20T12:00:00Z'}");
    kit_copy(&k, DESK_A, HUB, 1);
    kit_copy(&k, DESK_B, HUB, 2);
    int64_t at_ms = 0;
    assert_int_equal(instant_parse("2015-03-20T12:00:00Z", &at_ms), ERR_NONE);
    assert_int_equal(store_read_person(k.nodes[HUB], KIT_ZOE, "social", &p), ERR_NONE);
    assert_int_equal(p.in_ms, at_ms); // the first, though it was typed in later
    assert_string_equal(p.in_at, "Desk B");
    assert_int_equal(p.in_typed_ms, k.now.wall_ms);
    assert_int_equal(store_read_incidents(k.nodes[HUB], &in, 1), 1);
    assert_int_equal(in.members[0].at_ms, at_ms);
    assert_int_equal(in.members[0].typed_ms, k.now.wall_ms);
    assert_int_equal(in.members[1].typed_ms, 0);
    assert_string_equal(in.reason, "one was taken on paper and typed in later at Desk B");
    struct verify_report report;
    assert_int_equal(store_verify(k.nodes[HUB], &report), ERR_NONE);
    kit_finish(&k);
}

// Never refused: neither a time in the future nor one that is none.
static void test_paper_is_never_refused_for_its_time(void **state) {
    (void)state;
    struct kit k;
    struct person_state p;
    start(&k);
    kit_say(&k, DESK_A, "admit", KIT_ZOE,
            "{'gate':'social','by_code':'paper','at':'2065-01-01T00:00:00Z'}");
    assert_int_equal(store_read_person(k.nodes[DESK_A], KIT_ZOE, "social", &p), ERR_NONE);
    assert_true(p.is_in && p.in_ms > k.now.wall_ms);
    kit_say(&k, DESK_A, "admit", KIT_JAN,
            "{'gate':'social','by_code':'paper','at':'teatime'}");
    assert_int_equal(store_read_person(k.nodes[DESK_A], KIT_JAN, "social", &p), ERR_NONE);
    assert_true(p.is_in);
    assert_int_equal(p.in_ms, k.now.wall_ms);
    // Only paper has a time of its own.
    kit_say(&k, DESK_A, "admit", KIT_NOTE,
            "{'gate':'social','by_code':'badge','at':'2015-03-20T12:00:00Z'}");
    assert_int_equal(store_read_person(k.nodes[DESK_A], KIT_NOTE, "social", &p),
                     ERR_NONE);
    assert_int_equal(p.in_ms, k.now.wall_ms);
    assert_int_equal(p.in_typed_ms, 0);
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_holds_the_place),
        cmocka_unit_test(test_without_time_a_claim_does_not_grow_old),
        cmocka_unit_test(test_the_first_wins_and_a_repeat_changes_nothing),
        cmocka_unit_test(test_only_a_desk_at_a_strict_gate_is_answered),
        cmocka_unit_test(test_a_store_that_may_not_author_claims_is_silent),
        cmocka_unit_test(test_admission_void_and_in_again),
        cmocka_unit_test(test_a_claim_known_here_keeps_the_place),
        cmocka_unit_test(test_two_unconfirmed_admissions_say_so),
        cmocka_unit_test(test_one_unconfirmed_admission_is_named),
        cmocka_unit_test(test_unknown_time_at_a_strict_gate_needs_staff),
        cmocka_unit_test(test_paper_counts_from_its_own_time),
        cmocka_unit_test(test_paper_is_never_refused_for_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// The badge queue: every order of the facts about a job gives one result, and the store
// neither loses nor doubles a badge, wherever its jobs are and whenever it stops.
#include "sync/event/job.h"

#include "sync/base/json.h"
#include "sync/store/db.h"
#include "sync/store/jobs.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    FACTS_MAX = 6,
    ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4)
};

// ---- the fold alone ---------------------------------------------------------------------

struct row {
    uint64_t dev;
    struct fact_ref ref, prev;
    const char *kind, *body; // ' for "
};

#define J "0000000000000001/1"
#define FIRST                                                   \
    {                                                           \
        1, {1, 1}, {0, 0}, "print.job",                         \
            "{'serial':1,'to':'0000000000000001','reason':'r'}" \
    }
#define SAY(dev, stream, n, pstream, pn, state) \
    { dev, {stream, n}, {pstream, pn}, "print.job", "{'of':'" J "','state':'" state "'}" }
#define MOVE(dev, stream, n, pstream, pn, to)                             \
    {                                                                     \
        dev, {stream, n}, {pstream, pn}, "print.job",                     \
            "{'of':'" J "','state':'moved','to':'000000000000000" to "'}" \
    }

static const struct {
    const char *want; // state@holder
    size_t count;
    struct row rows[FACTS_MAX];
} cases[] = {
    {"queued@1", 1, {FIRST}},
    {"sent@1", 2, {FIRST, SAY(1, 1, 2, 1, 1, "sent")}},
    {"unknown@1", 3, {FIRST, SAY(1, 1, 2, 1, 1, "sent"), SAY(1, 4, 1, 1, 2, "unknown")}},
    {"failed@1", 3, {FIRST, SAY(1, 1, 2, 1, 1, "sent"), SAY(1, 1, 3, 1, 2, "failed")}},
    // printed, whoever says it and whatever else is said
    {"printed@1",
     4,
     {FIRST,
      SAY(1, 1, 2, 1, 1, "sent"),
      SAY(1, 1, 3, 1, 2, "unknown"),
      {2, {2, 1}, {0, 0}, "badge.print", "{'serial':1,'of':'" J "'}"}}},
    // another job's print is not this one's
    {"sent@1",
     3,
     {FIRST,
      SAY(1, 1, 2, 1, 1, "sent"),
      {1, {1, 3}, {0, 0}, "badge.print", "{'serial':1,'of':'0000000000000001/9'}"}}},
    // somebody who does not hold it says nothing about it
    {"queued@1",
     4,
     {FIRST, SAY(2, 2, 1, 1, 1, "sent"), SAY(2, 2, 2, 1, 1, "failed"),
      MOVE(2, 2, 3, 1, 1, "2")}},
    // handed on: then the new holder's word counts, and the old one's no more
    {"sent@2",
     4,
     {FIRST, MOVE(1, 1, 2, 1, 1, "2"), SAY(2, 2, 1, 1, 2, "sent"),
      SAY(1, 1, 3, 1, 2, "sent")}},
    {"queued@1", 3, {FIRST, MOVE(1, 1, 2, 1, 1, "2"), MOVE(2, 2, 1, 1, 2, "1")}},
    // what was sent does not go elsewhere, what failed does
    {"sent@1", 3, {FIRST, SAY(1, 1, 2, 1, 1, "sent"), MOVE(1, 1, 3, 1, 2, "2")}},
    {"unknown@1",
     4,
     {FIRST, SAY(1, 1, 2, 1, 1, "sent"), SAY(1, 1, 3, 1, 2, "unknown"),
      MOVE(1, 1, 4, 1, 3, "2")}},
    {"queued@2",
     4,
     {FIRST, SAY(1, 1, 2, 1, 1, "sent"), SAY(1, 1, 3, 1, 2, "failed"),
      MOVE(1, 1, 4, 1, 3, "2")}},
    // withdrawn by another desk while it waits; too late once it is at the printer
    {"withdrawn@1", 2, {FIRST, SAY(2, 2, 1, 1, 1, "withdrawn")}},
    {"sent@1", 3, {FIRST, SAY(2, 2, 1, 1, 1, "withdrawn"), SAY(1, 1, 2, 1, 1, "sent")}},
    {"sent@1", 3, {FIRST, SAY(1, 1, 2, 1, 1, "sent"), SAY(2, 2, 1, 1, 2, "withdrawn")}},
    // withdrawn and handed on at the same time: withdrawn
    {"withdrawn@2",
     3,
     {FIRST, SAY(3, 3, 1, 1, 1, "withdrawn"), MOVE(1, 1, 2, 1, 1, "2")}},
    // a word about an earlier wait does not count for the next
    {"queued@1",
     5,
     {FIRST, SAY(1, 1, 2, 1, 1, "sent"), SAY(2, 2, 1, 1, 2, "withdrawn"),
      SAY(1, 1, 3, 1, 2, "failed"), MOVE(1, 1, 4, 1, 3, "1")}},
    // its serial was declared void before it came out
    {"withdrawn@1",
     2,
     {FIRST, {2, {2, 1}, {0, 0}, "badge.void", "{'serial':1,'reason':'x'}"}}},
    {"queued@1",
     2,
     {FIRST, {2, {2, 1}, {0, 0}, "badge.void", "{'serial':2,'reason':'x'}"}}},
    // a card that was put back: two branches, the same one for everybody
    {"failed@1", 3, {FIRST, SAY(1, 9, 1, 1, 1, "sent"), SAY(1, 8, 1, 1, 1, "failed")}},
    // words of a later Foyer keep the chain
    {"sent@1", 3, {FIRST, SAY(1, 1, 2, 1, 1, "polished"), SAY(1, 1, 3, 1, 2, "sent")}},
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

static void check_order(const struct fold_fact *facts, size_t count, size_t rest,
                        const char *want) {
    struct fold_fact shuffled[FACTS_MAX];
    struct job_fold j = {0};
    char got[64] = "none";
    memcpy(shuffled, facts, sizeof shuffled);
    for (size_t i = 0; i < count; i++) {
        size_t pick = i + rest % (count - i);
        struct fold_fact swap = shuffled[i];
        rest /= count - i;
        shuffled[i] = shuffled[pick];
        shuffled[pick] = swap;
    }
    for (size_t i = 0; i < count; i++) {
        if (job_is_first(&shuffled[i])) {
            job_fold(shuffled, count, &shuffled[i], &j);
            snprintf(got, sizeof got, "%s@%d", job_state_name(j.state), (int)j.holder);
        }
    }
    assert_string_equal(got, want);
}

static void test_every_order_folds_alike(void **state) {
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct fold_fact facts[FACTS_MAX] = {0};
        size_t orders = 1;
        for (size_t i = 0; i < cases[c].count; i++) {
            const struct row *r = &cases[c].rows[i];
            facts[i] = (struct fold_fact){.header = {.ref = r->ref, .prev = r->prev},
                                          .dev = r->dev,
                                          .body = body_of(r->body)};
            snprintf(facts[i].header.kind, sizeof facts[i].header.kind, "%s", r->kind);
            orders *= i + 1;
        }
        for (size_t n = 0; n < orders; n++) {
            check_order(facts, cases[c].count, n, cases[c].want);
        }
        for (size_t i = 0; i < cases[c].count; i++) {
            json_decref(facts[i].body);
        }
    }
}

// ---- the store --------------------------------------------------------------------------

static void share(struct kit *k, uint64_t seed) {
    for (size_t i = 1; i < k->count; i++) {
        kit_copy(k, i, 0, seed + i);
    }
    for (size_t i = 1; i < k->count; i++) {
        kit_copy(k, 0, i, seed + 9 + i);
        kit_check_same(k, 0, i, ALL);
    }
}

static uint64_t dev_of(const struct kit *k, size_t node) {
    return store_identity_get(k->nodes[node]).dev;
}

static enum err enqueue(struct kit *k, size_t node, const char *person, bool is_again,
                        struct job *out) {
    struct job_request r = {.person = person,
                            .reason = is_again ? "torn" : "first badge",
                            .is_again = is_again,
                            .now = k->now};
    k->now.mono_ms += 10;
    k->now.wall_ms += 10;
    return store_job_enqueue(k->nodes[node], &r, out);
}

static enum job_state state_of(const struct kit *k, size_t node, const struct job *j) {
    struct job now;
    assert_int_equal(store_find_job(k->nodes[node], j->ref, &now), ERR_NONE);
    return now.state;
}

static enum err say(struct kit *k, size_t node, const struct job *j, enum job_state s) {
    return store_job_say(k->nodes[node], j->ref, s, "cover open", &k->now);
}

static void test_job_lives_from_queue_to_badge(void **state) {
    (void)state;
    struct kit k;
    struct job j;
    struct person_state p;
    kit_start_desks(&k, 1);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &j), ERR_NONE);
    assert_int_equal(j.serial, 1);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &j), ERR_EXISTS);
    assert_int_equal(store_read_jobs(k.nodes[1], dev_of(&k, 1), JOB_LIVE, &j, 1), 1);
    assert_string_equal(j.person, KIT_ZOE);
    assert_string_equal(j.at, "Desk A");
    assert_true(strlen(j.name) > 0);
    assert_int_equal(store_job_printed(k.nodes[1], j.ref, "file", &k.now), ERR_DENIED);
    assert_int_equal(say(&k, 1, &j, JOB_SENT), ERR_NONE);
    assert_int_equal(say(&k, 1, &j, JOB_SENT), ERR_DENIED); // a badge goes out once
    assert_int_equal(store_read_person(k.nodes[1], KIT_ZOE, "meeting", &p), ERR_NONE);
    assert_true(p.job.ref.n && p.job.state == JOB_SENT && !p.has_badge);
    assert_int_equal(store_job_printed(k.nodes[1], j.ref, "file", &k.now), ERR_NONE);
    assert_int_equal(state_of(&k, 1, &j), JOB_PRINTED);
    assert_int_equal(store_read_person(k.nodes[1], KIT_ZOE, "meeting", &p), ERR_NONE);
    assert_true(p.has_badge && p.serial == 1 && !p.job.ref.n);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &j), ERR_EXISTS);
    assert_int_equal(enqueue(&k, 1, "ZZZZZZZZZZZZZZZZ", false, &j), ERR_NOT_FOUND);
    share(&k, 1);
    kit_finish(&k);
}

static void test_again_voids_what_was_before(void **state) {
    (void)state;
    struct kit k;
    struct job first, again;
    struct person_state p;
    kit_start_desks(&k, 1);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &first), ERR_NONE);
    assert_int_equal(say(&k, 1, &first, JOB_SENT), ERR_NONE);
    assert_int_equal(store_jobs_resume(k.nodes[1], &k.now), ERR_NONE);
    assert_int_equal(state_of(&k, 1, &first), JOB_UNKNOWN);
    assert_int_equal(say(&k, 1, &first, JOB_SENT), ERR_DENIED); // never by itself
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, true, &again), ERR_NONE);
    assert_int_equal(again.serial, 2);
    assert_int_equal(state_of(&k, 1, &first), JOB_WITHDRAWN);
    assert_int_equal(store_read_person(k.nodes[1], KIT_ZOE, "meeting", &p), ERR_NONE);
    assert_true(p.job.ref.n == again.ref.n && p.serial == 2);
    share(&k, 2);
    kit_finish(&k);
}

static void test_only_its_holder_hands_it_on(void **state) {
    (void)state;
    struct kit k;
    struct job j;
    kit_start_desks(&k, 2);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &j), ERR_NONE);
    share(&k, 3);
    assert_int_equal(store_job_move(k.nodes[2], j.ref, dev_of(&k, 2), &k.now),
                     ERR_DENIED);
    assert_int_equal(say(&k, 2, &j, JOB_SENT), ERR_DENIED);
    assert_int_equal(store_job_move(k.nodes[1], j.ref, dev_of(&k, 2), &k.now), ERR_NONE);
    assert_int_equal(say(&k, 1, &j, JOB_SENT), ERR_DENIED); // it is gone from here
    assert_int_equal(say(&k, 2, &j, JOB_SENT), ERR_DENIED); // and not there yet
    share(&k, 4);
    assert_int_equal(say(&k, 2, &j, JOB_SENT), ERR_NONE);
    share(&k, 5);
    assert_int_equal(state_of(&k, 1, &j), JOB_SENT);
    assert_int_equal(say(&k, 2, &j, JOB_FAILED), ERR_NONE);
    assert_int_equal(store_job_move(k.nodes[2], j.ref, dev_of(&k, 2), &k.now), ERR_NONE);
    assert_int_equal(state_of(&k, 2, &j), JOB_QUEUED);
    share(&k, 6);
    kit_finish(&k);
}

static void test_withdrawn_elsewhere_is_not_sent(void **state) {
    (void)state;
    struct kit k;
    struct job a, b;
    kit_start_desks(&k, 2);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &a), ERR_NONE);
    assert_int_equal(enqueue(&k, 1, KIT_JAN, false, &b), ERR_NONE);
    share(&k, 7);
    assert_int_equal(store_job_withdraw(k.nodes[2], a.ref, "left", &k.now), ERR_NONE);
    assert_int_equal(store_job_withdraw(k.nodes[2], b.ref, "left", &k.now), ERR_NONE);
    assert_int_equal(say(&k, 1, &b, JOB_SENT), ERR_NONE); // before it heard
    share(&k, 8);
    assert_int_equal(say(&k, 1, &a, JOB_SENT), ERR_DENIED);
    assert_int_equal(state_of(&k, 2, &a), JOB_WITHDRAWN);
    assert_int_equal(state_of(&k, 2, &b), JOB_SENT);
    assert_int_equal(store_job_withdraw(k.nodes[2], b.ref, "left", &k.now), ERR_DENIED);
    kit_finish(&k);
}

static void test_admission_brings_its_job(void **state) {
    (void)state;
    struct kit k;
    struct job j;
    char code[BADGE_CODE_CHARS + 1];
    struct admit_result result;
    kit_start_desks(&k, 1);
    badge_code_format(KIT_ZOE, 0, code);
    struct admit_request r = {.gate = "meeting",
                              .code = code,
                              .code_len = strlen(code),
                              .now = k.now,
                              .is_printing = true};
    assert_int_equal(store_admit(k.nodes[1], &r, &result), ERR_NONE);
    assert_int_equal(result.verdict, VERDICT_ADMITTED);
    assert_true(result.job.n && result.state.serial == 1);
    assert_int_equal(store_find_job(k.nodes[1], result.job, &j), ERR_NONE);
    assert_int_equal(j.state, JOB_QUEUED);
    assert_int_equal(store_admit(k.nodes[1], &r, &result), ERR_NONE);
    assert_int_equal(result.verdict, VERDICT_NOT_PRINTED);
    assert_true(!result.job.n && result.state.job.ref.n == j.ref.n);
    r.gate = "social"; // another gate, the same badge on its way: no second
    assert_int_equal(store_admit(k.nodes[1], &r, &result), ERR_NONE);
    assert_true(result.verdict == VERDICT_ADMITTED && !result.job.n);
    assert_int_equal(store_count_jobs(k.nodes[1], 0, JOB_LIVE), 1);
    kit_finish(&k);
}

static void test_erased_with_the_person(void **state) {
    (void)state;
    struct kit k;
    struct job j;
    kit_start_desks(&k, 1);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &j), ERR_NONE);
    share(&k, 11);
    kit_say(&k, 0, "person.erase", KIT_ZOE, "{'reason':'asked'}");
    share(&k, 12);
    assert_int_equal(store_find_job(k.nodes[1], j.ref, &j), ERR_NOT_FOUND);
    assert_int_equal(store_count_jobs(k.nodes[0], 0, ~0u), 0);
    kit_finish(&k);
}

// Facts that an older Foyer kept without folding them.
static void test_older_store_folds_what_it_kept(void **state) {
    (void)state;
    struct kit k;
    struct job j;
    struct verify_report r;
    kit_start_desks(&k, 1);
    assert_int_equal(enqueue(&k, 1, KIT_ZOE, false, &j), ERR_NONE);
    assert_int_equal(db_exec(k.nodes[1], "DROP TABLE job;DELETE FROM meta WHERE"
                                         " key='" JOBS_FOLDED "'"),
                     ERR_NONE);
    kit_reopen(&k, 1);
    assert_int_equal(state_of(&k, 1, &j), JOB_QUEUED);
    assert_int_equal(store_verify(k.nodes[1], &r), ERR_NONE);
    kit_finish(&k);
}

// Desks that say what they like, in any order and twice: the same tables.
static void say_something(struct kit *k, uint64_t *seed) {
    static const char *const who[] = {KIT_ZOE, KIT_JAN, KIT_UNPAID, KIT_TUESDAY};
    size_t node = 1 + (size_t)(kit_random(seed) % (k->count - 1));
    struct store *s = k->nodes[node];
    struct job jobs[8], j;
    size_t count = store_read_jobs(s, 0, ~0u, jobs, 8);
    const struct job *at = count ? &jobs[kit_random(seed) % count] : &j;
    enum err e = ERR_DENIED;
    switch (count ? kit_random(seed) % 8 : 0) {
    case 0:
    case 1:
        e = enqueue(k, node, who[kit_random(seed) % 4], kit_random(seed) % 4 == 0, &j);
        break;
    case 2:
    case 3:
        e = say(k, node, at, JOB_SENT);
        break;
    case 4:
        e = say(k, node, at, kit_random(seed) % 2 ? JOB_FAILED : JOB_UNKNOWN);
        break;
    case 5:
        e = store_job_printed(s, at->ref, "file", &k->now);
        break;
    case 6:
        e = store_job_move(s, at->ref, dev_of(k, 1 + kit_random(seed) % 3), &k->now);
        break;
    default:
        e = store_job_withdraw(s, at->ref, "left", &k->now);
    }
    assert_true(e == ERR_NONE || e == ERR_DENIED || e == ERR_EXISTS);
}

// A desk without a battery clock starts at the same time again and again: its facts have the
// same time then, in streams with any address.
static void test_waiting_jobs_keep_their_order_with_the_clock_set_back(void **state) {
    (void)state;
    static const char *const people[] = {KIT_ZOE, KIT_JAN, KIT_UNPAID, KIT_NOTE,
                                         KIT_TUESDAY};
    enum { PEOPLE = sizeof people / sizeof *people };
    struct job j[PEOPLE + 1];
    struct kit k;
    kit_start_desks(&k, 1);
    int64_t at_ms = k.now.wall_ms;
    for (size_t i = 0; i < PEOPLE; i++) {
        kit_reopen(&k, 1);
        k.now.boot++;
        k.now.wall_ms = at_ms;
        assert_int_equal(enqueue(&k, 1, people[i], false, &j[0]), ERR_NONE);
    }
    assert_int_equal(store_read_jobs(k.nodes[1], 0, JOB_LIVE, j, PEOPLE + 1), PEOPLE);
    for (size_t i = 0; i < PEOPLE; i++) {
        assert_string_equal(j[i].person, people[i]);
    }
    kit_finish(&k);
}

static void test_any_order_gives_the_same_tables(void **state) {
    (void)state;
    const char *given = getenv("FOYER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 20150324;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 4; round++) {
        struct kit k;
        struct verify_report r;
        kit_start_desks(&k, 3);
        for (int i = 0; i < 40; i++) {
            say_something(&k, &seed);
            if (kit_random(&seed) % 6 == 0) {
                size_t from = (size_t)(kit_random(&seed) % k.count);
                kit_copy(&k, from, (size_t)(kit_random(&seed) % k.count),
                         kit_random(&seed));
            }
        }
        share(&k, kit_random(&seed));
        assert_int_equal(store_verify(k.nodes[1], &r), ERR_NONE);
        kit_finish(&k);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_order_folds_alike),
        cmocka_unit_test(test_job_lives_from_queue_to_badge),
        cmocka_unit_test(test_again_voids_what_was_before),
        cmocka_unit_test(test_only_its_holder_hands_it_on),
        cmocka_unit_test(test_withdrawn_elsewhere_is_not_sent),
        cmocka_unit_test(test_admission_brings_its_job),
        cmocka_unit_test(test_erased_with_the_person),
        cmocka_unit_test(test_older_store_folds_what_it_kept),
        cmocka_unit_test(test_any_order_gives_the_same_tables),
        cmocka_unit_test(test_waiting_jobs_keep_their_order_with_the_clock_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

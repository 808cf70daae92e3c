// Strict gates over real HTTP: two desks racing, a hub that is slow, a hub that is gone.
#include "sync/base/clock.h"
#include "sync/event/drafts.h"
#include "sync/event/fold.h"
#include "tests/support/event_kit.h"
#include "tests/support/hub_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DESKS = 2, ROUNDS = 40 };

static bool has_people(struct hub_kit *k, void *arg) {
    return hub_kit_counts(k->devices[*(size_t *)arg].store).people == 2;
}

static bool is_settled(struct hub_kit *k, void *arg) {
    (void)arg;
    bool all = true;
    for (size_t i = 0; i < k->count; i++) {
        struct agent_status s = hub_kit_status(k, i);
        all = all && s.is_online && s.unsent == 0 && s.seq == s.head_seq && s.seq > 0;
    }
    return all;
}

static void start(struct hub_kit *k) {
    hub_kit_start(k);
    for (size_t i = 0; i < DESKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "Desk %c", (char)('A' + i));
        (void)hub_kit_add(k, name, "desk");
        hub_kit_wait(k, "the people are here", has_people, &i);
    }
}

struct both {
    uint64_t nonces[DESKS];
    struct claim_answer answers[DESKS];
};

static bool are_claimed(struct hub_kit *k, void *arg) {
    struct both *b = arg;
    bool all = true;
    for (size_t i = 0; i < DESKS; i++) {
        all = hub_kit_is_claimed(k, i, b->nonces[i], &b->answers[i]) && all;
    }
    return all;
}

// Asked once more, with the same nonce, where a busy machine let the answer be given up.
static bool are_answered(struct hub_kit *k, void *arg) {
    struct both *b = arg;
    bool all = are_claimed(k, arg);
    for (size_t i = 0; i < DESKS; i++) {
        struct exchange_claim claim = {
            .person = KIT_ZOE, .gate = "social", .nonce = b->nonces[i]};
        if (b->answers[i].claimed.nonce == claim.nonce && !b->answers[i].is_answered) {
            pthread_mutex_lock(&k->lock);
            k->devices[i].claimed = (struct claim_answer){.is_answered = false};
            pthread_mutex_unlock(&k->lock);
            agent_claim(k->devices[i].agent, &claim);
            all = false;
        }
    }
    return all;
}

struct reading {
    const char *person;
    struct person_state state;
    struct incident incident;
    size_t incidents;
};

static enum err read_run(struct store *s, void *arg) {
    struct reading *r = arg;
    r->incidents = store_read_incidents(s, &r->incident, 1);
    return store_read_person(s, r->person, "social", &r->state);
}

static struct reading look(struct store_thread *t, const char *person) {
    struct reading r = {.person = person};
    assert_int_equal(store_thread_call(t, read_run, &r, false), ERR_NONE);
    return r;
}

static bool is_in_everywhere(struct hub_kit *k, void *arg) {
    (void)arg;
    bool all = is_settled(k, NULL);
    for (size_t i = 0; i < DESKS; i++) {
        all = all && look(k->devices[i].store, KIT_ZOE).state.is_in;
    }
    return all && look(k->hub->store, KIT_ZOE).state.is_in;
}

static bool is_incident_everywhere(struct hub_kit *k, void *arg) {
    (void)arg;
    bool all = look(k->hub->store, KIT_ZOE).incidents == 1;
    for (size_t i = 0; i < DESKS; i++) {
        all = all && look(k->devices[i].store, KIT_ZOE).incidents == 1;
    }
    return all;
}

static bool is_out_everywhere(struct hub_kit *k, void *arg) {
    (void)arg;
    bool all = is_settled(k, NULL);
    for (size_t i = 0; i < DESKS; i++) {
        all = all && !look(k->devices[i].store, KIT_ZOE).state.is_in;
    }
    return all && !look(k->hub->store, KIT_ZOE).state.is_in;
}

struct void_job {
    const char *person;
    struct fact_ref of;
    struct moment now;
};

static enum err void_run(struct store *s, void *arg) {
    const struct void_job *job = arg;
    char of[REF_TEXT_SIZE];
    struct draft d;
    ref_format(job->of, of);
    assert_int_equal(
        draft_fill(&d, "admit.void", job->person, json_pack("{s:s}", "of", of)),
        ERR_NONE);
    enum err e = store_append(s, &d, 1, &job->now, NULL);
    draft_finish(&d);
    return e;
}

static void take_back(struct hub_kit *k, size_t device, struct fact_ref of) {
    struct agent_status status = hub_kit_status(k, device);
    struct void_job job = {KIT_ZOE, of, agent_moment(&status)};
    assert_int_equal(store_thread_call(k->devices[device].store, void_run, &job, false),
                     ERR_NONE);
    agent_tell_change(k->devices[device].agent);
}

// Both ask before either has an answer; each time the admission is taken back, and both may
// ask again.
static void test_of_two_desks_racing_one_wins(void **state) {
    (void)state;
    struct hub_kit k;
    size_t wins[DESKS] = {0};
    uint64_t waited_ms = 0;
    start(&k);
    for (int round = 0; round < ROUNDS; round++) {
        struct both b = {.nonces = {0}};
        size_t first = (size_t)round % DESKS;
        uint64_t asked_ms = clock_mono_ms();
        for (size_t i = 0; i < DESKS; i++) {
            size_t desk = (first + i) % DESKS;
            b.nonces[desk] = hub_kit_ask_strict(&k, desk, KIT_ZOE);
            assert_int_not_equal(b.nonces[desk], 0);
        }
        hub_kit_wait(&k, "both answers", are_answered, &b);
        waited_ms += clock_mono_ms() - asked_ms;
        size_t winner = b.answers[0].claimed.has_won ? 0 : 1;
        assert_int_equal(b.answers[!winner].claimed.has_won, false);
        assert_int_equal(b.answers[winner].claimed.has_won, true);
        assert_string_equal(b.answers[!winner].claimed.by, winner ? "Desk B" : "Desk A");
        struct admit_result in =
            hub_kit_admit_claimed(&k, winner, KIT_ZOE, &b.answers[winner]);
        assert_int_equal(in.verdict, VERDICT_ADMITTED);
        assert_int_not_equal(in.ref.n, 0);
        wins[winner]++;
        hub_kit_wait(&k, "the admission is everywhere", is_in_everywhere, NULL);
        assert_int_equal(look(k.hub->store, KIT_ZOE).incidents, 0);
        take_back(&k, winner, in.ref);
        hub_kit_wait(&k, "it was taken back", is_out_everywhere, NULL);
    }
    print_message("Desk A won %zu, Desk B %zu; both answers took %llu ms on average\n",
                  wins[0], wins[1], (unsigned long long)(waited_ms / ROUNDS));
    hub_kit_finish(&k);
}

static void test_the_second_desk_hears_who_was_first(void **state) {
    (void)state;
    struct hub_kit k;
    start(&k);
    struct admit_result r = hub_kit_admit_strict(&k, 0, KIT_ZOE);
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    assert_int_not_equal(r.ref.n, 0);
    r = hub_kit_admit_strict(&k, 1, KIT_ZOE);
    assert_int_equal(r.verdict, VERDICT_ALREADY_IN);
    hub_kit_wait(&k, "the admission is everywhere", is_in_everywhere, NULL);
    hub_kit_finish(&k);
}

static void test_without_a_hub_there_is_no_answer_and_no_wait(void **state) {
    (void)state;
    struct hub_kit k;
    start(&k);
    hub_kit_stop_hub(&k);
    struct admit_result r = hub_kit_admit_strict(&k, 0, KIT_ZOE);
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    assert_int_not_equal(r.ref.n, 0);
    r = hub_kit_admit_strict(&k, 1, KIT_ZOE); // knows nothing of the other
    assert_int_equal(r.verdict, VERDICT_ADMITTED);
    hub_kit_serve(&k);
    hub_kit_wait(&k, "both are everywhere", is_incident_everywhere, NULL);
    for (size_t i = 0; i < DESKS; i++) {
        struct reading x = look(k.devices[i].store, KIT_ZOE);
        assert_int_equal(x.incidents, 1);
        assert_string_equal(x.incident.reason, "the hub answered neither desk in time");
    }
    hub_kit_finish(&k);
}

static void test_cut_off_there_is_no_answer(void **state) {
    (void)state;
    struct hub_kit k;
    start(&k);
    agent_set_link(k.devices[0].agent, false);
    assert_int_equal(hub_kit_admit_strict(&k, 0, KIT_ZOE).verdict, VERDICT_ADMITTED);
    assert_int_equal(hub_kit_admit_strict(&k, 1, KIT_ZOE).verdict, VERDICT_ADMITTED);
    agent_set_link(k.devices[0].agent, true);
    hub_kit_wait(&k, "both are everywhere", is_incident_everywhere, NULL);
    struct reading x = look(k.hub->store, KIT_ZOE);
    assert_int_equal(x.incidents, 1);
    assert_string_equal(x.incident.reason, "the hub did not answer Desk A in time");
    hub_kit_finish(&k);
}

// The hub's store is held up until both desks have gone on without it. Its answers come all
// the same, and come too late.
struct hold {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_held, is_over;
};

static enum err hold_run(struct store *s, void *arg) {
    struct hold *h = arg;
    (void)s;
    pthread_mutex_lock(&h->lock);
    h->is_held = true;
    pthread_cond_broadcast(&h->changed);
    while (!h->is_over) {
        pthread_cond_wait(&h->changed, &h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return ERR_NONE;
}

static void test_a_slow_hub_answers_too_late(void **state) {
    (void)state;
    struct hub_kit k;
    struct hold h = {.lock = PTHREAD_MUTEX_INITIALIZER,
                     .changed = PTHREAD_COND_INITIALIZER};
    start(&k);
    struct store_job job = {.run = hold_run, .arg = &h};
    assert_int_equal(store_thread_post(k.hub->store, &job), ERR_NONE);
    pthread_mutex_lock(&h.lock);
    while (!h.is_held) {
        pthread_cond_wait(&h.changed, &h.lock);
    }
    pthread_mutex_unlock(&h.lock);
    struct both b = {.nonces = {0}};
    for (size_t i = 0; i < DESKS; i++) {
        b.nonces[i] = hub_kit_ask_strict(&k, i, KIT_ZOE);
        struct claim_answer none = {.claimed = {.nonce = b.nonces[i]}};
        struct admit_result r = hub_kit_admit_claimed(&k, i, KIT_ZOE, &none);
        assert_int_equal(r.verdict, VERDICT_ADMITTED);
        assert_int_not_equal(r.ref.n, 0);
    }
    pthread_mutex_lock(&h.lock);
    h.is_over = true;
    pthread_cond_broadcast(&h.changed);
    pthread_mutex_unlock(&h.lock);
    hub_kit_wait(&k, "late answers, or none", are_claimed, &b);
    hub_kit_wait(&k, "both are everywhere", is_incident_everywhere, NULL);
    for (size_t i = 0; i < DESKS; i++) {
        struct reading x = look(k.devices[i].store, KIT_ZOE);
        assert_int_equal(x.incidents, 1);
        assert_int_equal(x.incident.member_count, 2); // each admitted once
        assert_string_equal(x.incident.reason, "the hub answered neither desk in time");
    }
    hub_kit_finish(&k);
}

static bool has_answers(struct hub_kit *k, void *arg) {
    pthread_mutex_lock(&k->lock);
    bool has = k->devices[0].claimed_count == *(size_t *)arg;
    pthread_mutex_unlock(&k->lock);
    return has;
}

// A claim goes out though the exchange of this desk is busy or at rest, and needs no round
// of it: the connection is another.
static void test_many_questions_at_once(void **state) {
    (void)state;
    struct hub_kit k;
    start(&k);
    for (uint64_t n = 1; n <= 3; n++) {
        struct exchange_claim claim = {.person = KIT_JAN, .gate = "social", .nonce = n};
        agent_claim(k.devices[0].agent, &claim);
    }
    size_t wanted = 3;
    hub_kit_wait(&k, "three answers", has_answers, &wanted);
    // Its own: the same device asks again.
    assert_true(k.devices[0].claimed.claimed.has_won);
    hub_kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_two_desks_racing_one_wins),
        cmocka_unit_test(test_the_second_desk_hears_who_was_first),
        cmocka_unit_test(test_without_a_hub_there_is_no_answer_and_no_wait),
        cmocka_unit_test(test_cut_off_there_is_no_answer),
        cmocka_unit_test(test_a_slow_hub_answers_too_late),
        cmocka_unit_test(test_many_questions_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

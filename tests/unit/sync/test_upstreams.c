// The choice of an upstream, driven by hand: who is asked, who is used, and never back and forth.
#include "sync/agent/upstreams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { HUB = 0, RELAY = 1 };

// A world of upstreams that answer or not, and the time.
struct world {
    struct upstreams u;
    uint64_t now_ms;
    bool is_up[UPSTREAMS_MAX];   // answers probes
    bool is_well[UPSTREAMS_MAX]; // answers requests
    bool is_relay[UPSTREAMS_MAX];
    unsigned probes[UPSTREAMS_MAX], changes;
    uint64_t changed_ms, least_stay_ms;
};

static void start(struct world *w, const char *list) {
    memset(w, 0, sizeof *w);
    w->now_ms = 1000;
    w->least_stay_ms = UINT64_MAX;
    upstreams_init(&w->u, 7);
    assert_int_equal(upstreams_add_list(&w->u, list), ERR_NONE);
    for (size_t i = 0; i < UPSTREAMS_MAX; i++) {
        w->is_up[i] = w->is_well[i] = true;
        w->is_relay[i] = i > 0;
    }
}

static void step(struct world *w, struct upstreams_event e) {
    struct upstreams_actions out;
    e.now_ms = w->now_ms;
    upstreams_step(&w->u, &e, &out);
    if (out.use >= 0) {
        uint64_t stayed = w->now_ms - w->changed_ms;
        if (w->changes++ && stayed < w->least_stay_ms) {
            w->least_stay_ms = stayed;
        }
        w->changed_ms = w->now_ms;
        assert_int_equal(w->u.current, out.use);
    }
    if (out.probe >= 0) {
        w->probes[out.probe]++;
        struct upstreams_event answer = {
            .type = w->is_up[out.probe] ? UPSTREAMS_PROBED : UPSTREAMS_PROBE_FAILED,
            .is_relay = w->is_relay[out.probe]};
        step(w, answer);
    }
}

static void happen(struct world *w, enum upstreams_event_type type) {
    step(w, (struct upstreams_event){.type = type});
}

// Time passes; a request every half a second, answered or refused at once.
static void run(struct world *w, uint64_t ms) {
    for (uint64_t end = w->now_ms + ms; w->now_ms < end; w->now_ms += 100) {
        if (upstreams_deadline_ms(&w->u) <= w->now_ms) {
            happen(w, UPSTREAMS_TIMEOUT);
        }
        if (w->u.current >= 0 && w->now_ms % 500 == 0) {
            happen(w, UPSTREAMS_SENT);
            happen(w, w->is_well[w->u.current] ? UPSTREAMS_ANSWERED : UPSTREAMS_FAILED);
        }
    }
}

static const char two[] = "http://hub:1, http://relay:2/";

static void test_list_is_read_and_bad_ones_are_named(void **state) {
    (void)state;
    struct upstreams u;
    upstreams_init(&u, 1);
    assert_int_equal(upstreams_add_list(&u, two), ERR_NONE);
    assert_int_equal(u.count, 2);
    assert_string_equal(u.items[1].url, "http://relay:2"); // without the slash
    assert_int_equal(upstreams_add_list(&u, "http://relay:2,http://hub:1/"), ERR_NONE);
    assert_int_equal(u.count, 2);
    assert_int_equal(upstreams_add_list(&u, "hub:1"), ERR_INPUT);
    assert_int_equal(upstreams_add_list(&u, "http://a http://b,http://c\thttp://d"),
                     ERR_NONE);
    assert_int_equal(u.count, 6);
    assert_int_equal(upstreams_add_list(&u, "http://e http://f http://g"), ERR_LIMIT);
    assert_int_equal(u.count, UPSTREAMS_MAX);
}

static void test_hub_goes_first_and_then_nobody_else_is_asked(void **state) {
    (void)state;
    struct world w;
    start(&w, two);
    run(&w, 600000);
    assert_int_equal(w.u.current, HUB);
    assert_int_equal(w.changes, 1);
    assert_int_equal(w.probes[HUB], 1);
    assert_int_equal(w.probes[RELAY], 0);
}

static void test_relay_takes_over_and_hub_comes_back(void **state) {
    (void)state;
    struct world w;
    start(&w, two);
    run(&w, 60000);
    w.is_up[HUB] = w.is_well[HUB] = false;
    run(&w, 3000);
    assert_int_equal(w.u.current, RELAY);
    run(&w, 600000);
    assert_int_equal(w.u.current, RELAY);
    assert_int_equal(w.changes, 2);
    assert_in_range(w.probes[HUB], 15, 60); // asked now and then, with back-off
    w.is_up[HUB] = w.is_well[HUB] = true;
    run(&w, UPSTREAMS_ASK_MAX_MS + 20000);
    assert_int_equal(w.u.current, HUB);
}

static void test_hub_that_comes_and_goes_is_held_back(void **state) {
    (void)state;
    struct world w;
    start(&w, two);
    for (int i = 0; i < 300; i++) { // no multiple of what the probes go by
        w.is_up[HUB] = w.is_well[HUB] = i % 2;
        run(&w, 1700);
    }
    assert_int_equal(w.changes, 1); // it never proved itself
    for (int i = 0; i < 60; i++) {
        w.is_up[HUB] = w.is_well[HUB] = i % 2;
        run(&w, 20000);
    }
    assert_true(w.least_stay_ms >= UPSTREAMS_STAY_MS);
    assert_true(w.changes < 20);
}

// Answers who it is, but no request: read-only, or full.
static void test_sick_ones_are_not_changed_quickly(void **state) {
    (void)state;
    struct world w;
    start(&w, two);
    w.is_well[HUB] = w.is_well[RELAY] = false;
    run(&w, 600000);
    assert_true(w.changes > 2);
    assert_true(w.least_stay_ms >= UPSTREAMS_STAY_MS);
    w.is_well[RELAY] = true;
    run(&w, 600000);
    unsigned before = w.changes;
    run(&w, 3600000);
    assert_true(w.changes - before < 70); // tries the hub every two minutes at most
}

static void test_slow_one_is_left(void **state) {
    (void)state;
    struct world w;
    start(&w, two);
    run(&w, 60000);
    happen(&w, UPSTREAMS_SENT);
    w.now_ms += UPSTREAMS_SLOW_MS;
    assert_true(upstreams_deadline_ms(&w.u) <= w.now_ms);
    happen(&w, UPSTREAMS_TIMEOUT);
    assert_int_equal(w.u.current, RELAY);
}

// A doorbell that nobody will ever ring: the way is gone, and the connection stands.
static void test_silent_one_is_asked_and_left(void **state) {
    (void)state;
    struct world w;
    start(&w, two);
    run(&w, 1000);
    w.is_up[HUB] = false;
    uint64_t end = w.now_ms + UPSTREAMS_QUIET_MS + 5000;
    for (; w.now_ms < end; w.now_ms += 100) {
        if (upstreams_deadline_ms(&w.u) <= w.now_ms) {
            happen(&w, UPSTREAMS_TIMEOUT);
        }
    }
    assert_int_equal(w.u.current, RELAY);
    assert_in_range(w.probes[HUB], 1 + UPSTREAMS_FAILURES, 3 + UPSTREAMS_FAILURES);
}

static void test_with_one_upstream_it_only_waits(void **state) {
    (void)state;
    struct world w;
    start(&w, "http://hub:1");
    w.is_up[HUB] = false;
    run(&w, 120000);
    assert_int_equal(w.u.current, -1);
    assert_true(upstreams_is_in_need(&w.u));
    assert_in_range(w.probes[HUB], 5, 30);
    w.is_up[HUB] = true;
    run(&w, UPSTREAMS_ASK_MAX_MS + 1000);
    assert_int_equal(w.u.current, HUB);
    w.is_well[HUB] = false;
    run(&w, 60000);
    assert_int_equal(w.u.current, HUB);
    assert_int_equal(w.changes, 1);
}

static void test_cut_link_asks_nobody(void **state) {
    (void)state;
    struct world w;
    start(&w, two);
    happen(&w, UPSTREAMS_CUT);
    assert_true(upstreams_deadline_ms(&w.u) == UINT64_MAX);
    assert_false(upstreams_is_in_need(&w.u));
    w.now_ms += 60000;
    assert_int_equal(w.probes[HUB], 0);
    happen(&w, UPSTREAMS_JOINED);
    assert_int_equal(w.u.current, HUB);
}

static void test_found_ones_come_after_the_list_and_make_room(void **state) {
    (void)state;
    struct world w;
    char url[32];
    start(&w, "http://hub:1");
    for (int i = 0; i < 20; i++) {
        snprintf(url, sizeof url, "http://found:%d", i);
        upstreams_add(&w.u, url, i % 2 ? UPSTREAMS_SRV : UPSTREAMS_DNSSD, i % 3 == 0);
    }
    assert_int_equal(w.u.count, UPSTREAMS_MAX);
    run(&w, 1000);
    assert_int_equal(w.u.current, HUB);
    memset(w.is_up, 0, sizeof w.is_up);
    w.is_well[HUB] = false;
    run(&w, 60000); // nobody answers: what was found may be forgotten
    upstreams_add(&w.u, "http://late:1", UPSTREAMS_DNSSD, true);
    bool is_there = false;
    for (size_t i = 0; i < w.u.count; i++) {
        is_there = is_there || strcmp(w.u.items[i].url, "http://late:1") == 0;
    }
    assert_true(is_there);
    assert_string_equal(w.u.items[HUB].url, "http://hub:1");
}

// A relay of the list goes after a hub that was found.
static void test_any_hub_goes_before_any_relay(void **state) {
    (void)state;
    struct world w;
    start(&w, "http://relay:1");
    w.is_relay[0] = true;
    w.is_relay[1] = false;
    run(&w, 1000);
    assert_int_equal(w.u.current, 0);
    upstreams_add(&w.u, "http://hub:2", UPSTREAMS_SRV, false);
    run(&w, 60000);
    assert_int_equal(w.u.current, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_is_read_and_bad_ones_are_named),
        cmocka_unit_test(test_hub_goes_first_and_then_nobody_else_is_asked),
        cmocka_unit_test(test_relay_takes_over_and_hub_comes_back),
        cmocka_unit_test(test_hub_that_comes_and_goes_is_held_back),
        cmocka_unit_test(test_sick_ones_are_not_changed_quickly),
        cmocka_unit_test(test_slow_one_is_left),
        cmocka_unit_test(test_silent_one_is_asked_and_left),
        cmocka_unit_test(test_with_one_upstream_it_only_waits),
        cmocka_unit_test(test_cut_link_asks_nobody),
        cmocka_unit_test(test_found_ones_come_after_the_list_and_make_room),
        cmocka_unit_test(test_any_hub_goes_before_any_relay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// The device's step machine: what it does, in which order, when answers come, fail, come
// twice or too late.
#include "sync/exchange/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

struct bench {
    struct exchange_client c;
    struct client_actions out;
    struct exchange_response r;
    uint64_t now;
};

static void step(struct bench *b, struct client_event e) {
    e.now_ms = b->now;
    client_step(&b->c, &e, &b->out);
}

static void check(const struct bench *b, size_t count, enum client_action_type first) {
    assert_int_equal(b->out.count, count);
    if (count) {
        assert_int_equal(b->out.items[0].type, first);
    }
}

static struct exchange_mark mark(uint64_t seq) {
    struct exchange_mark m = {.seq = seq};
    memset(m.ch, (int)(seq & 0xff), sizeof m.ch);
    return m;
}

// A device that knows its channels and stands at 10.
static void start(struct bench *b) {
    memset(b, 0, sizeof *b);
    struct client_saved saved = {.cur = {.channels = ALL, .at = mark(10)},
                                 .seen = mark(10)};
    client_init(&b->c, &saved, 1);
    b->now = 1000;
    b->r.proto = EXCHANGE_PROTO;
    b->r.channels = ALL;
    b->r.head = b->r.cur = mark(10);
}

// Up to the SEND of a round.
static uint32_t send_round(struct bench *b, struct client_event first) {
    step(b, first);
    check(b, 1, CLIENT_GATHER);
    step(b, (struct client_event){.type = CLIENT_GATHERED});
    check(b, 1, CLIENT_SEND);
    return b->out.items[0].round;
}

static void receive(struct bench *b, uint32_t round) {
    step(b, (struct client_event){
                .type = CLIENT_RECEIVED, .round = round, .response = &b->r, .rtt_ms = 4});
}

static void test_round_persists_before_it_sends_and_rings_at_the_end(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    assert_true(client_deadline_ms(&b.c) == b.now + CLIENT_ANSWER_MS);
    receive(&b, round);
    check(&b, 1, CLIENT_APPLY);
    assert_true(b.c.is_online);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    check(&b, 1, CLIENT_RING);
    assert_int_equal(b.out.items[0].seq, 10);
    assert_true(client_deadline_ms(&b.c) <= b.now + CLIENT_POLL_MAX_MS);
}

static void test_answers_to_earlier_rounds_are_ignored(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t first = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    b.now += CLIENT_ANSWER_MS;
    step(&b, (struct client_event){.type = CLIENT_TIMEOUT});
    check(&b, 1, CLIENT_ABORT);
    assert_false(b.c.is_online);
    receive(&b, first); // late
    check(&b, 0, CLIENT_ABORT);
    b.now = client_deadline_ms(&b.c);
    uint32_t second = send_round(&b, (struct client_event){.type = CLIENT_TIMEOUT});
    assert_int_not_equal(first, second);
    receive(&b, first); // later still
    check(&b, 0, CLIENT_ABORT);
    receive(&b, second);
    check(&b, 1, CLIENT_APPLY);
    receive(&b, second); // twice
    check(&b, 0, CLIENT_ABORT);
}

static void test_failures_back_off_with_jitter_up_to_a_bound(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint64_t wait = 0;
    step(&b, (struct client_event){.type = CLIENT_STARTED});
    for (int i = 0; i < 12; i++) {
        step(&b, (struct client_event){.type = CLIENT_GATHERED});
        uint32_t round = b.out.items[0].round;
        step(&b, (struct client_event){.type = CLIENT_FAILED, .round = round});
        wait = client_deadline_ms(&b.c) - b.now;
        assert_in_range(wait, CLIENT_BACKOFF_MIN_MS / 2, CLIENT_BACKOFF_MAX_MS);
        // A scan meanwhile does not hammer the hub.
        step(&b, (struct client_event){.type = CLIENT_CHANGED});
        check(&b, 0, CLIENT_ABORT);
        b.now = client_deadline_ms(&b.c);
        step(&b, (struct client_event){.type = CLIENT_TIMEOUT});
        check(&b, 1, CLIENT_GATHER);
    }
    assert_true(wait >= CLIENT_BACKOFF_MAX_MS / 2);
}

static void test_retry_after_is_honoured(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    step(&b,
         (struct client_event){.type = CLIENT_FAILED, .round = round, .wait_ms = 20000});
    assert_true(client_deadline_ms(&b.c) >= b.now + 20000);
}

static void test_rewind_forgets_acknowledgements_and_cuts_the_locator(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    struct exchange_mark old = mark(9);
    locator_add(&b.c.saved.loc, &old);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    b.r.has_rewind = true;
    b.r.rewind = b.r.cur = mark(4);
    b.r.head = mark(6);
    receive(&b, round);
    check(&b, 1, CLIENT_APPLY);
    assert_true(b.c.plan.is_rewound);
    assert_int_equal(b.c.plan.saved.cur.at.seq, 4);
    assert_int_equal(b.c.plan.saved.seen.seq, 6);
    assert_int_equal(b.c.plan.saved.loc.marks[0].seq, 4);
    // Not ours until it is on disk.
    assert_int_equal(b.c.saved.cur.at.seq, 10);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED, .offers = 3});
    check(&b, 1, CLIENT_GATHER);
    assert_int_equal(b.c.saved.cur.at.seq, 4);
}

static void test_what_the_hub_does_not_take_makes_no_hot_loop(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    receive(&b, round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED, .pending = 7});
    check(&b, 1, CLIENT_GATHER);
    step(&b, (struct client_event){.type = CLIENT_GATHERED});
    receive(&b, b.out.items[0].round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED, .pending = 7});
    check(&b, 1, CLIENT_RING);
    assert_true(client_deadline_ms(&b.c) >= b.now + CLIENT_POLL_MIN_MS);
}

static void test_failed_commit_keeps_the_old_cursor(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    b.r.cur = b.r.head = mark(12);
    receive(&b, round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED, .err = ERR_FULL});
    check(&b, 0, CLIENT_ABORT);
    assert_int_equal(b.c.saved.cur.at.seq, 10);
    assert_true(client_deadline_ms(&b.c) != UINT64_MAX);
    assert_int_equal(b.c.failures, 1); // an answer that is not stored is no success
}

static void test_gap_starts_at_the_beginning(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    b.r.head = b.r.cur = mark(12);
    receive(&b, round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED, .err = ERR_GAP});
    assert_int_equal(b.c.saved.cur.at.seq, 0);
    assert_int_equal(b.c.saved.seen.seq, 12); // it answers for what was acknowledged
    // The pass from the beginning does not stop at what will never connect, up to the head.
    b.now = client_deadline_ms(&b.c);
    round = send_round(&b, (struct client_event){.type = CLIENT_TIMEOUT});
    b.r.cur = mark(7);
    b.r.has_more = true;
    receive(&b, round);
    assert_true(b.c.plan.passes_gaps);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED, .pending = 1});
    check(&b, 1, CLIENT_GATHER);
    step(&b, (struct client_event){.type = CLIENT_GATHERED});
    b.r.cur = mark(12);
    b.r.has_more = false;
    receive(&b, b.out.items[0].round);
    assert_true(b.c.plan.passes_gaps);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    assert_false(b.c.passes_gaps);
}

// A commit that reported a failure may be on the disk: what is there counts, not what was
// remembered.
static void test_failed_commit_that_landed_is_read_again(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    struct client_saved stored = {.seen = mark(15)};
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    receive(&b, round);
    step(&b, (struct client_event){
                 .type = CLIENT_PERSISTED, .err = ERR_IO, .saved = &stored});
    assert_int_equal(b.c.saved.seen.seq, 15);
}

static void test_unknown_device_shows_its_grant_once(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    step(&b, (struct client_event){.type = CLIENT_REFUSED, .round = round});
    check(&b, 1, CLIENT_GATHER);
    assert_true(b.out.items[0].wants_grants);
    step(&b, (struct client_event){.type = CLIENT_GATHERED});
    round = b.out.items[0].round;
    step(&b, (struct client_event){.type = CLIENT_REFUSED, .round = round});
    check(&b, 0, CLIENT_ABORT); // backs off
    assert_false(b.c.is_online);
}

static void test_channels_widen_from_the_beginning_and_narrow_by_erasing(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    b.c.saved.cur.channels = CHANNEL_BIT(1) | CHANNEL_BIT(4);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    receive(&b, round);
    assert_int_equal(b.c.plan.saved.cur.channels, ALL);
    assert_int_equal(b.c.plan.saved.cur.at.seq, 0);
    assert_int_equal(b.c.plan.drop_channels, 0);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    check(&b, 1, CLIENT_GATHER);
    step(&b, (struct client_event){.type = CLIENT_GATHERED});
    b.r.channels = CHANNEL_BIT(1) | CHANNEL_BIT(4);
    receive(&b, b.out.items[0].round);
    assert_int_equal(b.c.plan.drop_channels, CHANNEL_BIT(2) | CHANNEL_BIT(3));
    assert_int_equal(b.c.plan.saved.cur.at.seq, 10);
}

static void test_cut_link_sends_nothing_until_it_is_back(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    step(&b, (struct client_event){.type = CLIENT_LINK_DOWN});
    check(&b, 1, CLIENT_ABORT);
    receive(&b, round);
    check(&b, 0, CLIENT_ABORT);
    step(&b, (struct client_event){.type = CLIENT_CHANGED});
    check(&b, 0, CLIENT_ABORT);
    step(&b, (struct client_event){.type = CLIENT_RANG, .seq = 99});
    check(&b, 0, CLIENT_ABORT);
    assert_true(client_deadline_ms(&b.c) == UINT64_MAX);
    step(&b, (struct client_event){.type = CLIENT_LINK_UP});
    check(&b, 1, CLIENT_GATHER);
}

static void test_ring_of_our_own_push_starts_no_round(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    receive(&b, round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    step(&b, (struct client_event){.type = CLIENT_RANG, .seq = 10});
    check(&b, 1, CLIENT_RING);
    step(&b, (struct client_event){.type = CLIENT_RANG, .seq = 11});
    check(&b, 1, CLIENT_GATHER);
    // While busy it is remembered.
    step(&b, (struct client_event){.type = CLIENT_RANG, .seq = 12});
    check(&b, 0, CLIENT_ABORT);
    step(&b, (struct client_event){.type = CLIENT_GATHERED});
    b.r.cur = b.r.head = mark(11);
    receive(&b, b.out.items[0].round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    check(&b, 1, CLIENT_GATHER);
}

static void test_anchor_at_first_contact_and_then_rarely(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    b.r.time_state = TIME_SET;
    b.r.time_ms = 1427119800000;
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    receive(&b, round);
    assert_true(b.c.plan.has_anchor);
    assert_true(b.c.plan.source_ms == 1427119800002); // half the round trip is off
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    check(&b, 1, CLIENT_RING);
    b.now += 60000;
    round = send_round(&b, (struct client_event){.type = CLIENT_RANG, .seq = 11});
    receive(&b, round);
    assert_false(b.c.plan.has_anchor);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    b.now += CLIENT_ANCHOR_EVERY_MS;
    round = send_round(&b, (struct client_event){.type = CLIENT_RANG, .seq = 12});
    receive(&b, round);
    assert_true(b.c.plan.has_anchor);
}

static void test_beginner_far_behind_takes_the_snapshot_once(void **state) {
    (void)state;
    struct bench b;
    start(&b);
    b.c.saved = (struct client_saved){0};
    uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
    b.r.cur = mark(0);
    b.r.head = mark(CLIENT_SNAP_FROM);
    receive(&b, round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    check(&b, 1, CLIENT_SNAP);
    step(&b, (struct client_event){.type = CLIENT_SNAPPED, .err = ERR_OFFLINE});
    check(&b, 1, CLIENT_GATHER);
    step(&b, (struct client_event){.type = CLIENT_GATHERED});
    receive(&b, b.out.items[0].round);
    step(&b, (struct client_event){.type = CLIENT_PERSISTED});
    assert_int_not_equal(b.out.items[0].type, CLIENT_SNAP);
}

static void test_same_seed_gives_the_same_trace(void **state) {
    (void)state;
    uint64_t deadlines[2] = {0};
    for (int i = 0; i < 2; i++) {
        struct bench b;
        start(&b);
        uint32_t round = send_round(&b, (struct client_event){.type = CLIENT_STARTED});
        step(&b, (struct client_event){.type = CLIENT_FAILED, .round = round});
        deadlines[i] = client_deadline_ms(&b.c);
    }
    assert_true(deadlines[0] == deadlines[1]);
}

static void test_locator_is_dense_near_the_head_and_keeps_the_oldest(void **state) {
    (void)state;
    struct exchange_locator l = {0};
    for (uint64_t seq = 1; seq <= 100000; seq++) {
        struct exchange_mark m = mark(seq);
        locator_add(&l, &m);
    }
    assert_int_equal(l.count, EXCHANGE_LOCATOR_MAX);
    assert_int_equal(l.marks[0].seq, 1);
    assert_int_equal(l.marks[l.count - 1].seq, 100000);
    // Going back k facts costs at most a few times k more.
    for (uint64_t back = 1; back < 50000; back *= 2) {
        size_t i = l.count;
        while (l.marks[i - 1].seq > 100000 - back) {
            i--;
        }
        assert_true(100000 - l.marks[i - 1].seq <= 8 * back + 8);
    }
    locator_cut(&l, 50);
    assert_int_equal(l.marks[l.count - 1].seq <= 50, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_persists_before_it_sends_and_rings_at_the_end),
        cmocka_unit_test(test_answers_to_earlier_rounds_are_ignored),
        cmocka_unit_test(test_failures_back_off_with_jitter_up_to_a_bound),
        cmocka_unit_test(test_retry_after_is_honoured),
        cmocka_unit_test(test_rewind_forgets_acknowledgements_and_cuts_the_locator),
        cmocka_unit_test(test_what_the_hub_does_not_take_makes_no_hot_loop),
        cmocka_unit_test(test_failed_commit_keeps_the_old_cursor),
        cmocka_unit_test(test_gap_starts_at_the_beginning),
        cmocka_unit_test(test_failed_commit_that_landed_is_read_again),
        cmocka_unit_test(test_unknown_device_shows_its_grant_once),
        cmocka_unit_test(test_channels_widen_from_the_beginning_and_narrow_by_erasing),
        cmocka_unit_test(test_cut_link_sends_nothing_until_it_is_back),
        cmocka_unit_test(test_ring_of_our_own_push_starts_no_round),
        cmocka_unit_test(test_anchor_at_first_contact_and_then_rarely),
        cmocka_unit_test(test_beginner_far_behind_takes_the_snapshot_once),
        cmocka_unit_test(test_same_seed_gives_the_same_trace),
        cmocka_unit_test(test_locator_is_dense_near_the_head_and_keeps_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

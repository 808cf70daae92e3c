// Both halves of the exchange with real stores in one process: whatever is lost, doubled,
// late or restarted, and even when the hub falls back to an old backup, in the end everyone
// holds the same facts and tables.
#include "sync/event/code.h"
#include "sync/store/peer.h"
#include "sync/store/peer_log.h"
#include "tests/support/exchange_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4),
    SIGNAGE = CHANNEL_BIT(1) | CHANNEL_BIT(4),
    DESKS = 3,
    STORM_TICKS = 1200,
    SETTLE_TICKS = 6000
};

static void start(struct kit *k, struct net *n, uint64_t seed, uint32_t channels) {
    kit_start(k);
    kit_add_node(k, "hub", KIT_HUB_RIGHTS, ALL | CHANNEL_BIT(5));
    kit_people(k);
    for (int i = 0; i < DESKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "Desk %d", i + 1);
        kit_add_node(k, name, "desk issue", ALL);
    }
    net_start(n, k, seed, channels);
}

static void settle(struct net *n) {
    n->faults = (struct net_faults){0};
    for (int i = 0; i < SETTLE_TICKS; i++) {
        if (net_is_settled(n)) {
            return;
        }
        net_tick(n);
    }
    fail_msg("not settled after %d quiet ticks", SETTLE_TICKS);
}

static void finish(struct kit *k, struct net *n, uint32_t channels) {
    for (size_t i = 1; i < k->count; i++) {
        kit_check_same(k, 0, i, channels);
    }
    for (size_t i = 0; i < k->count; i++) {
        struct verify_report report;
        assert_int_equal(store_verify(k->nodes[i], &report), ERR_NONE);
        assert_int_equal(report.forks, 0);
        assert_int_equal(report.rejects, 0);
    }
    net_finish(n);
    kit_finish(k);
}

// One happening at a random place.
static void happen(struct kit *k, struct net *n, uint64_t *seed) {
    static const char *const who[] = {KIT_ZOE, KIT_JAN, KIT_UNPAID, KIT_NOTE};
    size_t node = 1 + (size_t)(kit_random(seed) % DESKS);
    const char *person = who[kit_random(seed) % 4];
    char code[BADGE_CODE_CHARS + 1];
    switch (kit_random(seed) % 5) {
    case 0:
        kit_say(k, 0, "notice", "n1", "{'title':'Lunch','level':'info'}");
        break;
    case 1:
        kit_say(k, node, "pay.mark", person, "{'how':'card'}");
        net_tell_change(n, node);
        break;
    case 2:
        kit_say(k, node, "person.edit", person, "{'set':{'org':'Delta University'}}");
        net_tell_change(n, node);
        break;
    default:
        badge_code_format(person, 0, code);
        kit_admit(k, node, "meeting", code);
        net_tell_change(n, node);
        break;
    }
}

static void storm(struct kit *k, struct net *n, uint64_t *seed) {
    for (int t = 0; t < STORM_TICKS; t++) {
        if (kit_random(seed) % 100 < 6) {
            happen(k, n, seed);
        }
        net_tick(n);
    }
}

static uint64_t first_seed(void) {
    const char *given = getenv("FOYER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 20150323;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

static void test_quiet_network_brings_everything_everywhere(void **state) {
    (void)state;
    struct kit k;
    struct net n;
    start(&k, &n, 1, ALL);
    settle(&n);
    assert_int_equal(n.rewinds, 0);
    finish(&k, &n, ALL);
}

static void test_loss_doubling_and_disorder_end_in_the_same_content(void **state) {
    (void)state;
    uint64_t first = first_seed();
    for (uint64_t round = 0; round < 5; round++) {
        struct kit k;
        struct net n;
        uint64_t seed = first + round;
        start(&k, &n, seed, ALL);
        settle(&n); // a desk that knows no gate admits nobody
        n.faults =
            (struct net_faults){.lose = 20, .twice = 20, .late_ticks = 30, .restart = 1};
        storm(&k, &n, &seed);
        settle(&n);
        assert_true(n.lost && n.doubled);
        assert_int_equal(n.rewinds, 0);
        finish(&k, &n, ALL);
    }
}

static void test_hub_that_forgets_is_healed_without_an_operator(void **state) {
    (void)state;
    uint64_t first = first_seed();
    for (uint64_t round = 0; round < 4; round++) {
        struct kit k;
        struct net n;
        uint64_t seed = first + 1000 + round;
        start(&k, &n, seed, ALL);
        settle(&n); // a desk that knows no gate admits nobody
        n.faults = (struct net_faults){.lose = 10, .twice = 10, .late_ticks = 10};
        storm(&k, &n, &seed);
        net_backup_hub(&n);
        storm(&k, &n, &seed);
        settle(&n);
        int64_t before = store_read_counts(k.nodes[1], "meeting", &k.now).facts;
        net_restore_hub(&n);
        n.faults = (struct net_faults){.lose = 10, .twice = 10, .late_ticks = 10};
        storm(&k, &n, &seed);
        settle(&n);
        assert_true(n.rewinds > 0);
        // Everything a desk had seen is there again, at the hub too.
        assert_true(store_read_counts(k.nodes[0], "meeting", &k.now).facts >= before);
        finish(&k, &n, ALL);
    }
}

static void test_device_sees_only_its_channels(void **state) {
    (void)state;
    struct kit k;
    struct net n;
    start(&k, &n, 7, SIGNAGE);
    settle(&n);
    for (size_t i = 1; i < k.count; i++) {
        struct verify_report report;
        assert_int_equal(store_verify(k.nodes[i], &report), ERR_NONE);
        assert_int_equal(report.channels[CHANNEL_PEOPLE].facts, 0);
        assert_int_equal(report.channels[CHANNEL_DESK].facts, 0);
        assert_true(report.channels[CHANNEL_PROGRAMME].facts > 0);
    }
    finish(&k, &n, SIGNAGE);
}

// ---- single answers -------------------------------------------------------------------

static void ask(struct kit *k, const struct exchange_request *q,
                struct exchange_response *r) {
    struct peer_log log = {.store = k->nodes[0], .now = k->now};
    struct exchange_log view;
    struct exchange_caller who = {.channels = ALL};
    exchange_response_clear(r);
    assert_int_equal(store_seal(k->nodes[0]), ERR_NONE);
    assert_int_equal(peer_log_open(&log, &view), ERR_NONE);
    assert_int_equal(exchange_answer(&view, &who, q, r), ERR_NONE);
}

static void test_hub_ignores_gaps_and_tells_what_it_has(void **state) {
    (void)state;
    struct kit k;
    struct net n;
    struct client_saved saved = {0};
    struct exchange_request q = {0};
    struct exchange_response r = {0};
    start(&k, &n, 3, ALL);
    settle(&n);
    struct peer_gather g = {.upstream = "hub", .saved = &saved, .max_bytes = 100000};
    for (int i = 0; i < 3; i++) { // three batches of one stream
        kit_say(&k, 1, "pay.mark", KIT_ZOE, "{'how':'card'}");
        assert_int_equal(peer_gather(k.nodes[1], &g, &q), ERR_NONE);
    }
    assert_int_equal(q.push.count, 3);
    size_t len = 0;
    const uint8_t *last = exchange_batches_get(&q.push, 2, &len);
    struct exchange_request gap = {.dev = q.dev, .proto = 1};
    assert_int_equal(exchange_batches_add(&gap.push, last, len), ERR_NONE);
    ask(&k, &gap, &r);
    assert_int_equal(r.have_count, 1);
    assert_int_equal(r.have[0].n, 0);
    assert_false(r.have[0].is_forked);
    ask(&k, &q, &r);
    assert_int_equal(r.have[0].n, 3);
    ask(&k, &q, &r); // again: nothing new, the same answer
    assert_int_equal(r.have[0].n, 3);
    exchange_request_finish(&q);
    exchange_request_finish(&gap);
    exchange_response_finish(&r);
    settle(&n);
    finish(&k, &n, ALL);
}

static void test_answer_is_bounded_and_pages_reach_the_head(void **state) {
    (void)state;
    struct kit k;
    struct net n;
    struct exchange_request q = {
        .dev = 1, .proto = 1, .max_bytes = 600, .cur = {.channels = ALL}};
    struct exchange_response r = {0};
    start(&k, &n, 4, ALL);
    for (int i = 0; i < 10; i++) {
        kit_say(&k, 0, "notice", "n1", "{'title':'Lunch'}");
        assert_int_equal(store_seal(k.nodes[0]), ERR_NONE); // a batch each
    }
    int pages = 0;
    do {
        ask(&k, &q, &r);
        assert_true(r.facts.count == 1 || r.facts.data.len <= 600);
        assert_true(r.cur.seq > q.cur.at.seq);
        memcpy(q.cur.log, r.log, sizeof r.log);
        q.cur.at = r.cur;
        q.seen = r.head;
        pages++;
    } while (r.has_more);
    assert_true(pages > 3);
    assert_int_equal(r.cur.seq, r.head.seq);
    assert_false(r.has_rewind);
    exchange_request_finish(&q);
    exchange_response_finish(&r);
    settle(&n);
    finish(&k, &n, ALL);
}

// A desk that comes to another upstream has nearly everything: it offers what it holds.
static void test_what_is_offered_is_not_sent_again(void **state) {
    (void)state;
    struct kit k;
    struct net n;
    struct client_saved saved;
    struct exchange_request q = {0};
    struct exchange_response r = {0};
    start(&k, &n, 6, ALL);
    settle(&n);
    kit_say(&k, 0, "notice", "n1", "{'title':'Lunch'}");
    assert_int_equal(peer_load(k.nodes[1], "relay", &saved), ERR_NONE);
    struct peer_gather g = {.upstream = "relay", .saved = &saved, .max_bytes = 100000};
    assert_int_equal(peer_gather(k.nodes[1], &g, &q), ERR_NONE);
    assert_true(q.offer_count > 3);
    assert_int_equal(q.push.count, 0);
    q.cur.channels = ALL;
    ask(&k, &q, &r);
    assert_int_equal(r.facts.count, 1); // the notice, which it has not got
    assert_int_equal(r.cur.seq, r.head.seq);
    // Another branch is no offer of ours: all of it is sent, and the fork is found.
    for (size_t i = 0; i < q.offer_count; i++) {
        q.offers[i].h[0] ^= 1;
    }
    ask(&k, &q, &r);
    assert_true(r.facts.count > 3);
    exchange_request_finish(&q);
    exchange_response_finish(&r);
    settle(&n);
    finish(&k, &n, ALL);
}

static void test_foreign_history_rewinds_to_the_newest_common_point(void **state) {
    (void)state;
    struct kit k;
    struct net n;
    struct exchange_request q = {
        .dev = 1, .proto = 1, .cur = {.channels = ALL}, .max_bytes = 100000};
    struct exchange_response r = {0};
    start(&k, &n, 5, ALL);
    ask(&k, &q, &r);
    struct exchange_mark head = r.head;
    uint8_t log[EXCHANGE_LOG_BYTES];
    memcpy(log, r.log, sizeof log);
    struct peer_log at = {.store = k.nodes[0], .now = k.now};
    struct exchange_log view;
    struct exchange_mark middle;
    assert_int_equal(peer_log_open(&at, &view), ERR_NONE);
    assert_int_equal(view.mark(view.arg, head.seq / 2, &middle), ERR_NONE);
    // The cursor's hash is not the hub's; the locator knows an older, common point.
    memcpy(q.cur.log, log, sizeof log);
    q.cur.at = q.seen = head;
    q.cur.at.ch[0] ^= 1;
    q.loc[0] = q.cur.at;
    q.loc[1] = middle;
    q.loc_count = 2;
    ask(&k, &q, &r);
    assert_true(r.has_rewind);
    assert_int_equal(r.rewind.seq, middle.seq);
    // Only `seen` is unknown: the cursor itself is the common point.
    q.cur.at = middle;
    q.seen.seq = head.seq + 5;
    ask(&k, &q, &r);
    assert_true(r.has_rewind);
    assert_int_equal(r.rewind.seq, middle.seq);
    // Another log altogether: from the beginning.
    q.cur.log[0] ^= 1;
    ask(&k, &q, &r);
    assert_true(r.has_rewind);
    assert_int_equal(r.rewind.seq, 0);
    exchange_request_finish(&q);
    exchange_response_finish(&r);
    settle(&n);
    finish(&k, &n, ALL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet_network_brings_everything_everywhere),
        cmocka_unit_test(test_loss_doubling_and_disorder_end_in_the_same_content),
        cmocka_unit_test(test_hub_that_forgets_is_healed_without_an_operator),
        cmocka_unit_test(test_device_sees_only_its_channels),
        cmocka_unit_test(test_hub_ignores_gaps_and_tells_what_it_has),
        cmocka_unit_test(test_answer_is_bounded_and_pages_reach_the_head),
        cmocka_unit_test(test_what_is_offered_is_not_sent_again),
        cmocka_unit_test(test_foreign_history_rewinds_to_the_newest_common_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

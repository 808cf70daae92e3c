// The exchange's queries on the store: what is left to send, adopting what the hub has,
// dropping channels, and snapshots.
#include "sync/base/mem.h"
#include "sync/event/code.h"
#include "sync/exchange/grants.h"
#include "sync/store/peer.h"
#include "sync/store/peer_grants.h"
#include "sync/store/peer_log.h"
#include "sync/store/peer_text.h"
#include "sync/store/upstream.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

// Hub and one desk that holds all of it.
static void start(struct kit *k) {
    struct client_saved saved;
    kit_start_pair(k);
    assert_int_equal(peer_load(k->nodes[1], "hub", &saved), ERR_NONE);
    assert_int_equal(saved.cur.at.seq, 0);
}

static struct peer_pending apply(struct kit *k, struct client_plan *plan) {
    struct peer_pending left = {0};
    assert_int_equal(peer_apply(k->nodes[1], "hub", plan, &k->now, &left), ERR_NONE);
    return left;
}

// The stream of the desk's newest fact.
static uint64_t say(struct kit *k) {
    return kit_say(k, 1, "pay.mark", KIT_ZOE, "{'how':'card'}").stream;
}

static void test_have_is_adopted_even_when_lower(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r};
    start(&k);
    uint64_t stream = say(&k);
    say(&k);
    assert_int_equal(upstream_count_waiting(k.nodes[1]).unsent, 2);
    uint64_t before = peer_count_pending(k.nodes[1], "hub").facts;
    exchange_response_have(&r, stream, 2, false);
    assert_int_equal(apply(&k, &plan).facts, before - 2);
    assert_int_equal(upstream_count_waiting(k.nodes[1]).unsent, 0);
    exchange_response_have(&r, stream, 1, false);
    assert_int_equal(apply(&k, &plan).facts, before - 1);
    assert_int_equal(upstream_count_waiting(k.nodes[1]).unsent, 1);
    exchange_response_finish(&r);
    kit_finish(&k);
}

static void test_forked_stream_is_not_pushed_again(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r};
    struct client_saved saved = {0};
    struct exchange_request q = {0};
    start(&k);
    uint64_t stream = say(&k);
    exchange_response_have(&r, stream, 0, true);
    apply(&k, &plan);
    struct peer_gather g = {.upstream = "hub", .saved = &saved, .max_bytes = 1000000};
    assert_int_equal(peer_gather(k.nodes[1], &g, &q), ERR_NONE);
    for (size_t i = 0; i < q.push.count; i++) {
        size_t len = 0;
        struct batch_view b;
        const uint8_t *batch = exchange_batches_get(&q.push, i, &len);
        assert_int_equal(batch_parse(batch, len, &b), ERR_NONE);
        assert_true(b.stream != stream);
    }
    exchange_request_finish(&q);
    exchange_response_finish(&r);
    kit_finish(&k);
}

static void test_rewound_device_offers_every_stream_fleet_first(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r, .is_rewound = true};
    struct client_saved saved = {0};
    struct exchange_request q = {0};
    start(&k);
    say(&k);
    struct peer_pending left = apply(&k, &plan);
    assert_int_equal(left.facts, 0);
    struct peer_gather g = {.upstream = "hub", .saved = &saved, .max_bytes = 1000000};
    assert_int_equal(peer_gather(k.nodes[1], &g, &q), ERR_NONE);
    assert_int_equal(q.offer_count, left.offers);
    assert_true(q.offer_count >= 4);
    assert_int_equal(q.push.count, 0);
    struct verify_report report;
    assert_int_equal(store_verify(k.nodes[1], &report), ERR_NONE);
    assert_int_equal(q.offer_count, (size_t)report.streams);
    exchange_request_finish(&q);
    kit_finish(&k);
}

// The hub holds every fact of these channels that the desk holds.
static void hub_has(struct kit *k, struct exchange_response *r, uint32_t channels) {
    uint64_t *list = NULL;
    size_t count = 0;
    assert_int_equal(peer_log_streams(k->nodes[1], channels, &list, &count), ERR_NONE);
    assert_int_not_equal(count, 0);
    for (size_t i = 0; i < count; i++) {
        exchange_response_have(r, list[i], 1000, false);
    }
    mem_free(list);
}

// A hub restored from before a desk became one must not make that desk erase its people.
static void test_upstream_that_lacks_fleet_facts_erases_nothing(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r,
                               .drop_channels = CHANNEL_BIT(2) | CHANNEL_BIT(3),
                               .saved = {.cur = {.channels = CHANNEL_BIT(1)}}};
    start(&k);
    apply(&k, &plan);
    assert_true(plan.defers_drop);
    plan.defers_drop = false;
    hub_has(&k, &r, ALL);
    plan.drop_channels = CHANNEL_BIT(2) | CHANNEL_BIT(3);
    plan.saved.cur.channels = CHANNEL_BIT(1);
    apply(&k, &plan);
    assert_false(plan.defers_drop);
    exchange_response_finish(&r);
    kit_finish(&k);
}

// ---- several upstreams --------------------------------------------------------------------

static void apply_at(struct kit *k, const char *upstream, struct client_plan *plan) {
    struct peer_pending left = {0};
    assert_int_equal(peer_apply(k->nodes[1], upstream, plan, &k->now, &left), ERR_NONE);
}

static void expect_waiting(struct kit *k, int64_t unsent, int64_t on_lan) {
    struct upstream_waiting w = upstream_count_waiting(k->nodes[1]);
    assert_int_equal(w.unsent, unsent);
    assert_int_equal(w.on_lan, on_lan);
}

// Nobody has it; the relay has it; the hub has it, by the relay's word or its own.
static void test_on_the_lan_is_told_from_sent(void **state) {
    (void)state;
    struct kit k;
    struct client_saved saved;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r};
    start(&k);
    assert_int_equal(peer_load(k.nodes[1], "relay", &saved), ERR_NONE);
    uint64_t stream = say(&k);
    say(&k);
    say(&k);
    expect_waiting(&k, 3, 0);
    exchange_response_have(&r, stream, 2, false);
    r.up = (struct exchange_up){.is_relay = true, .count = 1};
    r.up.behind[0] = (struct exchange_behind){.stream = stream, .n = 0};
    apply_at(&k, "relay", &plan);
    expect_waiting(&k, 1, 2);
    r.up.behind[0].n = 1; // the hub took one of them
    apply_at(&k, "relay", &plan);
    expect_waiting(&k, 1, 1);
    r.up.count = 0;
    r.up.has_more = true; // a list that is not whole says nothing of the rest
    apply_at(&k, "relay", &plan);
    expect_waiting(&k, 1, 1);
    r.up.has_more = false;
    apply_at(&k, "relay", &plan);
    expect_waiting(&k, 1, 0);
    r.up.count = 1; // the hub lost them again, and then says itself that it has all
    apply_at(&k, "relay", &plan);
    expect_waiting(&k, 1, 1);
    r.have[0].n = 3;
    r.up = (struct exchange_up){0};
    apply_at(&k, "hub", &plan);
    expect_waiting(&k, 0, 0);
    exchange_response_finish(&r);
    kit_finish(&k);
}

static void test_relay_tells_what_the_hub_lacks(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r};
    struct exchange_up up;
    start(&k);
    uint64_t dev = store_identity_get(k.nodes[1]).dev;
    uint64_t stream = say(&k);
    say(&k);
    exchange_response_have(&r, stream, 1, false);
    apply(&k, &plan);
    assert_int_equal(upstream_read_up(k.nodes[1], dev, &up), ERR_NONE);
    assert_int_equal(up.count, 1);
    assert_true(up.behind[0].stream == stream);
    assert_int_equal(up.behind[0].n, 1);
    assert_int_equal(upstream_read_up(k.nodes[1], 0, &up), ERR_NONE);
    assert_true(up.count > 1); // everybody's
    r.have[0].n = 2;
    apply(&k, &plan);
    assert_int_equal(upstream_read_up(k.nodes[1], dev, &up), ERR_NONE);
    assert_int_equal(up.count, 0);
    exchange_response_finish(&r);
    kit_finish(&k);
}

static void test_upstream_is_known_by_its_log(void **state) {
    (void)state;
    struct kit k;
    struct client_saved saved;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r};
    uint8_t log[EXCHANGE_LOG_BYTES] = {7};
    char name[UPSTREAM_NAME_SIZE];
    char again[UPSTREAM_NAME_SIZE];
    start(&k);
    assert_int_equal(upstream_name(k.nodes[1], log, name), ERR_NONE);
    assert_string_equal(name, "hub"); // it has not said yet which log it has
    memcpy(plan.saved.cur.log, log, sizeof log);
    apply(&k, &plan);
    assert_int_equal(upstream_name(k.nodes[1], log, name), ERR_NONE);
    assert_string_equal(name, "hub");
    // More relays than are kept: the first are forgotten, the hub never.
    for (int i = 0; i < 3 * UPSTREAMS_KEPT; i++) {
        log[1] = (uint8_t)(i + 1);
        assert_int_equal(upstream_name(k.nodes[1], log, name), ERR_NONE);
        assert_string_not_equal(name, "hub");
        assert_int_equal(peer_load(k.nodes[1], name, &saved), ERR_NONE);
        memcpy(plan.saved.cur.log, log, sizeof log);
        apply_at(&k, name, &plan);
        assert_int_equal(upstream_name(k.nodes[1], log, again), ERR_NONE);
        assert_string_equal(again, name);
    }
    log[1] = 0;
    assert_int_equal(upstream_name(k.nodes[1], log, name), ERR_NONE);
    assert_string_equal(name, "hub");
    kit_finish(&k);
}

// What is erased for one upstream must come again from any other.
static void test_narrower_role_narrows_every_cursor(void **state) {
    (void)state;
    struct kit k;
    struct client_saved saved;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r,
                               .saved = {.cur = {.channels = ALL, .at = {.seq = 9}}}};
    start(&k);
    assert_int_equal(peer_load(k.nodes[1], "relay", &saved), ERR_NONE);
    apply_at(&k, "relay", &plan);
    hub_has(&k, &r, ALL);
    plan.drop_channels = CHANNEL_BIT(2) | CHANNEL_BIT(3);
    plan.saved.cur.channels = CHANNEL_BIT(1) | CHANNEL_BIT(4);
    apply(&k, &plan);
    assert_int_equal(peer_load(k.nodes[1], "relay", &saved), ERR_NONE);
    assert_int_equal(saved.cur.channels, CHANNEL_BIT(1) | CHANNEL_BIT(4));
    assert_int_equal(saved.cur.at.seq, 9);
    exchange_response_finish(&r);
    kit_finish(&k);
}

static void
test_channel_with_unsent_facts_is_dropped_only_once_they_are_sent(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r,
                               .drop_channels = CHANNEL_BIT(2) | CHANNEL_BIT(3),
                               .saved = {.cur = {.channels = CHANNEL_BIT(1)}}};
    start(&k);
    uint64_t stream = say(&k);
    hub_has(&k, &r, ALL);
    exchange_response_have(&r, stream, 0, false);
    apply(&k, &plan);
    assert_true(plan.defers_drop);
    plan.defers_drop = false;
    assert_int_equal(upstream_count_waiting(k.nodes[1]).unsent, 1);
    exchange_response_have(&r, stream, 1, false);
    plan.drop_channels = CHANNEL_BIT(2) | CHANNEL_BIT(3);
    plan.saved.cur.channels = CHANNEL_BIT(1);
    apply(&k, &plan);
    assert_false(plan.defers_drop);
    struct verify_report report;
    assert_int_equal(store_verify(k.nodes[1], &report), ERR_NONE);
    assert_int_equal(report.channels[CHANNEL_PEOPLE].facts, 0);
    assert_int_equal(report.channels[CHANNEL_DESK].facts, 0);
    exchange_response_finish(&r);
    kit_finish(&k);
}

static void test_cursor_survives_a_restart(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r};
    struct client_saved back;
    start(&k);
    plan.saved.cur.channels = ALL;
    plan.saved.cur.at = (struct exchange_mark){.seq = 77, .ch = {1, 2, 3}};
    plan.saved.seen = (struct exchange_mark){.seq = 80, .ch = {4}};
    memset(plan.saved.cur.log, 9, sizeof plan.saved.cur.log);
    locator_add(&plan.saved.loc, &plan.saved.cur.at);
    apply(&k, &plan);
    kit_reopen(&k, 1);
    assert_int_equal(peer_load(k.nodes[1], "hub", &back), ERR_NONE);
    assert_memory_equal(&back, &plan.saved, sizeof back);
    assert_int_equal(peer_load(k.nodes[1], "relay", &back), ERR_NONE); // one for each
    assert_int_equal(back.cur.at.seq, 0);
    kit_finish(&k);
}

// A chunk as the hub makes it: every batch after its length.
static void make_chunk(struct kit *k, struct bytes *out) {
    uint64_t *streams = NULL;
    size_t count = 0;
    assert_int_equal(store_seal(k->nodes[0]), ERR_NONE);
    assert_int_equal(peer_log_streams(k->nodes[0], ALL, &streams, &count), ERR_NONE);
    for (size_t i = 0; i < count; i++) {
        struct bytes data = {0};
        struct bytes lens = {0};
        uint64_t last = 0;
        assert_int_equal(
            store_read_batches(k->nodes[0], streams[i], 0, 1000000, &data, &lens, &last),
            ERR_NONE);
        size_t at = 0;
        for (size_t b = 0; b < lens.len / sizeof(uint32_t); b++) {
            uint32_t len;
            memcpy(&len, lens.data + b * sizeof len, sizeof len);
            bytes_add_u32(out, len);
            bytes_add(out, data.data + at, len);
            at += len;
        }
        bytes_finish(&data);
        bytes_finish(&lens);
    }
    mem_free(streams);
}

static uint64_t count_streams(struct kit *k, size_t node) {
    struct verify_report report;
    assert_int_equal(store_verify(k->nodes[node], &report), ERR_NONE);
    return (uint64_t)report.streams;
}

// The hub lost history; what it had of others may be nowhere else by now.
static void test_foreign_facts_the_hub_lost_are_not_dropped(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r,
                               .is_rewound = true,
                               .drop_channels = CHANNEL_BIT(2),
                               .saved = {.cur = {.channels = CHANNEL_BIT(1)}}};
    start(&k);
    hub_has(&k, &r, CHANNEL_BIT(4));
    apply(&k, &plan);
    assert_true(plan.defers_drop);
    plan.defers_drop = false;
    hub_has(&k, &r, CHANNEL_BIT(2));
    plan.is_rewound = false;
    plan.drop_channels = CHANNEL_BIT(2);
    plan.saved.cur.channels = CHANNEL_BIT(1);
    apply(&k, &plan);
    assert_false(plan.defers_drop);
    exchange_response_finish(&r);
    kit_finish(&k);
}

// The marks answer for the haves of the same answer: without them a hub that loses both
// could not be noticed.
static void test_gap_keeps_the_new_marks_and_starts_at_the_beginning(void **state) {
    (void)state;
    struct kit k;
    struct exchange_response r = {0};
    struct client_plan plan = {.response = &r};
    struct client_saved back = {0};
    struct exchange_request q = {0};
    struct peer_gather g = {.upstream = "hub", .saved = &back, .max_bytes = 1000000};
    struct peer_pending left;
    start(&k);
    size_t fresh = kit_add_node(&k, "Desk B", "desk", ALL);
    assert_int_equal(peer_load(k.nodes[fresh], "hub", &back), ERR_NONE);
    uint64_t stream = say(&k);
    assert_int_equal(peer_gather(k.nodes[1], &g, &q), ERR_NONE);
    say(&k);
    assert_int_equal(peer_gather(k.nodes[1], &g, &q), ERR_NONE);
    for (size_t i = 0; i < q.push.count; i++) {
        size_t len = 0;
        struct batch_view b;
        const uint8_t *batch = exchange_batches_get(&q.push, i, &len);
        assert_int_equal(batch_parse(batch, len, &b), ERR_NONE);
        if (b.stream == stream && b.from == 2) {
            assert_int_equal(exchange_batches_add(&r.facts, batch, len), ERR_NONE);
        }
    }
    assert_int_equal(r.facts.count, 1);
    plan.saved.cur.at = plan.saved.seen = (struct exchange_mark){.seq = 80, .ch = {4}};
    assert_int_equal(peer_apply(k.nodes[fresh], "hub", &plan, &k.now, &left), ERR_GAP);
    assert_int_equal(peer_load(k.nodes[fresh], "hub", &back), ERR_NONE);
    assert_int_equal(back.cur.at.seq, 0);
    assert_int_equal(back.seen.seq, 80);
    // The second time round it can not be helped, and the rest goes on.
    plan.passes_gaps = true;
    plan.saved.cur.at.seq = 80;
    assert_int_equal(peer_apply(k.nodes[fresh], "hub", &plan, &k.now, &left), ERR_NONE);
    assert_int_equal(peer_load(k.nodes[fresh], "hub", &back), ERR_NONE);
    assert_int_equal(back.cur.at.seq, 80);
    exchange_request_finish(&q);
    exchange_response_finish(&r);
    kit_finish(&k);
}

static void test_snapshot_is_taken_once_and_survives_a_restart(void **state) {
    (void)state;
    struct kit k;
    struct bytes chunk = {0};
    uint8_t hash[FACT_HASH_BYTES];
    struct client_saved saved = {.cur = {.channels = ALL, .at = {.seq = 9}}};
    struct client_saved back;
    start(&k);
    size_t fresh = kit_add_node(&k, "Desk B", "desk", ALL);
    assert_int_equal(peer_load(k.nodes[fresh], "hub", &back), ERR_NONE);
    uint64_t own_streams = count_streams(&k, fresh);
    make_chunk(&k, &chunk);
    fact_hash_body(chunk.data, chunk.len, hash);
    struct peer_snap part = {.upstream = "hub",
                             .data = chunk.data,
                             .len = chunk.len,
                             .done = hash,
                             .now = k.now};
    assert_false(peer_snap_has(k.nodes[fresh], hash));
    assert_int_equal(peer_snap_take(k.nodes[fresh], &part), ERR_NONE);
    assert_int_equal(peer_snap_take(k.nodes[fresh], &part), ERR_NONE); // twice
    kit_reopen(&k, fresh);
    assert_true(peer_snap_has(k.nodes[fresh], hash));
    kit_check_same(&k, 0, fresh, ALL);
    // The hub had all of it, perhaps long ago: nothing to push, but all to offer.
    struct peer_pending left = peer_count_pending(k.nodes[fresh], "hub");
    assert_int_equal(left.facts, 0);
    assert_int_equal(left.offers, count_streams(&k, fresh) - own_streams);
    assert_int_equal(peer_snap_finish(k.nodes[fresh], "hub", &saved), ERR_NONE);
    assert_false(peer_snap_has(k.nodes[fresh], hash));
    assert_int_equal(peer_load(k.nodes[fresh], "hub", &back), ERR_NONE);
    assert_int_equal(back.cur.at.seq, 9);
    part.len--; // cut short
    part.done = NULL;
    assert_int_equal(peer_snap_take(k.nodes[fresh], &part), ERR_INPUT);
    part.len++;
    chunk.data[chunk.len - 1] ^= 1; // the last signature: not its author's word
    assert_int_equal(peer_snap_take(k.nodes[fresh], &part), ERR_SIGNATURE);
    bytes_finish(&chunk);
    kit_finish(&k);
}

static void test_dump_and_csv_are_text(void **state) {
    (void)state;
    struct kit k;
    struct bytes out = {0};
    uint64_t last = 0;
    char code[BADGE_CODE_CHARS + 1];
    start(&k);
    badge_code_format(KIT_ZOE, 0, code);
    kit_admit(&k, 0, "meeting", code);
    struct peer_text_dump d = {.kind = "admit", .max = 10};
    assert_int_equal(peer_text_dump(k.nodes[0], &d, &out, &last), ERR_NONE);
    bytes_add_u8(&out, 0);
    assert_non_null(strstr((char *)out.data, "\"kind\":\"admit\""));
    assert_non_null(strstr((char *)out.data, "\"gate\":\"meeting\""));
    bytes_clear(&out);
    assert_int_equal(peer_text_admissions(k.nodes[0], &out), ERR_NONE);
    bytes_add_u8(&out, 0);
    assert_non_null(strstr((char *)out.data, "meeting,2015-03-23T"));
    bytes_finish(&out);
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_have_is_adopted_even_when_lower),
        cmocka_unit_test(test_forked_stream_is_not_pushed_again),
        cmocka_unit_test(test_rewound_device_offers_every_stream_fleet_first),
        cmocka_unit_test(test_on_the_lan_is_told_from_sent),
        cmocka_unit_test(test_relay_tells_what_the_hub_lacks),
        cmocka_unit_test(test_upstream_is_known_by_its_log),
        cmocka_unit_test(test_narrower_role_narrows_every_cursor),
        cmocka_unit_test(test_upstream_that_lacks_fleet_facts_erases_nothing),
        cmocka_unit_test(
            test_channel_with_unsent_facts_is_dropped_only_once_they_are_sent),
        cmocka_unit_test(test_foreign_facts_the_hub_lost_are_not_dropped),
        cmocka_unit_test(test_cursor_survives_a_restart),
        cmocka_unit_test(test_gap_keeps_the_new_marks_and_starts_at_the_beginning),
        cmocka_unit_test(test_snapshot_is_taken_once_and_survives_a_restart),
        cmocka_unit_test(test_dump_and_csv_are_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

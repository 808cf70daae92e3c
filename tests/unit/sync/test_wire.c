// The messages byte for byte, and what the decoder refuses.
#include "sync/base/mem.h"
#include "sync/exchange/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CH "000102030405060708090a0b0c0d0e0f"
#define H32 "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static const char request_text[] =
    "{\"claims\":[{\"gate\":\"social\",\"nonce\":\"00000000000000c1\","
    "\"person\":\"0123456789ABCDEF\"}],"
    "\"clock\":{\"boot\":\"0000000000000007\",\"mono\":1500,\"wall\":1427119800000},"
    "\"cur\":{\"ch\":\"" CH "\",\"channels\":[\"programme\",\"fleet\"],\"log\":\"" CH
    "\",\"seq\":42},"
    "\"dev\":\"0123456789abcdef\","
    "\"health\":{\"paper\":\"low\"},"
    "\"loc\":[{\"ch\":\"" CH "\",\"seq\":42},{\"ch\":\"" CH "\",\"seq\":40}],"
    "\"max\":65536,"
    "\"offer\":[{\"h\":\"" H32 "\",\"n\":9,\"st\":\"00000000000000aa\"}],"
    "\"proto\":1,"
    "\"push\":[\"Zm95ZXI=\",\"/+8=\"],"
    "\"seen\":{\"ch\":\"" CH "\",\"seq\":43}}";

static const char response_text[] =
    "{\"backoff_ms\":250,"
    "\"caps\":{\"channels\":[\"programme\",\"people\",\"desk\",\"fleet\"]},"
    "\"claims\":[{\"nonce\":\"00000000000000c1\",\"won\":true},"
    "{\"at\":1427119800000,\"by\":\"Desk "
    "2\",\"nonce\":\"00000000000000c2\",\"won\":false}],"
    "\"cur\":{\"ch\":\"" CH "\",\"seq\":42},"
    "\"facts\":[\"Zm95ZXI=\"],"
    "\"have\":[{\"n\":9,\"st\":\"00000000000000aa\"},"
    "{\"fork\":true,\"n\":3,\"st\":\"ffffffffffffffff\"}],"
    "\"head\":{\"ch\":\"" CH "\",\"seq\":50},"
    "\"log\":\"" CH "\","
    "\"more\":true,"
    "\"proto\":1,\"proto_min\":1,"
    "\"rewind\":{\"ch\":\"" CH "\",\"seq\":40},"
    "\"time\":{\"error\":50,\"ms\":1427119800123,\"state\":\"set\"}}";

static void fill_ch(uint8_t *out, size_t len, uint8_t from) {
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(from + i);
    }
}

static struct exchange_mark mark(uint64_t seq) {
    struct exchange_mark m = {.seq = seq};
    fill_ch(m.ch, sizeof m.ch, 0);
    return m;
}

static void fill_request(struct exchange_request *r) {
    static const uint8_t two[] = {0xff, 0xef};
    r->dev = 0x0123456789abcdef;
    r->proto = 1;
    r->boot = 7;
    r->mono_ms = 1500;
    r->wall_ms = 1427119800000;
    assert_int_equal(exchange_batches_add(&r->push, "foyer", 5), ERR_NONE);
    assert_int_equal(exchange_batches_add(&r->push, two, 2), ERR_NONE);
    r->offers[0] = (struct exchange_summary){.stream = 0xaa, .n = 9};
    fill_ch(r->offers[0].h, FACT_HASH_BYTES, 0x20);
    r->offer_count = 1;
    r->cur.at = mark(42);
    fill_ch(r->cur.log, sizeof r->cur.log, 0);
    r->cur.channels = CHANNEL_BIT(CHANNEL_PROGRAMME) | CHANNEL_BIT(CHANNEL_FLEET);
    r->seen = mark(43);
    r->loc[0] = mark(42);
    r->loc[1] = mark(40);
    r->loc_count = 2;
    r->max_bytes = 65536;
    snprintf(r->health, sizeof r->health, "{\"paper\":\"low\"}");
    r->claims[0] = (struct exchange_claim){
        .person = "0123456789ABCDEF", .gate = "social", .nonce = 0xc1};
    r->claim_count = 1;
}

static void fill_response(struct exchange_response *r) {
    r->proto = r->proto_min = 1;
    r->time_ms = 1427119800123;
    r->time_error_ms = 50;
    r->time_state = TIME_SET;
    fill_ch(r->log, sizeof r->log, 0);
    r->head = mark(50);
    exchange_response_have(r, 0xaa, 9, false);
    exchange_response_have(r, UINT64_MAX, 3, true);
    assert_int_equal(exchange_batches_add(&r->facts, "foyer", 5), ERR_NONE);
    r->cur = mark(42);
    r->has_more = r->has_rewind = true;
    r->rewind = mark(40);
    r->channels = CHANNEL_BIT(CHANNEL_PROGRAMME) | CHANNEL_BIT(CHANNEL_PEOPLE) |
                  CHANNEL_BIT(CHANNEL_DESK) | CHANNEL_BIT(CHANNEL_FLEET);
    r->backoff_ms = 250;
    r->claims[0] = (struct exchange_claimed){.nonce = 0xc1, .has_won = true};
    r->claims[1] =
        (struct exchange_claimed){.nonce = 0xc2, .by = "Desk 2", .at_ms = 1427119800000};
    r->claim_count = 2;
}

static void check_text(const struct bytes *got, const char *wanted) {
    assert_int_equal(got->len, strlen(wanted));
    assert_memory_equal(got->data, wanted, got->len);
}

static void test_request_is_pinned_byte_for_byte(void **state) {
    (void)state;
    struct exchange_request r = {0};
    struct exchange_request back = {0};
    struct bytes text = {0};
    fill_request(&r);
    wire_format_request(&r, &text);
    check_text(&text, request_text);
    assert_int_equal(wire_parse_request(text.data, text.len, &back), ERR_NONE);
    assert_int_equal(back.push.count, 2);
    size_t len = 0;
    const uint8_t *second = exchange_batches_get(&back.push, 1, &len);
    assert_int_equal(len, 2);
    assert_int_equal(second[0], 0xff);
    struct bytes again = {0};
    wire_format_request(&back, &again);
    check_text(&again, request_text);
    bytes_finish(&text);
    bytes_finish(&again);
    exchange_request_finish(&r);
    exchange_request_finish(&back);
}

static void test_response_is_pinned_byte_for_byte(void **state) {
    (void)state;
    struct exchange_response r = {0};
    struct exchange_response back = {0};
    struct bytes text = {0};
    fill_response(&r);
    wire_format_response(&r, &text);
    check_text(&text, response_text);
    assert_int_equal(wire_parse_response(text.data, text.len, &back), ERR_NONE);
    assert_true(back.have[1].is_forked);
    struct bytes again = {0};
    wire_format_response(&back, &again);
    check_text(&again, response_text);
    bytes_finish(&text);
    bytes_finish(&again);
    exchange_response_finish(&r);
    exchange_response_finish(&back);
}

static void test_relay_says_how_far_the_hub_is(void **state) {
    (void)state;
    static const char up[] = "\"up\":{\"behind\":[{\"n\":4,\"st\":\"00000000000000aa\"}],"
                             "\"more\":true,\"version\":12}}";
    struct exchange_response r = {0};
    struct exchange_response back = {0};
    struct bytes text = {0};
    fill_response(&r);
    r.up = (struct exchange_up){
        .is_relay = true, .version = 12, .count = 1, .has_more = true};
    r.up.behind[0] = (struct exchange_behind){.stream = 0xaa, .n = 4};
    wire_format_response(&r, &text);
    size_t len = sizeof up - 1;
    assert_true(text.len > len);
    assert_memory_equal(text.data + text.len - len, up, len);
    assert_int_equal(wire_parse_response(text.data, text.len, &back), ERR_NONE);
    assert_memory_equal(&back.up, &r.up, sizeof r.up);
    bytes_finish(&text);
    exchange_response_finish(&r);
    exchange_response_finish(&back);
}

static void test_unknown_and_absent_fields_are_fine(void **state) {
    (void)state;
    static const char text[] =
        "{\"dev\":\"0000000000000001\",\"later\":[1,{\"x\":2}],"
        "\"cur\":{\"seq\":0,\"channels\":[\"holograms\",\"desk\"]}}";
    struct exchange_request r = {0};
    assert_int_equal(wire_parse_request(text, sizeof text - 1, &r), ERR_NONE);
    assert_int_equal(r.dev, 1);
    assert_int_equal(r.cur.channels, CHANNEL_BIT(CHANNEL_DESK));
    assert_int_equal(r.max_bytes, EXCHANGE_BYTES_MAX);
    exchange_request_finish(&r);
}

static void test_broken_requests_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{",
        "{}",
        "{\"dev\":1}",
        "{\"dev\":\"00\"}",
        "{\"dev\":\"0000000000000000\"}",
        "{\"dev\":\"000000000000000g\"}",
        "{\"dev\":\"0000000000000001\",\"push\":{}}",
        "{\"dev\":\"0000000000000001\",\"push\":[1]}",
        "{\"dev\":\"0000000000000001\",\"push\":[\"***\"]}",
        "{\"dev\":\"0000000000000001\",\"push\":[\"Zm9\"]}",
        "{\"dev\":\"0000000000000001\",\"cur\":5}",
        "{\"dev\":\"0000000000000001\",\"cur\":{}}",
        "{\"dev\":\"0000000000000001\",\"cur\":{\"seq\":-1}}",
        "{\"dev\":\"0000000000000001\",\"cur\":{\"seq\":1.5}}",
        "{\"dev\":\"0000000000000001\",\"cur\":{\"seq\":1,\"ch\":\"00\"}}",
        "{\"dev\":\"0000000000000001\",\"cur\":{\"seq\":1,\"channels\":[7]}}",
        "{\"dev\":\"0000000000000001\",\"offer\":[{\"st\":\"00000000000000aa\"}]}",
        "{\"dev\":\"0000000000000001\",\"offer\":[3]}",
        "{\"dev\":\"0000000000000001\",\"loc\":[null]}",
        "{\"dev\":\"0000000000000001\",\"max\":\"many\"}",
        "{\"dev\":\"0000000000000001\",\"health\":[]}",
        "{\"dev\":\"0000000000000001\",\"claims\":{}}",
        "{\"dev\":\"0000000000000001\",\"claims\":[1]}",
        "{\"dev\":\"0000000000000001\",\"claims\":[{\"person\":\"A\",\"gate\":\"b\"}]}",
        "{\"dev\":\"0000000000000001\",\"claims\":[{\"person\":\"\",\"gate\":\"b\","
        "\"nonce\":\"0000000000000001\"}]}",
        "{\"dev\":\"0000000000000001\",\"claims\":[{\"person\":\"A\",\"gate\":7,"
        "\"nonce\":\"0000000000000001\"}]}",
        "{\"dev\":\"0000000000000001\",\"dev\":\"0000000000000002\"}",
        "{\"dev\":\"0000000000000001\",\"x\":\"\xff\"}",
    };
    struct exchange_request r = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum err e = wire_parse_request(texts[i], strlen(texts[i]), &r);
        if (e != ERR_INPUT) {
            fail_msg("%s: %s", texts[i], err_text(e));
        }
    }
    exchange_request_finish(&r);
}

static void test_limits_hold(void **state) {
    (void)state;
    struct exchange_request r = {0};
    struct bytes text = {0};
    bytes_add_text(&text, "{\"dev\":\"0000000000000001\",\"push\":[\"\"");
    for (int i = 0; i < EXCHANGE_BATCHES_MAX; i++) {
        bytes_add_text(&text, ",\"\"");
    }
    bytes_add_text(&text, "]}");
    assert_int_equal(wire_parse_request(text.data, text.len, &r), ERR_LIMIT);
    bytes_clear(&text);
    bytes_add_text(&text, "{\"dev\":\"0000000000000001\",\"claims\":[0");
    for (int i = 0; i < EXCHANGE_CLAIMS_MAX; i++) {
        bytes_add_text(&text, ",0");
    }
    bytes_add_text(&text, "]}");
    assert_int_equal(wire_parse_request(text.data, text.len, &r), ERR_LIMIT);
    char *huge = mem_alloc(EXCHANGE_MESSAGE_MAX + 1, 1);
    assert_int_equal(wire_parse_request(huge, EXCHANGE_MESSAGE_MAX + 1, &r), ERR_LIMIT);
    mem_free(huge);
    bytes_finish(&text);
    exchange_request_finish(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_is_pinned_byte_for_byte),
        cmocka_unit_test(test_response_is_pinned_byte_for_byte),
        cmocka_unit_test(test_relay_says_how_far_the_hub_is),
        cmocka_unit_test(test_unknown_and_absent_fields_are_fine),
        cmocka_unit_test(test_broken_requests_are_refused),
        cmocka_unit_test(test_limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

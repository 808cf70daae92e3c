#include "tests/sim/future.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "tests/sim/node.h"
#include "tests/sim/oracle.h"

#include <string.h>

enum { VERSION_LATER = 9, TEXT_BYTES = 13 + 8 + 8 + FACT_HASH_BYTES };

static void sign(const struct store *st, uint64_t stream, uint64_t n,
                 const uint8_t h[FACT_HASH_BYTES], uint8_t sig[FACT_SIG_BYTES]) {
    struct bytes text = {0};
    bytes_add_text(&text, "foyer batch 1");
    bytes_add_u64(&text, stream);
    bytes_add_u64(&text, n);
    bytes_add(&text, h, FACT_HASH_BYTES);
    store_sign(st, text.data, text.len, sig);
    bytes_finish(&text);
}

// One record; its header in the given version.
static size_t format_header(const struct fact_header *h, bool is_later, uint8_t *out) {
    size_t len = fact_format_header(h, out);
    if (is_later) {
        out[0] = VERSION_LATER;
        out[len - 1] ^= 0x5a; // whatever stands there then
    }
    return len;
}

void future_say(struct sim *s, size_t node) {
    struct store *st = s->nodes[node].store;
    struct store_identity id = store_identity_get(st);
    struct moment now = node_now(s, node);
    bool is_later = sim_chance(s, 500);
    uint64_t stream = random_u64();
    uint8_t h[FACT_HASH_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
    struct bytes batch = {0};
    static const char body[] = "{\"later\":true}";
    unsigned count = 1 + (unsigned)sim_random(s, 2);
    oracle_clock(s->oracle, node, now.wall_ms);
    fact_hash_start(id.event, stream, CHANNEL_PROGRAMME, id.key, h);
    batch_format_start(&batch, id.key, stream, CHANNEL_PROGRAMME, 1, h);
    for (uint64_t n = 1; n <= count; n++) {
        struct fact_header header = {.channel = CHANNEL_PROGRAMME,
                                     .ref = {stream, n},
                                     .hlc = (uint64_t)(now.wall_ms > 0 ? now.wall_ms : 0)
                                            << 16,
                                     .boot = now.boot,
                                     .mono_ms = now.mono_ms,
                                     .kind = "zz.later",
                                     .subject = "event"};
        uint8_t bytes[FACT_HEADER_MAX];
        uint8_t digest[FACT_HASH_BYTES];
        size_t len = format_header(&header, is_later, bytes);
        fact_hash_body(body, sizeof body - 1, digest);
        fact_hash_next(h, bytes, len, digest, h);
        batch_format_add(&batch, 0,
                         &(struct fact_view){.header = bytes,
                                             .header_len = len,
                                             .body = (const uint8_t *)body,
                                             .body_len = sizeof body - 1});
    }
    sign(st, stream, count, h, sig);
    batch_format_end(&batch, sig);
    struct take_result taken;
    enum err e = store_take_batch(st, batch.data, batch.len, &now, &taken);
    sim_say(s, &s->nodes[node], "says %u facts of %s", count,
            is_later ? "a later version" : "an unknown kind");
    if (node_judge(s, node, e, "keeping unknown facts")) {
        oracle_hold(s->oracle, node, batch.data, batch.len);
        node_changed(s, node);
    }
    bytes_finish(&batch);
    node_settle(s, node);
}

// Pins the frozen record bytes of fact.h. Every literal is computed a second time, from the
// comment there alone, by tests/data/fact_vectors.py. If one of these must change, every
// card in the field breaks: make a new version instead.
#include "sync/event/fact.h"

#include "sync/base/mem.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char key_hex[] =
    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
static const char device_hex[] = "9d24e2eeaf27c2a0";
static const char h0_hex[] =
    "1d6ff283c4fc061956817e5e7a2e4ad72665a3567c208a5d1269a1f7c87a28aa";
static const char header1_hex[] =
    "0103051011223344556677880000000000000001014c46f7fec00003000000000000b00700000000"
    "0001e24000000000000000000000000000000000000000000000004d000005dc01000461646d6974"
    "3031323334353637383941424344454673303432";
static const char digest1_hex[] =
    "2acc526782e88c0a287e5f835cc6c0275f2e35420713a7acddfa1984ccd6ea81";
static const char h1_hex[] =
    "b9e23a90849dfafd8ec6e88e79720d5b9179b3e0f3a9e3937f1fc3f0f1fdd8ec";
static const char header2_hex[] =
    "01030a1011223344556677880000000000000002014c46f7fec00004000000000000b00700000000"
    "0001e45f11223344556677880000000000000001000000000000004effffffff03010061646d6974"
    "2e766f696430313233343536373839414243444546";
static const char digest2_hex[] =
    "e4736fb791e0af45f986dde538b187c5896b46a2603e0bb7665d01cd3351e2d8";
static const char h2_hex[] =
    "e560e765c9104510dd3d1f46f505f9a680d71e73f81be2bc4f787e70f83df405";
static const char header3_hex[] =
    "01030b0411223344556677880000000000000003014c46f7fec10000000000000000b00700000000"
    "0001e460000000000000000000000000000000000000000000000000000000000000046261646765"
    "2e7072696e745a6fc3ab73656c66";
static const char digest3_hex[] =
    "56b297e8f50a68c74d5f4b536d57cea363fa0e5f14f8838c55f31d222da48412";
static const char h3_hex[] =
    "bcfbd348509a0247777c6a62730c9bac5f0716454c20adce4fc3fcdc98c47130";
static const char signature_hex[] =
    "5e368db768fd1d965f60ce9236d616196a6a991d8834c862ec65f8b9b4f6f2271d93d839dd12450f"
    "51375000f90ccd9c43c469a455119ff4e721e824db2d1f0b";
static const char batch_hex[] =
    "4659423103a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b811223344"
    "55667788030000000000000001000000031d6ff283c4fc061956817e5e7a2e4ad72665a3567c208a"
    "5d1269a1f7c87a28aa000064000000340103051011223344556677880000000000000001014c46f7"
    "fec00003000000000000b007000000000001e2400000000000000000000000000000000000000000"
    "0000004d000005dc01000461646d69743031323334353637383941424344454673303432a0a1a2a3"
    "a4a5a6a7a8a9aaabacadaeaf7b2262795f636f6465223a226261646765222c2267617465223a226d"
    "656574696e67227d0000650000004301030a1011223344556677880000000000000002014c46f7fe"
    "c00004000000000000b007000000000001e45f112233445566778800000000000000010000000000"
    "00004effffffff03010061646d69742e766f696430313233343536373839414243444546a0a1a2a3"
    "a4a5a6a7a8a9aaabacadaeaf7b226f66223a22313132323333343435353636373738382f31222c22"
    "726561736f6e223a2277726f6e6720706572736f6e227d01005e0000002001030b04112233445566"
    "77880000000000000003014c46f7fec10000000000000000b007000000000001e460000000000000"
    "0000000000000000000000000000000000000000000000000462616467652e7072696e745a6fc3ab"
    "73656c6656b297e8f50a68c74d5f4b536d57cea363fa0e5f14f8838c55f31d222da484125e368db7"
    "68fd1d965f60ce9236d616196a6a991d8834c862ec65f8b9b4f6f2271d93d839dd12450f51375000"
    "f90ccd9c43c469a455119ff4e721e824db2d1f0b";

static const uint64_t stream = 0x1122334455667788;
static const uint8_t event[] = {'f', 'o', 'y', 'e', 'r', ' ', 't', 'e',
                                's', 't', ' ', 'e', 'v', 'e', 'n', 't'};
enum { WALL_SHIFT = 16 };
#define WALL_MS 1427119800000u

static const struct fact_header headers[3] = {
    {.channel = CHANNEL_DESK,
     .ref = {0x1122334455667788, 1},
     .hlc = (uint64_t)WALL_MS << WALL_SHIFT | 3,
     .boot = 0xb007,
     .mono_ms = 123456,
     .basis = {77, 1500, BASIS_LISTED, false},
     .kind = "admit",
     .subject = "0123456789ABCDEF",
     .by = "s042"},
    {.channel = CHANNEL_DESK,
     .ref = {0x1122334455667788, 2},
     .hlc = (uint64_t)WALL_MS << WALL_SHIFT | 4,
     .boot = 0xb007,
     .mono_ms = 123999,
     .prev = {0x1122334455667788, 1},
     .basis = {78, BASIS_NEVER, BASIS_OVERRIDE, true},
     .kind = "admit.void",
     .subject = "0123456789ABCDEF"},
    {.channel = CHANNEL_DESK,
     .ref = {0x1122334455667788, 3},
     .hlc = (uint64_t)(WALL_MS + 1) << WALL_SHIFT,
     .boot = 0xb007,
     .mono_ms = 124000,
     .kind = "badge.print",
     .subject = "Zoë",
     .by = "self"},
};
static const char *const bodies[3] = {
    "{\"by_code\":\"badge\",\"gate\":\"meeting\"}",
    "{\"of\":\"1122334455667788/1\",\"reason\":\"wrong person\"}",
    "{\"serial\":1}",
};
static const char *const header_hex[3] = {header1_hex, header2_hex, header3_hex};
static const char *const digest_hex[3] = {digest1_hex, digest2_hex, digest3_hex};
static const char *const h_hex[3] = {h1_hex, h2_hex, h3_hex};

static void assert_hex(const void *bytes, size_t len, const char *hex) {
    char *text = mem_alloc(2 * len + 1, 1);
    hex_format(bytes, len, text);
    assert_string_equal(text, hex);
    mem_free(text);
}

static void from_hex(const char *hex, struct bytes *out) {
    size_t len = strlen(hex) / 2;
    bytes_clear(out);
    assert_int_equal(hex_parse(hex, bytes_grow(out, len), len), ERR_NONE);
}

// The author's key, from the bytes 0 to 31.
static void make_keys(uint8_t key[FACT_KEY_BYTES], uint8_t secret[FACT_SECRET_BYTES]) {
    uint8_t seed[32];
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)i;
    }
    assert_int_equal(crypto_sign_seed_keypair(key, secret, seed), 0);
}

static void salted(size_t i, struct bytes *out) {
    bytes_clear(out);
    for (int salt = 0; salt < FACT_SALT_BYTES; salt++) {
        bytes_add_u8(out, (uint8_t)(0xa0 + salt));
    }
    bytes_add_text(out, bodies[i]);
}

// A signed batch of facts first..2 (from 0); bit i of erased drops the body of fact i.
static void build(size_t first, unsigned erased, struct bytes *out) {
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES], h[FACT_HASH_BYTES];
    uint8_t sig[FACT_SIG_BYTES], raw[FACT_HEADER_MAX], digest[FACT_HASH_BYTES];
    struct bytes body = {0};
    make_keys(key, secret);
    fact_hash_start(event, stream, CHANNEL_DESK, key, h);
    for (size_t i = 0; i < 3; i++) {
        if (i == first) {
            batch_format_start(out, key, stream, CHANNEL_DESK, first + 1, h);
        }
        salted(i, &body);
        fact_hash_body(body.data, body.len, digest);
        bool is_erased = (erased >> i & 1) != 0;
        struct fact_view v = {.header = raw,
                              .header_len = fact_format_header(&headers[i], raw),
                              .body = is_erased ? digest : body.data,
                              .body_len = is_erased ? sizeof digest : body.len,
                              .is_erased = is_erased};
        if (i >= first) {
            batch_format_add(out, 0, &v);
        }
        fact_hash_next(h, raw, v.header_len, digest, h);
    }
    batch_sign(secret, stream, 3, h, sig);
    batch_format_end(out, sig);
    bytes_finish(&body);
}

static enum err check(const struct bytes *b, uint8_t *h_out) {
    struct batch_view view;
    // Without a NUL behind it: the sanitizer sees a read past the end.
    uint8_t *copy = mem_alloc(b->len, 1);
    memcpy(copy, b->data, b->len);
    enum err e = batch_parse(copy, b->len, &view);
    e = e == ERR_NONE ? batch_verify(&view, h_out) : e;
    mem_free(copy);
    return e;
}

static void test_author_bytes(void **state) {
    (void)state;
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES];
    make_keys(key, secret);
    assert_hex(key, sizeof key, key_hex);
    char dev[17];
    hex_format_u64(device_id(key), dev);
    assert_string_equal(dev, device_hex);
}

static void test_header_bytes(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint8_t raw[FACT_HEADER_MAX];
        size_t len = fact_format_header(&headers[i], raw);
        assert_hex(raw, len, header_hex[i]);
        struct fact_header parsed;
        assert_int_equal(fact_parse_header(raw, len, &parsed), ERR_NONE);
        uint8_t again[FACT_HEADER_MAX];
        assert_int_equal(fact_format_header(&parsed, again), len);
        assert_memory_equal(again, raw, len);
        assert_int_equal(parsed.basis.mode, headers[i].basis.mode);
        assert_int_equal(parsed.basis.is_confirmed, headers[i].basis.is_confirmed);
        assert_string_equal(parsed.subject, headers[i].subject);
        assert_string_equal(parsed.by, headers[i].by);
    }
}

static void test_longest_header_fits(void **state) {
    (void)state;
    struct fact_header h = headers[0];
    memset(h.kind, 'k', FACT_KIND_MAX);
    memset(h.subject, 's', FACT_SUBJECT_MAX);
    memset(h.by, 'b', FACT_BY_MAX);
    h.kind[FACT_KIND_MAX] = h.subject[FACT_SUBJECT_MAX] = h.by[FACT_BY_MAX] = '\0';
    uint8_t raw[FACT_HEADER_MAX];
    struct fact_header parsed;
    assert_int_equal(fact_format_header(&h, raw), FACT_HEADER_MAX);
    assert_int_equal(fact_parse_header(raw, sizeof raw, &parsed), ERR_NONE);
    assert_string_equal(parsed.kind, h.kind);
    assert_string_equal(parsed.subject, h.subject);
    assert_string_equal(parsed.by, h.by);
}

static void test_chain_bytes(void **state) {
    (void)state;
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES], h[FACT_HASH_BYTES];
    struct bytes header = {0}, body = {0};
    make_keys(key, secret);
    fact_hash_start(event, stream, CHANNEL_DESK, key, h);
    assert_hex(h, sizeof h, h0_hex);
    for (size_t i = 0; i < 3; i++) {
        uint8_t digest[FACT_HASH_BYTES];
        from_hex(header_hex[i], &header);
        salted(i, &body);
        fact_hash_body(body.data, body.len, digest);
        assert_hex(digest, sizeof digest, digest_hex[i]);
        fact_hash_next(h, header.data, header.len, digest, h);
        assert_hex(h, sizeof h, h_hex[i]);
    }
    uint8_t sig[FACT_SIG_BYTES];
    batch_sign(secret, stream, 3, h, sig);
    assert_hex(sig, sizeof sig, signature_hex);
    bytes_finish(&header);
    bytes_finish(&body);
}

static void test_batch_bytes(void **state) {
    (void)state;
    struct bytes b = {0}, literal = {0};
    build(0, 4, &b); // the third body is erased
    assert_hex(b.data, b.len, batch_hex);
    from_hex(batch_hex, &literal);
    struct batch_view view;
    assert_int_equal(batch_parse(literal.data, literal.len, &view), ERR_NONE);
    assert_int_equal(view.stream, stream);
    assert_int_equal(view.channel, CHANNEL_DESK);
    assert_int_equal(view.from, 1);
    assert_int_equal(view.count, 3);
    assert_hex(view.author, FACT_KEY_BYTES, key_hex);
    assert_hex(view.before, FACT_HASH_BYTES, h0_hex);
    uint8_t hashes[3 * FACT_HASH_BYTES];
    assert_int_equal(batch_verify(&view, hashes), ERR_NONE);
    for (size_t i = 0; i < 3; i++) {
        assert_hex(hashes + i * FACT_HASH_BYTES, FACT_HASH_BYTES, h_hex[i]);
    }
    struct fact_view f;
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        assert_true(batch_next(&view, &at, &f));
        assert_hex(f.header, f.header_len, header_hex[i]);
        assert_int_equal(f.is_erased, i == 2);
    }
    assert_false(batch_next(&view, &at, &f));
    bytes_finish(&b);
    bytes_finish(&literal);
}

static void test_header_rejects_bad_fields(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        const char *what;
    } rows[] = {
        {0, 0, "version 0"},
        {1, 0, "channel none"},
        {1, 6, "channel too high"},
        {1, 255, "channel 255"},
        {2, 0, "no kind"},
        {2, 25, "kind too long"},
        {2, 4, "kind too short"},
        {2, 6, "kind longer"},
        {3, 65, "subject too long"},
        {3, 255, "subject 255"},
        {3, 15, "subject shorter"},
        {72, 4, "basis mode 4"},
        {72, 255, "mode 255"},
        {73, 2, "unknown flag"},
        {73, 255, "flags 255"},
        {74, 25, "by too long"},
        {74, 3, "by shorter"},
        {74, 5, "by longer"},
        {75, '\n', "line end in kind"},
        {80, 0x1f, "control in subject"},
        {81, 0x7f, "DEL in subject"},
        {82, 0xff, "no UTF-8 in subject"},
        {99, 0, "NUL in by"},
        {75, 0, "NUL in kind"},
        {96, 0xc3, "UTF-8 across a border"},
    };
    struct bytes raw = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fact_header out = {.by = "kept"};
        from_hex(header1_hex, &raw);
        raw.data[rows[i].at] = rows[i].value;
        enum err e = fact_parse_header(raw.data, raw.len, &out);
        if (e != ERR_INPUT) {
            print_message("%s: %s\n", rows[i].what, err_text(e));
        }
        assert_int_equal(e, ERR_INPUT);
        assert_string_equal(out.by, "kept"); // untouched on failure
    }
    for (size_t zeroed = 4; zeroed <= 12; zeroed += 8) { // stream 0, n 0
        struct fact_header out;
        from_hex(header1_hex, &raw);
        memset(raw.data + zeroed, 0, 8);
        assert_int_equal(fact_parse_header(raw.data, raw.len, &out), ERR_INPUT);
    }
    bytes_finish(&raw);
}

static void test_header_rejects_every_other_length(void **state) {
    (void)state;
    struct bytes raw = {0};
    from_hex(header1_hex, &raw);
    for (size_t len = 0; len < raw.len; len++) {
        uint8_t *cut = mem_alloc(len, 1);
        memcpy(cut, raw.data, len);
        struct fact_header out;
        assert_int_equal(fact_parse_header(cut, len, &out), ERR_INPUT);
        mem_free(cut);
    }
    bytes_add_u8(&raw, 'x');
    struct fact_header out;
    assert_int_equal(fact_parse_header(raw.data, raw.len, &out), ERR_INPUT);
    bytes_finish(&raw);
}

// A later version is kept and passed on by its first 20 bytes alone.
static void test_later_version_is_kept_unread(void **state) {
    (void)state;
    struct bytes raw = {0};
    struct fact_header out;
    from_hex(header1_hex, &raw);
    raw.data[0] = 2;
    raw.data[2] = 0xff;
    assert_int_equal(fact_parse_header(raw.data, 20, &out), ERR_NONE);
    assert_true(out.is_future_version);
    assert_int_equal(out.channel, CHANNEL_DESK);
    assert_int_equal(out.ref.stream, stream);
    assert_int_equal(out.ref.n, 1);
    assert_string_equal(out.kind, "");
    assert_int_equal(fact_parse_header(raw.data, 19, &out), ERR_INPUT);
    bytes_finish(&raw);
}

static void test_suffix_verifies_prefix_does_not(void **state) {
    (void)state;
    for (size_t first = 0; first < 3; first++) {
        struct bytes b = {0};
        uint8_t hashes[3 * FACT_HASH_BYTES];
        build(first, 0, &b);
        assert_int_equal(check(&b, hashes), ERR_NONE);
        assert_hex(hashes + (2 - first) * FACT_HASH_BYTES, FACT_HASH_BYTES, h3_hex);
        bytes_finish(&b);
    }
    // Facts 1 and 2 under the signature of all three.
    struct bytes whole = {0}, prefix = {0};
    build(0, 0, &whole);
    struct batch_view view;
    assert_int_equal(batch_parse(whole.data, whole.len, &view), ERR_NONE);
    struct fact_view f;
    size_t at = 0;
    batch_format_start(&prefix, view.author, view.stream, view.channel, 1, view.before);
    for (int i = 0; i < 2 && batch_next(&view, &at, &f); i++) {
        batch_format_add(&prefix, 0, &f);
    }
    batch_format_end(&prefix, view.sig);
    assert_int_equal(check(&prefix, NULL), ERR_SIGNATURE);
    bytes_finish(&whole);
    bytes_finish(&prefix);
}

static void test_erased_bodies_verify(void **state) {
    (void)state;
    for (unsigned erased = 0; erased < 8; erased++) {
        struct bytes b = {0};
        uint8_t hashes[3 * FACT_HASH_BYTES];
        build(0, erased, &b);
        assert_int_equal(check(&b, hashes), ERR_NONE);
        assert_hex(hashes + 2 * FACT_HASH_BYTES, FACT_HASH_BYTES, h3_hex);
        bytes_finish(&b);
    }
}

static void test_batch_changed_anywhere_fails(void **state) {
    (void)state;
    struct bytes b = {0};
    from_hex(batch_hex, &b);
    for (size_t i = 0; i < b.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            b.data[i] ^= (uint8_t)(1u << bit);
            assert_int_not_equal(check(&b, NULL), ERR_NONE);
            b.data[i] ^= (uint8_t)(1u << bit);
        }
    }
    for (size_t len = 0; len < b.len; len++) {
        struct bytes cut = {.data = b.data, .len = len};
        assert_int_equal(check(&cut, NULL), ERR_INPUT);
    }
    bytes_add_u8(&b, 0);
    assert_int_equal(check(&b, NULL), ERR_INPUT);
    bytes_finish(&b);
}

static void test_batch_rejects_bad_fields(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        const char *what;
    } rows[] = {
        {0, 'X', "magic"},
        {3, '2', "version of the magic"},
        {44, 0, "channel none"},
        {44, 6, "channel 6"},
        {56, 0, "count 0"},
        {56, 2, "count smaller"},
        {56, 4, "count larger"},
        {55, 2, "count over the limit"},
        {52, 0, "from 0"},
        {89, 2, "flag 2"},
        {89, 1, "erased of a wrong length"},
        {92, 1, "body longer than the batch"},
        {90, 0xff, "header longer than the batch"},
    };
    struct bytes b = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct batch_view view = {.count = 99};
        from_hex(batch_hex, &b);
        b.data[rows[i].at] = rows[i].value;
        enum err e = batch_parse(b.data, b.len, &view);
        if (e != ERR_INPUT) {
            print_message("%s: %s\n", rows[i].what, err_text(e));
        }
        assert_int_equal(e, ERR_INPUT);
        assert_int_equal(view.count, 99);
    }
    from_hex(batch_hex, &b);
    memset(b.data + 36, 0, 8); // stream 0
    struct batch_view view;
    assert_int_equal(batch_parse(b.data, b.len, &view), ERR_INPUT);
    from_hex(batch_hex, &b);
    memset(b.data + 45, 0xff, 8); // n would pass the end of 64 bits
    assert_int_equal(batch_parse(b.data, b.len, &view), ERR_INPUT);
    size_t too_long = FACT_BATCH_BYTES_MAX + 89 + FACT_SIG_BYTES + 1;
    bytes_clear(&b);
    memset(bytes_grow(&b, too_long), 0, too_long);
    assert_int_equal(batch_parse(b.data, b.len, &view), ERR_LIMIT);
    bytes_finish(&b);
}

// Headers that are fine by themselves but name another place than the batch.
static void test_batch_rejects_foreign_headers(void **state) {
    (void)state;
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES];
    make_keys(key, secret);
    for (int what = 0; what < 4; what++) {
        struct fact_header h = headers[0];
        h.ref.stream += what == 1;
        h.ref.n += what == 2;
        h.channel = what == 3 ? CHANNEL_PEOPLE : h.channel;
        uint8_t raw[FACT_HEADER_MAX], last[FACT_HASH_BYTES], digest[FACT_HASH_BYTES];
        uint8_t sig[FACT_SIG_BYTES];
        struct bytes b = {0}, body = {0};
        salted(0, &body);
        fact_hash_start(event, stream, CHANNEL_DESK, key, last);
        batch_format_start(&b, key, stream, CHANNEL_DESK, 1, last);
        struct fact_view v = {.header = raw,
                              .header_len = fact_format_header(&h, raw),
                              .body = body.data,
                              .body_len = body.len};
        batch_format_add(&b, 0, &v);
        fact_hash_body(body.data, body.len, digest);
        fact_hash_next(last, raw, v.header_len, digest, last);
        batch_sign(secret, stream, 1, last, sig);
        batch_format_end(&b, sig);
        assert_int_equal(check(&b, NULL), what ? ERR_INPUT : ERR_NONE);
        bytes_finish(&b);
        bytes_finish(&body);
    }
}

// Nothing can be moved to another event, stream, channel or author.
static void test_start_hash_binds_its_place(void **state) {
    (void)state;
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES], other[FACT_EVENT_BYTES];
    uint8_t h[5][FACT_HASH_BYTES];
    make_keys(key, secret);
    memcpy(other, event, sizeof other);
    other[15] ^= 1;
    fact_hash_start(event, stream, CHANNEL_DESK, key, h[0]);
    fact_hash_start(other, stream, CHANNEL_DESK, key, h[1]);
    fact_hash_start(event, stream + 1, CHANNEL_DESK, key, h[2]);
    fact_hash_start(event, stream, CHANNEL_PEOPLE, key, h[3]);
    key[31] ^= 1;
    fact_hash_start(event, stream, CHANNEL_DESK, key, h[4]);
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(h[i], h[j], FACT_HASH_BYTES);
        }
    }
}

static void test_channels_have_names_and_kinds(void **state) {
    (void)state;
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT; c++) {
        assert_int_equal(channel_find(channel_name((enum channel)c)), c);
    }
    assert_string_equal(channel_name((enum channel)99), "none");
    assert_int_equal(channel_find("none"), CHANNEL_NONE);
    assert_int_equal(channel_find(""), CHANNEL_NONE);
    assert_int_equal(channel_of_kind("admit"), CHANNEL_DESK);
    assert_int_equal(channel_of_kind("person"), CHANNEL_PEOPLE);
    assert_int_equal(channel_of_kind("person.erase"), CHANNEL_FLEET);
    assert_int_equal(channel_of_kind("unheard.of"), CHANNEL_NONE);
    assert_true(channel_is_salted(CHANNEL_PEOPLE) && channel_is_salted(CHANNEL_DESK) &&
                channel_is_salted(CHANNEL_HUB));
    assert_false(channel_is_salted(CHANNEL_PROGRAMME) ||
                 channel_is_salted(CHANNEL_FLEET));
}

int main(void) {
    assert_true(sodium_init() >= 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_author_bytes),
        cmocka_unit_test(test_header_bytes),
        cmocka_unit_test(test_longest_header_fits),
        cmocka_unit_test(test_chain_bytes),
        cmocka_unit_test(test_batch_bytes),
        cmocka_unit_test(test_header_rejects_bad_fields),
        cmocka_unit_test(test_header_rejects_every_other_length),
        cmocka_unit_test(test_later_version_is_kept_unread),
        cmocka_unit_test(test_suffix_verifies_prefix_does_not),
        cmocka_unit_test(test_erased_bodies_verify),
        cmocka_unit_test(test_batch_changed_anywhere_fails),
        cmocka_unit_test(test_batch_rejects_bad_fields),
        cmocka_unit_test(test_batch_rejects_foreign_headers),
        cmocka_unit_test(test_start_hash_binds_its_place),
        cmocka_unit_test(test_channels_have_names_and_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

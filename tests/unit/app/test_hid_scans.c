// Ten thousand codes through both modes of a scanner: each arrives byte for byte, or the
// mode cannot carry it. Payloads of 1..2953 bytes (all that a QR code holds): binary, UTF-8,
// GS, ECI, badge codes and signed tickets. FOYER_SEED=<n> repeats a run.
#include "app/devices/hid_decoder.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sync/base/bytes.h"
#include "sync/event/code.h"
#include "tests/support/event_kit.h"
#include "tests/support/scanner_keys.h"
#include "tests/support/scanner_model.h"

enum { SCANS_PER_MODE = 5000, PAYLOAD_MAX = 2953 };

struct heard {
    struct scan last;
    unsigned scans, refused;
    enum scan_refusal why;
};

static uint64_t first_seed, seed; // as given, as it goes on
static uint64_t now_ms = 1000;

static uint64_t below(uint64_t n) {
    return kit_random(&seed) % n;
}

static void hear(void *context, const struct scan *scan) {
    struct heard *h = context;
    h->last = *scan;
    h->scans++;
}

static void hear_refusal(void *context, enum scan_refusal why) {
    struct heard *h = context;
    h->why = why;
    h->refused++;
}

// ---- payloads ------------------------------------------------------------------------------

// Small ones are more frequent, as in life; both ends are there for sure.
static size_t random_len(void) {
    static unsigned calls;
    if (calls++ % 500 == 0) {
        return calls % 1000 == 1 ? PAYLOAD_MAX : 1;
    }
    size_t max = below(12) == 0 ? PAYLOAD_MAX : below(3) == 0 ? 400 : 60;
    return 1 + below(max);
}

static void add_binary(struct bytes *b, size_t len) {
    for (size_t i = 0; i < len; i++) {
        bytes_add_u8(b, (uint8_t)below(256));
    }
}

static void add_ascii(struct bytes *b, size_t len) {
    for (size_t i = 0; i < len; i++) {
        bytes_add_u8(b, (uint8_t)(0x20 + below(0x5F)));
    }
}

static void add_utf8(struct bytes *b, size_t len) {
    static const char *const chars[] = {"a",  "Z",  "ü", "é", "Ñ", "ç",  "ł",
                                        "日", "本", "🎫", " ", "~", "\\", "ß",
                                        "Ω",  "^",  "`", "´", "¨", "e"};
    while (b->len < len) {
        const char *c = chars[below(sizeof chars / sizeof chars[0])];
        if (b->len + strlen(c) > len) {
            bytes_add_u8(b, 'x');
        } else {
            bytes_add_text(b, c);
        }
    }
}

// GS1: fields between GS, some RS and EOT of ISO 15434.
static void add_gs1(struct bytes *b, size_t len) {
    static const uint8_t controls[] = {0x1D, 0x1E, 0x04, 0x1C};
    for (size_t i = 0; i < len; i++) {
        bytes_add_u8(b, below(9) == 0 ? controls[below(4)] : (uint8_t)('0' + below(10)));
    }
}

static void add_ticket(struct bytes *b) {
    char text[TICKET_CHARS + 1];
    uint8_t event[FACT_EVENT_BYTES] = {1, 2, 3};
    uint8_t secret[FACT_SECRET_BYTES];
    uint8_t key[FACT_KEY_BYTES];
    uint8_t from[crypto_sign_SEEDBYTES];
    for (size_t i = 0; i < sizeof from; i++) {
        from[i] = (uint8_t)below(256);
    }
    assert_int_equal(crypto_sign_seed_keypair(key, secret, from), 0);
    struct ticket t = {.key_id = ticket_key_id(key),
                       .expiry_s = (uint32_t)below(UINT32_MAX)};
    ticket_format(&t, event, secret, text);
    bytes_add_text(b, text);
}

static void random_payload(struct bytes *b) {
    size_t len = random_len();
    bytes_clear(b);
    switch (below(6)) {
    case 0:
        add_binary(b, len);
        break;
    case 1:
        add_utf8(b, len);
        break;
    case 2:
        add_gs1(b, len);
        break;
    case 3:
        add_ticket(b);
        break;
    case 4:
        badge_code_format("0123456789ABCDEF", (unsigned)below(1024),
                          (char *)bytes_grow(b, BADGE_CODE_CHARS + 1));
        b->len--;
        break;
    default:
        add_ascii(b, len);
        break;
    }
}

// ---- runs ----------------------------------------------------------------------------------

static void feed(struct hid_decoder *d, const struct bytes *reports,
                 size_t report_bytes) {
    assert_int_equal(reports->len % report_bytes, 0);
    for (size_t at = 0; at < reports->len; at += report_bytes) {
        now_ms += 1 + below(10);
        hid_decoder_take(d, reports->data + at, report_bytes, now_ms);
    }
}

static void rest(struct hid_decoder *d, uint64_t ms) {
    now_ms += ms;
    hid_decoder_expire(d, now_ms);
}

static void assert_heard(const struct heard *h, const struct bytes *want) {
    if (h->scans != 1 || h->refused != 0 || h->last.len != want->len ||
        memcmp(h->last.bytes, want->data, want->len) != 0) {
        fail_msg("%u scans, %u refused (%s), %zu bytes for %zu; FOYER_SEED=%" PRIu64,
                 h->scans, h->refused, scan_refusal_text(h->why), h->last.len, want->len,
                 seed);
    }
}

static void parse_hex(const char *hex, struct hid_layout *out) {
    uint8_t d[HID_DESCRIPTOR_BYTES_MAX];
    size_t len = strlen(hex) / 2;
    assert_int_equal(hex_parse(hex, d, len), ERR_NONE);
    assert_int_equal(hid_report_parse(d, len, out), ERR_NONE);
}

static struct hid_decoder *decoder_new(const char *descriptor,
                                       const struct hid_settings *set, struct heard *h) {
    struct hid_layout layout;
    struct hid_sink sink = {hear, hear_refusal, h};
    struct hid_decoder *d = malloc(sizeof *d);
    assert_non_null(d);
    parse_hex(descriptor, &layout);
    hid_decoder_init(d, &layout, set, &sink);
    return d;
}

// Escaped as ]Q2 with UTF-8 or binary where the device says the symbology.
static void scan_pos(const struct scanner_pos *s, struct hid_decoder *d,
                     bool has_suffix) {
    static struct bytes payload, escaped, reports;
    struct heard *h = d->sink.context;
    *h = (struct heard){.scans = 0};
    random_payload(&payload);
    bytes_clear(&escaped);
    bytes_clear(&reports);
    bool is_escaped = s->aim_at && below(3) == 0;
    if (is_escaped) {
        scanner_escape(below(2) ? 26 : 899, &payload, &escaped);
    } else {
        bytes_add(&escaped, payload.data, payload.len);
    }
    if (has_suffix) {
        bytes_add_u8(&escaped,
                     "\r\n\t"[below(payload.data[payload.len - 1] == '\r' ? 1 : 3)]);
    }
    if (escaped.len > SCAN_BYTES_MAX) { // doubled backslashes alone do not get there
        fail_msg("%zu bytes", escaped.len);
    }
    scanner_pos_scan(s, is_escaped ? "]Q2" : "]Q1", &escaped, &reports);
    feed(d, &reports, s->report_bytes);
    assert_heard(h, &payload);
    assert_true(hid_decoder_deadline_ms(d) == UINT64_MAX);
}

static void test_pos_scans_arrive_byte_for_byte(void **state) {
    (void)state;
    struct hid_settings exact = {.suffix = ""};
    struct hid_settings plain = {.suffix = NULL};
    struct heard h;
    unsigned done = 0;
    for (const struct scanner_pos *s = scanner_pos_models; s->name; s++) {
        for (int has_suffix = 0; has_suffix < 2; has_suffix++) {
            struct hid_decoder *d =
                decoder_new(s->descriptor, has_suffix ? &plain : &exact, &h);
            for (int i = 0; i < SCANS_PER_MODE / 12 + 1; i++, done++) {
                scan_pos(s, d, has_suffix);
            }
            free(d);
        }
    }
    print_message("%u scans by HID POS\n", done);
    assert_true(done >= SCANS_PER_MODE);
}

// What any mode without Alt codes carries for sure, said without the model: ASCII, and
// control characters by Ctrl.
static bool is_carried(const struct scanner_keyboard *s, const struct bytes *p,
                       size_t bad_at) {
    const struct keyboard_layout *l = keyboard_layout_find(s->layout);
    uint8_t c = p->data[bad_at];
    if (c < 0x20) {
        return s->has_ctrl;
    }
    return c < 0x7F && keyboard_layout_has(l, c);
}

// True when the mode carried the payload.
static bool scan_keys(const struct scanner_keyboard *s, struct hid_decoder *d) {
    static struct bytes payload, reports;
    struct heard *h = d->sink.context;
    size_t bad_at = 0;
    *h = (struct heard){.scans = 0};
    random_payload(&payload);
    bytes_clear(&reports);
    if (!scanner_keyboard_scan(s, &payload, &reports, &bad_at)) {
        assert_false(is_carried(s, &payload, bad_at));
        return false;
    }
    feed(d, &reports, s->id ? 9 : 8);
    rest(d, s->has_enter ? 0 : HID_KEYS_GAP_MS);
    assert_heard(h, &payload);
    return true;
}

static void test_keyboard_scans_arrive_byte_for_byte(void **state) {
    (void)state;
    struct heard h;
    unsigned carried = 0;
    unsigned refused = 0;
    for (unsigned i = 0; i < 56; i++) {
        struct scanner_keyboard s = {
            .layout = scanner_layouts[i % 7].name,
            .has_alt = (i / 7) % 4 != 0,
            .has_ctrl = (i / 7) % 2 == 0,
            .has_enter = (i / 7) % 3 == 0,
            .has_roll = (i / 7) % 4 >= 2,
            .id = (i / 7) % 2,
        };
        struct hid_settings set = {.layout = keyboard_layout_find(s.layout),
                                   .suffix = s.has_enter ? NULL : ""};
        struct hid_decoder *d = decoder_new(s.id ? scanner_keyboard_id_descriptor
                                                 : scanner_keyboard_descriptor,
                                            &set, &h);
        for (int n = 0; n < SCANS_PER_MODE / 56 + 1; n++) {
            bool is_carried_all = scan_keys(&s, d);
            carried += is_carried_all;
            refused += !is_carried_all;
        }
        free(d);
    }
    print_message("%u scans by keys, %u more that the mode cannot carry\n", carried,
                  refused);
    assert_true(carried + refused >= SCANS_PER_MODE);
    assert_true(refused < carried / 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pos_scans_arrive_byte_for_byte),
        cmocka_unit_test(test_keyboard_scans_arrive_byte_for_byte),
    };
    const char *given = getenv("FOYER_SEED");
    seed = first_seed = given ? strtoull(given, NULL, 10) : 20260404;
    print_message("FOYER_SEED=%" PRIu64 "\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

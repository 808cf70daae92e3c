// Every position of a signed ticket changed in turn, other events, expiry, and everything
// else that a scanner may hand over: each has its verdict, through code_parse and, with the
// same bytes, through store_admit.
#include "sync/event/code.h"

#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

// A kit with the hub alone, its event and people; tickets are ours unless changed.
struct world {
    struct kit kit;
    struct ticket_key key;
    struct code_keys keys;
    struct ticket ticket;
};

static int setup(void **state) {
    struct world *w = mem_alloc(1, sizeof *w);
    kit_start(&w->kit);
    kit_add_node(&w->kit, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(&w->kit);
    memcpy(w->key.key, w->kit.ticket_key, sizeof w->key.key);
    w->keys = (struct code_keys){.keys = &w->key, .count = 1};
    memcpy(w->keys.event, w->kit.event, sizeof w->keys.event);
    w->ticket = (struct ticket){.key_id = ticket_key_id(w->key.key),
                                .id = {0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4},
                                .kind = ticket_kind_find("student"),
                                .day_mask = 0x3e,
                                .expiry_s = 1427700000};
    *state = w;
    return 0;
}

static int teardown(void **state) {
    struct world *w = *state;
    kit_finish(&w->kit);
    mem_free(w);
    return 0;
}

// Without a NUL behind it: the sanitizer sees a read past the end.
static uint8_t *exact_copy(const void *bytes, size_t len) {
    uint8_t *copy = mem_alloc(len, 1);
    memcpy(copy, bytes, len);
    return copy;
}

static struct code parse(const struct world *w, const void *bytes, size_t len) {
    struct code out;
    uint8_t *copy = exact_copy(bytes, len);
    code_parse(copy, len, &w->keys, &out);
    mem_free(copy);
    return out;
}

static enum verdict admit(struct world *w, const void *bytes, size_t len) {
    struct admit_result result;
    w->kit.now.mono_ms += 1000;
    w->kit.now.wall_ms += 1000;
    uint8_t *copy = exact_copy(bytes, len);
    struct admit_request r = {.gate = "meeting",
                              .code = (const char *)copy,
                              .code_len = len,
                              .now = w->kit.now};
    assert_int_equal(store_admit(w->kit.nodes[0], &r, &result), ERR_NONE);
    mem_free(copy);
    return result.verdict;
}

static int64_t admitted(struct world *w) {
    return store_read_counts(w->kit.nodes[0], "meeting", &w->kit.now).admitted;
}

// Where the ticket's bytes lie and what a change there means.
static const struct field {
    const char *name;
    size_t from, to; // bytes
    enum code_class class;
    enum verdict verdict;
} fields[] = {
    {"version", 0, 1, CODE_OPAQUE, VERDICT_UNKNOWN},
    {"key id", 1, 3, CODE_OTHER_EVENT, VERDICT_OTHER_EVENT},
    {"ticket id", 3, 11, CODE_FORGED, VERDICT_FORGED},
    {"kind", 11, 12, CODE_FORGED, VERDICT_FORGED},
    {"day mask", 12, 13, CODE_FORGED, VERDICT_FORGED},
    {"expiry", 13, 17, CODE_FORGED, VERDICT_FORGED},
    {"signature", 17, 81, CODE_FORGED, VERDICT_FORGED},
};

// What the changed bytes must be: the first field that differs decides. NULL: the text is
// no base45 of 81 bytes any more, so it is some unknown opaque code.
static const struct field *expect(const char *text, const uint8_t was[TICKET_BYTES]) {
    uint8_t raw[TICKET_BYTES];
    size_t len;
    if (base45_parse(text, TICKET_CHARS, raw, sizeof raw, &len) != ERR_NONE) {
        return NULL;
    }
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
        if (memcmp(raw + fields[f].from, was + fields[f].from,
                   fields[f].to - fields[f].from) != 0) {
            return &fields[f];
        }
    }
    return NULL;
}

static void test_signed_ticket_is_read(void **state) {
    struct world *w = *state;
    char text[TICKET_CHARS + 1];
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, text);
    assert_int_equal(strlen(text), TICKET_CHARS);
    struct code c = parse(w, text, TICKET_CHARS);
    assert_int_equal(c.class, CODE_TICKET);
    assert_string_equal(c.ticket_hex, "deadbeef01020304");
    assert_int_equal(c.ticket.kind, w->ticket.kind);
    assert_int_equal(c.ticket.day_mask, 0x3e);
    assert_int_equal(c.ticket.expiry_s, 1427700000);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_ADMITTED);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_ALREADY_IN);
    assert_int_equal(admitted(w), 1);
}

// Each of the 122 characters becomes each of the other 44.
static void test_every_changed_character(void **state) {
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    struct world *w = *state;
    char text[TICKET_CHARS + 1];
    uint8_t raw[TICKET_BYTES];
    size_t len, seen[sizeof fields / sizeof *fields + 1] = {0};
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, text);
    assert_int_equal(base45_parse(text, TICKET_CHARS, raw, sizeof raw, &len), ERR_NONE);
    for (size_t at = 0; at < TICKET_CHARS; at++) {
        char was = text[at];
        for (size_t a = 0; a < sizeof alphabet - 1; a++) {
            if (alphabet[a] == was) {
                continue;
            }
            text[at] = alphabet[a];
            const struct field *f = expect(text, raw);
            struct code c = parse(w, text, TICKET_CHARS);
            enum code_class class = f ? f->class : CODE_OPAQUE;
            if (c.class != class) {
                print_message("position %zu as %c (%s): class %d\n", at, text[at],
                              f ? f->name : "no base45", (int)c.class);
            }
            assert_int_equal(c.class, class);
            seen[f ? f - fields : (long)(sizeof fields / sizeof *fields)]++;
            if (a % 11 == at % 11) { // the store asks code_parse: a quarter is plenty
                assert_int_equal(admit(w, text, TICKET_CHARS),
                                 f ? f->verdict : VERDICT_UNKNOWN);
            }
        }
        text[at] = was;
    }
    for (size_t f = 0; f < sizeof seen / sizeof *seen; f++) {
        assert_true(seen[f] > 0);
    }
    assert_int_equal(admitted(w), 0);
}

// Each of the 81 bytes changed in each bit: by field, whatever the text looks like.
static void test_every_changed_bit(void **state) {
    struct world *w = *state;
    char text[TICKET_CHARS + 1];
    uint8_t raw[TICKET_BYTES];
    size_t len, f = 0;
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, text);
    assert_int_equal(base45_parse(text, TICKET_CHARS, raw, sizeof raw, &len), ERR_NONE);
    for (size_t at = 0; at < TICKET_BYTES; at++) {
        f += at >= fields[f].to;
        for (unsigned bit = 0; bit < 8; bit++) {
            raw[at] ^= (uint8_t)(1u << bit);
            base45_format(raw, sizeof raw, text);
            raw[at] ^= (uint8_t)(1u << bit);
            assert_int_equal(parse(w, text, TICKET_CHARS).class, fields[f].class);
        }
        raw[at] ^= 1;
        base45_format(raw, sizeof raw, text);
        raw[at] ^= 1;
        assert_int_equal(admit(w, text, TICKET_CHARS), fields[f].verdict);
    }
    assert_int_equal(admitted(w), 0);
}

static void test_tickets_of_other_events(void **state) {
    struct world *w = *state;
    char text[TICKET_CHARS + 1];
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES], event[FACT_EVENT_BYTES];
    // Another organiser's key.
    struct ticket t = w->ticket;
    do {
        crypto_sign_keypair(key, secret);
        t.key_id = ticket_key_id(key);
    } while (t.key_id == w->ticket.key_id);
    ticket_format(&t, w->kit.event, secret, text);
    assert_int_equal(parse(w, text, TICKET_CHARS).class, CODE_OTHER_EVENT);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_OTHER_EVENT);
    // Another key under our key's id.
    t.key_id = w->ticket.key_id;
    ticket_format(&t, w->kit.event, secret, text);
    assert_int_equal(parse(w, text, TICKET_CHARS).class, CODE_FORGED);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_FORGED);
    // Our key, last year's event.
    memcpy(event, w->kit.event, sizeof event);
    event[0] ^= 1;
    ticket_format(&w->ticket, event, w->kit.ticket_secret, text);
    assert_int_equal(parse(w, text, TICKET_CHARS).class, CODE_FORGED);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_FORGED);
    // No keys at all yet: not known, never forged.
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, text);
    w->keys.count = 0;
    assert_int_equal(parse(w, text, TICKET_CHARS).class, CODE_OTHER_EVENT);
    // Two keys of one id: the right one counts wherever it stands.
    struct ticket_key two[2] = {{{0}}, w->key};
    w->keys.keys = two;
    w->keys.count = 2;
    assert_int_equal(parse(w, text, TICKET_CHARS).class, CODE_TICKET);
    assert_int_equal(admitted(w), 0);
}

static void test_expired_ticket(void **state) {
    struct world *w = *state;
    char text[TICKET_CHARS + 1];
    int64_t now_s = w->kit.now.wall_ms / 1000;
    w->ticket.day_mask = 0;
    w->ticket.expiry_s = (uint32_t)(now_s - 3600);
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, text);
    assert_int_equal(parse(w, text, TICKET_CHARS).class, CODE_TICKET);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_TOO_LATE);
    w->ticket.expiry_s = (uint32_t)(now_s + 3600);
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, text);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_ADMITTED);
    w->ticket.day_mask = 1; // Sunday only
    w->ticket.id[7] = 9;
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, text);
    assert_int_equal(admit(w, text, TICKET_CHARS), VERDICT_WRONG_DAY);
}

static void test_what_is_no_code(void **state) {
    struct world *w = *state;
    static char long_code[5001];
    memset(long_code, 'A', sizeof long_code);
    static const char nul_inside[] = {'A', '\0', 'B'};
    const struct {
        const char *text;
        size_t len;
        enum code_class class;
        enum verdict verdict;
    } rows[] = {
        {long_code, 4000, CODE_OPAQUE, VERDICT_UNKNOWN},
        {long_code, CODE_MAX, CODE_OPAQUE, VERDICT_UNKNOWN},
        {long_code, CODE_MAX + 1, CODE_NONE, VERDICT_UNKNOWN},
        {long_code, 5000, CODE_NONE, VERDICT_UNKNOWN},
        {"", 0, CODE_NONE, VERDICT_UNKNOWN},
        {" \t\r\n", 4, CODE_NONE, VERDICT_UNKNOWN},
        {"AB\001CD", 5, CODE_NONE, VERDICT_UNKNOWN},
        {"\x1b[2J", 4, CODE_NONE, VERDICT_UNKNOWN},
        {"\x7f", 1, CODE_NONE, VERDICT_UNKNOWN},
        {"\xc2\x9b"
         "31m",
         5, CODE_NONE, VERDICT_UNKNOWN}, // C1 control
        {nul_inside, 3, CODE_NONE, VERDICT_UNKNOWN},
        {"a\nb", 3, CODE_NONE, VERDICT_UNKNOWN},
        {"\xff\xfe", 2, CODE_NONE, VERDICT_UNKNOWN},
        {"\xc0\xaf", 2, CODE_NONE, VERDICT_UNKNOWN},         // overlong
        {"\xed\xa0\x80", 3, CODE_NONE, VERDICT_UNKNOWN},     // surrogate
        {"\xf4\x90\x80\x80", 4, CODE_NONE, VERDICT_UNKNOWN}, // over U+10FFFF
        {"Zo\xc3", 3, CODE_NONE, VERDICT_UNKNOWN},           // cut short
        {"Zo\xc3\xab", 4, CODE_OPAQUE, VERDICT_UNKNOWN},
        {"]", 1, CODE_OPAQUE, VERDICT_UNKNOWN},
        {"]Q", 2, CODE_OPAQUE, VERDICT_UNKNOWN},
        {"]Q1", 3, CODE_OPAQUE, VERDICT_UNKNOWN},
        {"\\000026", 7, CODE_OPAQUE, VERDICT_UNKNOWN},
        {"\\1234567", 8, CODE_OPAQUE, VERDICT_UNKNOWN}, // digits up to the very end
        {"https://example.org/t/1", 23, CODE_OPAQUE, VERDICT_UNKNOWN},
        {"'; DROP TABLE fact;--", 21, CODE_OPAQUE, VERDICT_UNKNOWN},
        {"%s%n%s", 6, CODE_OPAQUE, VERDICT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct code c = parse(w, rows[i].text, rows[i].len);
        if (c.class != rows[i].class) {
            print_message("row %zu: class %d\n", i, (int)c.class);
        }
        assert_int_equal(c.class, rows[i].class);
        assert_int_equal(admit(w, rows[i].text, rows[i].len), rows[i].verdict);
    }
    assert_int_equal(admitted(w), 0);
}

// The same code as scanners of all sorts hand it over.
static void test_scanner_dirt_is_removed(void **state) {
    struct world *w = *state;
    static const struct {
        const char *before, *after;
    } dirt[] = {
        {"", ""},
        {"", "\r"},
        {"", "\r\n"},
        {"", "\n"},
        {"", "\t"},
        {"  ", "  "},
        {"\r\n", ""},
        {"]Q1", ""},
        {"]Q1", "\r\n"},
        {"]C0", "\r"},
        {"]d2", ""},
        {"\\000026", ""},
        {"]Q1\\000026", "\r\n"},
        {" ]Q3\\000003 ", " \r"},
        {"]Q1 ", "\t\r\n"},
    };
    char badge[BADGE_CODE_CHARS + 1], ticket[TICKET_CHARS + 1], text[256];
    badge_code_format(KIT_JAN, 7, badge);
    ticket_format(&w->ticket, w->kit.event, w->kit.ticket_secret, ticket);
    for (size_t i = 0; i < sizeof dirt / sizeof *dirt; i++) {
        for (int lower = 0; lower < 2; lower++) {
            const char *const codes[] = {badge, ticket};
            static const enum code_class classes[] = {CODE_BADGE, CODE_TICKET};
            for (size_t c = 0; c < 2; c++) {
                snprintf(text, sizeof text, "%s%s%s", dirt[i].before, codes[c],
                         dirt[i].after);
                for (char *p = text + strlen(dirt[i].before); lower && *p; p++) {
                    *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
                }
                struct code out = parse(w, text, strlen(text));
                if (out.class != classes[c]) {
                    print_message("dirt %zu, code %zu: class %d\n", i, c, (int)out.class);
                }
                assert_int_equal(out.class, classes[c]);
            }
            assert_string_equal(parse(w, text, strlen(text)).ticket_hex,
                                "deadbeef01020304");
        }
    }
}

// base45 knows the blank: with one key in 45 every ticket begins in one, and scanners add
// and drop blanks too.
static void test_ticket_beginning_in_a_blank(void **state) {
    struct world *w = *state;
    char text[TICKET_CHARS + 1], dirty[256];
    uint8_t secret[FACT_SECRET_BYTES];
    static const char *const after[] = {"", "\r", "\r\n", "\n", " ", " \r\n", "\t"};
    static const char *const before[] = {"", "]Q1", "\\000026", "]Q1\\000026", " "};
    do {
        crypto_sign_keypair(w->key.key, secret);
        w->ticket.key_id = ticket_key_id(w->key.key);
        ticket_format(&w->ticket, w->kit.event, secret, text);
    } while (text[0] != ' ');
    for (size_t a = 0; a < sizeof after / sizeof *after; a++) {
        for (size_t b = 0; b < sizeof before / sizeof *before; b++) {
            for (size_t cut = 0; cut < 2; cut++) { // 1: the scanner dropped the blank
                snprintf(dirty, sizeof dirty, "%s%s%s", before[b], text + cut, after[a]);
                enum code_class class = parse(w, dirty, strlen(dirty)).class;
                if (class != CODE_TICKET) {
                    print_message("before %zu, after %zu, cut %zu: not read\n", b, a,
                                  cut);
                }
                assert_int_equal(class, CODE_TICKET);
            }
        }
    }
}

static void test_badge_code_is_read(void **state) {
    struct world *w = *state;
    char text[BADGE_CODE_CHARS + 1];
    for (unsigned serial = 0; serial < 1024; serial += 31) {
        badge_code_format(KIT_JAN, serial, text);
        struct code c = parse(w, text, BADGE_CODE_CHARS);
        assert_int_equal(c.class, CODE_BADGE);
        assert_string_equal(c.person, KIT_JAN);
        assert_int_equal(c.serial, serial);
    }
    // Typed by hand: look-alikes and lower case. All digits 0 and 1 can be misread.
    badge_code_format("0110100110010110", 33, text);
    for (char *p = text; p < text + 18; p++) {
        *p = *p == '0' ? 'O' : (p - text) % 2 ? 'I' : 'l';
    }
    struct code c = parse(w, text, BADGE_CODE_CHARS);
    assert_int_equal(c.class, CODE_BADGE);
    assert_string_equal(c.person, "0110100110010110");
    assert_int_equal(c.serial, 33);
    text[0] = 'o';
    assert_int_equal(parse(w, text, BADGE_CODE_CHARS).class, CODE_BADGE);
    // One character more or less is no badge.
    assert_int_equal(parse(w, text, BADGE_CODE_CHARS - 1).class, CODE_OPAQUE);
    badge_code_format(KIT_JAN, 0, text);
    assert_int_equal(admit(w, text, BADGE_CODE_CHARS), VERDICT_ADMITTED);
}

// Ten check bits: about one change in 1,024 slips through, and then it is another badge.
static void test_every_changed_badge_character(void **state) {
    struct world *w = *state;
    static const char *const people[] = {KIT_JAN, KIT_ZOE, "ZZZZZZZZZZZZZZZZ",
                                         "0000000000000000"};
    size_t changed = 0, collisions = 0;
    for (unsigned p = 0; p < 4 * 8; p++) {
        char text[BADGE_CODE_CHARS + 1];
        badge_code_format(people[p % 4], p * 13, text);
        for (size_t at = 0; at < BADGE_CODE_CHARS; at++) {
            char was = text[at];
            for (size_t a = 0; a < 32; a++) {
                text[at] = base32_alphabet[a];
                if (text[at] == was) {
                    continue;
                }
                struct code c = parse(w, text, BADGE_CODE_CHARS);
                char right[BADGE_CODE_CHARS + 1];
                badge_code_format(c.person, c.serial, right);
                bool is_right = strcmp(right, text) == 0;
                assert_int_equal(c.class, is_right ? CODE_BADGE : CODE_BADGE_TYPO);
                assert_true(at < 18 || !is_right); // a wrong check alone is always seen
                changed++;
                collisions += is_right;
            }
            text[at] = was;
        }
    }
    print_message("%zu changes, %zu gave another valid badge\n", changed, collisions);
    assert_true(collisions < changed / 400);
}

static void test_badge_typo_admits_nobody(void **state) {
    struct world *w = *state;
    char text[BADGE_CODE_CHARS + 1];
    badge_code_format(KIT_JAN, 0, text);
    text[19] = text[19] == '0' ? '1' : '0';
    assert_int_equal(parse(w, text, BADGE_CODE_CHARS).class, CODE_BADGE_TYPO);
    assert_int_equal(admit(w, text, BADGE_CODE_CHARS), VERDICT_UNKNOWN);
    // A badge's own person number alone is an opaque code: whoever knows it is let in by
    // the desk's look-up, as with any source's row id.
    assert_int_equal(parse(w, KIT_JAN, 16).class, CODE_OPAQUE);
    assert_int_equal(admitted(w), 0);
}

// Any bytes are some class, and text is set only for plain text.
static void test_any_bytes_are_a_class(void **state) {
    struct world *w = *state;
    const char *given = getenv("FOYER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 20120325;
    print_message("seed %llu\n", (unsigned long long)seed);
    static const char pool[] = "]Q1\\000026 \r\n\tABZ019ol:%$\xc3\xab\xff";
    for (int round = 0; round < 60000; round++) {
        char bytes[160];
        size_t len = (size_t)(kit_random(&seed) % sizeof bytes);
        len = round % 3 == 0 ? TICKET_CHARS : round % 3 == 1 ? BADGE_CODE_CHARS : len;
        for (size_t i = 0; i < len; i++) {
            uint64_t r = kit_random(&seed);
            bytes[i] = round & 4 ? pool[r % (sizeof pool - 1)] : (char)r;
        }
        struct code c = parse(w, bytes, len);
        assert_in_range(c.class, CODE_NONE, CODE_OPAQUE);
        assert_int_not_equal(c.class, CODE_TICKET);
        assert_true(c.class != CODE_NONE || !c.text[0]);
        assert_true(strlen(c.text) <= len);
    }
}

static void test_ticket_kinds_keep_their_numbers(void **state) {
    (void)state;
    static const char *const kinds[] = {"week",      "early",     "student", "day",
                                        "companion", "hackathon", "social",  "staff",
                                        "press",     "guest",     "remote",  "invited"};
    assert_int_equal(ticket_kind_count, sizeof kinds / sizeof *kinds);
    for (size_t i = 0; i < ticket_kind_count; i++) {
        assert_string_equal(ticket_kinds[i], kinds[i]);
        assert_int_equal(ticket_kind_find(kinds[i]), i);
    }
    assert_int_equal(ticket_kind_find("no such kind"), 0);
}

int main(void) {
#define WITH_KIT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_KIT(test_signed_ticket_is_read),
        WITH_KIT(test_every_changed_character),
        WITH_KIT(test_every_changed_bit),
        WITH_KIT(test_tickets_of_other_events),
        WITH_KIT(test_expired_ticket),
        WITH_KIT(test_what_is_no_code),
        WITH_KIT(test_scanner_dirt_is_removed),
        WITH_KIT(test_ticket_beginning_in_a_blank),
        WITH_KIT(test_badge_code_is_read),
        WITH_KIT(test_every_changed_badge_character),
        WITH_KIT(test_badge_typo_admits_nobody),
        WITH_KIT(test_any_bytes_are_a_class),
        cmocka_unit_test(test_ticket_kinds_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

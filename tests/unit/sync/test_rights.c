// Grants and revocations in every order: who may author what.
#include "sync/event/rights.h"

#include "sync/base/bytes.h"
#include "sync/base/mem.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FACTS_MAX = 6, ROOT = 0, HUB = 1, DESK = 2, SCREEN = 3, STRANGER = 4, PEOPLE = 5 };

// Devices by number; their keys are the number repeated.
struct court {
    uint8_t keys[PEOPLE][FACT_KEY_BYTES];
    uint64_t ids[PEOPLE];
    struct fact_header headers[FACTS_MAX];
    struct rights_fact facts[FACTS_MAX];
    json_t *bodies[FACTS_MAX];
    size_t count;
};

static void start(struct court *c) {
    *c = (struct court){0};
    for (int i = 0; i < PEOPLE; i++) {
        memset(c->keys[i], 0x10 + i, FACT_KEY_BYTES);
        c->ids[i] = device_id(c->keys[i]);
    }
}

static void finish(struct court *c) {
    for (size_t i = 0; i < c->count; i++) {
        json_decref(c->bodies[i]);
    }
}

static void say(struct court *c, int by, const char *kind, int about, json_t *body) {
    struct fact_header *h = &c->headers[c->count];
    *h = (struct fact_header){.channel = CHANNEL_FLEET, .ref = {100 + (uint64_t)by, 1}};
    snprintf(h->kind, sizeof h->kind, "%s", kind);
    hex_format_u64(c->ids[about], h->subject);
    c->bodies[c->count] = body;
    c->facts[c->count++] = (struct rights_fact){c->ids[by], h, body};
}

static json_t *list_of(const char *words) {
    json_t *list = json_array();
    char copy[128], *save = NULL;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        json_array_append_new(list, json_string(w));
    }
    return list;
}

static void grant(struct court *c, int by, int to, const char *may,
                  const char *channels) {
    char key[2 * FACT_KEY_BYTES + 1];
    hex_format(c->keys[to], FACT_KEY_BYTES, key);
    say(c, by, "grant", to,
        json_pack("{s:s,s:o,s:o}", "key", key, "may", list_of(may), "channels",
                  list_of(channels)));
}

static unsigned may_of(const struct rights *r, const struct court *c, int who) {
    const struct rights_device *d = rights_find(r, c->ids[who]);
    return d ? d->may : 0;
}

// Folds in every order of up to six facts; calls check each time.
static void in_every_order(const struct court *c,
                           void (*check)(const struct court *c, const struct rights *r)) {
    size_t order[FACTS_MAX], orders = 1;
    for (size_t i = 1; i <= c->count; i++) {
        orders *= i;
    }
    for (size_t n = 0; n < orders; n++) {
        struct rights_fact shuffled[FACTS_MAX];
        size_t left = c->count, rest = n;
        for (size_t i = 0; i < c->count; i++) {
            order[i] = i;
        }
        for (size_t i = 0; i < c->count; i++, left--) {
            size_t pick = i + rest % left;
            rest /= left;
            size_t swap = order[i];
            order[i] = order[pick];
            order[pick] = swap;
            shuffled[i] = c->facts[order[i]];
        }
        struct rights r;
        rights_fold(&r, c->ids[ROOT], shuffled, c->count);
        check(c, &r);
        rights_finish(&r);
        assert_null(r.devices);
    }
}

static void check_chain(const struct court *c, const struct rights *r) {
    assert_int_equal(may_of(r, c, HUB), RIGHT_IMPORT | RIGHT_ENROL | RIGHT_DESK);
    // The hub has no "announce" to hand on, and no hub channel.
    assert_int_equal(may_of(r, c, DESK), RIGHT_ENROL | RIGHT_DESK);
    assert_int_equal(rights_find(r, c->ids[DESK])->channels,
                     CHANNEL_BIT(CHANNEL_PEOPLE) | CHANNEL_BIT(CHANNEL_DESK));
    // The desk hands on what it has; granting itself more does nothing.
    assert_int_equal(may_of(r, c, SCREEN), RIGHT_DESK);
    assert_null(rights_find(r, c->ids[STRANGER]));
    assert_memory_equal(rights_find(r, c->ids[SCREEN])->key, c->keys[SCREEN],
                        FACT_KEY_BYTES);
}

static void test_nobody_grants_what_it_has_not(void **state) {
    (void)state;
    struct court c;
    start(&c);
    grant(&c, ROOT, HUB, "import enrol desk", "programme people desk fleet");
    grant(&c, HUB, DESK, "desk enrol announce", "people desk hub");
    grant(&c, DESK, SCREEN, "desk import erase", "people");
    grant(&c, DESK, DESK, "import announce erase", "hub");
    grant(&c, STRANGER, STRANGER, "import desk enrol", "people");
    grant(&c, SCREEN, STRANGER, "desk", "people"); // has no "enrol"
    in_every_order(&c, check_chain);
    finish(&c);
}

static void check_nothing(const struct court *c, const struct rights *r) {
    (void)c;
    assert_int_equal(r->count, 0);
}

static void test_broken_grants_do_nothing(void **state) {
    (void)state;
    struct court c;
    char key[2 * FACT_KEY_BYTES + 1];
    start(&c);
    hex_format(c.keys[DESK], FACT_KEY_BYTES, key);
    say(&c, ROOT, "grant", HUB,
        json_pack("{s:s,s:[s]}", "key", key, "may", "desk")); // other key
    say(&c, ROOT, "grant", DESK,
        json_pack("{s:s,s:[s]}", "key", "rubbish", "may", "desk"));
    say(&c, ROOT, "grant", DESK, json_pack("{s:[s]}", "may", "desk"));
    say(&c, ROOT, "grant", DESK, NULL); // erased
    grant(&c, ROOT, DESK, "desk", "people");
    memset(c.headers[4].subject, 'x', 16);
    say(&c, ROOT, "device", DESK, json_pack("{s:s}", "key", key));
    in_every_order(&c, check_nothing);
    finish(&c);
}

static void check_odd(const struct court *c, const struct rights *r) {
    const struct rights_device *d = rights_find(r, c->ids[DESK]);
    assert_non_null(d);
    assert_int_equal(d->may, RIGHT_DESK);
    assert_int_equal(d->channels, CHANNEL_BIT(CHANNEL_DESK));
}

static void test_unknown_words_in_a_grant_are_left_out(void **state) {
    (void)state;
    struct court c;
    start(&c);
    grant(&c, ROOT, DESK, "fly desk DESK", "desk attic none");
    json_array_append_new(json_object_get(c.bodies[0], "may"), json_integer(5));
    json_array_append_new(json_object_get(c.bodies[0], "channels"), json_null());
    in_every_order(&c, check_odd);
    finish(&c);
}

static struct fact_header header_of(const char *kind, uint64_t stream, uint64_t n) {
    struct fact_header h = {.channel = channel_of_kind(kind), .ref = {stream, n}};
    snprintf(h.kind, sizeof h.kind, "%s", kind);
    return h;
}

static void check_revoked(const struct court *c, const struct rights *r) {
    const struct rights_device *d = rights_find(r, c->ids[DESK]);
    assert_true(d->is_revoked);
    static const struct {
        uint64_t stream, n;
        bool stands;
    } rows[] = {
        {0x55, 1, true},  {0x55, 7, true},  {0x55, 8, false}, {0x66, 2, true},
        {0x66, 3, false}, {0x77, 1, false}, // a stream that the hub did not hold
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fact_header h = header_of("admit", rows[i].stream, rows[i].n);
        const char *why = rights_refuse(r, c->ids[DESK], &h);
        assert_int_equal(why == NULL, rows[i].stands);
    }
    // What the revoked one said about others does not count, nor does a stranger's word.
    assert_false(rights_find(r, c->ids[HUB])->is_revoked);
    assert_false(rights_find(r, c->ids[SCREEN])->is_revoked);
}

static void test_revocation_leaves_what_the_hub_held(void **state) {
    (void)state;
    struct court c;
    start(&c);
    grant(&c, ROOT, HUB, "import enrol desk", "people desk fleet");
    grant(&c, HUB, DESK, "desk", "people desk");
    grant(&c, HUB, SCREEN, "desk", "people desk");
    say(&c, HUB, "device.revoke", DESK,
        json_pack("{s:[{s:s,s:i},{s:s,s:i},{s:s}]}", "holds", "st", "0000000000000055",
                  "n", 7, "st", "0000000000000066", "n", 2, "st", "rubbish"));
    say(&c, DESK, "device.revoke", HUB, json_pack("{s:[]}", "holds"));
    say(&c, STRANGER, "device.revoke", SCREEN, json_pack("{s:[]}", "holds"));
    in_every_order(&c, check_revoked);
    finish(&c);
}

static void test_each_kind_needs_its_right(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        unsigned right; // any of them
    } rows[] = {
        {"event", RIGHT_IMPORT},
        {"room", RIGHT_IMPORT},
        {"session", RIGHT_IMPORT},
        {"sponsor", RIGHT_IMPORT},
        {"gate", RIGHT_IMPORT},
        {"template", RIGHT_IMPORT},
        {"person.alias", RIGHT_IMPORT},
        {"person", RIGHT_IMPORT | RIGHT_DESK},
        {"notice", RIGHT_ANNOUNCE},
        {"room.count", RIGHT_COUNT},
        {"device", RIGHT_ENROL},
        {"grant", RIGHT_ENROL},
        {"role", RIGHT_ENROL},
        {"device.revoke", RIGHT_ENROL},
        {"admit", RIGHT_DESK},
        {"admit.void", RIGHT_DESK},
        {"badge.print", RIGHT_DESK},
        {"badge.void", RIGHT_DESK},
        {"pay.mark", RIGHT_DESK},
        {"person.edit", RIGHT_DESK},
        {"incident.resolve", RIGHT_DESK},
        {"ask", RIGHT_DESK},
        {"person.erase", RIGHT_ERASE},
        {"event.erase", RIGHT_ERASE},
        {"event.close", RIGHT_ERASE},
    };
    static const char *const names[] = {"import", "announce", "enrol", "issue",
                                        "desk",   "count",    "erase"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        struct court c;
        struct rights r;
        start(&c);
        grant(&c, ROOT, DESK, names[n], "people");
        rights_fold(&r, c.ids[ROOT], c.facts, c.count);
        assert_int_equal(right_find(names[n]), 1u << n);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct fact_header h = header_of(rows[i].kind, 5, 1);
            bool stands = rights_refuse(&r, c.ids[DESK], &h) == NULL;
            if (stands != ((rows[i].right & 1u << n) != 0)) {
                print_message("%s with %s\n", rows[i].kind, names[n]);
            }
            assert_int_equal(stands, (rows[i].right & 1u << n) != 0);
            assert_int_equal(rights_refuse(&r, c.ids[ROOT], &h) == NULL,
                             strcmp(rows[i].kind, "grant") == 0);
            assert_non_null(rights_refuse(&r, c.ids[STRANGER], &h));
            h.channel = h.channel == CHANNEL_DESK ? CHANNEL_PEOPLE : CHANNEL_DESK;
            assert_non_null(
                rights_refuse(&r, c.ids[DESK], &h)); // a kind in a wrong channel
        }
        rights_finish(&r);
        finish(&c);
    }
    assert_int_equal(right_find("root"), 0);
}

// Any granted device tells when it booted and met the time, but only of itself.
static void test_anchor_and_boot_are_about_their_author(void **state) {
    (void)state;
    static const char *const kinds[] = {"anchor", "boot"};
    struct court c;
    struct rights r;
    start(&c);
    grant(&c, ROOT, SCREEN, "", "programme");
    rights_fold(&r, c.ids[ROOT], c.facts, c.count);
    for (size_t i = 0; i < 2; i++) {
        struct fact_header h = header_of(kinds[i], 5, 1);
        hex_format_u64(c.ids[SCREEN], h.subject);
        assert_null(rights_refuse(&r, c.ids[SCREEN], &h));
        assert_non_null(rights_refuse(&r, c.ids[STRANGER], &h));
        hex_format_u64(c.ids[HUB], h.subject);
        assert_non_null(rights_refuse(&r, c.ids[SCREEN], &h));
    }
    rights_finish(&r);
    finish(&c);
}

int main(void) {
    assert_true(sodium_init() >= 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_grants_what_it_has_not),
        cmocka_unit_test(test_broken_grants_do_nothing),
        cmocka_unit_test(test_unknown_words_in_a_grant_are_left_out),
        cmocka_unit_test(test_revocation_leaves_what_the_hub_held),
        cmocka_unit_test(test_each_kind_needs_its_right),
        cmocka_unit_test(test_anchor_and_boot_are_about_their_author),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// The masks only pass over keys that cannot match: search gives what a plain look at every
// key gives, in the same order.
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "tests/support/crowd.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PEOPLE = 3000, MAX = 12, WORDS = 8 };

struct model {
    struct search *search;
    char keys[PEOPLE][PERSON_KEY_MAX]; // "" = removed
    uint32_t order[2 * PEOPLE];        // rows, oldest key first
    size_t count;
};

static void key_of(uint32_t i, char out[PERSON_KEY_MAX]) {
    struct crowd_person c;
    struct person p;
    crowd_make(i, &c);
    json_t *body = crowd_body(&c);
    person_parse(c.id, body, &p);
    person_key(&p, out);
    json_decref(body);
}

static void put(struct model *m, uint32_t row, uint32_t who) {
    char key[PERSON_KEY_MAX];
    key_of(who, key);
    search_put(m->search, row, key);
    if (strcmp(key, m->keys[row]) == 0) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) { // a changed key goes to the end
        if (m->order[i] == row) {
            memmove(m->order + i, m->order + i + 1,
                    (m->count - i - 1) * sizeof *m->order);
            m->count--;
        }
    }
    memcpy(m->keys[row], key, sizeof key);
    m->order[m->count++] = row;
}

static struct model *make(void) {
    struct model *m = mem_alloc(1, sizeof *m);
    m->search = search_create();
    for (uint32_t i = 1; i < PEOPLE; i++) {
        put(m, i, i);
    }
    return m;
}

static void destroy(struct model *m) {
    search_destroy(m->search);
    mem_free(m);
}

// 0 name start, 1 word start, 2 infix, 3 none, by the plainest code that says it.
static int rank_of(const char *key, char words[WORDS][80], size_t count, size_t longest) {
    bool starts = key[0] != '\0';
    bool infix = starts;
    for (size_t i = 0; i < count; i++) {
        starts = starts && strstr(key, words[i]) != NULL;
        infix = infix && strstr(key, words[i] + 1) != NULL;
    }
    if (starts) {
        return strncmp(key, words[longest], strlen(words[longest])) == 0 ? 0 : 1;
    }
    return infix ? 2 : 3;
}

static size_t find_plainly(const struct model *m, const char *folded, int64_t *out) {
    char words[WORDS][80], copy[512];
    size_t count = 0, longest = 0, done = 0;
    snprintf(copy, sizeof copy, "%s", folded);
    char *save = NULL;
    for (char *w = strtok_r(copy, " ", &save); w && count < WORDS;
         w = strtok_r(NULL, " ", &save)) {
        snprintf(words[count], sizeof words[0], " %.62s", w);
        longest = strlen(words[count]) > strlen(words[longest]) ? count : longest;
        count++;
    }
    for (int rank = 0; rank < 3 && count; rank++) {
        for (size_t i = 0; i < m->count && done < MAX; i++) {
            if (rank_of(m->keys[m->order[i]], words, count, longest) == rank) {
                out[done++] = m->order[i];
            }
        }
    }
    return done;
}

static void check(const struct model *m, const char *typed) {
    char folded[256];
    int64_t got[MAX], want[MAX];
    person_fold(typed, folded, sizeof folded);
    size_t got_count = search_find(m->search, folded, got, MAX);
    size_t want_count = find_plainly(m, folded, want);
    if (got_count != want_count || memcmp(got, want, got_count * sizeof *got) != 0) {
        print_message("searching \"%s\": %zu and %zu\n", typed, got_count, want_count);
    }
    assert_int_equal(got_count, want_count);
    assert_memory_equal(got, want, got_count * sizeof *got);
}

static void test_finds_what_a_plain_look_finds(void **state) {
    (void)state;
    struct model *m = make();
    char text[2 * TITLE_SIZE];
    for (uint32_t i = 0; i < 400; i++) {
        for (size_t keys = 1; keys < 10 && crowd_type(i * 37, keys, text, sizeof text);
             keys++) {
            check(m, text);
        }
    }
    static const char *const odd[] = {
        "",
        " ",
        "-",
        "q",
        "x",
        "u",
        "小",
        "龍",
        "김",
        "ł",
        "1",
        "ex net",
        "a b",
        "b a",
        "müller j",
        "son",
        "ski",
        "a a a a a a a a",
        "anna anna",
        "zzzzzz",
        "é",
        "'",
        "nordlicht",
        "ein sehr langes wort das es nicht gibt und das noch weiter geht",
        "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        check(m, odd[i]);
    }
    destroy(m);
}

// Any piece of any key, while people come, change and go.
static void test_pieces_while_people_change(void **state) {
    (void)state;
    const char *given = getenv("FOYER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 4711;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct model *m = make();
    for (int round = 0; round < 1500; round++) {
        uint32_t row = 1 + (uint32_t)(kit_random(&seed) % (PEOPLE - 1));
        if (round % 3 == 0 && m->count < 2 * PEOPLE - 2) {
            put(m, row, (uint32_t)(kit_random(&seed) % 100000));
        } else if (round % 3 == 1) {
            search_remove(m->search, row);
            m->keys[row][0] = '\0';
        }
        char key[PERSON_KEY_MAX], piece[24];
        key_of(row, key);
        size_t len = strlen(key);
        size_t at = (size_t)(kit_random(&seed) % len);
        snprintf(piece, sizeof piece, "%.*s", 1 + (int)(kit_random(&seed) % 9), key + at);
        check(m, piece);
    }
    search_remove(m->search, 1000000); // never there
    search_clear(m->search);
    int64_t rows[MAX];
    assert_int_equal(search_find(m->search, " a ", rows, MAX), 0);
    put(m, 5, 77777);
    destroy(m);
}

// What a row of the list says is what the person's page says.
static void test_found_people_carry_their_state(void **state) {
    (void)state;
    struct kit k;
    kit_start(&k);
    kit_add_node(&k, "hub", KIT_HUB_RIGHTS,
                 CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4));
    kit_people(&k);
    static const char *const people[] = {KIT_ZOE, KIT_JAN, KIT_UNPAID};
    static const char *const names[] = {"ortiz", "mullender", "una"};
    struct fact_ref ref = kit_say(&k, 0, "admit", KIT_ZOE, "{'gate':'meeting'}");
    kit_say(&k, 0, "admit", KIT_ZOE, "{'gate':'free'}");
    kit_say(&k, 0, "badge.print", KIT_ZOE, "{'serial':3}");
    kit_say(&k, 0, "badge.print", KIT_JAN, "{'serial':1}");
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 3; i++) {
            struct person_state found[2], want;
            assert_int_equal(store_search(k.nodes[0], names[i], "meeting", found, 2), 1);
            assert_int_equal(store_read_person(k.nodes[0], people[i], "meeting", &want),
                             ERR_NONE);
            assert_string_equal(found[0].person.id, people[i]);
            assert_int_equal(found[0].is_in, want.is_in);
            assert_int_equal(found[0].in_ms, want.in_ms);
            assert_string_equal(found[0].in_at, want.in_at);
            assert_int_equal(found[0].has_badge, want.has_badge);
            assert_int_equal(found[0].serial, want.serial);
            assert_int_equal(want.is_in, i == 0 && round == 0);
        }
        char body[80], text[REF_TEXT_SIZE];
        ref_format(ref, text);
        snprintf(body, sizeof body, "{'of':'%s'}", text);
        kit_say(&k, 0, "admit.void", KIT_ZOE, body);
    }
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_a_plain_look_finds),
        cmocka_unit_test(test_pieces_while_people_change),
        cmocka_unit_test(test_found_people_carry_their_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

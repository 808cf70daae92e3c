// Folding by every order of up to six facts: one result.
#include "sync/event/fold.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FACTS_MAX = 6 };

struct row {
    const char *kind;
    int64_t at_ms;
    struct fact_ref ref, prev;
    const char *body; // ' for "; NULL: erased
    bool is_import;
};

static json_t *body_of(const char *text) {
    char copy[512];
    json_t *body = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    assert_int_equal(json_parse(copy, strlen(copy), &body), ERR_NONE);
    return body;
}

static void fill(struct fold_fact *f, const struct row *r) {
    *f = (struct fold_fact){.header = {.ref = r->ref, .prev = r->prev},
                            .at_ms = r->at_ms,
                            .is_import = r->is_import,
                            .body = r->body ? body_of(r->body) : NULL};
    snprintf(f->header.kind, sizeof f->header.kind, "%s", r->kind);
}

// What a fold made of the facts, as one line to compare.
typedef void describe(const struct fold_fact *sorted, size_t count, char *out,
                      size_t size);

static void in_every_order(const struct row *rows, size_t count, describe *tell,
                           const char *want) {
    size_t orders = 1;
    struct fold_fact facts[FACTS_MAX], shuffled[FACTS_MAX];
    assert_true(count <= FACTS_MAX);
    for (size_t i = 0; i < count; i++) {
        fill(&facts[i], &rows[i]);
        orders *= i + 1;
    }
    for (size_t n = 0; n < orders; n++) {
        size_t rest = n;
        char got[512];
        memcpy(shuffled, facts, sizeof facts);
        for (size_t i = 0; i < count; i++) {
            size_t pick = i + rest % (count - i);
            rest /= count - i;
            struct fold_fact swap = shuffled[i];
            shuffled[i] = shuffled[pick];
            shuffled[pick] = swap;
        }
        fold_sort(shuffled, count);
        tell(shuffled, count, got, sizeof got);
        assert_string_equal(got, want);
    }
    for (size_t i = 0; i < count; i++) {
        json_decref(facts[i].body);
    }
}

static void tell_latest(const struct fold_fact *sorted, size_t count, char *out,
                        size_t size) {
    bool conflict = false;
    const struct fold_fact *f = fold_latest(sorted, count, "session", &conflict);
    const struct fold_fact *was = f ? fold_session_was(sorted, count, f) : NULL;
    snprintf(out, size, "%s was %s%s", f ? json_get_text(f->body, "room", "?") : "none",
             was ? json_get_text(was->body, "room", "?") : "-",
             conflict ? " conflict" : "");
}

#define SESSION(room) "{'start':'2015-03-23T14:00:00Z','room':'" room "'}"

static const struct {
    const char *want;
    size_t count;
    struct row rows[FACTS_MAX];
} entity_cases[] = {
    {"none was -", 0, {{0}}},
    {"Gold was -", 1, {{"session", 10, {1, 1}, {0, 0}, SESSION("Gold"), 0}}},
    {"Oak was Gold",
     2,
     {{"session", 10, {1, 1}, {0, 0}, SESSION("Gold"), 0},
      {"session", 20, {1, 2}, {1, 1}, SESSION("Oak"), 0}}},
    // superseded whatever the clocks say
    {"Oak was Gold",
     2,
     {{"session", 90, {1, 1}, {0, 0}, SESSION("Gold"), 0},
      {"session", 20, {2, 1}, {1, 1}, SESSION("Oak"), 0}}},
    // two at once: the later one, and a conflict
    {"Elm was Gold conflict",
     3,
     {{"session", 10, {1, 1}, {0, 0}, SESSION("Gold"), 0},
      {"session", 20, {2, 1}, {1, 1}, SESSION("Oak"), 0},
      {"session", 21, {3, 1}, {1, 1}, SESSION("Elm"), 0}}},
    // at the same time: by address
    {"Elm was Oak conflict",
     2,
     {{"session", 20, {2, 9}, {0, 0}, SESSION("Oak"), 0},
      {"session", 20, {3, 1}, {0, 0}, SESSION("Elm"), 0}}},
    {"Elm was Oak conflict",
     2,
     {{"session", 20, {2, 1}, {0, 0}, SESSION("Oak"), 0},
      {"session", 20, {2, 2}, {0, 0}, SESSION("Elm"), 0}}},
    // moved and moved back: it is where it was first published
    {"Gold was -",
     3,
     {{"session", 10, {1, 1}, {0, 0}, SESSION("Gold"), 0},
      {"session", 20, {1, 2}, {1, 1}, SESSION("Oak"), 0},
      {"session", 30, {1, 3}, {1, 2}, SESSION("Gold"), 0}}},
    // facts that name each other in a circle, as nobody honest makes them
    {"none was -",
     2,
     {{"session", 10, {1, 1}, {1, 2}, SESSION("Gold"), 0},
      {"session", 20, {1, 2}, {1, 1}, SESSION("Oak"), 0}}},
    {"Elm was Oak",
     3,
     {{"session", 10, {1, 1}, {1, 2}, SESSION("Gold"), 0},
      {"session", 20, {1, 2}, {1, 1}, SESSION("Oak"), 0},
      {"session", 30, {1, 3}, {1, 2}, SESSION("Elm"), 0}}},
    // the clock went back between three moves
    {"Elm was Oak",
     3,
     {{"session", 90, {1, 1}, {0, 0}, SESSION("Gold"), 0},
      {"session", 50, {1, 2}, {1, 1}, SESSION("Oak"), 0},
      {"session", 10, {1, 3}, {1, 2}, SESSION("Elm"), 0}}},
    // moved twice: the last place before this one
    {"Elm was Oak",
     3,
     {{"session", 10, {1, 1}, {0, 0}, SESSION("Gold"), 0},
      {"session", 20, {1, 2}, {1, 1}, SESSION("Oak"), 0},
      {"session", 30, {1, 3}, {1, 2}, SESSION("Elm"), 0}}},
    // an erased body is no state; what it replaced stays replaced
    {"none was -",
     2,
     {{"session", 10, {1, 1}, {0, 0}, SESSION("Gold"), 0},
      {"session", 20, {1, 2}, {1, 1}, NULL, 0}}},
    // other kinds do not count, nor does a fact that names itself
    {"Gold was -",
     3,
     {{"session", 10, {1, 1}, {1, 1}, SESSION("Gold"), 0},
      {"notice", 20, {1, 2}, {0, 0}, SESSION("Oak"), 0},
      {"room", 30, {1, 3}, {0, 0}, SESSION("Elm"), 0}}},
};

static void test_latest_entity(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof entity_cases / sizeof *entity_cases; i++) {
        in_every_order(entity_cases[i].rows, entity_cases[i].count, tell_latest,
                       entity_cases[i].want);
    }
}

static void tell_person(const struct fold_fact *sorted, size_t count, char *out,
                        size_t size) {
    bool conflict = false;
    const struct fold_fact *latest = NULL;
    json_t *body = fold_person(sorted, count, &conflict, &latest);
    snprintf(out, size, "%s/%s%s%s", json_get_text(body, "name", "none"),
             json_get_text(body, "org", "-"),
             json_get_bool(body, "paid", true) ? "" : " unpaid",
             conflict ? " conflict" : "");
    json_decref(body);
}

static const struct {
    const char *want;
    size_t count;
    struct row rows[FACTS_MAX];
} person_cases[] = {
    {"none/-", 1, {{"person.edit", 10, {2, 1}, {0, 0}, "{'set':{'name':'X'}}", 0}}},
    {"Ann/-", 1, {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1}}},
    {"Anne/Ex",
     3,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann','paid':false}", 1},
      {"person.edit", 20, {2, 1}, {0, 0}, "{'set':{'name':'Anne','org':'Ex'}}", 0},
      {"pay.mark", 5, {3, 1}, {0, 0}, "{'how':'cash'}", 0}}},
    // an edit stays over a newer import of the row
    {"Anne/New",
     3,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1},
      {"person.edit", 20, {2, 1}, {0, 0}, "{'set':{'name':'Anne'}}", 0},
      {"person", 30, {1, 2}, {1, 1}, "{'name':'Ann','org':'New'}", 1}}},
    // concurrent edits of one field: the later, and a conflict; of two fields: none
    {"Anna/- conflict",
     3,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1},
      {"person.edit", 20, {2, 1}, {0, 0}, "{'set':{'name':'Anne'}}", 0},
      {"person.edit", 21, {3, 1}, {0, 0}, "{'set':{'name':'Anna'}}", 0}}},
    {"Anne/Ex",
     3,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1},
      {"person.edit", 20, {2, 1}, {0, 0}, "{'set':{'name':'Anne'}}", 0},
      {"person.edit", 21, {3, 1}, {0, 0}, "{'set':{'org':'Ex'}}", 0}}},
    // the same edit at both desks is no conflict
    {"Anne/-",
     3,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1},
      {"person.edit", 20, {2, 1}, {0, 0}, "{'set':{'name':'Anne'}}", 0},
      {"person.edit", 21, {3, 1}, {0, 0}, "{'set':{'name':'Anne'}}", 0}}},
    // an edit that names the one before, though its clock is behind
    {"Anna/-",
     3,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1},
      {"person.edit", 90, {2, 1}, {0, 0}, "{'set':{'name':'Anne'}}", 0},
      {"person.edit", 20, {3, 1}, {2, 1}, "{'set':{'name':'Anna'}}", 0}}},
    // fields that are nobody's to edit
    {"Ann/- unpaid",
     2,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann','paid':false}", 1},
      {"person.edit", 20, {2, 1}, {0, 0}, "{'set':{'paid':true,'kind':'staff'}}", 0}}},
    // an importer's word goes before a later walk-up
    {"Ann/-",
     2,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1},
      {"person", 50, {2, 1}, {0, 0}, "{'name':'Walk'}", 0}}},
    // two importers at once
    {"Bea/- conflict",
     2,
     {{"person", 10, {1, 1}, {0, 0}, "{'name':'Ann'}", 1},
      {"person", 50, {2, 1}, {0, 0}, "{'name':'Bea'}", 1}}},
    // erased
    {"none/-",
     2,
     {{"person", 10, {1, 1}, {0, 0}, NULL, 1},
      {"person.edit", 20, {2, 1}, {0, 0}, NULL, 0}}},
};

static void test_person_with_edits_and_payments(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof person_cases / sizeof *person_cases; i++) {
        in_every_order(person_cases[i].rows, person_cases[i].count, tell_person,
                       person_cases[i].want);
    }
}

static char incident_id[33]; // of two members, for the rows below

static void tell_incident(const struct fold_fact *sorted, size_t count, char *out,
                          size_t size) {
    struct fold_incident in;
    if (!fold_incident(sorted, count, "meeting", &in)) {
        snprintf(out, size, "none");
        return;
    }
    size_t used = (size_t)snprintf(out, size, "%s", in.is_resolved ? "resolved" : "open");
    for (size_t i = 0; i < in.member_count; i++) {
        char ref[REF_TEXT_SIZE];
        ref_format(in.members[i], ref);
        used += (size_t)snprintf(out + used, size - used, " %s", ref + 15);
    }
    snprintf(out + used, size - used, " at %lld", (long long)in.last_ms);
    assert_int_equal(strlen(in.id), 32);
    snprintf(incident_id, sizeof incident_id, "%s", in.id);
}

#define A "0000000000000001/1"
#define B "0000000000000002/1"

static void test_incidents(void **state) {
    (void)state;
    static const struct {
        const char *want;
        size_t count;
        struct row rows[FACTS_MAX];
    } cases[] = {
        {"none", 1, {{"admit", 10, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0}}},
        {"open 1/1 2/1 at 20",
         2,
         {{"admit", 10, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit", 20, {2, 1}, {0, 0}, "{'gate':'meeting'}", 0}}},
        // by the clock, not by address
        {"open 2/1 1/1 at 30",
         2,
         {{"admit", 30, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit", 20, {2, 1}, {0, 0}, "{'gate':'meeting'}", 0}}},
        {"none",
         3, // one of them undone
         {{"admit", 10, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit", 20, {2, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit.void", 15, {3, 1}, {0, 0}, "{'of':'" B "'}", 0}}},
        {"none",
         3, // other gates, other kinds, erased ones
         {{"admit", 10, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit", 20, {2, 1}, {0, 0}, "{'gate':'social'}", 0},
          {"admit", 20, {2, 2}, {0, 0}, NULL, 0}}},
        {"resolved 1/1 2/1 at 20",
         3,
         {{"admit", 10, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit", 20, {2, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"incident.resolve", 30, {3, 1}, {0, 0}, "{'of':['" B "','" A "']}", 0}}},
        {"open 1/1 2/1 at 20",
         4, // half a resolution twice is none
         {{"admit", 10, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit", 20, {2, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"incident.resolve", 30, {3, 1}, {0, 0}, "{'of':['" A "']}", 0},
          {"incident.resolve", 31, {3, 2}, {0, 0}, "{'of':['" B "',5]}", 0}}},
        {"open 1/1 2/1 4/1 at 40",
         4, // a new member opens it again
         {{"admit", 10, {1, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"admit", 20, {2, 1}, {0, 0}, "{'gate':'meeting'}", 0},
          {"incident.resolve", 30, {3, 1}, {0, 0}, "{'of':['" A "','" B "']}", 0},
          {"admit", 40, {4, 1}, {0, 0}, "{'gate':'meeting'}", 0}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        in_every_order(cases[i].rows, cases[i].count, tell_incident, cases[i].want);
    }
    // The id names the members, not their order or times.
    char by_clock[33];
    in_every_order(cases[1].rows, 2, tell_incident, cases[1].want);
    snprintf(by_clock, sizeof by_clock, "%s", incident_id);
    in_every_order(cases[2].rows, 2, tell_incident, cases[2].want);
    assert_string_equal(by_clock, incident_id);
    in_every_order(cases[7].rows, 4, tell_incident, cases[7].want);
    assert_string_not_equal(by_clock, incident_id);
}

static void test_more_members_than_fit(void **state) {
    (void)state;
    struct fold_fact facts[FOLD_MEMBERS_MAX + 6];
    for (size_t i = 0; i < FOLD_MEMBERS_MAX + 6; i++) {
        struct row r = {"admit", (int64_t)i, {1, i + 1}, {0, 0}, "{'gate':'g'}", false};
        fill(&facts[i], &r);
    }
    struct fold_incident in;
    assert_true(fold_incident(facts, FOLD_MEMBERS_MAX + 6, "g", &in));
    assert_int_equal(in.member_count, FOLD_MEMBERS_MAX);
    for (size_t i = 0; i < FOLD_MEMBERS_MAX + 6; i++) {
        json_decref(facts[i].body);
    }
}

static void test_references(void **state) {
    (void)state;
    char text[REF_TEXT_SIZE];
    struct fact_ref ref = {0, 0};
    ref_format((struct fact_ref){0xab, 12}, text);
    assert_string_equal(text, "00000000000000ab/12");
    ref_format((struct fact_ref){UINT64_MAX, UINT64_MAX}, text);
    assert_string_equal(text, "ffffffffffffffff/18446744073709551615");
    assert_int_equal(ref_parse(text, &ref), ERR_NONE);
    assert_true(ref.stream == UINT64_MAX && ref.n == UINT64_MAX);
    static const char *const bad[] = {
        "",
        "12",
        "00000000000000ab",
        "00000000000000ab/",
        "00000000000000ab/0",
        "00000000000000ab/-1",
        "00000000000000ab/ 1",
        "00000000000000ab/1x",
        "00000000000000ag/1",
        "00000000000000ab 1",
        "0000000000000ab/12",
        "00000000000000ab/99999999999999999999", // more than 64 bits
        "00000000000000ab/111111111111111111111111111111111111",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ref.n = 77;
        if (ref_parse(bad[i], &ref) != ERR_INPUT) {
            print_message("reference \"%s\" was taken\n", bad[i]);
        }
        assert_int_equal(ref.n, 77); // untouched
    }
}

int main(void) {
    assert_true(sodium_init() >= 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latest_entity),
        cmocka_unit_test(test_person_with_edits_and_payments),
        cmocka_unit_test(test_incidents),
        cmocka_unit_test(test_more_members_than_fit),
        cmocka_unit_test(test_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

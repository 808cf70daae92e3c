#include "sync/event/programme.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/event/drafts.h"
#include "sync/event/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *body_of(const char *text) {
    char copy[1024];
    json_t *body = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    assert_int_equal(json_parse(copy, strlen(copy), &body), ERR_NONE);
    return body;
}

static int64_t ms_of(const char *text) {
    int64_t ms = 0;
    assert_int_equal(instant_parse(text, &ms), ERR_NONE);
    return ms;
}

static void add(struct programme *p, const char *kind, const char *id, const char *body,
                int64_t at_ms) {
    json_t *json = body_of(body);
    programme_add(p, kind, id, json, NULL, at_ms);
    json_decref(json);
}

static void test_session_is_read_whole(void **state) {
    (void)state;
    json_t *body =
        body_of("{'acronym':'acme','name':'Automated Certs','area':'sec',"
                "'type':'plenary','start':'2015-03-23T09:00-05:00','minutes':150,"
                "'room':'Gold','status':'canceled','bof':true,'filler':true,"
                "'note':'n','url':'u','later':{'x':1}}");
    struct session s;
    session_parse("s2157", body, &s);
    assert_string_equal(s.id, "s2157");
    assert_string_equal(s.acronym, "acme");
    assert_string_equal(s.room, "Gold");
    assert_int_equal(s.type, SESSION_PLENARY);
    assert_int_equal(s.start_ms, ms_of("2015-03-23T14:00:00Z"));
    assert_int_equal(s.minutes, 150);
    assert_true(s.is_canceled && s.is_bof && s.is_filler);
    json_decref(body);
}

static void test_odd_bodies_become_defaults(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{}", "[]",
        "{'acronym':1,'start':'yesterday','minutes':'90','type':'party','room':null,"
        "'status':5,'bof':'yes','rooms':'Gold','level':7,'from':9,'kinds':{},'list':1,"
        "'reentry':false,'capacity':1.5,'order':'x'}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        json_t *body = body_of(bodies[i]);
        struct session s;
        struct notice n;
        struct gate g;
        struct room r;
        struct sponsor sponsor;
        struct event_info e;
        session_parse("s1", body, &s);
        notice_parse("n1", body, &n);
        gate_parse("g1", body, &g);
        room_parse(body, &r);
        sponsor_parse("x", body, &sponsor);
        event_info_parse(body, &e);
        assert_int_equal(s.type, i == 2 ? SESSION_OTHER : SESSION_REGULAR);
        assert_true(s.start_ms == 0 && s.minutes == 0 && !s.is_canceled && !s.is_bof);
        assert_int_equal(n.level, NOTICE_INFO);
        assert_true(n.from_ms == 0 && n.rooms[0] == '\0');
        assert_true(!g.is_list && g.is_once && !g.is_strict && !g.prints &&
                    g.capacity == 0);
        assert_true(r.order == 0 && r.capacity == 0 && sponsor.order == 0);
        assert_string_equal(e.zone, "");
        json_decref(body);
    }
}

static void test_long_texts_are_cut_at_characters(void **state) {
    (void)state;
    char text[3001] = "", id[200];
    for (int i = 0; i < 1000; i++) {
        memcpy(text + (size_t)i * 3, "龍", 4);
    }
    memset(id, 'i', sizeof id);
    id[sizeof id - 1] = '\0';
    json_t *body = json_pack("{s:s,s:s,s:s,s:s,s:[s,s]}", "name", text, "acronym", text,
                             "text", text, "room", text, "rooms", text, "Gold");
    struct session s;
    struct notice n;
    session_parse(id, body, &s);
    notice_parse(id, body, &n);
    assert_true(strlen(s.id) < sizeof s.id && strlen(n.id) < sizeof n.id);
    assert_true(strlen(s.name) % 3 == 0 && strlen(s.name) > sizeof s.name - 4);
    assert_true(strlen(s.acronym) % 3 == 0 && strlen(n.text) % 3 == 0);
    assert_string_equal(n.rooms, "Gold"); // whole names only
    json_decref(body);
}

static void test_gate_is_read_whole(void **state) {
    (void)state;
    json_t *body =
        body_of("{'name':'Social','kinds':['week','day'],'list':true,"
                "'from':'2015-03-24T19:00-05:00','until':'2015-03-25T06:00:00Z',"
                "'early_minutes':30,'reentry':'free','strict':true,'prints':true,"
                "'capacity':900,'refusal':'Sorry'}");
    struct gate g;
    gate_parse("social", body, &g);
    assert_string_equal(g.kinds, "week day");
    assert_true(g.is_list && !g.is_once && g.is_strict && g.prints);
    assert_int_equal(g.from_ms, ms_of("2015-03-25T00:00:00Z"));
    assert_int_equal(g.until_ms, ms_of("2015-03-25T06:00:00Z"));
    assert_int_equal(g.early_minutes, 30);
    assert_int_equal(g.capacity, 900);
    json_decref(body);
}

static void test_entities_are_sorted(void **state) {
    (void)state;
    struct programme p = {0};
    add(&p, "session", "s2", "{'start':'2015-03-23T15:00:00Z','room':'Oak'}", 5);
    add(&p, "session", "s3", "{'start':'2015-03-23T14:00:00Z','room':'Oak'}", 9);
    add(&p, "session", "s1", "{'start':'2015-03-23T14:00:00Z','room':'Gold'}", 7);
    add(&p, "session", "s8", "{'start':'2015-03-23T14:00:00Z','room':'Elm'}", 7);
    add(&p, "session", "s0", "{'start':'2015-03-23T14:00:00Z','room':'Oak'}", 7);
    add(&p, "room", "Oak", "{'name':'Oak','order':2}", 1);
    add(&p, "room", "Gold", "{'name':'Gold','order':1}", 1);
    add(&p, "room", "Elm", "{'name':'Elm','order':3}", 1);
    add(&p, "notice", "n1", "{'title':'old'}", 10);
    add(&p, "notice", "n2", "{'title':'new'}", 20);
    add(&p, "notice", "n3", "{'title':'gone','gone':true}", 30);
    add(&p, "sponsor", "b", "{'name':'B','order':1}", 1);
    add(&p, "sponsor", "a", "{'name':'A','order':1}", 1);
    add(&p, "gate", "social", "{'name':'Social'}", 1);
    add(&p, "gate", "meeting", "{'name':'Meeting'}", 1);
    add(&p, "event", "event", "{'name':'Test','zone':'Europe/Paris'}", 1);
    add(&p, "unheard.of", "x", "{'name':'Later'}", 1);
    programme_sort(&p);
    static const char *const sessions[] = {"s1", "s0", "s3", "s8", "s2"};
    assert_int_equal(p.session_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(p.sessions[i].id, sessions[i]);
    }
    assert_string_equal(p.rooms[0].name, "Gold");
    assert_string_equal(p.rooms[2].name, "Elm");
    assert_int_equal(p.notice_count, 2);
    assert_string_equal(p.notices[0].title, "new");
    assert_string_equal(p.sponsors[0].name, "A");
    assert_string_equal(p.gates[0].id, "meeting");
    assert_string_equal(p.event.zone, "Europe/Paris");
    assert_int_equal(p.changed_ms, 30); // a withdrawal is news as well
    assert_ptr_equal(programme_find_room(&p, "Oak"), &p.rooms[1]);
    assert_null(programme_find_room(&p, "oak"));
    assert_string_equal(programme_find_gate(&p, "social")->name, "Social");
    assert_null(programme_find_gate(&p, ""));
    programme_finish(&p);
    assert_null(p.sessions);
    programme_sort(&p); // of nothing
    programme_destroy(NULL);
}

static void test_moved_session_keeps_its_old_place(void **state) {
    (void)state;
    struct programme p = {0};
    json_t *now = body_of("{'room':'Oak','start':'2015-03-23T15:00:00Z'}");
    json_t *was = body_of("{'room':'Gold','start':'2015-03-23T14:00:00Z'}");
    programme_add(&p, "session", "s1", now, was, 44);
    assert_string_equal(p.sessions[0].room, "Oak");
    assert_string_equal(p.sessions[0].was_room, "Gold");
    assert_int_equal(p.sessions[0].was_start_ms, ms_of("2015-03-23T14:00:00Z"));
    assert_int_equal(p.sessions[0].changed_ms, 44);
    json_decref(now);
    json_decref(was);
    programme_finish(&p);
}

static void test_words_in_lists(void **state) {
    (void)state;
    static const struct {
        const char *list, *word;
        bool has;
    } rows[] = {
        {"", "week", false},
        {"week", "week", true},
        {"early week", "week", true},
        {"week early", "week", true},
        {"weekend", "week", false},
        {"midweek", "week", false},
        {"weekend week", "week", true},
        {"midweek week day", "week", true},
        {"week", "", false},
        {"a b", "a b", true},
        {"aaa a", "a", true},
        {"aa aab", "aab", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(list_has(rows[i].list, rows[i].word), rows[i].has);
    }
}

static void test_drafts(void **state) {
    (void)state;
    struct drafts d = {0};
    assert_int_equal(
        drafts_add(&d, "room", "Gold", json_pack("{s:i,s:i}", "z", 1, "a", 2)), ERR_NONE);
    assert_string_equal(d.items[0].body, "{\"a\":2,\"z\":1}"); // canonical
    char long_text[FACT_SUBJECT_MAX + 2];
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    char *big = mem_alloc(FACT_BODY_MAX + 1, 1);
    memset(big, 'x', FACT_BODY_MAX);
    assert_int_equal(drafts_add(&d, "", "s", json_object()), ERR_INPUT);
    assert_int_equal(drafts_add(&d, "room", "a\nb", json_object()), ERR_INPUT);
    assert_int_equal(drafts_add(&d, "room", "\xff", json_object()), ERR_INPUT);
    assert_int_equal(drafts_add(&d, "room", "s", json_array()), ERR_INPUT);
    assert_int_equal(drafts_add(&d, "room", "s", NULL), ERR_INPUT);
    assert_int_equal(drafts_add(&d, "room", long_text, json_object()), ERR_LIMIT);
    assert_int_equal(drafts_add(&d, long_text, "s", json_object()), ERR_LIMIT);
    assert_int_equal(drafts_add(&d, "room", "s", json_pack("{s:s}", "n", big)),
                     ERR_LIMIT);
    assert_int_equal(d.count, 1); // nothing was added on failure
    mem_free(big);
    drafts_finish(&d);
    assert_null(d.items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_is_read_whole),
        cmocka_unit_test(test_odd_bodies_become_defaults),
        cmocka_unit_test(test_long_texts_are_cut_at_characters),
        cmocka_unit_test(test_gate_is_read_whole),
        cmocka_unit_test(test_entities_are_sorted),
        cmocka_unit_test(test_moved_session_keeps_its_old_place),
        cmocka_unit_test(test_words_in_lists),
        cmocka_unit_test(test_drafts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

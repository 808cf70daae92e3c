// The events that ship: whole through the importers, without a message, and fit for a hall.
#include "sync/base/mem.h"
#include "sync/connectors/agenda_csv.h"
#include "sync/connectors/datatracker.h"
#include "sync/connectors/event_file.h"
#include "sync/connectors/people_csv.h"
#include "sync/connectors/rooms_csv.h"
#include "sync/event/person.h"
#include "sync/event/programme.h"
#include "sync/event/zone.h"
#include "tests/support/feeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct demo {
    struct zone *zone;
    struct feed_result *event, *rooms, *agenda, *extra, *people;
};

static struct feed_result *read_part(feed_fn *read, const char *folder, const char *name,
                                     const struct import_options *o) {
    char path[100];
    snprintf(path, sizeof path, "assets/%s/%s", folder, name);
    struct feed_result *r = feed_read_file(read, path, o);
    if (r->e != ERR_NONE || r->report.skipped) {
        fail_msg("%s: %s %s", path, r->report.refusal, r->report.messages[0]);
    }
    return r;
}

// Rooms are told to the datatracker's connector, as the hub does it.
static struct demo demo_open(const char *folder, const char *zone, bool has_people) {
    struct demo d = {0};
    assert_int_equal(zone_open(zone, &d.zone), ERR_NONE);
    struct import_options o = {.zone = d.zone};
    const char *names[64];
    d.event = read_part(event_file_read, folder, "event.json", &o);
    d.rooms = read_part(rooms_csv_read, folder, "rooms.csv", &o);
    assert_true(d.rooms->drafts.count <= 64);
    for (size_t i = 0; i < d.rooms->drafts.count; i++) {
        names[i] = d.rooms->drafts.items[i].subject;
    }
    o.known_rooms = names;
    o.known_room_count = d.rooms->drafts.count;
    d.agenda = read_part(datatracker_read, folder, "agenda.json", &o);
    d.extra = read_part(agenda_csv_read, folder, "extra.csv", &o);
    d.people = has_people ? read_part(people_csv_read, folder, "people.csv", &o) : NULL;
    assert_int_equal(d.event->report.message_count, 0);
    assert_int_equal(d.rooms->report.message_count, 0);
    assert_int_equal(d.agenda->report.message_count, 0);
    assert_int_equal(d.extra->report.message_count, 0);
    return d;
}

static void demo_close(struct demo *d) {
    feed_free(d->event);
    feed_free(d->rooms);
    feed_free(d->agenda);
    feed_free(d->extra);
    if (d->people) {
        feed_free(d->people);
    }
    zone_close(d->zone);
}

static void add_all(struct programme *p, const struct feed_result *r) {
    for (size_t i = 0; i < r->drafts.count; i++) {
        const struct draft *d = &r->drafts.items[i];
        json_t *body = json_loads(d->body, 0, NULL);
        assert_non_null(body);
        programme_add(p, d->kind, d->subject, body, NULL, 0);
        json_decref(body);
    }
}

static struct programme make_programme(const struct demo *d) {
    struct programme p = {0};
    add_all(&p, d->event);
    add_all(&p, d->rooms);
    add_all(&p, d->agenda);
    add_all(&p, d->extra);
    programme_sort(&p);
    return p;
}

static void check_rooms_known(const struct programme *p) {
    for (size_t i = 0; i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        if (s->room[0] && !programme_find_room(p, s->room)) {
            fail_msg("%s is in unknown room %s", s->id, s->room);
        }
    }
}

static void check_no_clash(const struct programme *p) {
    for (size_t i = 0; i < p->session_count; i++) {
        for (size_t k = i + 1; k < p->session_count; k++) {
            const struct session *a = &p->sessions[i], *b = &p->sessions[k];
            int64_t a_end = a->start_ms + a->minutes * 60000LL;
            if (!a->room[0] || strcmp(a->room, b->room) != 0 || a->is_canceled ||
                b->is_canceled) {
                continue;
            }
            if (b->start_ms < a_end) {
                fail_msg("%s and %s are both in %s", a->id, b->id, a->room);
            }
        }
    }
}

static const struct session *find_session(const struct programme *p, const char *acronym,
                                          const char *zone_day, int hour,
                                          const struct zone *zone) {
    for (size_t i = 0; i < p->session_count; i++) {
        struct local_time t = zone_local(zone, p->sessions[i].start_ms);
        char day[16];
        snprintf(day, sizeof day, "%02d-%02d", t.month % 100, t.day % 100);
        if (strcmp(p->sessions[i].acronym, acronym) == 0 && strcmp(day, zone_day) == 0 &&
            t.hour == hour) {
            return &p->sessions[i];
        }
    }
    fail_msg("no %s on %s at %d", acronym, zone_day, hour);
    return NULL;
}

// What the published notes say, exactly.
static void test_ietf92_certain_rows(void **state) {
    (void)state;
    static const struct {
        const char *acronym, *day;
        int hour, minutes;
        const char *room; // NULL: not known, so the row is marked as filler
    } rows[] = {
        {"netmod", "03-23", 9, 150, NULL},
        {"6man", "03-23", 9, 150, NULL},
        {"nvo3", "03-23", 15, 90, "International"},
        {"netmod", "03-24", 9, 150, NULL},
        {"httpbis", "03-24", 13, 120, NULL},
        {"anima", "03-24", 13, 120, NULL},
        {"lime", "03-24", 17, 60, NULL},
        {"dime", "03-25", 9, 150, NULL},
        {"trill", "03-25", 13, 120, NULL},
        {"nvo3", "03-25", 15, 60, "International"},
        {"alto", "03-26", 15, 120, "Continental"},
        {"anima", "03-27", 11, 90, NULL},
        {"tools", "03-21", 9, 510, "Brasserie"},
    };
    struct demo d = demo_open("ietf92", "America/Chicago", true);
    struct programme p = make_programme(&d);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct session *s =
            find_session(&p, rows[i].acronym, rows[i].day, rows[i].hour, d.zone);
        assert_int_equal(s->minutes, rows[i].minutes);
        assert_int_equal(s->is_filler, rows[i].room == NULL);
        if (rows[i].room) {
            assert_string_equal(s->room, rows[i].room);
        }
    }
    programme_finish(&p);
    demo_close(&d);
}

static void test_ietf92_is_whole(void **state) {
    (void)state;
    struct demo d = demo_open("ietf92", "America/Chicago", true);
    struct programme p = make_programme(&d);
    assert_int_equal(p.room_count, 19);
    assert_true(p.session_count > 150);
    assert_int_equal(d.agenda->report.hidden, 3);
    assert_int_equal(feed_count(d.agenda, "room"), 0);
    check_rooms_known(&p);
    check_no_clash(&p);
    static const char *const gates[] = {"meeting", "hackathon", "social",
                                        "plenary", "tshirt",    "caris"};
    for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
        assert_non_null(programme_find_gate(&p, gates[i]));
    }
    const struct gate *social = programme_find_gate(&p, "social");
    assert_true(social->is_strict && social->is_list && social->is_once);
    assert_true(programme_find_gate(&p, "meeting")->prints);
    assert_true(programme_find_gate(&p, "caris")->refusal[0]);
    assert_string_equal(p.event.zone, "America/Chicago");
    assert_true(p.notice_count >= 8 && p.sponsor_count == 7);
    programme_finish(&p);
    demo_close(&d);
}

// 149 sessions as they were; two groups sharing a room are facts, not clashes.
static void test_ietf83_is_whole(void **state) {
    (void)state;
    struct demo d = demo_open("ietf83", "Europe/Paris", false);
    struct programme p = make_programme(&d);
    assert_int_equal(d.agenda->drafts.count, 149);
    assert_int_equal(p.session_count, 149 + 22);
    assert_int_equal(p.room_count, 11);
    check_rooms_known(&p);
    const struct session *s = find_session(&p, "tools", "03-24", 9, d.zone);
    assert_int_equal(s->start_ms, 1332577800000); // 09:30 CET is 08:30 UTC
    s = find_session(&p, "iepg", "03-25", 10, d.zone);
    assert_int_equal(s->start_ms, 1332662400000); // 10:00 CEST is 08:00 UTC
    programme_finish(&p);
    demo_close(&d);
}

// Nothing of a draft is longer than the field that holds it on a screen.
static void check_uncut(const json_t *body, const char *key, const char *held) {
    const char *text = json_string_value(json_object_get(body, key));
    if (text && strcmp(text, held) != 0) {
        fail_msg("%s is cut: \"%s\" to \"%s\"", key, text, held);
    }
}

static void test_ietf92_texts_fit(void **state) {
    (void)state;
    struct demo d = demo_open("ietf92", "America/Chicago", true);
    const struct feed_result *all[] = {d.event, d.rooms, d.agenda, d.extra, d.people};
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < all[i]->drafts.count; k++) {
            const struct draft *draft = &all[i]->drafts.items[k];
            json_t *body = json_loads(draft->body, 0, NULL);
            struct session session;
            struct notice notice;
            struct gate gate;
            struct room room;
            struct person person;
            if (strcmp(draft->kind, "session") == 0) {
                session_parse(draft->subject, body, &session);
                check_uncut(body, "name", session.name);
                check_uncut(body, "acronym", session.acronym);
                check_uncut(body, "note", session.note);
                check_uncut(body, "url", session.url);
            } else if (strcmp(draft->kind, "notice") == 0) {
                notice_parse(draft->subject, body, &notice);
                check_uncut(body, "title", notice.title);
                check_uncut(body, "text", notice.text);
            } else if (strcmp(draft->kind, "gate") == 0) {
                gate_parse(draft->subject, body, &gate);
                check_uncut(body, "name", gate.name);
                check_uncut(body, "refusal", gate.refusal);
            } else if (strcmp(draft->kind, "room") == 0) {
                room_parse(body, &room);
                check_uncut(body, "level", room.level);
                check_uncut(body, "way", room.way);
            } else if (strcmp(draft->kind, "person") == 0) {
                person_parse(draft->subject, body, &person);
                check_uncut(body, "name", person.name);
                check_uncut(body, "org", person.org);
                check_uncut(body, "latin", person.latin);
                check_uncut(body, "note", person.note);
            }
            json_decref(body);
        }
    }
    demo_close(&d);
}

static void test_ietf92_people_for_every_verdict(void **state) {
    (void)state;
    struct demo d = demo_open("ietf92", "America/Chicago", true);
    size_t unpaid = 0, cancelled = 0, blocked = 0, day = 0, noted = 0, newcomers = 0,
           social = 0, hackathon = 0, caris = 0, chairs = 0, no_photo = 0;
    assert_int_equal(d.people->report.message_count, 0);
    for (size_t i = 0; i < d.people->drafts.count; i++) {
        const struct draft *draft = &d.people->drafts.items[i];
        json_t *body = json_loads(draft->body, 0, NULL);
        struct person p;
        person_parse(draft->subject, body, &p);
        json_decref(body);
        unpaid += !p.is_paid;
        cancelled += p.status == PERSON_CANCELLED;
        blocked += p.status == PERSON_BLOCKED;
        day += p.days[0] != '\0';
        noted += p.note[0] != '\0';
        newcomers += p.is_newcomer;
        no_photo += p.no_photo;
        social += list_has(p.gates, "social");
        hackathon += list_has(p.gates, "hackathon");
        caris += list_has(p.gates, "caris");
        chairs += list_has(p.roles, "chair");
        assert_int_equal(strlen(draft->subject), 16);
        assert_int_equal(strlen(p.ticket), 16);
        // The source's id is the person's: badges of the demo are the same everywhere.
        assert_non_null(strstr(draft->body, draft->subject));
    }
    assert_true(d.people->drafts.count >= 600);
    assert_true(unpaid >= 10 && cancelled >= 5 && blocked >= 2 && day >= 30 &&
                noted >= 5);
    assert_true(newcomers >= 50 && no_photo >= 20 && chairs >= 40);
    assert_true(social >= 100 && hackathon >= 50 && caris >= 20);
    demo_close(&d);
}

static void test_leadership_and_off_agenda_rows_never_come_out(void **state) {
    (void)state;
    struct zone *zone = NULL;
    assert_int_equal(zone_open("America/Chicago", &zone), ERR_NONE);
    struct import_options o = {.zone = zone};
    struct feed_result *r =
        feed_read_file(agenda_csv_read, "tests/data/ietf92-side.csv", &o);
    assert_int_equal(r->report.hidden, 73);
    assert_int_equal(r->report.skipped, 0);
    assert_int_equal(r->drafts.count, 0);
    assert_int_equal(r->e, ERR_INPUT);
    feed_free(r);
    zone_close(zone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ietf92_certain_rows),
        cmocka_unit_test(test_ietf92_is_whole),
        cmocka_unit_test(test_ietf83_is_whole),
        cmocka_unit_test(test_ietf92_texts_fit),
        cmocka_unit_test(test_ietf92_people_for_every_verdict),
        cmocka_unit_test(test_leadership_and_off_agenda_rows_never_come_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

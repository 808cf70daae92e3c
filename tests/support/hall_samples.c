#include "tests/support/hall_samples.h"

#include "app/image/qr.h"
#include "app/screens/agenda.h"
#include "app/screens/look.h"
#include "app/screens/message.h"
#include "app/screens/room.h"
#include "sync/base/mem.h"

#include <string.h>

static const struct qr *sample_qr(void) {
    static struct qr qr;
    if (qr.side == 0) {
        const char *url = "https://datatracker.ietf.org/meeting/92/session/acme";
        CHECK(qr_encode(url, strlen(url), &qr) == ERR_NONE);
    }
    return &qr;
}

static struct session_view session(const char *start, const char *end,
                                   const char *acronym, const char *title) {
    struct session_view s = {.change = CHANGE_NONE};
    look_format(s.start, sizeof s.start, "%s", start);
    look_format(s.end, sizeof s.end, "%s", end);
    look_format(s.acronym, sizeof s.acronym, "%s", acronym);
    look_format(s.title, sizeof s.title, "%s", title);
    return s;
}

static struct session_view moved_here(struct session_view s, const char *was) {
    s.change = CHANGE_MOVED_HERE;
    look_format(s.was, sizeof s.was, "%s", was);
    return s;
}

static struct session_view moved_away(struct session_view s, const char *when,
                                      const char *room, const char *level) {
    s.change = CHANGE_MOVED_AWAY;
    look_format(s.to_when, sizeof s.to_when, "%s", when);
    look_format(s.to_room, sizeof s.to_room, "%s", room);
    look_format(s.to_level, sizeof s.to_level, "%s", level);
    return s;
}

static struct session_view cancelled(struct session_view s) {
    s.change = CHANGE_CANCELLED;
    return s;
}

// ---- room

static void fill_room(struct room_view *v) {
    *v = (struct room_view){
        .room = "Parisian",
        .level = "Level 1",
        .date = "Wed 25 March",
        .clock = "13:43",
        .mode = ROOM_MODE_NOW,
        .part_done = 0.48F,
        .minutes_left = 47,
        .seats = "room has space",
        .next_count = 3,
        .qr = sample_qr(),
        .qr_caption = "Slides, chat, speak queue",
        .note_well = "Note Well: contributions are covered by BCP 78 and BCP 79",
        .wifi = "ietf",
        .checked = "13:42",
        .changed = "12:10"};
    v->main =
        session("13:00", "14:30", "ACME", "Automated Certificate Management Environment");
    v->main.is_bof = true;
    look_format(v->main.area, sizeof v->main.area, "SEC");
    look_format(v->main.note, sizeof v->main.note, "Step-free entrance by the west door");
    v->next[0] = session("15:20", "16:20", "LUCID", "Locale-free Unicode Identifiers");
    v->next[1] = moved_here(
        session("16:50", "17:30", "SPUD", "Session Protocol for User Datagrams"), "Gold");
    v->next[2] = moved_away(
        session("17:40", "18:40", "HOPS", "How Ossified is the Protocol Stack?"),
        "Thu 09:00", "Oak", "Level 2");
}

static void draw_room(struct canvas *canvas, struct targets *targets,
                      void (*change)(struct room_view *)) {
    struct room_view *view = mem_alloc(1, sizeof *view);
    fill_room(view);
    if (change) {
        change(view);
    }
    room_draw(canvas, view, targets);
    mem_free(view);
}

static void room_now(struct canvas *c, struct targets *t) {
    draw_room(c, t, NULL);
}

static void make_long(struct room_view *v) {
    look_format(v->room, sizeof v->room,
                "Grand Regency Ballroom Foyer East and Terrace Level Hall 3 B");
    look_format(v->level, sizeof v->level, "Lower Mezzanine Level");
    v->main =
        session("09:00", "11:30", "NETMOD-INTERIM",
                "Source Packet Routing in Networking and Deterministic Networking joint "
                "session on segment routed and time sensitive flows in data centres");
    look_format(v->main.area, sizeof v->main.area, "RTG");
    look_format(v->main.note, sizeof v->main.note,
                "Joint with the Interface to the Routing System working group. Remote "
                "participants speak first; the queue is in the onsite tool.");
    look_format(v->also, sizeof v->also, "MPLS, Multiprotocol Label Switching");
    look_format(v->seats, sizeof v->seats, "room is full, overflow in Regency Ballroom");
    v->main =
        moved_here(v->main, "Grand Regency Ballroom Foyer East and Terrace Level Hall 1");
    v->next[0] = moved_here(v->next[0],
                            "Grand Regency Ballroom Foyer East and Terrace Level Hall 1");
    v->next[1] =
        cancelled(session("16:50", "17:30", "",
                          "Newcomers' meet and greet with the working group chairs "
                          "and the Internet Engineering Steering Group"));
    v->next[2] =
        moved_away(v->next[2], "Thu 26 March 09:00",
                   "Grand Regency Ballroom Foyer East and Terrace Level Hall 3 B",
                   "Lower Mezzanine Level");
}

static void room_long(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_long);
}

static void make_next(struct room_view *v) {
    v->mode = ROOM_MODE_NEXT;
    v->main = session("15:20", "16:20", "LUCID", "Locale-free Unicode Identifiers");
    v->main.is_bof = true;
    v->minutes_to_start = 25;
    look_format(v->clock, sizeof v->clock, "14:55");
    v->next[0] = v->next[1];
    v->next[1] = v->next[2];
    v->next_count = 2;
}

static void room_next(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_next);
}

static void make_done(struct room_view *v) {
    v->mode = ROOM_MODE_DONE;
    look_format(v->clock, sizeof v->clock, "19:05");
    v->main = session("09:00", "11:30", "TLS", "Transport Layer Security");
    look_format(v->main.day, sizeof v->main.day, "Thu 26 March");
    v->next_count = 0;
}

static void room_done(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_done);
}

static void make_over(struct room_view *v) {
    make_done(v);
    v->main = (struct session_view){.change = CHANGE_NONE};
    v->is_stale = true;
    v->wifi[0] = '\0';
}

static void room_over(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_over);
}

static void make_moved(struct room_view *v) {
    v->main = moved_away(v->main, "", "Continental", "Level 1");
    v->next_count = 1;
    v->qr = NULL;
}

static void room_moved(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_moved);
}

static void make_cancelled(struct room_view *v) {
    v->main = cancelled(
        session("13:00", "14:30", "CCAMP", "Common Control and Measurement Plane"));
    v->next_count = 0;
    v->qr = NULL;
}

static void room_cancelled(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_cancelled);
}

static void make_notices(struct room_view *v) {
    v->notice_count = 2;
    v->notices[0] = (struct notice_view){
        .title = "Network",
        .level = NOTICE_WARN,
        .at = "13:20",
        .text =
            "The network in the ballroom is being repaired until 14:10. Please use the "
            "5 GHz network in the foyer meanwhile; remote participation goes on."};
    v->notices[1] =
        (struct notice_view){.title = "Tonight",
                             .text = "Bits-n-Bites in the Regency Ballroom, 19:00",
                             .level = NOTICE_INFO};
    v->is_stale = true;
}

static void room_notices(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_notices);
}

static void make_emergency(struct room_view *v) {
    v->notice_count = 1;
    v->notices[0] = (struct notice_view){
        .title = "Leave the building now",
        .text =
            "Use the stairs, not the lifts. Meet on the lawn across Akard Street. Help "
            "your neighbour.",
        .at = "13:40",
        .level = NOTICE_EMERGENCY};
}

static void room_emergency(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_emergency);
}

static void make_day(struct room_view *v) {
    v->mode = ROOM_MODE_DAY;
    v->date[0] = '\0';
    look_format(v->day_name, sizeof v->day_name, "Monday");
    v->day[0] = session("09:00", "11:30", "6MAN", "IPv6 Maintenance");
    v->day[1] = session("11:30", "13:00", "", "Lunch break");
    v->day[2] = moved_here(
        session("13:00", "15:00", "HTTPBIS", "Hypertext Transfer Protocol"), "Gold");
    v->day[3] = cancelled(
        session("15:20", "16:50", "CCAMP", "Common Control and Measurement Plane"));
    v->day[4] = moved_away(session("17:10", "18:40", "HOPS", "How Ossified"), "Tue 09:00",
                           "Oak", "Level 2");
    v->day_count = 5;
}

static void room_day(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_day);
}

static void make_held(struct room_view *v) {
    look_format(v->time_note, sizeof v->time_note, "time not confirmed");
}

static void room_held(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_held);
}

static void make_full_day(struct room_view *v) {
    make_day(v);
    for (int i = 5; i < ROOM_DAY_MAX; i++) {
        v->day[i] = v->day[i % 5];
    }
    v->day_count = ROOM_DAY_MAX;
}

static void room_day_full(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_full_day);
}

static void make_scripts(struct room_view *v) {
    look_format(v->room, sizeof v->room,
                "\xE6\x9C\xAB\xE5\xBA\x83\xE3\x83\x9B"
                "\xE3\x83\xBC\xE3\x83\xAB");
    v->main = session("13:00", "14:30", "",
                      "\xD8\xA7\xD9\x84\xD8\xA5\xD9\x86\xD8\xAA\xD8\xB1\xD9\x86\xD8\xAA "
                      "\xD9\x84\xD9\x84\xD8\xAC\xD9\x85\xD9\x8A\xD8\xB9");
    v->next[0] = session("15:20", "16:20", "\xE5\x9B\xBD\xE9\x99\x85\xE5\x8C\x96",
                         "\xE5\xA4\x9A\xE8\xAF\xAD\xE8\xA8\x80\xE5\x9F\x9F\xE5\x90\x8D"
                         "\xE4\xB8\x8E\xE7\xBB\x9F\xE4\xB8\x80\xE7\xA0\x81");
}

static void make_thai(struct room_view *v) {
    look_format(v->room, sizeof v->room,
                "\xE0\xB8\xAB\xE0\xB9\x89\xE0\xB8\xAD\xE0\xB8\x87\xE0\xB8\x9B\xE0\xB8\xA3"
                "\xE0\xB8\xB0\xE0\xB8\x8A\xE0\xB8\xB8\xE0\xB8\xA1");
    v->main =
        session("13:00", "14:30", "",
                "\xE0\xB8\x81\xE0\xB8\xB2\xE0\xB8\xA3\xE0\xB8\x9B\xE0\xB8\xA3\xE0\xB8\xB0"
                "\xE0\xB8\x8A\xE0\xB8\xB8\xE0\xB8\xA1\xE0\xB8\xAD\xE0\xB8\xB4\xE0\xB8\x99"
                "\xE0\xB9\x80\xE0\xB8\x97\xE0\xB8\xAD\xE0\xB8\xA3\xE0\xB9\x8C\xE0\xB9\x80"
                "\xE0\xB8\x99\xE0\xB9\x87\xE0\xB8\x95\xE0\xB8\xAA\xE0\xB8\xB3\xE0\xB8\xAB"
                "\xE0\xB8\xA3\xE0\xB8\xB1\xE0\xB8\x9A\xE0\xB8\x97\xE0\xB8\xB8\xE0\xB8\x81"
                "\xE0\xB8\x84\xE0\xB8\x99");
    v->next[0] = moved_here(
        session("15:20", "16:20", "",
                "\xD8\xAA\xD8\xAF\xD9\x88\xD9\x8A\xD9\x84 \xD8\xA3\xD8\xB3\xD9\x85"
                "\xD8\xA7\xD8\xA1 \xD8\xA7\xD9\x84\xD9\x86\xD8\xB7\xD8\xA7\xD9\x82 "
                "\xD9\x88\xD9\x8A\xD9\x88\xD9\x86\xD9\x8A\xD9\x83\xD9\x88\xD8\xAF"),
        "\xE6\x9C\xAB\xE5\xBA\x83\xE3\x83\x9B\xE3\x83\xBC\xE3\x83\xAB");
    v->qr_caption[0] = '\0';
}

static void room_thai(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_thai);
}

static void room_scripts(struct canvas *c, struct targets *t) {
    draw_room(c, t, make_scripts);
}

// ---- agenda

static struct agenda_row row(struct session_view s, const char *room, int degrees) {
    struct agenda_row r = {.session = s, .arrow_degrees = degrees};
    look_format(r.room, sizeof r.room, "%s", room);
    return r;
}

static void fill_agenda(struct agenda_view *v) {
    *v = (struct agenda_view){.date = "Wed 25 March",
                              .clock = "13:43",
                              .place = "Regency Foyer, Level 1",
                              .has_arrows = true,
                              .checked = "13:42",
                              .wifi = "ietf",
                              .notice_count = 1};
    struct agenda_row *n = v->now.rows;
    n[0] =
        row(session("13:00", "14:30", "ACME", "Automated certificates"), "Parisian", 180);
    n[0].session.is_bof = true;
    n[1] = row(session("13:00", "14:30", "NETCONF", "Network Configuration"),
               "Continental", 270);
    n[2] =
        row(session("13:00", "15:00", "TLS", "Transport Layer Security"), "Venetian", 0);
    look_format(n[2].until, sizeof n[2].until, "15:00");
    n[3] = row(session("13:00", "14:30", "HTTPBIS", "Hypertext Transfer Protocol"),
               "Gold", 0);
    n[4] =
        row(session("13:00", "14:30", "6MAN", "IPv6 Maintenance"), "International", 315);
    n[5] = row(
        session("13:00", "14:30", "ROLL", "Routing Over Low power and Lossy networks"),
        "Oak", 270);
    v->now.count = 6;
    look_format(v->now.time, sizeof v->now.time, "14:30");
    struct agenda_row *x = v->next.rows;
    x[0] = row(session("15:20", "16:20", "LUCID", "Locale-free Unicode Identifiers"),
               "Parisian", 180);
    x[1] = row(moved_here(session("15:20", "16:20", "SAAG", "Security Area Open Meeting"),
                          "Gold"),
               "Venetian", 0);
    x[2] = row(session("15:20", "16:20", "T2TRG", "Thing-to-Thing"), "Oak", 270);
    x[3] =
        row(cancelled(session("15:20", "16:20", "CCAMP", "Common Control")), "Royal", 90);
    x[4] = row(session("15:20", "16:20", "NVO3", "Network Virtualization Overlays"),
               "International", 315);
    x[5] = row(session("15:20", "16:20", "TSVAREA", "Transport Area: SEMI, SPUD, HOPS"),
               "Gold", 0);
    v->next.count = 6;
    v->next.minutes = 97;
    look_format(v->next.time, sizeof v->next.time, "15:20");
    v->notices[0] = (struct notice_view){
        .title = "Tonight",
        .text =
            "CodeMatch update and demo in the plenary, then Bits-n-Bites in the Regency "
            "Ballroom.",
        .level = NOTICE_INFO};
}

static void draw_agenda(struct canvas *canvas, struct targets *targets,
                        void (*change)(struct agenda_view *)) {
    struct agenda_view *view = mem_alloc(1, sizeof *view);
    fill_agenda(view);
    if (change) {
        change(view);
    }
    agenda_draw(canvas, view, targets);
    mem_free(view);
}

static void agenda_now(struct canvas *c, struct targets *t) {
    draw_agenda(c, t, NULL);
}

static void make_crowded(struct agenda_view *v) {
    for (int i = 6; i < 25; i++) {
        v->now.rows[i] = v->now.rows[i % 6];
        v->next.rows[i] = v->next.rows[i % 6];
    }
    v->now.count = 25;
    v->next.count = 11;
    v->page = 1;
    look_format(v->now.rows[8].room, sizeof v->now.rows[8].room,
                "Grand Regency Ballroom Foyer East and Terrace Level Hall 3 B");
    look_format(v->now.rows[9].session.acronym, sizeof v->now.rows[9].session.acronym,
                "NETMOD-INTERIM-JOINT");
    v->now.rows[10] =
        row(session("13:00", "14:30", "",
                    "Newcomers' meet and greet with working group chairs and "
                    "the steering group"),
            "Garden Terrace Level", AGENDA_NO_ARROW);
    v->next.rows[7] = row(moved_away(session("15:20", "16:20", "HOPS", "How Ossified"),
                                     "Thu 09:00", "Oak", "Level 2"),
                          "Royal", AGENDA_NO_ARROW);
    v->notices[1] =
        (struct notice_view){.title = "Weather",
                             .text = "Storms delay flights out of Dallas tonight. "
                                     "Ask the registration desk about hotel "
                                     "nights at the meeting rate.",
                             .level = NOTICE_WARN};
    v->notice_count = 2;
}

static void agenda_crowded(struct canvas *c, struct targets *t) {
    draw_agenda(c, t, make_crowded);
}

static void make_empty(struct agenda_view *v) {
    v->now.count = v->next.count = 0;
    v->notice_count = 0;
    v->is_stale = true;
}

static void agenda_empty(struct canvas *c, struct targets *t) {
    draw_agenda(c, t, make_empty);
}

static void make_unknown(struct agenda_view *v) {
    v->is_time_unknown = true;
    v->date[0] = '\0';
    look_format(v->day_name, sizeof v->day_name, "Wednesday");
    for (int i = 0; i < 6; i++) {
        v->now.rows[6 + i] = v->next.rows[i];
        v->now.rows[12 + i] = v->next.rows[5 - i];
    }
    v->now.count = 18;
    v->notice_count = 0;
}

static void agenda_unknown(struct canvas *c, struct targets *t) {
    draw_agenda(c, t, make_unknown);
}

static void make_utc(struct agenda_view *v) {
    look_format(v->clock, sizeof v->clock, "13:43 UTC");
    look_format(v->time_note, sizeof v->time_note,
                "time not confirmed \xC2\xB7 times are UTC");
}

static void agenda_utc(struct canvas *c, struct targets *t) {
    draw_agenda(c, t, make_utc);
}

// ---- messages in the dark

static void message_waiting(struct canvas *c, struct targets *t) {
    struct message_view v = {.is_dark = true,
                             .kind = MESSAGE_WAITING,
                             .title = "Waiting for the programme",
                             .progress = -1,
                             .footer = "Room screen 4 \xC2\xB7 hub 10.20.0.5",
                             .clock = "08:12"};
    message_draw(c, &v, t);
}

static void message_enrol(struct canvas *c, struct targets *t) {
    struct message_view v = {.is_dark = true,
                             .kind = MESSAGE_ENROL,
                             .progress = -1,
                             .code = "482 913",
                             .line_count = 2,
                             .lines = {"Compare these digits with the hub's page.",
                                       "The same there? Then confirm this kiosk there."},
                             .qr = sample_qr(),
                             .footer = "no name yet \xC2\xB7 hub 10.20.0.5"};
    message_draw(c, &v, t);
}

static const struct screen_sample samples[] = {
    {"room-now", room_now, false},
    {"room-long", room_long, false},
    {"room-next", room_next, false},
    {"room-done", room_done, false},
    {"room-over", room_over, false},
    {"room-moved", room_moved, false},
    {"room-cancelled", room_cancelled, false},
    {"room-notices", room_notices, false},
    {"room-emergency", room_emergency, false},
    {"room-held", room_held, false},
    {"room-day", room_day, false},
    {"room-day-full", room_day_full, false},
    {"room-scripts", room_scripts, false},
    {"room-thai", room_thai, false},
    {"agenda", agenda_now, false},
    {"agenda-crowded", agenda_crowded, false},
    {"agenda-empty", agenda_empty, false},
    {"agenda-utc", agenda_utc, false},
    {"agenda-time-unknown", agenda_unknown, false},
    {"message-waiting", message_waiting, false},
    {"message-enrol", message_enrol, false},
};

const struct screen_sample *hall_samples_get(size_t *out_count) {
    *out_count = sizeof samples / sizeof samples[0];
    return samples;
}

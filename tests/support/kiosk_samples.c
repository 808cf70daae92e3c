#include "tests/support/kiosk_samples.h"

#include "app/image/image.h"
#include "app/screens/attract.h"
#include "app/screens/confirm.h"
#include "app/screens/find.h"
#include "app/screens/message.h"
#include "app/screens/unlock.h"
#include "app/screens/verdict.h"

#include <stdio.h>
#include <string.h>

static const struct image *sample_badge;

void screen_samples_set_badge(const struct image *badge) {
    sample_badge = badge;
}

static void set(char *out, size_t size, const char *text) {
    snprintf(out, size, "%s", text);
}

// ---- attract

static struct attract_view attract_usual(void) {
    return (struct attract_view){.event = "IETF 92",
                                 .kiosk = "Kiosk 3",
                                 .printer = ATTRACT_PRINTER_READY,
                                 .has_scanner = true,
                                 .can_find = true,
                                 .can_register = true};
}

static void attract_plain(struct canvas *c, struct targets *t) {
    struct attract_view v = attract_usual();
    attract_draw(c, &v, t);
}

static void attract_langs(struct canvas *c, struct targets *t) {
    struct attract_view v = attract_usual();
    v.lang_count = 6;
    const char *langs[6] = {"English",
                            "Espa\xC3\xB1ol",
                            "Fran\303\247ais",
                            "Deutsch",
                            "\xE4\xB8\xAD\xE6\x96\x87",
                            "\xD8\xA7\xD9\x84\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A\xD8\xA9"};
    for (int i = 0; i < 6; i++) {
        set(v.langs[i], sizeof v.langs[i], langs[i]);
    }
    attract_draw(c, &v, t);
}

static void attract_gate(struct canvas *c, struct targets *t) {
    struct attract_view v = attract_usual();
    set(v.gate, sizeof v.gate, "Social event at the Reunion Tower");
    v.printer = ATTRACT_PRINTER_NONE;
    v.can_register = false;
    v.is_offline = v.is_time_unknown = true;
    v.call = CALL_SENT;
    attract_draw(c, &v, t);
}

static void attract_checking(struct canvas *c, struct targets *t) {
    struct attract_view v = attract_usual();
    set(v.gate, sizeof v.gate, "Social event at the Reunion Tower");
    v.printer = ATTRACT_PRINTER_NONE;
    v.is_checking = true;
    attract_draw(c, &v, t);
}

static void attract_trouble(struct canvas *c, struct targets *t) {
    struct attract_view v = attract_usual();
    set(v.event, sizeof v.event,
        "Internet Measurement and Analysis Workshop on Resilience 2015");
    v.printer = ATTRACT_PRINTER_TROUBLE;
    set(v.badge_place, sizeof v.badge_place, "Desk 2");
    v.has_scanner = false;
    v.notice =
        (struct notice_view){.title = "T-shirts",
                             .text = "Collect yours in the Regency Foyer until 18:00.",
                             .level = NOTICE_INFO};
    v.call = CALL_ANSWERED;
    attract_draw(c, &v, t);
}

// All that can be on it at once.
static void attract_full(struct canvas *c, struct targets *t) {
    struct attract_view v = attract_usual();
    set(v.event, sizeof v.event,
        "\xE4\xBA\x92\xE8\x81\x94\xE7\xBD\x91\xE5\xB7\xA5\xE7\xA8\x8B\xE4\xBB\xBB"
        "\xE5\x8A\xA1\xE7\xBB\x84\xE7\xAC\xAC\xE4\xB9\x9D\xE5\x8D\x81\xE4\xBA\x8C"
        "\xE6\xAC\xA1\xE4\xBC\x9A\xE8\xAE\xAE");
    v.printer = ATTRACT_PRINTER_TROUBLE;
    set(v.badge_place, sizeof v.badge_place, "Registration desk 12, Regency Foyer");
    v.is_offline = v.is_time_unknown = true;
    v.notice = (struct notice_view){
        .title = "Flights",
        .text =
            "Storms delay flights out of Dallas tonight. Ask the registration desk "
            "about hotel nights at the meeting rate; buses to the airport leave every "
            "twenty minutes from the Akard Street entrance.",
        .level = NOTICE_WARN};
    v.call = CALL_ANSWERED;
    v.lang_count = 8;
    const char *langs[8] = {"English",
                            "Espa\xC3\xB1ol",
                            "Ti\xE1\xBA\xBFng Vi\xE1\xBB\x87t",
                            "Deutsch",
                            "\xE4\xB8\xAD\xE6\x96\x87",
                            "\xD8\xA7\xD9\x84\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A\xD8\xA9",
                            "\xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2",
                            "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"};
    for (int i = 0; i < 8; i++) {
        set(v.langs[i], sizeof v.langs[i], langs[i]);
    }
    attract_draw(c, &v, t);
}

// Usable before everybody is known; the hub's own clock is not sure.
static void attract_loading(struct canvas *c, struct targets *t) {
    struct attract_view v = attract_usual();
    set(v.time_note, sizeof v.time_note, "time not confirmed");
    set(v.loading, sizeof v.loading,
        "8\xE2\x80\xAF"
        "200 of 12\xE2\x80\xAF"
        "431 people");
    attract_draw(c, &v, t);
}

// ---- confirm

static void confirm_plain(struct canvas *c, struct targets *t) {
    struct confirm_view v = {.name = "Zo\xC3\xAB M\xC3\xBCller-Ortiz",
                             .org = "Example Networks",
                             .detail = "Week pass \xC2\xB7 newcomer \xC2\xB7 no photos",
                             .can_change = true,
                             .badge = sample_badge};
    confirm_draw(c, &v, t);
}

static void confirm_checking(struct canvas *c, struct targets *t) {
    struct confirm_view v = {.name = "Zo\xC3\xAB M\xC3\xBCller-Ortiz",
                             .org = "Example Networks",
                             .detail = "Week pass \xC2\xB7 newcomer \xC2\xB7 no photos",
                             .can_change = true,
                             .badge = sample_badge};
    v.is_checking = true;
    confirm_draw(c, &v, t);
}

static void confirm_long(struct canvas *c, struct targets *t) {
    struct confirm_view v = {
        .name = "Nguy\xE1\xBB\x85n Th\xE1\xBB\x8B Minh Khai Adeyemi-Wolfeschlegelstein"
                "hausenbergerdorff van der Zwaluwenberg",
        .latin = "Nguyen Hoa Minh Khai Adeyemi-Wolfeschlegelsteinhausenbergerdorff",
        .org =
            "Institute for Advanced Interdomain Routing Studies and Long Affiliations, "
            "University of Example",
        .detail =
            "One-day pass Tue \xC2\xB7 student \xC2\xB7 newcomer \xC2\xB7 no photos "
            "\xC2\xB7 step-free access",
        .print_place = "Desk 2",
        .can_change = true};
    confirm_draw(c, &v, t);
}

static void confirm_arabic(struct canvas *c, struct targets *t) {
    struct confirm_view v = {
        .name = "\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF \xD9\x85\xD9\x84\xD8\xA7",
        .latin = "Mohammed Mulla",
        .org = "\xE5\xB1\xB1\xE7\x94\xB0\xE5\xA4\xA7\xE5\xAD\xA6",
        .detail = "Week pass",
        .can_change = true,
        .call = CALL_SENT,
        .badge = sample_badge};
    confirm_draw(c, &v, t);
}

// ---- verdicts

static struct verdict_view verdict_usual(enum verdict verdict, bool is_staff) {
    return (struct verdict_view){.verdict = verdict,
                                 .is_staff = is_staff,
                                 .given = "Zo\xC3\xAB",
                                 .name = "Zo\xC3\xAB M\xC3\xBCller-Ortiz",
                                 .detail = "Example Networks \xC2\xB7 Week pass",
                                 .since = "09:12",
                                 .at = "Kiosk 2",
                                 .can_print = true,
                                 .can_find = true,
                                 .can_register = true,
                                 .can_override = true};
}

static void verdict_admitted(struct canvas *c, struct targets *t) {
    struct verdict_view v = verdict_usual(VERDICT_ADMITTED, false);
    v.steps[0] = (struct verdict_step){.text = "Take your badge from the printer below."};
    v.steps[1] = (struct verdict_step){.text = "Your first today: ",
                                       .strong = "Newcomers' tutorial 12:30",
                                       .rest = ", Continental, this level."};
    v.steps[2] =
        (struct verdict_step){.text = "Wi-Fi: join ",
                              .strong = "ietf",
                              .rest = ". The slip under your badge has the sign-in."};
    v.step_count = 3;
    v.print = PRINT_STATE_PRINTING;
    v.print_part = 0.62F;
    v.badge = sample_badge;
    verdict_draw(c, &v, t);
}

static void verdict_admitted_gate(struct canvas *c, struct targets *t) {
    struct verdict_view v = verdict_usual(VERDICT_ADMITTED, false);
    set(v.given, sizeof v.given,
        "Nguy\xE1\xBB\x85n Th\xE1\xBB\x8B Minh Khai Adeyemi-Wolfeschlegelstein");
    set(v.gate, sizeof v.gate, "Social event at the Reunion Tower");
    v.steps[0] = (struct verdict_step){.text = "Buses leave from the ",
                                       .strong = "Akard Street entrance",
                                       .rest = " every ten minutes until 19:30."};
    v.step_count = 1;
    verdict_draw(c, &v, t);
}

static void verdict_trouble(struct canvas *c, struct targets *t) {
    struct verdict_view v = verdict_usual(VERDICT_ADMITTED, false);
    v.print = PRINT_STATE_TROUBLE;
    set(v.print_place, sizeof v.print_place, "Desk 2");
    v.badge = sample_badge;
    v.steps[0] = (struct verdict_step){
        .text = "Collect your badge at ", .strong = "Desk 2", .rest = ", on your left."};
    v.step_count = 1;
    verdict_draw(c, &v, t);
}

static void verdict_not_printed(struct canvas *c, struct targets *t) {
    struct verdict_view v = verdict_usual(VERDICT_NOT_PRINTED, false);
    v.badge = sample_badge;
    verdict_draw(c, &v, t);
}

static void draw_attendee(struct canvas *c, struct targets *t, enum verdict verdict) {
    struct verdict_view v = verdict_usual(verdict, false);
    if (verdict == VERDICT_NOT_ON_LIST) {
        set(v.gate, sizeof v.gate, "CARIS workshop");
        set(v.refusal, sizeof v.refusal,
            "CARIS is by invitation, for those whose submission was accepted. "
            "The desk is glad to tell you about the open sessions nearby.");
    }
    if (verdict == VERDICT_TOO_EARLY || verdict == VERDICT_TOO_LATE) {
        set(v.gate, sizeof v.gate, "the social event");
        set(v.when, sizeof v.when,
            verdict == VERDICT_TOO_EARLY ? "today at 18:00" : "at 21:30");
    }
    if (verdict == VERDICT_WRONG_DAY) {
        set(v.when, sizeof v.when, "Tuesday 24 March");
    }
    verdict_draw(c, &v, t);
}

static void draw_staff(struct canvas *c, struct targets *t, enum verdict verdict) {
    struct verdict_view v = verdict_usual(verdict, true);
    if (verdict == VERDICT_NEEDS_STAFF) {
        set(v.reason, sizeof v.reason,
            "Has a parcel waiting at the secretariat; ask for the passport "
            "before handing it out.");
        v.is_time_unsure = v.is_unconfirmed = true;
    }
    if (verdict == VERDICT_FORGED || verdict == VERDICT_UNKNOWN) {
        v.name[0] = v.detail[0] = '\0';
        set(v.reason, sizeof v.reason,
            "Ticket key 3, signature over 81 bytes does not match.");
    }
    verdict_draw(c, &v, t);
}

#define VERDICT_SAMPLE(name, verdict)                                  \
    static void attendee_##name(struct canvas *c, struct targets *t) { \
        draw_attendee(c, t, verdict);                                  \
    }                                                                  \
    static void staff_##name(struct canvas *c, struct targets *t) {    \
        draw_staff(c, t, verdict);                                     \
    }

VERDICT_SAMPLE(admitted, VERDICT_ADMITTED)
VERDICT_SAMPLE(already_in, VERDICT_ALREADY_IN)
VERDICT_SAMPLE(not_printed, VERDICT_NOT_PRINTED)
VERDICT_SAMPLE(not_on_list, VERDICT_NOT_ON_LIST)
VERDICT_SAMPLE(unpaid, VERDICT_UNPAID)
VERDICT_SAMPLE(cancelled, VERDICT_CANCELLED)
VERDICT_SAMPLE(blocked, VERDICT_BLOCKED)
VERDICT_SAMPLE(too_early, VERDICT_TOO_EARLY)
VERDICT_SAMPLE(too_late, VERDICT_TOO_LATE)
VERDICT_SAMPLE(wrong_day, VERDICT_WRONG_DAY)
VERDICT_SAMPLE(needs_staff, VERDICT_NEEDS_STAFF)
VERDICT_SAMPLE(unknown, VERDICT_UNKNOWN)
VERDICT_SAMPLE(forged, VERDICT_FORGED)
VERDICT_SAMPLE(void_badge, VERDICT_VOID_BADGE)
VERDICT_SAMPLE(other_event, VERDICT_OTHER_EVENT)

static void draw_loading(struct canvas *c, struct targets *t, bool is_staff) {
    struct verdict_view v = verdict_usual(VERDICT_UNKNOWN, is_staff);
    v.name[0] = v.detail[0] = '\0';
    set(v.loading, sizeof v.loading,
        "8\xE2\x80\xAF"
        "200 of 12\xE2\x80\xAF"
        "431 people");
    verdict_draw(c, &v, t);
}

static void attendee_loading(struct canvas *c, struct targets *t) {
    draw_loading(c, t, false);
}

static void staff_loading(struct canvas *c, struct targets *t) {
    draw_loading(c, t, true);
}

// ---- find

static struct find_view find_usual(void) {
    struct find_view v = {.query = "mull", .row_count = 4, .is_caret = true};
    v.rows[0] = (struct find_row){.name = "Zo\xC3\xAB M\xE2\x80\xA6",
                                  .org = "Example N\xE2\x80\xA6",
                                  .is_in = true};
    v.rows[1] = (struct find_row){.name = "Jan Mullender", .org = "Delta University"};
    v.rows[2] = (struct find_row){.name = "Aisling Mulligan", .org = ""};
    v.rows[3] = (struct find_row){
        .name = "Mohammed Mulla",
        .native = "\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF \xD9\x85\xD9\x84\xD8\xA7",
        .org = "Example University"};
    v.can_register = true;
    return v;
}

static void find_some(struct canvas *c, struct targets *t) {
    struct find_view v = find_usual();
    find_draw(c, &v, t);
}

static void find_empty(struct canvas *c, struct targets *t) {
    struct find_view v = {.is_caret = true, .can_register = true};
    find_draw(c, &v, t);
}

static void find_nobody(struct canvas *c, struct targets *t) {
    struct find_view v = {.query = "xyzzy", .can_register = true, .call = CALL_SENT};
    find_draw(c, &v, t);
}

static void find_loading(struct canvas *c, struct targets *t) {
    struct find_view v = {.query = "xyzzy", .is_caret = true};
    set(v.loading, sizeof v.loading,
        "8\xE2\x80\xAF"
        "200 of 12\xE2\x80\xAF"
        "431 people");
    find_draw(c, &v, t);
}

static void find_many(struct canvas *c, struct targets *t) {
    struct find_view v = find_usual();
    set(v.query, sizeof v.query,
        "wolfeschlegelsteinhausenbergerdorff example university of advanced");
    v.rows[0] = (struct find_row){
        .name = "Nguyen Hoa Minh Khai Adeyemi-Wolfeschlegelsteinhausenbergerdorff",
        .native = "Nguy\xE1\xBB\x85n Th\xE1\xBB\x8B Minh Khai",
        .org =
            "Institute for Advanced Interdomain Routing Studies and Long Affiliations"};
    v.rows[4] =
        (struct find_row){.name = "Li Yu",
                          .native = "\xE6\x9D\x8E\xE5\xAE\x87",
                          .org = "\xE5\x8C\x97\xE4\xBA\xAC\xE5\xA4\xA7\xE5\xAD\xA6"};
    v.rows[5] = (struct find_row){.name = "O'Mulligan-Smythe", .org = "Alpha"};
    v.row_count = 6;
    v.more_count = 23;
    find_draw(c, &v, t);
}

// The longest names of six scripts.
static void find_scripts(struct canvas *c, struct targets *t) {
    struct find_view v = find_usual();
    v.rows[0] = (struct find_row){
        .name = "Abdulrahman bin Abdullah Alshammari",
        .native = "\xD8\xB9\xD8\xA8\xD8\xAF \xD8\xA7\xD9\x84\xD8\xB1\xD8\xAD\xD9\x85"
                  "\xD9\x86 \xD8\xA8\xD9\x86 \xD8\xB9\xD8\xA8\xD8\xAF "
                  "\xD8\xA7\xD9\x84\xD9\x84\xD9\x87",
        .org = "Example University"};
    v.rows[1] = (struct find_row){
        .name = "Supaporn Srisuk-Rattanakosin",
        .native = "\xE0\xB8\xAA\xE0\xB8\xB8\xE0\xB8\xA0\xE0\xB8\xB2\xE0\xB8\x9E"
                  "\xE0\xB8\xA3 \xE0\xB8\xA8\xE0\xB8\xA3\xE0\xB8\xB5\xE0\xB8\xAA"
                  "\xE0\xB8\xB8\xE0\xB8\x82",
        .org = "\xE0\xB8\x88\xE0\xB8\xB8\xE0\xB8\xAC\xE0\xB8\xB2",
        .is_in = true};
    v.rows[2] =
        (struct find_row){.name = "Ouyang Jianguo",
                          .native = "\xE6\xAC\xA7\xE9\x98\xB3\xE5\xBB\xBA\xE5\x9B\xBD",
                          .org = "\xE5\x8C\x97\xE4\xBA\xAC\xE5\xA4\xA7\xE5\xAD\xA6"};
    v.rows[3] = (struct find_row){
        .name = "Maria Konstantina Papadimitriou-Wolfeschlegelsteinhausenbergerdorff",
        .org = "Institute for Advanced Interdomain Routing Studies"};
    find_draw(c, &v, t);
}

static void draw_unlock(struct canvas *c, struct targets *t, struct unlock_view v) {
    snprintf(v.name, sizeof v.name, "Desk 2");
    snprintf(v.footer, sizeof v.footer, "Desk 2");
    unlock_draw(c, &v, t);
}

static void unlock_waiting(struct canvas *c, struct targets *t) {
    draw_unlock(c, t,
                (struct unlock_view){.status = "Looking for the network for 4 min"});
}

static void unlock_typing(struct canvas *c, struct targets *t) {
    draw_unlock(c, t,
                (struct unlock_view){.digits = 6,
                                     .has_badge = true,
                                     .is_ready = true,
                                     .status = "Looking for the network",
                                     .clock = "11:24"});
}

static void unlock_wrong(struct canvas *c, struct targets *t) {
    draw_unlock(c, t,
                (struct unlock_view){
                    .is_wrong = true,
                    .status = "That was not right. Next try in 30 s.",
                });
}

static void message_revoked(struct canvas *c, struct targets *t) {
    struct message_view v = {
        .kind = MESSAGE_REVOKED, .progress = -1, .footer = "Desk B", .clock = "11:24"};
    message_draw(c, &v, t);
}

static void message_trouble(struct canvas *c, struct targets *t) {
    struct message_view v = {
        .kind = MESSAGE_TROUBLE,
        .progress = -1,
        .actions = {ACTION_CALL_STAFF},
        .action_count = 1,
        .line_count = 1,
        .lines = {"For staff: the card is full. Free space on it or swap "
                  "it; check-ins so far are safe."},
        .footer = "Kiosk 3",
        .clock = "11:24"};
    message_draw(c, &v, t);
}

static void message_loading(struct canvas *c, struct targets *t) {
    struct message_view v = {.kind = MESSAGE_WAITING,
                             .progress = 0.66F,
                             .progress_text = "8 200 of 12 431 people",
                             .footer = "Kiosk 3 \xC2\xB7 hub 10.20.0.5",
                             .clock = "08:12"};
    message_draw(c, &v, t);
}

#define BOTH(name, label)                        \
    {"verdict-" label, attendee_##name, true}, { \
        "staff-" label, staff_##name, true       \
    }

static const struct screen_sample samples[] = {
    {"attract", attract_plain, true},
    {"attract-langs", attract_langs, true},
    {"attract-gate", attract_gate, true},
    {"attract-checking", attract_checking, true},
    {"attract-trouble", attract_trouble, true},
    {"attract-loading", attract_loading, true},
    {"attract-full", attract_full, true},
    {"confirm", confirm_plain, true},
    {"confirm-checking", confirm_checking, true},
    {"confirm-long", confirm_long, true},
    {"confirm-arabic", confirm_arabic, true},
    {"welcome", verdict_admitted, true},
    {"welcome-gate", verdict_admitted_gate, true},
    {"welcome-trouble", verdict_trouble, true},
    {"again-not-printed", verdict_not_printed, true},
    BOTH(admitted, "admitted"),
    BOTH(already_in, "already-in"),
    BOTH(not_printed, "not-printed"),
    BOTH(not_on_list, "not-on-list"),
    BOTH(unpaid, "unpaid"),
    BOTH(cancelled, "cancelled"),
    BOTH(blocked, "blocked"),
    BOTH(too_early, "too-early"),
    BOTH(too_late, "too-late"),
    BOTH(wrong_day, "wrong-day"),
    BOTH(needs_staff, "needs-staff"),
    BOTH(unknown, "unknown"),
    BOTH(loading, "loading"),
    BOTH(forged, "forged"),
    BOTH(void_badge, "void-badge"),
    BOTH(other_event, "other-event"),
    {"find", find_some, true},
    {"find-empty", find_empty, true},
    {"find-nobody", find_nobody, true},
    {"find-scripts", find_scripts, true},
    {"find-loading", find_loading, true},
    {"find-many", find_many, true},
    {"message-trouble", message_trouble, true},
    {"message-revoked", message_revoked, false},
    {"unlock", unlock_waiting, false},
    {"unlock-typing", unlock_typing, false},
    {"unlock-wrong", unlock_wrong, false},
    {"message-loading", message_loading, true},
};

const struct screen_sample *kiosk_samples_get(size_t *out_count) {
    *out_count = sizeof samples / sizeof samples[0];
    return samples;
}

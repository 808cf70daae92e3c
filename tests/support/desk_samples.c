#include "tests/support/desk_samples.h"

#include "app/screens/message.h"
#include "sync/base/mem.h"

#include <stdio.h>

static void set(char *out, size_t size, const char *text) {
    snprintf(out, size, "%s", text);
}

static void fill_desk(struct desk_view *v) {
    *v = (struct desk_view){.desk = "Desk 1",
                            .staff = "Marta",
                            .clock = "11:24",
                            .link = DESK_LINK_OFFLINE,
                            .offline_minutes = 12,
                            .waiting = 41,
                            .query = "mull",
                            .is_caret = true,
                            .row_count = 4,
                            .chosen = 1,
                            .people_count = 1197,
                            .in_count = 742,
                            .to_come_count = 455,
                            .last_hour_count = 186,
                            .printer = DESK_PRINTER_TROUBLE,
                            .can_load = true,
                            .printer_name = "Zebra ZD421 \xC2\xB7 USB",
                            .printer_state = "Out of labels",
                            .printer_elsewhere = "Desk 2",
                            .queue_count = 2,
                            .need_count = 2};
    v->rows[0] = (struct desk_row){.name = "Zo\xC3\xAB M\xC3\xBCller-Ortiz",
                                   .detail = "Example Networks \xC2\xB7 Week pass",
                                   .status = "In 09:12 Desk 2",
                                   .tone = DESK_GOOD,
                                   .action = ACTION_REPRINT};
    v->rows[1] = (struct desk_row){.name = "Jan Mullender",
                                   .detail = "Delta University \xC2\xB7 Student",
                                   .status = "Expected",
                                   .action = ACTION_CHECK_IN};
    v->rows[2] = (struct desk_row){.name = "Aisling Mulligan",
                                   .detail = "One-day pass Tue",
                                   .status = "Unpaid",
                                   .tone = DESK_CARE,
                                   .action = ACTION_OPEN};
    v->rows[3] = (struct desk_row){
        .name = "\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF \xD9\x85\xD9\x84\xD8\xA7",
        .latin = "Mohammed Mulla",
        .detail = "Example University \xC2\xB7 Week pass",
        .status = "Expected",
        .action = ACTION_CHECK_IN};
    v->queue[0] = (struct desk_queue){.name = "N\xC3\xAD Bhriain", .state = "waits"};
    v->queue[1] = (struct desk_queue){.name = "Abara", .state = "waits"};
    v->needs[0] =
        (struct desk_need){.text = "Kiosk 4 called staff", .action = ACTION_GOING};
    v->needs[1] = (struct desk_need){
        .text = "Same badge at Desk 2, 09:12 and here, 09:20", .action = ACTION_LOOK};
}

static void draw_desk(struct canvas *canvas, struct targets *targets,
                      void (*change)(struct desk_view *)) {
    struct desk_view *view = mem_alloc(1, sizeof *view);
    fill_desk(view);
    if (change) {
        change(view);
    }
    desk_draw(canvas, view, targets);
    mem_free(view);
}

static void desk_plain(struct canvas *c, struct targets *t) {
    draw_desk(c, t, NULL);
}

static void make_empty(struct desk_view *v) {
    v->query[0] = '\0';
    v->row_count = 0;
    v->chosen = -1;
    v->link = DESK_LINK_FRESH;
    set(v->checked, sizeof v->checked, "11:24");
    v->waiting = 0;
    v->printer = DESK_PRINTER_READY;
    v->printer_state[0] = '\0';
    v->queue_count = v->need_count = 0;
}

static void desk_empty(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_empty);
}

static void make_printer(struct desk_view *v) {
    set(v->printer_state, sizeof v->printer_state, "Does not answer");
    set(v->printer_note, sizeof v->printer_note,
        "It is in Editor Lite mode: hold its Editor Lite button until the lamp goes out");
}

static void desk_printer(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_printer);
}

static void make_lan(struct desk_view *v) {
    make_empty(v);
    v->link = DESK_LINK_LAN;
    v->on_lan = 12;
}

static void desk_lan(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_lan);
}

static void make_loading(struct desk_view *v) {
    make_empty(v);
    v->link = DESK_LINK_BEHIND;
    v->people_count = 8200;
    set(v->loading, sizeof v->loading,
        "8\xE2\x80\xAF"
        "200 of 12\xE2\x80\xAF"
        "431 people");
    set(v->time_note, sizeof v->time_note, "time not confirmed");
}

static void desk_loading(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_loading);
}

static void make_utc(struct desk_view *v) {
    set(v->clock, sizeof v->clock, "14:10 UTC");
    set(v->time_note, sizeof v->time_note, "times are UTC");
}

static void desk_utc(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_utc);
}

static void make_nobody(struct desk_view *v) {
    make_empty(v);
    set(v->query, sizeof v->query, "xyzzy");
    set(v->toast, sizeof v->toast, "Jan Mullender checked in, badge prints");
    v->toast_tone = DESK_GOOD;
    v->can_undo = true;
}

static void make_bare(struct desk_view *v) {
    make_empty(v);
    v->printer = DESK_PRINTER_NONE;
    v->printer_name[0] = '\0';
    v->staff[0] = '\0';
    v->offline_minutes = -1;
    v->link = DESK_LINK_OFFLINE;
    v->need_count = 2;
}

static void desk_bare(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_bare);
}

static void desk_nobody(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_nobody);
}

static void make_crowded(struct desk_view *v) {
    set(v->desk, sizeof v->desk, "Registration desk 12, Regency Foyer");
    set(v->staff, sizeof v->staff, "Konstantina Papadimitriou-Wolf");
    v->is_time_unknown = true;
    v->link = DESK_LINK_BEHIND;
    v->rows[4] = (struct desk_row){
        .name = "Nguy\xE1\xBB\x85n Th\xE1\xBB\x8B Minh Khai",
        .latin = "Nguyen Hoa Minh Khai Adeyemi-Wolfeschlegelsteinhausenbergerdorff",
        .detail =
            "Institute for Advanced Interdomain Routing Studies and Long Affiliations "
            "\xC2\xB7 One-day pass Tue",
        .status = "In 09:12 Registration desk 12",
        .tone = DESK_GOOD,
        .action = ACTION_PRINT};
    for (int i = 5; i < DESK_ROWS_MAX; i++) {
        v->rows[i] = v->rows[i % 4];
    }
    v->row_count = DESK_ROWS_MAX;
    v->more_count = 188;
    v->in_count = 12431;
    v->to_come_count = 100455;
    v->queue[2] = v->queue[0];
    v->queue[3] = v->queue[1];
    v->queue_count = 4;
    v->queue_more = 17;
    for (int i = 2; i < DESK_NEEDS_MAX; i++) {
        v->needs[i] = v->needs[i % 2];
    }
    v->needs[0].is_urgent = true;
    set(v->needs[1].text, sizeof v->needs[1].text,
        "Same badge at Registration desk 12, Regency Foyer, 09:12 and "
        "here, 09:20; that desk had been offline for 12 min");
    v->need_count = DESK_NEEDS_MAX;
    v->need_more = 3;
    set(v->toast, sizeof v->toast,
        "The badge of Nguyen Hoa Minh Khai was not printed: cover open");
    v->toast_tone = DESK_BAD;
    v->notice = (struct notice_view){.title = "Secretariat",
                                     .text = "Hand out T-shirts only with a badge.",
                                     .level = NOTICE_INFO};
}

static void desk_crowded(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_crowded);
}

static void make_person(struct desk_view *v) {
    struct desk_panel *p = &v->panel;
    p->kind = DESK_PANEL_PERSON;
    set(p->title, sizeof p->title,
        "\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF \xD9\x85\xD9\x84\xD8\xA7");
    set(p->latin, sizeof p->latin, "Mohammed Mulla");
    set(p->detail, sizeof p->detail, "Example University \xC2\xB7 Week pass");
    set(p->status, sizeof p->status, "Unpaid");
    p->tone = DESK_CARE;
    set(p->attention, sizeof p->attention,
        "Has a parcel waiting at the secretariat; ask for the passport before "
        "handing it out.");
    p->facts[0] = (struct desk_fact){.label = "Roles", .text = "chair, newcomer"};
    p->facts[1] = (struct desk_fact){.label = "Days", .text = "Mon 23 to Fri 27 March"};
    p->facts[2] =
        (struct desk_fact){.label = "Badge", .text = "not printed", .tone = DESK_CARE};
    p->facts[3] =
        (struct desk_fact){.label = "Photos", .text = "no photos", .tone = DESK_BAD};
    p->fact_count = 4;
    p->actions[0] = (struct desk_action){.action = ACTION_MARK_PAID, .is_main = true};
    p->actions[1] = (struct desk_action){.action = ACTION_ADMIT_ANYWAY};
    p->actions[2] = (struct desk_action){.action = ACTION_FROM_PAPER};
    p->action_count = 3;
}

static void desk_person(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_person);
}

static void make_incident(struct desk_view *v) {
    struct desk_panel *p = &v->panel;
    p->kind = DESK_PANEL_INCIDENT;
    set(p->title, sizeof p->title, "Zo\xC3\xAB M\xC3\xBCller-Ortiz was admitted twice");
    set(p->detail, sizeof p->detail,
        "Meeting \xC2\xB7 Example Networks \xC2\xB7 Week pass");
    set(p->attention, sizeof p->attention,
        "Desk 2 had been offline for 12 min, so neither desk could know of "
        "the other's admission.");
    p->members[0] =
        (struct desk_member){.device = "Desk 2",
                             .time = "09:12",
                             .what = "admitted, badge printed",
                             .basis = "had last heard from the hub 12 min before"};
    p->members[1] = (struct desk_member){.device = "Desk 1 (here)",
                                         .time = "09:20",
                                         .what = "admitted, badge printed",
                                         .basis = "was up to date with the hub"};
    p->member_count = 2;
    p->actions[0] = (struct desk_action){.action = ACTION_RESOLVE, .is_main = true};
    p->actions[1] =
        (struct desk_action){.action = ACTION_OPEN, .text = "Open the person"};
    p->action_count = 2;
    set(v->toast, sizeof v->toast, "Jan Mullender checked in, badge prints");
    v->toast_tone = DESK_GOOD;
    v->can_undo = true;
}

static void desk_incident(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_incident);
}

// An admission taken on paper, half typed in.
static void make_paper(struct desk_view *v) {
    make_person(v);
    struct desk_panel *p = &v->panel;
    *p = (struct desk_panel){.kind = DESK_PANEL_PAPER};
    v->is_caret = false;
    set(p->title, sizeof p->title, "Jan Mullender");
    set(p->detail, sizeof p->detail, "Admitted on paper: when was it?");
    p->paper = (struct desk_paper_view){.gate = "Social event, Reunion Tower",
                                        .day = "Tue 24 March",
                                        .time = "19:4_",
                                        .can_choose_gate = true,
                                        .can_choose_day = true};
}

static void desk_paper(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_paper);
}

static void make_paper_full(struct desk_view *v) {
    make_paper(v);
    struct desk_panel *p = &v->panel;
    set(p->title, sizeof p->title,
        "Nguyen Hoa Minh Khai Adeyemi-Wolfeschlegelsteinhausenbergerdorff");
    set(p->paper.gate, sizeof p->paper.gate,
        "Invitation-only workshop on Interdomain Routing, Regency Ballroom");
    set(p->paper.time, sizeof p->paper.time, "19:42");
    p->paper.is_ready = true;
    set(v->toast, sizeof v->toast, "Jan Mullender checked in, badge prints");
    v->can_undo = true;
}

static void desk_paper_full(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_paper_full);
}

static void make_paper_arabic(struct desk_view *v) {
    make_paper(v);
    set(v->panel.title, sizeof v->panel.title, "ليلى بنت عبد الرحمن الحسيني");
}

static void desk_paper_arabic(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_paper_arabic);
}

// Everything an incident can have at once: the members must still be there.
static void make_incident_full(struct desk_view *v) {
    make_incident(v);
    struct desk_panel *p = &v->panel;
    set(p->title, sizeof p->title,
        "Nguyen Hoa Minh Khai Adeyemi-Wolfeschlegelsteinhausenbergerdorff");
    set(p->attention, sizeof p->attention,
        "Registration desk 12, Regency Foyer had been offline for 12 min and Kiosk 4 for "
        "3 min, so none of them could know of the others' admissions.");
    p->members[2] = (struct desk_member){
        .device = "Registration desk 12, Regency Foyer",
        .time = "09:31",
        .what = "admitted, badge printed",
        .basis = "was told otherwise, admitted anyway by Konstantina Papadimitriou-Wolf"};
    p->members[3] = (struct desk_member){.device = "Kiosk 4",
                                         .time = "09:40",
                                         .what = "admitted",
                                         .basis = "had never heard from the hub"};
    p->member_count = DESK_MEMBERS_MAX;
    v->notice = (struct notice_view){
        .title = "Secretariat",
        .text =
            "Hand out T-shirts only with a badge. Plenary seats are full; please send "
            "everybody to the overflow room in the Regency Ballroom, Level 2.",
        .level = NOTICE_WARN};
    v->needs[0].is_urgent = true;
    set(v->needs[1].text, sizeof v->needs[1].text,
        "Same badge at Desk 1, 08:45 and Desk 2, 08:52. Desk 2 had been offline for 12 "
        "min, "
        "so neither could know of the other.");
}

static void desk_incident_full(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_incident_full);
}

static void make_person_full(struct desk_view *v) {
    make_person(v);
    struct desk_panel *p = &v->panel;
    p->facts[4] = (struct desk_fact){.label = "Also admitted to",
                                     .text = "social event, hackathon, plenary, T-shirt"};
    p->facts[5] =
        (struct desk_fact){.label = "Payment", .text = "Not paid yet", .tone = DESK_CARE};
    p->facts[6] = (struct desk_fact){.label = "Access", .text = "step-free route"};
    p->facts[7] =
        (struct desk_fact){.label = "Language",
                           .text = "\xE0\xB8\xA0\xE0\xB8\xB2\xE0\xB8\xA9\xE0\xB8\xB2"
                                   "\xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2"};
    p->fact_count = DESK_FACTS_MAX;
    set(v->toast, sizeof v->toast, "Jan Mullender checked in, badge prints");
    v->can_undo = true;
    v->notice = (struct notice_view){.title = "Secretariat",
                                     .text = "Hand out T-shirts only with a badge.",
                                     .level = NOTICE_INFO};
}

static void desk_person_full(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_person_full);
}

// Long names in many scripts.
static void make_scripts(struct desk_view *v) {
    v->link = DESK_LINK_FRESH;
    v->waiting = 0;
    v->rows[0] = (struct desk_row){
        .name =
            "\xE0\xB8\xAA\xE0\xB8\xB8\xE0\xB8\xA0\xE0\xB8\xB2\xE0\xB8\x9E\xE0\xB8\xA3 "
            "\xE0\xB8\xA8\xE0\xB8\xA3\xE0\xB8\xB5\xE0\xB8\xAA\xE0\xB8\xB8\xE0\xB8\x82",
        .latin = "Supaporn Srisuk-Rattanakosin",
        .detail = "\xE0\xB8\x88\xE0\xB8\xB8\xE0\xB8\xAC\xE0\xB8\xB2 \xC2\xB7 Week pass",
        .status = "In 09:12 Registration desk 12, Regency Foyer",
        .tone = DESK_GOOD,
        .action = ACTION_REPRINT};
    v->rows[1] = (struct desk_row){
        .name = "\xE6\xAC\xA7\xE9\x98\xB3\xE5\xBB\xBA\xE5\x9B\xBD",
        .latin = "Ouyang Jianguo",
        .detail = "\xE5\x8C\x97\xE4\xBA\xAC\xE5\xA4\xA7\xE5\xAD\xA6 \xC2\xB7 Week pass",
        .status = "Expected",
        .action = ACTION_CHECK_IN};
    v->rows[2] = (struct desk_row){
        .name =
            "\xD8\xB9\xD8\xA8\xD8\xAF \xD8\xA7\xD9\x84\xD8\xB1\xD8\xAD\xD9\x85\xD9\x86 "
            "\xD8\xA8\xD9\x86 \xD8\xB9\xD8\xA8\xD8\xAF \xD8\xA7\xD9\x84\xD9\x84\xD9\x87 "
            "\xD8\xA7\xD9\x84\xD8\xB4\xD9\x85\xD8\xB1\xD9\x8A",
        .latin = "Abdulrahman bin Abdullah Alshammari",
        .detail =
            "Institute for Advanced Interdomain Routing Studies \xC2\xB7 Day pass Tue",
        .status = "Unpaid",
        .tone = DESK_CARE,
        .action = ACTION_OPEN};
    v->rows[3] = (struct desk_row){
        .name = "Maria Konstantina Papadimitriou-Wolfeschlegelsteinhausenbergerdorff van "
                "der Zwaluwenberg",
        .detail = "Week pass",
        .status = "Cancelled",
        .tone = DESK_BAD,
        .action = ACTION_OPEN};
}

static void desk_scripts(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_scripts);
}

// A badge that may have come out, as app/flows/desk_jobs.c says it.
static void make_job(struct desk_view *v) {
    struct desk_panel *p = &v->panel;
    *p = (struct desk_panel){.kind = DESK_PANEL_JOB, .tone = DESK_CARE};
    set(p->title, sizeof p->title, "Jan Mullender");
    set(p->status, sizeof p->status, "uncertain, 12 min");
    set(p->detail, sizeof p->detail, "the printer was unplugged while printing");
    set(p->attention, sizeof p->attention,
        "Did the badge come out? Look in the printer's tray first.");
    p->actions[0] = (struct desk_action){
        .action = ACTION_CAME_OUT, .text = "Yes, it came out", .is_main = true};
    p->actions[1] =
        (struct desk_action){.action = ACTION_PRINT_AGAIN, .text = "No, print again"};
    p->actions[2] = (struct desk_action){.action = ACTION_WITHDRAW, .text = "Withdraw"};
    p->action_count = 3;
    v->needs[0] = (struct desk_need){.text = "Did the badge of Jan Mullender come out?",
                                     .action = ACTION_LOOK,
                                     .is_urgent = true};
    v->needs[1] = (struct desk_need){
        .text = "Badge of N\xC3\xAD Bhriain: not printed, 5 min", .action = ACTION_LOOK};
}

static void desk_job(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_job);
}

static void make_job_full(struct desk_view *v) {
    static const char long_name[] =
        "Nguyen Hoa Minh Khai Adeyemi-Wolfeschlegelsteinhausenbergerdorff";
    make_job(v);
    struct desk_panel *p = &v->panel;
    set(p->title, sizeof p->title, long_name);
    set(p->status, sizeof p->status, "not printed, 119 min");
    set(p->detail, sizeof p->detail,
        "the badge is wider than the labels that are loaded (62 mm)");
    p->attention[0] = '\0';
    p->actions[0] = (struct desk_action){
        .action = ACTION_PRINT_AGAIN, .text = "Print again", .is_main = true};
    p->actions[1] =
        (struct desk_action){.action = ACTION_PRINT_ELSEWHERE,
                             .text = "Print at Registration desk 12, Regency Foyer"};
    p->actions[2] = (struct desk_action){
        .action = ACTION_PRINT_ELSEWHERE, .index = 1, .text = "Print at Kiosk 4"};
    p->actions[3] = (struct desk_action){.action = ACTION_WITHDRAW, .text = "Withdraw"};
    p->action_count = 4;
    snprintf(v->needs[0].text, sizeof v->needs[0].text, "Did the badge of %s come out?",
             long_name);
    set(v->toast, sizeof v->toast, "Jan Mullender checked in, badge prints");
    v->can_undo = true;
}

static void desk_job_full(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_job_full);
}

static void make_job_arabic(struct desk_view *v) {
    make_job(v);
    set(v->panel.title, sizeof v->panel.title, "ليلى بنت عبد الرحمن الحسيني");
    set(v->needs[0].text, sizeof v->needs[0].text,
        "Did the badge of ليلى بنت عبد الرحمن الحسيني come out?");
}

static void desk_job_arabic(struct canvas *c, struct targets *t) {
    draw_desk(c, t, make_job_arabic);
}

static void desk_locked(struct canvas *c, struct targets *t) {
    struct message_view v = {.kind = MESSAGE_LOCKED,
                             .title = "Desk 1 is locked",
                             .progress = -1,
                             .actions = {ACTION_UNLOCK},
                             .action_count = 1,
                             .footer = "Desk 1 \xC2\xB7 up to date",
                             .clock = "11:24"};
    message_draw(c, &v, t);
}

void desk_samples_fill_incident(struct desk_view *out) {
    fill_desk(out);
    make_incident_full(out);
}

void desk_samples_fill_person(struct desk_view *out) {
    fill_desk(out);
    make_person_full(out);
}

static const struct screen_sample samples[] = {
    {"desk", desk_plain, false},
    {"desk-empty", desk_empty, false},
    {"desk-printer", desk_printer, false},
    {"desk-lan", desk_lan, false},
    {"desk-loading", desk_loading, false},
    {"desk-utc", desk_utc, false},
    {"desk-nobody", desk_nobody, false},
    {"desk-crowded", desk_crowded, false},
    {"desk-scripts", desk_scripts, false},
    {"desk-person", desk_person, false},
    {"desk-person-full", desk_person_full, false},
    {"desk-paper", desk_paper, false},
    {"desk-paper-full", desk_paper_full, false},
    {"desk-paper-arabic", desk_paper_arabic, false},
    {"desk-incident", desk_incident, false},
    {"desk-incident-full", desk_incident_full, false},
    {"desk-job", desk_job, false},
    {"desk-job-full", desk_job_full, false},
    {"desk-job-arabic", desk_job_arabic, false},
    {"desk-bare", desk_bare, false},
    {"desk-locked", desk_locked, false},
};

const struct screen_sample *desk_samples_get(size_t *out_count) {
    *out_count = sizeof samples / sizeof samples[0];
    return samples;
}

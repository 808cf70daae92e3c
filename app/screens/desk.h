// The staffed desk: search, counts, printer, what needs a person, and one detail panel.
// Light. Drawn on the main thread; nothing fails.
#ifndef APP_SCREENS_DESK_H
#define APP_SCREENS_DESK_H

#include "app/screens/notice_view.h"
#include "app/screens/session_view.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"

enum {
    DESK_ROWS_MAX = 12,
    DESK_QUEUE_MAX = 4,
    DESK_NEEDS_MAX = 8,
    DESK_FACTS_MAX = 8,
    DESK_MEMBERS_MAX = 4,
    DESK_ACTIONS_MAX = 4
};

// How a state word is coloured; the word itself always says it.
enum desk_tone { DESK_PLAIN, DESK_GOOD, DESK_CARE, DESK_BAD };

struct desk_row {
    char name[TITLE_SIZE], latin[TITLE_SIZE]; // latin "" = none or the same
    char detail[LINE_SIZE];                   // "Example Networks · Week pass"
    char status[NAME_SIZE];                   // "Expected", "In 09:12 Desk 2", "Unpaid"
    enum desk_tone tone;
    enum action action; // ACTION_CHECK_IN, _PRINT, _REPRINT or _OPEN; NONE: no button
};

enum desk_link {
    DESK_LINK_FRESH,  // up to date, `checked`
    DESK_LINK_LAN,    // up to date with a relay: what the hub has is another matter
    DESK_LINK_BEHIND, // connected, still catching up or sending
    DESK_LINK_OFFLINE // for offline_minutes
};

enum desk_printer {
    DESK_PRINTER_NONE,
    DESK_PRINTER_READY,
    DESK_PRINTER_BUSY,
    DESK_PRINTER_TROUBLE // printer_state says what: "Out of labels"
};

struct desk_queue {
    char name[TITLE_SIZE], state[NAME_SIZE]; // "waits", "printing"
};

struct desk_need {
    char
        text[LINE_SIZE]; // "Kiosk 4 called staff", "Same badge at Desk 2, 09:12 and here"
    enum action action;  // ACTION_GOING or ACTION_LOOK
    bool is_urgent;
};

struct desk_fact {
    char label[NAME_SIZE], text[LINE_SIZE];
    enum desk_tone tone;
};

// One member of an incident: who did what when, and what that desk knew.
struct desk_member {
    char device[NAME_SIZE], time[CLOCK_SIZE]; // "Desk 2" "09:12"
    char what[NAME_SIZE];                     // "admitted"
    char basis[LINE_SIZE]; // "had last heard from the hub 12 min before"
};

enum desk_panel_kind {
    DESK_PANEL_NONE,
    DESK_PANEL_PERSON,
    DESK_PANEL_INCIDENT,
    DESK_PANEL_PAPER, // desk_paper.h
    DESK_PANEL_JOB    // a badge on its way
};

struct desk_paper_view {
    char gate[NAME_SIZE], day[DAY_SIZE], time[CLOCK_SIZE]; // time: "14:__"
    bool is_ready, can_choose_gate, can_choose_day;
};

struct desk_action {
    enum action action;
    char text[NAME_SIZE]; // "" = the action's usual word
    bool is_main;
    int index;
};

struct desk_panel {
    enum desk_panel_kind kind;
    char title[TITLE_SIZE], latin[TITLE_SIZE], detail[LINE_SIZE];
    char status[NAME_SIZE];
    enum desk_tone tone;
    char attention[LINE_SIZE]; // note staff must see, or the incident's reason
    struct desk_fact facts[DESK_FACTS_MAX];
    int fact_count;
    struct desk_member members[DESK_MEMBERS_MAX];
    int member_count;
    struct desk_action actions[DESK_ACTIONS_MAX];
    int action_count;
    struct desk_paper_view paper;
};

struct desk_view {
    char desk[NAME_SIZE], clock[CLOCK_SIZE];
    char staff[NAME_SIZE]; // who is signed in; "" = nobody, then there is no "Lock"
    bool is_time_unknown;
    enum desk_link link;
    int offline_minutes; // < 0: has never reached the hub
    int waiting;         // facts nobody else has yet
    int on_lan;          // facts that a relay has, but not yet the hub
    char checked[CLOCK_SIZE];
    char time_note[NAME_SIZE]; // "time not confirmed"; "" = the clock is well
    char loading[NAME_SIZE];   // "8 200 of 12 431 people"; "" = all are here
    char query[TITLE_SIZE];
    bool is_caret;
    struct desk_row rows[DESK_ROWS_MAX];
    int row_count, more_count, chosen; // more: > 0 says that more match; chosen < 0: none
    int people_count;                  // on this desk, for the empty search
    int in_count, to_come_count, last_hour_count;
    enum desk_printer printer;
    char printer_name[NAME_SIZE], printer_state[NAME_SIZE];
    char printer_note[LINE_SIZE];      // what to do about it, a line or two; "" = nothing
    char printer_elsewhere[NAME_SIZE]; // "Desk 2": offers to print there; "" = no
    bool can_load;                     // the printer must be told that it was loaded
    struct desk_queue queue[DESK_QUEUE_MAX];
    int queue_count, queue_more;
    struct desk_need needs[DESK_NEEDS_MAX];
    int need_count, need_more;
    struct desk_panel panel;
    char toast[LINE_SIZE]; // the last thing done: "Jan Mullender checked in"; "" = none
    enum desk_tone toast_tone;
    bool can_undo;             // the toast offers to take it back
    struct notice_view notice; // text "" = none; an open panel may leave it less room
};

void desk_draw(struct canvas *canvas, const struct desk_view *view,
               struct targets *targets);

#endif

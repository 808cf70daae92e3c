// The lobby board: what is on in all rooms and what comes next, with pages. Dark. Drawn on
// the main thread from a view the signage flow fills; nothing fails.
#ifndef APP_SCREENS_AGENDA_H
#define APP_SCREENS_AGENDA_H

#include "app/screens/notice_view.h"
#include "app/screens/session_view.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"

enum { AGENDA_ROWS_MAX = 64, AGENDA_NO_ARROW = -1 };

struct agenda_row {
    struct session_view session;
    char room[NAME_SIZE]; // where to go; with CHANGE_CANCELLED where it would have been
    int arrow_degrees;    // 0 right, 90 down (behind you), 180 left, 270 ahead; NO_ARROW
    char until
        [CLOCK_SIZE]; // when it ends otherwise than the column says: "15:00"; "" same
};

struct agenda_column {
    char time[CLOCK_SIZE]; // now: until when most last; next: the start; "" unknown
    char day[DAY_SIZE];    // next: "" today, else "Thu 26 March"
    int minutes;           // next: until it starts
    struct agenda_row rows[AGENDA_ROWS_MAX];
    int count;
};

struct agenda_view {
    char title[NAME_SIZE]; // "" = "Now and next"
    char date[DAY_SIZE], clock[CLOCK_SIZE];
    // With the time unknown there is no now: now.rows holds the whole day in order, and both
    // halves of the board show it.
    bool is_time_unknown;
    char day_name[DAY_SIZE]; // "Monday", when the time is unknown; "" = the day is too
    struct agenda_column now, next;
    int page; // counted up without end by the flow; taken modulo the pages
    struct notice_view notices[2]; // an emergency among them fills the screen
    int notice_count;
    char
        place[NAME_SIZE]; // "Regency Foyer, Level 1": where this screen hangs; "" unknown
    bool has_arrows;      // explain them in the footer
    char wifi[NAME_SIZE];
    char checked[CLOCK_SIZE];
    char time_note[NAME_SIZE]; // "time not confirmed"; "" = the clock is well
    bool is_stale;
};

void agenda_draw(struct canvas *canvas, const struct agenda_view *view,
                 struct targets *targets);

// Pages needed on this canvas, at least 1. With 1 the flow need not turn pages.
int agenda_count_pages(struct canvas *canvas, const struct agenda_view *view);

#endif

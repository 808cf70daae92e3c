// The screen at a room's door: what is on, what comes next, what changed. Dark. Drawn on
// the main thread from a view the signage flow fills; nothing fails.
#ifndef APP_SCREENS_ROOM_H
#define APP_SCREENS_ROOM_H

#include "app/image/qr.h"
#include "app/screens/notice_view.h"
#include "app/screens/session_view.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"

enum { ROOM_NEXT_MAX = 3, ROOM_DAY_MAX = 24, ROOM_NOTICES_MAX = 2 };

enum room_mode {
    ROOM_MODE_NOW,  // `main` is on
    ROOM_MODE_NEXT, // nothing is on; `main` comes next, in minutes_to_start
    ROOM_MODE_DONE, // nothing more today; `main` is the next day's first (head empty: none)
    ROOM_MODE_DAY   // time unknown: all of the day's sessions, day[]
};

struct room_view {
    char room[NAME_SIZE], level[40]; // this room
    char date[DAY_SIZE], clock[CLOCK_SIZE];
    enum room_mode mode;
    struct session_view main;
    char also[TITLE_SIZE]; // a second session at the same time (joint): "MPLS"; "" none
    float part_done;       // 0..1 of `main`, when it is on
    int minutes_left;      // of `main`, when it is on
    int minutes_to_start;  // of `main`, ROOM_MODE_NEXT
    char seats[NAME_SIZE]; // "room has space", "full: overflow in Gold"; "" unknown
    struct session_view next[ROOM_NEXT_MAX];
    int next_count;
    char next_more[NAME_SIZE]; // said when next is empty; "" = a fitting default
    struct session_view day[ROOM_DAY_MAX];
    int day_count;
    char day_name[DAY_SIZE]; // "Monday", ROOM_MODE_DAY; "" = day unknown too
    const struct qr *qr;     // borrowed for the call; NULL: none
    char qr_caption[NAME_SIZE];
    struct notice_view
        notices[ROOM_NOTICES_MAX]; // an emergency among them fills the screen
    int notice_count;
    char note_well[LINE_SIZE], wifi[NAME_SIZE];    // footer; "" leaves them out
    char checked[CLOCK_SIZE], changed[CLOCK_SIZE]; // "13:42"; "" = never, none
    char time_note[NAME_SIZE]; // "time not confirmed"; "" = the clock is well
    bool is_stale;             // not heard from the hub for longer than usual
};

void room_draw(struct canvas *canvas, const struct room_view *view,
               struct targets *targets);

#endif

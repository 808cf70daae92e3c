// One session as hallway screens show it, and the words for its change. Filled by the
// signage flow; times are texts in the venue's zone. Pure; any thread.
#ifndef APP_SCREENS_SESSION_VIEW_H
#define APP_SCREENS_SESSION_VIEW_H

#include "sync/event/programme.h"

#include <stdbool.h>
#include <stddef.h>

// A change stays on the screen for the session's lifetime.
enum session_change {
    CHANGE_NONE,
    CHANGE_MOVED_HERE, // was in another room: was = "Gold"
    CHANGE_NEW_TIME,   // same room, another time: was = "15:20" or "Tue 15:20"
    CHANGE_MOVED_AWAY, // no longer in this room or at this time: to_* say where it is now
    CHANGE_CANCELLED
};

enum { CLOCK_SIZE = 24, DAY_SIZE = 48 };

struct session_view {
    char start[CLOCK_SIZE], end[CLOCK_SIZE]; // "13:00"
    char day[DAY_SIZE];                      // "" = today, else "Thu 26 March"
    char acronym[40];                        // "" = the title stands alone
    char title[TITLE_SIZE], note[LINE_SIZE], area[16];
    bool is_bof;
    enum session_change change;
    char was[NAME_SIZE];
    char to_when[DAY_SIZE], to_room[NAME_SIZE],
        to_level[40]; // "Thu 09:00" "Oak" "Level 2"
};

// "Moved here, was Gold", "Cancelled" ...; empty without a change.
void session_view_change(const struct session_view *s, char *out, size_t size);

// "Now Thu 09:00 in Oak, Level 2" for CHANGE_MOVED_AWAY; else empty.
void session_view_where(const struct session_view *s, char *out, size_t size);

// The word written large: the acronym, or the title when there is none.
const char *session_view_head(const struct session_view *s);

// "Automated certificates · BOF": the title (unless it is the head) and marks.
void session_view_line(const struct session_view *s, char *out, size_t size);

// "25 min", "1 h 37 min", "2 h"; minutes < 1: "less than a minute".
void session_view_span(int minutes, char *out, size_t size);

#endif

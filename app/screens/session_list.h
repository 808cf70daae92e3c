// A day's sessions of one room as rows, for when the time is unknown and no "now" can be
// said. Dark. Main thread; no state.
#ifndef APP_SCREENS_SESSION_LIST_H
#define APP_SCREENS_SESSION_LIST_H

#include "app/screens/session_view.h"
#include "app/ui/draw.h"

// Fills r; two columns when one would be too low. An empty list says so.
void session_list_draw(struct canvas *canvas, struct rect r,
                       const struct session_view *sessions, int count);

// "15:20", or "Thu 26 March, 09:00" when it is not today.
void session_list_format_time(const struct session_view *s, char *out, size_t size);

// Words of a change take this colour; dim when there is none.
uint32_t session_list_change_color(const struct theme *theme, enum session_change change);

#endif

// The panel that types in an admission taken on paper: gate, day, time and a pad of digits,
// for touch; the keyboard works as well. Called by desk_panel.c only. Main thread; no state.
#ifndef APP_SCREENS_DESK_PAPER_H
#define APP_SCREENS_DESK_PAPER_H

#include "app/screens/desk.h"

void desk_paper_draw(struct canvas *canvas, struct rect r, const struct desk_panel *panel,
                     struct targets *targets);
// Height it wants, px.
float desk_paper_measure(const struct canvas *canvas);

#endif

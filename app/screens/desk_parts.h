// The parts of the desk screen, one .c each: the result list, the column at the side and
// the detail panel. Called by desk.c only. Main thread; no state.
#ifndef APP_SCREENS_DESK_PARTS_H
#define APP_SCREENS_DESK_PARTS_H

#include "app/screens/desk.h"
#include "app/screens/look.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"

#include <stdbool.h>
#include <stdint.h>

// desk_list.c: the people found, or what to do when there are none.
void desk_list_draw(struct canvas *canvas, struct rect r, const struct desk_view *view,
                    struct targets *targets);

// desk_side.c: counts, printer, what needs a person; as much as r holds, needs first.
void desk_side_draw(struct canvas *canvas, struct rect r, const struct desk_view *view,
                    struct targets *targets);

// desk_panel.c: one person or one incident, in place of the list. When r is low the panel
// gets denser: members and facts are never left out.
void desk_panel_draw(struct canvas *canvas, struct rect r, const struct desk_panel *panel,
                     struct targets *targets);
// Height the panel wants in a box of this width, px, and with which it can do at the least.
float desk_panel_measure(struct canvas *canvas, float w, const struct desk_panel *panel);
float desk_panel_measure_least(struct canvas *canvas, float w,
                               const struct desk_panel *panel);

// Shared: a white box with a heading ("" = none); returns the inside below the heading.
struct rect desk_draw_box(struct canvas *canvas, struct rect r, const char *heading);
// The colour of a state word on white.
uint32_t desk_tone_color(enum desk_tone tone);
// A hairline over the top of r.
void desk_draw_hairline(struct canvas *canvas, struct rect r);
// A staff button, LOOK_TOUCH high, as wide as its words; its right end at the right of r,
// centred in r's height. Returns the width used.
float desk_draw_button(struct canvas *canvas, struct rect r, struct targets *targets,
                       const struct look_button *button);
// The width it will use.
float desk_measure_button(struct canvas *canvas, struct rect r,
                          const struct look_button *button);
// The button of an action with its usual words.
struct look_button desk_make_button(enum action action, int index, bool is_main);

#endif

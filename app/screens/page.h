// The frame of the attendee screens (light): words, a picture and buttons, side by side in
// landscape, one below the other upright. Main thread; no state.
#ifndef APP_SCREENS_PAGE_H
#define APP_SCREENS_PAGE_H

#include "app/screens/attract.h"
#include "app/screens/look.h"
#include "app/ui/draw.h"

#include <stdbool.h>
#include <stddef.h>

// Where things go. The buttons stand on the bottom of `words` in landscape and on the
// bottom of the page upright, within reach.
struct page {
    struct rect words, picture; // picture is empty when there is none
};

// Adds a button with the action's usual words: in order of importance, the first may be
// the main one.
void page_add_button(struct look_buttons *buttons, enum action action, bool is_main);

// "Call staff", "Staff are called" or "Staff are coming", by the state of the call.
void page_add_call(struct look_buttons *buttons, enum call_state call, bool is_main);

// Clears the canvas, draws the buttons and a footer line ("" = none) and says where the
// rest goes.
struct page page_begin(struct canvas *canvas, struct targets *targets, bool has_picture,
                       const struct look_buttons *buttons, const char *footer);

// The usual words of an action on a button. Static storage.
const char *page_get_action_text(enum action action);

#endif

// What can be touched on the screen drawn last: rectangles with their action. The draw
// functions fill it; the kiosk asks it where a finger or the focus is. Main thread.
//
// Focus and press are remembered by action and index, so they survive a redraw.
#ifndef APP_SCREENS_TARGETS_H
#define APP_SCREENS_TARGETS_H

#include "app/screens/action.h"
#include "app/ui/rect.h"

#include <stdbool.h>

enum { TARGETS_MAX = 96 };

struct target {
    struct rect rect; // px of the canvas
    enum action action;
    int index; // of the row, key or language; 0 where there is one only
};

// Zeroed is empty, with nothing focused or pressed.
struct targets {
    struct target list[TARGETS_MAX];
    int count;
    struct target focus, pressed; // action ACTION_NONE: none
};

// Empties the list and keeps focus and press. Every draw function begins with it.
void targets_begin(struct targets *t);

// In reading order, which is the focus order. More than TARGETS_MAX is a bug (CHECKed).
void targets_add(struct targets *t, struct rect rect, enum action action, int index);

// The target under a point, the one added last on top. NULL: none. Borrowed until the next
// targets_begin.
const struct target *targets_hit(const struct targets *t, float x, float y);

// For scripts: the target with this action and index. NULL: not on the screen.
const struct target *targets_find(const struct targets *t, enum action action, int index);

// Moves the focus to the next (step 1) or previous (-1) target, around the ends, and
// returns it; NULL when there is none. Keys of the on-screen keyboard are left out: who has
// a real keyboard types on it.
const struct target *targets_step_focus(struct targets *t, int step);

// Finger down and up: shows the target pressed until released. NULL releases.
void targets_press(struct targets *t, const struct target *target);

bool targets_is_focused(const struct targets *t, enum action action, int index);
bool targets_is_pressed(const struct targets *t, enum action action, int index);

#endif

// The on-screen keyboard: letters enough to find any name, for search folds accents away.
// Main thread; no state.
#ifndef APP_SCREENS_KEYBOARD_H
#define APP_SCREENS_KEYBOARD_H

#include "app/screens/targets.h"
#include "app/ui/draw.h"

// Keys with ACTION_KEY have an index 0..KEYBOARD_KEYS-1; erasing is ACTION_ERASE.
enum { KEYBOARD_KEYS = 29 };

// What the key types, UTF-8: "q", "'", " " ... Static storage; "" when out of range.
const char *keyboard_text(int key);

// Fills r with three rows of keys; the blank is the screen's (keyboard_draw_key).
void keyboard_draw(struct canvas *canvas, struct rect r, const struct theme *theme,
                   struct targets *targets);

// One key by itself: the blank, in a row with other buttons.
enum { KEYBOARD_BLANK = KEYBOARD_KEYS - 1 };
void keyboard_draw_key(struct canvas *canvas, struct rect r, const struct theme *theme,
                       struct targets *targets, int key);

#endif

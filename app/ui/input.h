// What a person did, as a value: flows and screens never see SDL.
// Pure; any thread.
#ifndef APP_UI_INPUT_H
#define APP_UI_INPUT_H

#include <stdbool.h>
#include <stdint.h>

enum input_kind {
    INPUT_NONE,    // the deadline passed
    INPUT_WAKE,    // a worker called window_wake: look into the inboxes
    INPUT_TEXT,    // text[]: typed characters, UTF-8
    INPUT_KEY,     // key, with is_shift and is_ctrl
    INPUT_PRESS,   // finger or button down at x, y
    INPUT_MOVE,    // moved while down
    INPUT_RELEASE, // up at x, y: a tap is complete
    INPUT_SCROLL,  // dy notches, positive = towards the end of a list
    INPUT_REDRAW,  // resized or exposed: draw everything again
    INPUT_QUIT     // the window or the system wants us to end
};

enum input_key {
    INPUT_KEY_NONE,
    INPUT_KEY_ENTER,
    INPUT_KEY_BACKSPACE,
    INPUT_KEY_DELETE,
    INPUT_KEY_ESCAPE,
    INPUT_KEY_TAB,
    INPUT_KEY_LEFT,
    INPUT_KEY_RIGHT,
    INPUT_KEY_UP,
    INPUT_KEY_DOWN,
    INPUT_KEY_HOME,
    INPUT_KEY_END,
    INPUT_KEY_PAGE_UP,
    INPUT_KEY_PAGE_DOWN,
    INPUT_KEY_F1, // F1..F12 follow in order
    INPUT_KEY_F12 = INPUT_KEY_F1 + 11
};

enum { INPUT_TEXT_BYTES = 32 };

struct input {
    enum input_kind kind;
    enum input_key key;
    bool is_shift, is_ctrl;
    float x, y; // px of the canvas, rotation undone
    int dy;
    char text[INPUT_TEXT_BYTES]; // NUL-terminated, whole UTF-8 characters
};

// "enter", "f3" ... to a key and back, for scripts. NONE / "none" when unknown.
enum input_key input_key_of(const char *name);
const char *input_key_name(enum input_key key); // static storage

#endif

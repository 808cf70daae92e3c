#include "app/ui/input.h"

#include <string.h>

static const char *const names[] = {
    [INPUT_KEY_NONE] = "none",
    [INPUT_KEY_ENTER] = "enter",
    [INPUT_KEY_BACKSPACE] = "backspace",
    [INPUT_KEY_DELETE] = "delete",
    [INPUT_KEY_ESCAPE] = "escape",
    [INPUT_KEY_TAB] = "tab",
    [INPUT_KEY_LEFT] = "left",
    [INPUT_KEY_RIGHT] = "right",
    [INPUT_KEY_UP] = "up",
    [INPUT_KEY_DOWN] = "down",
    [INPUT_KEY_HOME] = "home",
    [INPUT_KEY_END] = "end",
    [INPUT_KEY_PAGE_UP] = "page-up",
    [INPUT_KEY_PAGE_DOWN] = "page-down",
    [INPUT_KEY_F1] = "f1",
    [INPUT_KEY_F1 + 1] = "f2",
    [INPUT_KEY_F1 + 2] = "f3",
    [INPUT_KEY_F1 + 3] = "f4",
    [INPUT_KEY_F1 + 4] = "f5",
    [INPUT_KEY_F1 + 5] = "f6",
    [INPUT_KEY_F1 + 6] = "f7",
    [INPUT_KEY_F1 + 7] = "f8",
    [INPUT_KEY_F1 + 8] = "f9",
    [INPUT_KEY_F1 + 9] = "f10",
    [INPUT_KEY_F1 + 10] = "f11",
    [INPUT_KEY_F12] = "f12",
};
_Static_assert(sizeof names / sizeof names[0] == INPUT_KEY_F12 + 1,
               "a name for each key");

enum input_key input_key_of(const char *name) {
    for (int key = 0; key <= (int)INPUT_KEY_F12; key++) {
        if (strcmp(names[key], name) == 0) {
            return (enum input_key)key;
        }
    }
    return INPUT_KEY_NONE;
}

const char *input_key_name(enum input_key key) {
    return key >= INPUT_KEY_NONE && key <= INPUT_KEY_F12 ? names[key]
                                                         : names[INPUT_KEY_NONE];
}

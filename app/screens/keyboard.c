#include "app/screens/keyboard.h"

#include "app/screens/look.h"

#include <assert.h>

enum { ROWS = 3, COLUMNS = 10 };

static const char *const key_texts[] = {"q", "w", "e", "r", "t", "y", "u", "i", "o", "p",
                                        "a", "s", "d", "f", "g", "h", "j", "k", "l", "z",
                                        "x", "c", "v", "b", "n", "m", "-", "'", " "};
static_assert(sizeof key_texts / sizeof key_texts[0] == KEYBOARD_KEYS,
              "every key types something");

// First key and number of keys of each row; the last row ends with the erase key.
static const int row_first[ROWS] = {0, 10, 19};
static const int row_count[ROWS] = {10, 9, 9};

const char *keyboard_text(int key) {
    return key >= 0 && key < KEYBOARD_KEYS ? key_texts[key] : "";
}

static void draw_cap(struct canvas *canvas, struct rect r, const struct theme *theme,
                     bool is_pressed, const char *text) {
    draw_card(canvas, r, look_u(canvas, 16), is_pressed ? theme->accent : theme->surface,
              look_u(canvas, 3), is_pressed ? theme->accent : theme->line);
    struct draw_label label = look_label(canvas, 40, 26, TEXT_SEMIBOLD,
                                         is_pressed ? theme->on_accent : theme->text);
    label.align = TEXT_ALIGN_CENTER;
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, label, text);
}

void keyboard_draw_key(struct canvas *canvas, struct rect r, const struct theme *theme,
                       struct targets *targets, int key) {
    char cap[2] = {keyboard_text(key)[0], '\0'};
    if (cap[0] >= 'a' && cap[0] <= 'z') {
        cap[0] = (char)(cap[0] - 'a' + 'A');
    }
    draw_cap(canvas, r, theme, targets_is_pressed(targets, ACTION_KEY, key),
             key == KEYBOARD_BLANK ? tr("Space") : cap);
    targets_add(targets, r, ACTION_KEY, key);
}

static void draw_erase(struct canvas *canvas, struct rect r, const struct theme *theme,
                       struct targets *targets) {
    bool is_pressed = targets_is_pressed(targets, ACTION_ERASE, 0);
    draw_cap(canvas, r, theme, is_pressed, "");
    float side = look_u(canvas, 44);
    draw_arrow(canvas, rect_center(r, side, side), 180, look_u(canvas, 6),
               is_pressed ? theme->on_accent : theme->text);
    targets_add(targets, r, ACTION_ERASE, 0);
}

void keyboard_draw(struct canvas *canvas, struct rect r, const struct theme *theme,
                   struct targets *targets) {
    float gap = look_u(canvas, 12);
    float w = (r.w - gap * (COLUMNS - 1)) / COLUMNS;
    float h = (r.h - gap * (ROWS - 1)) / ROWS;
    for (int row = 0; row < ROWS; row++) {
        float x = r.x + (row == 1 ? (w + gap) / 2 : 0);
        float y = r.y + (float)row * (h + gap);
        for (int i = 0; i < row_count[row]; i++) {
            keyboard_draw_key(canvas, rect_make(x, y, w, h), theme, targets,
                              row_first[row] + i);
            x += w + gap;
        }
        if (row == ROWS - 1) {
            draw_erase(canvas, rect_make(x, y, w, h), theme, targets);
        }
    }
}

// What all screens share: measures, labels, buttons that are also targets. Main thread;
// no state. Sizes are design pixels (the mockups'), rectangles are px of the canvas.
#ifndef APP_SCREENS_LOOK_H
#define APP_SCREENS_LOOK_H

#include "app/screens/targets.h"
#include "app/screens/words.h"
#include "app/ui/draw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Attendees and staff touch nothing lower than this (20 mm on a 21-inch display).
enum { LOOK_TOUCH = 88 };

// px of so many design pixels, as a float for rectangles.
float look_u(const struct canvas *canvas, float design);

// A label of one line that shrinks to `min` (design pixels) before it is cut, flush left in
// any script: names in mixed lists keep one edge. Set lines and so on afterwards. Text is
// never smaller than LOOK_TEXT_MIN_PX real px.
enum { LOOK_TEXT_MIN_PX = 11 };
struct draw_label look_label(const struct canvas *canvas, float size, float min,
                             enum text_weight weight, uint32_t color);

// draw_text with the label given by value.
struct rect look_text(struct canvas *canvas, struct rect r, struct draw_label label,
                      const char *text);

// One line of what is being typed: when it is too long its beginning gives way, so that the
// newest letters show.
struct rect look_typed(struct canvas *canvas, struct rect r, struct draw_label label,
                       const char *text);

// The same label, allowed this many lines, in place.
struct draw_label look_lines(struct draw_label label, int max_lines, int leading_pct);

// Left text and right text in one row, the left one giving way. Returns the width the right
// one took.
struct look_side {
    struct draw_label label;
    const char *text;
};
float look_pair(struct canvas *canvas, struct rect r, const struct look_side *left,
                const struct look_side *right);

// A button with its target; shows press and focus.
struct look_button {
    enum action action;
    int index;
    const char *text;
    enum draw_button kind;
    float size; // design pixels of the words
};
void look_draw_button(struct canvas *canvas, struct rect r, const struct theme *theme,
                      struct targets *targets, const struct look_button *button);

enum { LOOK_BUTTONS_MAX = 5 };

struct look_buttons {
    struct look_button list[LOOK_BUTTONS_MAX];
    size_t count;
};

// Buttons side by side from the left, each as wide as its words need, standing on the
// bottom of r: 120 high, for staff (words of 34 or less) LOOK_TOUCH. They shrink together
// when r is a little too narrow, else go on in further rows. Returns the height used, px.
float look_draw_buttons(struct canvas *canvas, struct rect r, const struct theme *theme,
                        struct targets *targets, const struct look_buttons *buttons);
// The height they would use in a box of this width, px.
float look_measure_buttons(struct canvas *canvas, float w,
                           const struct look_buttons *buttons);

// A whole row of a light list as a target: the focus ring and the press shade, no words.
void look_draw_row_target(struct canvas *canvas, struct rect r, struct targets *targets,
                          enum action action, int index);

// The badge on its sheet with a soft shadow, or an empty sheet with `waiting` on it.
void look_draw_badge(struct canvas *canvas, struct rect r, const struct theme *theme,
                     const struct image *badge, const char *waiting);

// A name and the same name in another script as one text: side by side when a label of this
// size can have them so in this width, else one below the other. True: on two lines.
enum { LOOK_NAMES_SIZE = 1024 };
struct look_names {
    const char *first, *second; // second "" = none
};
bool look_format_names(struct canvas *canvas, float w, const struct draw_label *label,
                       const struct look_names *names, char out[LOOK_NAMES_SIZE]);

// "text · text": appends with a middle dot when both are there.
void look_join(char *out, size_t size, const char *text);

// 12 431: grouped by narrow blanks.
enum { LOOK_COUNT_SIZE = 32 };
void look_format_count(int64_t count, char *out, size_t size);

// snprintf that never splits a character at the cut.
void look_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif

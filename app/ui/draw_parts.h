// Parts that screens share: pills, buttons, codes, pictures. Include app/ui/draw.h, which
// says the rules: main thread, real px, colours 0xAARRGGBB, nothing fails.
#ifndef APP_UI_DRAW_PARTS_H
#define APP_UI_DRAW_PARTS_H

#include "app/image/image.h"
#include "app/image/qr.h"
#include "app/ui/rect.h"
#include "app/ui/theme.h"

#include <stdbool.h>
#include <stdint.h>

struct canvas;

// A pill, top left corner at (x, y); returns its rectangle, 1.72 times the size high.
struct rect draw_chip(struct canvas *canvas, float x, float y, const char *text,
                      int size_px, uint32_t fill, uint32_t color);
float draw_chip_width(struct canvas *canvas, const char *text, int size_px);
// A button with its words centred and shrunk to fit.
enum draw_button {
    DRAW_BUTTON_PLAIN,
    DRAW_BUTTON_MAIN,
    DRAW_BUTTON_STOP,
    DRAW_BUTTON_OFF
};
void draw_button(struct canvas *canvas, struct rect r, const struct theme *theme,
                 enum draw_button kind, bool is_pressed, int size_px, const char *text);
// The largest square in r with whole pixels per module and the quiet zone inside; returns
// the square used. w = 0 when r is too small for one pixel per module.
struct rect draw_qr(struct canvas *canvas, struct rect r, const struct qr *qr,
                    uint32_t dark, uint32_t light);
// Scaled into r keeping proportions, centred; smooth when shrinking.
void draw_image(struct canvas *canvas, struct rect r, const struct image *image);

#endif

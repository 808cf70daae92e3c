// Signs and pictures made of shapes. Include app/ui/draw.h, which says the rules: main
// thread, real px, colours 0xAARRGGBB, nothing fails.
#ifndef APP_UI_DRAW_SYMBOL_H
#define APP_UI_DRAW_SYMBOL_H

#include "app/ui/rect.h"

#include <stdbool.h>
#include <stdint.h>

struct canvas;

// The verdict signs differ in shape, not only in colour.
enum draw_symbol {
    DRAW_SYMBOL_CHECK,    // check in a disc: admitted
    DRAW_SYMBOL_INFO,     // i in a disc: already in, for your information
    DRAW_SYMBOL_STOP,     // octagon with a bar: not admitted (staff)
    DRAW_SYMBOL_HAND,     // raised hand in a rounded square: please see staff
    DRAW_SYMBOL_WARNING,  // ! in a triangle
    DRAW_SYMBOL_QUESTION, // ? in a diamond: unknown code
    DRAW_SYMBOL_LOCK,     // padlock: locked, forged
    DRAW_SYMBOL_CLOCK,    // clock face: too early, too late, wrong day
    DRAW_SYMBOL_COIN,     // coin with a bar: unpaid
    DRAW_SYMBOL_TICK,     // bare check mark in fg, no disc
    DRAW_SYMBOL_CROSS,    // bare cross in fg
    DRAW_SYMBOL_ARROW,    // bare arrow in fg, pointing right; see draw_arrow for others
    DRAW_SYMBOL_PRINTER,
    DRAW_SYMBOL_OFFLINE, // cloud with a stroke through
    DRAW_SYMBOL_PERSON,
    DRAW_SYMBOL_SEARCH
};
// Centred in r, as large as fits. body: the disc, octagon ...; fg: the mark on it.
void draw_symbol(struct canvas *canvas, enum draw_symbol symbol, struct rect r,
                 uint32_t body, uint32_t fg);
// An arrow in r, pointing by degrees clockwise from right (0 right, 90 down, 270 up).
void draw_arrow(struct canvas *canvas, struct rect r, float degrees, float stroke,
                uint32_t color);
// The attract picture: a phone with a code moving to the scanner's beam.
// r keeps the proportion 5:4 (centred, as large as fits).
void draw_scan_picture(struct canvas *canvas, struct rect r, uint32_t ink,
                       uint32_t accent);

#endif

// The few shapes a badge needs, anti-aliased, as ink. Called by app/badge only; any thread;
// no state. Lengths are dots; what lies outside the paper is left out.
#ifndef APP_BADGE_SHAPES_H
#define APP_BADGE_SHAPES_H

#include "app/badge/raster.h"

#include <stdint.h>

enum { SHAPE_PAPER = 0, SHAPE_INK = 255 };

struct shape_box {
    double x, y, w, h;
};

// A box with round corners, filled with value (SHAPE_PAPER or SHAPE_INK). A radius of half
// the height or more makes a pill, of a square box a circle.
void shape_fill_box(struct ink *ink, struct shape_box box, double radius, uint8_t value);

// A straight stroke with round ends from the top left to the bottom right of the box.
void shape_fill_stroke(struct ink *ink, struct shape_box box, double width,
                       uint8_t value);

// A camera, struck out: this person is not to be photographed. Best in a box of 4:3.
void shape_draw_no_photo(struct ink *ink, struct shape_box box);

#endif

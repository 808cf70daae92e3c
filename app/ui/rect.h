// Rectangles for laying out screens: px of the canvas, y downwards. Pure; any thread.
// The cut functions slice a strip off `from` (which shrinks) and return it:
//     struct rect body = canvas_rect(c), top = rect_cut_top(&body, u * 120);
#ifndef APP_UI_RECT_H
#define APP_UI_RECT_H

#include <stdbool.h>

struct rect {
    float x, y, w, h;
};

struct rect rect_make(float x, float y, float w, float h);
// Smaller by dx on the left and right, dy above and below; never less than empty.
struct rect rect_inset(struct rect r, float dx, float dy);
// At most what is there.
struct rect rect_cut_top(struct rect *from, float h);
// At most what is there.
struct rect rect_cut_bottom(struct rect *from, float h);
// At most what is there.
struct rect rect_cut_left(struct rect *from, float w);
// At most what is there.
struct rect rect_cut_right(struct rect *from, float w);
// Cell (column, row) of a grid with equal cells and `gap` px between them.
struct rect rect_grid(struct rect r, int columns, int rows, float gap, int column,
                      int row);
bool rect_has(struct rect r, float x, float y);
// A rectangle of this size in the middle of r.
struct rect rect_center(struct rect r, float w, float h);

#endif

// Texts one below the other, shrunk together when the box is too low: headings, titles,
// notes. Main thread; no state. Sizes are design pixels.
#ifndef APP_SCREENS_STACK_H
#define APP_SCREENS_STACK_H

#include "app/ui/draw.h"

#include <stdbool.h>
#include <stddef.h>

struct stack_piece {
    const char *text; // "" takes no room, nor its gap
    float size, min;  // wanted and least size; min also bounds the common shrinking
    float gap;        // above it, unless it is the first
    int max_lines;    // [1]
    int leading_pct;  // [115]
    enum text_weight weight;
    enum text_align align; // [LEFT]
    enum text_direction direction;
    uint32_t color;
    bool is_struck, is_tabular;
};

// Draws the pieces from the top of r. Returns the height used in px, at most r.h unless
// even the least sizes need more (then the last pieces are cut or left out).
float stack_draw(struct canvas *canvas, struct rect r, const struct stack_piece *pieces,
                 size_t count);

// The same with a part of the spare height above: 0 top, 0.5 middle.
float stack_draw_placed(struct canvas *canvas, struct rect r,
                        const struct stack_piece *pieces, size_t count, float above);
float stack_draw_middle(struct canvas *canvas, struct rect r,
                        const struct stack_piece *pieces, size_t count);

// Height wanted at full size in a box of this width, px.
float stack_measure(struct canvas *canvas, float w, const struct stack_piece *pieces,
                    size_t count);

#endif

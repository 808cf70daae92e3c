// Text on a canvas, from a cache of rendered strings. Include app/ui/draw.h, which says
// the rules: main thread, real px, colours 0xAARRGGBB, nothing fails.
#ifndef APP_UI_DRAW_TEXT_H
#define APP_UI_DRAW_TEXT_H

#include "app/text/text.h"
#include "app/ui/rect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct canvas;

enum draw_valign { DRAW_TOP, DRAW_MIDDLE, DRAW_BOTTOM, DRAW_BASELINE };

// How a text stands in its box. Zero means the default in brackets. Sizes are real px.
struct draw_label {
    int size_px;
    int min_px;      // [size_px: never shrink] shrink to fit before cutting
    int max_lines;   // [1]
    int leading_pct; // [120]
    enum text_weight weight;
    enum text_align align; // within the box, LEADING follows the text's direction
    // [TOP] MIDDLE and BOTTOM by the capitals of the lines, so that texts of different
    // scripts align. BASELINE: the first baseline is at r.y; r.h still bounds the height
    // when > 0.
    enum draw_valign valign;
    enum text_direction direction;
    enum text_han han;
    bool is_tabular;
    bool is_struck; // a line through the text: cancelled
    uint32_t color;
};

struct draw_span {
    const char *text;
    enum text_weight weight;
    uint32_t color;
};

// Draws into r: fitted and aligned; r.w or r.h <= 0: no limit that way (alignment is then
// relative to r.x). Returns where the text stands: x, y, w, h of its line box.
struct rect draw_text(struct canvas *canvas, struct rect r,
                      const struct draw_label *label, const char *text);
// Pieces with own weight and colour, as one text; label->weight and color are not used.
struct rect draw_spans(struct canvas *canvas, struct rect r,
                       const struct draw_label *label, const struct draw_span *spans,
                       size_t span_count);
// The same without drawing. Cached: cheap to call before drawing the same text.
struct text_measure draw_measure(struct canvas *canvas, float max_w, float max_h,
                                 const struct draw_label *label, const char *text);

#endif

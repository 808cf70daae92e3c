// Inside app/text only: what is known of a text before its size and lines are chosen.
// Thread of the fonts.
#ifndef APP_TEXT_ANALYSE_H
#define APP_TEXT_ANALYSE_H

#include "app/text/text.h"

// Per code point, by index 0..count.
struct analysis {
    struct fonts *fonts; // borrowed
    char *utf8;          // clean, NUL-terminated
    int count;
    uint32_t *cps;
    int *at;         // byte offset; at[count] is the length
    uint8_t *levels; // bidi embedding level
    uint8_t *bases;  // level of the paragraph
    bool *can_break; // a line may end after it
    bool *is_start;  // starts a cluster
    bool *is_cell;   // tabular digit
    uint8_t *spans;
    uint8_t *scripts; // index into script_rows
    int16_t *faces;
    int missing; // code points without a glyph
    bool is_rtl; // first paragraph
    bool is_cut; // was longer than TEXT_BYTES_MAX
    bool is_display;
    enum text_weight weights[TEXT_SPANS_MAX];
};

void analyse_init(struct analysis *a, struct fonts *fonts, const struct text_style *style,
                  const struct text_span *spans, size_t span_count);
void analyse_finish(struct analysis *a);

// End of the piece from i that is shaped at once: same face, script, level and span.
int analyse_find_end(const struct analysis *a, int i, int to);

// Shaped width of a piece at a size, px; digits of a tabular text count as cells.
float analyse_measure_piece(const struct analysis *a, int from, int to, int size_px);

// The same of any range, piece by piece.
float analyse_measure(const struct analysis *a, int from, int to, int size_px);

// Width of one digit's cell in this face.
int analyse_measure_cell(const struct analysis *a, int face, int size_px);

#endif

// Chooses the size and the lines of an analysed text. Inside app/text only, on the thread
// of the fonts.
#ifndef APP_TEXT_FIT_H
#define APP_TEXT_FIT_H

#include "app/text/analyse.h"

struct fit_line {
    int from, to; // code points, without the spaces and line feed at the end
    bool is_cut;  // an ellipsis follows
};

struct fit {
    int size_px;
    int ascent_px, descent_px, pitch_px, cap_px;
    int line_count;
    struct fit_line lines[TEXT_LINES_MAX];
};

// The width no text goes beyond, even when the style has no limit.
enum { FIT_WIDTH_MAX_PX = 16384 };

// The largest size within the style whose lines fit; at the smallest one words are divided
// and the last line is cut. out_fit is overwritten.
void fit_lines(const struct analysis *a, const struct text_style *style,
               struct fit *out_fit);

#endif

// The role chips of a badge: CHAIR, NEWCOMER, and the struck-out camera.
// Called by badge_proof; any thread, one at a time for each font context.
#ifndef APP_BADGE_MARKS_H
#define APP_BADGE_MARKS_H

#include "app/badge/badge.h"
#include "app/badge/shapes.h"

struct marks_place {
    struct shape_box box;  // dots
    double size_px;        // em height of the words
    enum text_align align; // chips
    bool has_bars;
};

struct marks_result {
    int missing;     // code points without a glyph
    bool is_cut;     // of a word an ellipsis stands for some
    bool is_spilled; // they do not fit the box even at their smallest
};

// Rows of chips, centred in the box's height, or full-width bars from its end upwards; they
// shrink until all of them fit.
struct marks_result marks_draw(const struct badge *badge, struct fonts *fonts,
                               struct ink *ink, const struct marks_place *place);

#endif

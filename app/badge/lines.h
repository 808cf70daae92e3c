// The texts of one area: laid out, shrunk together until they fit their box, drawn.
// Called by badge_proof only, on the thread of the fonts.
#ifndef APP_BADGE_LINES_H
#define APP_BADGE_LINES_H

#include "app/badge/badge.h"

// One side of a badge while it is drawn.
struct painter {
    const struct badge *badge;
    struct fonts *fonts;
    struct ink *ink;       // of the side, as it is read
    struct text_mask mask; // the paper within the margin
    int margin;            // dots
    struct badge_report *report;
};

// True when some of its ink lies outside the area's box.
bool lines_draw(const struct painter *p, const struct template_area *area);

#endif

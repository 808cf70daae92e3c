// The role chips of a badge: CHAIR, NEWCOMER, and the struck-out camera.
// Called by badge_render; any thread, one at a time for each font context.
#ifndef APP_BADGE_MARKS_H
#define APP_BADGE_MARKS_H

#include "app/badge/badge.h"
#include "app/badge/shapes.h"

struct marks_place {
    struct shape_box box; // dots
    double size_px;       // em height of the words
    enum text_align align;
};

// Rows of chips, centred in the box's height; they shrink until all of them fit.
void marks_draw(const struct badge *badge, struct fonts *fonts, struct ink *ink,
                const struct marks_place *place);

#endif

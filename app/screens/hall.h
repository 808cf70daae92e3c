// The frame of the hallway screens (room and agenda): header with clock, banners, footer.
// Main thread; no state.
#ifndef APP_SCREENS_HALL_H
#define APP_SCREENS_HALL_H

#include "app/screens/notice_view.h"
#include "app/ui/draw.h"

#include <stdbool.h>

enum { HALL_MARGIN = 64 };

struct hall_header {
    const char *title, *title_dim; // "Parisian" "Level 1"
    const char *date, *clock;      // clock "": time unknown, says so
    const char *note; // why the clock is in doubt, in the date's place; or ""
};

// Clears the canvas and slices the header off `body` (which becomes the canvas less the
// margins at the sides).
void hall_draw_header(struct canvas *canvas, struct rect *body,
                      const struct hall_header *header);

// Pieces of the footer, left and right; NULL or "" = none. `strong` follows `text` in bold.
struct hall_footer {
    const char *left, *left_strong, *left_rest;
    const char *right, *right_strong, *right_rest;
    bool is_right_warn;
};

// Slices the footer off the bottom of `body`.
void hall_draw_footer(struct canvas *canvas, struct rect *body,
                      const struct hall_footer *footer);

// Slices the banners (two at most, no emergencies) off the top, or the bottom, of `body`.
void hall_draw_notices(struct canvas *canvas, struct rect *body, bool is_bottom,
                       const struct notice_view *notices, int count);

// The first emergency among the notices; NULL: none.
const struct notice_view *hall_find_emergency(const struct notice_view *notices,
                                              int count);

// "checked 13:42, last change 12:10"; changed "" leaves that out, checked "" = never.
void hall_format_checked(const char *checked, const char *changed, bool is_stale,
                         char *out, size_t size);

#endif

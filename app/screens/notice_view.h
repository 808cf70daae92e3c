// A notice from the organisers on any screen: a banner, or the whole screen in an
// emergency. Drawn by the screens. Main thread.
#ifndef APP_SCREENS_NOTICE_VIEW_H
#define APP_SCREENS_NOTICE_VIEW_H

#include "app/screens/targets.h"
#include "app/ui/draw.h"
#include "sync/event/programme.h"

struct notice_view {
    char title[NAME_SIZE]; // "Tonight"
    char text[512];
    char at[24]; // "13:40": when it was made
    enum notice_level level;
};

// A banner that fills r; give it notice_view_measure of height.
void notice_view_draw_banner(struct canvas *canvas, struct rect r,
                             const struct theme *theme, const struct notice_view *notice);

// The height the banner wants in a box of this width.
float notice_view_measure(struct canvas *canvas, float w,
                          const struct notice_view *notice);

// The emergency: nothing else is on the screen. place: room and level of this screen, so
// that people can say where they are.
void notice_view_draw_emergency(struct canvas *canvas, const struct notice_view *notice,
                                const char *place, const char *clock);

#endif

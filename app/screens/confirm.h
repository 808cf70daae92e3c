// "Your badge will read": the person sees the badge before it is printed. Light. Drawn on
// the main thread; nothing fails. A gate that prints no badge skips this screen.
#ifndef APP_SCREENS_CONFIRM_H
#define APP_SCREENS_CONFIRM_H

#include "app/image/image.h"
#include "app/screens/attract.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"

struct confirm_view {
    char name[TITLE_SIZE];  // as on the badge, in its own script
    char latin[TITLE_SIZE]; // Latin form; "" = none or the same
    char org[TITLE_SIZE];
    char detail[LINE_SIZE];      // "Week pass · newcomer · no photos"
    char print_place[NAME_SIZE]; // "" = the printer here, else "Desk 2"
    bool can_change;
    bool is_checking; // the hub is asked
    enum call_state call;
    const struct image *badge; // borrowed for the call; NULL: no preview yet
};

void confirm_draw(struct canvas *canvas, const struct confirm_view *view,
                  struct targets *targets);

#endif

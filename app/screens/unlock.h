// A desk whose store is sealed and whose key is not here yet: it opens by itself when the
// network is back, or a desk lead's badge and PIN open it. Calm, and honest about the clock.
// Drawn on the main thread; nothing fails.
#ifndef APP_SCREENS_UNLOCK_H
#define APP_SCREENS_UNLOCK_H

#include "app/screens/targets.h"
#include "app/ui/draw.h"
#include "sync/event/programme.h"

struct unlock_view {
    char name[NAME_SIZE];   // of the desk; "" unknown
    int digits;             // typed so far; they are not shown
    bool has_badge;         // a badge was scanned
    bool is_ready;          // enough digits
    char status[LINE_SIZE]; // what became of the last try, "" nothing; or since when
    bool is_wrong;          // status is about a wrong code
    char footer[LINE_SIZE]; // kiosk name
    char clock[24];         // "" unknown
};

// Targets: ACTION_DIGIT 0..9, ACTION_ERASE, ACTION_UNLOCK.
void unlock_draw(struct canvas *canvas, const struct unlock_view *view,
                 struct targets *targets);

#endif

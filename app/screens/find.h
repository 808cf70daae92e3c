// Find my name: a field, an on-screen keyboard and up to six people. Light. Drawn on the
// main thread; nothing fails.
#ifndef APP_SCREENS_FIND_H
#define APP_SCREENS_FIND_H

#include "app/screens/attract.h"
#include "app/screens/keyboard.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"

enum { FIND_ROWS_MAX = 6 };

struct find_row {
    char name[TITLE_SIZE];   // masked by the flow as the event wants
    char native[TITLE_SIZE]; // in its own script; "" = the same
    char org[TITLE_SIZE];    // masked
    bool is_in;              // "already checked in"
};

struct find_view {
    char query[TITLE_SIZE];
    struct find_row rows[FIND_ROWS_MAX];
    int row_count;
    int more_count; // > 0: says that more match
    bool is_caret;  // false in the blink's other half
    bool can_register;
    char loading[NAME_SIZE]; // "8 200 of 12 431 people"; "" = all are here
    enum call_state call;
};

void find_draw(struct canvas *canvas, const struct find_view *view,
               struct targets *targets);

#endif

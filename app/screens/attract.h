// The kiosk waits for somebody: how to check in here. Light. Drawn on the main thread;
// nothing fails.
#ifndef APP_SCREENS_ATTRACT_H
#define APP_SCREENS_ATTRACT_H

#include "app/screens/notice_view.h"
#include "app/screens/session_view.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"

enum { ATTRACT_LANGS_MAX = 8 };

enum attract_printer {
    ATTRACT_PRINTER_NONE,   // this gate or kiosk prints no badge
    ATTRACT_PRINTER_READY,  // "prints badges"
    ATTRACT_PRINTER_TROUBLE // badges wait: "Collect your badge at <badge_place>"
};

// A call for staff, on every attendee screen.
enum call_state { CALL_NONE, CALL_SENT, CALL_ANSWERED };

struct attract_view {
    char event[NAME_SIZE]; // "IETF 92"
    char kiosk[NAME_SIZE]; // "Kiosk 3"
    char gate[NAME_SIZE];  // when it is not the meeting: "Social event"; "" = the meeting
    enum attract_printer printer;
    char
        badge_place[NAME_SIZE]; // where badges are collected when not here; "" = the desk
    bool has_scanner;           // without one, "Find my name" is the way
    bool can_find;              // the kiosk holds the people list
    bool can_register;
    bool is_offline;           // no hub: says "Works offline", small
    bool is_time_unknown;      // hint in the footer
    char time_note[NAME_SIZE]; // "time not confirmed"; "" = the clock is well
    char loading[NAME_SIZE];   // "8 200 of 12 431 people"; "" = all are here
    bool is_checking;          // somebody's code: the hub is asked
    enum call_state call;
    int lang_count, lang_chosen; // 0: no row of languages
    char langs[ATTRACT_LANGS_MAX][32];
    struct notice_view notice; // text "" = none
};

void attract_draw(struct canvas *canvas, const struct attract_view *view,
                  struct targets *targets);

#endif

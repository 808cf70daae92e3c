// A calm full screen for set-up and trouble: what is the matter and what to do. Never
// blank, never an error number alone. Drawn on the main thread; nothing fails.
#ifndef APP_SCREENS_MESSAGE_H
#define APP_SCREENS_MESSAGE_H

#include "app/image/qr.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"
#include "sync/event/programme.h"

enum message_kind {
    MESSAGE_WAITING, // being set up; will go on by itself
    MESSAGE_ENROL,   // not enrolled yet: code or QR
    MESSAGE_LOCKED,  // staff unlock
    MESSAGE_REVOKED, // may take no part any more
    MESSAGE_TROUBLE  // needs a person: the store, the disk
};

enum { MESSAGE_LINES_MAX = 4, MESSAGE_ACTIONS_MAX = 2 };

struct message_view {
    enum message_kind kind;
    bool is_dark;                             // hallway roles
    char title[TITLE_SIZE];                   // "" = the kind's own words
    char text[512];                           // ""  = the kind's own words
    char lines[MESSAGE_LINES_MAX][LINE_SIZE]; // what to do, in order
    int line_count;
    char code[NAME_SIZE];          // shown large: the six digits of an enrolment
    float progress;                // 0..1; < 0: none
    char progress_text[NAME_SIZE]; // "8 200 of 12 431 people"
    const struct qr *qr;           // borrowed for the call; NULL: none
    enum action actions[MESSAGE_ACTIONS_MAX];
    int action_count;
    char footer[LINE_SIZE]; // kiosk name, address, version
    char clock[24];         // "" = unknown
};

void message_draw(struct canvas *canvas, const struct message_view *view,
                  struct targets *targets);

#endif

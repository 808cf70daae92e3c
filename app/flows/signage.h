// What hallway screens show at a moment: the programme seen from one room's door, and the
// board of all rooms. No state but the page: the same moment gives the same picture. Pure;
// main thread.
#ifndef APP_FLOWS_SIGNAGE_H
#define APP_FLOWS_SIGNAGE_H

#include "app/flows/flow.h"
#include "app/screens/agenda.h"
#include "app/screens/room.h"

enum { SIGNAGE_PAGE_MS = 12000 };

struct signage {
    int page;             // of the board, counted up
    int64_t next_page_ms; // mono
    struct qr qr;         // of the session that is on
    char qr_url[TITLE_SIZE];
};

void signage_fill_room(struct signage *s, const struct flow_env *env,
                       struct room_view *out);
void signage_fill_agenda(const struct signage *s, const struct flow_env *env,
                         struct agenda_view *out);
// Milliseconds until what is shown may change by the clock alone: the next full minute.
int64_t signage_wait_ms(const struct flow_env *env);

#endif

// The one way from workers to the main thread: a bounded queue of parcels. Post from any
// thread, take on the main thread. A parcel's item belongs to whoever holds the parcel.
// Scans, commands and the hub's answers come from outside, as many as they like: they get a
// part of the room.
// The rest is for answers, of which no more are under way than fit (REQUESTS_MAX, the print
// queue, the printer's jobs): an answer always finds room.
#ifndef APP_INBOX_H
#define APP_INBOX_H

#include "app/ui/window.h"
#include "sync/base/err.h"

#include <stdbool.h>

enum parcel_kind {
    PARCEL_SCAN,    // struct scan
    PARCEL_PRINTER, // struct printer_news
    PARCEL_ANSWER,  // struct request, done (requests.h)
    PARCEL_REFRESH, // struct refresh, done
    PARCEL_BADGE,   // struct badge_job, rendered (printing.h)
    PARCEL_LINK,    // nothing: the agent has news
    PARCEL_CLAIM, // struct claim_answer: without room it is lost, nobody waits long for it
    PARCEL_KEEPER, // struct keeper_news: holds a key, wiped by who takes it
    PARCEL_COMMAND // struct command, borrowed: its sender waits (script.h)
};

struct parcel {
    enum parcel_kind kind;
    void *item;
};

struct inbox;

enum { INBOX_MAX = 256, INBOX_GUESTS_MAX = 96 };

struct inbox *inbox_create(void);
// Gives every parcel left in it to drop and frees it. NULL is fine.
void inbox_destroy(struct inbox *in, void (*drop)(const struct parcel *p));
// From now on posting wakes this window; NULL ends that. Main thread.
void inbox_set_window(struct inbox *in, struct window *window);
// From now on nothing is taken in: what would be waited for is not. Main thread.
void inbox_close(struct inbox *in);
// Takes the item over. ERR_FULL, ERR_CLOSED: it stays the caller's. A second PARCEL_LINK
// before the first is taken adds nothing.
MUST_CHECK enum err inbox_post(struct inbox *in, enum parcel_kind kind, void *item);
bool inbox_take(struct inbox *in, struct parcel *out);

#endif

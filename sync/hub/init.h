// foyer-hub init: makes an event, its root key and this hub. Called by main on a directory
// that no hub is running in; one thread.
#ifndef SYNC_HUB_INIT_H
#define SYNC_HUB_INIT_H

#include "sync/event/fact.h"
#include "sync/event/moment.h"

struct init_options {
    const char *dir;
    const char *event_id; // 32 hex digits, NULL: random
    const char *log;      // postgresql://… of a log to share, NULL: this hub's alone
    struct moment now;
};

// Says on standard output what was made, on standard error what went wrong. ERR_EXISTS: the
// directory holds an event already; nothing is changed then. A root.key that is there is
// used: a hub rebuilt from it speaks for the same event if the event id is given too. With a
// shared log that holds an event the hub joins it; root.key, ticket.key and import.secret of
// the first hub must be in dir then. ERR_NOT_FOUND: they are not.
MUST_CHECK enum err init_event(const struct init_options *o);

#endif

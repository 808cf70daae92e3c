// Enrolment: this device shows its key and a one-time code, the hub answers which event it
// is, the root key and the grants. Called once, before the store and agent threads start, on
// the thread that has the store; blocks for some seconds at most.
#ifndef SYNC_AGENT_ENROL_H
#define SYNC_AGENT_ENROL_H

#include "sync/store/store.h"

enum { ENROL_TEXT_SIZE = 200 };

struct enrol_wish {
    const char *url;  // of the hub; more of a list are kept for later
    const char *code; // as `foyer-hub enrol` printed it
    const char *name; // what this device calls itself; may be ""
};

// Joins the event, takes the grants and remembers the url under meta "hub_url". out_text
// says in English what went wrong or well. ERR_OFFLINE, ERR_TIMEOUT; ERR_DENIED: wrong or
// old code; ERR_EXISTS: this store belongs to another event; ERR_SIGNATURE: the grants do
// not lead from the root to this device.
MUST_CHECK enum err enrol_run(struct store *s, const struct enrol_wish *wish,
                              const struct moment *now, char out_text[ENROL_TEXT_SIZE]);

#endif

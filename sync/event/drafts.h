// A list of drafts: what a connector read from a feed, or what a verb wants to author.
// Owned by one thread.
#ifndef SYNC_EVENT_DRAFTS_H
#define SYNC_EVENT_DRAFTS_H

#include "sync/event/fact.h"

#include <jansson.h>

struct drafts {
    struct draft *items;
    size_t count;
    size_t cap;
};

// Makes one draft; takes (steals) the reference to body and stores it as canonical JSON.
// ERR_LIMIT: kind, subject or body too long; ERR_INPUT: empty kind, control characters,
// invalid UTF-8 or a body that is no object. Free with draft_finish.
MUST_CHECK enum err draft_fill(struct draft *d, const char *kind, const char *subject,
                               json_t *body);

void drafts_finish(struct drafts *d); // frees every draft and zeroes
// draft_fill, appended; nothing is appended on failure.
MUST_CHECK enum err drafts_add(struct drafts *d, const char *kind, const char *subject,
                               json_t *body);

#endif

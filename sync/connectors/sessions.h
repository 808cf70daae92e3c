// The sessions of one feed, gathered before they become drafts: gives every row a subject
// that survives the next export, sorts them, and says where a moved session went. Used by
// the agenda connectors. Owned by one thread.
#ifndef SYNC_CONNECTORS_SESSIONS_H
#define SYNC_CONNECTORS_SESSIONS_H

#include "sync/connectors/import.h"

// SESSIONS_MAX: rows of one feed; connectors refuse more, since moves are matched pairwise.
enum { SESSION_MINUTES_MAX = 14 * 24 * 60, SESSIONS_MAX = 10000 };

enum session_state {
    SESSION_SCHEDULED,
    SESSION_CANCELED,
    SESSION_MOVED, // a tombstone: it was planned here and now is elsewhere
    SESSION_HIDDEN // not for the public
};

// What the datatracker calls a status, one of 11 words. An unknown word is SESSION_SCHEDULED
// with *is_known false: rather shown than lost.
enum session_state sessions_find_state(const char *status, bool *is_known);
// false for the slot types that only leadership may see.
bool sessions_is_public_type(const char *type);
// A note that is nothing but "CANCELED": how changes were marked before there was a status.
bool sessions_is_canceled_note(const char *note);
// "1:30:00", "1 day, 0:00:00", "2 days, 1:00:00" to minutes, rounded up. false: neither, or
// beyond SESSION_MINUTES_MAX.
bool sessions_parse_duration(const char *text, int *minutes);
// Fresh upper-case copy of an area's acronym.
char *sessions_copy_area(const char *acronym);

struct session_row {
    char id[FACT_SUBJECT_MAX - 8]; // subject without a suffix, "s2157"
    int64_t start_ms;
    enum session_state state;
    json_t *body; // all fields but `status`, and for moved ones `moved_to`
};

// All zero is empty.
struct sessions {
    struct session_row *rows;
    size_t count;
    size_t cap;
};

void sessions_finish(struct sessions *s);
// Takes the reference to row->body.
void sessions_add(struct sessions *s, const struct session_row *row);
// Makes one draft of each, ordered by id and start. The second slot of an id gets the
// subject "<id>-2" and so on, by start; a row that repeats another is skipped. A moved one
// comes out canceled, with `moved_to` (subject) and a note with the new day, time (when
// zone is not NULL) and room, if the feed holds its successor. Empties s.
void sessions_flush(struct sessions *s, const struct zone *zone,
                    const struct import_target *target);

#endif

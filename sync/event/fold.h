// Folding: the facts about one subject, in any order and number, become its state. Called by
// the store; any thread, no state. Only ref_parse can fail: ERR_INPUT.
// Order key: (at_ms, stream, n). A fact named in another's prev is superseded whatever the
// clocks say; only concurrent facts use the order key, and raise a conflict. Every function
// gives the same result for every order of its input.
#ifndef SYNC_EVENT_FOLD_H
#define SYNC_EVENT_FOLD_H

#include "sync/event/fact.h"
#include "sync/event/programme.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fold_fact {
    struct fact_header header;
    int64_t at_ms;  // anchored or HLC time
    uint64_t dev;   // author
    bool is_import; // the author has the right to import
    json_t *body;   // owned by whoever gathered it; NULL when erased
};

// An admission taken on paper counts from the time that was typed in with it: sets at_ms
// from the body of such a fact, any other is left alone. true: it was from paper.
bool fold_set_paper_time(struct fold_fact *f);

// Sorts by order key.
void fold_sort(struct fold_fact *facts, size_t count);

// Newest unsuperseded fact of the kind with a body; NULL if none. conflict is set when
// several stand side by side.
const struct fold_fact *fold_latest(const struct fold_fact *sorted, size_t count,
                                    const char *kind, bool *out_conflict);

// The newest earlier body of a session in another room or at another time; NULL when it is
// where it was first published. Borrowed.
const struct fold_fact *fold_session_was(const struct fold_fact *sorted, size_t count,
                                         const struct fold_fact *latest);

// The person's body with desk edits and payments laid over it. Fresh reference, NULL when
// there is no person fact. An importer's word goes before a desk's walk-up.
json_t *fold_person(const struct fold_fact *sorted, size_t count, bool *out_conflict,
                    const struct fold_fact **out_latest);

// Is the admission voided by one of the facts?
bool fold_is_void(const struct fold_fact *sorted, size_t count, struct fact_ref ref);

enum { FOLD_MEMBERS_MAX = 64 };
// A gate that more than one standing admission passed.
struct fold_incident {
    char gate[ID_SIZE];
    struct fact_ref members[FOLD_MEMBERS_MAX]; // by order key
    size_t member_count;
    char id[33]; // hash of the sorted addresses
    bool is_resolved;
    int64_t last_ms;
};
// The incident of one holder at one gate; false if there is none.
bool fold_incident(const struct fold_fact *sorted, size_t count, const char *gate,
                   struct fold_incident *out);

// "00000000000000ab/12" to and from a reference.
enum { REF_TEXT_SIZE = 40 };
void ref_format(struct fact_ref ref, char out[REF_TEXT_SIZE]);
MUST_CHECK enum err ref_parse(const char *text, struct fact_ref *out);

#endif

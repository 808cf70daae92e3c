// One pure function decides who may pass. Verdicts are values, each with a screen. Called by
// the store inside its commit; any thread, no state.
#ifndef SYNC_EVENT_ADMISSION_H
#define SYNC_EVENT_ADMISSION_H

#include "sync/event/code.h"
#include "sync/event/moment.h"
#include "sync/event/person.h"
#include "sync/event/programme.h"
#include "sync/event/zone.h"

enum verdict {
    VERDICT_ADMITTED,
    VERDICT_ALREADY_IN,  // admitted earlier; where and when are known
    VERDICT_NOT_PRINTED, // admitted earlier, no badge yet: offer to print
    VERDICT_NOT_ON_LIST, // wrong gate
    VERDICT_UNPAID,
    VERDICT_CANCELLED,
    VERDICT_BLOCKED,
    VERDICT_TOO_EARLY,
    VERDICT_TOO_LATE,
    VERDICT_WRONG_DAY,
    VERDICT_NEEDS_STAFF, // attention note, or a date rule that cannot be judged
    VERDICT_UNKNOWN,     // no such code here
    VERDICT_FORGED,
    VERDICT_VOID_BADGE, // a badge that a newer one replaced
    VERDICT_OTHER_EVENT,
    VERDICT_COUNT
};
const char *verdict_name(enum verdict v); // "admitted" …, as in scripts and logs

// What the store found for the code. Everything borrowed for the call.
struct admission_case {
    const struct gate *gate;     // never NULL
    const struct person *person; // NULL: unknown or only a signed ticket
    const struct code *code;     // NULL: found by name
    bool was_admitted;           // an admission at this gate, not voided
    bool has_badge;              // a badge was printed and not voided
    bool is_serial_void;         // the badge scanned was voided or replaced
    const struct event_info *event;
    const struct zone *zone; // NULL: no day rule can be judged
    struct moment now;
};

// Look-ups are done; this only judges. With unknown time, or an error wider than the rule's
// margin, no date rule refuses: admitted (is_time_unsure is set), or needs staff at a strict
// gate.
enum verdict admission_decide(const struct admission_case *c, bool *out_is_time_unsure);

#endif

// The IETF datatracker's `GET /meeting/<number>/agenda.json`: one key, the meeting number,
// with a mixed array of sessions, locations and areas. Gives `session` and `room` drafts.
// Pure; any thread. Sources: ietf-tools/datatracker ietf/meeting/views.py agenda_json.
//
// Sessions are known by `session_id`, which stays when one is moved; `id` does not and is
// never used. Statuses, moves and repeats: sessions.h. Types `lead`, `offagenda`, `unavail`
// and `reserved` never come out. Rooms get a draft unless options say another source knows
// them. The extra field `filler: true` (demo events) is passed on.
#ifndef SYNC_CONNECTORS_DATATRACKER_H
#define SYNC_CONNECTORS_DATATRACKER_H

#include "sync/connectors/import.h"

// Errors and limits as in import.h.
MUST_CHECK enum err datatracker_read(const void *bytes, size_t len,
                                     const struct import_options *o, struct drafts *out,
                                     struct import_report *report);

#endif

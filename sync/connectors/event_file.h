// Our own `event.json`: what no feed carries. Gives `event`, `gate`, `notice` and `sponsor`
// drafts in the file's order. Pure but for tzdata; any thread.
//
//   {"event": {…}, "gates": [{"id": …}, …], "notices": [{"id": …}, …],
//    "sponsors": [{"id": …}, …]}
//
// Fields are those of PROTOCOL.md part 1; `id` becomes the subject. Instants may be written
// with an offset ("2015-03-24T19:00-05:00", "…Z") or local to the event's zone
// ("2015-03-24T19:00"); they come out in UTC. An unknown field is named and left out. A bad
// gate, notice or sponsor is named and skipped; a bad event refuses the file.
#ifndef SYNC_CONNECTORS_EVENT_FILE_H
#define SYNC_CONNECTORS_EVENT_FILE_H

#include "sync/connectors/import.h"

// Errors and limits as in import.h. `event` may be absent when options have a zone.
MUST_CHECK enum err event_file_read(const void *bytes, size_t len,
                                    const struct import_options *o, struct drafts *out,
                                    struct import_report *report);

#endif

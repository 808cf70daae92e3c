// The datatracker's `/meeting/<number>/agenda.csv`, which has the breaks, the registration
// and the plenaries that agenda.json leaves out. Gives `session` drafts. Pure; any thread.
// Columns, times local to the venue (options need `zone`):
//
//   Date          "2012-03-25"        required
//   Start, End    "0930" or "09:30"   required; an End before Start is on the next day
//   Session       the slot's name, which is the entry's when Description is empty
//   Room Area Acronym
//   Type          WG RG AG TEAM IETF break reg plenary other; lead, offagenda, unavail and
//                 reserved never come out
//   Description   the name
//   Session ID    required; digits get an "s" before them, "b2904" stays
//   Status        as in agenda.json; empty = planned
//   Note, Filler  ours: a remark, and yes for entries invented for a demo
//   Expected attendees, Agenda, Slides: not taken over
#ifndef SYNC_CONNECTORS_AGENDA_CSV_H
#define SYNC_CONNECTORS_AGENDA_CSV_H

#include "sync/connectors/import.h"

// Errors and limits as in import.h; options without a zone: ERR_INPUT.
MUST_CHECK enum err agenda_csv_read(const void *bytes, size_t len,
                                    const struct import_options *o, struct drafts *out,
                                    struct import_report *report);

#endif

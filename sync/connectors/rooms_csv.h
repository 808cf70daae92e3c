// A list of rooms as CSV: gives `room` drafts in the file's order. Pure; any thread.
//
//   name             required; what agendas call the room, at most 64 bytes
//   functional_name  what it is used for, "Breakout 1"
//   capacity         people; empty = unknown
//   note             for the organiser; not taken over
//   level            floor, as signs call it
//   way              how to get there, words
//   order            sorting, a whole number; without it the row's place in the file
//   id               the source's number; not taken over, a room is known by its name
#ifndef SYNC_CONNECTORS_ROOMS_CSV_H
#define SYNC_CONNECTORS_ROOMS_CSV_H

#include "sync/connectors/import.h"

// Errors and limits as in import.h.
MUST_CHECK enum err rooms_csv_read(const void *bytes, size_t len,
                                   const struct import_options *o, struct drafts *out,
                                   struct import_report *report);

#endif

// A CSV file with a header line, read row by row through libcsv in its strict mode. Used by
// the CSV connectors only. Any thread.
// UTF-8 with or without byte order mark, LF, CRLF or CR, fields in quotes may hold commas,
// quotes and line breaks. A row that breaks the quoting or has another number of columns
// than the header is named and skipped; reading goes on at the line after its first.
#ifndef SYNC_CONNECTORS_CSV_TABLE_H
#define SYNC_CONNECTORS_CSV_TABLE_H

#include "sync/connectors/import.h"

// Column names are found whatever their case and order; others in the file are reported.
struct csv_column {
    const char *name;
    bool is_required;
};

struct csv_row {
    size_t line; // where the row starts, from 1, the header included
    // One text per wanted column, in their order; "" when the file has no such column.
    // Valid UTF-8, cleaned by import_clean; valid during the call.
    const char *const *fields;
};

typedef void csv_row_fn(void *context, const struct csv_row *row);

struct csv_want {
    const char *file; // for messages
    const struct csv_column *columns;
    size_t count; // <= IMPORT_COLUMNS_MAX
    csv_row_fn *row;
    void *context;
};

// ERR_INPUT: empty, no usable header. ERR_LIMIT: IMPORT_BYTES_MAX, IMPORT_ROWS_MAX. The
// rows before the limit have been given out then, so drop what was made of them.
MUST_CHECK enum err csv_table_read(const void *bytes, size_t len,
                                   const struct csv_want *want,
                                   struct import_report *report);

#endif

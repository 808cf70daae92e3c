// What every connector shares: options in, a report out, and the cleaning of outside text.
// A connector is a pure step: the bytes of one export in, drafts out. It reads no file, no
// clock and no store, and the same bytes and options give the same drafts in the same order,
// so that the hub can compare them with what it holds. Any thread.
//
// A bad row is named in the report and skipped; the good ones are kept. A feed that is not
// in its format at all, or holds nothing, is refused: ERR_INPUT, `refusal` says why, and no
// draft is added. Beyond a limit below: ERR_LIMIT, likewise.
#ifndef SYNC_CONNECTORS_IMPORT_H
#define SYNC_CONNECTORS_IMPORT_H

#include "sync/base/err.h"
#include "sync/event/drafts.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IMPORT_BYTES_MAX = 64 * 1024 * 1024, // of one feed
    IMPORT_ROWS_MAX = 200000,
    IMPORT_ROW_BYTES_MAX = 64 * 1024, // of one CSV row, line breaks in quotes included
    IMPORT_COLUMNS_MAX = 64,
    IMPORT_SECRET_BYTES = 32,
    IMPORT_MESSAGES_MAX = 50, // kept; all are counted
    IMPORT_MESSAGE_BYTES = 240
};

struct zone;

// Borrowed for the call.
struct import_options {
    const char
        *file; // how messages call the feed, "people.csv"; NULL: the connector's word
    // The venue's zone. Needed by agenda_csv, whose times are local; others may have NULL.
    const struct zone *zone;
    // Hides e-mail addresses and makes person ids; stays at the hub, one per event.
    uint8_t secret[IMPORT_SECRET_BYTES];
    // Rooms that another source (rooms.csv) describes. The datatracker knows less about
    // them, so they get no draft from its feed. May be NULL with count 0.
    const char *const *known_rooms;
    size_t known_room_count;
};

// Owned by the caller; zero it first. Counts add up over several feeds.
struct import_report {
    size_t rows;    // read, header lines not counted
    size_t skipped; // bad, each with a message
    size_t
        hidden; // well-formed but never for the public: leadership, off-agenda, dropped
    size_t drafts;        // added
    size_t message_count; // more than IMPORT_MESSAGES_MAX are counted, not kept
    char messages[IMPORT_MESSAGES_MAX][IMPORT_MESSAGE_BYTES];
    char refusal[IMPORT_MESSAGE_BYTES]; // empty unless the feed was refused
};

// Adds one line, cut at a UTF-8 border; control characters become '?'.
void import_say(struct import_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// As import_say, and counts a skipped row.
void import_skip(struct import_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Writes the refusal and returns e.
MUST_CHECK enum err import_refuse(struct import_report *r, enum err e, const char *format,
                                  ...) __attribute__((format(printf, 3, 4)));

// The name of the feed in messages, never NULL.
const char *import_file(const struct import_options *o, const char *fallback);
bool import_is_known_room(const struct import_options *o, const char *name);

// ERR_LIMIT above IMPORT_BYTES_MAX, ERR_INPUT when nothing but blanks; steps over a UTF-8
// byte order mark.
MUST_CHECK enum err import_start(const char *file, const void **bytes, size_t *len,
                                 struct import_report *r);

// Where a connector puts what it read. Borrowed.
struct import_target {
    struct drafts *drafts;
    struct import_report *report;
    const char *file;
};

// Appends a draft and counts it; takes the reference to body. A draft the log would not
// hold (text too long) is skipped with a message.
void import_add(const struct import_target *t, const char *kind, const char *subject,
                json_t *body);

// Ends a feed that added its drafts from index `first` on. On an error, or when no draft was
// added (ERR_INPUT, "no usable row"), removes them again; returns the outcome.
MUST_CHECK enum err import_end(struct drafts *d, size_t first, const char *file,
                               enum err e, struct import_report *r);

// Fresh text: blanks at the ends cut, runs of blanks and control characters made one
// blank. Free with mem_free.
char *import_clean(const char *text);
// As import_clean, also without markup: <b>…</b> and the five XML entities.
char *import_clean_markup(const char *text);
// Something@somewhere.tld within text.
bool import_has_mail(const char *text);

// "yes no true false y n 1 0", any case. false: neither; *out is untouched.
bool import_parse_yes(const char *text, bool *out);
// Exactly "2015-03-23", a day that exists.
bool import_parse_day(const char *text, int *year, int *month, int *day);

// Sets object[key] to a text, unless it is empty.
void import_set_text(json_t *object, const char *key, const char *text);

#endif

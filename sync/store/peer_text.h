// What the hub's verbs read as text: the body of one thing, the log line by line, tables as
// CSV. Everything runs on the store's thread. Errors: ERR_IO, ERR_CORRUPT of the database,
// ERR_NOT_FOUND.
#ifndef SYNC_STORE_PEER_TEXT_H
#define SYNC_STORE_PEER_TEXT_H

#include "sync/store/store.h"

#include <jansson.h>

// The folded body of one thing ("session", "s2157") as JSON text; *out: mem_free.
MUST_CHECK enum err peer_text_entity(struct store *s, const char *kind,
                                     const char *subject, char **out);

// What is held of a device's streams, as device.revoke lists it: [{"st", "n", "h"}]. Fresh
// reference in *out.
MUST_CHECK enum err peer_text_held(struct store *s, uint64_t dev, json_t **out);

struct peer_text_dump {
    const char *kind; // NULL: all
    uint64_t after;   // seq
    size_t max;       // lines
};
// One JSON object a line: seq (0 where nothing is numbered; those lines go by time), fact
// ("stream/n"), channel, kind, subject, at, device, body (null when
// erased). Returns through *out_last the last seq written, after when there was none.
MUST_CHECK enum err peer_text_dump(struct store *s, const struct peer_text_dump *d,
                                   struct bytes *out, uint64_t *out_last);

// What a check found, for people and for scripts: a line for each channel, the counts, and
// whether all is well (why not).
void peer_text_verify(const struct verify_report *r, enum err e, struct bytes *out);

// CSV with a header line (RFC 4180, CRLF): gate, when, person, name, org, device, void.
MUST_CHECK enum err peer_text_admissions(struct store *s, struct bytes *out);

#endif

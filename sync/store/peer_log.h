// The numbered log of a hub or relay as the exchange's server half sees it, and the codes
// that let a new device in. Everything runs on the store's thread. Failures of the
// database: ERR_IO, ERR_FULL, ERR_CORRUPT.
#ifndef SYNC_STORE_PEER_LOG_H
#define SYNC_STORE_PEER_LOG_H

#include "sync/exchange/answer.h"
#include "sync/store/store.h"

// Lives as long as the struct exchange_log made from it.
struct peer_log {
    struct store *store; // opened with is_numbering
    struct moment now;   // when the request came
};
// Fills out; out->arg is l. ERR_NOT_FOUND: the store has no log of its own.
MUST_CHECK enum err peer_log_open(struct peer_log *l, struct exchange_log *out);

// The end of the log; seq 0 with the first ch when it is empty.
MUST_CHECK enum err peer_log_head(struct store *s, struct exchange_mark *out);

// The streams of these channels, fleet first, then programme, people, desk. Fresh list in
// *out, mem_free.
MUST_CHECK enum err peer_log_streams(struct store *s, uint32_t channels, uint64_t **out,
                                     size_t *out_count);

// ---- one-time codes -------------------------------------------------------------------

enum {
    ENROLMENT_CODE_SIZE = 13, // "K7Q29XFM4TA8": 4 to find it, 8 secret, and NUL
    ENROLMENT_TRIES = 5,
    ENROLMENT_MS = 10 * 60 * 1000
};

// Keeps a wish (JSON text: what the new device shall be) under a fresh code, until then.
MUST_CHECK enum err peer_enrolment_add(struct store *s, const char *wish,
                                       int64_t until_ms,
                                       char out_code[ENROLMENT_CODE_SIZE]);
// Takes the wish of a code out, once. Case and blanks do not matter. ERR_DENIED: no such
// code, wrong, too old or tried too often; a wrong try is counted. *out_wish: mem_free.
MUST_CHECK enum err peer_enrolment_take(struct store *s, const char *code, int64_t now_ms,
                                        char **out_wish);

#endif

// The hub's half of the exchange: one request in, one response out. No clock, no socket, no
// SQL: what it needs of the log comes through struct exchange_log. Runs on the store thread
// inside one commit; the response may be sent once that commit is on disk.
#ifndef SYNC_EXCHANGE_ANSWER_H
#define SYNC_EXCHANGE_ANSWER_H

#include "sync/exchange/message.h"

// One row of the numbered log.
struct exchange_row {
    uint64_t seq;
    uint64_t stream;
    uint64_t n;
};

// The log as the server half sees it. Every function is called with arg; all are mandatory.
// Any error but those named ends the answer with that error.
struct exchange_log {
    void *arg;
    // Keeps one batch; out->n is what is held afterwards (0: no such stream). ERR_GAP,
    // ERR_FORK, ERR_SIGNATURE, ERR_INPUT, ERR_LIMIT leave the other batches alone.
    enum err (*take)(void *arg, const void *bytes, size_t len, struct exchange_have *out);
    // The last n held of a stream, 0 when unknown; and h at `n_at` when that is held
    // (*has_h). out->is_forked when another branch is kept as evidence.
    enum err (*have)(void *arg, uint64_t stream, uint64_t n_at, struct exchange_have *out,
                     bool *has_h, uint8_t h[FACT_HASH_BYTES]);
    enum err (*head)(void *arg, struct exchange_mark *out);
    // The mark at seq. ERR_NOT_FOUND beyond the head.
    enum err (*mark)(void *arg, uint64_t seq, struct exchange_mark *out);
    // Rows after seq of streams in the channels, in order; at most max; *out_count of them.
    enum err (*rows)(void *arg, uint64_t after, uint32_t channels, struct exchange_row *out,
                     size_t max, size_t *out_count);
    // Appends to out the one batch that holds (stream, n); its last n in *out_last.
    // ERR_NOT_FOUND: not signed yet.
    enum err (*batch)(void *arg, uint64_t stream, uint64_t n, struct bytes *out,
                      uint64_t *out_last);
    uint8_t log[EXCHANGE_LOG_BYTES];
};

// Who asks: the hub found out before.
struct exchange_caller {
    uint32_t channels; // what the grant allows
};

// Fills have, head, facts, cur, more, rewind and channels of out, which must be cleared;
// time and backoff are the caller's to add. Errors: only of the log itself.
MUST_CHECK enum err exchange_answer(const struct exchange_log *log,
                                    const struct exchange_caller *who,
                                    const struct exchange_request *request,
                                    struct exchange_response *out);

#endif

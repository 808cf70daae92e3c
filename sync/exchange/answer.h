// The hub's half of the exchange: one request in, one response out. No clock, no socket, no
// SQL: what it needs of the log comes through struct exchange_log. Runs on the store thread
// inside one commit; the response may be sent once that commit is on disk.
#ifndef SYNC_EXCHANGE_ANSWER_H
#define SYNC_EXCHANGE_ANSWER_H

#include "sync/exchange/message.h"

// Some rows of the numbered log, in order.
enum { EXCHANGE_ROWS_MAX = 256 };
struct exchange_rows {
    struct exchange_row {
        uint64_t seq;
        uint64_t stream;
        uint64_t n;
    } items[EXCHANGE_ROWS_MAX];
    size_t count;
};

// The log as the server half sees it. Every function is called with arg; all are mandatory.
// Any error but those named ends the answer with that error.
struct exchange_log {
    void *arg;
    // Keeps one batch; out->n is what is held afterwards (0: no such stream). ERR_GAP,
    // ERR_FORK, ERR_SIGNATURE, ERR_INPUT, ERR_LIMIT, ERR_READ_ONLY leave the other batches
    // alone.
    enum err (*take)(void *arg, const void *bytes, size_t len, struct exchange_have *out);
    // The last n held of the stream offered, 0 when unknown. out->is_forked: another branch
    // is kept as evidence. *is_other: n is held with another hash than offered.
    enum err (*have)(void *arg, const struct exchange_summary *offered,
                     struct exchange_have *out, bool *is_other);
    enum err (*head)(void *arg, struct exchange_mark *out);
    // The mark at seq. ERR_NOT_FOUND beyond the head.
    enum err (*mark)(void *arg, uint64_t seq, struct exchange_mark *out);
    // The next rows after seq of streams in the channels; fewer than EXCHANGE_ROWS_MAX at
    // the end of the log only.
    enum err (*rows)(void *arg, uint64_t after, uint32_t channels,
                     struct exchange_rows *out);
    // Appends to out the one batch that holds (stream, n); its last n in *out_last.
    // ERR_NOT_FOUND: not signed yet.
    enum err (*batch)(void *arg, uint64_t stream, uint64_t n, struct bytes *out,
                      uint64_t *out_last);
    // Answers a claim, and keeps the answer in this commit. ERR_DENIED, ERR_INPUT,
    // ERR_LIMIT: it is left unanswered.
    enum err (*claim)(void *arg, uint64_t dev, const struct exchange_claim *claim,
                      struct exchange_claimed *out);
    uint8_t log[EXCHANGE_LOG_BYTES];
};

// Who asks: the hub found out before.
struct exchange_caller {
    uint32_t channels; // what the grant allows
};

// Fills have, head, facts, cur, more, rewind, channels and claims of out, which must be cleared;
// time and backoff are the caller's to add. Errors: only of the log itself.
MUST_CHECK enum err exchange_answer(const struct exchange_log *log,
                                    const struct exchange_caller *who,
                                    const struct exchange_request *request,
                                    struct exchange_response *out);

#endif

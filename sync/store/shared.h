// A numbered log that several hub instances share (PostgreSQL), as the store sees it. The
// store stays a whole mirror of it: before facts are written the counter is locked and the
// mirror caught up; what the commit adds is appended there first, then committed here. A
// mirror that is not in the shared history (a fail-over lost its end, a backup was put back)
// is cut back to the newest common point, and what it holds beyond is numbered anew at the
// end. Store thread only.
#ifndef SYNC_STORE_SHARED_H
#define SYNC_STORE_SHARED_H

#include "sync/exchange/message.h"
#include "sync/store/store.h"

// One group commit: the runs of facts in their order, then whole batches that hold them.
struct shared_row {
    struct exchange_mark at; // of its last fact
    const uint8_t *bytes;    // NULL: not asked for
    size_t len;
};
typedef enum err shared_each(void *arg, const struct shared_row *row);

enum { SHARED_SECRET_BYTES = 16, SHARED_WISH_MAX = 1024 };
struct shared_code {
    const char *find; // the part of a one-time code that names it
    uint8_t secret[SHARED_SECRET_BYTES];
    char wish[SHARED_WISH_MAX];
    int64_t until_ms;
};

// What lies behind. Called with arg; all are mandatory; none waits for long. ERR_READ_ONLY:
// the log cannot be written now. Between lock and commit or cancel nobody else appends.
struct store_shared {
    void *arg;
    uint8_t log[EXCHANGE_LOG_BYTES]; // its id
    enum err (*lock)(void *arg, struct exchange_mark *out_head);
    // The commit goes on: called often between the two.
    enum err (*touch)(void *arg);
    // The end of the newest row that ends at or before seq; seq 0 when there is none.
    enum err (*mark)(void *arg, uint64_t seq, struct exchange_mark *out);
    // The end of the row that holds seq.
    enum err (*end)(void *arg, uint64_t seq, struct exchange_mark *out);
    // Some rows from `from` on by seq, the one that ends there without bytes; *out_count of
    // them. Errors of each end it.
    enum err (*read)(void *arg, uint64_t from, shared_each *each, void *each_arg);
    enum err (*append)(void *arg, const struct shared_row *row);
    // The row with this mark says less now: bodies were erased. Their old bytes must go.
    enum err (*replace)(void *arg, const struct shared_row *row);
    // head: the counter's new value. Failure: it may have happened all the same.
    enum err (*commit)(void *arg, const struct exchange_mark *head);
    void (*cancel)(void *arg);
    // Our history parted from the shared one after this point.
    void (*parted)(void *arg, const struct exchange_mark *common);
    // One-time codes that work at every instance. try counts a try and fills all but find;
    // ERR_DENIED: no such code, too old or tried too often.
    enum err (*code_add)(void *arg, const struct shared_code *code);
    enum err (*code_try)(void *arg, struct shared_code *io_code, int64_t now_ms);
    enum err (*code_forget)(void *arg, const char *find, int64_t now_ms);
};

// From here on every commit with facts goes through x, which must outlive the store; NULL
// ends it. Facts held here and not there are appended with the next commit.
void store_share(struct store *s, const struct store_shared *x);
// store_join to an event whose log has an id already.
MUST_CHECK enum err store_join_log(struct store *s, const uint8_t event[FACT_EVENT_BYTES],
                                   const uint8_t root[FACT_KEY_BYTES],
                                   const uint8_t log[EXCHANGE_LOG_BYTES]);
// For a store of the same event whose own log may have another id (it was alone, or was
// salvaged): its log becomes that one, its facts get their numbers there.
MUST_CHECK enum err store_adopt_log(struct store *s,
                                    const uint8_t log[EXCHANGE_LOG_BYTES]);
// Takes what other instances appended, by pages, each in a commit of its own; heals a mirror
// that is not in the shared history. *out_head: where the mirror stands then.
MUST_CHECK enum err store_follow(struct store *s, struct exchange_mark *out_head);
// Like store_begin, but the commit takes no facts (ERR_READ_ONLY) and asks no lock.
MUST_CHECK enum err store_begin_reading(struct store *s);
bool store_is_shared(const struct store *s);
// The open commit takes no facts because the shared log cannot be written now.
bool store_is_read_only(const struct store *s);

// ---- inside the store only ------------------------------------------------------------

struct shared_state {
    const struct store_shared *with; // NULL: the log is ours alone
    bool takes_facts;                // the open commit holds the shared counter
    bool is_refused;                 // it wanted to and could not
    bool is_replaying;   // facts come from the shared log and are numbered by its runs
    bool has_unshared;   // facts may be held that the shared log lacks
    uint64_t seq;        // the shared log's head when the commit began
    struct bytes erased; // (stream, n) whose bodies went in this commit
};

// ERR_READ_ONLY: no facts may be written in this commit.
MUST_CHECK enum err shared_touch(struct store *s);
// Gives the next number to a fact that is held (log.c).
MUST_CHECK enum err log_number(struct store *s, struct fact_ref ref,
                               const uint8_t hash[FACT_HASH_BYTES]);

// At the start of a commit: lock, catch up, number what only we have.
MUST_CHECK enum err shared_begin(struct store *s);
// Before the commit of the mirror: appends what is new and commits there.
MUST_CHECK enum err shared_publish(struct store *s);
void shared_cancel(struct store *s);
// A body was erased: its row in the shared log must say so too.
void shared_note_erased(struct store *s, uint64_t stream, uint64_t n);

#endif

// Inside the store only: the struct, statement helpers and the steps the files share.
// Everything runs on the store's thread. SQL failures are logged here with their cause and
// become ERR_IO, ERR_FULL or ERR_CORRUPT.
#ifndef SYNC_STORE_DB_H
#define SYNC_STORE_DB_H

#include "sync/event/fold.h"
#include "sync/event/rights.h"
#include "sync/event/zone.h"
#include "sync/store/recover.h"
#include "sync/store/seal.h"
#include "sync/store/search.h"
#include "sync/store/shared.h"

#include <sqlite3.h>

struct search;

struct db_stmt { // cached by the address of its SQL literal
    const char *sql;
    sqlite3_stmt *stmt;
};

struct own_stream { // our open stream in one channel
    uint64_t stream;
    uint64_t last_n;
    uint8_t last_h[FACT_HASH_BYTES];
};

struct store {
    sqlite3 *db;
    struct db_stmt *stmts;
    size_t stmt_count;
    bool is_sealed; // nothing of ours was authored since the last seal
    int wal_pages;  // in the log file since it was emptied last
    bool in_tx;
    struct copy *copies; // under way
    bool holds_erased;   // the file may hold bytes that were erased since: scrub is due
    int64_t scrub_at;    // the page it goes on from
    uint64_t erasures;   // bodies dropped since the start
    bool failed;     // an fsync or commit failed: nothing more is accepted until reopened
    bool is_damaged; // SQLite says so: what can be read goes into a new file
    bool is_unclean; // not closed the last time: check what the tail did not show
    struct checking check;
    enum store_disk disk;
    size_t reserve_bytes;
    bool has_reserve;
    bool found_full;   // since the last commit
    char *vfs;         // NULL: the default
    struct seal *seal; // NULL: plain files
    bool is_unsafe;
    char *dir;
    int lock_fd;
    bool is_numbering;
    struct store_identity identity;
    uint8_t secret[FACT_SECRET_BYTES];
    struct own_stream own[CHANNEL_COUNT];
    uint64_t last_hlc;
    uint64_t next_seq;
    uint8_t last_ch[16];
    struct rights rights;
    struct anchor *anchors;
    size_t anchor_count;
    struct zone *zone;
    struct event_info event;
    struct ticket_key ticket_keys[TICKET_KEYS_MAX];
    size_t ticket_key_count;
    uint64_t versions[CHANNEL_COUNT];
    struct search *search;
    int64_t search_loaded; // last person row whose key was read at start
    // subjects to fold before the commit
    char (*dirty)[FACT_SUBJECT_MAX + 1];
    size_t dirty_count, dirty_cap;
    bool rights_dirty;
    struct shared_state share; // of a log shared with other instances
};

// The cached statement for this SQL literal, reset and unbound. Never NULL: bad SQL is a bug.
sqlite3_stmt *db_get(struct store *s, const char *sql);
void db_bind_u64(sqlite3_stmt *q, int at, uint64_t v); // bit-cast
uint64_t db_u64(sqlite3_stmt *q, int column);
void db_bind_text(sqlite3_stmt *q, int at,
                  const char *text); // must live until db_run/reset
void db_bind_bytes(sqlite3_stmt *q, int at, const void *bytes, size_t len); // likewise
const char *db_text(sqlite3_stmt *q, int column);                           // never NULL
// One step. true: a row, *out_err ERR_NONE. On false it tells ERR_NONE (done) or the failure.
bool db_row(struct store *s, sqlite3_stmt *q, enum err *out_err);
// Runs to the end, ignoring rows.
MUST_CHECK enum err db_run(struct store *s, sqlite3_stmt *q);
MUST_CHECK enum err db_exec(struct store *s, const char *sql);
// First column of the first row, or fallback.
int64_t db_int(struct store *s, sqlite3_stmt *q, int64_t fallback);
// For a flood of people, who come in no order: with the usual cache every page of the tables
// is written out and read back several times within one commit.
void db_set_large_cache(struct store *s, bool is_large);
enum err db_error(struct store *s, int rc, const char *what); // logs

// schema.c: creates or migrates. ERR_VERSION, ERR_IO.
MUST_CHECK enum err schema_open(struct store *s);
extern const char *const schema_derived[]; // tables that folding fills, NULL-terminated

// Runs body inside a commit of its own unless one is open.
MUST_CHECK enum err store_group_begin(struct store *s, bool *out_is_mine);
MUST_CHECK enum err store_group_end(struct store *s, bool is_mine, enum err e);

// log.c
MUST_CHECK enum err log_load(struct store *s); // last hlc, seq, own streams start empty
// The chain hash of the numbering: its start, and ch_seq = BLAKE2b-128(ch_{seq-1} || stream
// || n || h_n).
void log_start_ch(struct store *s, uint8_t out[16]);
void log_next_ch(uint8_t io_ch[16], struct fact_ref ref,
                 const uint8_t h[FACT_HASH_BYTES]);
// One row of the log: the record exactly as signed. Marks its subject for folding.
struct log_record {
    const struct fact_header *header;
    struct fact_view view;
    const uint8_t *h;
    uint64_t dev;
};
MUST_CHECK enum err log_insert(struct store *s, const struct log_record *r);
// The stream's end, once after its last new record in the same transaction.
MUST_CHECK enum err log_advance(struct store *s, struct fact_ref last,
                                const uint8_t h[FACT_HASH_BYTES]);

struct log_stream {
    uint64_t stream;
    enum channel channel;
    const uint8_t *author; // 32 bytes
    uint64_t boot;
    bool is_own;
};
MUST_CHECK enum err log_insert_stream(struct store *s, const struct log_stream *t,
                                      uint8_t out_h[FACT_HASH_BYTES]);
MUST_CHECK enum err log_insert_batch(struct store *s, uint64_t stream, uint64_t from,
                                     uint64_t last, const uint8_t *sig);

// refold.c
void refold_mark(struct store *s, const char *subject);
MUST_CHECK enum err
refold_load(struct store *s); // rights, anchors, event from the tables
MUST_CHECK enum err refold_dirty(struct store *s); // before each commit
MUST_CHECK enum err refold_all(struct store *s);   // from the log, derived tables emptied
MUST_CHECK enum err refold_anchor(struct store *s, const struct fact_header *h,
                                  uint64_t dev, const void *body, size_t len);
bool is_erased_subject(struct store *s, const char *subject);

#endif

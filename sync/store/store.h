// The one store of a kiosk, a relay or a hub: SQLite in WAL mode, one connection, one
// thread (store/thread.h owns it in the programs; tests call it directly). Every function
// belongs to the thread that opened it. Keeps the log of facts and folds it into tables;
// when a function returns ERR_NONE outside store_begin, its facts are on disk.
#ifndef SYNC_STORE_STORE_H
#define SYNC_STORE_STORE_H

#include "sync/event/admission.h"
#include "sync/event/drafts.h"
#include "sync/event/fact.h"
#include "sync/event/job.h"
#include "sync/event/moment.h"
#include "sync/event/person.h"
#include "sync/event/programme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct store_options {
    const char *dir;   // holds store.db, device.key, lock
    const char *vfs;   // SQLite VFS name; NULL = default. Tests cut the power here
    bool is_numbering; // hub or relay: keeps the gapless log with seq and ch
    bool is_unsafe;    // synchronous=NORMAL: only to show that tests catch it
    // Kept aside so that check-ins go on when the disk is full; 0: none (recover.h).
    size_t reserve_bytes;
    const uint8_t
        *key; // SEAL_KEY_BYTES of a sealed store (vault.h); a new one is made so
};

// Takes the directory's lock. ERR_BUSY: another process holds it. ERR_VERSION: written by a
// newer Foyer. ERR_LOCKED: sealed, and this is not its key. A damaged file is set aside as store.db.bad-<n>; what can be read of it is
// taken into a new one. With a vfs it is left where it is: ERR_CORRUPT.
MUST_CHECK enum err store_open(const struct store_options *o, struct store **out);
void store_close(struct store *s); // NULL is fine

// Who we are and which event this is. All zero until store_join.
struct store_identity {
    uint8_t event[FACT_EVENT_BYTES];
    uint8_t root[FACT_KEY_BYTES];
    uint8_t key[FACT_KEY_BYTES]; // our device's public key
    uint64_t dev;
    bool has_event;
};
struct store_identity store_identity_get(const struct store *s);
// Binds the store to an event, once. ERR_EXISTS: bound to another one.
MUST_CHECK enum err store_join(struct store *s, const uint8_t event[FACT_EVENT_BYTES],
                               const uint8_t root[FACT_KEY_BYTES]);
// Small values of other rooms (settings, cursors). out must hold max bytes. ERR_NOT_FOUND.
MUST_CHECK enum err store_meta_get(struct store *s, const char *key, void *out,
                                   size_t max, size_t *out_len);
MUST_CHECK enum err store_meta_set(struct store *s, const char *key, const void *value,
                                   size_t len);
// Public keys whose signed tickets count: the event fact's, before the first sync enrolment's.
enum { TICKET_KEYS_MAX = 8 };
size_t store_ticket_keys_get(const struct store *s,
                             struct ticket_key out[TICKET_KEYS_MAX]);
MUST_CHECK enum err store_ticket_keys_set(struct store *s, const struct ticket_key *keys,
                                          size_t count);
// Signs with the device's key.
void store_sign(const struct store *s, const void *text, size_t len,
                uint8_t out_sig[FACT_SIG_BYTES]);

// Groups what follows into one commit. begin/commit nest not. After a failed one nothing of
// the group is told to have happened; after ERR_IO store_reopen (recover.h) comes first.
MUST_CHECK enum err store_begin(struct store *s);
MUST_CHECK enum err store_commit(struct store *s);
void store_rollback(struct store *s);

// Authors facts in our own streams. In its own commit unless a group is open. Times come
// from now. out_refs may be NULL, else holds count. ERR_FULL: disk full.
MUST_CHECK enum err store_append(struct store *s, const struct draft *drafts,
                                 size_t count, const struct moment *now,
                                 struct fact_ref *out_refs);
// As store_append, but leaves out drafts whose subject already has this very body, sets prev
// to the fact they replace, and counts. The second time authors nothing.
struct store_diff {
    size_t added, changed, same;
};
MUST_CHECK enum err store_author(struct store *s, struct drafts *drafts,
                                 const struct moment *now, struct store_diff *out);
// store_author for feeds: a row that the feed had just so the last time is left alone, even
// when somebody changed the thing here since (a session moved by hand stays moved).
MUST_CHECK enum err store_import(struct store *s, struct drafts *drafts,
                                 const struct moment *now, struct store_diff *out);
// Authors one grant signed by the root key (not ours), in a stream of the root's own.
MUST_CHECK enum err store_append_root(struct store *s, const struct draft *d,
                                      const uint8_t root_secret[FACT_SECRET_BYTES],
                                      const struct moment *now);

// ---- exchange: whole signed batches --------------------------------------------------

struct take_result {
    uint64_t have;    // last n held of the batch's stream afterwards
    size_t new_facts; // how many were not held before
};
// Verifies and keeps one batch; what is held already is compared and skipped.
// ERR_GAP: h_{from-1} is not held yet, nothing kept, *out.have tells. ERR_FORK: another
// branch; kept as evidence beside the log. ERR_SIGNATURE, ERR_INPUT, ERR_LIMIT: goes to the
// bounded reject table, takes no address.
MUST_CHECK enum err store_take_batch(struct store *s, const void *bytes, size_t len,
                                     const struct moment *now, struct take_result *out);
// Signs our own facts that no batch covers yet (batches bounded by FACT_BATCH_*).
MUST_CHECK enum err store_seal(struct store *s);
// Appends to out whole batches covering facts of the stream after n `after`, until the next
// would pass max_bytes; *out_last is the last n covered (after, if none). Each batch starts
// on a batch border. out_lens: growing list of lengths of each batch as u32 in native order.
MUST_CHECK enum err store_read_batches(struct store *s, uint64_t stream, uint64_t after,
                                       size_t max_bytes, struct bytes *out,
                                       struct bytes *out_lens, uint64_t *out_last);

// ---- reading --------------------------------------------------------------------------

// A fresh snapshot of everything on the programme channel; programme_destroy frees it.
struct programme *store_read_programme(struct store *s);

MUST_CHECK enum err store_find_person(struct store *s, const char *id,
                                      struct person *out);

struct person_state { // what a list row or a verdict says about a person at a gate
    struct person person;
    bool is_in;                 // admitted at the gate, not voided
    int64_t in_ms, in_typed_ms; // first admission there; from paper: when typed in
    char in_at[NAME_SIZE];      // name of the device that admitted
    bool has_badge;
    unsigned serial; // newest serial printed or asked for; 0 before the first
    struct person_job job;
    bool in_is_pending; // not yet known to be at the hub
};
MUST_CHECK enum err store_read_person(struct store *s, const char *id, const char *gate,
                                      struct person_state *out);

// People whose key holds every word of text as an infix; best matches first (word starts
// before infixes, then by name). Reads the RAM keys; at most max. Returns how many.
size_t store_search(struct store *s, const char *text, const char *gate,
                    struct person_state *out, size_t max);
// Loads the RAM keys of at most count more people; true when all are loaded. For idle time.
bool store_search_load(struct store *s, size_t count);

struct store_counts {
    int64_t people, expected, admitted, last_hour; // at the gate
    int64_t incidents;                             // open
    int64_t unsent, on_lan; // own facts nobody else has, and that only a relay has
    int64_t quarantined, facts, asks; // asks: open calls for staff
};
struct store_counts store_read_counts(struct store *s, const char *gate,
                                      const struct moment *now);

struct incident_member {
    struct fact_ref ref;
    int64_t at_ms, typed_ms; // typed_ms: from paper, when it was typed in; else 0
    char device[NAME_SIZE];  // its name, or its id
    struct basis basis;
    bool is_unconfirmed; // at a strict gate, without the hub's answer
};
enum { INCIDENT_MEMBERS_MAX = 8 };
struct incident {
    char id[33], holder[ID_SIZE], gate[ID_SIZE]; // id: hash of the member addresses
    char name[TITLE_SIZE];                       // of the person; "" if unknown here
    struct incident_member members[INCIDENT_MEMBERS_MAX]; // by order key
    size_t member_count;
    bool is_resolved;
    bool
        is_fork; // two histories of one device; holder is the device, gate "", one member
    char reason[LINE_SIZE]; // "Desk B had been offline for 12 min"
};
// Open ones first, newest first. Returns how many were written.
size_t store_read_incidents(struct store *s, struct incident *out, size_t max);

struct ask {
    struct fact_ref ref;
    char device[NAME_SIZE];
    uint64_t dev;
    int64_t at_ms;
};
// Open ones, oldest first.
size_t store_read_asks(struct store *s, struct ask *out, size_t max);

struct device_info {
    uint64_t dev;
    uint8_t key[FACT_KEY_BYTES];
    char name[NAME_SIZE], role[16], room[NAME_SIZE], gate[ID_SIZE];
    uint32_t channels; // CHANNEL_BIT mask granted
    bool is_granted, is_revoked;
};
size_t store_read_devices(struct store *s, struct device_info *out, size_t max);
MUST_CHECK enum err store_find_device(struct store *s, uint64_t dev,
                                      struct device_info *out);

// ---- the main job ---------------------------------------------------------------------

struct admit_request {
    const char *gate;
    const char *code; // scanned bytes, or NULL
    size_t code_len;
    const char *person; // id when found by name, else NULL
    const char *by;     // staff id or ""
    struct basis basis; // seq and age; mode is set by the store
    struct moment now;
    bool is_dry;       // judge only (the confirm screen); nothing is written
    bool is_override;  // staff admit in spite of a soft verdict (unpaid, note, day, list)
    uint64_t claim;    // strict gate: nonce the hub was asked with; 0: not asked yet
    bool is_confirmed; // strict gate: the hub said yes
    // Who is admitted and has no badge gets a job of this device in the same commit.
    bool is_printing;
};
struct admit_result {
    enum verdict verdict;
    struct code code;
    struct person_state state;       // person.id "" when unknown
    bool is_signed_only;             // admitted on a signed ticket, person not known here
    bool is_time_unsure, is_claimed; // claimed: already in by the hub's word only
    struct fact_ref ref;             // the admission, when one was written
    struct fact_ref job;             // likewise the badge's; state.job is it, too
    uint64_t claim; // ADMITTED: nothing was written, ask the hub first, with this nonce
};
// Look-up, decision and append in one commit. When it returns ERR_NONE with an admission
// written, that admission survives a power cut.
MUST_CHECK enum err store_admit(struct store *s, const struct admit_request *r,
                                struct admit_result *out);

// ---- files and changes: verify.h has checking and erasing, recover.h faults -------------

// Moves the WAL into the database and empties its file; false when it could not.
bool store_checkpoint(struct store *s);
// When idle: the same, but the file stays to be written over unless it is large (a commit
// that makes a file longer must write its inode, too). After an erasure: a slice of scrub.h.
void store_checkpoint_idle(struct store *s);
void store_checkpoint_busy(struct store *s);   // the same, and the file stays
size_t store_wal_bytes(const struct store *s); // written since the last one that worked

// Bumped whenever folded rows of the channel changed; for "did anything change?".
uint64_t store_version(const struct store *s, enum channel c);

#include "sync/store/verify.h"

#endif

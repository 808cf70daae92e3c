// Inside the store only: what opening, a failed write, a full disk and a damaged file share.
// Store thread. Errors as in db.h.
#ifndef SYNC_STORE_MEND_H
#define SYNC_STORE_MEND_H

#include "sync/store/db.h"

// store.c: opens DIR/store.db and loads what RAM keeps of it. recover.c and reserve.c: what a
// failed write and a full disk lead to.
MUST_CHECK enum err store_open_database(struct store *s);
void store_close_database(struct store *s);
const char *store_vfs(const struct store *s); // the sealing one, when it is sealed
// vault.c: takes the key that was given, if the store is sealed. ERR_LOCKED.
MUST_CHECK enum err vault_unlock(struct store *s, const uint8_t *key);
char *store_path(const struct store *s, const char *ending); // of store.db; mem_free
MUST_CHECK enum err recover_check_tail(struct store *s);
MUST_CHECK enum err recover_damaged(struct store *s); // aside, a new one, salvage
MUST_CHECK enum err recover_unfinished(struct store *s);
// Something is erased: what was kept as evidence or set aside may hold it. The files go
// with the next scrub.
MUST_CHECK enum err recover_forget_evidence(struct store *s);
void recover_erase_aside(struct store *s);
// The event id and root key that store_join noted beside the database.
bool store_read_event_file(const struct store *s,
                           uint8_t out[FACT_EVENT_BYTES + FACT_KEY_BYTES]);
void reserve_find(struct store *s);             // at open
void reserve_note(struct store *s, enum err e); // how a commit went

#endif

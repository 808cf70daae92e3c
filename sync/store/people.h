// Inside the store only: readings about people that admit.c and views.c share.
// Store thread. Errors as in db.h.
#ifndef SYNC_STORE_PEOPLE_H
#define SYNC_STORE_PEOPLE_H

#include "sync/store/db.h"

// ticket: 16 hex digits. ERR_NOT_FOUND.
MUST_CHECK enum err people_find_ticket(struct store *s, const char *ticket,
                                       struct person *out);
// Fills the admission part of out for a holder at a gate; is_in stays false if there is none.
MUST_CHECK enum err people_read_admission(struct store *s, const char *holder,
                                          const char *gate, struct person_state *out);
// Fills everything but the person itself.
MUST_CHECK enum err people_read_state(struct store *s, const char *gate,
                                      struct person_state *io);
// The device's name, or its id when it has none.
void people_device_name(struct store *s, uint64_t dev, char out[NAME_SIZE]);

#endif

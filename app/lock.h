// The kiosk while its store is sealed and the key is not here: what is scanned and typed is
// about unlocking, nothing else. Main thread. lock.c also sees to it that a store with people
// in it becomes sealed.
#ifndef APP_LOCK_H
#define APP_LOCK_H

#include "app/screens/unlock.h"
#include "app/ui/input.h"
#include "sync/agent/keeper.h"

struct kiosk;

struct lock {
    bool is_locked;
    bool is_trying; // the keeper looks at a code
    bool has_asked; // to seal the store
    char badge[PERSON_ID_SIZE];
    char pin[VAULT_PIN_MAX + 1];
    int64_t since_ms; // mono
    int64_t wait_ms;  // mono: no try before
    enum { LOCK_QUIET, LOCK_WRONG, LOCK_NO_CODE, LOCK_TROUBLE } said;
};

// Starts the keeper; a locked kiosk gets the key through it. Logs what fails.
void lock_start(struct kiosk *k, const char *urls);
void lock_scan(struct kiosk *k, const char *bytes, size_t len);
void lock_act(struct kiosk *k, enum action action, int index);
void lock_type(struct kiosk *k, const char *text);
void lock_press(struct kiosk *k, enum input_key key);
void lock_take(struct kiosk *k, struct keeper_news *news); // then wipes it
// A store that holds people and is plain: has it sealed. After each refresh.
void lock_seal_if_due(struct kiosk *k);
void lock_fill(const struct kiosk *k, struct unlock_view *out);
int64_t lock_deadline_ms(const struct kiosk *k); // mono; INT64_MAX: none

#endif

// The hub's own secrets, each a 0600 file of hex digits in its directory: root.key signs
// grants only and may be moved off the machine after `init` and `enrol`; ticket.key signs
// tickets; import.secret hides mail addresses. Called by verbs, on any one thread.
#ifndef SYNC_HUB_KEYS_H
#define SYNC_HUB_KEYS_H

#include "sync/event/fact.h"

enum { KEYS_IMPORT_BYTES = 32 };

// Makes a new Ed25519 secret in dir/name. ERR_EXISTS: it is there. ERR_IO.
MUST_CHECK enum err keys_make_pair(const char *dir, const char *name);
// Makes len random bytes (at most 64) in dir/name. ERR_EXISTS, ERR_IO.
MUST_CHECK enum err keys_make_random(const char *dir, const char *name, size_t len);
// Reads exactly len bytes. ERR_NOT_FOUND: no such file. ERR_INPUT: not len bytes of hex.
MUST_CHECK enum err keys_read(const char *dir, const char *name, void *out, size_t len);
// The public half of an Ed25519 secret.
void keys_public(const uint8_t secret[FACT_SECRET_BYTES], uint8_t out[FACT_KEY_BYTES]);

#endif

// What a scanner reads: cleaning, classifying, checking codes, and making them. Any thread;
// no state.
// Badge code: 16 base32 characters person id, 2 serial, 2 check (BLAKE2b over the first 18
// with the text "foyer badge 1" before them, top 10 bits). 20 characters: QR version 1-M.
// Signed ticket: 81 bytes, base45 (RFC 9285), 122 characters: QR version 5-M (37x37).
//   0 u8 version = 1   1 u16 key id (first 2 bytes of BLAKE2b-256 of the public key)
//   3 8 bytes ticket id   11 u8 kind (TICKET_KINDS)   12 u8 day mask (bit 0 = event start
//   day; 0 = all days)   13 u32 expiry, seconds since 1970 UTC
//   17 64 bytes Ed25519 over "foyer ticket 1" || event id (16) || bytes 0..16
#ifndef SYNC_EVENT_CODE_H
#define SYNC_EVENT_CODE_H

#include "sync/base/err.h"
#include "sync/event/fact.h"
#include "sync/event/person.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BADGE_CODE_CHARS = 20,
    TICKET_BYTES = 81,
    TICKET_CHARS = 122,
    CODE_MAX = 4096 // longer scans are CODE_NONE
};

enum code_class {
    CODE_NONE,        // not decodable: empty, too long, control characters, not UTF-8
    CODE_BADGE,       // ours, check characters right
    CODE_BADGE_TYPO,  // shaped like a badge, check characters wrong
    CODE_TICKET,      // signature of a known key verified
    CODE_FORGED,      // known key, bad signature
    CODE_OTHER_EVENT, // well-formed ticket, unknown key
    CODE_OPAQUE       // anything else: a connector's own code, by look-up
};

// Index is the kind byte of a signed ticket. Never reorder.
extern const char *const ticket_kinds[];
extern const size_t ticket_kind_count;
// Index of the name, or 0 ("week") if unknown.
uint8_t ticket_kind_find(const char *name);

struct ticket_key {
    uint8_t key[FACT_KEY_BYTES];
};
uint16_t ticket_key_id(const uint8_t key[FACT_KEY_BYTES]);

struct ticket {
    uint16_t key_id;
    uint8_t id[8];
    uint8_t kind;
    uint8_t day_mask;
    uint32_t expiry_s;
};

struct code {
    enum code_class class;
    char person[PERSON_ID_SIZE]; // badge
    unsigned serial;             // badge, 0..1023
    struct ticket ticket;        // ticket, forged, other event
    char ticket_hex[17];
    char text[512]; // the cleaned code when it is plain text that fits, else ""
};

struct code_keys {
    uint8_t event[FACT_EVENT_BYTES];
    const struct ticket_key *keys;
    size_t count;
};

// Never fails: anything becomes a class. Scanner dirt (AIM "]Q1", ECI escapes, blanks, CR,
// LF, tabs around it) is removed here and only here.
void code_parse(const void *bytes, size_t len, const struct code_keys *keys,
                struct code *out);

// person: 16 characters; serial below 1024. Both are CHECKed.
void badge_code_format(const char person[PERSON_ID_SIZE], unsigned serial,
                       char out[BADGE_CODE_CHARS + 1]);
// Signs with a ticket key of this event.
void ticket_format(const struct ticket *t, const uint8_t event[FACT_EVENT_BYTES],
                   const uint8_t secret[FACT_SECRET_BYTES], char out[TICKET_CHARS + 1]);

#endif

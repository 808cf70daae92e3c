// Who may author what, folded from the grants. Pure; owned by one thread.
// The root key may only grant. Every other right comes from a chain of grants that starts
// at the root; nobody grants what it was not granted. A revocation names what the hub held
// of the device: facts up to there stand, later ones and other streams do not.
#ifndef SYNC_EVENT_RIGHTS_H
#define SYNC_EVENT_RIGHTS_H

#include "sync/event/fact.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum right {
    RIGHT_IMPORT = 1 << 0,
    RIGHT_ANNOUNCE = 1 << 1,
    RIGHT_ENROL = 1 << 2,
    RIGHT_ISSUE = 1 << 3,
    RIGHT_DESK = 1 << 4,
    RIGHT_COUNT = 1 << 5,
    RIGHT_ERASE = 1 << 6,
    RIGHT_ALL = (1 << 7) - 1
};

// Right named by a grant's `may`, 0 if unknown.
unsigned right_find(const char *name);

// One grant or device.revoke fact, body parsed (borrowed).
struct rights_fact {
    uint64_t author; // device id of the author's key
    const struct fact_header *header;
    const json_t *body;
};

struct held { // what stands of a revoked device's stream
    uint64_t stream, n;
};

struct rights_device {
    uint64_t dev;
    uint8_t key[FACT_KEY_BYTES];
    unsigned may;      // enum right
    uint32_t channels; // CHANNEL_BIT mask
    bool is_revoked;
    struct held *held;
    size_t held_count;
};

struct rights {
    uint64_t root; // device id of the root key
    struct rights_device *devices;
    size_t count;
};

// Folds all grants and revocations; any order of facts gives the same rights.
void rights_fold(struct rights *out, uint64_t root, const struct rights_fact *facts,
                 size_t count);
void rights_finish(struct rights *r);
const struct rights_device *rights_find(const struct rights *r, uint64_t dev);
// May the fact by author stand? NULL if so, else a short reason (static).
const char *rights_refuse(const struct rights *r, uint64_t author,
                          const struct fact_header *header);

#endif

// The oracle's model, shared by its files only.
#ifndef TESTS_SIM_ORACLE_MODEL_H
#define TESTS_SIM_ORACLE_MODEL_H

#include "tests/sim/oracle.h"

#include <jansson.h>

struct held_stream {
    uint64_t stream, n;
    enum channel channel;
};

struct holding {
    struct held_stream *items;
    size_t count, cap;
};
const struct held_stream *held_find(const struct holding *h, uint64_t stream);
void held_set(struct holding *h, uint64_t stream, uint64_t n, enum channel c);
void held_copy(struct holding *to, const struct holding *from);

// The content of one address, as it was seen first.
struct seen {
    uint64_t stream, n;
    uint64_t digest; // 0: free
};

struct maybe {
    size_t node;
    char subject[24], gate[16];
};

struct planted {
    char subject[24], text[40];
};

struct revocation {
    size_t key;
    struct fact_ref ref;
    json_t *holds; // its body's, a copy
    bool is_at_hub;
};

struct boot_note {
    size_t node;
    uint64_t boot;
    int64_t worst_ms; // the largest error of its anchors
    bool is_sure;     // one at least is there
};

struct device_note {
    uint32_t ever, now; // channels
    bool had_desk;      // was granted the right to the desk at some time
    bool is_late_right; // but not in the beginning
    bool is_revoked, is_unsure;
    int64_t max_wall_ms;
};

enum { SEEN_SIZE = 8192, PILE_MAX = 600 };

struct oracle {
    struct sim *sim;
    struct holding held[NODES_MAX];
    unsigned epochs[NODES_MAX]; // counts images put on a machine's card
    struct seen *seen;          // SEEN_SIZE, open addressing
    size_t seen_count;
    struct known facts[PILE_MAX];
    size_t fact_count;
    struct maybe maybes[PILE_MAX];
    size_t maybe_count;
    struct planted planted[PILE_MAX];
    size_t planted_count;
    struct revocation revocations[8];
    size_t revocation_count;
    struct boot_note boots[PILE_MAX];
    size_t boot_count;
    struct device_note devices[STAGE_FOLDERS];
};

// Registers the content; false: the address had another before.
bool oracle_see(struct oracle *o, struct fact_ref ref, uint64_t digest);
// Over header and body digest of one record.
uint64_t oracle_digest(const struct fact_view *v);
uint32_t oracle_role_channels(const char *role);

// oracle_desk.c: admissions, incidents, times, at the hub's store. hub_has: is the address in
// the hub's log?
void oracle_judge_desk(struct oracle *o, struct store *hub);
bool oracle_hub_has(struct store *hub, struct fact_ref ref);
const struct known *oracle_find(const struct oracle *o, struct fact_ref ref);

#endif

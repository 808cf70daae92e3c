// A small event for tests: a hub store with root, rights, gates and people, and desks that
// join it without a network. Everything lives under a fresh temporary directory. One thread.
#ifndef TESTS_SUPPORT_EVENT_KIT_H
#define TESTS_SUPPORT_EVENT_KIT_H

#include "sync/store/store.h"

enum { KIT_NODES_MAX = 8 };

struct kit {
    char dir[64];
    uint8_t event[FACT_EVENT_BYTES];
    uint8_t root[FACT_KEY_BYTES], root_secret[FACT_SECRET_BYTES];
    uint8_t ticket_key[FACT_KEY_BYTES], ticket_secret[FACT_SECRET_BYTES];
    struct store *nodes[KIT_NODES_MAX]; // [0] is the hub
    size_t count;
    struct moment now;
    const char *vfs;
    bool is_unsafe;
    const uint8_t *key; // of sealed stores; NULL: plain
};

void kit_start(struct kit *k);
void kit_finish(struct kit *k); // closes the stores and removes the directory
// Opens one more store, joins it and grants it; returns its index. [0] must be first.
size_t kit_add_node(struct kit *k, const char *name, const char *rights,
                    uint32_t channels);
// kit_start, a hub [0] with every right and its people, and one desk [1] that holds all.
void kit_start_pair(struct kit *k);
// The same with that many desks ("Desk A", ...), which may issue badges too.
void kit_start_desks(struct kit *k, size_t desks);
void kit_reopen(struct kit *k, size_t node);
// Authors one fact at a node; body is JSON text with ' for ".
struct fact_ref kit_say(struct kit *k, size_t node, const char *kind, const char *subject,
                        const char *body);
// Gives `to` all batches that `from` holds, in an order by seed, some of them twice.
void kit_copy(struct kit *k, size_t from, size_t to, uint64_t seed);
// The folded tables of every channel in the set are equal; fails the test otherwise.
void kit_check_same(struct kit *k, size_t a, size_t b, uint32_t channels);
enum verdict kit_admit(struct kit *k, size_t node, const char *gate, const char *code);
void kit_people(
    struct kit *k); // gates meeting, social, free and a few people, at the hub
// The code on a badge; overwritten by the next call.
const char *kit_code(const char *person, unsigned serial);
uint64_t kit_random(uint64_t *seed); // splitmix64

#define KIT_HUB_RIGHTS "import announce enrol issue desk count erase"
#define KIT_ZOE "0123456789ABCDEF"
#define KIT_JAN "0123456789ABCDEG"
#define KIT_UNPAID "0123456789ABCDEH"
#define KIT_CANCELLED "0123456789ABCDEJ"
#define KIT_NOTE "0123456789ABCDEK"
#define KIT_TUESDAY "0123456789ABCDEM"

#endif

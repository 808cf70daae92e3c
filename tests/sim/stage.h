// The meeting that every seed begins with, made once for each process: root and ticket keys,
// a hub with gates and people, devices that are enrolled and have never synced, spare cards.
// Disks are kept as images; device keys lie in folders of their own, on tmpfs where there is.
#ifndef TESTS_SIM_STAGE_H
#define TESTS_SIM_STAGE_H

#include "sync/event/code.h"
#include "sync/store/store.h"
#include "tests/support/disk.h"

enum {
    STAGE_PEOPLE = 16,
    STAGE_LATE_FROM = 11, // these are imported while the seed runs
    STAGE_RELAY_FROM = 1, // folders: 0 the hub, relays, kiosks, spare cards, clones
    STAGE_KIOSK_FROM = 3,
    STAGE_SPARE_FROM = 7,
    STAGE_CLONE_FROM = 12,
    STAGE_FOLDERS = 16
};

// In every word that an attendee could be known by. Never on a machine without the right.
#define STAGE_TAINT "Zqtaint"

struct stage_person {
    char id[PERSON_ID_SIZE];
    char badge[BADGE_CODE_CHARS + 1];
    char ticket[17];
    char code[TICKET_CHARS + 1];
    char name[32];
};

struct stage {
    char dir[64];
    uint8_t event[FACT_EVENT_BYTES];
    uint8_t root[FACT_KEY_BYTES], root_secret[FACT_SECRET_BYTES];
    uint8_t ticket_key[FACT_KEY_BYTES], ticket_secret[FACT_SECRET_BYTES];
    struct stage_person people[STAGE_PEOPLE];
    struct disk_image *images[STAGE_FOLDERS]; // NULL: an empty card
    uint64_t devs[STAGE_FOLDERS];
    uint8_t keys[STAGE_FOLDERS][FACT_KEY_BYTES];
};

void stage_build(struct stage *t);
void stage_finish(struct stage *t); // removes the folders
// "<dir>/03"
void stage_path(const struct stage *t, size_t folder, char out[96]);
// Gives folder `to` the device key of another.
void stage_copy_key(const struct stage *t, size_t from, size_t to);
// What the import says of a person; fresh draft.
void stage_person_draft(const struct stage *t, size_t person, struct draft *out);
// What a device gets with its enrolment, put on its card: the batches that lead from the
// root to its grant, and the ticket keys.
void stage_give_grants(const struct stage *t, struct store *hub, size_t folder);
// The role that the device of a folder was enrolled with; "" for hub, relay and spare cards.
const char *stage_role(size_t folder);

#endif

// Who has called lately and how they are: the latest of each device, bounded. Health is not
// a fact and is not stored. Any thread.
#ifndef SYNC_HUB_FLEET_H
#define SYNC_HUB_FLEET_H

#include "sync/exchange/message.h"

#include <pthread.h>

enum { FLEET_MAX = 1024 };

struct fleet_entry {
    uint64_t dev;
    uint64_t contact_mono_ms;
    uint64_t seq;  // its cursor after the answer
    uint64_t held; // its cursor when it asked: what it surely has, in these channels
    uint32_t channels;
    char health[EXCHANGE_HEALTH_SIZE];
};

// All zero but for the lock is empty.
struct fleet {
    pthread_mutex_t lock;
    struct fleet_entry *items;
    size_t count;
};

void fleet_init(struct fleet *f);
void fleet_finish(struct fleet *f);
// Notes a call that was answered; the longest silent one makes room.
void fleet_note(struct fleet *f, const struct fleet_entry *e);
bool fleet_find(struct fleet *f, uint64_t dev, struct fleet_entry *out);
// Has it synced before, and is it still allowed to? Cheap, without the store. Notes the
// contact, and that it holds all up to seq.
bool fleet_touch(struct fleet *f, uint64_t dev, uint64_t now_mono_ms, uint64_t seq);
void fleet_forget(struct fleet *f, uint64_t dev);
// The newest fact of the channel that any device surely has; 0: none, as far as we know.
uint64_t fleet_get_held(struct fleet *f, enum channel c);
void fleet_forget_held(
    struct fleet *f); // the log lost its end: their cursors mean nothing
// How many called within the last ms.
size_t fleet_count_since(struct fleet *f, uint64_t now_mono_ms, uint64_t ms);

#endif

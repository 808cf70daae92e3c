// Inside the PostgreSQL log only: what postgres.c (statements of the store thread) and
// postgres_keep.c (connecting, following) share.
#ifndef SYNC_HUB_POSTGRES_PART_H
#define SYNC_HUB_POSTGRES_PART_H

#include "sync/hub/postgres.h"
#include "sync/hub/postgres_link.h"

#include <pthread.h>
#include <stdatomic.h>

enum { POSTGRES_VERSION = 1, POSTGRES_TOUCH_MS = 2000 };

struct postgres {
    struct store_shared shared;
    char *url;
    char hosts[256]; // "h1:5432, h2:5432", for people
    struct postgres_log log;
    bool has_log;
    // Only the store thread uses and removes it, only the keeper (or postgres_connect before
    // there is one) puts it there; the pointer itself is under the lock.
    struct link *link;
    struct bytes later; // SQL that goes out with the commit; store thread
    bool is_replaced;   // the open commit took bytes out of rows; store thread
    uint64_t said_ms;   // when the open commit last said something there; store thread
    atomic_bool needs_vacuum;

    pthread_mutex_t lock; // of all below
    pthread_cond_t changed;
    bool is_stopping;
    bool is_following; // a job of ours is with the store thread
    bool is_synchronous;
    bool is_locked; // there is no link because a commit of somebody else takes long
    uint64_t held[CHANNEL_COUNT]; // by others
    atomic_bool has_parted;       // cursors told before mean nothing
    struct exchange_mark mirror;  // where the store stood when it told last
    char primary[128];
    char trouble[LINK_TROUBLE_SIZE]; // why there is no link

    struct hub *hub;
    pthread_t thread;
    bool is_started;
    struct exchange_mark followed; // result of the job
};

// The link of the store thread, or NULL.
struct link *postgres_get_link(struct postgres *p);
// It is of no use any more: the keeper makes a new one.
void postgres_drop_link(struct postgres *p, const char *why);
void postgres_set_mirror(struct postgres *p, const struct exchange_mark *at);
void postgres_free_link(struct link *l); // NULL is fine

#endif

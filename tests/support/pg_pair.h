// Two hubs, their stores driven directly, on one log in a real PostgreSQL that the test program
// starts for itself. Every function fails the test when it cannot do its part. Main thread.
#ifndef TESTS_SUPPORT_PG_PAIR_H
#define TESTS_SUPPORT_PG_PAIR_H

#include "sync/hub/postgres.h"
#include "sync/store/peer_log.h"
#include "tests/support/pg_server.h"

extern struct pg_server pair_server;

struct pair_hub {
    char dir[96];
    struct store *store;
    struct postgres *shared;
};

struct pair {
    char dir[64];
    char base[16]; // the database
    char url[128];
    struct pair_hub a, b;
};

// Group set-up and tear-down of cmocka.
int pair_start_server(void **state);
int pair_finish_server(void **state);

void pair_make(struct pair *p);  // folders and a database, nothing else
void pair_start(struct pair *p); // and an event; both joined and open
void pair_finish(struct pair *p);
void pair_sh(const char *command, const char *d, const char *e); // $D and $E in it
void pair_attach(struct pair *p, struct pair_hub *o);
void pair_open(struct pair *p, struct pair_hub *o);
void pair_close(struct pair_hub *o);

enum err pair_say_kind(struct pair_hub *o, const char *kind, const char *subject,
                       const char *name);
enum err pair_say(struct pair_hub *o, const char *subject); // a room
struct exchange_mark pair_follow(struct pair_hub *o);
size_t pair_rooms(struct pair_hub *o);
uint64_t pair_shared_seq(struct pair *p);
// Both mirrors are whole, right and the same, and are what the database says.
void pair_expect_same(struct pair *p);

#endif

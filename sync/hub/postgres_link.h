// One connection to PostgreSQL on which nothing waits for ever. Owned by one thread at a
// time. Trouble is kept as the last plain line the server or the library said.
#ifndef SYNC_HUB_POSTGRES_LINK_H
#define SYNC_HUB_POSTGRES_LINK_H

#include "sync/base/err.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LINK_CONNECT_S = 2,  // for each host of the list, unless the URL says otherwise
    LINK_WAIT_MS = 3000, // for an answer; the store thread waits no longer than that
    LINK_TROUBLE_SIZE = 200
};

struct link {
    PGconn *conn;
    bool is_broken;
    bool has_warning; // the server warned since it was last cleared
    bool is_locked;   // the last failure: somebody else held a lock for too long
    char trouble[LINK_TROUBLE_SIZE];
};

// A value in PostgreSQL's binary form.
struct link_value {
    const void *bytes;
    int len;
};
struct link_value link_u64(uint64_t v, uint8_t store[8]); // store lives until the call

// Connects to the first host of the URL that takes writes; blocks. ERR_OFFLINE: none did;
// l->trouble says why, the link is closed.
MUST_CHECK enum err link_open(struct link *l, const char *url);
void link_close(struct link *l); // also of a zeroed one

// Statements without values, perhaps several; results are text. The first result that
// failed or the last one; NULL: the connection is of no use any more. PQclear it.
PGresult *link_run(struct link *l, const char *sql, int wait_ms);
// One statement with values $1…; results are binary. As link_run.
PGresult *link_call(struct link *l, const char *sql, const struct link_value *values,
                    int count);
// Did it work? Clears nothing; keeps what the server said when it did not.
bool link_is_ok(struct link *l, const PGresult *r);
// Columns of a binary result.
uint64_t link_get_u64(const PGresult *r, int row, int column);
// Exactly len bytes, else false.
bool link_get_bytes(const PGresult *r, int row, int column, void *out, int len);

#endif

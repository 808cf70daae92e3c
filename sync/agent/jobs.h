// What the agent asks of the store, as jobs for store_thread_call. Each runs on the store's
// thread; the agent's thread waits and owns the structs. Errors are the store's own.
#ifndef SYNC_AGENT_JOBS_H
#define SYNC_AGENT_JOBS_H

#include "sync/exchange/auth.h"
#include "sync/exchange/client.h"
#include "sync/store/peer.h"
#include "sync/store/store.h"
#include "sync/store/upstream.h"

// Who we are, and where we stood with the upstream used last, all zero if with none.
struct jobs_begin {
    struct store_identity identity;
    struct client_saved saved;
};
enum err jobs_run_begin(struct store *s, void *arg);

struct jobs_load {
    const uint8_t *log; // of the upstream, NULL: it does not say; then it is "hub"
    char upstream[UPSTREAM_NAME_SIZE];
    struct client_saved saved;
};
enum err jobs_run_load(struct store *s, void *arg); // upstream_name, peer_load

struct jobs_saved {
    const char *upstream;
    struct client_saved saved;
};
enum err jobs_run_saved(struct store *s, void *arg); // peer_load

struct jobs_gather {
    struct peer_gather gather;
    struct exchange_request *out;
    struct upstream_waiting waiting;
};
enum err jobs_run_gather(struct store *s, void *arg); // peer_gather

struct jobs_apply {
    const char *upstream;
    struct client_plan *plan;
    struct moment now;
    struct peer_pending pending;
    struct upstream_waiting waiting;
};
enum err jobs_run_apply(struct store *s, void *arg); // peer_apply

enum err jobs_run_snap(struct store *s,
                       void *arg); // peer_snap_take of a struct peer_snap

struct jobs_expect {
    int64_t people; // that the upstream holds
};
enum err jobs_run_expect(struct store *s, void *arg); // loading_expect

struct jobs_snap_has {
    uint8_t hash[FACT_HASH_BYTES];
    bool is_here;
};
enum err jobs_run_snap_has(struct store *s, void *arg); // never fails

struct jobs_snap_finish {
    const char *upstream;
    const struct client_saved *saved;
};
enum err jobs_run_snap_finish(struct store *s, void *arg); // peer_snap_finish

struct jobs_count {
    struct upstream_waiting waiting;
};
enum err jobs_run_count(struct store *s, void *arg); // never fails

struct jobs_sign {
    uint8_t text[AUTH_TEXT_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
};
enum err jobs_run_sign(struct store *s, void *arg); // never fails

#endif

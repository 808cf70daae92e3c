// The running hub: one root struct that owns the store thread, the doorbell, the HTTP server
// and the control socket. hub_start and hub_stop belong to the main thread; the rest is read
// by the HTTP threads.
#ifndef SYNC_HUB_HUB_H
#define SYNC_HUB_HUB_H

#include "sync/event/moment.h"
#include "sync/hub/backup.h"
#include "sync/hub/fleet.h"
#include "sync/hub/timekeeper.h"
#include "sync/store/thread.h"

#include <stdatomic.h>

struct bell;
struct control;
struct postgres;
struct relay;
struct dnssd_publisher;
struct server;
struct snap;

enum hub_metric {
    HUB_REQUESTS, // all HTTP requests
    HUB_REFUSED,  // answered 4xx
    HUB_BUSY,     // answered 503
    HUB_SYNCS,    // sync rounds answered
    HUB_BATCHES_IN,
    HUB_BATCHES_OUT,
    HUB_REWINDS,
    HUB_METRICS
};

struct hub {
    char *dir;
    struct timekeeper time;
    struct store_thread *store;
    struct postgres *shared; // the log several hubs share; NULL: ours alone
    struct store_identity identity;
    uint8_t log[EXCHANGE_LOG_BYTES]; // id of the log it serves
    struct relay *relay;             // NULL: this is the hub itself
    struct bell *bell;
    struct snap *snap;
    struct server *server;
    struct dnssd_publisher *publisher; // NULL: not announced on the LAN
    struct control *control;
    struct backups *backups; // NULL: none wanted
    atomic_bool is_stopping;
    atomic_uint downloads; // chunks of snapshots being sent
    struct fleet fleet;
    atomic_uint_fast64_t metrics[HUB_METRICS];
};

struct hub_options {
    const char *dir;
    const char *listen;   // "127.0.0.1:8092"; port 0: any
    const char *upstream; // of a relay, "URL[, URL...]"; NULL: as it was joined
    bool is_published;    // announce it on the LAN by DNS-SD
    struct timekeeper_options time;
    const char *log; // postgresql://… of a shared log; NULL: as dir/log.url says
    struct backup_options backup;
};

// Opens the store and starts everything. ERR_NOT_FOUND: no event yet, run init. ERR_BUSY:
// another hub holds the directory or the port. Logs the reason.
MUST_CHECK enum err hub_start(const struct hub_options *o, struct hub **out);
void hub_stop(struct hub *h);           // stops all, joins all, frees; NULL is fine
unsigned hub_port(const struct hub *h); // TCP port it listens on

struct moment hub_now(struct hub *h);
// The same for a verb without a running hub. offset_ms not 0: set by hand (--now).
struct moment hub_moment(int64_t offset_ms);
void hub_count(struct hub *h, enum hub_metric m, uint64_t by);

#endif

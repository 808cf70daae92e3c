// Hubs and relays by DNS: SRV records of _foyer-hub._tcp and the addresses behind them,
// through c-ares. Blocks its thread for timeout_ms at most; no state is kept.
#ifndef SYNC_NET_SRV_H
#define SYNC_NET_SRV_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SRV_MAX = 8, SRV_URL_SIZE = 128, SRV_SERVERS_SIZE = 128 };

struct srv_options {
    const char *domain;     // "venue.example"; "": the system's search domains
    const char *nameserver; // "192.0.2.53[:PORT]"; "": the system's
    uint32_t timeout_ms;
    bool (*is_to_stop)(void *arg); // asked every 200 ms; may be NULL
    void *arg;
};

struct srv_found {
    char url[SRV_URL_SIZE]; // "http://192.0.2.7:8092"
    unsigned priority, weight;
};

// At most max, the lowest priority first, then the highest weight. ERR_NOT_FOUND: the domain
// has no such service; ERR_OFFLINE, ERR_TIMEOUT: no name server answers; ERR_CLOSED: told to
// stop; ERR_INPUT: not a name server's address.
MUST_CHECK enum err srv_find(const struct srv_options *o, struct srv_found *out,
                             size_t max, size_t *out_count);

#endif

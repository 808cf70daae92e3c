// Hubs and relays of the LAN by DNS-SD, through the machine's avahi-daemon: finding them and
// announcing ourselves. Where no daemon runs nothing is found and nothing is announced, and
// nobody waits for it. dnssd_find blocks its thread; a publisher has a thread of its own,
// started, stopped and joined by its owner.
#ifndef SYNC_NET_DNSSD_H
#define SYNC_NET_DNSSD_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DNSSD_MAX = 16, DNSSD_URL_SIZE = 128, DNSSD_EVENT_SIZE = 33 };

struct dnssd_found {
    char url[DNSSD_URL_SIZE];
    char event[DNSSD_EVENT_SIZE]; // id in hex, as announced: anybody may say so
    bool is_relay;
};

struct dnssd_options {
    uint32_t timeout_ms;           // Avahi says after about a second that these were all
    bool (*is_to_stop)(void *arg); // asked every 200 ms; may be NULL
    void *arg;
};
// At most max. ERR_OFFLINE: no avahi-daemon; ERR_CLOSED: told to stop.
MUST_CHECK enum err dnssd_find(const struct dnssd_options *o, struct dnssd_found *out,
                               size_t max, size_t *out_count);

struct dnssd_service {
    const char *event; // id in hex; copied
    bool is_relay;
    uint16_t port;
};
struct dnssd_publisher;
// Announces on every interface for as long as it runs, again when the daemon comes back.
struct dnssd_publisher *dnssd_publish_start(const struct dnssd_service *s);
void dnssd_publish_stop(struct dnssd_publisher *p);
void dnssd_publish_join(struct dnssd_publisher *p); // then frees it; NULL is fine

#endif

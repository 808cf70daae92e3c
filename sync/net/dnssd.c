#include "sync/net/dnssd.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-common/alternative.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define DNSSD_TYPE "_foyer-hub._tcp"

enum { STEP_MS = 200, RETRY_MS = 10000 };

// ---- finding --------------------------------------------------------------------------

struct search {
    AvahiSimplePoll *poll;
    AvahiClient *client;
    struct dnssd_found *out;
    size_t max, count;
    size_t resolving;
    bool is_all; // nothing more will be named for now
    bool has_failed;
};

static void read_txt(AvahiStringList *txt, struct dnssd_found *out) {
    static const char event[] = "event=";
    for (; txt; txt = avahi_string_list_get_next(txt)) {
        const char *text = (const char *)avahi_string_list_get_text(txt);
        int len = (int)avahi_string_list_get_size(txt);
        if (len > (int)sizeof event - 1 && strncmp(text, event, sizeof event - 1) == 0) {
            snprintf(out->event, sizeof out->event, "%.*s", len - (int)sizeof event + 1,
                     text + sizeof event - 1);
        }
        out->is_relay = out->is_relay || (len == 10 && !strncmp(text, "role=relay", 10));
    }
}

static void add_found(struct search *s, const AvahiAddress *address, uint16_t port,
                      AvahiStringList *txt) {
    char host[AVAHI_ADDRESS_STR_MAX];
    struct dnssd_found f = {.url = ""};
    bool is_six = address->proto == AVAHI_PROTO_INET6;
    avahi_address_snprint(host, sizeof host, address);
    snprintf(f.url, sizeof f.url, is_six ? "http://[%s]:%u" : "http://%s:%u", host, port);
    read_txt(txt, &f);
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->out[i].url, f.url) == 0) {
            return; // seen on another interface
        }
    }
    // A link-local address needs a zone that no URL carries well.
    bool is_link_local = is_six && strncmp(host, "fe80", 4) == 0;
    if (s->count < s->max && !is_link_local) {
        s->out[s->count++] = f;
    }
}

// NOLINTNEXTLINE(readability-function-size): Avahi's signature
static void on_resolved(AvahiServiceResolver *r, AvahiIfIndex interface,
                        AvahiProtocol protocol, AvahiResolverEvent event,
                        const char *name, const char *type, const char *domain,
                        const char *host, const AvahiAddress *address, uint16_t port,
                        AvahiStringList *txt, AvahiLookupResultFlags flags, void *arg) {
    struct search *s = arg;
    (void)interface, (void)protocol, (void)name, (void)type, (void)domain, (void)host;
    (void)flags;
    if (event == AVAHI_RESOLVER_FOUND) {
        add_found(s, address, port, txt);
    }
    s->resolving--;
    avahi_service_resolver_free(r);
}

// NOLINTNEXTLINE(readability-function-size): Avahi's signature
static void on_browsed(AvahiServiceBrowser *b, AvahiIfIndex interface,
                       AvahiProtocol protocol, AvahiBrowserEvent event, const char *name,
                       const char *type, const char *domain, AvahiLookupResultFlags flags,
                       void *arg) {
    struct search *s = arg;
    (void)b, (void)flags;
    if (event == AVAHI_BROWSER_NEW) {
        AvahiServiceResolver *r =
            avahi_service_resolver_new(s->client, interface, protocol, name, type, domain,
                                       AVAHI_PROTO_UNSPEC, 0, on_resolved, s);
        s->resolving += r != NULL;
    }
    s->is_all = s->is_all || event == AVAHI_BROWSER_ALL_FOR_NOW;
    s->has_failed = s->has_failed || event == AVAHI_BROWSER_FAILURE;
}

static void on_search_client(AvahiClient *client, AvahiClientState state, void *arg) {
    struct search *s = arg;
    (void)client;
    s->has_failed = s->has_failed || state == AVAHI_CLIENT_FAILURE;
}

static enum err run_search(struct search *s, const struct dnssd_options *o) {
    uint64_t until_ms = clock_mono_ms() + o->timeout_ms;
    while (!s->has_failed && !(s->is_all && !s->resolving)) {
        if (o->is_to_stop && o->is_to_stop(o->arg)) {
            return ERR_CLOSED;
        }
        if (clock_mono_ms() >= until_ms) {
            return ERR_NONE; // what was found so far
        }
        if (avahi_simple_poll_iterate(s->poll, STEP_MS) != 0) {
            return ERR_OFFLINE;
        }
    }
    return s->has_failed ? ERR_OFFLINE : ERR_NONE;
}

enum err dnssd_find(const struct dnssd_options *o, struct dnssd_found *out, size_t max,
                    size_t *out_count) {
    struct search s = {.out = out, .max = max};
    AvahiServiceBrowser *browser = NULL;
    enum err e = ERR_OFFLINE;
    int error = 0;
    s.poll = avahi_simple_poll_new();
    CHECK(s.poll);
    s.client =
        avahi_client_new(avahi_simple_poll_get(s.poll), 0, on_search_client, &s, &error);
    if (s.client) {
        browser = avahi_service_browser_new(s.client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                            DNSSD_TYPE, NULL, 0, on_browsed, &s);
    }
    if (browser) {
        e = run_search(&s, o);
    }
    if (s.client) {
        avahi_client_free(s.client); // the browser and resolvers with it
    }
    avahi_simple_poll_free(s.poll);
    if (e == ERR_NONE) {
        *out_count = s.count;
    }
    return e;
}

// ---- publishing -----------------------------------------------------------------------

struct dnssd_publisher {
    char event[DNSSD_EVENT_SIZE];
    bool is_relay;
    uint16_t port;
    pthread_t thread;
    atomic_bool is_stopping;
    // The thread's own.
    AvahiSimplePoll *poll;
    AvahiEntryGroup *group;
    char *name; // of the service; Avahi's memory
    bool is_broken, has_told;
};

static void publish(struct dnssd_publisher *p, AvahiClient *client);

static void on_group(AvahiEntryGroup *group, AvahiEntryGroupState state, void *arg) {
    struct dnssd_publisher *p = arg;
    p->group = group;
    if (state == AVAHI_ENTRY_GROUP_COLLISION) {
        char *other = avahi_alternative_service_name(p->name);
        avahi_free(p->name);
        p->name = other;
        publish(p, avahi_entry_group_get_client(group));
    } else if (state == AVAHI_ENTRY_GROUP_FAILURE) {
        p->is_broken = true;
    } else if (state == AVAHI_ENTRY_GROUP_ESTABLISHED) {
        log_info("hub: announced on the LAN as \"%s\"", p->name);
    }
}

static void publish(struct dnssd_publisher *p, AvahiClient *client) {
    char event[DNSSD_EVENT_SIZE + 8];
    snprintf(event, sizeof event, "event=%s", p->event);
    if (!p->group) {
        p->group = avahi_entry_group_new(client, on_group, p);
    }
    if (!p->group || !avahi_entry_group_is_empty(p->group)) {
        return;
    }
    int error = avahi_entry_group_add_service(
        p->group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, 0, p->name, DNSSD_TYPE, NULL, NULL,
        p->port, event, p->is_relay ? "role=relay" : "role=hub", NULL);
    if (error == AVAHI_OK) {
        error = avahi_entry_group_commit(p->group);
    }
    if (error != AVAHI_OK) {
        log_warning("hub: not announced: %s", avahi_strerror(error));
        p->is_broken = true;
    }
}

static void on_publish_client(AvahiClient *client, AvahiClientState state, void *arg) {
    struct dnssd_publisher *p = arg;
    if (state == AVAHI_CLIENT_S_RUNNING) {
        publish(p, client);
    } else if (state == AVAHI_CLIENT_FAILURE) {
        p->is_broken = true;
    } else if (p->group) { // the machine's name changes: the addresses are told anew
        avahi_entry_group_reset(p->group);
    }
}

// One life of the daemon.
static void publish_session(struct dnssd_publisher *p) {
    int error = 0;
    p->is_broken = false;
    p->group = NULL;
    AvahiClient *client =
        avahi_client_new(avahi_simple_poll_get(p->poll), 0, on_publish_client, p, &error);
    if (!client && !p->has_told) {
        p->has_told = true;
        log_warning("hub: not announced: no avahi-daemon answers (%s)",
                    avahi_strerror(error));
    }
    while (client && !p->is_broken && !atomic_load(&p->is_stopping)) {
        if (avahi_simple_poll_iterate(p->poll, STEP_MS) != 0) {
            break;
        }
    }
    if (client) {
        avahi_client_free(client);
    }
}

static void *publish_run(void *arg) {
    struct dnssd_publisher *p = arg;
    while (!atomic_load(&p->is_stopping)) {
        p->poll = avahi_simple_poll_new();
        CHECK(p->poll);
        publish_session(p);
        uint64_t until_ms = clock_mono_ms() + RETRY_MS;
        while (!atomic_load(&p->is_stopping) && clock_mono_ms() < until_ms) {
            avahi_simple_poll_iterate(p->poll, STEP_MS);
        }
        avahi_simple_poll_free(p->poll);
    }
    return NULL;
}

struct dnssd_publisher *dnssd_publish_start(const struct dnssd_service *s) {
    struct dnssd_publisher *p = mem_alloc(1, sizeof *p);
    snprintf(p->event, sizeof p->event, "%s", s->event);
    p->is_relay = s->is_relay;
    p->port = s->port;
    char *name =
        mem_format("Foyer %s on port %u", s->is_relay ? "relay" : "hub", s->port);
    p->name = avahi_strdup(name);
    mem_free(name);
    CHECK(pthread_create(&p->thread, NULL, publish_run, p) == 0);
    return p;
}

void dnssd_publish_stop(struct dnssd_publisher *p) {
    if (p) {
        atomic_store(&p->is_stopping, true);
    }
}

void dnssd_publish_join(struct dnssd_publisher *p) {
    if (p) {
        pthread_join(p->thread, NULL);
        avahi_free(p->name);
        mem_free(p);
    }
}

#define CARES_NO_DEPRECATED // Debian 12 has only what Debian 13 calls old
#include "sync/net/srv.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"

#include <sys/select.h> // before ares.h, which wants fd_set

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SRV_SERVICE "_foyer-hub._tcp"

enum { STEP_MS = 200, TRY_MS = 1000, TRIES = 2 };

struct lookup {
    const struct srv_options *o;
    ares_channel channel;
    uint64_t until_ms;
    struct ares_srv_reply *replies; // c-ares' own list
    enum err err;
    // The address being asked for.
    char host[SRV_URL_SIZE];
    bool has_host;
};

static pthread_once_t ares_once = PTHREAD_ONCE_INIT;
static void ares_begin(void) {
    CHECK(ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS);
}

static enum err error_of(int status) {
    switch (status) {
    case ARES_SUCCESS:
        return ERR_NONE;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
        return ERR_NOT_FOUND;
    case ARES_ETIMEOUT:
        return ERR_TIMEOUT;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return ERR_CLOSED;
    default:
        return ERR_OFFLINE;
    }
}

static void on_srv(void *arg, int status, int timeouts, unsigned char *reply, int len) {
    struct lookup *l = arg;
    (void)timeouts;
    l->err = error_of(status);
    if (l->err == ERR_NONE) {
        l->err = error_of(ares_parse_srv_reply(reply, len, &l->replies));
    }
}

static void on_address(void *arg, int status, int timeouts, struct ares_addrinfo *info) {
    struct lookup *l = arg;
    char text[INET6_ADDRSTRLEN];
    (void)timeouts;
    for (struct ares_addrinfo_node *n = info ? info->nodes : NULL;
         status == ARES_SUCCESS && n && !l->has_host; n = n->ai_next) {
        const void *in4 = &((struct sockaddr_in *)(void *)n->ai_addr)->sin_addr;
        const void *in6 = &((struct sockaddr_in6 *)(void *)n->ai_addr)->sin6_addr;
        bool is_six = n->ai_family == AF_INET6;
        l->has_host = inet_ntop(n->ai_family, is_six ? in6 : in4, text, sizeof text);
        snprintf(l->host, sizeof l->host, is_six ? "[%s]" : "%s", text);
    }
    if (info) {
        ares_freeaddrinfo(info);
    }
}

// One wait for the sockets of the channel; false: nothing is asked any more.
static bool wait_once(struct lookup *l) {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd fds[ARES_GETSOCK_MAXNUM];
    nfds_t count = 0;
    // c-ares' own macros shift into the sign.
    unsigned bits = (unsigned)ares_getsock(l->channel, sockets, ARES_GETSOCK_MAXNUM);
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        bool reads = bits >> i & 1;
        bool writes = bits >> (i + ARES_GETSOCK_MAXNUM) & 1;
        if (reads || writes) {
            fds[count++] = (struct pollfd){
                .fd = sockets[i],
                .events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0))};
        }
    }
    if (!count) {
        return false;
    }
    poll(fds, count, STEP_MS);
    for (nfds_t i = 0; i < count; i++) {
        bool reads = fds[i].revents & (POLLIN | POLLERR | POLLHUP);
        bool writes = fds[i].revents & POLLOUT;
        ares_process_fd(l->channel, reads ? fds[i].fd : ARES_SOCKET_BAD,
                        writes ? fds[i].fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(l->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); // its time-outs
    return true;
}

// Until everything asked was answered. ERR_CLOSED, ERR_TIMEOUT: given up.
static enum err wait_all(struct lookup *l) {
    while (wait_once(l)) {
        if (l->o->is_to_stop && l->o->is_to_stop(l->o->arg)) {
            ares_cancel(l->channel);
            return ERR_CLOSED;
        }
        if (clock_mono_ms() > l->until_ms) {
            ares_cancel(l->channel);
            return ERR_TIMEOUT;
        }
    }
    return ERR_NONE;
}

static enum err open_channel(struct lookup *l) {
    struct ares_options options = {.timeout = TRY_MS, .tries = TRIES};
    pthread_once(&ares_once, ares_begin);
    int status =
        ares_init_options(&l->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (status != ARES_SUCCESS) {
        return ERR_OFFLINE;
    }
    if (l->o->nameserver[0] &&
        ares_set_servers_ports_csv(l->channel, l->o->nameserver) != ARES_SUCCESS) {
        ares_destroy(l->channel);
        return ERR_INPUT;
    }
    return ERR_NONE;
}

static enum err find_services(struct lookup *l) {
    enum { CLASS_IN = 1, TYPE_SRV = 33 };
    l->err = ERR_TIMEOUT;
    if (l->o->domain[0]) {
        char *name = mem_format("%s.%s", SRV_SERVICE, l->o->domain);
        ares_query(l->channel, name, CLASS_IN, TYPE_SRV, on_srv, l);
        mem_free(name);
    } else {
        ares_search(l->channel, SRV_SERVICE, CLASS_IN, TYPE_SRV, on_srv, l);
    }
    enum err e = wait_all(l);
    return e == ERR_NONE ? l->err : e;
}

static int by_order(const void *a, const void *b) {
    const struct srv_found *x = a;
    const struct srv_found *y = b;
    if (x->priority != y->priority) {
        return x->priority < y->priority ? -1 : 1;
    }
    return (x->weight < y->weight) - (x->weight > y->weight);
}

enum err srv_find(const struct srv_options *o, struct srv_found *out, size_t max,
                  size_t *out_count) {
    struct lookup l = {.o = o, .until_ms = clock_mono_ms() + o->timeout_ms};
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC};
    size_t count = 0;
    enum err e = open_channel(&l);
    if (e != ERR_NONE) {
        return e;
    }
    e = find_services(&l);
    for (struct ares_srv_reply *r = l.replies; e == ERR_NONE && r && count < max;
         r = r->next) {
        l.has_host = false;
        ares_getaddrinfo(l.channel, r->host, NULL, &hints, on_address, &l);
        e = wait_all(&l);
        if (e == ERR_NONE && l.has_host) {
            struct srv_found *f = &out[count++];
            *f = (struct srv_found){.priority = r->priority, .weight = r->weight};
            snprintf(f->url, sizeof f->url, "http://%.100s:%u", l.host, r->port);
        }
    }
    ares_destroy(l.channel);
    ares_free_data(l.replies);
    e = e == ERR_TIMEOUT && count ? ERR_NONE : e; // what was found so far
    if (e == ERR_NONE) {
        qsort(out, count, sizeof *out, by_order);
        *out_count = count;
    }
    return e == ERR_NONE && !count ? ERR_NOT_FOUND : e;
}

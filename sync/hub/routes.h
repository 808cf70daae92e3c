// What the hub answers to, one table. Handlers run on HTTP threads; what needs the store
// suspends the call and runs there, many calls in one commit.
#ifndef SYNC_HUB_ROUTES_H
#define SYNC_HUB_ROUTES_H

#include "sync/hub/http.h"

extern const struct http_route hub_routes[]; // ends with an all-zero entry

void route_sync(struct call *c);    // POST /v1/sync
void route_wait(struct call *c);    // GET /v1/wait
void route_enrol(struct call *c);   // POST /v1/enrol
void route_snap(struct call *c);    // GET /v1/snap
void route_blob(struct call *c);    // GET /v1/blob/<hash>
void route_key_put(struct call *c); // PUT /v1/key
void route_key_get(struct call *c); // GET /v1/key/<ephemeral key>
void route_time(struct call *c);    // GET /v1/time
void route_health(struct call *c);  // GET /healthz: the process answers
void route_ready(struct call *c);   // GET /readyz: and the store commits
void route_metrics(struct call *c); // GET /metrics

// The bell lets a waiting call go (bell_release). Any thread.
void route_wait_release(void *waiter, uint64_t seq, bool has_news);

#endif

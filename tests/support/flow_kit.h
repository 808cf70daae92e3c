// What the tests of the flows share: an event of our own making, what the kiosk knows
// around a flow, and what a flow asked for in its last step. One thread.
#ifndef TESTS_SUPPORT_FLOW_KIT_H
#define TESTS_SUPPORT_FLOW_KIT_H

#include "app/flows/flow.h"

#define FLOW_ZOE "0123456789ABCDEF"
#define FLOW_JAN "0123456789ABCDEG"

struct flow_kit {
    struct programme
        *programme; // zone America/Chicago, gates meeting (prints) and social
    struct zone *zone;
    struct flow_env env; // Monday 2015-03-23 09:10, mono 1000000, online, with a printer
    struct flow_request requests[FLOW_REQUESTS_MAX];
    struct flow_out out; // of the last step: flow_kit_clear before each
};

void flow_kit_start(struct flow_kit *k);
void flow_kit_finish(struct flow_kit *k);
void flow_kit_clear(struct flow_kit *k);
// Adds an entity; body is JSON text with ' for ". Sort before use.
void flow_kit_add(struct flow_kit *k, const char *kind, const char *id, const char *body);
// A session that was at another place or time: was is its earlier body.
void flow_kit_add_moved(struct flow_kit *k, const char *id, const char *body,
                        const char *was);
void flow_kit_sort(struct flow_kit *k);
// The event clock, both clocks forward together.
void flow_kit_set_time(struct flow_kit *k, const char *instant);
void flow_kit_pass(struct flow_kit *k, int64_t ms);

struct scan flow_kit_scan(const char *code);
// Zoë or Jan, paid week pass; id FLOW_ZOE or FLOW_JAN.
struct person_state flow_kit_person(const char *id);

// Requests of the last step: how many of a kind, and the first of them (fails without).
size_t flow_kit_count(const struct flow_kit *k, enum flow_request_kind kind);
const struct flow_request *flow_kit_get(const struct flow_kit *k,
                                        enum flow_request_kind kind);
// The append of this fact kind; NULL when there is none.
const struct flow_request *flow_kit_append(const struct flow_kit *k,
                                           const char *fact_kind);

#endif

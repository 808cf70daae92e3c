#include "app/flows/flow.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"

#include <stdio.h>
#include <string.h>

struct flow_request *flow_add(struct flow_out *out, enum flow_request_kind kind) {
    CHECK(out->count < FLOW_REQUESTS_MAX);
    struct flow_request *r = &out->requests[out->count++];
    memset(r, 0, sizeof *r);
    r->kind = kind;
    return r;
}

struct flow_request *flow_append(struct flow_out *out, const char *kind,
                                 const char *subject, json_t *body) {
    struct flow_request *r = flow_add(out, FLOW_APPEND);
    char *text = json_format(body);
    json_decref(body);
    CHECK(strlen(text) < sizeof r->body);
    snprintf(r->body, sizeof r->body, "%s", text);
    mem_free(text);
    snprintf(r->fact_kind, sizeof r->fact_kind, "%s", kind);
    snprintf(r->subject, sizeof r->subject, "%s", subject);
    return r;
}

#include "tests/support/flow_kit.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *body_of(const char *text) {
    char copy[2048];
    json_t *body = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    assert_int_equal(json_parse(copy, strlen(copy), &body), ERR_NONE);
    return body;
}

void flow_kit_add_moved(struct flow_kit *k, const char *id, const char *body,
                        const char *was) {
    json_t *now = body_of(body);
    json_t *before = was ? body_of(was) : NULL;
    programme_add(k->programme, "session", id, now, before, k->env.now.wall_ms);
    json_decref(now);
    json_decref(before);
}

void flow_kit_add(struct flow_kit *k, const char *kind, const char *id,
                  const char *body) {
    json_t *json = body_of(body);
    programme_add(k->programme, kind, id, json, NULL, k->env.now.wall_ms);
    json_decref(json);
}

void flow_kit_sort(struct flow_kit *k) {
    programme_sort(k->programme);
}

void flow_kit_start(struct flow_kit *k) {
    memset(k, 0, sizeof *k);
    k->programme = mem_alloc(1, sizeof *k->programme);
    assert_int_equal(zone_open("America/Chicago", &k->zone), ERR_NONE);
    struct flow_env *e = &k->env;
    e->programme = k->programme;
    e->zone = k->zone;
    e->mono_ms = 1000000;
    e->now.state = TIME_SET;
    flow_kit_set_time(k, "2015-03-23T09:10:00-05:00");
    e->link = (struct agent_status){
        .is_online = true, .has_contact = true, .contact_mono_ms = 1000000};
    e->has_upstream = e->has_scanner = e->has_printer = true;
    e->dev = 0xabcd;
    snprintf(e->name, sizeof e->name, "Kiosk 3");
    snprintf(e->gate, sizeof e->gate, "meeting");
    snprintf(e->room, sizeof e->room, "Gold");
    flow_kit_add(k, "event", "event",
                 "{'name':'IETF 92','zone':'America/Chicago','start':'2015-03-22',"
                 "'end':'2015-03-27','wifi':'ietf'}");
    flow_kit_add(k, "gate", "meeting",
                 "{'name':'Meeting','prints':true,'reentry':'once'}");
    flow_kit_add(k, "gate", "social",
                 "{'name':'Social event','list':true,'reentry':'once'}");
    flow_kit_add(k, "room", "Gold", "{'name':'Gold','level':'Level 2','order':1}");
    flow_kit_add(k, "room", "Oak", "{'name':'Oak','level':'Level 3','order':2}");
    k->out.requests = k->requests;
    flow_kit_sort(k);
}

void flow_kit_finish(struct flow_kit *k) {
    programme_destroy(k->programme);
    zone_close(k->zone);
}

void flow_kit_clear(struct flow_kit *k) {
    memset(k->requests, 0, sizeof k->requests);
    k->out = (struct flow_out){.requests = k->requests};
}

void flow_kit_set_time(struct flow_kit *k, const char *instant) {
    assert_int_equal(instant_parse(instant, &k->env.now.wall_ms), ERR_NONE);
}

void flow_kit_pass(struct flow_kit *k, int64_t ms) {
    k->env.mono_ms += ms;
    k->env.now.wall_ms += ms;
}

struct scan flow_kit_scan(const char *code) {
    struct scan s = {.source = "test"};
    s.len = strlen(code);
    assert_true(s.len <= sizeof s.bytes);
    memcpy(s.bytes, code, s.len);
    return s;
}

struct person_state flow_kit_person(const char *id) {
    struct person_state s = {0};
    struct person *p = &s.person;
    bool is_zoe = strcmp(id, FLOW_ZOE) == 0;
    snprintf(p->id, sizeof p->id, "%s", id);
    snprintf(p->name, sizeof p->name, "%s",
             is_zoe ? "Zoë Müller-Ortiz" : "Jan Mullender");
    snprintf(p->given, sizeof p->given, "%s", is_zoe ? "Zoë" : "Jan");
    snprintf(p->org, sizeof p->org, "%s", is_zoe ? "Example Networks" : "Plain Routing");
    snprintf(p->kind, sizeof p->kind, "week");
    p->is_paid = true;
    return s;
}

size_t flow_kit_count(const struct flow_kit *k, enum flow_request_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < k->out.count; i++) {
        count += k->requests[i].kind == kind;
    }
    return count;
}

const struct flow_request *flow_kit_get(const struct flow_kit *k,
                                        enum flow_request_kind kind) {
    for (size_t i = 0; i < k->out.count; i++) {
        if (k->requests[i].kind == kind) {
            return &k->requests[i];
        }
    }
    fail_msg("no request of kind %d among %zu", (int)kind, k->out.count);
    return NULL;
}

const struct flow_request *flow_kit_append(const struct flow_kit *k,
                                           const char *fact_kind) {
    for (size_t i = 0; i < k->out.count; i++) {
        const struct flow_request *r = &k->requests[i];
        if (r->kind == FLOW_APPEND && strcmp(r->fact_kind, fact_kind) == 0) {
            return r;
        }
    }
    return NULL;
}

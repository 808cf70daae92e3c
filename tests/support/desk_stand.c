#include "tests/support/desk_stand.h"

#include "sync/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int desk_stand_set_up(void **state) {
    struct desk_stand *s = calloc(1, sizeof *s);
    flow_kit_start(&s->kit);
    desk_init(&s->d);
    *state = s;
    return 0;
}

int desk_stand_tear_down(void **state) {
    struct desk_stand *s = *state;
    flow_kit_finish(&s->kit);
    free(s);
    return 0;
}

void desk_stand_step(struct desk_stand *s, const struct flow_event *e) {
    flow_kit_clear(&s->kit);
    desk_step(&s->d, &s->kit.env, e, &s->kit.out);
}

void desk_stand_scan(struct desk_stand *s, const char *code) {
    struct scan c = flow_kit_scan(code);
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_SCAN, .scan = &c});
}

void desk_stand_act(struct desk_stand *s, enum action action, int index) {
    desk_stand_step(
        s, &(struct flow_event){.kind = FLOW_ACTION, .action = action, .index = index});
}

void desk_stand_text(struct desk_stand *s, const char *words) {
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_TEXT, .text = words});
}

void desk_stand_press(struct desk_stand *s, enum input_key key) {
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_KEY, .key = key});
}

void desk_stand_pass(struct desk_stand *s, int64_t ms) {
    flow_kit_pass(&s->kit, ms);
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_TICK});
}

void desk_stand_answer_with(struct desk_stand *s, uint32_t token, struct admit_result a) {
    a.ref = (struct fact_ref){0xab, a.verdict == VERDICT_ADMITTED ? 7 : 0};
    desk_stand_step(
        s, &(struct flow_event){.kind = FLOW_ADMITTED, .token = token, .admit = &a});
}

void desk_stand_answer(struct desk_stand *s, uint32_t token, const char *person,
                       enum verdict v) {
    struct admit_result a = {.verdict = v};
    if (person) {
        a.state = flow_kit_person(person);
    }
    desk_stand_answer_with(s, token, a);
}

uint32_t desk_stand_asked(struct desk_stand *s) {
    return flow_kit_get(&s->kit, FLOW_ADMIT)->token;
}

void desk_stand_admit_by_scan(struct desk_stand *s, const char *code,
                              const char *person) {
    desk_stand_scan(s, code);
    desk_stand_answer(s, desk_stand_asked(s), person, VERDICT_ADMITTED);
}

void desk_stand_find(struct desk_stand *s, const char *query) {
    s->found = (struct flow_found){.count = 2};
    snprintf(s->found.query, sizeof s->found.query, "%s", query);
    s->found.rows[0] = flow_kit_person(FLOW_ZOE);
    s->found.rows[1] = flow_kit_person(FLOW_JAN);
}

void desk_stand_tell_found(struct desk_stand *s) {
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_FOUND, .found = &s->found});
}

void desk_stand_search(struct desk_stand *s) {
    desk_stand_text(s, "m");
    desk_stand_find(s, "m");
    desk_stand_tell_found(s);
}

void desk_stand_tell_facts(struct desk_stand *s) {
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_DESK, .desk = &s->facts});
}

void desk_stand_tell_print(struct desk_stand *s, const char *person,
                           enum flow_print_state state) {
    struct flow_event e = {.kind = FLOW_PRINT, .print = state};
    snprintf(e.person, sizeof e.person, "%s", person);
    desk_stand_step(s, &e);
}

void desk_stand_add_incident(struct desk_stand *s, const char *holder, bool is_resolved) {
    struct incident *in = &s->facts.incidents[s->facts.incident_count++];
    *in = (struct incident){.member_count = 2, .is_resolved = is_resolved};
    snprintf(in->id, sizeof in->id, "i-%s", holder);
    snprintf(in->holder, sizeof in->holder, "%s", holder);
    snprintf(in->gate, sizeof in->gate, "meeting");
    snprintf(in->name, sizeof in->name, "Name of %s", holder);
    snprintf(in->reason, sizeof in->reason, "Desk B had been offline for 12 min");
    for (size_t i = 0; i < 2; i++) {
        in->members[i].ref = (struct fact_ref){0x10 + i, s->facts.incident_count};
        snprintf(in->members[i].device, NAME_SIZE, "Desk %c", "AB"[i]);
        in->members[i].at_ms = s->kit.env.now.wall_ms;
    }
}

const struct desk_view *desk_stand_view(struct desk_stand *s) {
    desk_fill(&s->d, &s->kit.env, &s->v);
    return &s->v;
}

void desk_stand_check_body(const struct desk_stand *s, const char *kind,
                           const char *subject, const char *key, const char *value) {
    const struct flow_request *r = flow_kit_append(&s->kit, kind);
    json_t *body = NULL;
    assert_non_null(r);
    assert_string_equal(r->subject, subject);
    assert_int_equal(json_parse(r->body, strlen(r->body), &body), ERR_NONE);
    assert_string_equal(json_get_text(body, key, ""), value);
    json_decref(body);
}

#include "sync/event/admission.h"

#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict v) {
    static const char *const names[VERDICT_COUNT] = {
        "admitted",    "already-in", "not-printed", "not-on-list", "unpaid",
        "cancelled",   "blocked",    "too-early",   "too-late",    "wrong-day",
        "needs-staff", "unknown",    "forged",      "void-badge",  "other-event",
    };
    return (unsigned)v < VERDICT_COUNT ? names[v] : "unknown";
}

static bool admits_kind(const struct gate *g, const char *kind) {
    return g->kinds[0] == '\0' || list_has(g->kinds, kind);
}

static bool is_listed(const struct admission_case *c) {
    if (c->person) {
        return (!c->gate->is_list || list_has(c->person->gates, c->gate->id)) &&
               admits_kind(c->gate, c->person->kind);
    }
    uint8_t kind = c->code->ticket.kind;
    return !c->gate->is_list && kind < ticket_kind_count &&
           admits_kind(c->gate, ticket_kinds[kind]);
}

// Days since 1970-01-01 of "2015-03-23…"; -1 when it is no day.
static int64_t day_number(const char *day) {
    char text[32];
    int64_t ms = 0;
    snprintf(text, sizeof text, "%.10sT00:00:00Z", day);
    return instant_parse(text, &ms) == ERR_NONE ? ms / 86400000 : -1;
}

// Does the pass hold on this local day?
static bool is_right_day(const struct admission_case *c, int64_t day_no) {
    if (!c->person) {
        uint8_t mask = c->code->ticket.day_mask;
        int64_t first = day_number(c->event->start);
        int64_t index = day_no - first;
        return mask == 0 || first < 0 ||
               (index >= 0 && index < 8 && (mask >> index & 1) != 0);
    }
    if (c->person->days[0] == '\0') {
        return true;
    }
    const char *at = c->person->days;
    while (*at) {
        if (day_number(at) == day_no) {
            return true;
        }
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return false;
}

static bool has_expiry(const struct admission_case *c) {
    return c->code && c->code->class == CODE_TICKET && c->code->ticket.expiry_s != 0;
}

// The date rules at one instant; VERDICT_ADMITTED when none refuses.
static enum verdict decide_at(const struct admission_case *c, int64_t at_ms) {
    const struct gate *g = c->gate;
    if (g->from_ms && at_ms < g->from_ms - (int64_t)g->early_minutes * 60000) {
        return VERDICT_TOO_EARLY;
    }
    if (g->until_ms && at_ms >= g->until_ms) {
        return VERDICT_TOO_LATE;
    }
    if (has_expiry(c) && at_ms / 1000 > c->code->ticket.expiry_s) {
        return VERDICT_TOO_LATE;
    }
    if (c->zone && !is_right_day(c, zone_local(c->zone, at_ms).day_no)) {
        return VERDICT_WRONG_DAY;
    }
    return VERDICT_ADMITTED;
}

static bool has_date_rule(const struct admission_case *c) {
    bool has_days =
        c->person ? c->person->days[0] != '\0' : c->code->ticket.day_mask != 0;
    return has_days || has_expiry(c) || c->gate->from_ms || c->gate->until_ms;
}

// Whether the date rules say the same at every instant of the interval. Bounds are crossed
// once, but a right day may lie between two wrong ones: each day is asked.
static bool is_settled(const struct admission_case *c, int64_t from_ms, int64_t to_ms) {
    const int64_t day_ms = 86400000;
    enum verdict v = decide_at(c, from_ms);
    if (decide_at(c, to_ms) != v) {
        return false;
    }
    if (v == VERDICT_TOO_EARLY || v == VERDICT_TOO_LATE) {
        return true;
    }
    bool is_same = to_ms - from_ms <= 16 * day_ms; // longer than any event
    for (int64_t at = from_ms; is_same && at < to_ms; at += day_ms / 4) {
        is_same = decide_at(c, at) == v;
    }
    return is_same;
}

static enum verdict decide_date(const struct admission_case *c, bool *out_is_unsure) {
    if (!has_date_rule(c)) {
        return VERDICT_ADMITTED;
    }
    int64_t from_ms = c->now.wall_ms - c->now.error_ms;
    int64_t to_ms = c->now.wall_ms + c->now.error_ms;
    bool is_day_unjudged = !c->zone && (c->person ? c->person->days[0] != '\0'
                                                  : c->code->ticket.day_mask != 0);
    if (c->now.state != TIME_UNKNOWN && !is_day_unjudged &&
        is_settled(c, from_ms, to_ms)) {
        return decide_at(c, from_ms);
    }
    *out_is_unsure = true;
    return c->gate->is_strict ? VERDICT_NEEDS_STAFF : VERDICT_ADMITTED;
}

static enum verdict decide_code(const struct code *code, bool has_person) {
    switch (code->class) {
    case CODE_FORGED:
        return VERDICT_FORGED;
    case CODE_OTHER_EVENT:
        return VERDICT_OTHER_EVENT;
    case CODE_TICKET:
        return VERDICT_ADMITTED;
    case CODE_BADGE:
    case CODE_OPAQUE:
        return has_person ? VERDICT_ADMITTED : VERDICT_UNKNOWN;
    case CODE_NONE:
    case CODE_BADGE_TYPO:
        break;
    }
    return VERDICT_UNKNOWN;
}

enum verdict admission_decide(const struct admission_case *c, bool *out_is_time_unsure) {
    *out_is_time_unsure = false;
    enum verdict v = c->code ? decide_code(c->code, c->person != NULL)
                             : (c->person ? VERDICT_ADMITTED : VERDICT_UNKNOWN);
    if (v != VERDICT_ADMITTED) {
        return v;
    }
    const struct person *p = c->person;
    if (p && p->status != PERSON_OK) {
        return p->status == PERSON_CANCELLED ? VERDICT_CANCELLED : VERDICT_BLOCKED;
    }
    if (c->is_serial_void) {
        return VERDICT_VOID_BADGE;
    }
    // Before the list: whom staff let in without being on it is in, and not let in again.
    if (c->was_admitted && c->gate->is_once) {
        bool wants_badge = p && c->gate->prints && !c->has_badge;
        return wants_badge ? VERDICT_NOT_PRINTED : VERDICT_ALREADY_IN;
    }
    if (!is_listed(c)) {
        return VERDICT_NOT_ON_LIST;
    }
    if (p && !p->is_paid) {
        return VERDICT_UNPAID;
    }
    if (p && p->note[0]) {
        return VERDICT_NEEDS_STAFF;
    }
    return decide_date(c, out_is_time_unsure);
}

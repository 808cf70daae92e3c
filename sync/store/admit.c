// The main job: look-up, decision and append in one commit.
#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/store/claim.h"
#include "sync/store/jobs.h"
#include "sync/store/people.h"
#include "sync/store/views.h"

#include <stdio.h>
#include <string.h>

// Who the code means, and what is known of them at the gate.
static enum err look_up(struct store *s, const struct admit_request *r,
                        struct admit_result *out) {
    struct person *p = &out->state.person;
    enum err e = ERR_NOT_FOUND;
    if (r->person) {
        e = store_find_person(s, r->person, p);
    } else if (out->code.class == CODE_BADGE) {
        e = store_find_person(s, out->code.person, p);
    } else if (out->code.class == CODE_TICKET) {
        e = people_find_ticket(s, out->code.ticket_hex, p);
    } else if (out->code.class == CODE_OPAQUE) {
        // A connector's own code: the id of the person or ticket as its source writes it.
        e = store_find_person(s, out->code.text, p);
        e = e == ERR_NOT_FOUND ? people_find_ticket(s, out->code.text, p) : e;
    }
    if (e == ERR_NONE) {
        return people_read_state(s, r->gate, &out->state);
    }
    if (e == ERR_NOT_FOUND && out->code.class == CODE_TICKET) {
        char holder[ID_SIZE];
        snprintf(holder, sizeof holder, "t%s", out->code.ticket_hex);
        out->is_signed_only = true;
        return people_read_admission(s, holder, r->gate, &out->state);
    }
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

static bool is_serial_void(struct store *s, const struct admit_result *a) {
    if (a->code.class != CODE_BADGE || !a->state.person.id[0]) {
        return false;
    }
    sqlite3_stmt *q =
        db_get(s, "SELECT 1 FROM print WHERE person=?1 AND serial=?2 AND void=1");
    db_bind_text(q, 1, a->state.person.id);
    sqlite3_bind_int(q, 2, (int)a->code.serial);
    return db_int(s, q, 0) == 1;
}

// Verdicts that staff may overrule at the desk; forged, unknown and void never.
static bool is_soft(enum verdict v) {
    return v == VERDICT_UNPAID || v == VERDICT_NEEDS_STAFF || v == VERDICT_WRONG_DAY ||
           v == VERDICT_TOO_EARLY || v == VERDICT_TOO_LATE || v == VERDICT_NOT_ON_LIST;
}

static void holder_of(const struct admit_result *a, char out[ID_SIZE]) {
    snprintf(out, ID_SIZE, "%s%s", a->is_signed_only ? "t" : "",
             a->is_signed_only ? a->code.ticket_hex : a->state.person.id);
}

// At a strict gate the hub may have given the place to another desk whose admission is on its
// way. The hub's yes to this very question is newer than what is known here.
static enum err look_up_claim(struct store *s, const struct admit_request *r,
                              struct admit_result *out) {
    struct claim_holder held;
    char holder[ID_SIZE];
    struct person_state *state = &out->state;
    if (state->is_in || r->is_confirmed || r->is_override) {
        return ERR_NONE;
    }
    holder_of(out, holder);
    enum err e =
        holder[0] ? store_find_claim(s, holder, r->gate, &r->now, &held) : ERR_NOT_FOUND;
    if (e == ERR_NONE && held.dev != s->identity.dev) {
        state->is_in = out->is_claimed = true;
        out->claim = random_u64(); // staff may go on with it
        state->in_ms = held.at_ms;
        people_device_name(s, held.dev, state->in_at);
    }
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

static bool is_asking(const struct gate *gate) {
    return gate->is_strict && gate->is_once;
}

static void judge(struct store *s, const struct admit_request *r, const struct gate *gate,
                  struct admit_result *out) {
    struct admission_case c = {
        .gate = gate,
        .person = out->state.person.id[0] ? &out->state.person : NULL,
        .code = r->code ? &out->code : NULL,
        .was_admitted = out->state.is_in,
        .has_badge = out->state.has_badge,
        .is_serial_void = is_serial_void(s, out),
        .event = &s->event,
        .zone = s->zone,
        .now = r->now,
    };
    out->verdict = admission_decide(&c, &out->is_time_unsure);
    if (r->is_override && is_soft(out->verdict)) {
        out->verdict = VERDICT_ADMITTED;
    }
}

static const char *how(const struct admit_request *r, const struct code *code) {
    if (!r->code) {
        return "search";
    }
    if (code->class == CODE_TICKET) {
        return "ticket";
    }
    return code->class == CODE_BADGE ? "badge" : "opaque";
}

static enum err append_admission(struct store *s, const struct admit_request *r,
                                 struct admit_result *out) {
    char subject[ID_SIZE];
    json_t *body = json_object();
    json_object_set_new(body, "gate", json_string(r->gate));
    json_object_set_new(body, "by_code", json_string(how(r, &out->code)));
    if (out->code.class == CODE_TICKET) {
        json_object_set_new(body, "ticket", json_string(out->code.ticket_hex));
    }
    if (out->code.class == CODE_BADGE) {
        json_object_set_new(body, "serial", json_integer((json_int_t)out->code.serial));
    }
    if (out->is_time_unsure) {
        json_object_set_new(body, "time_unsure", json_true());
    }
    if (r->claim) {
        char nonce[17];
        hex_format_u64(r->claim, nonce);
        json_object_set_new(body, "claim", json_string(nonce));
    }
    holder_of(out, subject);
    struct draft d;
    enum err e = draft_fill(&d, "admit", subject, body);
    if (e != ERR_NONE) {
        return e;
    }
    snprintf(d.by, sizeof d.by, "%s", r->by ? r->by : "");
    d.basis = r->basis;
    d.basis.is_confirmed = r->is_confirmed;
    d.basis.mode = r->is_override ? BASIS_OVERRIDE
                                  : (out->is_signed_only ? BASIS_SIGNED : BASIS_LISTED);
    e = store_append(s, &d, 1, &r->now, &out->ref);
    draft_finish(&d);
    return e;
}

// The badge that goes with it. Whoever has one, or has one on its way, gets no second.
static enum err append_job(struct store *s, const struct admit_request *r,
                           struct admit_result *out) {
    struct job_request ask = {.person = out->state.person.id,
                              .by = r->by,
                              .reason = "first badge",
                              .basis = r->basis,
                              .now = r->now};
    struct job job;
    if (!ask.person[0]) {
        return ERR_NONE;
    }
    enum err e = store_job_enqueue(s, &ask, &job);
    if (e == ERR_NONE) {
        out->job = job.ref;
        out->state.serial = job.serial;
        out->state.job = (struct person_job){
            .ref = job.ref, .state = JOB_QUEUED, .serial = job.serial, .dev = job.dev};
        memcpy(out->state.job.at, job.at, sizeof job.at);
    }
    return e == ERR_EXISTS ? ERR_NONE : e;
}

// A kiosk that never synced has no gates yet: a good signed ticket passes all the same, once;
// its admission waits in quarantine until the gate is known.
static bool find_gate(struct store *s, const struct admit_request *r,
                      const struct admit_result *out, struct gate *gate,
                      bool *out_is_known) {
    *out_is_known = views_read_gate(s, r->gate, gate);
    if (*out_is_known) {
        return true;
    }
    *gate = (struct gate){.is_once = true};
    snprintf(gate->id, sizeof gate->id, "%s", r->gate);
    return r->code && out->code.class != CODE_BADGE && out->code.class != CODE_OPAQUE;
}

// At a gate that is not known yet no admission is in the tables: the facts themselves tell.
static enum err look_up_waiting(struct store *s, const struct admit_request *r,
                                struct admit_result *out) {
    struct claim_holder held;
    char holder[ID_SIZE];
    holder_of(out, holder);
    enum err e =
        holder[0] ? store_find_claim(s, holder, r->gate, &r->now, &held) : ERR_NOT_FOUND;
    if (e == ERR_NONE && held.is_admission) {
        out->state.is_in = true;
        out->state.in_ms = held.at_ms;
        people_device_name(s, held.dev, out->state.in_at);
    }
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

static enum err decide_and_append(struct store *s, const struct admit_request *r,
                                  struct admit_result *out) {
    struct gate gate;
    bool is_known;
    if (!find_gate(s, r, out, &gate, &is_known)) {
        return ERR_NOT_FOUND;
    }
    enum err e = look_up(s, r, out);
    if (e == ERR_NONE && !is_known) {
        e = look_up_waiting(s, r, out);
    }
    if (e == ERR_NONE && is_asking(&gate)) {
        e = look_up_claim(s, r, out);
    }
    if (e != ERR_NONE) {
        return e;
    }
    judge(s, r, &gate, out);
    if (out->verdict != VERDICT_ADMITTED || r->is_dry) {
        return ERR_NONE;
    }
    if (is_asking(&gate) && !r->claim) {
        out->claim = random_u64();
        return ERR_NONE;
    }
    e = append_admission(s, r, out);
    e = e == ERR_NONE && r->is_printing ? append_job(s, r, out) : e;
    if (e == ERR_NONE) {
        out->state.is_in = true;
        out->state.in_ms = r->now.wall_ms;
        people_device_name(s, s->identity.dev, out->state.in_at);
    }
    return e;
}

enum err store_admit(struct store *s, const struct admit_request *r,
                     struct admit_result *out) {
    *out = (struct admit_result){.verdict = VERDICT_UNKNOWN};
    if (r->code) {
        struct code_keys keys = {.keys = s->ticket_keys, .count = s->ticket_key_count};
        memcpy(keys.event, s->identity.event, sizeof keys.event);
        code_parse(r->code, r->code_len, &keys, &out->code);
    }
    if (r->is_dry) {
        return decide_and_append(s, r, out);
    }
    bool is_mine;
    enum err e = store_group_begin(s, &is_mine);
    if (e != ERR_NONE) {
        return e;
    }
    e = decide_and_append(s, r, out);
    return store_group_end(s, is_mine, e);
}

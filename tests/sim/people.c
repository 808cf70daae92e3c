#include "tests/sim/people.h"

#include "sync/base/mem.h"
#include "sync/event/drafts.h"
#include "sync/event/fold.h"
#include "tests/sim/future.h"
#include "tests/sim/node.h"
#include "tests/sim/server.h"

#include <stdio.h>
#include <string.h>

static const char *const gates[] = {"meeting", "meeting", "shirts", "social", "free"};

size_t people_pick(struct sim *s, enum node_kind kind) {
    size_t list[NODES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        if (n->is_there && !n->is_dead && n->is_on && !n->is_failing && n->kind == kind) {
            list[count++] = i;
        }
    }
    return count ? list[sim_random(s, count)] : NODES_MAX;
}

// What the machine knows its own role to be.
static bool is_desk(struct sim *s, size_t i) {
    struct device_info info;
    if (store_find_device(s->nodes[i].store, s->nodes[i].dev, &info) != ERR_NONE) {
        return false;
    }
    return strcmp(info.role, "desk") == 0 || strcmp(info.role, "checkin") == 0;
}

static size_t pick_desk(struct sim *s) {
    for (int tries = 0; tries < 3; tries++) {
        size_t i = people_pick(s, KIND_KIOSK);
        if (i < NODES_MAX && is_desk(s, i)) {
            return i;
        }
    }
    return NODES_MAX;
}

bool people_say(struct sim *s, const struct saying *w) {
    struct draft d;
    struct fact_ref ref = {0};
    struct moment now = node_now(s, w->node);
    CHECK(w->body && draft_fill(&d, w->kind, w->subject, w->body) == ERR_NONE);
    oracle_clock(s->oracle, w->node, now.wall_ms);
    enum err e = store_append(s->nodes[w->node].store, &d, 1, &now, &ref);
    draft_finish(&d);
    struct known k = {.ref = ref,
                      .what = w->what,
                      .channel = channel_of_kind(w->kind),
                      .node = w->node,
                      .of = w->of,
                      .now = now};
    snprintf(k.subject, sizeof k.subject, "%s", w->subject);
    snprintf(k.gate, sizeof k.gate, "%s", w->gate ? w->gate : "");
    sim_say(s, &s->nodes[w->node], "says %s of %s", w->kind, w->subject);
    if (node_judge(s, w->node, e, w->kind)) {
        oracle_say(s->oracle, &k);
        node_changed(s, w->node);
        return true;
    }
    oracle_maybe(s->oracle, w->node, k.subject, k.gate);
    node_settle(s, w->node);
    return false;
}

// ---- admissions --------------------------------------------------------------------------

enum how { BY_BADGE, BY_TICKET, BY_TEXT, BY_NAME };

struct visit {
    size_t desk;
    const char *gate;
    enum how how;
    const char *person; // id, by name or badge
    const struct stage_person *staged;
    bool is_override;
};

static void fill_request(const struct visit *v, struct admit_request *r) {
    if (v->how == BY_NAME) {
        r->person = v->person;
        return;
    }
    r->code = v->how == BY_BADGE    ? v->staged->badge
              : v->how == BY_TICKET ? v->staged->code
                                    : v->staged->ticket;
    r->code_len = strlen(r->code);
}

static void note_failed(struct sim *s, const struct visit *v) {
    char ticket[24] = "";
    const char *id = v->staged ? v->staged->id : v->person;
    if (v->staged) {
        snprintf(ticket, sizeof ticket, "t%s", v->staged->ticket);
        oracle_maybe(s->oracle, v->desk, ticket, v->gate);
    }
    oracle_maybe(s->oracle, v->desk, id, v->gate);
}

static void note_admitted(struct sim *s, const struct visit *v,
                          const struct admit_request *r, const struct admit_result *a) {
    struct known k = {.ref = a->ref,
                      .what = SAID_ADMIT,
                      .channel = CHANNEL_DESK,
                      .node = v->desk,
                      .basis = r->basis,
                      .now = r->now};
    k.basis.mode = r->is_override      ? BASIS_OVERRIDE
                   : a->is_signed_only ? BASIS_SIGNED
                                       : BASIS_LISTED;
    snprintf(k.subject, sizeof k.subject, "%s%s", a->is_signed_only ? "t" : "",
             a->is_signed_only ? a->code.ticket_hex : a->state.person.id);
    snprintf(k.gate, sizeof k.gate, "%s", v->gate);
    if (strcmp(v->gate, "free") != 0 &&
        oracle_knows_admission(s->oracle, v->desk, k.subject, k.gate)) {
        sim_fail(s, "T5: %s admits %s at %s again and holds the first admission",
                 s->nodes[v->desk].name, k.subject, k.gate);
    }
    oracle_say(s->oracle, &k);
}

// At a strict gate the hub is asked first; without its answer the desk decides on its own.
// false: the hub said no.
static bool ask_hub(struct sim *s, const struct visit *v, const struct admit_result *a,
                    struct admit_request *r) {
    const struct link *l = node_link(s, v->desk);
    struct exchange_claim claim = {.nonce = a->claim};
    struct exchange_claimed answer = {0};
    r->claim = a->claim;
    snprintf(claim.person, sizeof claim.person, "%s%s", a->is_signed_only ? "t" : "",
             a->is_signed_only ? a->code.ticket_hex : a->state.person.id);
    snprintf(claim.gate, sizeof claim.gate, "%s", v->gate);
    bool is_answered =
        l && sim_chance(s, 850) && server_claim(s, v->desk, &claim, &answer);
    sim_say(s, &s->nodes[v->desk], "asks the hub: %s",
            !is_answered     ? "no answer"
            : answer.has_won ? "yes"
                             : "no");
    r->is_confirmed = is_answered && answer.has_won;
    r->basis.is_confirmed = r->is_confirmed;
    return !is_answered || answer.has_won;
}

static void visit(struct sim *s, const struct visit *v) {
    struct node *n = &s->nodes[v->desk];
    struct admit_result a;
    struct admit_request r = {.gate = v->gate,
                              .by = "ana",
                              .basis = node_basis(s, v->desk),
                              .now = node_now(s, v->desk),
                              .is_override = v->is_override};
    fill_request(v, &r);
    oracle_clock(s->oracle, v->desk, r.now.wall_ms);
    enum err e = store_admit(n->store, &r, &a);
    if (e == ERR_NONE && a.verdict == VERDICT_ADMITTED && !a.ref.n) {
        if (!ask_hub(s, v, &a, &r)) {
            return;
        }
        e = store_admit(n->store, &r, &a);
    }
    if (e == ERR_NOT_FOUND) {
        return; // no such gate here yet
    }
    sim_say(s, n, "%s at %s: %s", v->staged ? v->staged->id : v->person, v->gate,
            e == ERR_NONE ? verdict_name(a.verdict) : err_text(e));
    if (!node_judge(s, v->desk, e, "admitting")) {
        note_failed(s, v);
        node_settle(s, v->desk);
        return;
    }
    if (a.verdict == VERDICT_ADMITTED) {
        note_admitted(s, v, &r, &a);
        node_changed(s, v->desk);
    }
}

static struct visit random_visit(struct sim *s, size_t desk, enum how how) {
    const struct stage_person *p = &s->stage->people[sim_random(s, STAGE_PEOPLE)];
    return (struct visit){.desk = desk,
                          .how = how,
                          .gate = gates[sim_random(s, sizeof gates / sizeof *gates)],
                          .staged = p,
                          .person = p->id,
                          .is_override = sim_chance(s, 120)};
}

static void visit_twice(struct sim *s) {
    size_t a = pick_desk(s);
    size_t b = pick_desk(s);
    if (a == NODES_MAX || b == NODES_MAX) {
        return;
    }
    struct visit v = random_visit(s, a, BY_BADGE);
    v.gate = gates[sim_random(s, 3)];
    visit(s, &v);
    sim_pass(s, sim_random(s, 3) ? sim_random(s, 3000) : sim_random(s, 300000));
    v.desk = b;
    if (s->nodes[b].is_on && !s->nodes[b].is_failing && !s->trouble[0]) {
        visit(s, &v);
    }
}

static void walk_up(struct sim *s, size_t desk) {
    char id[PERSON_ID_SIZE];
    char name[32];
    unsigned number = (unsigned)sim_random(s, 10000);
    snprintf(id, sizeof id, "W00000000000%04u", number);
    snprintf(name, sizeof name, STAGE_TAINT " w%04u", number);
    struct saying w = {.node = desk,
                       .kind = "person",
                       .subject = id,
                       .body = json_pack("{s:s,s:s}", "name", name, "kind", "week"),
                       .what = SAID_PERSON};
    oracle_plant(s->oracle, id, name);
    if (people_say(s, &w) && s->nodes[desk].is_on) {
        visit(s, &(struct visit){
                     .desk = desk, .how = BY_NAME, .gate = "meeting", .person = id});
    }
}

static void void_one(struct sim *s, size_t desk) {
    const struct known *k = oracle_pick_admission(s->oracle, desk);
    char of[REF_TEXT_SIZE];
    if (!k) {
        return;
    }
    ref_format(k->ref, of);
    struct saying w = {.node = desk,
                       .kind = "admit.void",
                       .subject = k->subject,
                       .body = json_pack("{s:s,s:s}", "of", of, "reason", "by mistake"),
                       .what = SAID_VOID,
                       .of = k->ref};
    people_say(s, &w);
}

// ---- other desk work ---------------------------------------------------------------------

static void edit(struct sim *s, size_t desk) {
    const struct stage_person *p = &s->stage->people[sim_random(s, STAGE_LATE_FROM)];
    static const char *const fields[] = {"name", "org", "latin"};
    char text[40];
    snprintf(text, sizeof text, STAGE_TAINT " e%06u", (unsigned)sim_random(s, 1000000));
    oracle_plant(s->oracle, p->id, text);
    struct saying w = {.node = desk,
                       .kind = "person.edit",
                       .subject = p->id,
                       .body =
                           json_pack("{s:{s:s}}", "set", fields[sim_random(s, 3)], text),
                       .what = SAID_OTHER};
    people_say(s, &w);
}

static void print(struct sim *s, size_t desk) {
    const struct stage_person *p = &s->stage->people[sim_random(s, STAGE_PEOPLE)];
    bool is_void = sim_chance(s, 300);
    struct saying w = {.node = desk,
                       .kind = is_void ? "badge.void" : "badge.print",
                       .subject = p->id,
                       .body = json_pack("{s:i,s:s}", "serial", (int)sim_random(s, 4),
                                         "reason", "first"),
                       .what = SAID_OTHER};
    people_say(s, &w);
}

static void pay(struct sim *s, size_t desk) {
    const struct stage_person *p = &s->stage->people[sim_random(s, STAGE_PEOPLE)];
    struct saying w = {.node = desk,
                       .kind = "pay.mark",
                       .subject = p->id,
                       .body = json_pack("{s:s}", "how", "cash"),
                       .what = SAID_OTHER};
    people_say(s, &w);
}

static void ask(struct sim *s, size_t desk) {
    struct ask asks[4];
    char dev[17];
    char of[REF_TEXT_SIZE];
    struct saying w = {.node = desk, .kind = "ask", .what = SAID_OTHER};
    hex_format_u64(s->nodes[desk].dev, dev);
    w.subject = dev;
    if (store_read_asks(s->nodes[desk].store, asks, 4) && sim_chance(s, 500)) {
        ref_format(asks[0].ref, of);
        hex_format_u64(asks[0].dev, dev);
        w.kind = "answer";
        w.body = json_pack("{s:s}", "of", of);
    } else {
        w.body = json_pack("{s:s,s:b}", "what", "staff", "open", (int)sim_random(s, 2));
    }
    people_say(s, &w);
}

static void resolve(struct sim *s, size_t desk) {
    struct incident list[2];
    if (!store_read_incidents(s->nodes[desk].store, list, 2)) {
        return;
    }
    json_t *of = json_array();
    for (size_t i = 0; i < list[0].member_count; i++) {
        char text[REF_TEXT_SIZE];
        ref_format(list[0].members[i].ref, text);
        json_array_append_new(of, json_string(text));
    }
    struct saying w = {.node = desk,
                       .kind = "incident.resolve",
                       .subject = list[0].holder,
                       .body = json_pack("{s:o,s:s}", "of", of, "text", "twins"),
                       .what = SAID_OTHER};
    people_say(s, &w);
}

// ---- at the hub --------------------------------------------------------------------------

static void import_late(struct sim *s) {
    if (STAGE_LATE_FROM + s->late_at >= STAGE_PEOPLE) {
        return;
    }
    size_t person = STAGE_LATE_FROM + s->late_at;
    struct draft d;
    stage_person_draft(s->stage, person, &d);
    struct saying w = {.node = NODE_HUB,
                       .kind = "person",
                       .subject = s->stage->people[person].id,
                       .body = json_loads(d.body, 0, NULL),
                       .what = SAID_PERSON};
    draft_finish(&d);
    s->late_at += people_say(s, &w);
}

static void change_programme(struct sim *s) {
    char start[32];
    struct drafts d = {0};
    struct store_diff diff;
    struct moment now = node_now(s, NODE_HUB);
    snprintf(start, sizeof start, "2015-03-23T%02u:00:00Z",
             (unsigned)(10 + sim_random(s, 10)));
    CHECK(drafts_add(&d, "session", "s1",
                     json_pack("{s:s,s:s}", "name", "Opening", "start", start)) ==
          ERR_NONE);
    oracle_clock(s->oracle, NODE_HUB, now.wall_ms);
    sim_say(s, &s->nodes[NODE_HUB], "moves the opening to %s", start);
    enum err e = store_author(s->nodes[NODE_HUB].store, &d, &now, &diff);
    drafts_finish(&d);
    if (node_judge(s, NODE_HUB, e, "importing")) {
        node_changed(s, NODE_HUB);
    }
    node_settle(s, NODE_HUB);
}

// ---- what may not be ---------------------------------------------------------------------

// A device says what it has no right to. Its facts are kept, stand nowhere, stop nobody.
static void rogue(struct sim *s) {
    size_t i = people_pick(s, KIND_KIOSK);
    const struct stage_person *p = &s->stage->people[sim_random(s, STAGE_LATE_FROM)];
    if (i == NODES_MAX) {
        return;
    }
    struct saying w = {.node = i, .subject = p->id, .what = SAID_OTHER};
    if (!is_desk(s, i)) {
        s->nodes[i].is_rogue = true;
        w.kind = "admit";
        w.what = SAID_ADMIT;
        w.gate = "meeting";
        w.body = json_pack("{s:s,s:s}", "gate", "meeting", "by_code", "badge");
    } else if (sim_chance(s, 500)) {
        w.kind = "person.erase";
        w.body = json_pack("{s:s}", "reason", "no right to");
    } else {
        w.kind = "gate";
        w.subject = "meeting";
        w.body = json_pack("{s:s,s:s}", "name", "Mine", "reentry", "free");
    }
    people_say(s, &w);
}

static void at_desk(struct sim *s, enum act a, size_t desk) {
    static const enum how hows[] = {[ACT_SCAN] = BY_BADGE,
                                    [ACT_TICKET] = BY_TICKET,
                                    [ACT_OPAQUE] = BY_TEXT,
                                    [ACT_SEARCH] = BY_NAME};
    struct visit v;
    switch ((int)a) { // the others are not its
    case ACT_VOID:
        void_one(s, desk);
        break;
    case ACT_WALK_UP:
        walk_up(s, desk);
        break;
    case ACT_EDIT:
        edit(s, desk);
        break;
    case ACT_PRINT:
        print(s, desk);
        break;
    case ACT_PAY:
        pay(s, desk);
        break;
    case ACT_ASK:
        ask(s, desk);
        break;
    case ACT_RESOLVE:
        resolve(s, desk);
        break;
    default:
        v = random_visit(s, desk, hows[a]);
        visit(s, &v);
        break;
    }
}

void people_act(struct sim *s, enum act a) {
    bool is_hub_on = s->nodes[NODE_HUB].is_on && !s->nodes[NODE_HUB].is_failing;
    size_t i;
    if (a == ACT_SCAN_TWICE) {
        visit_twice(s);
    } else if (a == ACT_ROGUE) {
        rogue(s);
    } else if (a == ACT_UNKNOWN) {
        i = people_pick(s, KIND_KIOSK);
        if (i < NODES_MAX) {
            future_say(s, i);
        }
    } else if (a == ACT_LATE_IMPORT || a == ACT_PROGRAMME) {
        if (is_hub_on) {
            (a == ACT_LATE_IMPORT ? import_late : change_programme)(s);
        }
    } else if ((i = pick_desk(s)) < NODES_MAX) {
        at_desk(s, a, i);
    }
}

#include "app/flows/desk.h"

#include "app/screens/words.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { TOAST_MS = 20000 };

void desk_init(struct desk *d) {
    memset(d, 0, sizeof *d);
    checkin_init(&d->checkin);
    d->checkin.is_staff = true;
    d->chosen = -1;
}

bool desk_shows_verdict(const struct desk *d) {
    return d->checkin.screen == CHECKIN_VERDICT;
}

static void toast(struct desk *d, const struct flow_env *env, const char *text) {
    utf8_copy(text, d->toast, sizeof d->toast);
    d->toast_until_ms = env->mono_ms + TOAST_MS;
}

static void search(struct desk *d, struct flow_out *out) {
    struct flow_request *r = flow_add(out, FLOW_SEARCH);
    memcpy(r->query, d->query, sizeof r->query);
    d->chosen = -1;
    out->is_dirty = true;
}

static const struct person_state *row(const struct desk *d, int index) {
    return index >= 0 && (size_t)index < d->found.count ? &d->found.rows[index] : NULL;
}

static const struct person_state *panel_or_row(const struct desk *d, int index) {
    return d->panel == DESK_PANEL_PERSON ? &d->person : row(d, index);
}

static void open_person(struct desk *d, const struct person_state *p, struct flow_out *out) {
    if (p) {
        d->person = *p;
        d->panel = DESK_PANEL_PERSON;
        out->is_dirty = true;
    }
}

// The old badge stops working, a new one with the next serial is printed.
static void reprint(struct desk *d, const struct flow_env *env, const struct person_state *p,
                    struct flow_out *out) {
    if (!p || !env->has_printer) {
        return;
    }
    if (p->has_badge) {
        flow_append(out, "badge.void", p->person.id,
                    json_pack("{s:I,s:s}", "serial", (json_int_t)p->serial, "reason",
                              "reprinted at the desk"));
    }
    struct flow_request *r = flow_add(out, FLOW_SUBMIT);
    r->badge = *p;
    r->serial = p->serial + 1;
    snprintf(r->reason, sizeof r->reason, "%s",
             p->has_badge ? "reprinted at the desk" : "first badge");
    char text[LINE_SIZE];
    snprintf(text, sizeof text, tr("Badge for %s is printing"), p->person.name);
    toast(d, env, text);
    d->last_admission.n = 0;
    out->is_dirty = true;
}

static void undo(struct desk *d, const struct flow_env *env, struct flow_out *out) {
    char ref[REF_TEXT_SIZE];
    if (!d->last_admission.n) {
        return;
    }
    ref_format(d->last_admission, ref);
    flow_append(out, "admit.void", d->last_person,
                json_pack("{s:s,s:s}", "of", ref, "reason", "taken back at the desk"));
    toast(d, env, tr("Admission taken back"));
    d->last_admission.n = 0;
    search(d, out);
}

static void resolve(struct desk *d, const struct flow_env *env, struct flow_out *out) {
    if (d->panel != DESK_PANEL_INCIDENT || d->incident >= d->facts.incident_count) {
        return;
    }
    const struct incident *in = &d->facts.incidents[d->incident];
    json_t *of = json_array();
    for (size_t i = 0; i < in->member_count; i++) {
        char ref[REF_TEXT_SIZE];
        ref_format(in->members[i].ref, ref);
        json_array_append_new(of, json_string(ref));
    }
    flow_append(out, "incident.resolve", in->holder,
                json_pack("{s:o,s:s}", "of", of, "text", "dealt with at the desk"));
    toast(d, env, tr("Marked as dealt with"));
    d->panel = DESK_PANEL_NONE;
    out->is_dirty = true;
}

// "Needs you" lists the calls first, then the open incidents.
static void need(struct desk *d, int index, enum action action, struct flow_out *out) {
    size_t at = index < 0 ? 0 : (size_t)index;
    if (action == ACTION_GOING && at < d->facts.ask_count) {
        char dev[17];
        char ref[REF_TEXT_SIZE];
        hex_format_u64(d->facts.asks[at].dev, dev);
        ref_format(d->facts.asks[at].ref, ref);
        flow_append(out, "answer", dev, json_pack("{s:s}", "of", ref));
    } else if (action == ACTION_LOOK && at >= d->facts.ask_count &&
               at - d->facts.ask_count < d->facts.incident_count) {
        d->incident = at - d->facts.ask_count;
        d->panel = DESK_PANEL_INCIDENT;
    }
    out->is_dirty = true;
}

static void check_in(struct desk *d, const struct flow_env *env, const char *id,
                     bool is_override, struct flow_out *out) {
    if (id && id[0] && !d->checkin.is_busy) {
        checkin_admit(&d->checkin, env, id, is_override, out);
    }
}

static void on_action(struct desk *d, const struct flow_env *env, const struct flow_event *e,
                      struct flow_out *out) {
    const struct person_state *p = panel_or_row(d, e->index);
    switch ((int)e->action) {
    case ACTION_ROW:
    case ACTION_OPEN:
        open_person(d, row(d, e->index), out);
        break;
    case ACTION_CHECK_IN:
        check_in(d, env, p ? p->person.id : NULL, false, out);
        break;
    case ACTION_ADMIT_ANYWAY:
        check_in(d, env, p ? p->person.id : NULL, true, out);
        break;
    case ACTION_PRINT:
    case ACTION_REPRINT:
        reprint(d, env, p, out);
        break;
    case ACTION_MARK_PAID:
        if (p) {
            flow_append(out, "pay.mark", p->person.id, json_pack("{s:s}", "how", "desk"));
            d->panel = DESK_PANEL_NONE;
        }
        break;
    case ACTION_LOOK:
    case ACTION_GOING:
        need(d, e->index, e->action, out);
        break;
    case ACTION_RESOLVE:
        resolve(d, env, out);
        break;
    case ACTION_UNDO:
        undo(d, env, out);
        break;
    case ACTION_CLOSE:
    case ACTION_BACK:
    case ACTION_DONE:
        d->panel = DESK_PANEL_NONE;
        out->is_dirty = true;
        break;
    case ACTION_CLEAR:
        d->query[0] = '\0';
        search(d, out);
        break;
    default:
        break;
    }
}

static void on_key(struct desk *d, const struct flow_env *env, enum input_key key,
                   struct flow_out *out) {
    size_t len = strlen(d->query);
    switch ((int)key) {
    case INPUT_KEY_BACKSPACE:
        while (len && ((unsigned char)d->query[--len] & 0xc0) == 0x80) {
        }
        d->query[len] = '\0';
        search(d, out);
        break;
    case INPUT_KEY_ESCAPE:
        d->query[0] = '\0';
        d->panel = DESK_PANEL_NONE;
        search(d, out);
        break;
    case INPUT_KEY_DOWN:
        d->chosen = d->chosen + 1 < (int)d->found.count ? d->chosen + 1 : d->chosen;
        out->is_dirty = true;
        break;
    case INPUT_KEY_UP:
        d->chosen = d->chosen > 0 ? d->chosen - 1 : 0;
        out->is_dirty = true;
        break;
    case INPUT_KEY_ENTER: {
        const struct person_state *p = row(d, d->chosen < 0 ? 0 : d->chosen);
        bool is_clear = d->found.count == 1 || d->chosen >= 0;
        check_in(d, env, p && is_clear ? p->person.id : NULL, false, out);
        break;
    }
    default:
        break;
    }
}

static void type(struct desk *d, const char *text, struct flow_out *out) {
    size_t len = strlen(d->query);
    if (len == 0 && text[0] == ' ') {
        return;
    }
    utf8_copy(text, d->query + len, sizeof d->query - len);
    d->panel = DESK_PANEL_NONE;
    search(d, out);
}

static void after_admission(struct desk *d, const struct flow_env *env,
                            const struct flow_event *e, struct flow_out *out) {
    const struct checkin *c = &d->checkin;
    if (e->err == ERR_NONE && c->is_admitted && c->result.ref.n) {
        d->last_admission = c->result.ref;
        const struct person *p = &c->result.state.person;
        snprintf(d->last_person, sizeof d->last_person, "%s", p->id);
        char text[LINE_SIZE];
        snprintf(text, sizeof text, tr("%s checked in"),
                 p->name[0] ? p->name : tr("Signed ticket"));
        toast(d, env, text);
    }
    if (d->query[0]) {
        search(d, out);
    }
}

// While a verdict covers the desk, or a code is scanned, the check-in flow goes on.
static bool is_for_checkin(const struct desk *d, const struct flow_event *e) {
    bool is_input = e->kind == FLOW_ACTION || e->kind == FLOW_KEY;
    return e->kind == FLOW_SCAN || e->kind == FLOW_ADMITTED || e->kind == FLOW_PRINT ||
           e->kind == FLOW_RENDERED || e->kind == FLOW_TICK ||
           (is_input && desk_shows_verdict(d));
}

void desk_step(struct desk *d, const struct flow_env *env, const struct flow_event *e,
               struct flow_out *out) {
    if (e->kind == FLOW_TEXT && desk_shows_verdict(d)) { // the next person: go on typing
        d->checkin.screen = CHECKIN_ATTRACT;
        d->query[0] = '\0';
    }
    if (is_for_checkin(d, e)) {
        checkin_step(&d->checkin, env, e, out);
        if (e->kind == FLOW_ADMITTED) {
            after_admission(d, env, e, out);
        }
        if (e->kind == FLOW_TICK && d->toast[0] && env->mono_ms >= d->toast_until_ms) {
            d->toast[0] = '\0';
            out->is_dirty = true;
        }
        return;
    }
    switch (e->kind) {
    case FLOW_ACTION:
        on_action(d, env, e, out);
        break;
    case FLOW_KEY:
        on_key(d, env, e->key, out);
        break;
    case FLOW_TEXT:
        type(d, e->text, out);
        break;
    case FLOW_FOUND:
        if (strcmp(e->found->query, d->query) == 0) {
            d->found = *e->found;
            out->is_dirty = true;
        }
        break;
    case FLOW_APPENDED:
        if (d->query[0]) {
            search(d, out);
        }
        break;
    case FLOW_DESK:
        d->facts = *e->desk;
        out->is_dirty = true;
        break;
    case FLOW_TICK:
    case FLOW_SCAN:
    case FLOW_ADMITTED:
    case FLOW_RENDERED:
    case FLOW_PRINT:
        break;
    }
}

int64_t desk_deadline_ms(const struct desk *d) {
    int64_t at = checkin_deadline_ms(&d->checkin);
    return d->toast[0] && d->toast_until_ms < at ? d->toast_until_ms : at;
}

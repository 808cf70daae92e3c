// What the desk screen shows, from the flow's state.
#include "app/flows/desk.h"
#include "app/flows/flow_words.h"
#include "app/screens/words.h"
#include "sync/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// The state of a person at this gate: a word, its tone and what may be done in one touch.
struct status {
    char text[NAME_SIZE];
    enum desk_tone tone;
    enum action action;
};

static bool is_listed(const struct gate *g, const struct person *p) {
    return !g || ((!g->is_list || list_has(p->gates, g->id)) &&
                  (!g->kinds[0] || list_has(g->kinds, p->kind)));
}

static struct status say(const char *text, enum desk_tone tone, enum action action) {
    struct status s = {.tone = tone, .action = action};
    utf8_copy(text, s.text, sizeof s.text);
    return s;
}

static struct status find_status(const struct flow_env *env,
                                 const struct person_state *s) {
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    bool prints = g && g->prints && env->has_printer;
    const struct person *p = &s->person;
    if (s->is_in && s->job.ref.n) { // no second badge beside it
        char text[NAME_SIZE];
        if (s->job.state == JOB_UNKNOWN) {
            utf8_copy(tr("Did the badge come out?"), text, sizeof text);
        } else {
            flow_format(text, sizeof text, tr("Badge waits at %s"), s->job.at);
        }
        return say(text, DESK_CARE, ACTION_OPEN);
    }
    if (s->is_in) {
        char clock[CLOCK_SIZE];
        char text[NAME_SIZE];
        flow_clock(env, s->in_ms, clock, sizeof clock);
        flow_format(text, sizeof text, tr("In %s %s"), clock, s->in_at);
        enum action print = s->has_badge ? ACTION_REPRINT : ACTION_PRINT;
        return say(text, DESK_GOOD, prints ? print : ACTION_OPEN);
    }
    if (p->status != PERSON_OK) {
        return say(p->status == PERSON_CANCELLED ? tr("Cancelled") : tr("Blocked"),
                   DESK_BAD, ACTION_OPEN);
    }
    if (!is_listed(g, p)) {
        return say(tr("Not on this list"), DESK_CARE, ACTION_OPEN);
    }
    if (!p->is_paid) {
        return say(tr("Unpaid"), DESK_CARE, ACTION_OPEN);
    }
    if (p->note[0]) {
        return say(tr("See note"), DESK_CARE, ACTION_OPEN);
    }
    return say(tr("Expected"), DESK_PLAIN, ACTION_CHECK_IN);
}

static void fill_detail(const struct person *p, char *out, size_t size) {
    flow_format(out, size, "%s%s%s", p->org, p->org[0] ? " · " : "",
                flow_kind_name(p->kind));
}

static void fill_rows(const struct desk *d, const struct flow_env *env,
                      struct desk_view *v) {
    v->chosen = d->chosen;
    v->row_count = (int)d->found.count;
    v->more_count = d->found.count == FLOW_SEARCH_MAX;
    for (int i = 0; i < v->row_count; i++) {
        const struct person_state *s = &d->found.rows[i];
        struct desk_row *row = &v->rows[i];
        utf8_copy(s->person.name, row->name, sizeof row->name);
        utf8_copy(s->person.latin, row->latin, sizeof row->latin);
        fill_detail(&s->person, row->detail, sizeof row->detail);
        struct status status = find_status(env, s);
        utf8_copy(status.text, row->status, sizeof row->status);
        row->tone = status.tone;
        row->action = status.action;
    }
}

static void fill_link(const struct flow_env *env, struct desk_view *v) {
    v->waiting = (int)env->link.unsent;
    v->on_lan = (int)env->link.on_lan;
    v->link = v->waiting           ? DESK_LINK_BEHIND
              : env->link.is_relay ? DESK_LINK_LAN
                                   : DESK_LINK_FRESH;
    if (env->has_upstream && !env->link.is_online) {
        v->link = DESK_LINK_OFFLINE;
        uint64_t mono = (uint64_t)env->mono_ms;
        bool has_met = env->link.has_contact && mono >= env->link.contact_mono_ms;
        v->offline_minutes =
            has_met ? (int)((mono - env->link.contact_mono_ms) / 60000) : -1;
    }
    flow_loading(env, v->loading, sizeof v->loading);
    if (v->loading[0] && v->link != DESK_LINK_OFFLINE) {
        v->link = DESK_LINK_BEHIND;
    }
    if (env->link.has_contact) {
        flow_clock(env, env->now.wall_ms, v->checked, sizeof v->checked);
    }
}

static void fill_printer(const struct desk *d, const struct flow_env *env,
                         struct desk_view *v) {
    static const char *const words[] = {
        [PRINTER_READY] = tr_mark("Ready"),
        [PRINTER_BUSY] = tr_mark("Printing"),
        [PRINTER_PAUSED] = tr_mark("Paused"),
        [PRINTER_OUT_OF_LABELS] = tr_mark("Out of labels"),
        [PRINTER_WRONG_LABELS] = tr_mark("Wrong labels"),
        [PRINTER_COVER_OPEN] = tr_mark("Cover open"),
        [PRINTER_JAM] = tr_mark("Label jam"),
        [PRINTER_OUT_OF_RIBBON] = tr_mark("Out of ribbon"),
        [PRINTER_HOT] = tr_mark("Cooling down"),
        [PRINTER_OFFLINE] = tr_mark("Off or unplugged"),
        [PRINTER_ERROR] = tr_mark("Out of order"),
        [PRINTER_DISK_FULL] = tr_mark("Disk full"),
        [PRINTER_UNKNOWN] = tr_mark("Does not answer"),
    };
    _Static_assert(sizeof words / sizeof words[0] == PRINTER_STATE_COUNT, "words each");
    if (!env->has_printer) {
        v->printer = DESK_PRINTER_NONE;
        return;
    }
    v->printer = DESK_PRINTER_TROUBLE;
    if (env->printer == PRINTER_READY || env->printer == PRINTER_BUSY) {
        v->printer =
            env->printer == PRINTER_READY ? DESK_PRINTER_READY : DESK_PRINTER_BUSY;
    }
    utf8_copy(env->printer_name, v->printer_name, sizeof v->printer_name);
    utf8_copy(tr(words[env->printer]), v->printer_state, sizeof v->printer_state);
    utf8_copy(env->printer_reason, v->printer_note, sizeof v->printer_note);
    desk_jobs_fill_queue(&d->facts.jobs, env, v);
}

static void fill_needs(const struct desk *d, const struct flow_env *env,
                       struct desk_view *v) {
    for (size_t i = 0; i < d->facts.ask_count && v->need_count < DESK_NEEDS_MAX; i++) {
        struct desk_need *n = &v->needs[v->need_count++];
        flow_format(n->text, sizeof n->text, tr("%s called staff"),
                    d->facts.asks[i].device);
        n->action = ACTION_GOING;
        n->is_urgent = true;
    }
    const struct job *job;
    for (size_t i = 0; v->need_count < DESK_NEEDS_MAX &&
                       (job = desk_jobs_find_need(&d->facts.jobs, env, i)) != NULL;
         i++) {
        desk_jobs_fill_need(job, env, &v->needs[v->need_count++]);
    }
    for (size_t i = 0; i < d->facts.incident_count && v->need_count < DESK_NEEDS_MAX;
         i++) {
        const struct incident *in = &d->facts.incidents[i];
        if (!desk_lists_incident(in)) {
            continue;
        }
        struct desk_need *n = &v->needs[v->need_count++];
        n->action = ACTION_LOOK;
        if (in->is_fork) {
            utf8_copy(in->reason, n->text, sizeof n->text);
            continue;
        }
        char first[CLOCK_SIZE];
        char second[CLOCK_SIZE];
        flow_clock(env, in->members[0].at_ms, first, sizeof first);
        flow_clock(env, in->members[1].at_ms, second, sizeof second);
        flow_format(n->text, sizeof n->text, tr("Same badge at %s, %s and %s, %s. %s"),
                    in->members[0].device, first, in->members[1].device, second,
                    in->reason);
    }
}

static void add_fact(struct desk_panel *p, const char *label, const char *text) {
    if (text[0] && p->fact_count < DESK_FACTS_MAX) {
        struct desk_fact *f = &p->facts[p->fact_count++];
        utf8_copy(label, f->label, sizeof f->label);
        utf8_copy(text, f->text, sizeof f->text);
    }
}

static void add_action(struct desk_panel *p, enum action action, bool is_main) {
    if (p->action_count < DESK_ACTIONS_MAX) {
        p->actions[p->action_count++] =
            (struct desk_action){.action = action, .is_main = is_main};
    }
}

static void fill_typed(const struct flow_env *env, int64_t typed_ms, char *out,
                       size_t size) {
    char clock[CLOCK_SIZE];
    flow_clock(env, typed_ms, clock, sizeof clock);
    flow_format(out, size, tr("from paper, typed in at %s"), clock);
}

static void fill_person(const struct desk *d, const struct flow_env *env,
                        struct desk_panel *p) {
    const struct person *who = &d->person.person;
    p->kind = DESK_PANEL_PERSON;
    utf8_copy(who->name, p->title, sizeof p->title);
    utf8_copy(who->latin, p->latin, sizeof p->latin);
    fill_detail(who, p->detail, sizeof p->detail);
    struct status status = find_status(env, &d->person);
    utf8_copy(status.text, p->status, sizeof p->status);
    p->tone = status.tone;
    utf8_copy(who->note, p->attention, sizeof p->attention);
    add_fact(p, tr("Days"), who->days);
    add_fact(p, tr("Roles"), who->roles);
    add_fact(p, tr("Also admitted to"), who->gates);
    add_fact(p, tr("Payment"), who->is_paid ? tr("Paid") : tr("Not paid yet"));
    if (d->person.is_in && d->person.in_typed_ms) {
        char text[LINE_SIZE];
        fill_typed(env, d->person.in_typed_ms, text, sizeof text);
        add_fact(p, tr("Admission"), text);
    }
    if (d->person.is_in) {
        add_fact(p, tr("Badge"),
                 d->person.has_badge ? tr("Printed") : tr("Not printed yet"));
        if (env->has_printer) {
            bool is_again = d->person.has_badge || d->person.job.ref.n != 0;
            add_action(p, is_again ? ACTION_REPRINT : ACTION_PRINT,
                       d->person.job.ref.n == 0);
        }
    } else if (who->status == PERSON_OK) {
        bool is_clear = status.action == ACTION_CHECK_IN;
        add_action(p, is_clear ? ACTION_CHECK_IN : ACTION_ADMIT_ANYWAY, is_clear);
        if (!who->is_paid) {
            add_action(p, ACTION_MARK_PAID, true);
        }
    }
    if (env->zone && !env->is_utc) { // on paper stands the venue's time
        add_action(p, ACTION_FROM_PAPER, false);
    }
}

static void fill_paper(const struct desk *d, const struct flow_env *env,
                       struct desk_panel *p) {
    p->kind = DESK_PANEL_PAPER;
    utf8_copy(d->person.person.name, p->title, sizeof p->title);
    utf8_copy(tr("Admitted on paper: when was it?"), p->detail, sizeof p->detail);
    desk_paper_fill(&d->paper, env, &p->paper);
}

// What a desk knew when it admitted. since_first_ms: after the first admission; a desk whose
// last contact is older than that could not have heard of it.
static void fill_basis(const struct basis *b, int64_t since_first_ms, char *out,
                       size_t size) {
    enum { IN_TOUCH_MS = 30000 }; // an open line may be silent for so long
    bool is_blind = since_first_ms > 0 && b->age_ms >= since_first_ms;
    if (b->age_ms == BASIS_NEVER) {
        utf8_copy(tr("had never heard from the hub"), out, size);
    } else if (b->age_ms < IN_TOUCH_MS && !is_blind) {
        utf8_copy(tr("was in touch with the hub"), out, size);
    } else if (b->age_ms < 120000) {
        snprintf(out, size, tr("had last heard from the hub %" PRIu32 " s before"),
                 b->age_ms < 1000 ? 1 : b->age_ms / 1000);
    } else {
        snprintf(out, size, tr("had last heard from the hub %" PRIu32 " min before"),
                 b->age_ms / 60000);
    }
}

static void fill_incident(const struct desk *d, const struct flow_env *env,
                          struct desk_panel *p) {
    const struct incident *in = &d->incident;
    p->kind = DESK_PANEL_INCIDENT;
    utf8_copy(in->name[0] ? in->name : in->holder, p->title, sizeof p->title);
    utf8_copy(in->is_fork ? tr("Two histories of one device")
                          : tr("One badge, admitted more than once"),
              p->detail, sizeof p->detail);
    utf8_copy(in->reason, p->attention, sizeof p->attention);
    for (size_t i = 0; i < in->member_count && p->member_count < DESK_MEMBERS_MAX; i++) {
        struct desk_member *m = &p->members[p->member_count++];
        utf8_copy(in->members[i].device, m->device, sizeof m->device);
        flow_clock(env, in->members[i].at_ms, m->time, sizeof m->time);
        if (in->is_fork) {
            utf8_copy(tr("the other one was seen"), m->what, sizeof m->what);
            continue;
        }
        utf8_copy(tr("admitted"), m->what, sizeof m->what);
        if (in->members[i].typed_ms) {
            fill_typed(env, in->members[i].typed_ms, m->basis, sizeof m->basis);
        } else if (in->members[i].is_unconfirmed) {
            utf8_copy(tr("went on without the hub: no answer in time"), m->basis,
                      sizeof m->basis);
        } else {
            fill_basis(&in->members[i].basis, in->members[i].at_ms - in->members[0].at_ms,
                       m->basis, sizeof m->basis);
        }
    }
    add_action(p, ACTION_RESOLVE, true);
}

// A desk that cannot write must not be used: it would show nobody as admitted.
static void fill_disk(const struct flow_env *env, struct desk_view *v) {
    static const char *const words[] = {
        [STORE_DISK_OK] = NULL,
        [STORE_DISK_LOW] =
            tr_mark("This desk's disk is full: it checks in, but prints no badges"),
        [STORE_DISK_FULL] = tr_mark("This desk's disk is full: use another desk"),
        [STORE_DISK_FAILED] =
            tr_mark("This desk cannot write to its disk: use another desk")};
    bool is_worse = env->disk == STORE_DISK_FULL || env->disk == STORE_DISK_FAILED;
    if (is_worse || (env->disk == STORE_DISK_LOW && !v->toast[0])) {
        utf8_copy(tr(words[env->disk]), v->toast, sizeof v->toast);
        v->toast_tone = DESK_BAD;
        v->can_undo = false;
    }
}

void desk_fill(const struct desk *d, const struct flow_env *env, struct desk_view *out) {
    memset(out, 0, sizeof *out);
    utf8_copy(env->name, out->desk, sizeof out->desk);
    if (flow_is_time_known(env)) {
        flow_clock_alone(env, env->now.wall_ms, out->clock, sizeof out->clock);
    }
    out->is_time_unknown = !flow_is_time_known(env);
    flow_time_note(env, out->time_note, sizeof out->time_note);
    out->is_caret = true;
    utf8_copy(d->query, out->query, sizeof out->query);
    out->people_count = (int)d->facts.counts.people;
    out->in_count = (int)d->facts.counts.admitted;
    out->to_come_count = (int)d->facts.counts.expected;
    out->last_hour_count = (int)d->facts.counts.last_hour;
    fill_link(env, out);
    fill_rows(d, env, out);
    fill_printer(d, env, out);
    fill_needs(d, env, out);
    if (d->panel == DESK_PANEL_PERSON) {
        fill_person(d, env, &out->panel);
    } else if (d->panel == DESK_PANEL_INCIDENT) {
        fill_incident(d, env, &out->panel);
    } else if (d->panel == DESK_PANEL_PAPER) {
        fill_paper(d, env, &out->panel);
        out->is_caret = false; // what is typed goes there
    }
    const struct job *job = desk_jobs_find(&d->facts.jobs, d->job);
    if (d->panel == DESK_PANEL_JOB && job) {
        desk_jobs_fill_panel(&d->facts.jobs, job, env, &out->panel);
    }
    bool is_checking = checkin_is_checking(&d->checkin);
    utf8_copy(is_checking ? tr("Checking with the other entrances") : d->toast,
              out->toast, sizeof out->toast);
    out->toast_tone = is_checking ? DESK_PLAIN : d->toast_tone;
    out->can_undo = d->last_admission.n != 0 && d->toast[0] && !is_checking;
    fill_disk(env, out);
    checkin_fill_notice(env, &out->notice);
}

// What the check-in screens show, from the flow's state.
#include "app/flows/checkin.h"
#include "app/flows/flow_words.h"
#include "app/screens/words.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

// "" for the gate that hands out badges: it is the meeting itself.
static void gate_name(const struct flow_env *env, char *out, size_t size) {
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    utf8_copy(g && !g->prints ? g->name : "", out, size);
}

void checkin_fill_notice(const struct flow_env *env, struct notice_view *out) {
    *out = (struct notice_view){0};
    const struct programme *p = env->programme;
    for (size_t i = 0; i < p->notice_count; i++) {
        const struct notice *n = &p->notices[i];
        bool is_shown = flow_is_due(env, n) && !n->rooms[0] && flow_is_pressing(env, n);
        if (!is_shown || (out->text[0] && n->level <= out->level)) {
            continue;
        }
        out->level = n->level;
        utf8_copy(n->title, out->title, sizeof out->title);
        utf8_copy(n->text, out->text, sizeof out->text);
        flow_clock(env, n->made_ms, out->at, sizeof out->at);
    }
}

void checkin_fill_attract(const struct checkin *c, const struct flow_env *env,
                          struct attract_view *out) {
    *out = (struct attract_view){0};
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    utf8_copy(env->programme->event.name, out->event, sizeof out->event);
    utf8_copy(env->name, out->kiosk, sizeof out->kiosk);
    gate_name(env, out->gate, sizeof out->gate);
    if (g && g->prints && env->has_printer) {
        bool is_well = env->printer == PRINTER_READY || env->printer == PRINTER_BUSY;
        out->printer = is_well ? ATTRACT_PRINTER_READY : ATTRACT_PRINTER_TROUBLE;
    }
    out->has_scanner = env->has_scanner;
    out->can_find = true;
    out->is_offline = !flow_is_online(env);
    out->is_time_unknown = !flow_is_time_known(env);
    flow_time_note(env, out->time_note, sizeof out->time_note);
    flow_loading(env, out->loading, sizeof out->loading);
    out->is_checking = checkin_is_checking(c);
    out->call = c->call;
    checkin_fill_notice(env, &out->notice);
}

void checkin_fill_find(const struct checkin *c, const struct flow_env *env,
                       struct find_view *out) {
    *out = (struct find_view){.is_caret = true, .call = c->call};
    flow_loading(env, out->loading, sizeof out->loading);
    utf8_copy(c->query, out->query, sizeof out->query);
    size_t count = c->found.count;
    out->row_count = (int)(count < FIND_ROWS_MAX ? count : FIND_ROWS_MAX);
    out->more_count = (int)count - out->row_count;
    for (int i = 0; i < out->row_count; i++) {
        const struct person_state *s = &c->found.rows[i];
        struct find_row *row = &out->rows[i];
        bool has_latin = s->person.latin[0] != '\0';
        utf8_copy(has_latin ? s->person.latin : s->person.name, row->name,
                  sizeof row->name);
        utf8_copy(has_latin ? s->person.name : "", row->native, sizeof row->native);
        utf8_copy(s->person.org, row->org, sizeof row->org);
        row->is_in = s->is_in;
    }
}

void checkin_fill_confirm(const struct checkin *c, struct confirm_view *out) {
    *out = (struct confirm_view){.can_change = true, .call = c->call};
    out->is_checking = checkin_is_checking(c);
    const struct person *p = &c->result.state.person;
    utf8_copy(p->name, out->name, sizeof out->name);
    utf8_copy(p->latin, out->latin, sizeof out->latin);
    utf8_copy(p->org, out->org, sizeof out->org);
    flow_person_line(p, out->detail, sizeof out->detail);
}

// What everybody, or every newcomer, should not miss today; NULL if nothing is left.
static const struct session *find_highlight(const struct flow_env *env,
                                            bool is_newcomer) {
    const struct programme *p = env->programme;
    const struct session *plenary = NULL;
    if (!flow_is_time_known(env)) {
        return NULL;
    }
    int64_t today = zone_local(env->zone, env->now.wall_ms).day_no;
    for (size_t i = 0; i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        if (s->start_ms < env->now.wall_ms || s->is_canceled || !s->room[0] ||
            zone_local(env->zone, s->start_ms).day_no != today) {
            continue;
        }
        if (is_newcomer && strstr(s->name, "ewcomer") != NULL) {
            return s;
        }
        plenary = !plenary && s->type == SESSION_PLENARY ? s : plenary;
    }
    return plenary;
}

static void add_step(struct verdict_view *v, const char *text, const char *strong,
                     const char *rest) {
    struct verdict_step *s = &v->steps[v->step_count++];
    utf8_copy(text, s->text, sizeof s->text);
    utf8_copy(strong, s->strong, sizeof s->strong);
    utf8_copy(rest, s->rest, sizeof s->rest);
}

static void add_steps(const struct checkin *c, const struct flow_env *env,
                      struct verdict_view *v) {
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    // Before the first sync no gate is known; a ticket's holder has no badge in any case.
    if (g ? !g->prints : !c->result.is_signed_only) {
        return;
    }
    bool has_none = v->print == PRINT_STATE_NONE && !c->result.state.has_badge;
    if (v->print == PRINT_STATE_TROUBLE || has_none) {
        add_step(v, tr("Collect your badge at "), tr("the registration desk"), ".");
    } else if (v->print != PRINT_STATE_NONE) {
        add_step(v, tr("Take your badge from the printer below."), "", "");
    }
    const struct session *s = find_highlight(env, c->result.state.person.is_newcomer);
    if (s) {
        char text[LINE_SIZE];
        char clock[CLOCK_SIZE];
        flow_clock_alone(env, s->start_ms, clock, sizeof clock);
        flow_format(text, sizeof text, tr("Today: %s, %s, "), s->name, clock);
        add_step(v, text, s->room, ".");
    }
    if (env->programme->event.wifi[0]) {
        add_step(v, tr("Wi-Fi: join "), env->programme->event.wifi, ".");
    }
}

static void fill_when(const struct checkin *c, const struct flow_env *env,
                      struct verdict_view *v) {
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    char date[DAY_SIZE] = "";
    char clock[CLOCK_SIZE] = "";
    int64_t at = 0;
    if (v->verdict == VERDICT_WRONG_DAY) {
        utf8_copy(c->result.state.person.days, v->when, sizeof v->when);
        // A single day is said as people say it.
        char noon[32];
        snprintf(noon, sizeof noon, "%.10sT12:00:00Z", c->result.state.person.days);
        bool is_one = strlen(c->result.state.person.days) == 10;
        if (is_one && instant_parse(noon, &at) == ERR_NONE) {
            flow_date(env, at, v->when, sizeof v->when);
        }
        return;
    }
    if (g && v->verdict == VERDICT_TOO_EARLY) {
        at = g->from_ms - (int64_t)g->early_minutes * 60000;
    } else if (g && v->verdict == VERDICT_TOO_LATE) {
        at = g->until_ms;
    }
    if (at) {
        flow_date(env, at, date, sizeof date);
        flow_clock_alone(env, at, clock, sizeof clock);
        flow_format(v->when, sizeof v->when, "%s, %s", date, clock);
    }
}

static void fill_person(const struct checkin *c, const struct flow_env *env,
                        struct verdict_view *v) {
    const struct person_state *s = &c->result.state;
    const struct person *p = &s->person;
    utf8_copy(p->given[0] ? p->given : p->name, v->given, sizeof v->given);
    utf8_copy(p->name, v->name, sizeof v->name);
    if (p->id[0]) {
        char line[LINE_SIZE];
        flow_person_line(p, line, sizeof line);
        flow_format(v->detail, sizeof v->detail, "%s%s%s", p->org, p->org[0] ? " · " : "",
                    line);
    }
    if (s->is_in) {
        flow_clock_alone(env, s->in_ms, v->since, sizeof v->since);
        utf8_copy(s->in_at, v->at, sizeof v->at);
        if (s->in_typed_ms) {
            flow_clock_alone(env, s->in_typed_ms, v->typed, sizeof v->typed);
        }
    }
    utf8_copy(p->note, v->reason, sizeof v->reason);
    if (c->has_failed) {
        utf8_copy(tr("Nothing was stored. Scan again, or use another desk."), v->reason,
                  sizeof v->reason);
    }
}

void checkin_fill_verdict(const struct checkin *c, const struct flow_env *env,
                          struct verdict_view *out) {
    const struct image *badge = out->badge;
    *out = (struct verdict_view){.verdict = c->result.verdict,
                                 .is_staff = c->is_staff,
                                 .print = checkin_print_state(c, env),
                                 .print_part = -1,
                                 .call = c->call,
                                 .badge = badge,
                                 .can_find = true,
                                 .is_time_unsure = c->result.is_time_unsure};
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    fill_person(c, env, out);
    gate_name(env, out->gate, sizeof out->gate);
    utf8_copy(g ? g->refusal : "", out->refusal, sizeof out->refusal);
    fill_when(c, env, out);
    out->can_print = env->has_printer && g && g->prints;
    if (c->result.state.job.ref.n && c->result.verdict == VERDICT_NOT_PRINTED) {
        out->can_print = false;
        utf8_copy(c->result.state.job.at, out->badge_at, sizeof out->badge_at);
        out->is_badge_unsure = c->result.state.job.state == JOB_UNKNOWN;
    }
    out->can_override = c->is_staff && checkin_can_override(&c->result);
    if (c->is_loading) {
        out->verdict = VERDICT_UNKNOWN;
        flow_loading(env, out->loading, sizeof out->loading);
    }
    if (c->result.verdict == VERDICT_ADMITTED) {
        out->is_unconfirmed = c->is_unconfirmed;
        add_steps(c, env, out);
    }
}

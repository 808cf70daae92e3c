#include "app/flows/desk.h"

#include "app/flows/flow_words.h"
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

// The last thing done. Only an admission can be taken back: see after_admission.
static void toast(struct desk *d, const struct flow_env *env, const char *text) {
    utf8_copy(text, d->toast, sizeof d->toast);
    d->toast_tone = DESK_GOOD;
    d->toast_until_ms = env->mono_ms + TOAST_MS;
    d->last_admission.n = 0;
}

static void ask_search(const struct desk *d, struct flow_out *out) {
    if (d->query[0]) {
        struct flow_request *r = flow_add(out, FLOW_SEARCH);
        memcpy(r->query, d->query, sizeof r->query);
    }
}

static void search(struct desk *d, struct flow_out *out) {
    if (!d->query[0]) {
        d->found = (struct flow_found){.count = 0};
    }
    ask_search(d, out);
    d->chosen = -1;
    out->is_dirty = true;
}

static const struct person_state *row(const struct desk *d, int index) {
    return index >= 0 && (size_t)index < d->found.count ? &d->found.rows[index] : NULL;
}

static const struct person_state *panel_or_row(const struct desk *d, int index) {
    return d->panel == DESK_PANEL_PERSON ? &d->person : row(d, index);
}

// The rows are new; who was chosen stays chosen, and an open panel shows the news.
static void on_found(struct desk *d, const struct flow_found *found,
                     struct flow_out *out) {
    if (strcmp(found->query, d->query) != 0) {
        return;
    }
    const struct person_state *was = row(d, d->chosen);
    char id[PERSON_ID_SIZE] = "";
    memcpy(id, was ? was->person.id : "", was ? sizeof id : 1);
    d->found = *found;
    d->chosen = -1;
    for (size_t i = 0; i < found->count; i++) {
        if (was && strcmp(found->rows[i].person.id, id) == 0) {
            d->chosen = (int)i;
        }
        if (strcmp(found->rows[i].person.id, d->person.person.id) == 0) {
            d->person = found->rows[i];
        }
    }
    out->is_dirty = true;
}

static void open_person(struct desk *d, const struct person_state *p,
                        struct flow_out *out) {
    if (p) {
        d->person = *p;
        d->panel = DESK_PANEL_PERSON;
        out->is_dirty = true;
    }
}

static char *find_printing(struct desk *d, const char *person) {
    for (size_t i = 0; i < PRINTER_JOBS_MAX; i++) {
        if (strcmp(d->printing[i], person) == 0) {
            return d->printing[i];
        }
    }
    return NULL;
}

static void set_printing(struct desk *d, const char *person, bool is_on) {
    char *at = find_printing(d, person);
    if (!is_on && at) {
        at[0] = '\0';
    } else if (is_on && !at && (at = find_printing(d, "")) != NULL) {
        snprintf(at, PERSON_ID_SIZE, "%s", person);
    }
}

// The old badge stops working, a new one with the next serial is printed. Pressed again
// while that is on its way it does nothing: two badges would carry the same serial.
static void reprint(struct desk *d, const struct flow_env *env,
                    const struct person_state *p, struct flow_out *out) {
    if (!p || !p->person.id[0] || !env->has_printer || find_printing(d, p->person.id)) {
        return;
    }
    bool is_again = p->has_badge || p->job.ref.n != 0;
    struct flow_request *r = flow_add(out, FLOW_SUBMIT);
    r->badge = *p;
    r->serial = p->serial + 1;
    r->job.act = is_again ? FLOW_JOB_AGAIN : FLOW_JOB_NEW;
    snprintf(r->reason, sizeof r->reason, "%s",
             is_again ? "reprinted at the desk" : "first badge");
    set_printing(d, p->person.id, true);
    char text[LINE_SIZE];
    flow_format(text, sizeof text, tr("Badge for %s is printing"), p->person.name);
    toast(d, env, text);
    out->is_dirty = true;
}

static void undo(struct desk *d, const struct flow_env *env, struct flow_out *out) {
    char ref[REF_TEXT_SIZE];
    if (!d->last_admission.n || !d->toast[0]) {
        return;
    }
    ref_format(d->last_admission, ref);
    flow_append(out, "admit.void", d->last_holder,
                json_pack("{s:s,s:s}", "of", ref, "reason", "taken back at the desk"));
    toast(d, env, tr("Admission taken back"));
    out->is_dirty = true;
}

static void mark_paid(struct desk *d, const struct flow_env *env,
                      const struct person_state *p, struct flow_out *out) {
    if (p && p->person.id[0]) {
        char text[LINE_SIZE];
        flow_append(out, "pay.mark", p->person.id, json_pack("{s:s}", "how", "desk"));
        flow_format(text, sizeof text, tr("%s marked as paid"), p->person.name);
        toast(d, env, text);
        open_person(d, p, out); // checking in is next
        d->person.person.is_paid = true;
    }
}

static void resolve(struct desk *d, const struct flow_env *env, struct flow_out *out) {
    if (d->panel != DESK_PANEL_INCIDENT) {
        return;
    }
    const struct incident *in = &d->incident;
    json_t *of = json_array();
    for (size_t i = 0; i < in->member_count && i < INCIDENT_MEMBERS_MAX; i++) {
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

bool desk_lists_incident(const struct incident *in) {
    return !in->is_resolved && (in->is_fork || in->member_count >= 2);
}

// The line of "needs you" after the calls; NULL when there is none.
static const struct incident *find_listed(const struct desk *d, size_t line) {
    for (size_t i = 0; i < d->facts.incident_count; i++) {
        if (desk_lists_incident(&d->facts.incidents[i]) && line-- == 0) {
            return &d->facts.incidents[i];
        }
    }
    return NULL;
}

// News may come in at the front of the list: the panel stays with its incident, and closes
// when somebody else has dealt with it.
static void on_facts(struct desk *d, const struct flow_desk *facts,
                     struct flow_out *out) {
    const struct incident *now = NULL;
    d->facts = *facts;
    for (size_t i = 0; i < facts->incident_count; i++) {
        const struct incident *in = &facts->incidents[i];
        if (desk_lists_incident(in) && strcmp(in->holder, d->incident.holder) == 0 &&
            strcmp(in->gate, d->incident.gate) == 0) {
            now = in;
        }
    }
    if (d->panel == DESK_PANEL_INCIDENT && now) {
        d->incident = *now;
    } else if (d->panel == DESK_PANEL_INCIDENT &&
               facts->incident_count < FLOW_INCIDENTS_MAX) {
        d->panel = DESK_PANEL_NONE;
    }
    if (d->panel == DESK_PANEL_JOB && !desk_jobs_find(&facts->jobs, d->job)) {
        d->panel = DESK_PANEL_NONE;
    }
    ask_search(d, out); // somebody in the list may have been admitted elsewhere
    out->is_dirty = true;
}

// "Needs you" lists the calls first, then badges, then the open incidents.
static void need(struct desk *d, const struct flow_env *env, int index,
                 enum action action, struct flow_out *out) {
    size_t at = index < 0 ? 0 : (size_t)index;
    size_t jobs = d->facts.ask_count + desk_jobs_count_needs(&d->facts.jobs, env);
    if (action == ACTION_GOING && at < d->facts.ask_count) {
        char dev[17];
        char ref[REF_TEXT_SIZE];
        hex_format_u64(d->facts.asks[at].dev, dev);
        ref_format(d->facts.asks[at].ref, ref);
        flow_append(out, "answer", dev, json_pack("{s:s}", "of", ref));
    } else if (action == ACTION_LOOK && at >= d->facts.ask_count && at < jobs) {
        d->job = desk_jobs_find_need(&d->facts.jobs, env, at - d->facts.ask_count)->ref;
        d->panel = DESK_PANEL_JOB;
    } else if (action == ACTION_LOOK && at >= jobs) {
        const struct incident *in = find_listed(d, at - jobs);
        d->incident = in ? *in : d->incident;
        d->panel = in ? DESK_PANEL_INCIDENT : d->panel;
    }
    out->is_dirty = true;
}

static void check_in(struct desk *d, const struct flow_env *env, const char *id,
                     bool is_override, struct flow_out *out) {
    if (id && id[0] && !d->checkin.is_busy) {
        checkin_admit(&d->checkin, env, id, is_override, out);
    }
}

// ---- from paper ---------------------------------------------------------------------------

// It is stored: said, and to be taken back for a while.
static void after_paper(struct desk *d, const struct flow_env *env, struct fact_ref ref) {
    char text[LINE_SIZE];
    char clock[CLOCK_SIZE] = "";
    int64_t at_ms = 0;
    if (desk_paper_read(&d->entered, env, &at_ms)) {
        flow_clock(env, at_ms, clock, sizeof clock);
    }
    flow_format(text, sizeof text, tr("From paper: %s, %s"), d->entered.name, clock);
    toast(d, env, text);
    d->last_admission = ref;
    memcpy(d->last_holder, d->entered.person, sizeof d->entered.person);
}

static bool step_paper(struct desk *d, const struct flow_env *env,
                       const struct flow_event *e, struct flow_out *out) {
    if (d->panel != DESK_PANEL_PAPER || desk_shows_verdict(d)) {
        return false;
    }
    switch (desk_paper_step(&d->paper, env, e)) {
    case DESK_PAPER_ENTERED:
        desk_paper_append(&d->paper, env, out)->token = ++d->paper_token;
        d->entered = d->paper;
        d->panel = DESK_PANEL_NONE;
        break;
    case DESK_PAPER_LEFT:
        d->panel = DESK_PANEL_PERSON;
        break;
    case DESK_PAPER_TAKEN:
        break;
    case DESK_PAPER_IGNORED:
        return false;
    }
    out->is_dirty = true;
    return true;
}

static void open_paper(struct desk *d, const struct flow_env *env, struct flow_out *out) {
    if (d->panel == DESK_PANEL_PERSON) {
        desk_paper_open(&d->paper, env, &d->person.person);
        d->panel = DESK_PANEL_PAPER;
        out->is_dirty = true;
    }
}

// What staff decide about the badge in the panel. It may have its end by now: then it closes.
static bool act_on_job(struct desk *d, const struct flow_env *env,
                       const struct flow_event *e, struct flow_out *out) {
    char said[LINE_SIZE] = "";
    const struct job *job = desk_jobs_find(&d->facts.jobs, d->job);
    if (d->panel != DESK_PANEL_JOB ||
        (job && !desk_jobs_act(&d->facts.jobs, job, e, out, said))) {
        return false;
    }
    if (said[0]) {
        toast(d, env, said);
    }
    d->panel = DESK_PANEL_NONE;
    out->is_dirty = true;
    return true;
}

static void move_all(struct desk *d, const struct flow_env *env, struct flow_out *out) {
    char said[LINE_SIZE];
    if (desk_jobs_move_all(&d->facts.jobs, out, said)) {
        toast(d, env, said);
        out->is_dirty = true;
    }
}

static void on_action(struct desk *d, const struct flow_env *env,
                      const struct flow_event *e, struct flow_out *out) {
    if (e->action == ACTION_PRINT_ELSEWHERE && e->index < 0) {
        move_all(d, env, out);
        return;
    }
    if (act_on_job(d, env, e, out)) {
        return;
    }
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
        mark_paid(d, env, p, out);
        break;
    case ACTION_FROM_PAPER:
        open_paper(d, env, out);
        break;
    case ACTION_LOOK:
    case ACTION_GOING:
        need(d, env, e->index, e->action, out);
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
        // Rows of a query that is longer by now may be somebody else.
        bool is_current = strcmp(d->found.query, d->query) == 0;
        bool is_clear = is_current && (d->found.count == 1 || d->chosen >= 0);
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
    out->is_dirty = true;
    if (d->query[len]) { // else it is full
        search(d, out);
    }
}

// Whatever the verdict screen says by now: what was written can be taken back.
static void after_admission(struct desk *d, const struct flow_env *env,
                            const struct flow_event *e, struct flow_out *out) {
    if (e->err == ERR_NONE && e->admit->ref.n) {
        const struct person *p = &e->admit->state.person;
        char text[LINE_SIZE];
        flow_format(text, sizeof text, tr("%s checked in"),
                    p->name[0] ? p->name : tr("Signed ticket"));
        toast(d, env, text);
        d->last_admission = e->admit->ref;
        bool is_ticket = e->admit->is_signed_only;
        snprintf(d->last_holder, sizeof d->last_holder, "%s%s", is_ticket ? "t" : "",
                 is_ticket ? e->admit->code.ticket_hex : p->id);
    }
    ask_search(d, out);
}

static void on_appended(struct desk *d, const struct flow_env *env,
                        const struct flow_event *e, struct flow_out *out) {
    if (e->err != ERR_NONE) {
        toast(d, env, tr("That was not stored. Please try again."));
        d->toast_tone = DESK_BAD;
        out->is_dirty = true;
    } else if (e->token && e->token == d->paper_token) {
        after_paper(d, env, e->ref);
        out->is_dirty = true;
    }
    ask_search(d, out);
}

static const char *find_name(const struct desk *d, const char *person) {
    const struct person *open = &d->person.person;
    const struct person *shown = &d->checkin.result.state.person;
    for (size_t i = 0; i < d->found.count; i++) {
        if (strcmp(d->found.rows[i].person.id, person) == 0) {
            return d->found.rows[i].person.name;
        }
    }
    if (strcmp(open->id, person) == 0) {
        return open->name;
    }
    return strcmp(shown->id, person) == 0 ? shown->name
                                          : tr("somebody checked in before");
}

// A badge that failed may be of somebody who is not on the screen any more.
static void on_print(struct desk *d, const struct flow_env *env,
                     const struct flow_event *e, struct flow_out *out) {
    bool is_on = e->print == FLOW_PRINT_WAITING || e->print == FLOW_PRINT_PRINTING;
    if (e->person[0]) {
        set_printing(d, e->person, is_on);
    }
    if (e->print == FLOW_PRINT_FAILED || e->print == FLOW_PRINT_UNKNOWN) {
        char text[LINE_SIZE];
        flow_format(text, sizeof text,
                    e->print == FLOW_PRINT_FAILED
                        ? tr("Not printed: the badge of %s")
                        : tr("Look whether it came out: the badge of %s"),
                    find_name(d, e->person));
        toast(d, env, text);
        d->toast_tone = DESK_BAD;
        out->is_dirty = true;
    }
}

static void note_submits(struct desk *d, const struct flow_out *out) {
    for (size_t i = 0; i < out->count; i++) {
        if (out->requests[i].kind == FLOW_SUBMIT) {
            set_printing(d, out->requests[i].badge.person.id, true);
        }
    }
}

// What staff can do about the verdict; false: it is the check-in flow's business.
static bool act_on_verdict(struct desk *d, const struct flow_env *env, enum action action,
                           struct flow_out *out) {
    struct checkin *c = &d->checkin;
    const struct person_state *p = &c->result.state;
    switch ((int)action) {
    case ACTION_UNDO:
        undo(d, env, out);
        break;
    case ACTION_REPRINT:
        reprint(d, env, p, out);
        break;
    case ACTION_MARK_PAID:
        mark_paid(d, env, p, out);
        break;
    case ACTION_OPEN:
        open_person(d, p->person.id[0] ? p : NULL, out);
        break;
    case ACTION_FIND:
        d->query[0] = '\0';
        d->panel = DESK_PANEL_NONE;
        search(d, out);
        break;
    default:
        return false;
    }
    checkin_forget(c);
    out->is_dirty = true;
    return true;
}

// While a verdict covers the desk, or a code is scanned, the check-in flow goes on.
static bool is_input(const struct flow_event *e) {
    return e->kind == FLOW_ACTION || e->kind == FLOW_KEY;
}

static bool is_for_checkin(const struct desk *d, const struct flow_event *e) {
    return e->kind == FLOW_SCAN || e->kind == FLOW_ADMITTED || e->kind == FLOW_CLAIMED ||
           e->kind == FLOW_PRINT || e->kind == FLOW_RENDERED || e->kind == FLOW_TICK ||
           (is_input(e) && desk_shows_verdict(d));
}

static void on_tick(struct desk *d, const struct flow_env *env, struct flow_out *out) {
    if (d->toast[0] && env->mono_ms >= d->toast_until_ms) {
        d->toast[0] = '\0';
        d->last_admission.n = 0;
        out->is_dirty = true;
    }
}

void desk_step(struct desk *d, const struct flow_env *env, const struct flow_event *e,
               struct flow_out *out) {
    bool is_asking = d->checkin.asked.claim != 0; // not for long
    if (e->kind == FLOW_TEXT && desk_shows_verdict(d) &&
        !is_asking) { // the next person: go on typing
        checkin_forget(&d->checkin);
        d->query[0] = '\0';
    }
    if (e->kind == FLOW_ACTION && desk_shows_verdict(d) && !is_asking &&
        act_on_verdict(d, env, e->action, out)) {
        return;
    }
    if (step_paper(d, env, e, out)) {
        return;
    }
    if (is_for_checkin(d, e)) {
        checkin_step(&d->checkin, env, e, out);
        note_submits(d, out);
        if (is_input(e)) {
            return;
        }
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
        on_found(d, e->found, out);
        break;
    case FLOW_APPENDED:
        on_appended(d, env, e, out);
        break;
    case FLOW_DESK:
        on_facts(d, e->desk, out);
        break;
    case FLOW_ADMITTED:
        after_admission(d, env, e, out);
        break;
    case FLOW_PRINT:
        on_print(d, env, e, out);
        break;
    case FLOW_TICK:
        on_tick(d, env, out);
        break;
    case FLOW_SCAN:
    case FLOW_CLAIMED:
    case FLOW_RENDERED:
        break;
    }
}

int64_t desk_deadline_ms(const struct desk *d) {
    int64_t at = checkin_deadline_ms(&d->checkin);
    return d->toast[0] && d->toast_until_ms < at ? d->toast_until_ms : at;
}

#include "app/flows/checkin.h"

#include "app/screens/keyboard.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    SAME_CODE_MS = 3000, // the same code again within this is the same scan
    CONFIRM_MS = 45000,
    FIND_MS = 45000,
    VERDICT_MS = 15000, // personal data leaves the screen after this
    STAFF_VERDICT_MS = 6000,
    STAFF_DECIDE_MS = 60000, // somebody has to read it and decide
    CALL_MS = 600000,
    CHECKING_MS = 100 // a shorter wait for the hub is not worth a word
};

void checkin_init(struct checkin *c) {
    memset(c, 0, sizeof *c);
}

static void show(struct checkin *c, const struct flow_env *env,
                 enum checkin_screen screen, int64_t for_ms, struct flow_out *out) {
    c->screen = screen;
    c->leave_ms = for_ms ? env->mono_ms + for_ms : 0;
    out->is_dirty = true;
}

void checkin_forget(struct checkin *c) {
    struct checkin was = *c;
    checkin_init(c);
    c->call = was.call; // belongs to the place, not to the person
    c->ask = was.ask;
    c->ask_token = was.ask_token;
    c->called_ms = was.called_ms;
    c->code_hash = was.code_hash;
    c->scanned_ms = was.scanned_ms;
    c->is_staff = was.is_staff;
    c->token = was.token + 1; // what is still asked was about somebody else
}

// Back to the start.
static void leave(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    checkin_forget(c);
    show(c, env, CHECKIN_ATTRACT, c->call == CALL_ANSWERED ? VERDICT_MS : 0, out);
}

static bool prints_here(const struct flow_env *env) {
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    return g && g->prints && env->has_printer;
}

static struct flow_request *ask_store(struct checkin *c, const char *person, bool is_dry,
                                      bool is_override, struct flow_out *out) {
    struct flow_request *r = flow_add(out, FLOW_ADMIT);
    c->is_busy = true;
    c->is_writing = !is_dry;
    r->token = ++c->token;
    r->is_dry = is_dry;
    r->is_override = is_override;
    if (person) {
        snprintf(r->person, sizeof r->person, "%s", person);
    } else {
        memcpy(r->code, c->scan.bytes, c->scan.len);
        r->code_len = c->scan.len;
    }
    c->is_overriding = is_override;
    return r;
}

static void begin(struct checkin *c) {
    c->is_admitted = c->is_unconfirmed = false;
    c->print = PRINT_STATE_NONE;
    c->next.len = 0;
}

void checkin_admit(struct checkin *c, const struct flow_env *env, const char *person,
                   bool is_override, struct flow_out *out) {
    (void)env;
    begin(c);
    if (person) {
        c->scan.len = 0;
    }
    ask_store(c, person, false, is_override, out);
}

// FNV-1a: the code itself says who somebody is and must not stay.
static uint64_t hash_code(const struct scan *scan) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < scan->len; i++) {
        h = (h ^ scan->bytes[i]) * 0x100000001b3u;
    }
    return h;
}

static void begin_scan(struct checkin *c, const struct flow_env *env,
                       const struct scan *scan, struct flow_out *out) {
    c->scan = *scan;
    begin(c);
    // Staff admit at once; an attendee sees first what the badge will read.
    ask_store(c, NULL, !c->is_staff && prints_here(env), false, out);
}

static void on_scan(struct checkin *c, const struct flow_env *env,
                    const struct scan *scan, struct flow_out *out) {
    uint64_t hash = hash_code(scan);
    bool is_same = hash == c->code_hash && env->mono_ms - c->scanned_ms < SAME_CODE_MS;
    c->code_hash = hash;
    c->scanned_ms = env->mono_ms;
    if (is_same) {
        return;
    }
    if (c->asked.claim) { // who is asked about is let in first
        c->next = *scan;
        return;
    }
    begin_scan(c, env, scan, out);
}

// Nobody is told to be unknown, or to hold another event's code, for want of a list that is
// still coming.
static bool may_be_known_yet(const struct admit_result *r, const struct flow_env *env) {
    bool is_nobody = r->verdict == VERDICT_UNKNOWN || r->verdict == VERDICT_OTHER_EVENT ||
                     r->verdict == VERDICT_NOT_ON_LIST;
    return env->loading.is_loading && is_nobody && !r->state.person.id[0];
}

static enum sound_kind sound_of(enum verdict v) {
    switch (v) {
    case VERDICT_ADMITTED:
        return SOUND_OK;
    case VERDICT_ALREADY_IN:
    case VERDICT_NOT_PRINTED:
        return SOUND_AGAIN;
    case VERDICT_UNPAID:
    case VERDICT_NEEDS_STAFF:
    case VERDICT_NOT_ON_LIST:
    case VERDICT_TOO_EARLY:
    case VERDICT_TOO_LATE:
    case VERDICT_WRONG_DAY:
        return SOUND_ATTENTION;
    case VERDICT_CANCELLED:
    case VERDICT_BLOCKED:
    case VERDICT_FORGED:
    case VERDICT_VOID_BADGE:
        return SOUND_STOP;
    case VERDICT_UNKNOWN:
    case VERDICT_OTHER_EVENT:
    case VERDICT_COUNT:
        break;
    }
    return SOUND_UNKNOWN;
}

static void request_badge(const struct person_state *who, enum flow_request_kind kind,
                          const char *reason, struct flow_out *out) {
    struct flow_request *r = flow_add(out, kind);
    r->badge = *who;
    r->serial = who->serial + 1;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
}

static void print_first(struct checkin *c, struct flow_out *out) {
    request_badge(&c->result.state, FLOW_SUBMIT, "first badge", out);
    c->print = PRINT_STATE_WAITING;
}

static void show_verdict(struct checkin *c, const struct flow_env *env,
                         struct flow_out *out) {
    bool is_over = c->result.verdict == VERDICT_ADMITTED;
    int64_t staff_ms = is_over ? STAFF_VERDICT_MS : STAFF_DECIDE_MS;
    show(c, env, CHECKIN_VERDICT, c->is_staff ? staff_ms : VERDICT_MS, out);
    c->is_loading = !c->has_failed && may_be_known_yet(&c->result, env);
    enum verdict heard = c->is_loading ? VERDICT_NEEDS_STAFF : c->result.verdict;
    flow_add(out, FLOW_SOUND)->sound = sound_of(heard);
    if (c->next.len) {
        struct scan next = c->next;
        begin_scan(c, env, &next, out);
    }
}

// ---- a strict gate: the hub has the first word --------------------------------------------

bool checkin_is_checking(const struct checkin *c) {
    return c->asked.claim && c->is_checking;
}

static void ask_hub(struct checkin *c, const struct flow_env *env,
                    const struct admit_result *a, struct flow_out *out) {
    struct flow_request *r = flow_add(out, FLOW_CLAIM);
    c->asked = *a;
    c->asked_ms = env->mono_ms;
    c->is_checking = false;
    r->claim = a->claim;
    snprintf(r->subject, sizeof r->subject, "%s%s", a->is_signed_only ? "t" : "",
             a->is_signed_only ? a->code.ticket_hex : a->state.person.id);
}

static void admit_asked(struct checkin *c, bool is_confirmed, struct flow_out *out) {
    struct admit_result asked = c->asked;
    struct flow_request *r = ask_store(c, c->scan.len ? NULL : asked.state.person.id,
                                       false, c->is_overriding, out);
    r->claim = asked.claim;
    r->is_confirmed = is_confirmed;
    c->is_unconfirmed = !is_confirmed;
    c->asked = (struct admit_result){.claim = 0};
}

// Somebody is in already, though nothing here tells so yet.
static void show_lost(struct checkin *c, const struct flow_env *env,
                      const struct exchange_claimed *lost, struct flow_out *out) {
    c->result = c->asked;
    c->asked = (struct admit_result){.claim = 0};
    c->result.verdict = VERDICT_ALREADY_IN;
    c->result.is_claimed = true;
    c->result.state.is_in = true;
    c->result.state.in_ms = lost->at_ms;
    utf8_copy(lost->by, c->result.state.in_at, sizeof c->result.state.in_at);
    c->is_busy = c->is_writing = c->has_failed = false;
    show_verdict(c, env, out);
}

static void on_claimed(struct checkin *c, const struct flow_env *env,
                       const struct claim_answer *answer, struct flow_out *out) {
    const struct exchange_claimed *claimed = &answer->claimed;
    if (!c->asked.claim || claimed->nonce != c->asked.claim) {
        return; // too late: decided without it
    }
    if (answer->is_answered && !claimed->has_won) {
        show_lost(c, env, claimed, out);
    } else {
        admit_asked(c, answer->is_answered, out);
    }
}

// Nobody waits for the hub without bound.
static void tick_asked(struct checkin *c, const struct flow_env *env,
                       struct flow_out *out) {
    if (env->mono_ms - c->asked_ms >= CLAIM_WAIT_MS) {
        admit_asked(c, false, out);
    } else if (!c->is_checking && env->mono_ms - c->asked_ms >= CHECKING_MS) {
        c->is_checking = true;
        // What is on the screen may be the answer to the one before.
        c->screen = c->screen == CHECKIN_CONFIRM ? CHECKIN_CONFIRM : CHECKIN_ATTRACT;
        out->is_dirty = true;
    }
}

static bool wants_badge(const struct admit_result *r, const struct flow_env *env) {
    return r->state.person.id[0] && !r->state.has_badge && !r->state.job.ref.n &&
           prints_here(env);
}

// Somebody else is dealt with by now. An admission that was written all the same gets its
// badge.
static void on_late_answer(const struct flow_env *env, const struct flow_event *e,
                           struct flow_out *out) {
    if (e->err == ERR_NONE && e->admit->ref.n && wants_badge(e->admit, env)) {
        request_badge(&e->admit->state, FLOW_SUBMIT, "first badge", out);
    }
}

static void on_admitted(struct checkin *c, const struct flow_env *env,
                        const struct flow_event *e, struct flow_out *out) {
    if (e->token != c->token || !c->is_busy) {
        on_late_answer(env, e, out);
        return;
    }
    if (e->err == ERR_NONE && !e->is_dry && e->admit->verdict == VERDICT_ADMITTED &&
        e->admit->claim) {
        ask_hub(c, env, e->admit, out);
        return;
    }
    c->is_busy = false;
    c->is_writing = false;
    c->has_failed = e->err != ERR_NONE;
    if (c->has_failed) {
        c->result = (struct admit_result){.verdict = VERDICT_NEEDS_STAFF};
        show_verdict(c, env, out);
        return;
    }
    c->result = *e->admit;
    bool wants = wants_badge(&c->result, env);
    if (e->is_dry && c->result.verdict == VERDICT_ADMITTED) {
        if (wants) {
            request_badge(&c->result.state, FLOW_RENDER, "", out);
            show(c, env, CHECKIN_CONFIRM, CONFIRM_MS, out);
        } else {
            ask_store(c, c->scan.len ? NULL : c->result.state.person.id, false, false,
                      out);
        }
        return;
    }
    c->is_admitted = c->result.verdict == VERDICT_ADMITTED;
    if (c->is_admitted && c->result.job.n) { // queued in the same commit
        c->print = PRINT_STATE_WAITING;
    } else if (c->is_admitted && wants) {
        print_first(c, out);
    } else if (c->result.verdict == VERDICT_NOT_PRINTED && wants) {
        request_badge(&c->result.state, FLOW_RENDER, "", out);
    }
    show_verdict(c, env, out);
}

// ---- find my name ------------------------------------------------------------------------

static void search(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    c->leave_ms = env->mono_ms + FIND_MS;
    out->is_dirty = true;
    if (c->query[0]) {
        struct flow_request *r = flow_add(out, FLOW_SEARCH);
        memcpy(r->query, c->query, sizeof r->query);
    } else {
        c->found = (struct flow_found){.count = 0};
    }
}

static void type(struct checkin *c, const struct flow_env *env, const char *text,
                 struct flow_out *out) {
    size_t len = strlen(c->query);
    if (c->screen == CHECKIN_ATTRACT) { // a keyboard: typing is searching
        show(c, env, CHECKIN_FIND, FIND_MS, out);
        len = 0;
    }
    if (c->screen == CHECKIN_FIND && text[0] && !(len == 0 && text[0] == ' ')) {
        utf8_copy(text, c->query + len, sizeof c->query - len);
        if (c->query[len]) { // else it is full
            search(c, env, out);
        }
    }
}

static void erase(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    size_t len = strlen(c->query);
    while (len && ((unsigned char)c->query[--len] & 0xc0) == 0x80) {
    }
    c->query[len] = '\0';
    search(c, env, out);
}

static void choose(struct checkin *c, int index, struct flow_out *out) {
    if (index < 0 || (size_t)index >= c->found.count || c->is_busy) {
        return;
    }
    c->scan.len = 0;
    begin(c);
    ask_store(c, c->found.rows[index].person.id, true, false, out);
}

// ---- actions -----------------------------------------------------------------------------

static void call_staff(struct checkin *c, const struct flow_env *env,
                       struct flow_out *out) {
    if (c->call == CALL_SENT) {
        return;
    }
    char dev[17];
    hex_format_u64(env->dev, dev);
    struct flow_request *r =
        flow_append(out, "ask", dev, json_pack("{s:s}", "what", "staff"));
    r->token = ++c->ask_token;
    c->ask = (struct fact_ref){0, 0};
    c->call = CALL_SENT;
    c->called_ms = env->mono_ms;
    out->is_dirty = true;
}

static void print(struct checkin *c, struct flow_out *out) {
    bool has_badge_to_print = c->screen == CHECKIN_VERDICT &&
                              c->result.state.person.id[0] &&
                              (c->result.verdict == VERDICT_NOT_PRINTED ||
                               (c->is_admitted && !c->result.state.has_badge)) &&
                              !c->result.state.job.ref.n;
    if (c->is_busy) {
        return;
    }
    if (c->screen == CHECKIN_CONFIRM) {
        ask_store(c, c->scan.len ? NULL : c->result.state.person.id, false, false, out);
    } else if (has_badge_to_print && c->print == PRINT_STATE_NONE) {
        print_first(c, out);
        out->is_dirty = true;
    }
}

// Not while an admission is being written: its answer comes at once and belongs on the
// screen.
static void go_back(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    if (!c->is_writing) {
        leave(c, env, out);
    }
}

static void on_action(struct checkin *c, const struct flow_env *env,
                      const struct flow_event *e, struct flow_out *out) {
    switch ((int)e->action) {
    case ACTION_FIND:
        checkin_forget(c);
        show(c, env, CHECKIN_FIND, FIND_MS, out);
        break;
    case ACTION_CALL_STAFF:
    case ACTION_CHANGE:
    case ACTION_REGISTER:
        call_staff(c, env, out);
        break;
    case ACTION_PRINT:
        print(c, out);
        break;
    case ACTION_KEY:
        type(c, env, keyboard_text(e->index), out);
        break;
    case ACTION_ERASE:
        erase(c, env, out);
        break;
    case ACTION_CLEAR:
        c->query[0] = '\0';
        search(c, env, out);
        break;
    case ACTION_ROW:
        choose(c, e->index, out);
        break;
    case ACTION_ADMIT_ANYWAY:
        if (c->is_staff && !c->is_busy && checkin_can_override(&c->result)) {
            struct flow_request *r = ask_store(
                c, c->scan.len ? NULL : c->result.state.person.id, false, true, out);
            r->claim = c->result.is_claimed ? c->result.claim : 0;
        }
        break;
    case ACTION_NOT_ME:
    case ACTION_DONE:
    case ACTION_BACK:
    case ACTION_CLOSE:
        go_back(c, env, out);
        break;
    default:
        break;
    }
}

static void on_key(struct checkin *c, const struct flow_env *env, enum input_key key,
                   struct flow_out *out) {
    // Rows of a query that is longer by now may be somebody else.
    bool is_current = c->found.count == 1 && strcmp(c->found.query, c->query) == 0;
    if (key == INPUT_KEY_ESCAPE) {
        go_back(c, env, out);
    } else if (key == INPUT_KEY_BACKSPACE && c->screen == CHECKIN_FIND) {
        erase(c, env, out);
    } else if (key == INPUT_KEY_ENTER && c->screen == CHECKIN_CONFIRM) {
        print(c, out);
    } else if (key == INPUT_KEY_ENTER && c->screen == CHECKIN_FIND && is_current) {
        choose(c, 0, out);
    }
}

static void on_print(struct checkin *c, const struct flow_env *env,
                     const struct flow_event *e, struct flow_out *out) {
    if (c->screen != CHECKIN_VERDICT ||
        strcmp(e->person, c->result.state.person.id) != 0) {
        return; // a badge of somebody who left already
    }
    static const enum print_state states[] = {PRINT_STATE_WAITING, PRINT_STATE_PRINTING,
                                              PRINT_STATE_PRINTED, PRINT_STATE_TROUBLE,
                                              PRINT_STATE_TROUBLE};
    c->print = states[e->print];
    if (c->print == PRINT_STATE_PRINTED || c->print == PRINT_STATE_TROUBLE) {
        // Time to read what to do with it.
        c->leave_ms = env->mono_ms + (c->is_staff ? STAFF_VERDICT_MS : VERDICT_MS);
    }
    out->is_dirty = true;
}

enum print_state checkin_print_state(const struct checkin *c,
                                     const struct flow_env *env) {
    bool waits = c->print == PRINT_STATE_WAITING || c->print == PRINT_STATE_PRINTING;
    bool is_well = env->printer == PRINTER_READY || env->printer == PRINTER_BUSY;
    return waits && !is_well ? PRINT_STATE_TROUBLE : c->print;
}

// The call is answered when our ask is no longer open.
static void on_desk(struct checkin *c, const struct flow_env *env,
                    const struct flow_desk *d, struct flow_out *out) {
    bool is_open = d->ask_count == FLOW_ASKS_MAX; // ours may be one of those left out
    for (size_t i = 0; i < d->ask_count; i++) {
        const struct fact_ref *ref = &d->asks[i].ref;
        is_open = is_open || (ref->stream == c->ask.stream && ref->n == c->ask.n);
    }
    if (c->call == CALL_SENT && c->ask.n && !is_open) {
        c->call = CALL_ANSWERED;
        c->leave_ms = c->leave_ms ? c->leave_ms : env->mono_ms + VERDICT_MS;
        out->is_dirty = true;
    }
}

static void on_appended(struct checkin *c, const struct flow_event *e,
                        struct flow_out *out) {
    if (c->call != CALL_SENT || !e->token || e->token != c->ask_token) {
        return;
    }
    c->ask = e->err == ERR_NONE ? e->ref : c->ask;
    c->call = e->err == ERR_NONE ? CALL_SENT : CALL_NONE; // nobody was called: try again
    out->is_dirty = true;
}

static void on_tick(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    if (c->call == CALL_SENT && env->mono_ms - c->called_ms >= CALL_MS) {
        c->call = CALL_NONE; // the next one may call again; staff still see this call
        out->is_dirty = true;
    }
    if (c->asked.claim) {
        tick_asked(c, env, out);
        return;
    }
    if (!c->leave_ms || env->mono_ms < c->leave_ms) {
        return;
    }
    enum print_state print = checkin_print_state(c, env);
    bool is_printing = print == PRINT_STATE_WAITING || print == PRINT_STATE_PRINTING;
    if (c->screen == CHECKIN_VERDICT && is_printing) {
        c->leave_ms = env->mono_ms + 5000; // never while printing
        return;
    }
    c->call = c->call == CALL_ANSWERED ? CALL_NONE : c->call;
    leave(c, env, out);
}

void checkin_step(struct checkin *c, const struct flow_env *env,
                  const struct flow_event *e, struct flow_out *out) {
    bool is_touch = e->kind == FLOW_ACTION || e->kind == FLOW_TEXT || e->kind == FLOW_KEY;
    if (c->asked.claim && is_touch) {
        return; // for a moment: who is asked about is not to be forgotten
    }
    switch (e->kind) {
    case FLOW_TICK:
        on_tick(c, env, out);
        break;
    case FLOW_SCAN:
        on_scan(c, env, e->scan, out);
        break;
    case FLOW_ACTION:
        on_action(c, env, e, out);
        break;
    case FLOW_TEXT:
        type(c, env, e->text, out);
        break;
    case FLOW_KEY:
        on_key(c, env, e->key, out);
        break;
    case FLOW_ADMITTED:
        on_admitted(c, env, e, out);
        break;
    case FLOW_CLAIMED:
        on_claimed(c, env, e->claim, out);
        break;
    case FLOW_FOUND:
        if (c->screen == CHECKIN_FIND && strcmp(e->found->query, c->query) == 0) {
            c->found = *e->found;
            out->is_dirty = true;
        }
        break;
    case FLOW_APPENDED:
        on_appended(c, e, out);
        break;
    case FLOW_RENDERED:
        out->is_dirty = true;
        break;
    case FLOW_PRINT:
        on_print(c, env, e, out);
        break;
    case FLOW_DESK:
        on_desk(c, env, e->desk, out);
        break;
    }
}

int64_t checkin_deadline_ms(const struct checkin *c) {
    int64_t leave_at = c->leave_ms ? c->leave_ms : INT64_MAX;
    int64_t call_at = c->call == CALL_SENT ? c->called_ms + CALL_MS : INT64_MAX;
    if (c->asked.claim) {
        return c->asked_ms + (c->is_checking ? CLAIM_WAIT_MS : CHECKING_MS);
    }
    return leave_at < call_at ? leave_at : call_at;
}

bool checkin_can_override(const struct admit_result *r) {
    bool is_known = r->state.person.id[0] || r->is_signed_only;
    bool is_soft = r->verdict == VERDICT_UNPAID || r->verdict == VERDICT_NEEDS_STAFF ||
                   r->verdict == VERDICT_WRONG_DAY || r->verdict == VERDICT_TOO_EARLY ||
                   r->verdict == VERDICT_TOO_LATE || r->verdict == VERDICT_NOT_ON_LIST;
    // The desk that has the hub's word may have died before it admitted.
    bool is_word_only = r->verdict == VERDICT_ALREADY_IN && r->is_claimed;
    return is_known && (is_soft || is_word_only);
}

#include "app/flows/checkin.h"

#include "app/screens/keyboard.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    SAME_CODE_MS = 3000,  // the same code again within this is the same scan
    CONFIRM_MS = 45000,
    FIND_MS = 45000,
    VERDICT_MS = 15000,   // personal data leaves the screen after this
    STAFF_VERDICT_MS = 6000,
    CALL_MS = 600000
};

void checkin_init(struct checkin *c) {
    memset(c, 0, sizeof *c);
}

static void show(struct checkin *c, const struct flow_env *env, enum checkin_screen screen,
                 int64_t for_ms, struct flow_out *out) {
    c->screen = screen;
    c->leave_ms = for_ms ? env->mono_ms + for_ms : 0;
    out->is_dirty = true;
}

// Back to the start; whoever was here is forgotten.
static void forget(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    enum call_state call = c->call;
    struct fact_ref ask = c->ask;
    struct scan scan = c->scan; // still needed to see the same code twice
    int64_t scanned_ms = c->scanned_ms;
    bool is_staff = c->is_staff;
    checkin_init(c);
    c->call = call;
    c->ask = ask;
    c->scan = scan;
    c->scanned_ms = scanned_ms;
    c->is_staff = is_staff;
    show(c, env, CHECKIN_ATTRACT, 0, out);
}

static bool prints_here(const struct flow_env *env) {
    const struct gate *g = programme_find_gate(env->programme, env->gate);
    return g && g->prints && env->has_printer;
}

static void ask_store(struct checkin *c, const char *person, bool is_dry, bool is_override,
                      struct flow_out *out) {
    struct flow_request *r = flow_add(out, FLOW_ADMIT);
    c->is_busy = true;
    r->token = ++c->token;
    r->is_dry = is_dry;
    r->is_override = is_override;
    if (person) {
        snprintf(r->person, sizeof r->person, "%s", person);
    } else {
        memcpy(r->code, c->scan.bytes, c->scan.len);
        r->code_len = c->scan.len;
    }
}

void checkin_admit(struct checkin *c, const struct flow_env *env, const char *person,
                   bool is_override, struct flow_out *out) {
    (void)env;
    c->is_admitted = false;
    c->print = PRINT_STATE_NONE;
    c->is_printing_wanted = true;
    if (person) {
        c->scan.len = 0;
    }
    ask_store(c, person, false, is_override, out);
}

static void on_scan(struct checkin *c, const struct flow_env *env, const struct scan *scan,
                    struct flow_out *out) {
    bool is_same = scan->len == c->scan.len &&
                   memcmp(scan->bytes, c->scan.bytes, scan->len) == 0 &&
                   env->mono_ms - c->scanned_ms < SAME_CODE_MS;
    c->scanned_ms = env->mono_ms;
    if (is_same) {
        return;
    }
    c->scan = *scan;
    c->is_admitted = false;
    c->print = PRINT_STATE_NONE;
    c->is_printing_wanted = c->is_staff;
    // Staff admit at once; an attendee sees first what the badge will read.
    ask_store(c, NULL, !c->is_staff && prints_here(env), false, out);
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

static void request_badge(struct checkin *c, enum flow_request_kind kind, const char *reason,
                          struct flow_out *out) {
    struct flow_request *r = flow_add(out, kind);
    r->badge = c->result.state;
    r->serial = c->result.state.serial + 1;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    if (kind == FLOW_SUBMIT) {
        c->print = PRINT_STATE_WAITING;
    }
}

static void show_verdict(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    show(c, env, CHECKIN_VERDICT, c->is_staff ? STAFF_VERDICT_MS : VERDICT_MS, out);
    flow_add(out, FLOW_SOUND)->sound = sound_of(c->result.verdict);
}

static void on_admitted(struct checkin *c, const struct flow_env *env,
                        const struct flow_event *e, struct flow_out *out) {
    if (e->token != c->token) {
        return; // somebody else's by now
    }
    c->is_busy = false;
    if (e->err != ERR_NONE) {
        c->result = (struct admit_result){.verdict = VERDICT_NEEDS_STAFF};
        show_verdict(c, env, out);
        return;
    }
    c->result = *e->admit;
    bool is_person = c->result.state.person.id[0] != '\0';
    bool can_print = is_person && prints_here(env);
    if (e->is_dry && c->result.verdict == VERDICT_ADMITTED) {
        if (can_print) {
            request_badge(c, FLOW_RENDER, "", out);
            show(c, env, CHECKIN_CONFIRM, CONFIRM_MS, out);
        } else {
            ask_store(c, c->scan.len ? NULL : c->result.state.person.id, false, false, out);
        }
        return;
    }
    c->is_admitted = c->result.verdict == VERDICT_ADMITTED;
    if (c->is_admitted && can_print && !c->result.state.has_badge) {
        request_badge(c, FLOW_SUBMIT, "first badge", out);
    } else if (c->result.verdict == VERDICT_NOT_PRINTED && can_print) {
        request_badge(c, FLOW_RENDER, "", out);
    }
    show_verdict(c, env, out);
}

// ---- find my name ------------------------------------------------------------------------

static void search(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    struct flow_request *r = flow_add(out, FLOW_SEARCH);
    memcpy(r->query, c->query, sizeof r->query);
    c->leave_ms = env->mono_ms + FIND_MS;
    out->is_dirty = true;
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
        search(c, env, out);
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
    c->is_admitted = false;
    c->print = PRINT_STATE_NONE;
    ask_store(c, c->found.rows[index].person.id, true, false, out);
}

// ---- actions -----------------------------------------------------------------------------

static void call_staff(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    if (c->call != CALL_NONE) {
        return;
    }
    char dev[17];
    hex_format_u64(env->dev, dev);
    flow_append(out, "ask", dev, json_pack("{s:s}", "what", "staff"));
    c->call = CALL_SENT;
    out->is_dirty = true;
}

static void print(struct checkin *c, struct flow_out *out) {
    bool has_badge_to_print = c->result.verdict == VERDICT_NOT_PRINTED || c->is_admitted;
    if (c->is_busy) {
        return;
    }
    if (c->screen == CHECKIN_CONFIRM) {
        c->is_printing_wanted = true;
        ask_store(c, c->scan.len ? NULL : c->result.state.person.id, false, false, out);
    } else if (has_badge_to_print && c->print == PRINT_STATE_NONE) {
        request_badge(c, FLOW_SUBMIT, "first badge", out);
        out->is_dirty = true;
    }
}

static void on_action(struct checkin *c, const struct flow_env *env,
                      const struct flow_event *e, struct flow_out *out) {
    switch ((int)e->action) {
    case ACTION_FIND:
        c->query[0] = '\0';
        c->found.count = 0;
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
        if (c->is_staff && !c->is_busy) {
            c->is_printing_wanted = true;
            ask_store(c, c->result.state.person.id, false, true, out);
        }
        break;
    case ACTION_NOT_ME:
    case ACTION_DONE:
    case ACTION_BACK:
    case ACTION_CLOSE:
        forget(c, env, out);
        break;
    default:
        break;
    }
}

static void on_key(struct checkin *c, const struct flow_env *env, enum input_key key,
                   struct flow_out *out) {
    if (key == INPUT_KEY_ESCAPE) {
        forget(c, env, out);
    } else if (key == INPUT_KEY_BACKSPACE && c->screen == CHECKIN_FIND) {
        erase(c, env, out);
    } else if (key == INPUT_KEY_ENTER && c->screen == CHECKIN_CONFIRM) {
        print(c, out);
    } else if (key == INPUT_KEY_ENTER && c->screen == CHECKIN_FIND && c->found.count == 1) {
        choose(c, 0, out);
    }
}

static void on_print(struct checkin *c, const struct flow_event *e, struct flow_out *out) {
    if (strcmp(e->person, c->result.state.person.id) != 0) {
        return; // a badge of somebody who left already
    }
    static const enum print_state states[] = {PRINT_STATE_WAITING, PRINT_STATE_PRINTING,
                                              PRINT_STATE_PRINTED, PRINT_STATE_TROUBLE};
    c->print = states[e->print];
    out->is_dirty = true;
}

// The call is answered when our ask is no longer open.
static void on_desk(struct checkin *c, const struct flow_env *env, const struct flow_desk *d,
                    struct flow_out *out) {
    bool is_open = false;
    for (size_t i = 0; i < d->ask_count; i++) {
        is_open = is_open || d->asks[i].dev == env->dev;
    }
    if (c->call == CALL_SENT && c->ask.n && !is_open) {
        c->call = CALL_ANSWERED;
        c->leave_ms = c->leave_ms ? c->leave_ms : env->mono_ms + VERDICT_MS;
        out->is_dirty = true;
    }
}

static void on_tick(struct checkin *c, const struct flow_env *env, struct flow_out *out) {
    if (!c->leave_ms || env->mono_ms < c->leave_ms) {
        return;
    }
    bool is_printing = c->print == PRINT_STATE_WAITING || c->print == PRINT_STATE_PRINTING;
    if (c->screen == CHECKIN_VERDICT && is_printing) {
        c->leave_ms = env->mono_ms + 5000; // never while printing
        return;
    }
    if (c->call == CALL_ANSWERED) {
        c->call = CALL_NONE;
        c->ask = (struct fact_ref){0, 0};
    }
    forget(c, env, out);
}

void checkin_step(struct checkin *c, const struct flow_env *env, const struct flow_event *e,
                  struct flow_out *out) {
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
    case FLOW_FOUND:
        if (strcmp(e->found->query, c->query) == 0) {
            c->found = *e->found;
            out->is_dirty = true;
        }
        break;
    case FLOW_APPENDED:
        c->ask = c->call == CALL_SENT && !c->ask.n ? e->ref : c->ask;
        break;
    case FLOW_RENDERED:
        out->is_dirty = true;
        break;
    case FLOW_PRINT:
        on_print(c, e, out);
        break;
    case FLOW_DESK:
        on_desk(c, env, e->desk, out);
        break;
    }
}

int64_t checkin_deadline_ms(const struct checkin *c) {
    return c->leave_ms ? c->leave_ms : INT64_MAX;
}

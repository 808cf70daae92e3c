// Parcels and inputs to the flows; what flows ask for to the workers.
#include "app/kiosk.h"

#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <stdio.h>
#include <string.h>

void kiosk_drop_parcel(const struct parcel *p) {
    switch (p->kind) {
    case PARCEL_BADGE:
        badge_job_destroy(p->item);
        return;
    case PARCEL_REFRESH:
        programme_destroy(((struct refresh *)p->item)->programme);
        mem_free(p->item);
        return;
    case PARCEL_COMMAND: {
        struct script none = {0};
        script_take(&none, p->item);
        script_finish(&none); // its sender waits: tell it
        return;
    }
    case PARCEL_KEEPER:
        mem_wipe(p->item, sizeof(struct keeper_news));
        mem_free(p->item);
        return;
    case PARCEL_SCAN:
    case PARCEL_PRINTER:
    case PARCEL_ANSWER:
    case PARCEL_LINK:
    case PARCEL_CLAIM:
        mem_free(p->item);
        return;
    }
}

// ---- what flows ask for ------------------------------------------------------------------

static void step_flow(struct kiosk *k, const struct flow_event *e);

void kiosk_tell_print(struct kiosk *k, const char *person, enum flow_print_state state) {
    struct flow_event e = {.kind = FLOW_PRINT, .print = state};
    snprintf(e.person, sizeof e.person, "%s", person);
    step_flow(k, &e);
}

static void render(struct kiosk *k, const struct flow_request *r) {
    struct badge_job *job = mem_alloc(1, sizeof *job);
    job->who = r->badge;
    job->serial = r->serial;
    job->is_preview = true;
    job->event = k->programme->event;
    if (printing_post(k->printing, job) != ERR_NONE) {
        badge_job_destroy(job);
    }
}

// The store is far behind: the flow hears of it, for nothing may seem done that is not.
enum err kiosk_ask_store(struct kiosk *k, const struct flow_request *r) {
    enum err e = k->request_count < REQUESTS_MAX
                     ? requests_post(k->store, k->inbox, r, &k->env)
                     : ERR_FULL;
    if (e == ERR_NONE) {
        k->request_count++;
        return e;
    }
    log_error("kiosk: the store takes no more requests: %s", err_text(e));
    if (r->kind == FLOW_SUBMIT && r->badge.person.id[0]) {
        kiosk_tell_print(k, r->badge.person.id, FLOW_PRINT_FAILED);
    } else if (r->kind == FLOW_ADMIT || r->kind == FLOW_APPEND) {
        struct flow_event busy = {.err = e, .token = r->token, .is_dry = r->is_dry};
        busy.kind = r->kind == FLOW_ADMIT ? FLOW_ADMITTED : FLOW_APPENDED;
        step_flow(k, &busy);
    }
    return e;
}

static void ask_store(struct kiosk *k, const struct flow_request *r) {
    if (kiosk_ask_store(k, r) != ERR_NONE) {
        k->is_dirty = true; // what asked was told
    }
}

static void tell_claim(struct kiosk *k, const struct claim_answer *answer) {
    struct flow_event e = {.kind = FLOW_CLAIMED, .claim = answer};
    step_flow(k, &e);
}

static void ask_hub(struct kiosk *k, const struct flow_request *r) {
    struct exchange_claim claim = {.nonce = r->claim};
    memcpy(claim.person, r->subject, sizeof claim.person);
    memcpy(claim.gate, k->env.gate, sizeof claim.gate);
    if (k->agent) {
        agent_claim(k->agent, &claim);
    } else {
        tell_claim(k, &(struct claim_answer){.claimed = {.nonce = r->claim}});
    }
}

static void carry_out(struct kiosk *k, const struct flow_request *r) {
    switch (r->kind) {
    case FLOW_ADMIT:
    case FLOW_SEARCH:
    case FLOW_APPEND:
        ask_store(k, r);
        break;
    case FLOW_CLAIM:
        ask_hub(k, r);
        break;
    case FLOW_RENDER:
        render(k, r);
        break;
    case FLOW_SUBMIT:
        if (k->env.disk != STORE_DISK_OK) { // what is left is for check-ins
            kiosk_tell_print(k, r->badge.person.id, FLOW_PRINT_FAILED);
        } else {
            ask_store(k, r);
        }
        break;
    case FLOW_SOUND:
        sound_play(k->sound, r->sound, window_now_ms());
        break;
    }
}

// Nobody is on the screen: nobody's badge is kept.
static void drop_badge(struct kiosk *k) {
    const struct checkin *c = kiosk_checkin(k);
    if (k->badge && (!c || !c->result.state.person.id[0])) {
        badge_job_destroy(k->badge);
        k->badge = NULL;
    }
}

static void step_flow(struct kiosk *k, const struct flow_event *e) {
    if (k->lock.is_locked || k->self.is_revoked) { // takes no part, whatever is touched
        return;
    }
    struct flow_request *requests = mem_alloc(FLOW_REQUESTS_MAX, sizeof *requests);
    struct flow_out out = {.requests = requests};
    if (k->role == ROLE_DESK) {
        desk_step(&k->desk, &k->env, e, &out);
    } else if (k->role == ROLE_CHECKIN || k->role == ROLE_DOOR) {
        checkin_step(&k->checkin, &k->env, e, &out);
    }
    k->is_dirty = k->is_dirty || out.is_dirty;
    for (size_t i = 0; i < out.count; i++) {
        carry_out(k, &requests[i]);
    }
    mem_free(requests);
    drop_badge(k);
}

// ---- parcels -----------------------------------------------------------------------------

static void tell_change(struct kiosk *k) {
    if (k->agent) {
        agent_tell_change(k->agent);
    }
    kiosk_refresh(k);
}

// A badge that was asked for, or what staff decided about one.
static void take_job_answer(struct kiosk *k, const struct request *r) {
    tell_change(k);
    if (kiosk_jobs_take_answer(k, &r->ask.job, r->err)) {
        return;
    }
    bool is_new = r->ask.job.act == FLOW_JOB_NEW || r->ask.job.act == FLOW_JOB_AGAIN;
    if (r->err != ERR_NONE && r->err != ERR_EXISTS) {
        log_error("kiosk: what was asked of a badge was not stored: %s",
                  err_text(r->err));
    }
    if (!is_new) {
        struct flow_event e = {.kind = FLOW_APPENDED, .err = r->err};
        step_flow(k, &e);
    } else if (r->err != ERR_NONE && r->err != ERR_EXISTS) {
        kiosk_tell_print(k, r->ask.badge.person.id, FLOW_PRINT_FAILED);
    }
}

static void take_answer(struct kiosk *k, struct request *r) {
    k->request_count--;
    struct flow_event e = {.err = r->err,
                           .token = r->ask.token,
                           .is_dry = r->ask.is_dry,
                           .admit = &r->admit,
                           .found = &r->found,
                           .ref = r->ref};
    switch (r->ask.kind) {
    case FLOW_ADMIT:
        e.kind = FLOW_ADMITTED;
        if (r->err == ERR_NONE && r->admit.ref.n) {
            k->green = r->admit.ref;
            tell_change(k);
        }
        break;
    case FLOW_SEARCH:
        e.kind = FLOW_FOUND;
        break;
    case FLOW_APPEND:
        e.kind = FLOW_APPENDED;
        if (r->err != ERR_NONE) {
            log_error("kiosk: a %s was not stored: %s", r->ask.fact_kind,
                      err_text(r->err));
        }
        tell_change(k);
        break;
    case FLOW_SUBMIT:
        take_job_answer(k, r);
        mem_free(r);
        return;
    case FLOW_CLAIM:
    case FLOW_RENDER:
    case FLOW_SOUND:
        break;
    }
    step_flow(k, &e);
    mem_free(r);
}

static void take_badge(struct kiosk *k, struct badge_job *job) {
    const struct checkin *c = kiosk_checkin(k);
    bool is_theirs = c && strcmp(c->result.state.person.id, job->who.person.id) == 0;
    struct flow_event e = {.kind = FLOW_RENDERED};
    if (!job->is_preview && is_theirs && !k->badge) { // shown while it prints
        k->badge = badge_job_copy(job);
        k->badge->preview = job->preview;
        job->preview = (struct image){0};
    }
    if (!job->is_preview) {
        kiosk_jobs_take_badge(k, job);
    } else if (is_theirs) { // else the preview of who is on the screen stays
        badge_job_destroy(k->badge);
        k->badge = job;
    } else {
        badge_job_destroy(job);
    }
    step_flow(k, &e);
    k->is_dirty = true;
}

static void take_printer(struct kiosk *k, const struct printer_news *news) {
    k->is_dirty = k->is_dirty || k->printer_state != news->state;
    k->printer_state = news->state;
    printing_set_dpi(k->printing, news->dpi);
    if (news->model[0]) { // another one may be plugged by now
        snprintf(k->env.printer_name, sizeof k->env.printer_name, "%s", news->model);
    }
    if (news->kind == PRINTER_STATE_CHANGED) {
        snprintf(k->env.printer_reason, sizeof k->env.printer_reason, "%s", news->reason);
        k->is_dirty = true;
    }
    kiosk_update_env(k);
    kiosk_jobs_take_printer(k, news);
    kiosk_jobs_pump(k);
}

static void take_refreshed(struct kiosk *k, struct refresh *r) {
    k->is_refreshing = false;
    if (r->err == ERR_NONE) {
        kiosk_take_refresh(k, r);
        struct flow_event e = {.kind = FLOW_DESK, .desk = &k->desk_facts};
        step_flow(k, &e);
        kiosk_jobs_pump(k);
    } else {
        programme_destroy(r->programme);
    }
    mem_free(r);
    if (k->needs_refresh) {
        kiosk_refresh(k);
    }
}

// The link's state is on every screen, in words or as an age.
static void take_link(struct kiosk *k) {
    struct agent_status was = k->link_seen;
    kiosk_update_env(k);
    k->link_seen = k->env.link;
    k->is_dirty = k->is_dirty || was.is_online != k->env.link.is_online ||
                  was.is_relay != k->env.link.is_relay ||
                  (k->role == ROLE_DESK && (was.unsent != k->env.link.unsent ||
                                            was.on_lan != k->env.link.on_lan));
    bool has_loaded = atomic_exchange(&k->has_loaded, false);
    if (has_loaded || was.received != k->env.link.received ||
        was.unsent != k->env.link.unsent) {
        kiosk_refresh(k);
    }
}

void kiosk_take_parcels(struct kiosk *k) {
    struct parcel p;
    while (inbox_take(k->inbox, &p)) {
        switch (p.kind) {
        case PARCEL_SCAN:
            kiosk_scan(k, p.item);
            mem_free(p.item);
            break;
        case PARCEL_PRINTER:
            take_printer(k, p.item);
            mem_free(p.item);
            break;
        case PARCEL_ANSWER:
            take_answer(k, p.item);
            break;
        case PARCEL_REFRESH:
            take_refreshed(k, p.item);
            break;
        case PARCEL_BADGE:
            take_badge(k, p.item);
            break;
        case PARCEL_LINK:
            take_link(k);
            break;
        case PARCEL_CLAIM:
            tell_claim(k, p.item);
            mem_free(p.item);
            break;
        case PARCEL_KEEPER:
            lock_take(k, p.item);
            mem_free(p.item);
            break;
        case PARCEL_COMMAND:
            script_take(&k->script, p.item);
            break;
        }
    }
}

// ---- inputs ------------------------------------------------------------------------------

void kiosk_scan(struct kiosk *k, const struct scan *scan) {
    if (k->lock.is_locked) {
        lock_scan(k, (const char *)scan->bytes, scan->len);
        return;
    }
    struct flow_event e = {.kind = FLOW_SCAN, .scan = scan};
    step_flow(k, &e);
}

void kiosk_act(struct kiosk *k, enum action action, int index) {
    if (k->lock.is_locked) {
        lock_act(k, action, index);
        return;
    }
    struct flow_event e = {.kind = FLOW_ACTION, .action = action, .index = index};
    step_flow(k, &e);
}

// --scanner keyboard: what is typed is a code, Enter ends it.
// A key pressed by chance is not to begin the next code: it is forgotten after a pause. A
// code that is too long stays so.
static void type_scan(struct kiosk *k, const struct input *in) {
    enum { PAUSE_MS = 5000 };
    if (k->env.mono_ms - k->typed_ms > PAUSE_MS) {
        k->typed_len = 0;
    }
    k->typed_ms = k->env.mono_ms;
    if (in->kind == INPUT_TEXT) {
        size_t room = sizeof k->typed - k->typed_len;
        size_t len = strlen(in->text) < room ? strlen(in->text) : room;
        memcpy(k->typed + k->typed_len, in->text, len);
        k->typed_len += len;
    } else if (in->key == INPUT_KEY_BACKSPACE) {
        k->typed_len -= k->typed_len > 0;
    } else if (in->key == INPUT_KEY_ENTER && k->typed_len) {
        struct scan s = {.len = k->typed_len,
                         .mono_ms = (uint64_t)k->env.mono_ms,
                         .source = "keyboard"};
        memcpy(s.bytes, k->typed, k->typed_len);
        k->typed_len = 0;
        kiosk_scan(k, &s);
    }
}

// The focus is remembered by name: what it names may not be on this screen.
static void take_key(struct kiosk *k, const struct input *in) {
    const struct target *focus = &k->targets.focus;
    bool has_focus = focus->action != ACTION_NONE &&
                     targets_find(&k->targets, focus->action, focus->index) != NULL;
    if (in->key == INPUT_KEY_TAB) {
        targets_step_focus(&k->targets, in->is_shift ? -1 : 1);
        k->is_dirty = true;
    } else if (in->key == INPUT_KEY_ENTER && has_focus) {
        kiosk_act(k, k->targets.focus.action, k->targets.focus.index);
    } else {
        struct flow_event e = {.kind = FLOW_KEY, .key = in->key};
        step_flow(k, &e);
    }
}

static void take_release(struct kiosk *k, const struct input *in) {
    const struct target *t = targets_hit(&k->targets, in->x, in->y);
    bool is_tap = t && targets_is_pressed(&k->targets, t->action, t->index);
    struct target tapped = is_tap ? *t : (struct target){.action = ACTION_NONE};
    targets_press(&k->targets, NULL);
    k->is_dirty = true;
    if (is_tap) {
        kiosk_act(k, tapped.action, tapped.index);
    }
}

void kiosk_take_input(struct kiosk *k, const struct input *in) {
    bool is_code =
        in->kind == INPUT_TEXT ||
        (in->kind == INPUT_KEY && (in->key == INPUT_KEY_BACKSPACE ||
                                   (in->key == INPUT_KEY_ENTER && k->typed_len)));
    if (is_code && strcmp(k->options.scanner, "keyboard") == 0) {
        type_scan(k, in);
        return;
    }
    if (k->lock.is_locked && in->kind == INPUT_TEXT) {
        lock_type(k, in->text);
        return;
    }
    if (k->lock.is_locked && in->kind == INPUT_KEY && in->key != INPUT_KEY_TAB) {
        lock_press(k, in->key);
        return;
    }
    struct flow_event text = {.kind = FLOW_TEXT, .text = in->text};
    switch (in->kind) {
    case INPUT_TEXT: // other rows come: Enter is about them, not about a button of before
        k->targets.focus = (struct target){.action = ACTION_NONE};
        step_flow(k, &text);
        break;
    case INPUT_KEY:
        take_key(k, in);
        break;
    case INPUT_PRESS:
        targets_press(&k->targets, targets_hit(&k->targets, in->x, in->y));
        k->is_dirty = true;
        break;
    case INPUT_RELEASE:
        take_release(k, in);
        break;
    case INPUT_REDRAW:
        k->is_dirty = true;
        break;
    case INPUT_QUIT:
        k->is_quitting = true;
        break;
    case INPUT_NONE:
    case INPUT_WAKE:
    case INPUT_MOVE:
    case INPUT_SCROLL:
        break;
    }
}

void kiosk_tick(struct kiosk *k) {
    struct flow_event e = {.kind = FLOW_TICK};
    step_flow(k, &e);
    if (k->needs_refresh && !k->is_refreshing) { // the store was too far behind
        kiosk_refresh(k);
    }
    kiosk_jobs_pump(k);
    sound_step(k->sound, window_now_ms());
    if (k->role == ROLE_AGENDA && k->env.mono_ms >= k->signage.next_page_ms) {
        bool is_first = k->signage.next_page_ms == 0;
        k->signage.next_page_ms = k->env.mono_ms + SIGNAGE_PAGE_MS;
        k->signage.page += !is_first;
        k->is_dirty = k->is_dirty || k->has_pages || k->programme->notice_count > 1;
    }
    int64_t minute = k->env.now.wall_ms / 60000;
    if (minute != k->minute) { // clocks, ages and what is on
        k->minute = minute;
        k->is_dirty = true;
    }
}

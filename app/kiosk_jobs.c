#include "app/kiosk_jobs.h"

#include "app/kiosk.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

static void tell(struct kiosk *k, enum flow_print_state state) {
    kiosk_tell_print(k, k->jobs.now.person, state);
}

static void leave(struct kiosk *k) {
    badge_job_destroy(k->jobs.badge);
    k->jobs = (struct kiosk_jobs){.id = k->jobs.id};
    kiosk_refresh(k); // what is next is in the store
}

static bool ask(struct kiosk *k, enum flow_job_act act) {
    struct flow_request r = {.kind = FLOW_SUBMIT,
                             .job = {.act = act, .ref = k->jobs.now.ref}};
    snprintf(r.reason, sizeof r.reason, "%s", k->jobs.reason);
    k->jobs.is_asking = kiosk_ask_store(k, &r) == ERR_NONE;
    return k->jobs.is_asking;
}

// Sent and its result are facts: asked again until the store has room for them.
static void end(struct kiosk *k, enum flow_job_act act, const char *reason) {
    k->jobs.stage = KIOSK_JOB_ENDING;
    k->jobs.end = act;
    kiosk_jobs_finish(&k->jobs); // the picture is not needed any more
    utf8_copy(reason, k->jobs.reason, sizeof k->jobs.reason);
    ask(k, act);
}

static bool is_previewed(const struct kiosk *k) {
    const struct badge_job *b = k->badge;
    return b && b->raster.bits && b->serial == k->jobs.now.serial &&
           strcmp(b->who.person.id, k->jobs.now.person) == 0;
}

static void draw(struct kiosk *k) {
    const struct flow_jobs *seen = &k->desk_facts.jobs;
    struct badge_job *b = mem_alloc(1, sizeof *b);
    b->who = seen->who;
    b->serial = k->jobs.now.serial;
    b->event = k->programme->event;
    if (printing_post(k->printing, b) != ERR_NONE) {
        badge_job_destroy(b);
        k->jobs.stage = KIOSK_JOB_NONE; // tried again at the next tick
    }
}

static void mark(struct kiosk *k) {
    k->jobs.stage = KIOSK_JOB_MARKING;
    if (!ask(k, FLOW_JOB_SENT)) {
        leave(k);
    }
}

static void begin(struct kiosk *k) {
    k->jobs.now = k->desk_facts.jobs.next;
    k->jobs.stage = KIOSK_JOB_DRAWING;
    if (is_previewed(k)) { // what was previewed is what prints
        k->jobs.badge = badge_job_copy(k->badge);
        mark(k);
    } else {
        draw(k);
    }
}

static bool may_print(const struct kiosk *k) {
    bool is_well = k->printer_state == PRINTER_READY || k->printer_state == PRINTER_BUSY;
    return k->store && k->printer && is_well && k->env.disk == STORE_DISK_OK &&
           !k->lock.is_locked && !k->self.is_revoked;
}

void kiosk_jobs_pump(struct kiosk *k) {
    struct kiosk_jobs *j = &k->jobs;
    if (j->stage == KIOSK_JOB_NONE && k->desk_facts.jobs.next.ref.n && may_print(k)) {
        begin(k);
    } else if (j->stage == KIOSK_JOB_ENDING && !j->is_asking) {
        ask(k, j->end);
    }
}

void kiosk_jobs_take_badge(struct kiosk *k, struct badge_job *job) {
    struct kiosk_jobs *j = &k->jobs;
    bool is_now = j->stage == KIOSK_JOB_DRAWING && job->serial == j->now.serial &&
                  strcmp(job->who.person.id, j->now.person) == 0;
    if (!is_now) {
        badge_job_destroy(job);
        return;
    }
    j->badge = job;
    if (job->raster.bits) {
        mark(k);
    } else {
        tell(k, FLOW_PRINT_FAILED);
        end(k, FLOW_JOB_FAILED, "the badge could not be drawn");
    }
}

static void submit(struct kiosk *k) {
    struct kiosk_jobs *j = &k->jobs;
    const struct raster *r = &j->badge->raster;
    struct label label = {.w = r->w,
                          .h = r->h,
                          .stride_bytes = r->stride_bytes,
                          .dpi = r->dpi,
                          .bits = r->bits};
    j->stage = KIOSK_JOB_PRINTING;
    enum err e = printer_submit(k->printer, ++j->id, &label);
    if (e != ERR_NONE) {
        log_error("kiosk: a badge could not be given to the printer: %s", err_text(e));
        tell(k, FLOW_PRINT_FAILED);
        end(k, FLOW_JOB_FAILED, "the printer did not take it");
    } else {
        tell(k, FLOW_PRINT_PRINTING);
    }
}

void kiosk_jobs_take_printer(struct kiosk *k, const struct printer_news *news) {
    struct kiosk_jobs *j = &k->jobs;
    if (news->kind == PRINTER_STATE_CHANGED || j->stage != KIOSK_JOB_PRINTING ||
        news->job != j->id) {
        return;
    }
    if (news->kind == PRINTER_JOB_PRINTED) {
        end(k, FLOW_JOB_PRINTED, printer_name(k->printer));
        tell(k, FLOW_PRINT_DONE);
        return;
    }
    bool is_failed = news->kind == PRINTER_JOB_FAILED;
    log_warning("kiosk: a badge %s: %s", is_failed ? "failed" : "may have come out",
                news->reason);
    end(k, is_failed ? FLOW_JOB_FAILED : FLOW_JOB_UNKNOWN, news->reason);
    tell(k, is_failed ? FLOW_PRINT_FAILED : FLOW_PRINT_UNKNOWN);
}

bool kiosk_jobs_take_answer(struct kiosk *k, const struct flow_job *asked, enum err e) {
    struct kiosk_jobs *j = &k->jobs;
    bool is_ours = j->is_asking && asked->ref.stream == j->now.ref.stream &&
                   asked->ref.n == j->now.ref.n;
    if (!is_ours) {
        return false;
    }
    j->is_asking = false;
    if (j->stage == KIOSK_JOB_MARKING && e == ERR_NONE) {
        submit(k);
    } else if (j->stage == KIOSK_JOB_MARKING || e == ERR_NONE || e == ERR_DENIED) {
        leave(k); // withdrawn or handed on meanwhile, or done
    } else {
        log_error("kiosk: what became of a badge was not stored: %s", err_text(e));
    }
    return true;
}

void kiosk_jobs_finish(struct kiosk_jobs *j) {
    badge_job_destroy(j->badge);
    j->badge = NULL;
}

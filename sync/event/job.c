#include "sync/event/job.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"

#include <string.h>

static const char *const state_names[] = {"queued", "sent",    "printed",
                                          "failed", "unknown", "withdrawn"};
_Static_assert(sizeof state_names / sizeof *state_names == JOB_STATE_COUNT,
               "a name each");

const char *job_state_name(enum job_state state) {
    CHECK(state < JOB_STATE_COUNT);
    return state_names[state];
}

static bool is_kind(const struct fold_fact *f, const char *kind) {
    return f->body && strcmp(f->header.kind, kind) == 0;
}

static bool is_same(struct fact_ref a, struct fact_ref b) {
    return a.stream == b.stream && a.n == b.n;
}

static bool names(const struct fold_fact *f, struct fact_ref job) {
    struct fact_ref of;
    return ref_parse(json_get_text(f->body, "of", ""), &of) == ERR_NONE &&
           is_same(of, job);
}

bool job_is_first(const struct fold_fact *f) {
    uint64_t to;
    return is_kind(f, "print.job") && !json_object_get(f->body, "of") &&
           json_get_int(f->body, "serial", 0) > 0 &&
           hex_parse_u64(json_get_text(f->body, "to", ""), &to) == ERR_NONE;
}

static bool is_before(const struct fold_fact *a, const struct fold_fact *b) {
    return a->header.ref.stream != b->header.ref.stream
               ? a->header.ref.stream < b->header.ref.stream
               : a->header.ref.n < b->header.ref.n;
}

// The holder's next word. There is one, unless its card was put back: then the same for all.
static const struct fold_fact *find_next(const struct fold_fact *facts, size_t count,
                                         struct fact_ref job, const struct job_fold *at) {
    const struct fold_fact *next = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &facts[i];
        if (is_kind(f, "print.job") && f->dev == at->holder &&
            is_same(f->header.prev, at->last) && names(f, job) &&
            (!next || is_before(f, next))) {
            next = f;
        }
    }
    return next;
}

// By somebody who does not hold it, and saw it as it stands at this link.
static const struct fold_fact *find_withdrawal(const struct fold_fact *facts,
                                               size_t count, struct fact_ref job,
                                               const struct job_fold *at) {
    const struct fold_fact *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &facts[i];
        if (is_kind(f, "print.job") && f->dev != at->holder &&
            is_same(f->header.prev, at->last) && names(f, job) &&
            strcmp(json_get_text(f->body, "state", ""), "withdrawn") == 0 &&
            (!found || is_before(f, found))) {
            found = f;
        }
    }
    return found;
}

static void take_reason(const struct fold_fact *f, struct job_fold *io) {
    json_copy_text(f->body, "reason", io->reason, sizeof io->reason);
}

// What is known to have failed waits again where it is handed to, its holder included. What
// may have come out does not go on without a human.
static void move(const struct fold_fact *f, struct job_fold *io) {
    uint64_t to;
    bool is_waiting =
        io->state == JOB_QUEUED || io->state == JOB_FAILED || io->state == JOB_WITHDRAWN;
    if (is_waiting && hex_parse_u64(json_get_text(f->body, "to", ""), &to) == ERR_NONE) {
        io->holder = to;
        io->state = io->state == JOB_FAILED ? JOB_QUEUED : io->state;
    }
}

// The holder's word for a state; JOB_STATE_COUNT: none that it may say.
static enum job_state said_state(const char *word) {
    static const enum job_state all[] = {JOB_SENT, JOB_FAILED, JOB_UNKNOWN,
                                         JOB_WITHDRAWN};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(word, state_names[all[i]]) == 0) {
            return all[i];
        }
    }
    return JOB_STATE_COUNT;
}

static void apply(const struct fold_fact *f, struct job_fold *io) {
    const char *word = json_get_text(f->body, "state", "");
    enum job_state state = said_state(word);
    io->last = f->header.ref;
    if (strcmp(word, "moved") == 0) {
        move(f, io);
    } else if (state != JOB_STATE_COUNT) {
        io->state = state;
        if (state != JOB_SENT) { // it keeps what it is printed for
            take_reason(f, io);
        }
    }
}

static void take_withdrawal(const struct fold_fact *facts, size_t count,
                            struct fact_ref job, struct job_fold *io) {
    const struct fold_fact *w =
        io->state == JOB_QUEUED ? find_withdrawal(facts, count, job, io) : NULL;
    if (w) {
        io->state = JOB_WITHDRAWN;
        take_reason(w, io);
    }
}

// A badge that was declared void before it was printed is not wanted any more.
static bool is_moot(const struct fold_fact *f, const struct job_fold *j) {
    bool is_open = j->state != JOB_PRINTED && j->state != JOB_SENT;
    return is_open && is_kind(f, "badge.void") &&
           json_get_int(f->body, "serial", -1) == j->serial;
}

void job_fold(const struct fold_fact *facts, size_t count, const struct fold_fact *first,
              struct job_fold *out) {
    struct fact_ref job = first->header.ref;
    const struct fold_fact *next;
    *out =
        (struct job_fold){.last = job, .serial = json_get_int(first->body, "serial", 0)};
    bool is_read =
        hex_parse_u64(json_get_text(first->body, "to", ""), &out->holder) == ERR_NONE;
    CHECK(is_read);
    take_reason(first, out);
    take_withdrawal(facts, count, job, out);
    // A fact is named once as prev by each that follows: no link comes twice.
    for (size_t i = 0; i < count && (next = find_next(facts, count, job, out)); i++) {
        apply(next, out);
        take_withdrawal(facts, count, job, out);
    }
    for (size_t i = 0; i < count; i++) {
        out->state = is_moot(&facts[i], out) ? JOB_WITHDRAWN : out->state;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_kind(&facts[i], "badge.print") && names(&facts[i], job)) {
            out->state = JOB_PRINTED;
            out->reason[0] = '\0';
        }
    }
}

#include "app/requests.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"

#include <string.h>

static enum err run_admit(struct store *s, struct request *r) {
    const struct flow_request *a = &r->ask;
    struct admit_request admit = {
        .gate = r->gate,
        .code = a->code_len ? a->code : NULL,
        .code_len = a->code_len,
        .person = a->code_len ? NULL : a->person,
        .basis = r->basis,
        .now = r->now,
        .is_dry = a->is_dry,
        .is_override = a->is_override,
        .claim = a->claim,
        .is_confirmed = a->is_confirmed,
        .is_printing = r->is_printing,
    };
    return store_admit(s, &admit, &r->admit);
}

static enum err run_append(struct store *s, struct request *r) {
    json_t *body = NULL;
    struct draft d;
    enum err e = json_parse(r->ask.body, strlen(r->ask.body), &body);
    e = e == ERR_NONE ? draft_fill(&d, r->ask.fact_kind, r->ask.subject, body) : e;
    if (e != ERR_NONE) {
        return e;
    }
    d.basis = r->basis;
    e = store_append(s, &d, 1, &r->now, &r->ref);
    draft_finish(&d);
    return e;
}

static enum err run_new_job(struct store *s, struct request *r) {
    struct job job;
    struct job_request ask = {.person = r->ask.badge.person.id,
                              .reason = r->ask.reason,
                              .is_again = r->ask.job.act == FLOW_JOB_AGAIN,
                              .basis = r->basis,
                              .now = r->now};
    return store_job_enqueue(s, &ask, &job);
}

static enum err run_job(struct store *s, struct request *r) {
    struct fact_ref ref = r->ask.job.ref;
    switch (r->ask.job.act) {
    case FLOW_JOB_NEW:
    case FLOW_JOB_AGAIN:
        return run_new_job(s, r);
    case FLOW_JOB_SENT:
        return store_job_say(s, ref, JOB_SENT, r->ask.reason, &r->now);
    case FLOW_JOB_FAILED:
        return store_job_say(s, ref, JOB_FAILED, r->ask.reason, &r->now);
    case FLOW_JOB_UNKNOWN:
        return store_job_say(s, ref, JOB_UNKNOWN, r->ask.reason, &r->now);
    case FLOW_JOB_PRINTED:
        return store_job_printed(s, ref, r->ask.reason, &r->now);
    case FLOW_JOB_MOVE:
        return store_job_move(s, ref, r->ask.job.to, &r->now);
    case FLOW_JOB_WITHDRAW:
        break;
    }
    return store_job_withdraw(s, ref, r->ask.reason, &r->now);
}

static enum err run(struct store *s, void *arg) {
    struct request *r = arg;
    switch (r->ask.kind) {
    case FLOW_ADMIT:
        return run_admit(s, r);
    case FLOW_SEARCH:
        memcpy(r->found.query, r->ask.query, sizeof r->found.query);
        r->found.count =
            store_search(s, r->ask.query, r->gate, r->found.rows, FLOW_SEARCH_MAX);
        return ERR_NONE;
    case FLOW_APPEND:
        return run_append(s, r);
    case FLOW_SUBMIT:
        return run_job(s, r);
    case FLOW_CLAIM:
    case FLOW_RENDER:
    case FLOW_SOUND:
        break;
    }
    return ERR_UNSUPPORTED;
}

static void done(void *arg, enum err e) {
    struct request *r = arg;
    r->err = e;
    enum err posted = inbox_post(r->inbox, PARCEL_ANSWER, r);
    if (posted != ERR_NONE) {
        CHECK(posted == ERR_CLOSED); // the kiosk ends; else there is always room
        mem_free(r);
    }
}

enum err requests_post(struct store_thread *t, struct inbox *inbox,
                       const struct flow_request *ask, const struct flow_env *env) {
    struct request *r = mem_alloc(1, sizeof *r);
    r->ask = *ask;
    r->inbox = inbox;
    memcpy(r->gate, env->gate, sizeof r->gate);
    r->now = env->now;
    const struct gate *gate = programme_find_gate(env->programme, env->gate);
    r->is_printing =
        gate && gate->prints && env->has_printer && env->disk == STORE_DISK_OK;
    r->basis = agent_basis(&env->link, (uint64_t)env->mono_ms);
    struct store_job job = {.run = run, .done = done, .arg = r};
    enum err e = store_thread_post(t, &job);
    if (e != ERR_NONE) {
        mem_free(r);
    }
    return e;
}

static void read_jobs(struct store *s, uint64_t dev, const char *gate,
                      struct flow_jobs *out) {
    unsigned open = JOB_LIVE | JOB_BIT(JOB_FAILED);
    out->count = store_read_jobs(s, dev, open, out->rows, FLOW_JOBS_MAX);
    out->queued = (int)store_count_jobs(s, dev, JOB_BIT(JOB_QUEUED) | JOB_BIT(JOB_SENT));
    if (store_read_jobs(s, dev, JOB_BIT(JOB_QUEUED), &out->next, 1) &&
        store_read_person(s, out->next.person, gate, &out->who) != ERR_NONE) {
        out->next.ref.n = 0; // erased meanwhile, or not here yet
    }
    if (out->count) {
        out->place_count = store_read_job_places(s, out->places, FLOW_PLACES_MAX);
    }
}

void requests_read(struct store *s, struct refresh *io) {
    struct store_identity id = store_identity_get(s);
    io->programme_version = store_version(s, CHANNEL_PROGRAMME) + 1;
    io->is_enrolled = id.has_event;
    if (io->programme_version != io->known_programme) {
        io->programme = store_read_programme(s);
    }
    io->has_self = store_find_device(s, id.dev, &io->self) == ERR_NONE;
    if (io->wants_desk) {
        io->loading = loading_read(s);
        io->desk.counts = store_read_counts(s, io->gate, &io->now);
        io->desk.incident_count =
            store_read_incidents(s, io->desk.incidents, FLOW_INCIDENTS_MAX);
        read_jobs(s, id.dev, io->gate, &io->desk.jobs);
        io->desk.ask_count = store_read_asks(s, io->desk.asks, FLOW_ASKS_MAX);
    }
}

static enum err run_refresh(struct store *s, void *arg) {
    requests_read(s, arg);
    return ERR_NONE;
}

static void refresh_done(void *arg, enum err e) {
    struct refresh *r = arg;
    r->err = e;
    if (inbox_post(r->inbox, PARCEL_REFRESH, r) != ERR_NONE) {
        programme_destroy(r->programme);
        mem_free(r);
    }
}

enum err requests_refresh(struct store_thread *t, struct inbox *inbox,
                          uint64_t known_programme, bool wants_desk,
                          const struct flow_env *env) {
    struct refresh *r = mem_alloc(1, sizeof *r);
    r->known_programme = known_programme;
    r->wants_desk = wants_desk;
    r->inbox = inbox;
    r->now = env->now;
    memcpy(r->gate, env->gate, sizeof r->gate);
    struct store_job job = {.run = run_refresh, .done = refresh_done, .arg = r};
    enum err e = store_thread_post(t, &job);
    if (e != ERR_NONE) {
        mem_free(r);
    }
    return e;
}

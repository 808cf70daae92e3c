#include "sync/agent/jobs.h"

#include <stdio.h>

enum err jobs_run_identity(struct store *s, void *arg) {
    struct jobs_identity *job = arg;
    job->identity = store_identity_get(s);
    return ERR_NONE;
}

enum err jobs_run_load(struct store *s, void *arg) {
    struct jobs_load *job = arg;
    enum err e = ERR_NONE;
    snprintf(job->upstream, sizeof job->upstream, "hub");
    if (job->log) {
        e = upstream_name(s, job->log, job->upstream);
    }
    return e == ERR_NONE ? peer_load(s, job->upstream, &job->saved) : e;
}

enum err jobs_run_saved(struct store *s, void *arg) {
    struct jobs_saved *job = arg;
    return peer_load(s, job->upstream, &job->saved);
}

enum err jobs_run_gather(struct store *s, void *arg) {
    struct jobs_gather *job = arg;
    enum err e = peer_gather(s, &job->gather, job->out);
    job->waiting = upstream_count_waiting(s);
    return e;
}

enum err jobs_run_apply(struct store *s, void *arg) {
    struct jobs_apply *job = arg;
    enum err e = peer_apply(s, job->upstream, job->plan, &job->now, &job->pending);
    job->waiting = upstream_count_waiting(s);
    return e;
}

enum err jobs_run_snap(struct store *s, void *arg) {
    return peer_snap_take(s, arg);
}

enum err jobs_run_snap_has(struct store *s, void *arg) {
    struct jobs_snap_has *job = arg;
    job->is_here = peer_snap_has(s, job->hash);
    return ERR_NONE;
}

enum err jobs_run_snap_finish(struct store *s, void *arg) {
    struct jobs_snap_finish *job = arg;
    return peer_snap_finish(s, job->upstream, job->saved);
}

enum err jobs_run_count(struct store *s, void *arg) {
    struct jobs_count *job = arg;
    job->waiting = upstream_count_waiting(s);
    return ERR_NONE;
}

enum err jobs_run_sign(struct store *s, void *arg) {
    struct jobs_sign *job = arg;
    store_sign(s, job->text, sizeof job->text, job->sig);
    return ERR_NONE;
}

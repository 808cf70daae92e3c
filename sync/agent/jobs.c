#include "sync/agent/jobs.h"

#include "sync/store/loading.h"

#include <stdio.h>
#include <string.h>

static const char last_key[] = "last_upstream"; // the name of the one used last

enum err jobs_run_begin(struct store *s, void *arg) {
    struct jobs_begin *job = arg;
    char name[UPSTREAM_NAME_SIZE] = "";
    size_t len = 0;
    job->identity = store_identity_get(s);
    enum err e = store_meta_get(s, last_key, name, sizeof name - 1, &len);
    name[e == ERR_NONE ? len : 0] = '\0';
    if (e == ERR_NONE) {
        e = peer_load(s, name, &job->saved);
    }
    return e == ERR_NOT_FOUND ? ERR_NONE : e;
}

enum err jobs_run_load(struct store *s, void *arg) {
    struct jobs_load *job = arg;
    enum err e = ERR_NONE;
    snprintf(job->upstream, sizeof job->upstream, "hub");
    if (job->log) {
        e = upstream_name(s, job->log, job->upstream);
    }
    if (e == ERR_NONE) {
        e = peer_load(s, job->upstream, &job->saved);
    }
    return e == ERR_NONE
               ? store_meta_set(s, last_key, job->upstream, strlen(job->upstream))
               : e;
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

enum err jobs_run_expect(struct store *s, void *arg) {
    const struct jobs_expect *job = arg;
    return loading_expect(s, job->people);
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

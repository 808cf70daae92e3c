#include "app/flows/desk_jobs.h"

#include "app/flows/flow_words.h"
#include "app/screens/words.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

static bool is_well(const struct flow_env *env) {
    return env->has_printer &&
           (env->printer == PRINTER_READY || env->printer == PRINTER_BUSY);
}

static bool needs_person(const struct job *j, const struct flow_env *env) {
    bool is_stuck = j->state == JOB_QUEUED && !is_well(env);
    return j->state == JOB_UNKNOWN || j->state == JOB_FAILED || is_stuck;
}

const struct job *desk_jobs_find_need(const struct flow_jobs *jobs,
                                      const struct flow_env *env, size_t line) {
    for (size_t i = 0; i < jobs->count; i++) {
        if (needs_person(&jobs->rows[i], env) && line-- == 0) {
            return &jobs->rows[i];
        }
    }
    return NULL;
}

size_t desk_jobs_count_needs(const struct flow_jobs *jobs, const struct flow_env *env) {
    size_t count = 0;
    while (desk_jobs_find_need(jobs, env, count)) {
        count++;
    }
    return count;
}

const struct job *desk_jobs_find(const struct flow_jobs *jobs, struct fact_ref ref) {
    for (size_t i = 0; i < jobs->count; i++) {
        const struct fact_ref *at = &jobs->rows[i].ref;
        if (at->stream == ref.stream && at->n == ref.n) {
            return &jobs->rows[i];
        }
    }
    return NULL;
}

// ---- what staff decide --------------------------------------------------------------------

static void ask(const struct job *j, enum flow_job_act act, const char *reason,
                struct flow_out *out) {
    struct flow_request *r = flow_add(out, FLOW_SUBMIT);
    r->job = (struct flow_job){.act = act, .ref = j->ref};
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    if (act == FLOW_JOB_AGAIN) {
        memcpy(r->badge.person.id, j->person, sizeof r->badge.person.id);
    }
}

bool desk_jobs_act(const struct flow_jobs *jobs, const struct job *job,
                   const struct flow_event *e, struct flow_out *out,
                   char out_said[LINE_SIZE]) {
    size_t place = e->index < 0 ? FLOW_PLACES_MAX : (size_t)e->index;
    switch ((int)e->action) {
    case ACTION_CAME_OUT:
        ask(job, FLOW_JOB_PRINTED, "seen at the desk", out);
        flow_format(out_said, LINE_SIZE, tr("Badge of %s noted as printed"), job->name);
        return true;
    case ACTION_PRINT_AGAIN:
        ask(job, FLOW_JOB_AGAIN, "did not come out", out);
        flow_format(out_said, LINE_SIZE, tr("Badge for %s is printing"), job->name);
        return true;
    case ACTION_WITHDRAW:
        ask(job, FLOW_JOB_WITHDRAW, "withdrawn at the desk", out);
        flow_format(out_said, LINE_SIZE, tr("Badge of %s withdrawn"), job->name);
        return true;
    case ACTION_PRINT_ELSEWHERE:
        if (place < jobs->place_count) {
            ask(job, FLOW_JOB_MOVE, "", out);
            out->requests[out->count - 1].job.to = jobs->places[place].dev;
            flow_format(out_said, LINE_SIZE, tr("Badge of %s goes to %s"), job->name,
                        jobs->places[place].name);
        }
        return true;
    default:
        return false;
    }
}

bool desk_jobs_move_all(const struct flow_jobs *jobs, struct flow_out *out,
                        char out_said[LINE_SIZE]) {
    size_t first = out->count;
    for (size_t i = 0; i < jobs->count && jobs->place_count; i++) {
        if (jobs->rows[i].state == JOB_QUEUED && out->count < FLOW_REQUESTS_MAX) {
            ask(&jobs->rows[i], FLOW_JOB_MOVE, "", out);
            out->requests[out->count - 1].job.to = jobs->places[0].dev;
        }
    }
    flow_format(out_said, LINE_SIZE, tr("Waiting badges go to %s"), jobs->places[0].name);
    return out->count > first;
}

// ---- what is shown ------------------------------------------------------------------------

static const char *state_words(const struct job *j) {
    switch ((int)j->state) {
    case JOB_QUEUED:
        return tr("waits");
    case JOB_SENT:
        return tr("printing");
    case JOB_FAILED:
        return tr("not printed");
    default:
        return tr("uncertain");
    }
}

static void format_age(const struct job *j, const struct flow_env *env, char *out,
                       size_t size) {
    int64_t minutes = (env->now.wall_ms - j->at_ms) / 60000;
    if (minutes < 1 || !flow_is_time_known(env)) {
        utf8_copy(state_words(j), out, size);
    } else if (minutes < 120) {
        flow_format(out, size, tr("%s, %d min"), state_words(j), (int)minutes);
    } else {
        flow_format(out, size, tr("%s, %d h"), state_words(j), (int)(minutes / 60));
    }
}

void desk_jobs_fill_need(const struct job *job, const struct flow_env *env,
                         struct desk_need *out) {
    char age[NAME_SIZE];
    *out = (struct desk_need){.action = ACTION_LOOK};
    format_age(job, env, age, sizeof age);
    if (job->state == JOB_UNKNOWN) {
        flow_format(out->text, sizeof out->text, tr("Did the badge of %s come out?"),
                    job->name);
        out->is_urgent = true;
    } else {
        flow_format(out->text, sizeof out->text, tr("Badge of %s: %s"), job->name, age);
    }
}

static void add_action(struct desk_panel *p, enum action action, const char *text,
                       int index) {
    if (p->action_count < DESK_ACTIONS_MAX) {
        struct desk_action *a = &p->actions[p->action_count++];
        *a = (struct desk_action){
            .action = action, .index = index, .is_main = p->action_count == 1};
        utf8_copy(text, a->text, sizeof a->text);
    }
}

void desk_jobs_fill_panel(const struct flow_jobs *jobs, const struct job *job,
                          const struct flow_env *env, struct desk_panel *out) {
    *out = (struct desk_panel){.kind = DESK_PANEL_JOB, .tone = DESK_CARE};
    utf8_copy(job->name, out->title, sizeof out->title);
    format_age(job, env, out->status, sizeof out->status);
    utf8_copy(job->reason, out->detail, sizeof out->detail);
    if (job->state == JOB_UNKNOWN) {
        utf8_copy(tr("Did the badge come out? Look in the printer's tray first."),
                  out->attention, sizeof out->attention);
        add_action(out, ACTION_CAME_OUT, tr("Yes, it came out"), 0);
        add_action(out, ACTION_PRINT_AGAIN, tr("No, print again"), 0);
        add_action(out, ACTION_WITHDRAW, tr("Withdraw"), 0);
        return;
    }
    if (job->state == JOB_FAILED) {
        add_action(out, ACTION_PRINT_AGAIN, tr("Print again"), 0);
    }
    for (size_t i = 0; i < jobs->place_count && i < 2 && job->state != JOB_SENT; i++) {
        char text[NAME_SIZE];
        flow_format(text, sizeof text, tr("Print at %s"), jobs->places[i].name);
        add_action(out, ACTION_PRINT_ELSEWHERE, text, (int)i);
    }
    if (job->state != JOB_SENT) {
        add_action(out, ACTION_WITHDRAW, tr("Withdraw"), 0);
    }
}

void desk_jobs_fill_queue(const struct flow_jobs *jobs, const struct flow_env *env,
                          struct desk_view *out) {
    int shown = 0;
    for (size_t i = 0; i < jobs->count && out->queue_count < DESK_QUEUE_MAX; i++) {
        const struct job *j = &jobs->rows[i];
        if (j->state != JOB_QUEUED && j->state != JOB_SENT) {
            continue;
        }
        struct desk_queue *q = &out->queue[out->queue_count++];
        utf8_copy(j->name, q->name, sizeof q->name);
        format_age(j, env, q->state, sizeof q->state);
        shown++;
    }
    out->queue_more = env->queued > shown ? env->queued - shown : 0;
    if (!is_well(env) && out->queue_count && jobs->place_count) {
        utf8_copy(jobs->places[0].name, out->printer_elsewhere,
                  sizeof out->printer_elsewhere);
    }
}

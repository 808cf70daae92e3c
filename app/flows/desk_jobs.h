// Badges on their way at the staffed desk: which of them need a person, what is asked about
// one, and what staff may decide. A part of the desk's flow. Pure steps on the main thread.
#ifndef APP_FLOWS_DESK_JOBS_H
#define APP_FLOWS_DESK_JOBS_H

#include "app/flows/flow.h"
#include "app/screens/desk.h"

// The jobs that stand in "needs you": uncertain and failed ones, and those that wait while the
// printer is not well. Borrowed; NULL: fewer than line + 1.
const struct job *desk_jobs_find_need(const struct flow_jobs *jobs,
                                      const struct flow_env *env, size_t line);
size_t desk_jobs_count_needs(const struct flow_jobs *jobs, const struct flow_env *env);
// The job with this address; NULL: it has its end, or another desk has it.
const struct job *desk_jobs_find(const struct flow_jobs *jobs, struct fact_ref ref);

// What staff decided about the job in the panel. out_said: what the desk says then. false: the
// action is about something else.
bool desk_jobs_act(const struct flow_jobs *jobs, const struct job *job,
                   const struct flow_event *e, struct flow_out *out,
                   char out_said[LINE_SIZE]);

// All that wait here go to the first of the places: its printer is well, this one is not.
// False: nothing waits, or there is no other place.
bool desk_jobs_move_all(const struct flow_jobs *jobs, struct flow_out *out,
                        char out_said[LINE_SIZE]);

// One line of "needs you", and the whole panel.
void desk_jobs_fill_need(const struct job *job, const struct flow_env *env,
                         struct desk_need *out);
void desk_jobs_fill_panel(const struct flow_jobs *jobs, const struct job *job,
                          const struct flow_env *env, struct desk_panel *out);
// The queue under the printer, and where it could go while that is not well.
void desk_jobs_fill_queue(const struct flow_jobs *jobs, const struct flow_env *env,
                          struct desk_view *out);

#endif

// Words and times that several flows need. Pure; main thread. Texts are cut to size between
// characters; nothing fails.
#ifndef APP_FLOWS_FLOW_WORDS_H
#define APP_FLOWS_FLOW_WORDS_H

#include "app/flows/flow.h"

// "13:43" and "Wed 25 March" in the venue's zone; "" when that is unknown.
void flow_clock(const struct flow_env *env, int64_t utc_ms, char *out, size_t size);
// The same where it stands alone: "13:43 UTC" when it is not the venue's.
void flow_clock_alone(const struct flow_env *env, int64_t utc_ms, char *out, size_t size);
void flow_date(const struct flow_env *env, int64_t utc_ms, char *out, size_t size);
// "Week pass · newcomer · no photos"
void flow_person_line(const struct person *p, char *out, size_t size);
const char *flow_kind_name(const char *kind); // "week" -> "Week pass"
// snprintf that never splits a character at the cut.
void flow_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Worth a place beside what people came for: a warning, or said for a few hours only.
bool flow_is_pressing(const struct flow_env *env, const struct notice *n);
// Within its time. Without a trustworthy one a warning is better shown than left out.
bool flow_is_due(const struct flow_env *env, const struct notice *n);
bool flow_is_time_known(const struct flow_env *env);
// What to say beside a clock: "time not confirmed", "times are UTC"; "" when all is well.
void flow_time_note(const struct flow_env *env, char *out, size_t size);
// "8 200 of 12 431 people" while they are still coming, else "".
void flow_loading(const struct flow_env *env, char *out, size_t size);
bool flow_is_online(const struct flow_env *env);

#endif

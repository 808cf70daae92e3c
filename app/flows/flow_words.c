#include "app/flows/flow_words.h"

#include "app/screens/look.h"
#include "app/screens/session_view.h"
#include "app/screens/words.h"
#include "sync/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void flow_format(char *out, size_t size, const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    utf8_copy(text, out, size);
}

void flow_clock(const struct flow_env *env, int64_t utc_ms, char *out, size_t size) {
    out[0] = '\0';
    if (env->zone) {
        struct local_time t = zone_local(env->zone, utc_ms);
        snprintf(out, size, "%02d:%02d", t.hour, t.minute);
    }
}

void flow_clock_alone(const struct flow_env *env, int64_t utc_ms, char *out,
                      size_t size) {
    char clock[CLOCK_SIZE];
    flow_clock(env, utc_ms, clock, sizeof clock);
    snprintf(out, size, "%s%s", clock, env->is_utc && clock[0] ? tr(" UTC") : "");
}

void flow_date(const struct flow_env *env, int64_t utc_ms, char *out, size_t size) {
    static const char *const days[] = {tr_mark("Mon"), tr_mark("Tue"), tr_mark("Wed"),
                                       tr_mark("Thu"), tr_mark("Fri"), tr_mark("Sat"),
                                       tr_mark("Sun")};
    static const char *const months[] = {
        tr_mark("January"), tr_mark("February"), tr_mark("March"),
        tr_mark("April"),   tr_mark("May"),      tr_mark("June"),
        tr_mark("July"),    tr_mark("August"),   tr_mark("September"),
        tr_mark("October"), tr_mark("November"), tr_mark("December")};
    out[0] = '\0';
    if (env->zone) {
        struct local_time t = zone_local(env->zone, utc_ms);
        snprintf(out, size, "%s %d %s", tr(days[t.weekday - 1]), t.day,
                 tr(months[t.month - 1]));
    }
}

const char *flow_kind_name(const char *kind) {
    static const char *const names[][2] = {
        {"week", tr_mark("Week pass")},      {"early", tr_mark("Week pass, early")},
        {"student", tr_mark("Student")},     {"day", tr_mark("One-day pass")},
        {"companion", tr_mark("Companion")}, {"hackathon", tr_mark("Hackathon only")},
        {"social", tr_mark("Social event")}, {"staff", tr_mark("Staff")},
        {"press", tr_mark("Press")},         {"guest", tr_mark("Guest")},
        {"remote", tr_mark("Remote")},       {"invited", tr_mark("By invitation")},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i][0], kind) == 0) {
            return tr(names[i][1]);
        }
    }
    return kind;
}

void flow_person_line(const struct person *p, char *out, size_t size) {
    flow_format(out, size, "%s%s%s", flow_kind_name(p->kind),
                p->is_newcomer ? tr(" · newcomer") : "",
                p->no_photo ? tr(" · no photos") : "");
}

bool flow_is_due(const struct flow_env *env, const struct notice *n) {
    if (!flow_is_time_known(env)) {
        return n->level != NOTICE_INFO || (!n->from_ms && !n->until_ms);
    }
    return (!n->from_ms || env->now.wall_ms >= n->from_ms) &&
           (!n->until_ms || env->now.wall_ms < n->until_ms);
}

bool flow_is_pressing(const struct flow_env *env, const struct notice *n) {
    enum { SHORT_MS = 4 * 3600000, FRESH_MS = 3600000 };
    int64_t from_ms = n->from_ms ? n->from_ms : n->made_ms;
    int64_t age_ms = env->now.wall_ms - n->made_ms;
    bool is_short = n->until_ms ? n->until_ms - from_ms <= SHORT_MS
                                : age_ms >= 0 && age_ms < FRESH_MS;
    return n->level != NOTICE_INFO || is_short;
}

bool flow_is_time_known(const struct flow_env *env) {
    return env->now.state != TIME_UNKNOWN && env->zone;
}

void flow_time_note(const struct flow_env *env, char *out, size_t size) {
    enum { DOUBTFUL_MS = 60000 }; // a minute is what clocks here show
    out[0] = '\0';
    bool is_doubtful = env->now.state == TIME_HELD || env->now.error_ms > DOUBTFUL_MS;
    if (flow_is_time_known(env) && is_doubtful) { // else the clock's place says so
        look_join(out, size, tr("time not confirmed"));
    }
    if (env->is_utc) {
        look_join(out, size, tr("times are UTC"));
    }
}

void flow_loading(const struct flow_env *env, char *out, size_t size) {
    const struct loading *l = &env->loading;
    char people[LOOK_COUNT_SIZE];
    char total[LOOK_COUNT_SIZE];
    out[0] = '\0';
    if (!l->is_loading) {
        return;
    }
    // Some may have been added since the upstream counted.
    look_format_count(l->people, people, sizeof people);
    look_format_count(l->total < l->people ? l->people : l->total, total, sizeof total);
    if (l->total) {
        flow_format(out, size, tr("%s of %s people"), people, total);
    } else if (l->people) {
        flow_format(out, size, tr("%s people so far"), people);
    } else {
        utf8_copy(tr("the list of people is on its way"), out, size);
    }
}

bool flow_is_online(const struct flow_env *env) {
    return !env->has_upstream || env->link.is_online;
}

#include "app/flows/desk_paper.h"

#include "app/flows/flow_words.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 86400000 };

// Days since 1970 of "2015-03-23"; fallback when it is none.
static int64_t day_number(const char *day, int64_t fallback) {
    char text[32];
    int64_t ms = 0;
    snprintf(text, sizeof text, "%.10sT00:00:00Z", day);
    return instant_parse(text, &ms) == ERR_NONE ? ms / DAY_MS : fallback;
}

struct days {
    int64_t first, last;
};

static int64_t today(const struct flow_env *env) {
    return env->zone ? zone_local(env->zone, env->now.wall_ms).day_no
                     : env->now.wall_ms / DAY_MS;
}

// Those of the event, and today, whatever the calendar says.
static struct days event_days(const struct flow_env *env) {
    const struct event_info *e = &env->programme->event;
    bool is_sure = flow_is_time_known(env);
    struct days d = {.first = day_number(e->start, today(env))};
    d.last = day_number(e->end, d.first);
    if (is_sure && today(env) < d.first) {
        d.first = today(env);
    }
    if (is_sure && today(env) > d.last) {
        d.last = today(env);
    }
    return d;
}

static void type_digits(struct desk_paper *p, const char *text) {
    for (; *text; text++) {
        size_t len = strlen(p->digits);
        if (*text < '0' || *text > '9') {
            continue;
        }
        if (len == 0 && *text > '2') { // "920" is 09:20
            p->digits[len++] = '0';
        }
        bool is_hour = len != 1 || p->digits[0] != '2' || *text <= '3';
        bool is_minute = len != 2 || *text <= '5';
        if (len < PAPER_DIGITS && is_hour && is_minute) {
            p->digits[len++] = *text;
        }
        p->digits[len] = '\0';
    }
}

static void erase(struct desk_paper *p) {
    size_t len = strlen(p->digits);
    p->digits[len ? len - 1 : 0] = '\0';
}

static void step_gate(struct desk_paper *p, const struct flow_env *env, int by) {
    const struct programme *all = env->programme;
    int count = (int)all->gate_count;
    int at = 0;
    for (int i = 0; i < count; i++) {
        at = strcmp(all->gates[i].id, p->gate) == 0 ? i : at;
    }
    if (count) {
        memcpy(p->gate, all->gates[(at + by + count) % count].id, sizeof p->gate);
    }
}

static void step_day(struct desk_paper *p, const struct flow_env *env, int by) {
    struct days d = event_days(env);
    p->day_no += by;
    p->day_no = p->day_no < d.first ? d.first : p->day_no;
    p->day_no = p->day_no > d.last ? d.last : p->day_no;
}

void desk_paper_open(struct desk_paper *p, const struct flow_env *env,
                     const struct person *who) {
    *p = (struct desk_paper){.day_no = today(env)};
    memcpy(p->person, who->id, sizeof p->person);
    memcpy(p->name, who->name, sizeof p->name);
    memcpy(p->gate, env->gate, sizeof p->gate);
    step_day(p, env, 0);
}

// About noon of the day at the venue.
static int64_t noon_ms(const struct desk_paper *p, const struct flow_env *env) {
    int64_t ms = p->day_no * DAY_MS + DAY_MS / 2;
    return ms - (int64_t)zone_local(env->zone, ms).offset_s * 1000;
}

bool desk_paper_read(const struct desk_paper *p, const struct flow_env *env,
                     int64_t *out_ms) {
    if (!env->zone || strlen(p->digits) != PAPER_DIGITS) {
        return false;
    }
    struct local_time day = zone_local(env->zone, noon_ms(p, env));
    int hour = (p->digits[0] - '0') * 10 + (p->digits[1] - '0');
    int minute = (p->digits[2] - '0') * 10 + (p->digits[3] - '0');
    *out_ms = zone_to_utc_ms(env->zone, day.year, day.month, day.day, hour, minute);
    return true;
}

static enum desk_paper_result act(struct desk_paper *p, const struct flow_env *env,
                                  const struct flow_event *e) {
    int64_t at_ms = 0;
    const char digit[2] = {(char)('0' + e->index % 10), '\0'};
    switch ((int)e->action) {
    case ACTION_GATE:
        step_gate(p, env, e->index ? 1 : -1);
        return DESK_PAPER_TAKEN;
    case ACTION_DAY:
        step_day(p, env, e->index ? 1 : -1);
        return DESK_PAPER_TAKEN;
    case ACTION_DIGIT:
        type_digits(p, digit);
        return DESK_PAPER_TAKEN;
    case ACTION_ERASE:
        erase(p);
        return DESK_PAPER_TAKEN;
    case ACTION_ENTER_PAPER:
        return desk_paper_read(p, env, &at_ms) ? DESK_PAPER_ENTERED : DESK_PAPER_TAKEN;
    case ACTION_CLOSE:
    case ACTION_BACK:
        return DESK_PAPER_LEFT;
    default:
        return DESK_PAPER_IGNORED;
    }
}

static struct flow_event as_action(enum input_key key) {
    struct flow_event e = {.kind = FLOW_ACTION};
    switch ((int)key) {
    case INPUT_KEY_BACKSPACE:
        e.action = ACTION_ERASE;
        break;
    case INPUT_KEY_LEFT:
    case INPUT_KEY_RIGHT:
        e.action = ACTION_DAY;
        e.index = key == INPUT_KEY_RIGHT;
        break;
    case INPUT_KEY_UP:
    case INPUT_KEY_DOWN:
        e.action = ACTION_GATE;
        e.index = key == INPUT_KEY_DOWN;
        break;
    case INPUT_KEY_ENTER:
        e.action = ACTION_ENTER_PAPER;
        break;
    case INPUT_KEY_ESCAPE:
        e.action = ACTION_CLOSE;
        break;
    default:
        break;
    }
    return e;
}

enum desk_paper_result desk_paper_step(struct desk_paper *p, const struct flow_env *env,
                                       const struct flow_event *e) {
    struct flow_event touched;
    switch ((int)e->kind) {
    case FLOW_TEXT:
        type_digits(p, e->text);
        return DESK_PAPER_TAKEN;
    case FLOW_ACTION:
        return act(p, env, e);
    case FLOW_KEY:
        touched = as_action(e->key);
        return act(p, env, &touched);
    default:
        return DESK_PAPER_IGNORED;
    }
}

struct flow_request *desk_paper_append(const struct desk_paper *p,
                                       const struct flow_env *env, struct flow_out *out) {
    int64_t at_ms = 0;
    char at[32];
    bool is_read = desk_paper_read(p, env, &at_ms);
    CHECK(is_read);
    instant_format(at_ms, at);
    return flow_append(
        out, "admit", p->person,
        json_pack("{s:s,s:s,s:s}", "gate", p->gate, "by_code", "paper", "at", at));
}

void desk_paper_fill(const struct desk_paper *p, const struct flow_env *env,
                     struct desk_paper_view *out) {
    int64_t at_ms = 0;
    char d[PAPER_DIGITS + 1] = "____";
    memcpy(d, p->digits, strlen(p->digits));
    const struct gate *g = programme_find_gate(env->programme, p->gate);
    struct days days = event_days(env);
    *out = (struct desk_paper_view){.is_ready = desk_paper_read(p, env, &at_ms),
                                    .can_choose_gate = env->programme->gate_count > 1,
                                    .can_choose_day = days.last > days.first};
    utf8_copy(g && g->name[0] ? g->name : p->gate, out->gate, sizeof out->gate);
    snprintf(out->time, sizeof out->time, "%.2s:%.2s", d, d + 2);
    if (env->zone) {
        flow_date(env, noon_ms(p, env), out->day, sizeof out->day);
    }
}

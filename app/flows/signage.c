#include "app/flows/signage.h"

#include "app/flows/flow_words.h"
#include "app/screens/words.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { STALE_MS = 15 * 60000 };

static int64_t end_ms(const struct session *s) {
    return s->start_ms + (int64_t)s->minutes * 60000;
}

static int64_t day_of(const struct flow_env *env, int64_t ms) {
    return zone_local(env->zone, ms).day_no;
}

static bool is_on(const struct session *s, int64_t now) {
    return !s->is_canceled && s->start_ms <= now && now < end_ms(s);
}

static bool is_today(const struct flow_env *env, int64_t ms) {
    return day_of(env, ms) == day_of(env, env->now.wall_ms);
}

// "09:00" today, "Thu 09:00" on another day.
static void when(const struct flow_env *env, int64_t ms, char *out, size_t size) {
    char clock[CLOCK_SIZE];
    flow_clock(env, ms, clock, sizeof clock);
    if (is_today(env, ms)) {
        utf8_copy(clock, out, size);
        return;
    }
    char date[DAY_SIZE];
    flow_date(env, ms, date, sizeof date);
    snprintf(out, size, "%.3s %s", date, clock);
}

static bool is_moved(const struct session *s) {
    return s->was_start_ms != 0 &&
           (strcmp(s->was_room, s->room) != 0 || s->was_start_ms != s->start_ms);
}

static void upper(char *text) {
    for (; *text; text++) {
        *text = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
    }
}

// The session as its own room shows it.
static void fill_session(const struct flow_env *env, const struct session *s,
                         struct session_view *v) {
    *v = (struct session_view){.is_bof = s->is_bof};
    bool is_group = s->type == SESSION_REGULAR || s->type == SESSION_PLENARY;
    flow_clock(env, s->start_ms, v->start, sizeof v->start);
    flow_clock(env, end_ms(s), v->end, sizeof v->end);
    if (flow_is_time_known(env) && !is_today(env, s->start_ms)) {
        flow_date(env, s->start_ms, v->day, sizeof v->day);
    }
    utf8_copy(is_group ? s->acronym : "", v->acronym, sizeof v->acronym);
    upper(v->acronym);
    utf8_copy(s->name, v->title, sizeof v->title);
    utf8_copy(s->note, v->note, sizeof v->note);
    utf8_copy(s->area, v->area, sizeof v->area);
    upper(v->area);
    if (s->is_canceled) {
        v->change = CHANGE_CANCELLED;
    } else if (is_moved(s) && s->was_room[0] && strcmp(s->was_room, s->room) != 0) {
        v->change = CHANGE_MOVED_HERE;
        utf8_copy(s->was_room, v->was, sizeof v->was);
    } else if (is_moved(s) && s->was_start_ms != s->start_ms) { // a first room is no move
        v->change = CHANGE_NEW_TIME;
        when(env, s->was_start_ms, v->was, sizeof v->was);
    }
}

// The session as the room it left shows it, at its old time. Cancelled goes before moved:
// nobody is to walk there.
static void fill_moved_away(const struct flow_env *env, const struct session *s,
                            struct session_view *v) {
    fill_session(env, s, v);
    v->day[0] = '\0';
    flow_clock(env, s->was_start_ms, v->start, sizeof v->start);
    flow_clock(env, s->was_start_ms + end_ms(s) - s->start_ms, v->end, sizeof v->end);
    v->was[0] = '\0';
    if (s->is_canceled) {
        return;
    }
    v->change = CHANGE_MOVED_AWAY;
    if (s->was_start_ms != s->start_ms) {
        when(env, s->start_ms, v->to_when, sizeof v->to_when);
    }
    utf8_copy(s->room, v->to_room, sizeof v->to_room);
    const struct room *r = programme_find_room(env->programme, s->room);
    utf8_copy(r ? r->level : "", v->to_level, sizeof v->to_level);
}

// Was to be here at a time that is not over yet, and is not any more.
static bool has_left(const struct flow_env *env, const struct session *s) {
    bool is_other = strcmp(s->room, env->room) != 0 || s->was_start_ms != s->start_ms;
    int64_t old_end = s->was_start_ms + (int64_t)s->minutes * 60000;
    return is_moved(s) && strcmp(s->was_room, env->room) == 0 && is_other &&
           env->now.wall_ms < old_end && is_today(env, s->was_start_ms);
}

// Something other than a break or an open desk is what people come for.
static bool is_main(const struct session *s) {
    return s->type != SESSION_BREAK && s->type != SESSION_REG;
}

static const struct session *find_now(const struct flow_env *env, struct room_view *v) {
    const struct programme *p = env->programme;
    const struct session *now = NULL;
    for (size_t i = 0; i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        if (strcmp(s->room, env->room) != 0 || !is_on(s, env->now.wall_ms)) {
            continue;
        }
        if (now && is_main(s) == is_main(now)) {
            utf8_copy(s->acronym[0] ? s->acronym : s->name, v->also, sizeof v->also);
            upper(v->also);
        }
        if (!now || (is_main(s) && !is_main(now))) {
            now = s;
            v->also[0] = '\0'; // was said of breaks
        }
    }
    return now;
}

// The next session here, today or (for the end of the day) on any later day. A break that
// begins with it stands behind.
static const struct session *find_next(const struct flow_env *env, bool is_today_only) {
    const struct programme *p = env->programme;
    const struct session *next = NULL;
    for (size_t i = 0; i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        bool is_next = strcmp(s->room, env->room) == 0 && !s->is_canceled &&
                       s->start_ms > env->now.wall_ms &&
                       (!is_today_only || is_today(env, s->start_ms));
        if (next && s->start_ms > next->start_ms) {
            break;
        }
        if (is_next && (!next || (is_main(s) && !is_main(next)))) {
            next = s;
        }
    }
    return next;
}

// Cards below: what comes here today, what was to come and moved, what was cancelled; in
// order of the time people have in mind.
static void fill_cards(const struct flow_env *env, const struct session *shown,
                       struct room_view *v) {
    struct card {
        int64_t at;
        const struct session *s;
        bool has_left;
    } cards[ROOM_NEXT_MAX] = {{0}};
    int count = 0;
    const struct programme *p = env->programme;
    for (size_t i = 0; i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        struct card c = {s->start_ms, s, has_left(env, s)};
        bool is_here = strcmp(s->room, env->room) == 0 && is_today(env, s->start_ms) &&
                       s != shown &&
                       (s->is_canceled ? env->now.wall_ms < end_ms(s)
                                       : env->now.wall_ms < s->start_ms);
        if (!c.has_left && !is_here) {
            continue;
        }
        c.at = c.has_left ? s->was_start_ms : s->start_ms;
        int at = count < ROOM_NEXT_MAX ? count : ROOM_NEXT_MAX;
        while (at > 0 && cards[at - 1].at > c.at) {
            at--;
        }
        for (int j = ROOM_NEXT_MAX - 1; j > at; j--) {
            cards[j] = cards[j - 1];
        }
        if (at < ROOM_NEXT_MAX) {
            cards[at] = c;
            count += count < ROOM_NEXT_MAX;
        }
    }
    for (int i = 0; i < count; i++) {
        if (cards[i].has_left) {
            fill_moved_away(env, cards[i].s, &v->next[i]);
        } else {
            fill_session(env, cards[i].s, &v->next[i]);
        }
    }
    v->next_count = count;
}

// The length of the room's name at the start of text, as one of a blank-separated list.
static size_t match_room(const char *text, const char *name) {
    size_t len = strlen(name);
    bool is_whole =
        len && strncmp(text, name, len) == 0 && (text[len] == ' ' || text[len] == '\0');
    return is_whole ? len : 0;
}

// Names may hold blanks, and one may begin like another ("Parisian", "Parisian West"): the
// longest known one counts.
static bool concerns_room(const struct flow_env *env, const struct notice *n) {
    const struct programme *p = env->programme;
    const char *at = n->rooms;
    while (*at) {
        size_t longest = 0;
        for (size_t i = 0; i < p->room_count; i++) {
            size_t len = match_room(at, p->rooms[i].name);
            longest = len > longest ? len : longest;
        }
        size_t ours = match_room(at, env->room);
        if (ours && ours >= longest) {
            return true;
        }
        at += longest ? longest : strcspn(at, " ");
        at += strspn(at, " ");
    }
    return n->rooms[0] == '\0';
}

static bool is_due(const struct flow_env *env, const struct notice *n) {
    return flow_is_due(env, n) && concerns_room(env, n);
}

static void fill_notice(const struct flow_env *env, const struct notice *n,
                        struct notice_view *v) {
    *v = (struct notice_view){.level = n->level};
    utf8_copy(n->title, v->title, sizeof v->title);
    utf8_copy(n->text, v->text, sizeof v->text);
    flow_clock(env, n->made_ms, v->at, sizeof v->at);
}

// The pressing ones and those for this very room, the gravest first, newest first.
static int fill_pressing(const struct flow_env *env, struct notice_view *out, int max) {
    const struct programme *p = env->programme;
    int count = 0;
    for (size_t i = 0; i < 3 * p->notice_count && count < max; i++) {
        const struct notice *n = &p->notices[i % p->notice_count];
        int level = NOTICE_EMERGENCY - (int)(i / p->notice_count);
        bool is_for_here = n->rooms[0] || flow_is_pressing(env, n);
        if ((int)n->level == level && is_for_here && is_due(env, n)) {
            fill_notice(env, n, &out[count++]);
        }
    }
    return count;
}

// The board has room for one more: the others take turns.
static int fill_turn(const struct signage *s, const struct flow_env *env,
                     struct notice_view *out) {
    const struct programme *p = env->programme;
    size_t due = 0;
    for (size_t i = 0; i < p->notice_count; i++) {
        due += is_due(env, &p->notices[i]) && !flow_is_pressing(env, &p->notices[i]);
    }
    size_t turn = due ? (size_t)s->page % due : 0;
    for (size_t i = 0, at = 0; due && i < p->notice_count; i++) {
        const struct notice *n = &p->notices[i];
        if (is_due(env, n) && !flow_is_pressing(env, n) && at++ == turn) {
            fill_notice(env, n, out);
            return 1;
        }
    }
    return 0;
}

static bool is_stale(const struct flow_env *env) {
    if (!env->has_upstream || env->link.is_online) {
        return false;
    }
    return !env->link.has_contact ||
           env->mono_ms - (int64_t)env->link.contact_mono_ms > STALE_MS;
}

static void fill_checked(const struct flow_env *env, char *out, size_t size) {
    out[0] = '\0';
    if (env->link.has_contact && flow_is_time_known(env)) {
        int64_t ago =
            env->link.is_online ? 0 : env->mono_ms - (int64_t)env->link.contact_mono_ms;
        flow_clock(env, env->now.wall_ms - ago, out, size);
    }
}

static void fill_qr(struct signage *s, const struct session *now, struct room_view *v) {
    const char *url = now ? now->url : "";
    if (strcmp(url, s->qr_url) != 0) {
        utf8_copy(url, s->qr_url, sizeof s->qr_url);
        if (!url[0] || qr_encode(url, strlen(url), &s->qr) != ERR_NONE) {
            s->qr.side = 0;
        }
    }
    v->qr = url[0] && s->qr.side ? &s->qr : NULL;
    utf8_copy(tr("Agenda, slides, chat"), v->qr_caption, sizeof v->qr_caption);
}

static void fill_frame(const struct flow_env *env, struct room_view *v) {
    const struct programme *p = env->programme;
    const struct room *r = programme_find_room(p, env->room);
    utf8_copy(env->room, v->room, sizeof v->room);
    utf8_copy(r ? r->level : "", v->level, sizeof v->level);
    if (flow_is_time_known(env)) {
        flow_date(env, env->now.wall_ms, v->date, sizeof v->date);
        flow_clock_alone(env, env->now.wall_ms, v->clock, sizeof v->clock);
    }
    utf8_copy(p->event.note, v->note_well, sizeof v->note_well);
    utf8_copy(p->event.wifi, v->wifi, sizeof v->wifi);
    fill_checked(env, v->checked, sizeof v->checked);
    if (p->changed_ms && flow_is_time_known(env) && p->changed_ms <= env->now.wall_ms) {
        when(env, p->changed_ms, v->changed, sizeof v->changed);
    }
    flow_time_note(env, v->time_note, sizeof v->time_note);
    v->is_stale = is_stale(env);
    v->notice_count = fill_pressing(env, v->notices, ROOM_NOTICES_MAX);
}

// No trustworthy time: everything of the day that the clock's guess falls in, or of the
// event's first day; never a wrong "now".
static void fill_day(const struct flow_env *env, struct room_view *v) {
    const struct programme *p = env->programme;
    int64_t day = -1;
    v->mode = ROOM_MODE_DAY;
    for (size_t i = 0; env->zone && i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        if (strcmp(s->room, env->room) != 0) {
            continue;
        }
        int64_t d = day_of(env, s->start_ms);
        bool is_guess = d == day_of(env, env->now.wall_ms);
        if (day < 0 || (is_guess && d != day)) {
            day = d;
            v->day_count = 0;
            flow_date(env, s->start_ms, v->day_name, sizeof v->day_name);
        }
        if (d == day && v->day_count < ROOM_DAY_MAX) {
            fill_session(env, s, &v->day[v->day_count]);
            v->day[v->day_count++].day[0] = '\0';
        }
    }
}

void signage_fill_room(struct signage *s, const struct flow_env *env,
                       struct room_view *out) {
    memset(out, 0, sizeof *out);
    fill_frame(env, out);
    if (!flow_is_time_known(env)) {
        fill_day(env, out);
        return;
    }
    const struct session *shown = find_now(env, out);
    const struct session *next = find_next(env, true);
    int64_t now = env->now.wall_ms;
    if (shown) {
        out->mode = ROOM_MODE_NOW;
        out->part_done =
            (float)(now - shown->start_ms) / (float)(end_ms(shown) - shown->start_ms);
        out->minutes_left = (int)((end_ms(shown) - now + 59999) / 60000);
    } else if (next) {
        out->mode = ROOM_MODE_NEXT;
        shown = next;
        out->minutes_to_start = (int)((next->start_ms - now + 59999) / 60000);
    } else {
        out->mode = ROOM_MODE_DONE;
        shown = find_next(env, false);
    }
    if (shown) {
        fill_session(env, shown, &out->main);
    }
    fill_qr(s, shown, out);
    fill_cards(env, shown, out);
    const struct session *later = find_next(env, false);
    if (!out->next_count && later && later != shown) {
        char at[DAY_SIZE];
        when(env, later->start_ms, at, sizeof at);
        flow_format(out->next_more, sizeof out->next_more, tr("Next here: %s"), at);
    }
}

// ---- the board ---------------------------------------------------------------------------

static void add_row(const struct flow_env *env, const struct session *s,
                    int64_t usual_end, struct agenda_column *c) {
    if (c->count >= AGENDA_ROWS_MAX) {
        return;
    }
    struct agenda_row *row = &c->rows[c->count++];
    *row = (struct agenda_row){.arrow_degrees = AGENDA_NO_ARROW};
    fill_session(env, s, &row->session);
    utf8_copy(s->room, row->room, sizeof row->room);
    if (usual_end && end_ms(s) != usual_end) {
        flow_clock(env, end_ms(s), row->until, sizeof row->until);
    }
}

// When most of what is on ends.
static int64_t find_usual_end(const struct flow_env *env) {
    const struct programme *p = env->programme;
    int64_t best = 0;
    int best_votes = 0;
    for (size_t i = 0; i < p->session_count; i++) {
        int votes = 0;
        for (size_t j = 0; j < p->session_count; j++) {
            votes += is_on(&p->sessions[i], env->now.wall_ms) &&
                     is_main(&p->sessions[i]) &&
                     is_on(&p->sessions[j], env->now.wall_ms) &&
                     end_ms(&p->sessions[i]) == end_ms(&p->sessions[j]);
        }
        best = votes > best_votes ? end_ms(&p->sessions[i]) : best;
        best_votes = votes > best_votes ? votes : best_votes;
    }
    return best;
}

static void add_current(const struct flow_env *env, bool is_of_main, int64_t usual_end,
                        struct agenda_column *c) {
    const struct programme *p = env->programme;
    for (size_t i = 0; i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        // What was cancelled stays visible for its time.
        bool is_its_time =
            s->start_ms <= env->now.wall_ms && env->now.wall_ms < end_ms(s);
        if (is_its_time && is_main(s) == is_of_main) {
            add_row(env, s, usual_end, c);
        }
    }
}

static void fill_now(const struct flow_env *env, struct agenda_column *c) {
    int64_t end = find_usual_end(env);
    if (end) {
        flow_clock(env, end, c->time, sizeof c->time);
    }
    add_current(env, true, end, c);
    add_current(env, false, end, c); // breaks and desks last
}

static void fill_next(const struct flow_env *env, struct agenda_column *c) {
    const struct programme *p = env->programme;
    int64_t start = 0;
    for (size_t i = 0; i < p->session_count && !start; i++) {
        const struct session *s = &p->sessions[i];
        start = s->start_ms > env->now.wall_ms && is_main(s) ? s->start_ms : 0;
    }
    if (!start) {
        return;
    }
    flow_clock(env, start, c->time, sizeof c->time);
    if (!is_today(env, start)) {
        flow_date(env, start, c->day, sizeof c->day);
    }
    c->minutes = (int)((start - env->now.wall_ms + 59999) / 60000);
    for (size_t i = 0; i < p->session_count; i++) {
        if (p->sessions[i].start_ms == start) {
            add_row(env, &p->sessions[i], 0, c);
            c->rows[c->count - 1].session.day[0] = '\0';
        }
    }
}

static void fill_whole_day(const struct flow_env *env, struct agenda_view *v) {
    const struct programme *p = env->programme;
    int64_t day = -1;
    v->is_time_unknown = true;
    for (size_t i = 0; env->zone && i < p->session_count; i++) {
        int64_t d = day_of(env, p->sessions[i].start_ms);
        bool is_guess = d == day_of(env, env->now.wall_ms);
        if (day < 0 || (is_guess && d != day)) {
            day = d;
            v->now.count = 0;
            flow_date(env, p->sessions[i].start_ms, v->day_name, sizeof v->day_name);
        }
        if (d == day) {
            add_row(env, &p->sessions[i], 0, &v->now);
        }
    }
}

void signage_fill_agenda(const struct signage *s, const struct flow_env *env,
                         struct agenda_view *out) {
    memset(out, 0, sizeof *out);
    out->page = s->page;
    utf8_copy(env->programme->event.wifi, out->wifi, sizeof out->wifi);
    utf8_copy(env->place, out->place, sizeof out->place);
    fill_checked(env, out->checked, sizeof out->checked);
    flow_time_note(env, out->time_note, sizeof out->time_note);
    out->is_stale = is_stale(env);
    out->notice_count = fill_pressing(env, out->notices, 2);
    if (!out->notice_count) {
        out->notice_count = fill_turn(s, env, out->notices);
    }
    if (!flow_is_time_known(env)) {
        fill_whole_day(env, out);
        return;
    }
    flow_date(env, env->now.wall_ms, out->date, sizeof out->date);
    flow_clock_alone(env, env->now.wall_ms, out->clock, sizeof out->clock);
    fill_now(env, &out->now);
    fill_next(env, &out->next);
}

int64_t signage_wait_ms(const struct flow_env *env) {
    return 60000 - env->now.wall_ms % 60000;
}

#include "sync/event/programme.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/event/zone.h"

#include <stdlib.h>
#include <string.h>

static int64_t get_instant(const json_t *body, const char *key) {
    int64_t ms = 0;
    const char *text = json_get_text(body, key, "");
    return instant_parse(text, &ms) == ERR_NONE ? ms : 0;
}

void event_info_parse(const json_t *body, struct event_info *out) {
    *out = (struct event_info){0};
    json_copy_text(body, "name", out->name, sizeof out->name);
    json_copy_text(body, "city", out->city, sizeof out->city);
    json_copy_text(body, "venue", out->venue, sizeof out->venue);
    json_copy_text(body, "zone", out->zone, sizeof out->zone);
    json_copy_text(body, "start", out->start, sizeof out->start);
    json_copy_text(body, "end", out->end, sizeof out->end);
    json_copy_text(body, "wifi", out->wifi, sizeof out->wifi);
    json_copy_text(body, "note", out->note, sizeof out->note);
    json_copy_text(body, "host", out->host, sizeof out->host);
}

void room_parse(const json_t *body, struct room *out) {
    *out = (struct room){0};
    json_copy_text(body, "name", out->name, sizeof out->name);
    json_copy_text(body, "level", out->level, sizeof out->level);
    json_copy_text(body, "function", out->function, sizeof out->function);
    json_copy_text(body, "way", out->way, sizeof out->way);
    out->capacity = (int)json_get_int(body, "capacity", 0);
    out->order = (int)json_get_int(body, "order", 0);
}

static enum session_type session_type_find(const char *name) {
    static const char *const names[] = {"regular", "plenary", "break", "reg", "other"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum session_type)i;
        }
    }
    return SESSION_OTHER;
}

void session_parse(const char *id, const json_t *body, struct session *out) {
    *out = (struct session){0};
    strncpy(out->id, id, sizeof out->id - 1);
    json_copy_text(body, "acronym", out->acronym, sizeof out->acronym);
    json_copy_text(body, "name", out->name, sizeof out->name);
    json_copy_text(body, "area", out->area, sizeof out->area);
    json_copy_text(body, "room", out->room, sizeof out->room);
    json_copy_text(body, "note", out->note, sizeof out->note);
    json_copy_text(body, "url", out->url, sizeof out->url);
    out->type = session_type_find(json_get_text(body, "type", "regular"));
    out->start_ms = get_instant(body, "start");
    out->minutes = (int)json_get_int(body, "minutes", 0);
    out->is_canceled = strcmp(json_get_text(body, "status", "sched"), "canceled") == 0;
    out->is_bof = json_get_bool(body, "bof", false);
    out->is_filler = json_get_bool(body, "filler", false);
}

void notice_parse(const char *id, const json_t *body, struct notice *out) {
    *out = (struct notice){0};
    strncpy(out->id, id, sizeof out->id - 1);
    json_copy_text(body, "title", out->title, sizeof out->title);
    json_copy_text(body, "text", out->text, sizeof out->text);
    json_copy_list(body, "rooms", out->rooms, sizeof out->rooms);
    out->from_ms = get_instant(body, "from");
    out->until_ms = get_instant(body, "until");
    const char *level = json_get_text(body, "level", "info");
    if (strcmp(level, "warn") == 0) {
        out->level = NOTICE_WARN;
    } else if (strcmp(level, "emergency") == 0) {
        out->level = NOTICE_EMERGENCY;
    }
}

void sponsor_parse(const char *id, const json_t *body, struct sponsor *out) {
    *out = (struct sponsor){0};
    strncpy(out->id, id, sizeof out->id - 1);
    json_copy_text(body, "name", out->name, sizeof out->name);
    json_copy_text(body, "part", out->part, sizeof out->part);
    out->order = (int)json_get_int(body, "order", 0);
}

void gate_parse(const char *id, const json_t *body, struct gate *out) {
    *out = (struct gate){0};
    strncpy(out->id, id, sizeof out->id - 1);
    json_copy_text(body, "name", out->name, sizeof out->name);
    json_copy_list(body, "kinds", out->kinds, sizeof out->kinds);
    json_copy_text(body, "refusal", out->refusal, sizeof out->refusal);
    out->is_list = json_get_bool(body, "list", false);
    out->is_once = strcmp(json_get_text(body, "reentry", "once"), "once") == 0;
    out->is_strict = json_get_bool(body, "strict", false);
    out->prints = json_get_bool(body, "prints", false);
    out->from_ms = get_instant(body, "from");
    out->until_ms = get_instant(body, "until");
    out->early_minutes = (int)json_get_int(body, "early_minutes", 0);
    out->capacity = (int)json_get_int(body, "capacity", 0);
}

// Room for one more item; capacity is the next power of two, so no field is needed for it.
static void *grow(void *items, size_t count, size_t size) {
    bool is_full = (count & (count - 1)) == 0;
    return is_full ? mem_resize(items, count ? count * 2 : 1, size) : items;
}

static void add_session(struct programme *p, const char *id, const json_t *body,
                        const json_t *was, int64_t at_ms) {
    p->sessions = grow(p->sessions, p->session_count, sizeof *p->sessions);
    struct session *s = &p->sessions[p->session_count++];
    session_parse(id, body, s);
    s->changed_ms = at_ms;
    if (was) {
        struct session old;
        session_parse(id, was, &old);
        memcpy(s->was_room, old.room, sizeof s->was_room);
        s->was_start_ms = old.start_ms;
    }
}

// NOLINTNEXTLINE(readability-function-size): one folded row, column by column
void programme_add(struct programme *p, const char *kind, const char *subject,
                   const json_t *body, const json_t *was, int64_t at_ms) {
    if (at_ms > p->changed_ms) {
        p->changed_ms = at_ms;
    }
    if (json_get_bool(body, "gone", false)) {
        return;
    }
    if (strcmp(kind, "event") == 0) {
        event_info_parse(body, &p->event);
    } else if (strcmp(kind, "room") == 0) {
        p->rooms = grow(p->rooms, p->room_count, sizeof *p->rooms);
        room_parse(body, &p->rooms[p->room_count++]);
    } else if (strcmp(kind, "session") == 0) {
        add_session(p, subject, body, was, at_ms);
    } else if (strcmp(kind, "notice") == 0) {
        p->notices = grow(p->notices, p->notice_count, sizeof *p->notices);
        notice_parse(subject, body, &p->notices[p->notice_count]);
        p->notices[p->notice_count++].made_ms = at_ms;
    } else if (strcmp(kind, "sponsor") == 0) {
        p->sponsors = grow(p->sponsors, p->sponsor_count, sizeof *p->sponsors);
        sponsor_parse(subject, body, &p->sponsors[p->sponsor_count++]);
    } else if (strcmp(kind, "gate") == 0) {
        p->gates = grow(p->gates, p->gate_count, sizeof *p->gates);
        gate_parse(subject, body, &p->gates[p->gate_count++]);
    }
}

static int compare_int(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int compare_rooms(const void *a, const void *b) {
    const struct room *x = a;
    const struct room *y = b;
    int c = compare_int(x->order, y->order);
    return c ? c : strcmp(x->name, y->name);
}

static int compare_sessions(const void *a, const void *b) {
    const struct session *x = a;
    const struct session *y = b;
    int c = compare_int(x->start_ms, y->start_ms);
    c = c ? c : compare_int((int64_t)x->room_at, (int64_t)y->room_at);
    c = c ? c : strcmp(x->room, y->room);
    return c ? c : strcmp(x->id, y->id);
}

static int compare_notices(const void *a, const void *b) {
    const struct notice *x = a;
    const struct notice *y = b;
    int c = compare_int(y->made_ms, x->made_ms);
    return c ? c : strcmp(x->id, y->id);
}

static int compare_sponsors(const void *a, const void *b) {
    const struct sponsor *x = a;
    const struct sponsor *y = b;
    int c = compare_int(x->order, y->order);
    return c ? c : strcmp(x->id, y->id);
}

static int compare_gates(const void *a, const void *b) {
    return strcmp(((const struct gate *)a)->id, ((const struct gate *)b)->id);
}

static void sort(void *items, size_t count, size_t size,
                 int (*compare)(const void *, const void *)) {
    if (count) {
        qsort(items, count, size, compare);
    }
}

void programme_sort(struct programme *p) {
    sort(p->rooms, p->room_count, sizeof *p->rooms, compare_rooms);
    for (size_t i = 0; i < p->session_count; i++) {
        const struct room *r = programme_find_room(p, p->sessions[i].room);
        p->sessions[i].room_at = r ? (size_t)(r - p->rooms) : p->room_count;
    }
    sort(p->sessions, p->session_count, sizeof *p->sessions, compare_sessions);
    sort(p->notices, p->notice_count, sizeof *p->notices, compare_notices);
    sort(p->sponsors, p->sponsor_count, sizeof *p->sponsors, compare_sponsors);
    sort(p->gates, p->gate_count, sizeof *p->gates, compare_gates);
}

void programme_finish(struct programme *p) {
    mem_free(p->rooms);
    mem_free(p->sessions);
    mem_free(p->notices);
    mem_free(p->sponsors);
    mem_free(p->gates);
    *p = (struct programme){0};
}

void programme_destroy(struct programme *p) {
    if (p) {
        programme_finish(p);
        mem_free(p);
    }
}

const struct room *programme_find_room(const struct programme *p, const char *name) {
    for (size_t i = 0; i < p->room_count; i++) {
        if (strcmp(p->rooms[i].name, name) == 0) {
            return &p->rooms[i];
        }
    }
    return NULL;
}

const struct gate *programme_find_gate(const struct programme *p, const char *id) {
    for (size_t i = 0; i < p->gate_count; i++) {
        if (strcmp(p->gates[i].id, id) == 0) {
            return &p->gates[i];
        }
    }
    return NULL;
}

bool list_has(const char *list, const char *word) {
    size_t len = strlen(word);
    for (const char *at = list; len && (at = strstr(at, word)) != NULL; at += len) {
        bool starts = at == list || at[-1] == ' ';
        if (starts && (at[len] == ' ' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

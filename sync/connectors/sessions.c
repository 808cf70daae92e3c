#include "sync/connectors/sessions.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/event/zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum session_state sessions_find_state(const char *status, bool *is_known) {
    static const struct {
        const char *word;
        enum session_state state;
    } words[] = {
        {"sched", SESSION_SCHEDULED},     {"schedw", SESSION_SCHEDULED},
        {"scheda", SESSION_SCHEDULED},    {"appr", SESSION_SCHEDULED},
        {"canceled", SESSION_CANCELED},   {"cancelled", SESSION_CANCELED},
        {"canceledpa", SESSION_CANCELED}, {"resched", SESSION_MOVED},
        {"apprw", SESSION_HIDDEN},        {"notmeet", SESSION_HIDDEN},
        {"disappr", SESSION_HIDDEN},      {"deleted", SESSION_HIDDEN},
    };
    *is_known = true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(status, words[i].word) == 0) {
            return words[i].state;
        }
    }
    *is_known = status[0] == '\0';
    return SESSION_SCHEDULED;
}

bool sessions_is_public_type(const char *type) {
    static const char *const hidden[] = {"lead", "offagenda", "unavail", "reserved"};
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (strcasecmp(type, hidden[i]) == 0) {
            return false;
        }
    }
    return true;
}

bool sessions_is_canceled_note(const char *note) {
    return strcasecmp(note, "canceled") == 0 || strcasecmp(note, "cancelled") == 0;
}

// One to six digits at *text, which moves behind them. -1: none or more.
static int take_number(const char **text) {
    size_t len = strspn(*text, "0123456789");
    if (len < 1 || len > 6) {
        return -1;
    }
    int value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value * 10 + (*text)[i] - '0';
    }
    *text += len;
    return value;
}

static bool take_text(const char **text, const char *expected) {
    size_t len = strlen(expected);
    if (strncmp(*text, expected, len) != 0) {
        return false;
    }
    *text += len;
    return true;
}

bool sessions_parse_duration(const char *text, int *minutes) {
    int64_t days = 0;
    if (strchr(text, ',')) {
        days = take_number(&text);
        if (days < 0 || !(take_text(&text, " days, ") || take_text(&text, " day, "))) {
            return false;
        }
    }
    int64_t hours = take_number(&text);
    int64_t mins = take_text(&text, ":") ? take_number(&text) : -1;
    int64_t secs = take_text(&text, ":") ? take_number(&text) : -1;
    if (hours < 0 || mins < 0 || mins > 59 || secs < 0 || secs > 59 || text[0]) {
        return false;
    }
    int64_t total = (days * 24 + hours) * 60 + mins + (secs > 0);
    if (total > SESSION_MINUTES_MAX) {
        return false;
    }
    *minutes = (int)total;
    return true;
}

char *sessions_copy_area(const char *acronym) {
    char *out = mem_copy_text(acronym);
    for (char *p = out; *p; p++) {
        if (*p >= 'a' && *p <= 'z') {
            *p = (char)(*p - 'a' + 'A');
        }
    }
    return out;
}

void sessions_finish(struct sessions *s) {
    for (size_t i = 0; i < s->count; i++) {
        json_decref(s->rows[i].body);
    }
    mem_free(s->rows);
    *s = (struct sessions){0};
}

void sessions_add(struct sessions *s, const struct session_row *row) {
    if (s->count == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 64;
        s->rows = mem_resize(s->rows, s->cap, sizeof *s->rows);
    }
    s->rows[s->count++] = *row;
}

static int compare_texts(const json_t *a, const json_t *b, const char *key) {
    return strcmp(json_get_text(a, key, ""), json_get_text(b, key, ""));
}

// Ids sort by length first, so that s99 stands before s100.
static int compare_rows(const void *left, const void *right) {
    const struct session_row *a = left;
    const struct session_row *b = right;
    size_t a_len = strlen(a->id), b_len = strlen(b->id);
    if (a_len != b_len) {
        return a_len < b_len ? -1 : 1;
    }
    int order = strcmp(a->id, b->id);
    if (order == 0 && a->start_ms != b->start_ms) {
        order = a->start_ms < b->start_ms ? -1 : 1;
    }
    if (order == 0) {
        order = compare_texts(a->body, b->body, "room");
    }
    if (order == 0) {
        order = (int)a->state - (int)b->state;
    }
    if (order == 0) {
        order = compare_texts(a->body, b->body, "name");
    }
    return order;
}

static void format_subject(const struct session_row *row, size_t slot,
                           char out[FACT_SUBJECT_MAX + 1]) {
    if (slot == 1) {
        snprintf(out, FACT_SUBJECT_MAX + 1, "%s", row->id);
    } else {
        snprintf(out, FACT_SUBJECT_MAX + 1, "%s-%zu", row->id, slot % 100000);
    }
}

static bool is_same_slot(const struct session_row *a, const struct session_row *b) {
    return strcmp(a->id, b->id) == 0 && a->start_ms == b->start_ms &&
           compare_texts(a->body, b->body, "room") == 0;
}

static void drop_repeats(struct sessions *s, const char *file, struct import_report *r) {
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (kept > 0 && is_same_slot(&s->rows[kept - 1], &s->rows[i])) {
            import_skip(r,
                        "%s: session %s is listed twice at the same time and place; row "
                        "skipped",
                        file, s->rows[i].id);
            json_decref(s->rows[i].body);
        } else {
            s->rows[kept++] = s->rows[i];
        }
    }
    s->count = kept;
}

static bool is_successor(const struct session_row *row, const struct session_row *old) {
    return row->state == SESSION_SCHEDULED &&
           compare_texts(row->body, old->body, "acronym") == 0 &&
           compare_texts(row->body, old->body, "name") == 0;
}

// The live session a tombstone stands for: same group and name; of several the first that
// is not before it, else the one listed first. -1: the feed holds none.
static long find_successor(const struct sessions *s, const struct session_row *old) {
    long any = -1, later = -1;
    for (size_t i = 0; i < s->count; i++) {
        const struct session_row *row = &s->rows[i];
        if (!is_successor(row, old)) {
            continue;
        }
        any = any < 0 ? (long)i : any;
        if (row->start_ms >= old->start_ms &&
            (later < 0 || row->start_ms < s->rows[later].start_ms)) {
            later = (long)i;
        }
    }
    return later >= 0 ? later : any;
}

// "Moved to Friday 09:30, International"; "Moved to Gold" when only the room changed.
static char *move_note(const struct session_row *old, const struct session_row *now,
                       const struct zone *zone) {
    static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};
    const char *room = json_get_text(now->body, "room", "");
    if (now->start_ms == old->start_ms || !zone) {
        return room[0] ? mem_format("Moved to %s", room) : mem_copy_text("Moved");
    }
    struct local_time t = zone_local(zone, now->start_ms);
    return mem_format("Moved to %s %02d:%02d%s%s", days[(t.weekday - 1) % 7], t.hour,
                      t.minute, room[0] ? ", " : "", room);
}

static size_t slot_of(const struct sessions *s, size_t at) {
    size_t slot = 1;
    while (at > 0 && strcmp(s->rows[at - 1].id, s->rows[at].id) == 0) {
        at--;
        slot++;
    }
    return slot;
}

static void mark_move(const struct sessions *s, struct session_row *old,
                      const struct zone *zone) {
    long at = find_successor(s, old);
    if (at < 0) {
        if (!json_object_get(old->body, "note")) {
            import_set_text(old->body, "note", "Moved");
        }
        return;
    }
    const struct session_row *now = &s->rows[at];
    char subject[FACT_SUBJECT_MAX + 1];
    format_subject(now, slot_of(s, (size_t)at), subject);
    char *note = move_note(old, now, zone);
    import_set_text(old->body, "moved_to", subject);
    import_set_text(old->body, "note", note);
    mem_free(note);
}

void sessions_flush(struct sessions *s, const struct zone *zone,
                    const struct import_target *target) {
    if (s->count) {
        qsort(s->rows, s->count, sizeof *s->rows, compare_rows);
    }
    drop_repeats(s, target->file, target->report);
    for (size_t i = 0; i < s->count; i++) {
        if (s->rows[i].state == SESSION_MOVED) {
            mark_move(s, &s->rows[i], zone);
        }
    }
    for (size_t i = 0, slot = 1; i < s->count; i++) {
        struct session_row *row = &s->rows[i];
        slot = i > 0 && strcmp(s->rows[i - 1].id, row->id) == 0 ? slot + 1 : 1;
        char subject[FACT_SUBJECT_MAX + 1];
        format_subject(row, slot, subject);
        import_set_text(row->body, "status",
                        row->state == SESSION_SCHEDULED ? "sched" : "canceled");
        import_add(target, "session", subject, row->body);
        row->body = NULL;
    }
    sessions_finish(s);
}

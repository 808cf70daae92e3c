#include "sync/connectors/datatracker.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/connectors/sessions.h"
#include "sync/event/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct feed {
    const struct import_options *o;
    const char *file;
    const char *meeting; // "92"; empty when the key is no number
    struct import_report *report;
    struct sessions sessions;
    json_t *rooms; // name -> body
};

// A text field, cleaned; fresh, "" when absent or of another type.
static char *get_clean(const json_t *object, const char *key) {
    return import_clean_markup(json_get_text(object, key, ""));
}

static void set_clean(json_t *body, const char *key, const json_t *object,
                      const char *object_key) {
    char *text = get_clean(object, object_key);
    import_set_text(body, key, text);
    mem_free(text);
}

// The number of the session, 0 when there is none.
static int64_t get_session_id(const json_t *entry) {
    const json_t *id = json_object_get(entry, "session_id");
    if (json_is_integer(id)) {
        return json_integer_value(id) > 0 ? json_integer_value(id) : 0;
    }
    const char *text = json_string_value(id);
    bool is_number = text && text[0] && strlen(text) <= 18 &&
                     strspn(text, "0123456789") == strlen(text);
    return is_number ? strtoll(text, NULL, 10) : 0;
}

static bool get_minutes(const json_t *entry, int *minutes) {
    const json_t *duration = json_object_get(entry, "duration");
    if (json_is_integer(duration)) {
        json_int_t s = json_integer_value(duration);
        if (s < 0 || s > SESSION_MINUTES_MAX * 60) {
            return false;
        }
        *minutes = (int)((s + 59) / 60);
        return true;
    }
    const char *text = json_string_value(duration);
    return text && sessions_parse_duration(text, minutes);
}

static bool has_word(const char *text, const char *word) {
    size_t len = strlen(word);
    for (; *text; text++) {
        if (strncasecmp(text, word, len) == 0) {
            return true;
        }
    }
    return false;
}

// The feed has no type for what is public; plenaries are told by their name.
static const char *session_type(const json_t *entry, const char *name) {
    static const char *const known[] = {"regular", "plenary", "break", "reg", "other"};
    const char *type = json_get_text(entry, "type", "");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcasecmp(type, known[i]) == 0) {
            return known[i];
        }
    }
    const char *group = json_get_text(json_object_get(entry, "group"), "type", "");
    bool is_group = strcasecmp(group, "wg") == 0 || strcasecmp(group, "rg") == 0;
    return !is_group && has_word(name, "plenary") ? "plenary" : "regular";
}

// The address shown as a QR code: the session's page, made of the meeting and the group and
// not taken from the feed, so that no feed can put a foreign link on a screen.
static void set_url(json_t *body, const struct feed *f, const char *acronym) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    if (!f->meeting[0] || !acronym[0] || strspn(acronym, plain) != strlen(acronym)) {
        return;
    }
    char *url = mem_format("https://datatracker.ietf.org/meeting/%s/session/%s",
                           f->meeting, acronym);
    import_set_text(body, "url", url);
    mem_free(url);
}

static void fill_body(json_t *body, const struct feed *f, const json_t *entry) {
    const json_t *group = json_object_get(entry, "group");
    char *name = get_clean(entry, "name");
    char *group_name = get_clean(group, "name");
    char *acronym = get_clean(group, "acronym");
    char *parent = get_clean(group, "parent");
    char *area = sessions_copy_area(parent);
    const char *shown = name[0] ? name : group_name;
    import_set_text(body, "name", shown);
    import_set_text(body, "acronym", acronym);
    import_set_text(body, "area", area);
    import_set_text(body, "type", session_type(entry, shown));
    bool is_bof = json_get_bool(entry, "is_bof", false) ||
                  strcasecmp(json_get_text(group, "state", ""), "bof") == 0;
    if (is_bof) {
        json_object_set_new(body, "bof", json_true());
    }
    if (json_get_bool(entry, "filler", false)) {
        json_object_set_new(body, "filler", json_true());
    }
    set_clean(body, "note", entry, "agenda_note");
    set_clean(body, "room", entry, "location");
    if (!json_object_get(body, "room")) {
        json_object_set_new(body, "room", json_string(""));
    }
    set_url(body, f, acronym);
    mem_free(area);
    mem_free(parent);
    mem_free(acronym);
    mem_free(group_name);
    mem_free(name);
}

static enum session_state find_state(const struct feed *f, const json_t *entry,
                                     int64_t id) {
    bool is_known = true;
    char *status = get_clean(entry, "status");
    char *note = get_clean(entry, "agenda_note");
    enum session_state state = sessions_find_state(status, &is_known);
    if (!is_known) {
        import_say(f->report,
                   "%s: session %" PRId64 ": unknown status \"%s\", shown as planned",
                   f->file, id, status);
    }
    if (state == SESSION_SCHEDULED && sessions_is_canceled_note(note)) {
        state = SESSION_CANCELED;
    }
    if (!sessions_is_public_type(json_get_text(entry, "type", "")) ||
        !sessions_is_public_type(json_get_text(entry, "slot_type", ""))) {
        state = SESSION_HIDDEN;
    }
    mem_free(note);
    mem_free(status);
    return state;
}

static void take_session(struct feed *f, const json_t *entry, size_t number) {
    struct session_row row = {0};
    int minutes = 0;
    int64_t id = get_session_id(entry);
    const char *start = json_get_text(entry, "start", "");
    if (!id) {
        import_skip(f->report, "%s entry %zu: no session_id to know it by again; skipped",
                    f->file, number);
        return;
    }
    row.state = find_state(f, entry, id);
    if (row.state == SESSION_HIDDEN) {
        f->report->hidden++;
        return;
    }
    if (instant_parse(start, &row.start_ms) != ERR_NONE) {
        import_skip(f->report,
                    "%s: session %" PRId64 ": start \"%s\" is not a time; skipped",
                    f->file, id, start);
        return;
    }
    if (!get_minutes(entry, &minutes)) {
        import_skip(f->report,
                    "%s: session %" PRId64 ": duration \"%s\" is not a length; "
                    "skipped",
                    f->file, id, json_get_text(entry, "duration", ""));
        return;
    }
    char instant[32];
    instant_format(row.start_ms, instant);
    snprintf(row.id, sizeof row.id, "s%" PRId64, id);
    row.body = json_object();
    fill_body(row.body, f, entry);
    json_object_set_new(row.body, "start", json_string(instant));
    json_object_set_new(row.body, "minutes", json_integer(minutes));
    sessions_add(&f->sessions, &row);
}

static void take_location(struct feed *f, const json_t *entry, size_t number) {
    char *name = get_clean(entry, "name");
    if (!name[0]) {
        import_skip(f->report, "%s entry %zu: a room without a name; skipped", f->file,
                    number);
    } else if (json_object_get(f->rooms, name)) {
        import_skip(f->report, "%s: room \"%s\" is listed twice; skipped", f->file, name);
    } else {
        json_t *body = json_object();
        import_set_text(body, "name", name);
        set_clean(body, "level", entry, "level_name");
        CHECK(json_object_set_new(f->rooms, name, body) == 0);
    }
    mem_free(name);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// By name: the feed's own order follows the latest edit.
static void flush_rooms(struct feed *f, const struct import_target *target) {
    size_t count = 0;
    const char **names = mem_alloc(json_object_size(f->rooms) + 1, sizeof *names);
    const char *name;
    json_t *body;
    json_object_foreach(f->rooms, name, body) {
        names[count++] = name;
    }
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++) {
        if (!import_is_known_room(f->o, names[i])) {
            import_add(target, "room", names[i],
                       json_incref(json_object_get(f->rooms, names[i])));
        }
    }
    mem_free(names);
}

// One line for each room that no list of rooms has: a screen at its door would stay empty.
static void name_unknown_rooms(struct feed *f) {
    json_t *told = json_object();
    for (size_t i = 0; i < f->sessions.count; i++) {
        const char *room = json_get_text(f->sessions.rows[i].body, "room", "");
        if (!room[0] || json_object_get(f->rooms, room) ||
            import_is_known_room(f->o, room) || json_object_get(told, room)) {
            continue;
        }
        json_object_set_new(told, room, json_true());
        import_say(f->report,
                   "%s: room \"%s\" is in no list of rooms; its sessions are kept",
                   f->file, room);
    }
    json_decref(told);
}

static void take_entries(struct feed *f, const json_t *entries) {
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        const char *type = json_get_text(entry, "objtype", "");
        if (strcmp(type, "session") == 0) {
            f->report->rows++;
            take_session(f, entry, i + 1);
        } else if (strcmp(type, "location") == 0) {
            f->report->rows++;
            take_location(f, entry, i + 1);
        } else if (strcmp(type, "parent") != 0) {
            import_skip(f->report,
                        "%s entry %zu: neither session, location nor parent; "
                        "skipped",
                        f->file, i + 1);
        }
    }
}

// The one array of the feed and its key. NULL: not this format.
static const json_t *find_entries(json_t *root, const char **meeting) {
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        if (json_is_array(value)) {
            bool is_number =
                key[0] && strlen(key) <= 4 && strspn(key, "0123456789") == strlen(key);
            *meeting = is_number ? key : "";
            return json_object_size(root) == 1 ? value : NULL;
        }
    }
    return NULL;
}

enum err datatracker_read(const void *bytes, size_t len, const struct import_options *o,
                          struct drafts *out, struct import_report *report) {
    struct feed f = {.o = o, .file = import_file(o, "agenda.json"), .report = report};
    size_t first = out->count;
    json_t *root = NULL;
    enum err e = import_start(f.file, &bytes, &len, report);
    if (e != ERR_NONE) {
        return e;
    }
    if (json_parse(bytes, len, &root) != ERR_NONE) {
        return import_refuse(report, ERR_INPUT, "%s: not JSON; nothing imported", f.file);
    }
    const json_t *entries = find_entries(root, &f.meeting);
    if (!entries) {
        e = import_refuse(report, ERR_INPUT,
                          "%s: not a datatracker agenda (one key, the "
                          "meeting's number, with a list); nothing imported",
                          f.file);
        goto end;
    }
    if (json_array_size(entries) > SESSIONS_MAX) {
        e = import_refuse(report, ERR_LIMIT, "%s: more than %d entries; nothing imported",
                          f.file, (int)SESSIONS_MAX);
        goto end;
    }
    f.rooms = json_object();
    take_entries(&f, entries);
    if (f.sessions.count == 0) {
        e = import_refuse(report, ERR_INPUT, "%s: no usable session; nothing imported",
                          f.file);
        goto end;
    }
    name_unknown_rooms(&f);
    struct import_target target = {out, report, f.file};
    flush_rooms(&f, &target);
    sessions_flush(&f.sessions, o->zone, &target);
    e = import_end(out, first, f.file, ERR_NONE, report);
end:
    sessions_finish(&f.sessions);
    json_decref(f.rooms);
    json_decref(root);
    return e;
}

#include "sync/connectors/event_file.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/event/zone.h"

#include <string.h>

enum shape { TEXT, NUMBER, YES, WORDS, TEXTS, DAY, INSTANT, KEYS };

struct field {
    const char *name;
    enum shape shape;
    bool is_required;
    const char *choice; // blank-separated words allowed; NULL: any
};

static const struct field event_fields[] = {
    {"name", TEXT, true, NULL},   {"city", TEXT, false, NULL},
    {"venue", TEXT, false, NULL}, {"zone", TEXT, true, NULL},
    {"start", DAY, true, NULL},   {"end", DAY, true, NULL},
    {"wifi", TEXT, false, NULL},  {"note", TEXT, false, NULL},
    {"host", TEXT, false, NULL},  {"ticket_keys", KEYS, false, NULL},
    {NULL, TEXT, false, NULL},
};

static const struct field gate_fields[] = {
    {"name", TEXT, true, NULL},
    {"kinds", WORDS, false, NULL},
    {"list", YES, false, NULL},
    {"from", INSTANT, false, NULL},
    {"until", INSTANT, false, NULL},
    {"early_minutes", NUMBER, false, NULL},
    {"reentry", TEXT, false, "once free"},
    {"strict", YES, false, NULL},
    {"prints", YES, false, NULL},
    {"capacity", NUMBER, false, NULL},
    {"refusal", TEXT, false, NULL},
    {NULL, TEXT, false, NULL},
};

static const struct field notice_fields[] = {
    {"title", TEXT, true, NULL},
    {"text", TEXT, false, NULL},
    {"from", INSTANT, false, NULL},
    {"until", INSTANT, false, NULL},
    {"rooms", TEXTS, false, NULL},
    {"gone", YES, false, NULL},
    {"level", TEXT, false, "info warn emergency"},
    {NULL, TEXT, false, NULL},
};

static const struct field sponsor_fields[] = {
    {"name", TEXT, true, NULL},     {"part", TEXT, false, NULL},
    {"order", NUMBER, false, NULL}, {"gone", YES, false, NULL},
    {NULL, TEXT, false, NULL},
};

struct event_file {
    struct import_target target;
    const char *file;
    const struct zone *zone;
    struct import_report *report;
};

static bool is_choice(const char *words, const char *text) {
    size_t len = strlen(text);
    for (const char *p = strstr(words, text); len && p; p = strstr(p + 1, text)) {
        if ((p == words || p[-1] == ' ') && (p[len] == ' ' || !p[len])) {
            return true;
        }
    }
    return false;
}

static json_t *copy_text(const json_t *value, const struct field *field) {
    char *text = import_clean(json_string_value(value));
    json_t *out = NULL;
    if (!field->choice || is_choice(field->choice, text)) {
        out = json_string(text);
    }
    mem_free(text);
    return out;
}

static json_t *copy_texts(const json_t *list) {
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        char *text = import_clean(item ? item : "");
        bool is_good = text[0] != '\0';
        json_array_append_new(out, json_string(text));
        mem_free(text);
        if (!is_good) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

// Two digits, or -1.
static int two_digits(const char *text) {
    bool is_number = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    return is_number ? (text[0] - '0') * 10 + text[1] - '0' : -1;
}

// "2015-03-24T19:00", local.
static bool parse_local(const struct zone *zone, const char *text, int64_t *out_ms) {
    int year, month, day;
    char date[11] = "";
    if (!zone || strlen(text) != 16 || (text[10] != 'T' && text[10] != ' ') ||
        text[13] != ':') {
        return false;
    }
    memcpy(date, text, 10);
    int hour = two_digits(text + 11);
    int minute = two_digits(text + 14);
    if (!import_parse_day(date, &year, &month, &day) || hour < 0 || hour > 24 ||
        minute < 0 || minute > 59 || (hour == 24 && minute)) {
        return false;
    }
    *out_ms = zone_to_utc_ms(zone, year, month, day, hour, minute);
    return true;
}

static json_t *copy_instant(const struct zone *zone, const char *text) {
    int64_t ms = 0;
    char utc[32];
    if (instant_parse(text, &ms) != ERR_NONE && !parse_local(zone, text, &ms)) {
        return NULL;
    }
    instant_format(ms, utc);
    return json_string(utc);
}

static json_t *copy_day(const char *text) {
    int year, month, day;
    return import_parse_day(text, &year, &month, &day) ? json_string(text) : NULL;
}

// The value as it goes into the body, or NULL when it is not of the field's shape.
static json_t *copy_value(const struct event_file *f, const struct field *field,
                          json_t *value) {
    const char *text = json_string_value(value);
    switch (field->shape) {
    case TEXT:
        return text ? copy_text(value, field) : NULL;
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0 &&
                       json_integer_value(value) <= 1000000
                   ? json_incref(value)
                   : NULL;
    case YES:
        return json_is_boolean(value) ? json_incref(value) : NULL;
    case WORDS:
    case TEXTS:
        return json_is_array(value) ? copy_texts(value) : NULL;
    case DAY:
        return text ? copy_day(text) : NULL;
    case INSTANT:
        return text ? copy_instant(f->zone, text) : NULL;
    case KEYS:
        return json_is_array(value) ? json_incref(value) : NULL;
    }
    return NULL;
}

static const struct field *find_field(const struct field *fields, const char *name) {
    for (; fields->name; fields++) {
        if (strcmp(fields->name, name) == 0) {
            return fields;
        }
    }
    return NULL;
}

// The body of one entry. NULL when a field is bad or missing; *fault names it then.
static json_t *make_body(const struct event_file *f, const struct field *fields,
                         json_t *entry, const char *where, const char **fault) {
    json_t *body = json_object();
    const char *key;
    json_t *value;
    *fault = NULL;
    json_object_foreach(entry, key, value) {
        const struct field *field = find_field(fields, key);
        json_t *copy = field ? copy_value(f, field, value) : NULL;
        if (copy) {
            CHECK(json_object_set_new(body, key, copy) == 0);
        } else if (field) {
            *fault = field->name;
        } else if (strcmp(key, "id") != 0) {
            import_say(f->report, "%s: %s: field \"%s\" is not known; left out", f->file,
                       where, key);
        }
    }
    for (const struct field *field = fields; field->name && !*fault; field++) {
        const char *text = json_string_value(json_object_get(body, field->name));
        if (field->is_required && (!text || !text[0])) {
            *fault = field->name;
        }
    }
    if (*fault) {
        json_decref(body);
        return NULL;
    }
    return body;
}

struct list_kind {
    const char *key;
    const char *kind;
    const struct field *fields;
};

static void take_entry(struct event_file *f, const struct list_kind *kind, json_t *entry,
                       json_t *seen, size_t number) {
    const char *id = json_get_text(entry, "id", "");
    const char *fault = NULL;
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    f->report->rows++;
    if (!id[0] || strspn(id, plain) != strlen(id)) {
        import_skip(f->report,
                    "%s: %s %zu: its id must be small letters, digits and hyphens; "
                    "skipped",
                    f->file, kind->key, number);
        return;
    }
    if (json_object_get(seen, id)) {
        import_skip(f->report, "%s: %s: id \"%s\" stands there twice; skipped", f->file,
                    kind->key, id);
        return;
    }
    json_t *body = make_body(f, kind->fields, entry, id, &fault);
    if (!body) {
        import_skip(f->report,
                    "%s: %s \"%s\": field \"%s\" is missing or not what it should "
                    "be; skipped",
                    f->file, kind->kind, id, fault);
        return;
    }
    json_object_set_new(seen, id, json_true());
    import_add(&f->target, kind->kind, id, body);
}

static void take_list(struct event_file *f, const struct list_kind *kind,
                      const json_t *root) {
    const json_t *list = json_object_get(root, kind->key);
    json_t *seen = json_object();
    if (list && !json_is_array(list)) {
        import_skip(f->report, "%s: \"%s\" is not a list; skipped", f->file, kind->key);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        take_entry(f, kind, json_array_get(list, i), seen, i + 1);
    }
    json_decref(seen);
}

// Opens the zone the file names, unless it names none. The event's draft is added.
static enum err take_event(struct event_file *f, json_t *event, struct zone **zone) {
    const char *fault = NULL;
    const char *name = json_get_text(event, "zone", "");
    f->report->rows++;
    if (name[0] && zone_open(name, zone) != ERR_NONE) {
        return import_refuse(f->report, ERR_INPUT,
                             "%s: event: zone \"%s\" is not in the "
                             "time zone data (like Europe/Paris); nothing imported",
                             f->file, name);
    }
    json_t *body = make_body(f, event_fields, event, "event", &fault);
    if (!body) {
        return import_refuse(f->report, ERR_INPUT,
                             "%s: event: field \"%s\" is missing or not "
                             "what it should be; nothing imported",
                             f->file, fault);
    }
    if (strcmp(json_get_text(body, "start", ""), json_get_text(body, "end", "")) > 0) {
        json_decref(body);
        return import_refuse(f->report, ERR_INPUT,
                             "%s: event: it ends before it starts; "
                             "nothing imported",
                             f->file);
    }
    import_add(&f->target, "event", "event", body);
    f->zone = *zone;
    return ERR_NONE;
}

static void name_unknown_keys(const struct event_file *f, json_t *root) {
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        if (!is_choice("event gates notices sponsors", key)) {
            import_say(f->report, "%s: \"%s\" is not known; left out", f->file, key);
        }
    }
}

enum err event_file_read(const void *bytes, size_t len, const struct import_options *o,
                         struct drafts *out, struct import_report *report) {
    static const struct list_kind kinds[] = {{"gates", "gate", gate_fields},
                                             {"notices", "notice", notice_fields},
                                             {"sponsors", "sponsor", sponsor_fields}};
    const char *file = import_file(o, "event.json");
    struct event_file f = {
        .target = {out, report, file}, .file = file, .zone = o->zone, .report = report};
    size_t first = out->count;
    struct zone *zone = NULL;
    json_t *root = NULL;
    enum err e = import_start(f.file, &bytes, &len, report);
    if (e != ERR_NONE) {
        return e;
    }
    if (json_parse(bytes, len, &root) != ERR_NONE || !json_is_object(root)) {
        e = import_refuse(report, ERR_INPUT, "%s: not a JSON object; nothing imported",
                          f.file);
        goto end;
    }
    name_unknown_keys(&f, root);
    json_t *event = json_object_get(root, "event");
    if (event) {
        e = take_event(&f, event, &zone);
    }
    for (size_t i = 0; e == ERR_NONE && i < sizeof kinds / sizeof kinds[0]; i++) {
        take_list(&f, &kinds[i], root);
    }
    e = import_end(out, first, f.file, e, report);
end:
    json_decref(root);
    zone_close(zone);
    return e;
}

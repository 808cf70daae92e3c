#include "sync/connectors/source.h"

#include "sync/base/json.h"
#include "sync/connectors/agenda_csv.h"
#include "sync/connectors/datatracker.h"
#include "sync/connectors/event_file.h"
#include "sync/connectors/people_csv.h"
#include "sync/connectors/rooms_csv.h"

#include <string.h>
#include <strings.h>

enum { EVENT, ROOMS, DATATRACKER, AGENDA, PEOPLE };

const struct source sources[] = {
    [EVENT] = {"event", "event, gates, notices and sponsors: event.json", event_file_read,
               false},
    [ROOMS] = {"rooms", "rooms as CSV", rooms_csv_read, false},
    [DATATRACKER] = {"datatracker", "the datatracker's agenda.json", datatracker_read,
                     false},
    [AGENDA] = {"agenda", "an agenda in the columns of the datatracker's agenda.csv",
                agenda_csv_read, true},
    [PEOPLE] = {"people", "people as CSV", people_csv_read, false},
    {NULL, NULL, NULL, false},
};

const struct source *source_find(const char *name) {
    for (const struct source *s = sources; s->name; s++) {
        if (strcmp(s->name, name) == 0) {
            return s;
        }
    }
    return NULL;
}

static const struct source *guess_json(const void *bytes, size_t len) {
    static const char *const ours[] = {"event", "gates", "notices", "sponsors"};
    json_t *root = NULL;
    const struct source *found = NULL;
    if (json_parse(bytes, len, &root) != ERR_NONE) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (json_object_get(root, ours[i])) {
            found = &sources[EVENT];
        }
    }
    if (!found && json_object_size(root) == 1 &&
        json_is_array(json_object_iter_value(json_object_iter(root)))) {
        found = &sources[DATATRACKER];
    }
    json_decref(root);
    return found;
}

// The column's name in the first line, whole, in quotes or not, any case.
static bool has_column(const char *line, size_t len, const char *name) {
    size_t name_len = strlen(name);
    for (size_t at = 0; at + name_len <= len; at++) {
        bool is_start = at == 0 || strchr(",\" ", line[at - 1]);
        bool is_end = at + name_len == len || strchr(",\" ", line[at + name_len]);
        if (is_start && is_end && strncasecmp(line + at, name, name_len) == 0) {
            return true;
        }
    }
    return false;
}

static const struct source *guess_csv(const char *line, size_t len) {
    static const struct {
        const char *column;
        int source;
    } signs[] = {
        {"session id", AGENDA}, {"functional_name", ROOMS}, {"capacity", ROOMS},
        {"ticket", PEOPLE},     {"mail", PEOPLE},           {"paid", PEOPLE},
        {"given", PEOPLE},      {"family", PEOPLE},         {"org", PEOPLE},
        {"kind", PEOPLE},       {"level", ROOMS},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (has_column(line, len, signs[i].column)) {
            return &sources[signs[i].source];
        }
    }
    return NULL;
}

const struct source *source_guess(const void *bytes, size_t len) {
    struct import_report unused = {0};
    if (import_start("", &bytes, &len, &unused) != ERR_NONE) {
        return NULL;
    }
    const char *text = bytes;
    while (len && strchr(" \t\r\n", text[0]) && text[0]) {
        text++;
        len--;
    }
    if (len && (text[0] == '{' || text[0] == '[')) {
        return guess_json(text, len);
    }
    size_t line = 0;
    while (line < len && line < 4096 && text[line] != '\n' && text[line] != '\r' &&
           text[line]) {
        line++;
    }
    return guess_csv(text, line);
}

#include "sync/connectors/rooms_csv.h"

#include "sync/connectors/csv_table.h"

#include <stdlib.h>
#include <string.h>

enum { NAME, FUNCTION, CAPACITY, NOTE, LEVEL, WAY, ORDER, ID, COLUMN_COUNT };

static const struct csv_column columns[COLUMN_COUNT] = {
    [NAME] = {"name", true},          [FUNCTION] = {"functional_name", false},
    [CAPACITY] = {"capacity", false}, [NOTE] = {"note", false},
    [LEVEL] = {"level", false},       [WAY] = {"way", false},
    [ORDER] = {"order", false},       [ID] = {"id", false},
};

struct rooms {
    struct import_target target;
    const char *file;
    struct import_report *report;
    json_t *lines; // name -> line it stands on
    int place;
};

// Digits only, at most six. false: something else. Empty is 0.
static bool parse_number(const char *text, int *out) {
    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 6) {
        return false;
    }
    *out = (int)strtol(text, NULL, 10);
    return true;
}

static void take_room(void *context, const struct csv_row *row) {
    struct rooms *rooms = context;
    const char *name = row->fields[NAME];
    int capacity = 0;
    int order = ++rooms->place;
    const json_t *earlier = json_object_get(rooms->lines, name);
    if (!name[0]) {
        import_skip(rooms->report, "%s line %zu: column name is empty; row skipped",
                    rooms->file, row->line);
        return;
    }
    if (earlier) {
        import_skip(rooms->report,
                    "%s line %zu: room \"%s\" stands on line %lld already; row "
                    "skipped",
                    rooms->file, row->line, name, json_integer_value(earlier));
        return;
    }
    if (!parse_number(row->fields[CAPACITY], &capacity)) {
        import_say(rooms->report,
                   "%s line %zu: column capacity: \"%s\" is not a number of "
                   "people; taken as unknown",
                   rooms->file, row->line, row->fields[CAPACITY]);
    }
    if (row->fields[ORDER][0] && !parse_number(row->fields[ORDER], &order)) {
        import_say(rooms->report,
                   "%s line %zu: column order: \"%s\" is not a number; the "
                   "place in the file is taken",
                   rooms->file, row->line, row->fields[ORDER]);
    }
    json_t *body = json_object();
    import_set_text(body, "name", name);
    import_set_text(body, "function", row->fields[FUNCTION]);
    import_set_text(body, "level", row->fields[LEVEL]);
    import_set_text(body, "way", row->fields[WAY]);
    json_object_set_new(body, "order", json_integer(order));
    if (capacity) {
        json_object_set_new(body, "capacity", json_integer(capacity));
    }
    json_object_set_new(rooms->lines, name, json_integer((json_int_t)row->line));
    import_add(&rooms->target, "room", name, body);
}

enum err rooms_csv_read(const void *bytes, size_t len, const struct import_options *o,
                        struct drafts *out, struct import_report *report) {
    const char *file = import_file(o, "rooms.csv");
    struct rooms rooms = {.target = {out, report, file}, .file = file, .report = report};
    struct csv_want want = {.file = rooms.file,
                            .columns = columns,
                            .count = COLUMN_COUNT,
                            .row = take_room,
                            .context = &rooms};
    size_t first = out->count;
    rooms.lines = json_object();
    enum err e = csv_table_read(bytes, len, &want, report);
    json_decref(rooms.lines);
    return import_end(out, first, rooms.file, e, report);
}

#include "sync/connectors/agenda_csv.h"

#include "sync/base/mem.h"
#include "sync/connectors/csv_table.h"
#include "sync/connectors/sessions.h"
#include "sync/event/zone.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    DATE,
    START,
    END,
    SLOT,
    ROOM,
    AREA,
    ACRONYM,
    TYPE,
    DESCRIPTION,
    ID,
    STATUS,
    NOTE,
    FILLER,
    EXPECTED,
    AGENDA,
    SLIDES,
    COLUMN_COUNT
};

static const struct csv_column columns[COLUMN_COUNT] = {
    [DATE] = {"Date", true},
    [START] = {"Start", true},
    [END] = {"End", true},
    [SLOT] = {"Session", false},
    [ROOM] = {"Room", false},
    [AREA] = {"Area", false},
    [ACRONYM] = {"Acronym", false},
    [TYPE] = {"Type", false},
    [DESCRIPTION] = {"Description", false},
    [ID] = {"Session ID", true},
    [STATUS] = {"Status", false},
    [NOTE] = {"Note", false},
    [FILLER] = {"Filler", false},
    [EXPECTED] = {"Expected attendees", false},
    [AGENDA] = {"Agenda", false},
    [SLIDES] = {"Slides", false},
};

struct agenda {
    const struct import_options *o;
    const char *file;
    struct import_report *report;
    struct sessions sessions;
};

// "0930" or "09:30"; 24:00 is the end of the day.
static bool parse_clock(const char *text, int *hour, int *minute) {
    char digits[5] = "";
    if (strlen(text) == 5 && text[2] == ':') {
        memcpy(digits, text, 2);
        memcpy(digits + 2, text + 3, 2);
    } else if (strlen(text) == 4) {
        memcpy(digits, text, 4);
    }
    if (strspn(digits, "0123456789") != 4) {
        return false;
    }
    *hour = (digits[0] - '0') * 10 + digits[1] - '0';
    *minute = (digits[2] - '0') * 10 + digits[3] - '0';
    return *minute < 60 && (*hour < 24 || (*hour == 24 && *minute == 0));
}

// Instants of start and end; false names the column that is wrong. A day is added on the
// local calendar, so that a night with a DST change has its true length.
static bool parse_span(const struct agenda *a, const struct csv_row *row,
                       int64_t *start_ms, int64_t *end_ms, int *column) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, end_hour = 0, end_minute = 0;
    *column = DATE;
    if (!import_parse_day(row->fields[DATE], &year, &month, &day)) {
        return false;
    }
    *column = START;
    if (!parse_clock(row->fields[START], &hour, &minute)) {
        return false;
    }
    *column = END;
    if (!parse_clock(row->fields[END], &end_hour, &end_minute)) {
        return false;
    }
    *start_ms = zone_to_utc_ms(a->o->zone, year, month, day, hour, minute);
    *end_ms = zone_to_utc_ms(a->o->zone, year, month, day, end_hour, end_minute);
    if (*end_ms < *start_ms) {
        // Noon of the day and 24 hours is within the next day, DST or not.
        int64_t noon = zone_to_utc_ms(a->o->zone, year, month, day, 12, 0);
        struct local_time next = zone_local(a->o->zone, noon + 24 * 3600 * 1000);
        *end_ms = zone_to_utc_ms(a->o->zone, next.year, next.month, next.day, end_hour,
                                 end_minute);
    }
    return *end_ms >= *start_ms;
}

static const char *session_type(const struct csv_row *row, const char *name) {
    const char *type = row->fields[TYPE];
    static const char *const same[] = {"plenary", "break", "reg", "other", "regular"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        if (strcasecmp(type, same[i]) == 0) {
            return same[i];
        }
    }
    size_t len = strlen(name);
    bool is_ietf = strcasecmp(type, "IETF") == 0;
    return is_ietf && len >= 7 && strcasecmp(name + len - 7, "plenary") == 0 ? "plenary"
                                                                             : "regular";
}

// "2157" to "s2157", "b2904" as it is. false: empty, too long or with odd characters.
static bool format_id(const char *id, char *out, size_t size) {
    static const char plain[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.";
    size_t len = strlen(id);
    if (!len || len + 2 > size || strspn(id, plain) != len) {
        return false;
    }
    bool is_number = strspn(id, "0123456789") == len;
    snprintf(out, size, "%s%s", is_number ? "s" : "", id);
    return true;
}

static json_t *make_body(const struct csv_row *row, int64_t start_ms, int64_t end_ms,
                         bool is_filler) {
    json_t *body = json_object();
    const char *name = row->fields[DESCRIPTION];
    char *area = sessions_copy_area(row->fields[AREA]);
    char instant[32];
    name = name[0] ? name : row->fields[SLOT];
    instant_format(start_ms, instant);
    import_set_text(body, "name", name);
    import_set_text(body, "acronym", row->fields[ACRONYM]);
    import_set_text(body, "area", area);
    import_set_text(body, "type", session_type(row, name));
    import_set_text(body, "note", row->fields[NOTE]);
    import_set_text(body, "start", instant);
    json_object_set_new(body, "minutes",
                        json_integer((end_ms - start_ms + 59999) / 60000));
    json_object_set_new(body, "room", json_string(row->fields[ROOM]));
    if (is_filler) {
        json_object_set_new(body, "filler", json_true());
    }
    mem_free(area);
    return body;
}

static void take_entry(void *context, const struct csv_row *row) {
    struct agenda *a = context;
    struct session_row session = {0};
    int64_t end_ms = 0;
    int column = DATE;
    bool is_known = true, is_filler = false;
    session.state = sessions_find_state(row->fields[STATUS], &is_known);
    if (session.state == SESSION_HIDDEN || !sessions_is_public_type(row->fields[TYPE])) {
        a->report->hidden++;
        return;
    }
    if (!format_id(row->fields[ID], session.id, sizeof session.id)) {
        import_skip(a->report,
                    "%s line %zu: column Session ID: \"%s\" is not an id of letters "
                    "and digits; row skipped",
                    a->file, row->line, row->fields[ID]);
        return;
    }
    if (!parse_span(a, row, &session.start_ms, &end_ms, &column)) {
        import_skip(a->report, "%s line %zu: column %s: \"%s\" is not a %s; row skipped",
                    a->file, row->line, columns[column].name, row->fields[column],
                    column == DATE ? "day like 2012-03-25" : "time like 0930");
        return;
    }
    if (row->fields[FILLER][0] && !import_parse_yes(row->fields[FILLER], &is_filler)) {
        import_skip(a->report,
                    "%s line %zu: column Filler: \"%s\" is neither yes nor no; row "
                    "skipped",
                    a->file, row->line, row->fields[FILLER]);
        return;
    }
    if (!is_known) {
        import_say(a->report, "%s line %zu: unknown status \"%s\", shown as planned",
                   a->file, row->line, row->fields[STATUS]);
    }
    if (session.state == SESSION_SCHEDULED &&
        sessions_is_canceled_note(row->fields[NOTE])) {
        session.state = SESSION_CANCELED;
    }
    session.body = make_body(row, session.start_ms, end_ms, is_filler);
    sessions_add(&a->sessions, &session);
}

enum err agenda_csv_read(const void *bytes, size_t len, const struct import_options *o,
                         struct drafts *out, struct import_report *report) {
    struct agenda a = {.o = o, .file = import_file(o, "agenda.csv"), .report = report};
    struct csv_want want = {.file = a.file,
                            .columns = columns,
                            .count = COLUMN_COUNT,
                            .row = take_entry,
                            .context = &a};
    size_t first = out->count;
    if (!o->zone) {
        return import_refuse(report, ERR_INPUT,
                             "%s: its times are local and the event's zone "
                             "is not known; import event.json first",
                             a.file);
    }
    enum err e = csv_table_read(bytes, len, &want, report);
    if (e == ERR_NONE && a.sessions.count > SESSIONS_MAX) {
        e = import_refuse(report, ERR_LIMIT, "%s: more than %d entries; nothing imported",
                          a.file, (int)SESSIONS_MAX);
    }
    if (e == ERR_NONE) {
        sessions_flush(&a.sessions, o->zone,
                       &(struct import_target){out, report, a.file});
    }
    sessions_finish(&a.sessions);
    return import_end(out, first, a.file, e, report);
}

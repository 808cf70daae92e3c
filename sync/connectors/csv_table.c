#include "sync/connectors/csv_table.h"

#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <csv.h>
#include <string.h>
#include <strings.h>

// Text of one row: every field with its NUL, one after the other in `text`.
struct table {
    const struct csv_want *want;
    struct import_report *report;
    struct bytes text;
    size_t starts[IMPORT_COLUMNS_MAX];
    size_t field_count; // may exceed IMPORT_COLUMNS_MAX; those are not kept
    bool has_extra; // something stands in a field that is not kept or beyond the header
    bool has_nul;
    bool is_row_done;
    bool has_header;
    size_t rows;
    size_t header_count;
    int header[IMPORT_COLUMNS_MAX]; // index of the wanted column, or -1
};

static void on_field(void *data, size_t len, void *context) {
    struct table *t = context;
    size_t at = t->field_count++;
    if (at >= IMPORT_COLUMNS_MAX) {
        t->has_extra = t->has_extra || len > 0;
        return;
    }
    t->starts[at] = t->text.len;
    t->has_nul = t->has_nul || (len && memchr(data, 0, len));
    t->has_extra = t->has_extra || (t->has_header && at >= t->header_count && len > 0);
    if (len) {
        bytes_add(&t->text, data, len);
    }
    bytes_add_u8(&t->text, 0);
}

static void on_row(int terminator, void *context) {
    (void)terminator;
    ((struct table *)context)->is_row_done = true;
}

static const char *field_text(const struct table *t, size_t at) {
    return (const char *)t->text.data + t->starts[at];
}

static int find_column(const struct csv_want *w, const char *name) {
    for (size_t i = 0; i < w->count; i++) {
        if (strcasecmp(w->columns[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static enum err take_header(struct table *t) {
    const struct csv_want *w = t->want;
    bool is_found[IMPORT_COLUMNS_MAX] = {false};
    if (t->field_count > IMPORT_COLUMNS_MAX) {
        return import_refuse(t->report, ERR_LIMIT, "%s: more than %d columns", w->file,
                             (int)IMPORT_COLUMNS_MAX);
    }
    t->has_header = true;
    t->header_count = t->field_count;
    for (size_t i = 0; i < t->field_count; i++) {
        char *name = import_clean(field_text(t, i));
        int at = find_column(w, name);
        t->header[i] = at;
        if (at >= 0 && is_found[at]) {
            enum err e = import_refuse(t->report, ERR_INPUT,
                                       "%s: column %s stands twice in the header",
                                       w->file, w->columns[at].name);
            mem_free(name);
            return e;
        }
        if (at >= 0) {
            is_found[at] = true;
        } else if (name[0] && utf8_is_valid(name, strlen(name))) {
            import_say(t->report, "%s: column \"%s\" is not used", w->file, name);
        }
        mem_free(name);
    }
    for (size_t i = 0; i < w->count; i++) {
        if (w->columns[i].is_required && !is_found[i]) {
            return import_refuse(
                t->report, ERR_INPUT,
                "%s: the first line names no column \"%s\"; nothing imported", w->file,
                w->columns[i].name);
        }
    }
    return ERR_NONE;
}

// The reason this row can not be used, or NULL. *column may name the field meant.
static const char *row_fault(const struct table *t, const char **column) {
    if (t->has_extra) {
        return "has more columns than the header (a comma outside quotes?)";
    }
    if (t->field_count < t->header_count) {
        return "has fewer columns than the header";
    }
    if (t->has_nul) {
        return "holds a NUL byte";
    }
    for (size_t i = 0; i < t->header_count; i++) {
        const char *text = field_text(t, i);
        if (t->header[i] >= 0 && !utf8_is_valid(text, strlen(text))) {
            *column = t->want->columns[t->header[i]].name;
            return "is not UTF-8 (saved in an old encoding?)";
        }
    }
    return NULL;
}

static void give_row(struct table *t, size_t line) {
    const struct csv_want *w = t->want;
    const char *column = NULL;
    const char *fault = row_fault(t, &column);
    if (fault && column) {
        import_skip(t->report, "%s line %zu: column %s %s; row skipped", w->file, line,
                    column, fault);
        return;
    }
    if (fault) {
        import_skip(t->report, "%s line %zu: %s; row skipped", w->file, line, fault);
        return;
    }
    char *cleaned[IMPORT_COLUMNS_MAX] = {NULL};
    const char *fields[IMPORT_COLUMNS_MAX];
    bool is_empty = true;
    for (size_t i = 0; i < w->count; i++) {
        fields[i] = "";
    }
    for (size_t i = 0; i < t->header_count; i++) {
        if (t->header[i] >= 0) {
            cleaned[i] = import_clean(field_text(t, i));
            fields[t->header[i]] = cleaned[i];
            is_empty = is_empty && !cleaned[i][0];
        }
    }
    if (is_empty) {
        t->report->rows--;
    } else {
        w->row(w->context, &(struct csv_row){.line = line, .fields = fields});
    }
    for (size_t i = 0; i < t->header_count; i++) {
        mem_free(cleaned[i]);
    }
}

static enum err take_row(struct table *t, size_t line) {
    if (!t->has_header) {
        return take_header(t);
    }
    t->report->rows++;
    if (++t->rows > IMPORT_ROWS_MAX) {
        return import_refuse(t->report, ERR_LIMIT,
                             "%s: more than %d rows; nothing imported", t->want->file,
                             (int)IMPORT_ROWS_MAX);
    }
    give_row(t, line);
    return ERR_NONE;
}

static void row_clear(struct table *t) {
    bytes_clear(&t->text);
    t->field_count = 0;
    t->has_extra = false;
    t->has_nul = false;
    t->is_row_done = false;
}

// Length of the physical line at p with its end: LF, CRLF or CR.
static size_t line_length(const char *p, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '\n') {
            return i + 1;
        }
        if (p[i] == '\r') {
            return i + 1 < len && p[i + 1] == '\n' ? i + 2 : i + 1;
        }
    }
    return len;
}

static bool is_blank(const char *p, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!memchr(" \t\r\n", p[i], 4)) {
            return false;
        }
    }
    return true;
}

// Feeds one row, which may take several physical lines; returns their bytes and number. On
// a fault returns the first line only, so that an open quote costs one row, not the file.
static size_t feed_row(struct table *t, const char *p, size_t len, size_t *lines,
                       const char **fault) {
    struct csv_parser parser;
    size_t used = 0;
    size_t first = line_length(p, len);
    CHECK(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    *lines = 0;
    *fault = NULL;
    row_clear(t);
    while (used < len && !t->is_row_done && !*fault) {
        size_t part = used ? line_length(p + used, len - used) : first;
        if (used + part > IMPORT_ROW_BYTES_MAX) {
            *fault = "is longer than 64 KiB or its quotes are never closed";
        } else if (csv_parse(&parser, p + used, part, on_field, on_row, t) != part) {
            *fault = "has a quote where none belongs";
        }
        used += part;
        ++*lines;
    }
    if (!*fault && !t->is_row_done && csv_fini(&parser, on_field, on_row, t) != 0) {
        *fault = "has quotes that are never closed";
    }
    csv_free(&parser);
    if (*fault) {
        *lines = 1;
        return first;
    }
    return used;
}

enum err csv_table_read(const void *bytes, size_t len, const struct csv_want *want,
                        struct import_report *report) {
    CHECK(want->count <= IMPORT_COLUMNS_MAX);
    enum err e = import_start(want->file, &bytes, &len, report);
    if (e != ERR_NONE) {
        return e;
    }
    struct table t = {.want = want, .report = report};
    const char *p = bytes;
    size_t line = 1;
    for (size_t at = 0; at < len && e == ERR_NONE;) {
        size_t lines = 1;
        size_t first = line_length(p + at, len - at);
        if (is_blank(p + at, first)) {
            at += first;
            line++;
            continue;
        }
        const char *fault = NULL;
        at += feed_row(&t, p + at, len - at, &lines, &fault);
        if (fault && !t.has_header) {
            e = import_refuse(report, ERR_INPUT,
                              "%s: the header line %s; nothing imported", want->file,
                              fault);
        } else if (fault) {
            report->rows++;
            import_skip(report, "%s line %zu: %s; row skipped", want->file, line, fault);
        } else {
            e = take_row(&t, line);
        }
        line += lines;
    }
    bytes_finish(&t.text);
    return e;
}

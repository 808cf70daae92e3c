#include "sync/connectors/people_csv.h"

#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "sync/connectors/csv_table.h"
#include "sync/event/programme.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

enum {
    ID,
    NAME,
    GIVEN,
    FAMILY,
    LATIN,
    ORG,
    COUNTRY,
    KIND,
    DAYS,
    PAID,
    STATUS,
    ROLES,
    NEWCOMER,
    PHOTO,
    GATES,
    TICKET,
    MAIL,
    NOTE,
    LANG,
    COLUMN_COUNT
};

static const struct csv_column columns[COLUMN_COUNT] = {
    [ID] = {"id", false},
    [NAME] = {"name", false},
    [GIVEN] = {"given", false},
    [FAMILY] = {"family", false},
    [LATIN] = {"latin", false},
    [ORG] = {"org", false},
    [COUNTRY] = {"country", false},
    [KIND] = {"kind", false},
    [DAYS] = {"days", false},
    [PAID] = {"paid", false},
    [STATUS] = {"status", false},
    [ROLES] = {"roles", false},
    [NEWCOMER] = {"newcomer", false},
    [PHOTO] = {"photo", false},
    [GATES] = {"gates", false},
    [TICKET] = {"ticket", false},
    [MAIL] = {"mail", false},
    [NOTE] = {"note", false},
    [LANG] = {"lang", false},
};

struct people {
    const struct import_options *o;
    struct import_target target;
    const char *file;
    struct import_report *report;
    json_t *lines; // person id -> line it stands on
};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(const char *text) {
    size_t len = strlen(text);
    return len >= 1 && len <= 30 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

void people_hash_mail(const uint8_t secret[IMPORT_SECRET_BYTES], const char *mail,
                      char out[PEOPLE_MAIL_SIZE]) {
    uint8_t hash[16];
    char *text = import_clean(mail);
    for (char *p = text; *p; p++) {
        *p = lower(*p);
    }
    CHECK(crypto_generichash(hash, sizeof hash, (const uint8_t *)text, strlen(text),
                             secret, IMPORT_SECRET_BYTES) == 0);
    hex_format(hash, sizeof hash, out);
    mem_free(text);
}

void people_format_id(const uint8_t secret[IMPORT_SECRET_BYTES], const char *id,
                      char out[PEOPLE_ID_SIZE]) {
    uint8_t raw[32];
    if (strlen(id) == 16 && base32_parse(id, 16, raw, 10) == ERR_NONE) {
        base32_format(raw, 10, out);
        return;
    }
    CHECK(crypto_generichash(raw, sizeof raw, (const uint8_t *)id, strlen(id), secret,
                             IMPORT_SECRET_BYTES) == 0);
    base32_format(raw, 10, out);
}

// "column paid: "perhaps" is neither yes nor no; row skipped". Returns false. In a shifted
// row the field may be an address: then it is not told.
static bool bad_field(const struct people *p, const struct csv_row *row, int column,
                      const char *what) {
    const char *text = row->fields[column];
    import_skip(p->report, "%s line %zu: column %s: \"%s\" %s; row skipped", p->file,
                row->line, columns[column].name,
                strchr(text, '@') ? "(an address)" : text, what);
    return false;
}

// A yes/no column whose default is left out of the body, so that absent means the default.
static bool set_yes(const struct people *p, const struct csv_row *row, int column,
                    bool usual, json_t *body) {
    bool value = usual;
    const char *text = row->fields[column];
    if (text[0] && !import_parse_yes(text, &value)) {
        return bad_field(p, row, column, "is neither yes nor no");
    }
    if (value != usual) {
        json_object_set_new(body, columns[column].name, json_boolean(value));
    }
    return true;
}

static bool is_day(const char *text) {
    int year, month, day;
    return import_parse_day(text, &year, &month, &day);
}

// A list column and what its items must be.
struct list_rule {
    int column;
    bool (*is_item)(const char *text);
    const char *fault;
};

static bool set_list(const struct people *p, const struct csv_row *row,
                     const struct list_rule *rule, json_t *body) {
    static const char separators[] = " ;|,";
    char *text = mem_copy_text(row->fields[rule->column]);
    json_t *list = json_array();
    bool is_good = true;
    for (char *c = text; *c; c++) {
        *c = lower(*c);
    }
    for (char *at = text; is_good; at += strlen(at) + 1) {
        at += strspn(at, separators);
        size_t len = strcspn(at, separators);
        if (!len) {
            break;
        }
        bool is_last = at[len] == '\0';
        at[len] = '\0';
        is_good = rule->is_item(at);
        json_array_append_new(list, json_string(at));
        if (is_last) {
            break;
        }
    }
    if (is_good && json_array_size(list)) {
        json_object_set(body, columns[rule->column].name, list);
    }
    json_decref(list);
    mem_free(text);
    return is_good || bad_field(p, row, rule->column, rule->fault);
}

static bool set_lists(const struct people *p, const struct csv_row *row, json_t *body) {
    static const struct list_rule rules[] = {
        {DAYS, is_day, "is not a list of days like 2015-03-24"},
        {ROLES, is_word, "is not a list of short words"},
        {GATES, is_word, "is not a list of gate ids"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (!set_list(p, row, &rules[i], body)) {
            return false;
        }
    }
    return true;
}

static bool set_status(const struct people *p, const struct csv_row *row, json_t *body) {
    const char *text = row->fields[STATUS];
    if (!text[0] || strcasecmp(text, "ok") == 0) {
        return true;
    }
    if (strcasecmp(text, "cancelled") == 0 || strcasecmp(text, "canceled") == 0) {
        import_set_text(body, "status", "cancelled");
        return true;
    }
    if (strcasecmp(text, "blocked") == 0) {
        import_set_text(body, "status", "blocked");
        return true;
    }
    return bad_field(p, row, STATUS, "is none of ok, cancelled, blocked");
}

static bool set_ticket(const struct people *p, const struct csv_row *row, json_t *body) {
    uint64_t id = 0;
    const char *text = row->fields[TICKET];
    if (!text[0]) {
        return true;
    }
    if (strlen(text) != 16 || hex_parse_u64(text, &id) != ERR_NONE) {
        return bad_field(p, row, TICKET, "is not 16 hex digits");
    }
    char hex[17];
    hex_format_u64(id, hex);
    import_set_text(body, "ticket", hex);
    return true;
}

static bool set_codes(const struct people *p, const struct csv_row *row, json_t *body) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *country = row->fields[COUNTRY];
    const char *lang = row->fields[LANG];
    char kind[32] = "";
    if (country[0] && (strlen(country) != 2 || strspn(country, letters) != 2)) {
        return bad_field(p, row, COUNTRY, "is not a country's two letters");
    }
    if (strlen(lang) > 15 || strspn(lang, letters) < (lang[0] ? 2u : 0u) ||
        strspn(lang, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") !=
            strlen(lang)) {
        return bad_field(p, row, LANG, "is not a language tag");
    }
    for (size_t i = 0; row->fields[KIND][i] && i < sizeof kind - 1; i++) {
        kind[i] = lower(row->fields[KIND][i]);
    }
    if (kind[0] && !is_word(kind)) {
        return bad_field(p, row, KIND, "is not one short word");
    }
    if (country[0]) {
        char upper[3] = {(char)(country[0] & ~0x20), (char)(country[1] & ~0x20), '\0'};
        import_set_text(body, "country", upper);
    }
    import_set_text(body, "lang", lang);
    import_set_text(body, "kind", kind);
    return true;
}

// A text column; an address in it stays at home, with a message.
static void set_words(const struct people *p, const struct csv_row *row, int column,
                      json_t *body) {
    if (import_has_mail(row->fields[column])) {
        import_say(p->report, "%s line %zu: column %s holds an e-mail address; left out",
                   p->file, row->line, columns[column].name);
        return;
    }
    size_t most = column == NOTE ? LINE_SIZE - 1 : TITLE_SIZE - 1;
    if (strlen(row->fields[column]) > most) {
        import_say(
            p->report,
            "%s line %zu: column %s has more than %zu bytes; the rest is not shown",
            p->file, row->line, columns[column].name, most);
    }
    import_set_text(body, columns[column].name, row->fields[column]);
}

static bool set_name(const struct people *p, const struct csv_row *row, json_t *body) {
    static const int parts[] = {GIVEN, FAMILY, LATIN, ORG, NOTE};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        set_words(p, row, parts[i], body);
    }
    if (row->fields[NAME][0]) {
        set_words(p, row, NAME, body);
    } else {
        char *whole = mem_format(
            "%s %s",
            json_string_value(json_object_get(body, "given")) ? row->fields[GIVEN] : "",
            json_string_value(json_object_get(body, "family")) ? row->fields[FAMILY]
                                                               : "");
        char *name = import_clean(whole);
        import_set_text(body, "name", name);
        mem_free(name);
        mem_free(whole);
    }
    if (!json_object_get(body, "name")) {
        import_skip(p->report, "%s line %zu: no name for the badge; row skipped", p->file,
                    row->line);
        return false;
    }
    return true;
}

static bool set_mail(const struct people *p, const struct csv_row *row, json_t *body) {
    char hash[PEOPLE_MAIL_SIZE];
    const char *mail = row->fields[MAIL];
    if (!mail[0]) {
        return true;
    }
    const char *at = strchr(mail, '@');
    if (!at || at == mail || !at[1] || strchr(at + 1, '@') || strchr(mail, ' ')) {
        // Without the text itself: it may be an address with a slip in it.
        import_skip(p->report,
                    "%s line %zu: column mail is not an e-mail address; row skipped",
                    p->file, row->line);
        return false;
    }
    people_hash_mail(p->o->secret, mail, hash);
    import_set_text(body, "mail", hash);
    return true;
}

// The person's id; false when the row has nothing to know the person by again.
static bool find_id(const struct people *p, const struct csv_row *row,
                    char out[PEOPLE_ID_SIZE]) {
    char hash[PEOPLE_MAIL_SIZE];
    if (row->fields[ID][0]) {
        people_format_id(p->o->secret, row->fields[ID], out);
        return true;
    }
    if (row->fields[MAIL][0]) {
        people_hash_mail(p->o->secret, row->fields[MAIL], hash);
        people_format_id(p->o->secret, hash, out);
        return true;
    }
    import_skip(p->report,
                "%s line %zu: neither id nor mail to know this person by again; row "
                "skipped",
                p->file, row->line);
    return false;
}

static bool fill_body(const struct people *p, const struct csv_row *row, json_t *body) {
    if (row->fields[ID][0] && !strchr(row->fields[ID], '@')) {
        import_set_text(body, "source", row->fields[ID]);
    }
    return set_name(p, row, body) && set_codes(p, row, body) && set_lists(p, row, body) &&
           set_yes(p, row, PAID, true, body) && set_status(p, row, body) &&
           set_yes(p, row, NEWCOMER, false, body) && set_yes(p, row, PHOTO, true, body) &&
           set_ticket(p, row, body) && set_mail(p, row, body);
}

static void take_person(void *context, const struct csv_row *row) {
    struct people *p = context;
    char id[PEOPLE_ID_SIZE];
    if (!find_id(p, row, id)) {
        return;
    }
    const json_t *earlier = json_object_get(p->lines, id);
    if (earlier) {
        import_skip(p->report,
                    "%s line %zu: the same person as on line %lld; row skipped", p->file,
                    row->line, json_integer_value(earlier));
        return;
    }
    json_t *body = json_object();
    if (!fill_body(p, row, body)) {
        json_decref(body);
        return;
    }
    json_object_set_new(p->lines, id, json_integer((json_int_t)row->line));
    import_add(&p->target, "person", id, body);
}

enum err people_csv_read(const void *bytes, size_t len, const struct import_options *o,
                         struct drafts *out, struct import_report *report) {
    const char *file = import_file(o, "people.csv");
    struct people people = {
        .o = o, .target = {out, report, file}, .file = file, .report = report};
    struct csv_want want = {.file = people.file,
                            .columns = columns,
                            .count = COLUMN_COUNT,
                            .row = take_person,
                            .context = &people};
    size_t first = out->count;
    people.lines = json_object();
    enum err e = csv_table_read(bytes, len, &want, report);
    json_decref(people.lines);
    return import_end(out, first, people.file, e, report);
}

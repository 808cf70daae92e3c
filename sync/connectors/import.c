#include "sync/connectors/import.h"

#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

__attribute__((format(printf, 2, 0))) static void
format_line(char out[IMPORT_MESSAGE_BYTES], const char *format, va_list args) {
    char whole[4 * IMPORT_MESSAGE_BYTES];
    vsnprintf(whole, sizeof whole, format, args);
    for (char *p = whole; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = '?';
        }
    }
    utf8_copy(whole, out, IMPORT_MESSAGE_BYTES);
}

__attribute__((format(printf, 2, 0))) static void say(struct import_report *r,
                                                      const char *format, va_list args) {
    if (r->message_count < IMPORT_MESSAGES_MAX) {
        format_line(r->messages[r->message_count], format, args);
    }
    r->message_count++;
}

void import_say(struct import_report *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(r, format, args);
    va_end(args);
}

void import_skip(struct import_report *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(r, format, args);
    va_end(args);
    r->skipped++;
}

enum err import_refuse(struct import_report *r, enum err e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    format_line(r->refusal, format, args);
    va_end(args);
    return e;
}

const char *import_file(const struct import_options *o, const char *fallback) {
    return o->file && o->file[0] ? o->file : fallback;
}

bool import_is_known_room(const struct import_options *o, const char *name) {
    for (size_t i = 0; i < o->known_room_count; i++) {
        if (strcmp(o->known_rooms[i], name) == 0) {
            return true;
        }
    }
    return false;
}

enum err import_start(const char *file, const void **bytes, size_t *len,
                      struct import_report *r) {
    if (*len > IMPORT_BYTES_MAX) {
        return import_refuse(r, ERR_LIMIT, "%s: larger than 64 MB; nothing imported",
                             file);
    }
    const char *text = *bytes;
    if (*len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        *len -= 3;
    }
    size_t blanks = 0;
    while (blanks < *len && strchr(" \t\r\n", text[blanks]) && text[blanks]) {
        blanks++;
    }
    if (blanks == *len) {
        return import_refuse(r, ERR_INPUT, "%s: empty; nothing imported", file);
    }
    *bytes = text;
    return ERR_NONE;
}

void import_add(const struct import_target *t, const char *kind, const char *subject,
                json_t *body) {
    enum err e = drafts_add(t->drafts, kind, subject, body);
    if (e == ERR_NONE) {
        t->report->drafts++;
    } else {
        const char *why = e == ERR_LIMIT ? "more text than a fact may hold" : err_text(e);
        import_skip(t->report, "%s: %s \"%s\": %s; row skipped", t->file, kind, subject,
                    why);
    }
}

char *import_clean(const char *text) {
    char *out = mem_alloc(strlen(text) + 1, 1);
    size_t len = 0;
    bool is_blank_due = false;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        // U+0080..U+009F are control characters too: C2 80..C2 9F. U+00A0 is a blank.
        bool is_c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] <= 0xa0;
        if (*p <= 0x20 || *p == 0x7f || is_c1) {
            is_blank_due = len > 0;
            p += is_c1;
            continue;
        }
        if (is_blank_due) {
            out[len++] = ' ';
            is_blank_due = false;
        }
        out[len++] = (char)*p;
    }
    return out;
}

enum err import_end(struct drafts *d, size_t first, const char *file, enum err e,
                    struct import_report *r) {
    if (e == ERR_NONE && d->count == first) {
        e = import_refuse(r, ERR_INPUT, "%s: no usable row; nothing imported", file);
    }
    while (e != ERR_NONE && d->count > first) {
        draft_finish(&d->items[--d->count]);
        r->drafts--;
    }
    return e;
}

// One entity at p: its character in *out, and its length; 0 when it is none.
static size_t entity_length(const char *p, char *out) {
    static const struct {
        const char *name;
        char c;
    } known[] = {{"&amp;", '&'},  {"&lt;", '<'},   {"&gt;", '>'},
                 {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t len = strlen(known[i].name);
        if (strncmp(p, known[i].name, len) == 0) {
            *out = known[i].c;
            return len;
        }
    }
    return 0;
}

// Where the tag that starts at p ends, or NULL: "x < 5" is not a tag.
static const char *tag_end(const char *p) {
    bool is_tag =
        p[0] == '<' && (p[1] == '/' || p[1] == '!' || (p[1] >= 'a' && p[1] <= 'z') ||
                        (p[1] >= 'A' && p[1] <= 'Z'));
    return is_tag ? strchr(p, '>') : NULL;
}

char *import_clean_markup(const char *text) {
    char *plain = mem_alloc(strlen(text) + 1, 1);
    size_t len = 0;
    for (const char *p = text; *p;) {
        const char *end = tag_end(p);
        char c = 0;
        size_t entity = *p == '&' ? entity_length(p, &c) : 0;
        if (end) {
            plain[len++] = ' ';
            p = end + 1;
        } else if (entity) {
            plain[len++] = c;
            p += entity;
        } else {
            plain[len++] = *p++;
        }
    }
    char *out = import_clean(plain);
    mem_free(plain);
    return out;
}

static bool is_mail_char(char c) {
    return c && (strchr("._%+-", c) || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                 (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80);
}

// "example.org" at the start of text: two labels at least.
static bool is_domain(const char *text) {
    for (const char *p = text; is_mail_char(*p); p++) {
        if (*p == '.' && p > text && p[-1] != '.' && is_mail_char(p[1]) && p[1] != '.') {
            return true;
        }
    }
    return false;
}

bool import_has_mail(const char *text) {
    for (const char *at = strchr(text, '@'); at; at = strchr(at + 1, '@')) {
        if (at > text && is_mail_char(at[-1]) && is_domain(at + 1)) {
            return true;
        }
    }
    return false;
}

bool import_parse_yes(const char *text, bool *out) {
    static const char *const yes[] = {"yes", "true", "y", "1"};
    static const char *const no[] = {"no", "false", "n", "0"};
    for (size_t i = 0; i < 4; i++) {
        bool is_yes = strcasecmp(text, yes[i]) == 0;
        if (is_yes || strcasecmp(text, no[i]) == 0) {
            *out = is_yes;
            return true;
        }
    }
    return false;
}

bool import_parse_day(const char *text, int *year, int *month, int *day) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 || text[4] != '-' ||
        text[7] != '-' || strspn(text, "0123456789") != 4 ||
        strspn(text + 5, "0123456789") != 2 || strspn(text + 8, "0123456789") != 2) {
        return false;
    }
    int y = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 +
            text[3] - '0';
    int m = (text[5] - '0') * 10 + text[6] - '0';
    int d = (text[8] - '0') * 10 + text[9] - '0';
    if (y < 1900 || m < 1 || m > 12) {
        return false;
    }
    bool is_leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (d < 1 || d > lengths[m - 1] + (m == 2 && is_leap)) {
        return false;
    }
    *year = y;
    *month = m;
    *day = d;
    return true;
}

void import_set_text(json_t *object, const char *key, const char *text) {
    if (text[0]) {
        CHECK(json_object_set_new(object, key, json_string(text)) == 0);
    }
}

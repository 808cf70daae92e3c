#include "sync/event/person.h"

#include "sync/base/json.h"
#include "sync/base/utf8.h"

#include <string.h>
#include <utf8proc.h>

void person_parse(const char *id, const json_t *body, struct person *out) {
    *out = (struct person){0};
    utf8_copy(id, out->id, sizeof out->id);
    json_copy_text(body, "name", out->name, sizeof out->name);
    json_copy_text(body, "given", out->given, sizeof out->given);
    json_copy_text(body, "family", out->family, sizeof out->family);
    json_copy_text(body, "latin", out->latin, sizeof out->latin);
    json_copy_text(body, "org", out->org, sizeof out->org);
    json_copy_text(body, "country", out->country, sizeof out->country);
    json_copy_text(body, "kind", out->kind, sizeof out->kind);
    json_copy_text(body, "lang", out->lang, sizeof out->lang);
    json_copy_text(body, "note", out->note, sizeof out->note);
    json_copy_text(body, "ticket", out->ticket, sizeof out->ticket);
    json_copy_list(body, "days", out->days, sizeof out->days);
    json_copy_list(body, "roles", out->roles, sizeof out->roles);
    json_copy_list(body, "gates", out->gates, sizeof out->gates);
    const char *status = json_get_text(body, "status", "ok");
    if (strcmp(status, "cancelled") == 0) {
        out->status = PERSON_CANCELLED;
    } else if (strcmp(status, "blocked") == 0) {
        out->status = PERSON_BLOCKED;
    }
    out->is_paid = json_get_bool(body, "paid", true);
    out->is_newcomer = json_get_bool(body, "newcomer", false);
    out->no_photo = !json_get_bool(body, "photo", true);
}

// Letters that NFKD leaves whole but people type without the stroke (research: FTS5 misses
// them). Lower case: case folding runs first.
static const char *fold_special(utf8proc_int32_t c) {
    switch (c) {
    case 0x0142: // ł
        return "l";
    case 0x00f8: // ø
        return "o";
    case 0x0111: // đ
    case 0x00f0: // ð
        return "d";
    case 0x00df: // ß
        return "ss";
    case 0x00e6: // æ
        return "ae";
    case 0x0153: // œ
        return "oe";
    case 0x00fe: // þ
        return "th";
    case 0x0131: // ı
        return "i";
    case 0x0127: // ħ
        return "h";
    case 0x014b: // ŋ
        return "n";
    case 0x0167: // ŧ
        return "t";
    case 0x0138: // ĸ
        return "k";
    case 0x0268: // ɨ
        return "i";
    case 0x0259: // ə
    case 0x01dd: // ǝ
        return "e";
    default:
        return NULL;
    }
}

static bool is_mark(utf8proc_int32_t c) {
    utf8proc_category_t k = utf8proc_category(c);
    return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME ||
           k == UTF8PROC_CATEGORY_CF;
}

// Devanagari, Thai and their kin write vowels as marks: stripping them would join names
// that differ. Only the marks of scripts that use them as accents go.
static bool is_accent(utf8proc_int32_t c) {
    return is_mark(c) && (c < 0x0900 || (c >= 0x1ab0 && c <= 0x1dff) ||
                          (c >= 0x2000 && c <= 0x20ff) || (c >= 0xfe00 && c <= 0xfeff));
}

static bool is_word(utf8proc_int32_t c) {
    utf8proc_category_t k = utf8proc_category(c);
    return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NO);
}

struct folder {
    char *out;
    size_t size, used;
    bool is_full;
};

// Keeps room for a last blank and the NUL.
static void put(struct folder *f, const char *bytes, size_t len) {
    if (f->used + len + 2 > f->size) {
        f->is_full = true;
        return;
    }
    memcpy(f->out + f->used, bytes, len);
    f->used += len;
}

static void put_letter(struct folder *f, utf8proc_int32_t c) {
    const char *special = fold_special(c);
    utf8proc_uint8_t enc[4];
    if (is_accent(c)) {
        return;
    }
    if (special) {
        put(f, special, strlen(special));
    } else if (is_word(c) || is_mark(c)) {
        put(f, (const char *)enc, (size_t)utf8proc_encode_char(c, enc));
    } else if (c != '\'' && c != 0x2019 && f->out[f->used - 1] != ' ') {
        put(f, " ", 1); // O'Brien stays one word
    }
}

// One character as its folded letters.
static void put_folded(struct folder *f, utf8proc_int32_t c, int *boundary) {
    const utf8proc_option_t options =
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    utf8proc_int32_t parts[32];
    utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, 32, options, boundary);
    for (utf8proc_ssize_t i = 0; i < n && i < 32 && !f->is_full; i++) {
        put_letter(f, parts[i]);
    }
}

void person_fold(const char *text, char *out, size_t size) {
    struct folder f = {.out = out, .size = size};
    int boundary = 0;
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    put(&f, " ", 1);
    while (*at && !f.is_full) {
        utf8proc_int32_t c;
        utf8proc_ssize_t len = utf8proc_iterate(at, -1, &c);
        at += len > 0 ? len : 1; // not UTF-8: skip the byte
        if (len > 0) {
            put_folded(&f, c, &boundary);
        }
    }
    if (f.used && out[f.used - 1] != ' ') {
        out[f.used++] = ' ';
    }
    out[f.used] = '\0';
}

void person_key(const struct person *p, char out[PERSON_KEY_MAX]) {
    char all[5 * TITLE_SIZE + 8];
    size_t used = 0;
    const char *parts[] = {p->name, p->latin, p->given, p->family, p->org};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t len = strlen(parts[i]);
        // given and family are mostly words of the name already
        bool is_new = i < 2 || i == 4 || !strstr(p->name, parts[i]);
        if (len && is_new) {
            memcpy(all + used, parts[i], len);
            used += len;
            all[used++] = ' ';
        }
    }
    all[used] = '\0';
    person_fold(all, out, PERSON_KEY_MAX);
}

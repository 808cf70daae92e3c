#include "tests/support/scanner_model.h"

#include <string.h>

#include "tests/support/scanner_keys.h"

// Pieces of descriptors.
#define OPEN "058C0902A1010912A102"
#define BYTES "150026FF0075089501"
#define LENGTH "0501093B8102058C"
#define AIM "950309FB09FC09FD8102"
#define MORE "25017501950109FF810275078103"
#define CLOSE "C0C0"
#define SETTINGS "0911A1028503150026FF0075089510090FB102C0"
#define DECOY "068CFF0902A1010912A1028507150026FF007508953809FE8102C0C0"
#define WAKE                           \
    "0914A10285FE150026FF007508950109" \
    "30B102C0"

const struct scanner_pos scanner_pos_models[] = {
    {"A",
     OPEN "8502" BYTES LENGTH AIM "953809FE820201"
          "95028103" MORE CLOSE,
     64, 2, 1, 2, 5, 56, 63, false},
    // The AIM id one byte later, and one constant byte fewer at the end.
    {"A1",
     OPEN "8502" BYTES LENGTH "95018103" AIM "953809FE820201"
          "95018103" MORE CLOSE,
     64, 2, 1, 3, 6, 56, 63, false},
    // No AIM id; four reserved bytes, the maker's symbology, continuation.
    {"B",
     OPEN "8502" BYTES LENGTH "953809FE820201"
          "95048103"
          "950109208102" MORE CLOSE,
     64, 2, 1, 0, 2, 56, 63, false},
    {"no id",
     OPEN BYTES LENGTH AIM "953909FE820201"
                           "95028103" MORE CLOSE,
     64, 0, 0, 1, 4, 57, 63, false},
    // The decoy of Honeywell beside the real collection, feature reports around it.
    {"features",
     DECOY "058C0902A101" SETTINGS "0912A1028502" BYTES LENGTH AIM "953809FE820201"
           "95028103" MORE "C0" WAKE "C0",
     64, 2, 1, 2, 5, 56, 63, false},
    // High speed: a byte count of 16 bits, continuation in a byte of its own.
    {"wide",
     OPEN "8509150027FFFF000075109501" LENGTH "26FF007508" AIM "96F40109FE820201"
          "2501950109FF8102" CLOSE,
     507, 9, 1, 3, 6, 500, 506, true},
    {.name = NULL},
};

const char scanner_keyboard_descriptor[] = "05010906A101050719E029E7150025017501950881029"
                                           "5017508810195057501050819012905910295017503"
                                           "9101950675081500256505071900296581"
                                           "00C0";
const char scanner_keyboard_id_descriptor[] =
    "05010906A1018501050719E029E715002501750195088102950175088101950575010508190129059102"
    "950175"
    "039101950675081500256505071900296581"
    "00C0";

const struct scanner_pos *scanner_pos_find(const char *name) {
    for (const struct scanner_pos *s = scanner_pos_models; s->name; s++) {
        if (strcmp(s->name, name) == 0) {
            return s;
        }
    }
    return NULL;
}

void scanner_pos_scan(const struct scanner_pos *s, const char *aim,
                      const struct bytes *payload, struct bytes *out) {
    size_t at = 0;
    do {
        size_t part =
            payload->len - at < s->data_bytes ? payload->len - at : s->data_bytes;
        uint8_t *r = bytes_grow(out, s->report_bytes);
        (void)memset(r, 0x5A, s->report_bytes); // noise where nothing is promised
        if (s->id) {
            r[0] = s->id;
        }
        r[s->length_at] = (uint8_t)part;
        if (s->has_wide_length) {
            r[s->length_at + 1] = (uint8_t)(part >> 8);
        }
        if (s->aim_at) {
            (void)memcpy(r + s->aim_at, aim, 3);
        }
        (void)memcpy(r + s->data_at, payload->data + at, part);
        at += part;
        r[s->more_at] = at < payload->len;
    } while (at < payload->len);
}

void scanner_escape(unsigned eci, const struct bytes *payload, struct bytes *out) {
    const uint8_t head[] = {'\\',
                            '0',
                            '0',
                            '0',
                            (uint8_t)('0' + eci / 100 % 10),
                            (uint8_t)('0' + eci / 10 % 10),
                            (uint8_t)('0' + eci % 10)};
    bytes_add(out, head, sizeof head);
    for (size_t i = 0; i < payload->len; i++) {
        if (payload->data[i] == '\\') {
            bytes_add_u8(out, '\\');
        }
        bytes_add_u8(out, payload->data[i]);
    }
}

// ---- keyboard ------------------------------------------------------------------------------

enum { LEFT_CTRL = 0x01, LEFT_ALT = 0x04, KEYPAD_1 = 0x59, KEYPAD_0 = 0x62 };

struct typing {
    const struct scanner_keyboard *s;
    const struct scanner_key *keys;
    struct bytes *out;
    uint8_t down, modifiers; // of the last report
};

static void report(struct typing *t, uint8_t modifiers, uint8_t first, uint8_t second) {
    if (t->s->id) {
        bytes_add_u8(t->out, t->s->id);
    }
    const uint8_t r[8] = {modifiers, 0, first, second};
    bytes_add(t->out, r, sizeof r);
    t->down = second ? second : first;
    t->modifiers = modifiers;
}

static void press(struct typing *t, uint8_t modifiers, uint8_t key) {
    if (t->s->has_roll && t->down && t->down != key && t->modifiers == modifiers) {
        report(t, modifiers, t->down,
               key); // the newest key last, as most firmware has it
        report(t, modifiers, key, 0);
        return;
    }
    if (t->down) {
        report(t, 0, 0, 0);
    }
    report(t, modifiers, key, 0);
    if (!t->s->has_roll) {
        report(t, 0, 0, 0);
    }
}

static const struct scanner_key *find_key(const struct typing *t, uint32_t code) {
    for (const struct scanner_key *k = t->keys; k->code; k++) {
        if (k->code == code) {
            return k;
        }
    }
    return NULL;
}

static bool type_char(struct typing *t, uint32_t code) {
    const struct scanner_key *k = find_key(t, code);
    if (!k) {
        return false;
    }
    press(t, k->modifiers, k->key);
    if (k->then) {
        const struct scanner_key *then = find_key(t, k->then);
        press(t, then->modifiers, then->key);
    }
    return true;
}

static void type_alt(struct typing *t, uint8_t byte) {
    const uint8_t digits[] = {0, (uint8_t)(byte / 100), (uint8_t)(byte / 10 % 10),
                              (uint8_t)(byte % 10)};
    if (t->down) {
        report(t, 0, 0, 0);
    }
    report(t, LEFT_ALT, 0, 0);
    for (size_t i = 0; i < sizeof digits; i++) {
        uint8_t key = digits[i] ? (uint8_t)(KEYPAD_1 + digits[i] - 1) : KEYPAD_0;
        report(t, LEFT_ALT, key, 0);
        report(t, LEFT_ALT, 0, 0);
    }
    report(t, 0, 0, 0);
}

// Ctrl with the key that types the character 0x40 higher; where it takes Shift or AltGr, the
// key of the US keyboard.
static bool type_control(struct typing *t, uint8_t c) {
    static const uint8_t us[] = {0x1F, 0x2F, 0x31, 0x30, 0x23, 0x2D}; // 2 [ \ ] 6 -
    const struct scanner_key *k =
        find_key(t, c >= 1 && c <= 26 ? (uint32_t)('a' + c - 1) : (uint32_t)('@' + c));
    bool is_plain = k && k->modifiers == 0 && k->then == 0;
    press(t, LEFT_CTRL, is_plain ? k->key : us[c ? c - 26 : 0]);
    return true;
}

// The character of two bytes of UTF-8 that this keyboard has, or 0.
static uint32_t two_byte_char(const struct bytes *p, size_t at) {
    bool is_pair = at + 1 < p->len && (p->data[at] == 0xC2 || p->data[at] == 0xC3) &&
                   (p->data[at + 1] & 0xC0) == 0x80;
    return is_pair ? ((p->data[at] & 0x1FU) << 6) | (p->data[at + 1] & 0x3FU) : 0;
}

bool scanner_keyboard_scan(const struct scanner_keyboard *s, const struct bytes *payload,
                           struct bytes *out, size_t *out_bad_at) {
    struct typing t = {.s = s, .out = out};
    size_t start = out->len;
    for (const struct scanner_layout *l = scanner_layouts; l->name; l++) {
        t.keys = strcmp(l->name, s->layout) == 0 ? l->keys : t.keys;
    }
    for (size_t i = 0; i < payload->len; i++) {
        uint8_t c = payload->data[i];
        uint32_t wide = two_byte_char(payload, i);
        bool is_typed = (c >= 0x20 && c < 0x7F && type_char(&t, c)) ||
                        (c < 0x20 && s->has_ctrl && type_control(&t, c));
        if (is_typed) {
            continue;
        }
        if (wide && type_char(&t, wide)) {
            i++;
        } else if (s->has_alt) {
            type_alt(&t, c);
        } else {
            out->len = start;
            *out_bad_at = i;
            return false;
        }
    }
    if (s->has_enter) {
        press(&t, 0, 0x28);
    }
    if (t.down) {
        report(&t, 0, 0, 0);
    }
    return true;
}

#include "app/devices/keyboard_match.h"

#include <stdio.h>
#include <string.h>

#include "sync/base/mem.h"

// No accent stands before a letter or a space: on some keyboards it is a dead key.
const char keyboard_calibration[] =
    "FOYER-CAL:"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"
    " !\"#$%&()*+,./;<=>?@[\\]{|}_'0`1^2~3";

enum { TEXT_MAX = 256, CALIBRATION_KEYS_MIN = 80 };

struct text {
    uint32_t chars[TEXT_MAX];
    size_t len;
};

static void text_add(struct text *t, uint32_t c) {
    if (t->len < TEXT_MAX) {
        t->chars[t->len++] = c;
    }
}

// UTF-8 or single bytes of Alt codes to characters.
static void text_decode(const uint8_t *b, size_t len, struct text *out) {
    for (size_t i = 0; i < len; i++) {
        uint32_t c = b[i] ? b[i] : 0xFFFD; // 0 means none
        bool has_next = i + 1 < len && (b[i + 1] & 0xC0) == 0x80;
        if (c >= 0xC2 && c < 0xE0 && has_next) {
            c = ((c & 0x1F) << 6) | (b[++i] & 0x3FU);
        }
        text_add(out, c);
    }
}

// What the strokes say in this layout. A key that it has not is U+FFFD.
static void text_type(const struct keyboard_layout *l, const struct hid_stroke *strokes,
                      size_t count, struct text *out) {
    struct hid_keys *k = mem_alloc(1, sizeof *k);
    k->layout = l;
    k->suffix = ""; // to the end, Enter included
    for (size_t i = 0; i < count; i++) {
        (void)hid_keys_press(k, strokes[i], 0);
        if (k->why) {
            text_decode(k->bytes, k->len, out);
            text_add(out, 0xFFFD);
            k->is_ended = true; // the next press starts afresh
        }
    }
    (void)hid_keys_expire(k, UINT64_MAX);
    if (!k->why) {
        text_decode(k->bytes, k->len, out);
    }
    while (out->len > 0 &&
           (out->chars[out->len - 1] == '\r' || out->chars[out->len - 1] == '\t')) {
        out->len--;
    }
    mem_free(k);
}

static uint32_t swap_case(uint32_t c) {
    if (c >= 'a' && c <= 'z') {
        return c - 0x20;
    }
    return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
}

static void match_note(struct keyboard_match *m, uint32_t expected, uint32_t got) {
    if (m->differences_count < KEYBOARD_DIFFERENCES_MAX) {
        m->differences[m->differences_count] =
            (struct keyboard_difference){expected, got};
    }
    m->differences_count++;
}

// steps[i][k]: the fewest differences between the rests of both texts, from i and k.
typedef uint16_t steps_row[TEXT_MAX + 1];

static uint16_t step_count(const struct text *want, const struct text *got,
                           steps_row *const steps, size_t i, size_t k) {
    if (i == want->len || k == got->len) {
        return (uint16_t)(want->len - i + got->len - k);
    }
    unsigned best = steps[i + 1][k + 1] + (want->chars[i] != got->chars[k] ? 1U : 0U);
    unsigned left_out = steps[i + 1][k] + 1U;
    unsigned too_many = steps[i][k + 1] + 1U;
    best = left_out < best ? left_out : best;
    return (uint16_t)(too_many < best ? too_many : best);
}

// Walks the shortest way through the table and notes what differs.
static void note_differences(const struct text *want, const struct text *got,
                             steps_row *const steps, struct keyboard_match *m) {
    size_t i = 0;
    size_t k = 0;
    while (i < want->len || k < got->len) {
        uint32_t w = i < want->len ? want->chars[i] : 0;
        uint32_t g = k < got->len ? got->chars[k] : 0;
        bool is_both = w && g && steps[i][k] == steps[i + 1][k + 1] + (w != g ? 1 : 0);
        bool is_left_out = w && (!g || steps[i][k] == steps[i + 1][k] + 1);
        if (!is_both || w != g) {
            match_note(m, is_both || is_left_out ? w : 0,
                       is_both || !is_left_out ? g : 0);
        }
        i += is_both || is_left_out;
        k += is_both || !is_left_out;
    }
}

static void compare_texts(const struct text *want, const struct text *got,
                          struct keyboard_match *m) {
    steps_row *steps = mem_alloc(TEXT_MAX + 1, sizeof *steps);
    for (size_t i = want->len + 1; i-- > 0;) {
        for (size_t k = got->len + 1; k-- > 0;) {
            steps[i][k] = step_count(want, got, steps, i, k);
        }
    }
    note_differences(want, got, steps, m);
    mem_free(steps);
}

// One layout against the strokes; is_swapped: with its letters' case the other way.
static void match_try(const struct keyboard_layout *l, const struct text *got,
                      bool is_swapped, struct keyboard_match *out) {
    struct text want = {.len = 0};
    for (const char *c = keyboard_calibration; *c; c++) {
        uint32_t code = (uint8_t)*c;
        text_add(&want, is_swapped ? swap_case(code) : code);
    }
    *out = (struct keyboard_match){.nearest = l, .has_swapped_case = is_swapped};
    compare_texts(&want, got, out);
    bool is_explained = out->differences_count <= KEYBOARD_DIFFERENCES_MAX;
    for (size_t i = 0; i < out->differences_count && is_explained; i++) {
        const struct keyboard_difference *d = &out->differences[i];
        is_explained = d->got == 0 && !keyboard_layout_has(l, d->expected);
    }
    out->layout = is_explained ? l : NULL;
    out->is_lossy = is_explained && out->differences_count > 0;
}

static bool match_is_better(const struct keyboard_match *a,
                            const struct keyboard_match *b) {
    if (!b->nearest || (a->layout != NULL) != (b->layout != NULL)) {
        return !b->nearest || a->layout != NULL;
    }
    return a->differences_count < b->differences_count;
}

void keyboard_match_find(const struct hid_stroke *strokes, size_t count,
                         struct keyboard_match *out) {
    *out = (struct keyboard_match){0};
    const struct keyboard_layout *l;
    for (size_t i = 0; (l = keyboard_layout_get(i / 2)) != NULL; i++) {
        struct text got = {.len = 0};
        struct keyboard_match m;
        text_type(l, strokes, count, &got);
        match_try(l, &got, i % 2 == 1, &m);
        if (match_is_better(&m, out)) {
            *out = m;
        }
    }
}

bool keyboard_match_is_calibration(const struct hid_stroke *strokes, size_t count) {
    bool is_seen[256] = {0};
    size_t different = 0;
    for (size_t i = 0; i < count; i++) {
        // Of each key the positions with and without Shift.
        bool is_shift = strokes[i].modifiers & (HID_LEFT_SHIFT | HID_RIGHT_SHIFT);
        size_t key = (strokes[i].key & 0x7FU) | (is_shift ? 0x80U : 0);
        different += is_seen[key] ? 0 : 1;
        is_seen[key] = true;
    }
    return different >= CALIBRATION_KEYS_MIN;
}

static size_t append(char *out, size_t at, const char *text) {
    int n = snprintf(out + at, KEYBOARD_MATCH_TEXT_SIZE - at, "%s", text);
    size_t end = at + (n > 0 ? (size_t)n : 0);
    return end < KEYBOARD_MATCH_TEXT_SIZE ? end : KEYBOARD_MATCH_TEXT_SIZE - 1;
}

static void char_text(uint32_t c, char out[16]) {
    if (c == 0) {
        (void)snprintf(out, 16, "nothing");
    } else if (c > 0x20 && c < 0x7F) {
        (void)snprintf(out, 16, "'%c'", (char)c);
    } else {
        (void)snprintf(out, 16, "U+%04X", (unsigned)c);
    }
}

static size_t append_difference(char *out, size_t at,
                                const struct keyboard_difference *d) {
    char expected[16];
    char got[16];
    char part[64];
    char_text(d->expected, expected);
    char_text(d->got, got);
    (void)snprintf(part, sizeof part, " expected %s, got %s;", expected, got);
    return append(out, at, part);
}

const char *keyboard_match_text(const struct keyboard_match *m,
                                char out[KEYBOARD_MATCH_TEXT_SIZE]) {
    char head[96];
    (void)snprintf(head, sizeof head,
                   m->layout ? "%s layout (%s)" : "unknown layout, nearest is %s (%s):",
                   keyboard_layout_title(m->nearest), keyboard_layout_name(m->nearest));
    size_t at = append(out, 0, head);
    for (size_t i = 0; !m->layout && i < m->differences_count; i++) {
        if (i == KEYBOARD_DIFFERENCES_MAX || at > KEYBOARD_MATCH_TEXT_SIZE - 64) {
            at = append(out, at, " and more");
            break;
        }
        at = append_difference(out, at, &m->differences[i]);
    }
    if (m->has_swapped_case) {
        at = append(out, at,
                    "; upper and lower case are swapped: switch the scanner's Caps "
                    "Lock setting off");
    }
    if (m->is_lossy) {
        (void)append(out, at,
                     "; it leaves out characters that this keyboard has not: set it "
                     "to US or HID POS");
    }
    return out;
}

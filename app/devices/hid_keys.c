#include "app/devices/hid_keys.h"

#include <string.h>

enum { KEY_ROLLOVER = 1, KEY_UNDEFINED = 3, KEY_FIRST = 4 };
enum {
    KEY_ENTER = 0x28,
    KEY_CAPS_LOCK = 0x39,
    KEY_SCROLL_LOCK = 0x47,
    KEY_NUM_LOCK = 0x53
};
enum { KEYPAD_ENTER = 0x58, KEYPAD_1 = 0x59, KEYPAD_0 = 0x62 };
enum { CODE_POINT_MAX = 0x10FFFF, ALT_DIGITS_MAX = 7 };

static const uint8_t ctrl_bits = HID_LEFT_CTRL | HID_RIGHT_CTRL;
static const uint8_t shift_bits = HID_LEFT_SHIFT | HID_RIGHT_SHIFT;
static const uint8_t gui_bits = HID_LEFT_GUI | HID_RIGHT_GUI;

static void keys_refuse(struct hid_keys *k, enum scan_refusal why) {
    if (!k->why) {
        k->why = why;
    }
}

// ---- reports to strokes

// One key of a report. False: it says that keys were lost.
static bool down_set(uint8_t down[32], uint32_t key) {
    if (key >= KEY_ROLLOVER && key <= KEY_UNDEFINED) {
        return false;
    }
    if (key >= KEY_FIRST && key < 0xE0) {
        down[key / 8] |= (uint8_t)(1U << (key % 8));
    }
    return true;
}

static bool is_down(const uint8_t down[32], uint32_t key) {
    return (down[key / 8] >> (key % 8)) & 1;
}

static uint32_t array_key(const struct hid_key_report *r, uint32_t value) {
    int64_t key = (int64_t)value - r->array_min + r->array_key;
    return key > 0 && key <= 255 && (int64_t)value >= r->array_min ? (uint32_t)key : 0;
}

// SCAN_REFUSED_NOT: down and order (up to a key 0) say which keys the report names.
static enum scan_refusal read_keys(const struct hid_key_report *r, const uint8_t *report,
                                   size_t len, uint8_t down[32],
                                   struct hid_stroke order[HID_KEYS_STROKES]) {
    size_t count = 0;
    uint32_t value = 0;
    for (size_t i = 0; i < (size_t)r->array.count + r->bitmap.count; i++) {
        bool is_array = i < r->array.count;
        size_t bit = i - r->array.count;
        if (!hid_report_get(report, len, is_array ? &r->array : &r->bitmap,
                            is_array ? i : bit, &value)) {
            return SCAN_REFUSED_SHORT;
        }
        uint32_t key = is_array ? array_key(r, value) : r->bitmap_key + (uint32_t)bit;
        if ((!is_array && value == 0) || key > 255 || (key > 0 && is_down(down, key))) {
            continue;
        }
        if (!down_set(down, key)) {
            return SCAN_REFUSED_ROLLOVER;
        }
        if (is_down(down, key)) {
            order[count++].key = (uint8_t)key; // each key once: fewer than 256
        }
    }
    return SCAN_REFUSED_NOT;
}

static bool read_modifiers(const struct hid_key_report *r, const uint8_t *report,
                           size_t len, uint8_t *out) {
    uint8_t modifiers = 0;
    for (size_t i = 0; i < 8; i++) {
        uint32_t value = 0;
        if (r->modifiers[i].count == 0) {
            continue;
        }
        if (!hid_report_get(report, len, &r->modifiers[i], 0, &value)) {
            return false;
        }
        modifiers |= (uint8_t)((value & 1) << i);
    }
    *out = modifiers;
    return true;
}

size_t hid_keys_read(struct hid_keys *k, const struct hid_key_report *r,
                     const uint8_t *report, size_t len,
                     struct hid_stroke out[HID_KEYS_STROKES]) {
    struct hid_stroke order[HID_KEYS_STROKES] = {{0}};
    uint8_t down[32] = {0};
    uint8_t modifiers = 0;
    enum scan_refusal why = SCAN_REFUSED_SHORT;
    if (read_modifiers(r, report, len, &modifiers)) {
        why = read_keys(r, report, len, down, order);
    }
    if (why) {
        uint8_t lost = why == SCAN_REFUSED_SHORT ? HID_KEY_SHORT : HID_KEY_LOST;
        out[0] = (struct hid_stroke){lost, 0};
        return 1;
    }
    size_t count = 0;
    if ((k->modifiers & HID_LEFT_ALT) && !(modifiers & HID_LEFT_ALT)) {
        out[count++] = (struct hid_stroke){HID_KEY_LEFT_ALT_UP, modifiers};
    }
    for (size_t i = 0; order[i].key; i++) {
        if (!is_down(k->down, order[i].key)) {
            out[count++] = (struct hid_stroke){order[i].key, modifiers};
        }
    }
    (void)memcpy(k->down, down, sizeof down);
    k->modifiers = modifiers;
    return count;
}

// ---- strokes to bytes

static void keys_add_byte(struct hid_keys *k, uint8_t byte) {
    if (k->len < sizeof k->bytes) {
        k->bytes[k->len++] = byte;
    }
}

// As UTF-8.
static void keys_add_char(struct hid_keys *k, uint32_t c) {
    if (c < 0x80) {
        keys_add_byte(k, (uint8_t)c);
        return;
    }
    unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    keys_add_byte(k, (uint8_t)(lead[more] | (c >> (6 * more))));
    while (more-- > 0) {
        keys_add_byte(k, (uint8_t)(0x80 | ((c >> (6 * more)) & 0x3F)));
    }
}

static void keys_end_dead(struct hid_keys *k) {
    if (k->dead) {
        keys_add_char(k, keyboard_dead_alone(k->dead));
        k->dead = 0;
    }
}

// A character of a key, after a dead key or not.
static void keys_type(struct hid_keys *k, uint32_t c) {
    uint32_t composed = k->dead ? keyboard_dead_compose(k->dead, c) : 0;
    if (composed) {
        k->dead = 0;
        c = composed;
    } else if (k->dead && c == ' ') {
        keys_end_dead(k);
        return;
    }
    keys_end_dead(k);
    if (keyboard_is_dead(c)) {
        k->dead = c;
    } else {
        keys_add_char(k, c);
    }
}

// The left Alt key went up. Up to 255 the number is one byte of the code, as scanners send
// what no key has; above it is a Unicode character.
static void keys_end_alt(struct hid_keys *k) {
    if (k->alt_digits > 0) {
        keys_end_dead(k);
        bool is_char = k->alt_value <= CODE_POINT_MAX && k->alt_value >> 11 != 0x1B;
        if (k->alt_value <= 0xFF) {
            keys_add_byte(k, (uint8_t)k->alt_value);
        } else if (is_char) { // no surrogate
            keys_add_char(k, k->alt_value);
        } else {
            keys_refuse(k, SCAN_REFUSED_KEY);
        }
    }
    k->alt_value = k->alt_digits = 0;
}

static void keys_add_alt_digit(struct hid_keys *k, uint8_t key) {
    if (key < KEYPAD_1 || key > KEYPAD_0 || k->alt_digits == ALT_DIGITS_MAX) {
        keys_refuse(k, SCAN_REFUSED_KEY);
        return;
    }
    uint32_t digit = key == KEYPAD_0 ? 0 : (uint32_t)(key - KEYPAD_1 + 1);
    k->alt_value = k->alt_value * 10 + digit;
    k->alt_digits++;
}

// The control character of a key's character, or -1.
static int control_of(uint32_t c) {
    if (c >= '@' && c <= '_') {
        return (int)(c - '@');
    }
    return c >= 'a' && c <= 'z' ? (int)(c - 'a' + 1) : -1;
}

// Ctrl with a key. Where the layout has another character on the key, scanners mean the
// key of the US keyboard: Ctrl with the second key right of P is GS everywhere.
static void keys_type_control(struct hid_keys *k, struct hid_stroke s) {
    const struct keyboard_layout *us = keyboard_layout_get(0);
    enum keyboard_level level =
        s.modifiers & shift_bits ? KEYBOARD_SHIFT : KEYBOARD_PLAIN;
    int c = control_of(keyboard_layout_char(k->layout, s.key, level));
    if (c < 0) {
        c = control_of(keyboard_layout_char(us, s.key, KEYBOARD_PLAIN));
    }
    if (c < 0) {
        c = control_of(keyboard_layout_char(us, s.key, KEYBOARD_SHIFT));
    }
    if (c < 0) {
        keys_refuse(k, SCAN_REFUSED_KEY);
        return;
    }
    keys_end_dead(k);
    keys_add_byte(k, (uint8_t)c);
}

static bool is_letter(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7);
}

static void keys_type_plain(struct hid_keys *k, struct hid_stroke s, bool is_altgr) {
    bool is_shift = (s.modifiers & shift_bits) != 0;
    if (k->has_caps && !is_altgr &&
        is_letter(keyboard_layout_char(k->layout, s.key, KEYBOARD_PLAIN))) {
        is_shift = !is_shift;
    }
    int level = (is_altgr ? KEYBOARD_ALTGR : 0) + (is_shift ? KEYBOARD_SHIFT : 0);
    uint32_t c = keyboard_layout_char(k->layout, s.key, (enum keyboard_level)level);
    if (c == 0) {
        keys_refuse(k, SCAN_REFUSED_KEY);
        return;
    }
    keys_type(k, c);
}

static void keys_take_stroke(struct hid_keys *k, struct hid_stroke s) {
    bool is_ctrl = (s.modifiers & ctrl_bits) != 0;
    bool is_alt = (s.modifiers & HID_LEFT_ALT) != 0;
    bool is_altgr =
        (s.modifiers & HID_RIGHT_ALT) || (is_alt && (s.modifiers & HID_LEFT_CTRL));
    if (s.key == HID_KEY_LEFT_ALT_UP) {
        keys_end_alt(k);
    } else if (s.key == HID_KEY_LOST || s.key == HID_KEY_SHORT) {
        keys_refuse(k,
                    s.key == HID_KEY_LOST ? SCAN_REFUSED_ROLLOVER : SCAN_REFUSED_SHORT);
    } else if (s.key == KEY_CAPS_LOCK) {
        k->has_caps = !k->has_caps;
    } else if (s.key == KEY_NUM_LOCK || s.key == KEY_SCROLL_LOCK) {
        return; // scanners press Num Lock before they send Alt codes
    } else if (s.modifiers & gui_bits) {
        keys_refuse(k, SCAN_REFUSED_KEY); // hostile codes try to open menus
    } else if (is_altgr) {
        keys_type_plain(k, s, true);
    } else if (is_alt) {
        keys_add_alt_digit(k, s.key);
    } else if (is_ctrl) {
        keys_type_control(k, s);
    } else {
        keys_type_plain(k, s, false);
    }
}

// ---- codes

static void keys_start(struct hid_keys *k) {
    k->len = k->strokes_count = 0;
    k->is_open = k->is_ended = k->is_muted = k->has_caps = false;
    k->dead = k->alt_value = k->alt_digits = 0;
    k->why = SCAN_REFUSED_NOT;
}

static enum hid_keys_event keys_end(struct hid_keys *k) {
    bool is_muted = k->is_muted;
    keys_end_dead(k);
    if (k->alt_digits > 0) {
        keys_refuse(k, SCAN_REFUSED_CUT);
    }
    k->is_ended = true;
    if (is_muted) {
        return HID_KEYS_NOTHING;
    }
    if (k->why) {
        return HID_KEYS_REFUSED;
    }
    return k->len > 0 ? HID_KEYS_CODE : HID_KEYS_NOTHING;
}

static bool keys_has_suffix(const struct hid_keys *k, struct hid_stroke s) {
    if (!k->suffix) {
        // Not Ctrl-M, which is a CR of the code itself.
        return (s.key == KEY_ENTER || s.key == KEYPAD_ENTER) &&
               !(s.modifiers & ctrl_bits);
    }
    size_t n = strlen(k->suffix);
    return n > 0 && n <= k->len && memcmp(k->bytes + k->len - n, k->suffix, n) == 0;
}

enum hid_keys_event hid_keys_press(struct hid_keys *k, struct hid_stroke stroke,
                                   uint64_t mono_ms) {
    if (!k->is_open || k->is_ended) {
        keys_start(k);
    }
    if (stroke.key == HID_KEY_LEFT_ALT_UP && !k->is_open) {
        return HID_KEYS_NOTHING;
    }
    k->is_open = true;
    k->last_ms = mono_ms;
    if (k->strokes_count < HID_KEYS_KEPT) {
        k->strokes[k->strokes_count] = stroke;
    }
    k->strokes_count++;
    keys_take_stroke(k, stroke);
    return keys_has_suffix(k, stroke) ? keys_end(k) : HID_KEYS_NOTHING;
}

uint64_t hid_keys_deadline_ms(const struct hid_keys *k) {
    uint32_t gap_ms = k->gap_ms ? k->gap_ms : HID_KEYS_GAP_MS;
    return k->is_open && !k->is_ended ? k->last_ms + gap_ms : UINT64_MAX;
}

enum hid_keys_event hid_keys_expire(struct hid_keys *k, uint64_t now_ms) {
    return now_ms < hid_keys_deadline_ms(k) ? HID_KEYS_NOTHING : keys_end(k);
}

enum hid_keys_event hid_keys_break(struct hid_keys *k, uint64_t now_ms) {
    if (!k->is_open || k->is_ended || k->is_muted) {
        return HID_KEYS_NOTHING;
    }
    k->last_ms = now_ms;
    k->is_muted = true;
    k->why = SCAN_REFUSED_CUT;
    return HID_KEYS_REFUSED;
}

#include "app/text/script.h"

static bool span_has(const struct script_span *spans, size_t count, uint32_t cp) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cp > spans[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && cp >= spans[low].first;
}

int script_of(uint32_t cp) {
    size_t low = 0, high = script_range_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cp > script_ranges[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < script_range_count && cp >= script_ranges[low].first) {
        return script_ranges[low].row;
    }
    return SCRIPT_COMMON;
}

bool script_is_mark(uint32_t cp) {
    return cp >= 0x300 && span_has(script_marks, script_mark_count, cp);
}

bool script_is_ignorable(uint32_t cp) {
    static const struct script_span ignorable[] = {
        {0xAD, 0xAD},     {0x34F, 0x34F},   {0x61C, 0x61C},     {0x115F, 0x1160},
        {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F},   {0x2028, 0x202E},
        {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
        {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0xE0000, 0xE0FFF},
    };
    return span_has(ignorable, sizeof ignorable / sizeof ignorable[0], cp);
}

static bool is_flag(uint32_t cp) {
    return cp >= 0x1F1E6 && cp <= 0x1F1FF;
}

enum hangul { HANGUL_NONE, HANGUL_L, HANGUL_V, HANGUL_T };

// The jamo at the end (is_end) or the start of a syllable.
static enum hangul hangul_of(uint32_t cp, bool is_end) {
    if ((cp >= 0x1100 && cp <= 0x115F) || (cp >= 0xA960 && cp <= 0xA97C)) {
        return HANGUL_L;
    }
    if ((cp >= 0x1160 && cp <= 0x11A7) || (cp >= 0xD7B0 && cp <= 0xD7C6)) {
        return HANGUL_V;
    }
    if ((cp >= 0x11A8 && cp <= 0x11FF) || (cp >= 0xD7CB && cp <= 0xD7FB)) {
        return HANGUL_T;
    }
    if (cp >= 0xAC00 && cp <= 0xD7A3) {
        return !is_end ? HANGUL_L : (cp - 0xAC00) % 28 == 0 ? HANGUL_V : HANGUL_T;
    }
    return HANGUL_NONE;
}

static bool is_hangul_joined(uint32_t before, uint32_t after) {
    enum hangul b = hangul_of(before, true), a = hangul_of(after, false);
    bool is_syllable = after >= 0xAC00 && after <= 0xD7A3;
    switch (b) {
    case HANGUL_L:
        return a == HANGUL_L || a == HANGUL_V || is_syllable;
    case HANGUL_V:
        return a == HANGUL_V || a == HANGUL_T;
    case HANGUL_T:
        return a == HANGUL_T;
    case HANGUL_NONE:
        break;
    }
    return false;
}

// Viramas that stack or join consonants: a name is not cut in mid-conjunct.
static bool is_virama(uint32_t cp) {
    static const uint16_t viramas[] = {0x94D,  0x9CD,  0xA4D,  0xACD,  0xB4D,
                                       0xBCD,  0xC4D,  0xCCD,  0xD4D,  0xDCA,
                                       0x1039, 0x17D2, 0x1A60, 0x1B44, 0xA9C0};
    for (size_t i = 0; i < sizeof viramas / sizeof viramas[0]; i++) {
        if (cp == viramas[i]) {
            return true;
        }
    }
    return false;
}

bool script_is_joined(uint32_t before, uint32_t after, int flags_before) {
    if (script_is_mark(after) || (after >= 0x1F3FB && after <= 0x1F3FF)) {
        return before != '\n';
    }
    if (before == 0x200D && after >= 0x2190) {
        return true; // emoji sequences and joined symbols
    }
    if (is_virama(before) && script_of(after) == script_of(before)) {
        return before != 0xBCD; // Tamil shows it; it joins nothing
    }
    if (is_flag(before) && is_flag(after)) {
        return flags_before % 2 == 1;
    }
    return is_hangul_joined(before, after);
}

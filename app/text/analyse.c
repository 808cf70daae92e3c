#include "app/text/analyse.h"

#include "app/text/faces.h"
#include "app/text/script.h"
#include "app/text/utf8.h"
#include "sync/base/mem.h"

#include <fribidi.h>
#include <linebreak.h>
#include <string.h>

// Inter's display cut is drawn for sizes from here up.
enum { DISPLAY_SIZE_PX = 64 };

static bool is_digit(uint32_t cp) {
    return cp >= '0' && cp <= '9';
}

static void add_cp(struct analysis *a, uint32_t cp, size_t span) {
    size_t at = (size_t)a->at[a->count];
    if (cp == 0 || a->is_cut) {
        return;
    }
    char bytes[4];
    size_t length = utf8_put(cp, bytes);
    if (at + length > TEXT_BYTES_MAX) {
        a->is_cut = true;
        return;
    }
    memcpy(a->utf8 + at, bytes, length);
    a->cps[a->count] = cp;
    a->spans[a->count] = (uint8_t)span;
    a->at[++a->count] = (int)(at + length);
}

static void read_spans(struct analysis *a, const struct text_span *spans, size_t count) {
    for (size_t s = 0; s < count; s++) {
        a->weights[s] = spans[s].weight;
        const char *text = spans[s].text != NULL ? spans[s].text : "";
        size_t length = strlen(text), at = 0;
        while (at < length && !a->is_cut) {
            add_cp(a, utf8_clean(utf8_next(text, length, &at)), s);
        }
    }
}

static void find_clusters(struct analysis *a) {
    int flags = 0;
    for (int i = 0; i < a->count; i++) {
        bool is_joined = i > 0 && script_is_joined(a->cps[i - 1], a->cps[i], flags);
        a->is_start[i] = !is_joined;
        flags = a->cps[i] >= 0x1F1E6 && a->cps[i] <= 0x1F1FF ? flags + 1 : 0;
    }
    // The last cluster of a text that was cut may be half of one.
    while (a->is_cut && a->count > 0 && !a->is_start[a->count - 1]) {
        a->count--;
    }
    if (a->is_cut && a->count > 0) {
        a->count--;
    }
    while (a->count > 0 &&
           (a->cps[a->count - 1] == '\n' || a->cps[a->count - 1] == ' ')) {
        a->count--;
    }
    a->utf8[a->at[a->count]] = '\0';
}

// Levels of one paragraph [from, to).
static void find_levels(struct analysis *a, int from, int to,
                        enum text_direction direction) {
    FriBidiStrIndex length = to - from;
    FriBidiCharType *types = mem_alloc((size_t)length + 1, sizeof *types);
    FriBidiBracketType *brackets = mem_alloc((size_t)length + 1, sizeof *brackets);
    FriBidiLevel *levels = mem_alloc((size_t)length + 1, sizeof *levels);
    FriBidiParType base = direction == TEXT_DIRECTION_RTL   ? FRIBIDI_PAR_RTL
                          : direction == TEXT_DIRECTION_LTR ? FRIBIDI_PAR_LTR
                                                            : FRIBIDI_PAR_ON;
    fribidi_get_bidi_types(a->cps + from, length, types);
    fribidi_get_bracket_types(a->cps + from, length, types, brackets);
    if (fribidi_get_par_embedding_levels_ex(types, brackets, length, &base, levels) !=
        0) {
        for (int i = from; i < to; i++) {
            a->levels[i] = (uint8_t)(levels[i - from] > 0 ? levels[i - from] : 0);
        }
    }
    for (int i = from; i <= to && i < a->count; i++) { // with its line feed
        a->bases[i] = FRIBIDI_IS_RTL(base) ? 1 : 0;
    }
    if (from == 0) {
        a->is_rtl = FRIBIDI_IS_RTL(base);
    }
    mem_free(types);
    mem_free(brackets);
    mem_free(levels);
}

static void find_paragraphs(struct analysis *a, enum text_direction direction) {
    int from = 0;
    while (from < a->count) {
        int to = from;
        while (to < a->count && a->cps[to] != '\n') {
            to++;
        }
        find_levels(a, from, to, direction);
        from = to + 1;
    }
}

static void find_breaks(struct analysis *a) {
    utf32_t *text = mem_alloc((size_t)a->count + 1, sizeof *text);
    char *breaks = mem_alloc((size_t)a->count + 1, 1);
    for (int i = 0; i < a->count; i++) {
        // libunibreak 1.1 (Debian 12) aborts on regional indicators; they break as
        // ideographs do, and find_clusters keeps their pairs.
        bool is_flag = a->cps[i] >= 0x1F1E6 && a->cps[i] <= 0x1F1FF;
        text[i] = is_flag ? 0x4E00 : a->cps[i];
    }
    set_linebreaks_utf32(text, (size_t)a->count, "", breaks);
    for (int i = 0; i + 1 < a->count; i++) {
        a->can_break[i] = a->is_start[i + 1] && (breaks[i] == LINEBREAK_ALLOWBREAK ||
                                                 breaks[i] == LINEBREAK_MUSTBREAK);
    }
    mem_free(text);
    mem_free(breaks);
}

static int row_of(const char *tag) {
    for (int i = 0;; i++) {
        if (strcmp(script_rows[i].tag, tag) == 0) {
            return i;
        }
    }
}

static void fill_scripts(struct analysis *a, int from, int to, int script) {
    for (int i = from; i < to; i++) {
        a->scripts[i] = (uint8_t)script;
    }
}

// Script of each code point: shared characters take that of the one before, at the start
// that of the first with one. Kana, bopomofo and Han are shaped alike: one run, not many.
static enum text_han find_scripts(struct analysis *a, enum text_han han) {
    const int hani = row_of("Hani"), hang = row_of("Hang"), bopo = row_of("Bopo");
    int last = SCRIPT_COMMON;
    enum text_han guess = TEXT_HAN_HANS;
    for (int i = 0; i < a->count; i++) {
        int script = script_of(a->cps[i]);
        if (strcmp(script_rows[script].family, "CJK") == 0 && script != hang) {
            bool is_kana = script != hani && script != bopo;
            bool is_first = guess == TEXT_HAN_HANS;
            guess = is_kana                      ? TEXT_HAN_JA
                    : script == bopo && is_first ? TEXT_HAN_HANT
                                                 : guess;
            script = hani;
        } else if (script == hang && guess == TEXT_HAN_HANS) {
            guess = TEXT_HAN_KO;
        }
        if (script != SCRIPT_COMMON && last == SCRIPT_COMMON) {
            fill_scripts(a, 0, i, script);
        }
        last = script != SCRIPT_COMMON ? script : last;
        a->scripts[i] = (uint8_t)last;
    }
    return han == TEXT_HAN_AUTO ? guess : han;
}

static void find_faces(struct analysis *a, enum text_han han) {
    int i = 0, before = -1;
    while (i < a->count) {
        int end = i + 1;
        while (end < a->count && !a->is_start[end]) {
            end++;
        }
        uint32_t cp = a->cps[i];
        bool is_common = script_of(cp) == SCRIPT_COMMON;
        bool is_ascii = cp > ' ' && cp < 0x7F;
        bool is_new = i == 0 || a->spans[i] != a->spans[i - 1] || a->cps[i - 1] == '\n';
        struct face_wish wish = {
            .script = is_common && is_ascii ? SCRIPT_COMMON : a->scripts[i],
            .weight = a->weights[a->spans[i]],
            .han = han,
            .is_display = a->is_display,
            .prefer = is_common && !is_ascii && !is_new ? before : -1,
        };
        bool is_missing = false;
        before = cp == '\n' ? faces_get_base(a->fonts, wish.weight, a->is_display)
                            : faces_pick(a->fonts, &wish, a->cps + i, (size_t)(end - i),
                                         &is_missing);
        a->missing += is_missing;
        for (; i < end; i++) {
            a->faces[i] = (int16_t)before;
        }
    }
}

void analyse_init(struct analysis *a, struct fonts *fonts, const struct text_style *style,
                  const struct text_span *spans, size_t span_count) {
    *a = (struct analysis){.fonts = fonts};
    CHECK(span_count >= 1 && span_count <= TEXT_SPANS_MAX);
    size_t room = 1;
    for (size_t s = 0; s < span_count; s++) {
        size_t length = spans[s].text != NULL ? strlen(spans[s].text) : 0;
        room += length < TEXT_BYTES_MAX ? length : TEXT_BYTES_MAX;
    }
    // A broken byte grows to the three of U+FFFD.
    a->utf8 = mem_alloc(3 * room + 4, 1);
    a->cps = mem_alloc(room + 1, sizeof *a->cps);
    a->at = mem_alloc(room + 1, sizeof *a->at);
    a->levels = mem_alloc(room + 1, sizeof *a->levels);
    a->bases = mem_alloc(room + 1, sizeof *a->bases);
    a->can_break = mem_alloc(room + 1, sizeof *a->can_break);
    a->is_start = mem_alloc(room + 1, sizeof *a->is_start);
    a->is_cell = mem_alloc(room + 1, sizeof *a->is_cell);
    a->spans = mem_alloc(room + 1, sizeof *a->spans);
    a->scripts = mem_alloc(room + 1, sizeof *a->scripts);
    a->faces = mem_alloc(room + 1, sizeof *a->faces);
    a->is_display = style->size_px >= DISPLAY_SIZE_PX;
    read_spans(a, spans, span_count);
    find_clusters(a);
    find_paragraphs(a, style->direction);
    find_breaks(a);
    find_faces(a, find_scripts(a, style->han));
    for (int i = 0; i < a->count; i++) {
        a->is_cell[i] = style->is_tabular && is_digit(a->cps[i]);
    }
}

void analyse_finish(struct analysis *a) {
    mem_free(a->utf8);
    mem_free(a->cps);
    mem_free(a->at);
    mem_free(a->levels);
    mem_free(a->bases);
    mem_free(a->can_break);
    mem_free(a->is_start);
    mem_free(a->is_cell);
    mem_free(a->spans);
    mem_free(a->scripts);
    mem_free(a->faces);
    *a = (struct analysis){0};
}

int analyse_find_end(const struct analysis *a, int i, int to) {
    int end = i + 1;
    if (a->is_cell[i]) {
        return end;
    }
    while (end < to && !a->is_cell[end] && a->faces[end] == a->faces[i] &&
           a->scripts[end] == a->scripts[i] && a->levels[end] == a->levels[i] &&
           a->spans[end] == a->spans[i] && a->cps[end] != '\n') {
        end++;
    }
    return end;
}

int analyse_measure_cell(const struct analysis *a, int face, int size_px) {
    TTF_Font *font = faces_use(a->fonts, face, size_px, false, SCRIPT_COMMON);
    int widest = 1;
    for (uint32_t digit = '0'; digit <= '9'; digit++) {
        int advance = 0;
        if (TTF_GlyphMetrics32(font, digit, NULL, NULL, NULL, NULL, &advance) == 0) {
            widest = advance > widest ? advance : widest;
        }
    }
    return widest;
}

float analyse_measure_piece(const struct analysis *a, int from, int to, int size_px) {
    if (a->is_cell[from]) {
        return (float)analyse_measure_cell(a, a->faces[from], size_px);
    }
    bool is_rtl = (a->levels[from] & 1) != 0;
    TTF_Font *font =
        faces_use(a->fonts, a->faces[from], size_px, is_rtl, a->scripts[from]);
    char text[TEXT_BYTES_MAX + 1];
    size_t length = (size_t)(a->at[to] - a->at[from]);
    memcpy(text, a->utf8 + a->at[from], length);
    text[length] = '\0';
    int w = 0;
    if (TTF_SizeUTF8(font, text, &w, NULL) != 0) {
        return 0;
    }
    return (float)w;
}

float analyse_measure(const struct analysis *a, int from, int to, int size_px) {
    float w = 0;
    for (int i = from; i < to;) {
        int end = analyse_find_end(a, i, to);
        w += analyse_measure_piece(a, i, end, size_px);
        i = end;
    }
    return w;
}

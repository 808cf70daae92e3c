// A string becomes shaped, ordered, broken and fitted lines, in any script.
// Called by app/ui (screens) and app/badge (300 dpi), on the thread that owns the fonts.
//
// Nothing here fails: invalid UTF-8 becomes U+FFFD, control characters are dropped (a line
// feed ends a line, a tab is a space), text beyond TEXT_BYTES_MAX is cut at a cluster border.
// All sizes are px of the target (for a badge: printer dots). y grows downwards.
#ifndef APP_TEXT_TEXT_H
#define APP_TEXT_TEXT_H

#include "app/text/fonts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TEXT_BYTES_MAX = 4096, // of all spans together, after sanitising
    TEXT_SPANS_MAX = 8,
    TEXT_LINES_MAX = 64,
    TEXT_SIZE_MIN_PX = 5,
    TEXT_SIZE_MAX_PX = 1200
};

enum text_weight { TEXT_REGULAR, TEXT_MEDIUM, TEXT_SEMIBOLD, TEXT_BOLD, TEXT_EXTRABOLD };

// Which shapes Han characters take. AUTO: Japanese if the text has kana, Korean if it has
// hangul, Traditional if it has bopomofo, else Simplified.
enum text_han { TEXT_HAN_AUTO, TEXT_HAN_JA, TEXT_HAN_KO, TEXT_HAN_HANS, TEXT_HAN_HANT };

// From a BCP 47 tag ("ja", "zh-Hant", "zh-TW", "ko-KR" ...); AUTO for others and NULL.
enum text_han text_han_of(const char *language_tag);

// LEADING is left for a left-to-right paragraph and right for a right-to-left one.
enum text_align {
    TEXT_ALIGN_LEADING,
    TEXT_ALIGN_LEFT,
    TEXT_ALIGN_CENTER,
    TEXT_ALIGN_RIGHT
};

// Base direction of each paragraph. AUTO: its first strong character (UAX 9), else LTR.
enum text_direction { TEXT_DIRECTION_AUTO, TEXT_DIRECTION_LTR, TEXT_DIRECTION_RTL };

// How to lay out. Zero means the default in brackets.
struct text_style {
    int size_px;   // wanted size: em height (required)
    int min_px;    // shrink down to this before anything is cut [size_px: never shrink]
    int max_w_px;  // box width [no limit]
    int max_h_px;  // box height, met by shrinking and then by fewer lines [no limit]
    int max_lines; // [1]; TEXT_LINES_MAX at most
    int leading_pct; // line pitch in % of the size [120]; tall scripts get more by themselves
    enum text_weight weight;
    enum text_align align; // of lines within the layout's width
    enum text_direction direction;
    enum text_han han;
    bool is_tabular; // ASCII digits in equal cells: clocks, counts, times in columns
};

// A piece of the text with its own weight. The pieces are one paragraph text: breaking,
// ordering and fitting run across them.
struct text_span {
    const char *text; // UTF-8, may be NULL (= empty) or invalid
    enum text_weight weight;
};

// What came out.
struct text_measure {
    int w_px;        // widest line; <= max_w_px whenever the text could be cut to it
    int h_px;        // top of the first line to bottom of the last
    int baseline_px; // first baseline below the top
    int last_baseline_px;
    int cap_px; // height of capitals: centre optically on (baseline - cap .. last baseline)
    int size_px; // the size chosen by fitting
    int line_count;
    bool is_cut; // an ellipsis stands for missing text
    bool is_rtl; // direction of the first paragraph
};

// Ink extent relative to the layout's top left corner; x and y may be negative.
struct text_bounds {
    int x, y, w, h;
};

struct text_layout;

// Lays out `text` in one weight. The layout belongs to the caller (destroy it) and to the
// thread of `fonts`. Never NULL. Order of rescue when it does not fit: break lines, shrink,
// break inside a word, ellipsis at a cluster border.
struct text_layout *text_create(struct fonts *fonts, const struct text_style *style,
                                const char *text);

// The same for 1..TEXT_SPANS_MAX pieces; style->weight is not used.
struct text_layout *text_create_spans(struct fonts *fonts, const struct text_style *style,
                                      const struct text_span *spans, size_t span_count);

void text_destroy(struct text_layout *layout); // NULL is fine

// Borrowed until the layout is destroyed.
const struct text_measure *text_get_measure(const struct text_layout *layout);

// Extent of the ink of one span, or of all with span = -1. w = 0 when there is none.
struct text_bounds text_get_bounds(const struct text_layout *layout, int span);

// An 8-bit coverage picture: 0 nothing, 255 full ink. Not owned by this room.
struct text_mask {
    uint8_t *pixels;
    int w, h;
    int stride_bytes;
};

// Adds the ink of one span (or all: -1) with the layout's top left corner at (x, y); clipped.
// Where glyphs meet the darker value stays. Anti-aliased; a badge thresholds it.
void text_draw(const struct text_layout *layout, int span, const struct text_mask *mask,
               int x, int y);

// One line's visual order as text, for tests: the runs left to right, each run in logical
// order, joined by '|'. Borrowed until the layout is destroyed.
const char *text_get_visual_line(const struct text_layout *layout, int line);

// Code points for which no installed font has a glyph (drawn as a box). 0 is the promise.
int text_count_missing(const struct text_layout *layout);

#endif

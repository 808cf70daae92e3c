// What goes where on a label: a badge template as data, read from assets/badges/*.json.
// Called by the programs at start and by badge_render. Values; any thread.
//
// {"name": "...", "width_mm": 76.2, "height_mm": 101.6, "margin_mm": 3, "areas": [...]}
// Nothing is printed in the margin. Each area has a box "x", "y", "w", "h" in mm and shows
// one thing:
//   "show": "code"   the QR code, centred, with its quiet zone inside the box
//   "show": "marks"  role chips in one row or two; "size" is the height of their text in mm
//   "show": "bar"    solid ink
//   "lines": [...]   up to 4 texts, stacked and centred in the box's height; each has "show"
//                    (event name second org), "size" and "min" (em height, mm), "max_lines",
//                    "weight" (regular medium semibold bold extrabold), "gap" (mm above it)
// "align" is left, center or right. Missing numbers take the default written in template.c.
#ifndef APP_BADGE_TEMPLATE_H
#define APP_BADGE_TEMPLATE_H

#include "app/text/text.h"
#include "sync/base/err.h"

#include <stddef.h>

enum { TEMPLATE_AREAS_MAX = 12, TEMPLATE_LINES_MAX = 4, TEMPLATE_BYTES_MAX = 65536 };

enum template_show {
    TEMPLATE_SHOW_EVENT,  // event and city
    TEMPLATE_SHOW_NAME,   // the big line of the name
    TEMPLATE_SHOW_SECOND, // family name, or the name in Latin letters
    TEMPLATE_SHOW_ORG,
    TEMPLATE_SHOW_COUNT
};

enum template_area_kind {
    TEMPLATE_AREA_LINES,
    TEMPLATE_AREA_CODE,
    TEMPLATE_AREA_MARKS,
    TEMPLATE_AREA_BAR
};

struct template_line {
    enum template_show show;
    double size_mm, min_mm, gap_mm;
    int max_lines;
    enum text_weight weight;
};

struct template_area {
    enum template_area_kind kind;
    double x_mm, y_mm, w_mm, h_mm;
    double size_mm; // marks
    enum text_align align;
    struct template_line lines[TEMPLATE_LINES_MAX];
    size_t line_count;
};

struct template {
    char name[64];
    double width_mm, height_mm, margin_mm; // 20..320 mm each way
    struct template_area areas[TEMPLATE_AREAS_MAX];
    size_t area_count;
};

// ERR_INPUT: not JSON, a size out of range, an unknown word, or an area that reaches into
// the margin; the log says which. *out is untouched on failure.
MUST_CHECK enum err template_parse(const void *text, size_t len, struct template *out);

// The same from a file. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT (over TEMPLATE_BYTES_MAX).
MUST_CHECK enum err template_read(const char *path, struct template *out);

// Printer dots of a length: rounded to the nearest.
int template_dots(double mm, int dpi);

#endif

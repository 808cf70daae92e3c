// What goes where on a label: a badge template as data, read from assets/badges/*.json.
// Called by the programs at start and by badge_proof. Any thread.
//
// {"name": "...", "width_mm": 76.2, "height_mm": 101.6, "margin_mm": 3, "areas": [...]}
// The size is the label's as it leaves the printer; of a Brother roll only what it prints on.
// Nothing is printed in the margin. Each area has a box "x", "y", "w", "h" in mm from the top
// left corner and shows one thing:
//   "show": "code"   the QR code, centred, with its quiet zone inside the box
//   "show": "qr"     another one, with "text" in it: the address of the programme
//   "show": "marks"  roles; "size" is the height of their text in mm; "style" is "chips" (in
//                    one row or more) or "bars" (a black bar for each, from the bottom up)
//   "show": "bar"    solid ink
//   "show": "image"  the PNG "file" beside the template, as large as fits, in fine dots
//   "lines": [...]   up to 5 texts, stacked and centred in the box's height; each has "show",
//                    "size" and "min" (em height, mm), "max_lines", "gap" (mm above it),
//                    "weight" (regular medium semibold bold extrabold), "same_size" (true:
//                    as small as the line above had to become, and the other way round)
// A line shows event, org, text (its own "text") or a part of the name: whole; name (the given
// name, or the whole one where it has no such parts) and family; latin (the Latin form of a
// name in another script); second (family, or else latin). One without text takes no room,
// and "name" takes the lines of a "family" that is not there.
// "align" is left, center or right. Missing numbers take the default written in template.c.
//
// "turn": 90 turns what is printed clockwise (180 and 270, too): the areas are placed as it is
// read, on a label of 29 x 90 mm in 90 x 29. Instead of "areas" there may be "sides", two at
// most: [{"name": "front", "x", "y", "w", "h", "turn", "areas"}, ...]. The box is the side's
// part of the label; each side keeps its own margin. A card that is folded in the middle
// has its back in the upper half, with "turn": 180. A word that is none of these is an error.
#ifndef APP_BADGE_TEMPLATE_H
#define APP_BADGE_TEMPLATE_H

#include "app/image/image.h"
#include "app/text/text.h"
#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    TEMPLATE_SIDES_MAX = 2,
    TEMPLATE_AREAS_MAX = 12, // of a side
    TEMPLATE_LINES_MAX = 5,
    TEMPLATE_TEXT_SIZE = 128,
    TEMPLATE_NAME_SIZE = 64,
    TEMPLATE_BYTES_MAX = 65536,
    TEMPLATE_IMAGE_MAX_PX = 2048
};

enum template_show {
    TEMPLATE_SHOW_EVENT,  // event and city
    TEMPLATE_SHOW_WHOLE,  // the name as it was written
    TEMPLATE_SHOW_NAME,   // the big line of the name
    TEMPLATE_SHOW_FAMILY, // family name, when the big line does not have it
    TEMPLATE_SHOW_LATIN,  // the name in Latin letters
    TEMPLATE_SHOW_SECOND, // either of the two
    TEMPLATE_SHOW_ORG,
    TEMPLATE_SHOW_TEXT, // the line's own
    TEMPLATE_SHOW_COUNT
};
const char *template_show_name(enum template_show show); // "family"

enum template_area_kind {
    TEMPLATE_AREA_LINES,
    TEMPLATE_AREA_CODE,
    TEMPLATE_AREA_QR,
    TEMPLATE_AREA_MARKS,
    TEMPLATE_AREA_BAR,
    TEMPLATE_AREA_IMAGE
};

struct template_line {
    enum template_show show;
    double size_mm, min_mm, gap_mm;
    int max_lines;
    enum text_weight weight;
    bool has_same_size; // as the line above
    char text[TEMPLATE_TEXT_SIZE];
};

struct template_area {
    enum template_area_kind kind;
    double x_mm, y_mm, w_mm, h_mm; // on its side, as it is read
    double size_mm;                // marks
    bool has_bars;                 // marks
    enum text_align align;
    char text[TEMPLATE_TEXT_SIZE]; // qr: what is in it; image: the file's name
    struct image image;            // no pixels when parsed without a folder
    struct template_line lines[TEMPLATE_LINES_MAX];
    size_t line_count;
};

struct template_side {
    char name[TEMPLATE_NAME_SIZE];
    double x_mm, y_mm, w_mm, h_mm; // of the label
    int turn;                      // 0, 90, 180 or 270 degrees, clockwise
    struct template_area areas[TEMPLATE_AREAS_MAX];
    size_t area_count;
};

struct template {
    char name[TEMPLATE_NAME_SIZE];
    double width_mm, height_mm, margin_mm; // 20..320 mm each way
    struct template_side sides[TEMPLATE_SIDES_MAX];
    size_t side_count;
};

// ERR_INPUT: not JSON, a size out of range, an unknown word, an area that reaches into the
// margin, sides that overlap; the log names the area and the word. Images are not read.
// *out is the caller's (template_finish); untouched on failure.
MUST_CHECK enum err template_parse(const void *text, size_t len, struct template *out);

// The same from a file, with its images. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT (over
// TEMPLATE_BYTES_MAX, an image over TEMPLATE_IMAGE_MAX_PX).
MUST_CHECK enum err template_read(const char *path, struct template *out);

void template_finish(struct template *t); // frees the images and zeroes

// Size of the side as it is read.
double template_side_width(const struct template_side *side);
double template_side_height(const struct template_side *side);

// Printer dots of a length: rounded to the nearest.
int template_dots(double mm, int dpi);

#endif

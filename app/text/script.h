// Which script a code point is of, and what belongs together. Called by app/text.
// Pure; any thread.
#ifndef APP_TEXT_SCRIPT_H
#define APP_TEXT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct script_row {
    char tag[5];        // ISO 15924; "Zyyy": common to all scripts
    const char *family; // Noto file name before the weight; "": Inter; "CJK": by Han hint
    int pitch_pct;      // least line pitch in % of the size; 0: no own wish
};

struct script_range {
    uint32_t first, last;
    int row;
};

struct script_span {
    uint32_t first, last;
};

enum { SCRIPT_COMMON = 0 };

extern const struct script_row script_rows[];
extern const struct script_range script_ranges[];
extern const size_t script_range_count;
extern const struct script_span script_marks[];
extern const size_t script_mark_count;

int script_of(uint32_t cp); // index into script_rows

bool script_is_mark(uint32_t cp);      // belongs to the character before it
bool script_is_ignorable(uint32_t cp); // shows nothing: joiners, variation selectors ...

// True if no cut is allowed between two neighbouring code points (extended grapheme
// clusters, and no cut after a virama). flags_before: how many regional indicators end
// right before `after`.
bool script_is_joined(uint32_t before, uint32_t after, int flags_before);

#endif

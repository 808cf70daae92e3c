// Choosing and sizing the faces of a fonts context. Inside app/text only, on the
// context's thread.
#ifndef APP_TEXT_FACES_H
#define APP_TEXT_FACES_H

#include "app/text/text.h"

#include <SDL_ttf.h>

// What a cluster wants to be drawn with.
struct face_wish {
    int script; // index into script_rows
    enum text_weight weight;
    enum text_han han; // AUTO counts as HANS
    bool is_display;   // large text: Inter's display cut
    int prefer;        // face id tried first, -1: none (spaces, shared punctuation)
};

// The face id for these code points (one cluster): of all that cover it, the first in the
// order preferred, Inter, the script's Noto, Noto Sans, symbols, Han, DejaVu. If none covers
// all of it, Inter, and *out_is_missing is set.
int faces_pick(struct fonts *fonts, const struct face_wish *wish, const uint32_t *cps,
               size_t count, bool *out_is_missing);

// The open font at this size, set to LTR or RTL and a script. Valid until the next faces_
// call (it may be closed to stay within FONTS_OPEN_MAX). Never NULL: falls back to Inter.
TTF_Font *faces_use(struct fonts *fonts, int id, int size_px, bool is_rtl, int script);

// Inter's face id in this weight.
int faces_get_base(struct fonts *fonts, enum text_weight weight, bool is_display);

#endif

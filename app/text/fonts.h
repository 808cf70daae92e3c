// The installed fonts, found by file name and opened when a glyph is first needed.
// Called by app/text and by the owner of the context: the main thread has one for the
// screens, the print thread another for badges. A context is used by one thread only;
// two contexts may work at the same time (opening and closing faces is serialised inside).
//
// Families: Inter (static weights, or the variable file's named instances), else Noto Sans,
// else DejaVu Sans; every other script by its Noto face; Han by language hint.
// At most FONTS_OPEN_MAX faces are open between calls (three times as many within one); the
// least recently used is closed first.
#ifndef APP_TEXT_FONTS_H
#define APP_TEXT_FONTS_H

#include "sync/base/err.h"

enum { FONTS_OPEN_MAX = 12 };

struct fonts;

// root: the folder searched (with its sub-folders, three deep), NULL = /usr/share/fonts.
// ERR_NOT_FOUND when it holds none of Inter, Noto Sans, DejaVu Sans (logged: package names).
// ERR_UNSUPPORTED when SDL_ttf does not start. The caller closes.
MUST_CHECK enum err fonts_open(const char *root, struct fonts **out_fonts);

// Closes every face. NULL is fine. Layouts made with it must be destroyed before.
void fonts_close(struct fonts *fonts);

// Gives memory back: closes all but the `keep` most recently used faces. For idle moments.
void fonts_trim(struct fonts *fonts, int keep);

// How many faces are open now. For tests and health.
int fonts_count_open(const struct fonts *fonts);

#endif

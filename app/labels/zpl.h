// ZPL II as a raster: Zebra ZD, ZT, GK, GX and the many that emulate them. Called through
// label_languages; any thread; no state.
// Sources: Zebra's ZPL II programming guide (^GF, ~HS, ~HI, ~HQ); lprint-zpl.c.
//
// ~HS is answered only while the printer can print: no answer means that labels or ribbon are
// out, the head is up or too hot. ~HQES then says which, where it is known.
#ifndef APP_LABELS_ZPL_H
#define APP_LABELS_ZPL_H

#include "app/labels/language.h"

extern const struct label_language label_zpl;

#endif

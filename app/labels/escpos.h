// ESC/POS as a raster: Epson TM, Star in that mode, Xprinter and other 80 and 58 mm receipt and
// label printers. Called through label_languages; any thread; no state.
// Sources: Epson's ESC/POS command reference (GS v 0, GS V, DLE EOT, GS r).
//
// DLE EOT is answered at once, even in trouble; GS r in its turn: that answer comes only when
// everything before it has been printed, so it is the proof.
#ifndef APP_LABELS_ESCPOS_H
#define APP_LABELS_ESCPOS_H

#include "app/labels/language.h"

extern const struct label_language label_escpos;

#endif

// TSPL as a raster: TSC, Gprinter, Xprinter label printers. Called through label_languages; any
// thread; no state. Its dots are inverted: 0 is black.
// Sources: TSC's TSPL/TSPL2 programming guide; lprint-tspl.c.
//
// ESC ! ? is answered at once, with "printing" as a bit: a label counts as out when the printer
// was seen printing after the job and then was idle.
#ifndef APP_LABELS_TSPL_H
#define APP_LABELS_TSPL_H

#include "app/labels/language.h"

extern const struct label_language label_tspl;

#endif

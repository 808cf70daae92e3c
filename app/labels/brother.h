// The raster language of Brother's QL label printers, QL-500 to QL-1115NWB. Called through
// label_languages; any thread; no state. 300 dpi only.
// Sources: Brother's raster command references for the QL series; lprint-brother.c.
//
// A QL reports *completed* even when another roll is loaded than the job names: the roll is
// compared before. After the job it speaks by itself (automatic status), and must not be
// asked while it prints.
#ifndef APP_LABELS_BROTHER_H
#define APP_LABELS_BROTHER_H

#include "app/labels/language.h"

extern const struct label_language label_brother;

#endif

// EPL2 as a raster: old Eltron and Zebra desktop printers. Called through label_languages; any
// thread; no state. Its dots are inverted: 0 is black.
// Source: Zebra's EPL programming guide (GW, Q, ^ee).
//
// Nothing it says proves that a label came out: the outcome stays unknown.
#ifndef APP_LABELS_EPL_H
#define APP_LABELS_EPL_H

#include "app/labels/language.h"

extern const struct label_language label_epl;

#endif

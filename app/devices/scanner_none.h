// The scanner that is not there: never posts. Any thread.
// A row of the table in scanner.c; `--scanner none`.
#ifndef APP_DEVICES_SCANNER_NONE_H
#define APP_DEVICES_SCANNER_NONE_H

#include "app/devices/scanner.h"

extern const struct scanner_kind scanner_none;

#endif

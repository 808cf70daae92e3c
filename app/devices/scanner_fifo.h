// The pretend scanner: a named pipe that any program writes codes to, one a line.
// A row of the table in scanner.c; `--scanner fifo:PATH`. Its own thread sleeps in poll().
//
// The pipe is made with mode 0600 when nothing is there and stays when the program ends;
// anything else at PATH is refused. It is held open, so writers may come and go. A line ends
// with LF; one without ends after SCANNER_FIFO_QUIET_MS of silence. Empty lines are no scan;
// what a line has beyond SCAN_BYTES_MAX is dropped.
#ifndef APP_DEVICES_SCANNER_FIFO_H
#define APP_DEVICES_SCANNER_FIFO_H

#include "app/devices/scanner.h"

enum { SCANNER_FIFO_QUIET_MS = 500 };

extern const struct scanner_kind scanner_fifo;

#endif

// The pretend printer: each label becomes a picture in a folder.
// A row of the table in printer.c; `--printer file:DIR` or `file:DIR,delay=MS`, where MS is
// how long a label takes. Its own thread sleeps until a job or a change in the folder.
//
// Labels are label-000001.png, label-000002.png ... and appear whole (temporary name, fsync,
// rename); numbers go on after a restart. The folder is made with mode 0700 when missing:
// badges hold names. DIR/state may hold one word and, behind a space, its reason: any of
// printer_state_name (ready, paused, out-of-labels, wrong-labels, cover-open, jam ...), or
// `unplugged`: the printer is offline and the label under way, if any, becomes unknown. It is
// watched; without the file the printer is ready. Jobs wait while it is not; a label that was
// under way then is begun anew.
#ifndef APP_DEVICES_PRINTER_FILE_H
#define APP_DEVICES_PRINTER_FILE_H

#include "app/devices/printer.h"

enum { PRINTER_FILE_DELAY_MAX_MS = 60000 };

extern const struct printer_kind printer_file;

#endif

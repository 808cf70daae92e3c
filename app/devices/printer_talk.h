// Questions and answers over a printer's line in its language (app/labels/language.h). On the
// printer's thread only.
#ifndef APP_DEVICES_PRINTER_TALK_H
#define APP_DEVICES_PRINTER_TALK_H

#include "app/devices/printer_link.h"
#include "app/labels/language.h"

#include <stdatomic.h>

struct printer_talk {
    struct printer_link *link; // NULL: no printer is open
    const struct label_language *language;
    struct label_setup setup;
    const atomic_bool *is_stopping; // ends every wait
    bool
        has_spoken; // the last printer_talk_ask ended with what the printer said by itself
};

// Asks what the language asks at this moment, then, where nothing was said, the port status.
// out is complete whatever happens: a line that is gone is PRINTER_OFFLINE.
void printer_talk_ask(struct printer_talk *talk, enum label_moment moment,
                      struct label_status *out);

// While bytes flow: nothing is asked, but what the printer said by itself is understood and the
// port status, which has a way of its own, is read.
void printer_talk_listen(struct printer_talk *talk, struct label_status *out);

// Sends a short command, e.g. language->cancel; a NULL one is fine. False: not taken in time.
bool printer_talk_send(struct printer_talk *talk, struct label_command command,
                       int patience_ms);

#endif

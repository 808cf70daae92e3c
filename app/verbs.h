// What the command line does besides running the kiosk, in the running one through its
// control socket or on the store itself. Main thread of the calling process.
#ifndef APP_VERBS_H
#define APP_VERBS_H

#include "app/options.h"
#include "sync/base/err.h"

struct kiosk;

// foyer WORD...: returns the exit status.
int verbs_run(const struct options *o, int count, char **words);
// The running kiosk's side: takes verbs on DIR/foyer.sock. ERR_BUSY, ERR_IO, ERR_LIMIT.
MUST_CHECK enum err verbs_start_control(struct kiosk *k);

#endif

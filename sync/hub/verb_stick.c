// stick: facts to and from a USB stick. In a running hub on the control thread.
#include "sync/agent/stick.h"
#include "sync/hub/bell.h"
#include "sync/hub/hub.h"
#include "sync/hub/verbs.h"
#include "sync/store/peer_log.h"

#include <string.h>

static enum err head_run(struct store *s, void *arg) {
    return peer_log_head(s, arg);
}

bool verb_stick(struct verb_call *c) {
    const char *what = verb_word(c, 0);
    struct stick_job job = {.thread = c->hub ? c->hub->store : NULL,
                            .store = c->store,
                            .path = verb_word(c, 1),
                            .channels = verb_option(c, "--channels", NULL),
                            .now = c->now,
                            .out = c->out};
    bool is_save = what && strcmp(what, "save") == 0;
    bool is_load = what && strcmp(what, "load") == 0;
    if (!job.path || (!is_save && !is_load)) {
        return verb_fail(c, "stick save DIR [--channels LIST], or stick load DIR|FILE\n");
    }
    bool is_done = is_save ? stick_save(&job) : stick_load(&job);
    struct exchange_mark head = {0};
    if (job.added && c->hub &&
        store_thread_call(c->hub->store, head_run, &head, false) == ERR_NONE) {
        bell_ring(c->hub->bell, head.seq);
    }
    return is_done;
}

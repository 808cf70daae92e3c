// backup, verify: copies of the store, to keep and to check. A running hub calls these on
// the control thread: they take what they need of the store thread themselves, in slices.
#include "sync/hub/backup.h"
#include "sync/hub/hub.h"
#include "sync/hub/verbs.h"
#include "sync/store/peer_text.h"

bool verb_backup(struct verb_call *c) {
    const char *file = verb_word(c, 0);
    if (!file) {
        return verb_fail(c, "backup to which file?\n");
    }
    struct backup_order o = {
        .hub = c->hub, .store = c->store, .dir = c->dir, .file = file};
    return backup_make(&o, c->out);
}

bool verb_verify(struct verb_call *c) {
    struct verify_report r = {0};
    enum err e = c->hub ? backup_verify(c->hub, &r) : store_verify(c->store, &r);
    peer_text_verify(&r, e, c->out);
    return e == ERR_NONE;
}

// The hub's command-line verbs in one table. Each runs the same function either in a running
// hub (through its control socket, on the store thread) or, once the directory's lock is
// taken, on the store directly. `init` and `serve` are main.c's own.
#ifndef SYNC_HUB_VERBS_H
#define SYNC_HUB_VERBS_H

#include "sync/base/bytes.h"
#include "sync/net/control.h"
#include "sync/store/store.h"

struct hub;
struct postgres;

// Lives for one call, on the store's thread (but for the long ones: verbs.c).
struct verb_call {
    struct store *store; // NULL: a long verb in a running hub
    const char *dir;
    struct moment now;
    const json_t *args;      // array of strings
    const json_t *data;      // import: array of {"name", "data" (base64)}
    struct bytes *out;       // what the caller sees
    struct hub *hub;         // NULL when no hub is running
    struct postgres *shared; // of a log that several hubs share, else NULL
};

struct verb {
    const char *name;
    const char *usage; // after the name
    const char *help;  // one line
    // Whether it worked; says why not.
    bool (*run)(struct verb_call *c);
    unsigned right; // needed to author it (enum right): a relay has none of these
    // In a running hub it runs on the control thread, with store NULL: it takes long, and
    // uses the store's thread in slices.
    bool is_beside;
    size_t path_at; // which of its words is a path, from 1; 0: none
};
extern const struct verb verbs[];                // ends with an all-zero entry
const struct verb *verbs_find(const char *name); // NULL: no such verb
// Makes the verb's path absolute: the hub has another working directory.
void verbs_make_absolute(const struct verb *v, json_t *args);

// For a running hub: on the control thread, waits for the store thread, rings the bell.
bool verbs_run_in(struct hub *h, const struct control_request *request,
                  struct bytes *out);
// For a directory without a running hub: opens the store, runs, closes.
bool verbs_run_alone(const char *dir, int64_t offset_ms,
                     const struct control_request *request, struct bytes *out);

// ---- for the verb_*.c files -----------------------------------------------------------

// Appends a formatted text to what the caller sees; returns false, for `return verb_fail(…)`.
bool verb_fail(struct verb_call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void verb_say(struct verb_call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// The value after "--name", or fallback. Borrowed.
const char *verb_option(const struct verb_call *c, const char *name,
                        const char *fallback);
// The value number `at` of an option that may be given more than once, or NULL.
const char *verb_option_at(const struct verb_call *c, const char *name, size_t at);
bool verb_flag(const struct verb_call *c, const char *name); // "--confirm" is there
// The argument number `at` that is neither option nor its value, or NULL.
const char *verb_word(const struct verb_call *c, size_t at);

// Each is a row of the table, which says what it does. false: it said why.
bool verb_import(struct verb_call *c);
bool verb_enrol(struct verb_call *c);
bool verb_role(struct verb_call *c);
bool verb_grants(struct verb_call *c);
bool verb_revoke(struct verb_call *c);
bool verb_erase_person(struct verb_call *c);
bool verb_close(struct verb_call *c);
bool verb_erase(struct verb_call *c);
bool verb_stick(struct verb_call *c);
bool verb_backup(struct verb_call *c);
bool verb_announce(struct verb_call *c);
bool verb_move(struct verb_call *c);
bool verb_cancel(struct verb_call *c);
bool verb_ticket(struct verb_call *c);
bool verb_status(struct verb_call *c);
bool verb_verify(struct verb_call *c);
bool verb_rebuild(struct verb_call *c);
bool verb_dump(struct verb_call *c);
bool verb_export(struct verb_call *c);

#endif

// erase-person, close, erase: what ends for good.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/hub/verbs.h"
#include "sync/store/erase.h"
#include "sync/store/peer_text.h"

#include <inttypes.h>
#include <string.h>

enum { TYPED_MIN = 8 }; // of the event id's hex digits

static enum err author(struct verb_call *c, const char *kind, const char *subject,
                       const char *reason) {
    struct draft d = {0};
    json_t *body = json_pack("{s:s}", "reason", reason);
    enum err e = body ? draft_fill(&d, kind, subject, body) : ERR_INPUT;
    if (e == ERR_NONE) {
        e = store_append(c->store, &d, 1, &c->now, NULL);
    }
    draft_finish(&d);
    return e;
}

// A fact for each subject: every node goes by subjects, in whatever order facts arrive.
static enum err author_person(struct verb_call *c, const char *id, const char *reason) {
    char subjects[ERASE_SUBJECTS_MAX][ID_SIZE];
    struct drafts d = {0};
    size_t count = 0;
    enum err e = erase_find_subjects(c->store, id, subjects, &count);
    for (size_t i = 0; i < count && e == ERR_NONE; i++) {
        json_t *body = json_pack("{s:s}", "reason", reason);
        e = body ? drafts_add(&d, "person.erase", subjects[i], body) : ERR_INPUT;
    }
    e = e == ERR_NONE ? store_append(c->store, d.items, d.count, &c->now, NULL) : e;
    drafts_finish(&d);
    return e;
}

bool verb_erase_person(struct verb_call *c) {
    const char *id = verb_word(c, 0);
    struct person p;
    if (!id || strlen(id) != PERSON_ID_CHARS) {
        return verb_fail(c, "erase-person needs a person's id, %d characters\n",
                         PERSON_ID_CHARS);
    }
    if (store_find_person(c->store, id, &p) != ERR_NONE) {
        return verb_fail(c, "%s: nobody here has this id\n", id);
    }
    enum err e = author_person(c, p.id, verb_option(c, "--reason", "asked for"));
    if (e != ERR_NONE) {
        return verb_fail(c, "not erased: %s\n", err_text(e));
    }
    verb_say(c, "%s is erased here, and on each device when it is next in contact\n", id);
    return true;
}

static bool is_closed(struct verb_call *c) {
    char *body = NULL;
    bool is = peer_text_entity(c->store, "event.close", "event", &body) == ERR_NONE;
    mem_free(body);
    return is;
}

bool verb_close(struct verb_call *c) {
    if (is_closed(c)) {
        verb_say(c, "the event is closed already\n");
        return true;
    }
    if (!verb_flag(c, "--yes")) {
        return verb_fail(c, "close says to everybody that the event is over; nothing is"
                            " erased yet. Sure? foyer-hub close --yes\n");
    }
    enum err e = author(c, "event.close", "event", verb_option(c, "--reason", "over"));
    if (e != ERR_NONE) {
        return verb_fail(c, "not closed: %s\n", err_text(e));
    }
    verb_say(c,
             "the event is closed; export what you must keep, then: foyer-hub erase\n");
    return true;
}

// What goes, and what is out of reach.
static void say_reach(struct verb_call *c) {
    verb_say(c, "Out of reach: backups and sticks made before, exports, printed badges,"
                " store.db.bad-* files, and devices that never call again.\n");
}

bool verb_erase(struct verb_call *c) {
    char event[2 * FACT_EVENT_BYTES + 1];
    const char *typed = verb_word(c, 0);
    struct store_identity id = store_identity_get(c->store);
    struct store_counts n = store_read_counts(c->store, "", &c->now);
    hex_format(id.event, sizeof id.event, event);
    if (!is_closed(c)) {
        return verb_fail(c, "the event is not closed yet: foyer-hub close comes first\n");
    }
    if (!typed || strlen(typed) < TYPED_MIN ||
        strncmp(event, typed, strlen(typed)) != 0) {
        verb_say(c,
                 "erase removes all %" PRId64 " people and everything about them here and"
                 " on each device when it is next in contact, for good.\n",
                 n.people);
        say_reach(c);
        return verb_fail(c, "Sure? foyer-hub erase %.8s\n", event);
    }
    enum err e = author(c, "event.erase", "event", verb_option(c, "--reason", "over"));
    if (e != ERR_NONE) {
        return verb_fail(c, "not erased: %s\n", err_text(e));
    }
    verb_say(c, "all people and everything about them are erased here, and on each device"
                " when it is next in contact\n");
    say_reach(c);
    return true;
}

// announce, move, cancel: changes of the programme, seen by running kiosks within a second.
#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "sync/event/zone.h"
#include "sync/hub/verbs.h"
#include "sync/store/peer_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Takes the reference to body; authors one fact that replaces what the subject said.
static enum err author(struct verb_call *c, const char *kind, const char *subject,
                       json_t *body) {
    struct drafts d = {0};
    struct store_diff diff;
    enum err e = drafts_add(&d, kind, subject, body);
    if (e == ERR_NONE) {
        e = store_author(c->store, &d, &c->now, &diff);
    }
    drafts_finish(&d);
    return e;
}

// "90" to a number 1..most. false, with a word to the caller, when it is none.
static bool read_minutes(struct verb_call *c, long most, long *out) {
    const char *text = verb_option(c, "--minutes", NULL);
    if (!text) {
        return true;
    }
    char *end = NULL;
    errno = 0;
    long v = strtol(text, &end, 10);
    if (errno || *end || v < 1 || v > most) {
        return verb_fail(c, "--minutes %s: a whole number 1 to %ld\n", text, most);
    }
    *out = v;
    return true;
}

static bool announce_gone(struct verb_call *c, const char *id) {
    char *text = NULL;
    json_t *body = NULL;
    enum err e = peer_text_entity(c->store, "notice", id, &text);
    if (e == ERR_NONE) {
        e = json_parse(text, strlen(text), &body);
    }
    mem_free(text);
    if (e != ERR_NONE) {
        return verb_fail(c, "notice %s: %s\n", id, err_text(e));
    }
    json_object_set_new(body, "gone", json_true());
    e = author(c, "notice", id, body);
    return e == ERR_NONE || verb_fail(c, "not taken back: %s\n", err_text(e));
}

// Without a `from` it holds at once, also where the clock is a little behind.
static json_t *notice_body(struct verb_call *c, const char *title, long minutes) {
    char until[32];
    json_t *body = json_object();
    json_t *rooms = json_array();
    instant_format(c->now.wall_ms + minutes * 60000, until);
    json_object_set_new(body, "title", json_string(title));
    json_object_set_new(body, "text", json_string(verb_option(c, "--text", "")));
    json_object_set_new(body, "level", json_string(verb_option(c, "--level", "info")));
    if (minutes) {
        json_object_set_new(body, "until", json_string(until));
    }
    const char *room;
    for (size_t i = 0; (room = verb_option_at(c, "--room", i)) != NULL; i++) {
        json_array_append_new(rooms, json_string(room));
    }
    json_object_set_new(body, "rooms", rooms);
    return body;
}

bool verb_announce(struct verb_call *c) {
    const char *gone = verb_option(c, "--gone", NULL);
    const char *title = verb_word(c, 0);
    const char *level = verb_option(c, "--level", "info");
    long minutes = 0;
    char id[17];
    if (gone) {
        return announce_gone(c, gone);
    }
    if (!title || strlen(title) >= NAME_SIZE) {
        return verb_fail(c, "announce needs a TITLE of up to %d bytes\n", NAME_SIZE - 1);
    }
    if (strcmp(level, "info") != 0 && strcmp(level, "warn") != 0 &&
        strcmp(level, "emergency") != 0) {
        return verb_fail(c, "--level %s: info, warn or emergency\n", level);
    }
    if (!read_minutes(c, 14 * 24 * 60, &minutes)) {
        return false;
    }
    hex_format_u64(random_u64(), id);
    enum err e = author(c, "notice", id, notice_body(c, title, minutes));
    if (e != ERR_NONE) {
        return verb_fail(c, "not announced: %s\n", err_text(e));
    }
    verb_say(c, "announced as %s\n", id);
    return true;
}

// By id, else by acronym when one session has it.
static const char *find_session(struct verb_call *c, const struct programme *p,
                                const char *word) {
    const char *found = NULL;
    const char *other = NULL;
    for (size_t i = 0; i < p->session_count; i++) {
        const struct session *s = &p->sessions[i];
        if (strcmp(s->id, word) == 0) {
            return s->id;
        }
        if (strcmp(s->acronym, word) == 0) {
            other = found;
            found = s->id;
        }
    }
    if (other) {
        verb_fail(c, "%s meets more than once: use an id, %s or %s\n", word, other,
                  found);
        return NULL;
    }
    if (!found) {
        verb_fail(c, "%s: no such session\n", word);
    }
    return found;
}

static bool set_start(struct verb_call *c, json_t *body) {
    const char *text = verb_option(c, "--start", NULL);
    int64_t ms = 0;
    char start[32];
    if (!text) {
        return true;
    }
    if (instant_parse(text, &ms) != ERR_NONE) {
        return verb_fail(c, "--start %s: an instant like 2015-03-23T09:00-05:00\n", text);
    }
    instant_format(ms, start);
    json_object_set_new(body, "start", json_string(start));
    return true;
}

static bool set_place(struct verb_call *c, const struct programme *p, json_t *body) {
    const char *room = verb_option(c, "--room", NULL);
    long minutes = 0;
    if (room && *room && !programme_find_room(p, room)) {
        return verb_fail(c, "room %s is not known\n", room);
    }
    if (!read_minutes(c, 24 * 60, &minutes) || !set_start(c, body)) {
        return false;
    }
    if (room) {
        json_object_set_new(body, "room", json_string(room));
    }
    if (minutes) {
        json_object_set_new(body, "minutes", json_integer(minutes));
    }
    return true;
}

// Reads the session's body, lets edit change it, authors it.
static bool change_session(struct verb_call *c, bool is_cancel) {
    const char *word = verb_word(c, 0);
    const char *note = verb_option(c, "--note", NULL);
    if (!word) {
        return verb_fail(c, "which session? Its id or acronym\n");
    }
    struct programme *p = store_read_programme(c->store);
    const char *id = find_session(c, p, word);
    char *text = NULL;
    json_t *body = NULL;
    bool is_ok = false;
    enum err e = id ? peer_text_entity(c->store, "session", id, &text) : ERR_NOT_FOUND;
    e = e == ERR_NONE ? json_parse(text, strlen(text), &body) : e;
    if (e == ERR_NONE && (is_cancel || set_place(c, p, body))) {
        if (is_cancel) {
            json_object_set_new(body, "status", json_string("canceled"));
        }
        if (note) {
            json_object_set_new(body, "note", json_string(note));
        }
        e = author(c, "session", id, json_incref(body));
        is_ok = e == ERR_NONE;
    }
    if (is_ok) {
        verb_say(c, "%s is %s\n", id, is_cancel ? "cancelled" : "moved");
    } else if (e != ERR_NONE && id) {
        verb_fail(c, "%s: %s\n", id, err_text(e));
    }
    json_decref(body);
    mem_free(text);
    programme_destroy(p);
    return is_ok;
}

bool verb_move(struct verb_call *c) {
    if (!verb_option(c, "--room", NULL) && !verb_option(c, "--start", NULL) &&
        !verb_option(c, "--minutes", NULL)) {
        return verb_fail(c, "move needs --room, --start or --minutes\n");
    }
    return change_session(c, false);
}

bool verb_cancel(struct verb_call *c) {
    return change_session(c, true);
}

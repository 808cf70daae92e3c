// The programme as values: what hallway screens and gates are about. Pure; a programme is
// built once and then only read, so any thread may read it.
#ifndef SYNC_EVENT_PROGRAMME_H
#define SYNC_EVENT_PROGRAMME_H

#include "sync/base/err.h"
#include "sync/event/fact.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_SIZE = 72, TITLE_SIZE = 160, LINE_SIZE = 240, ID_SIZE = 65, LIST_SIZE = 160 };

struct event_info {
    char name[NAME_SIZE], city[NAME_SIZE], venue[NAME_SIZE], zone[48];
    char start[12], end[12]; // local days "2015-03-22"
    char wifi[NAME_SIZE], note[LINE_SIZE], host[NAME_SIZE];
};

struct room {
    char name[NAME_SIZE], level[40], function[NAME_SIZE], way[LINE_SIZE];
    int capacity; // people; 0 unknown
    int order;
};

enum session_type {
    SESSION_REGULAR,
    SESSION_PLENARY,
    SESSION_BREAK,
    SESSION_REG,
    SESSION_OTHER
};

struct session {
    char id[ID_SIZE], acronym[40], name[TITLE_SIZE], area[16], room[NAME_SIZE];
    char note[LINE_SIZE], url[TITLE_SIZE];
    enum session_type type;
    int64_t start_ms; // UTC
    int minutes;
    bool is_canceled, is_bof, is_filler;
    // The last published place and time that differ from now's; "" and 0 when never moved.
    char was_room[NAME_SIZE];
    int64_t was_start_ms;
    int64_t changed_ms; // when the newest fact about it was made
    size_t room_at;     // of its room in the sorted rooms; room_count when unknown
};

enum notice_level { NOTICE_INFO, NOTICE_WARN, NOTICE_EMERGENCY };

struct notice {
    char id[ID_SIZE], title[NAME_SIZE], text[512], rooms[LIST_SIZE];
    int64_t from_ms, until_ms; // 0 = no bound
    enum notice_level level;
    int64_t made_ms;
};

struct sponsor {
    char id[ID_SIZE], name[NAME_SIZE], part[NAME_SIZE];
    int order;
};

// A check-in list: who may pass, when, how often.
struct gate {
    char id[ID_SIZE], name[NAME_SIZE], kinds[LIST_SIZE], refusal[LINE_SIZE];
    bool is_list;              // only people whose `gates` name it
    bool is_once;              // a second admission is a finding
    bool is_strict;            // asks the hub first
    bool prints;               // hands out the badge
    int64_t from_ms, until_ms; // 0 = no bound
    int early_minutes;
    int capacity;
};

struct programme {
    struct event_info event;
    struct room *rooms;
    size_t room_count;
    struct session *sessions; // by start, then room order, then id
    size_t session_count;
    struct notice *notices; // newest first, withdrawn ones left out
    size_t notice_count;
    struct sponsor *sponsors; // by order
    size_t sponsor_count;
    struct gate *gates; // by id
    size_t gate_count;
    int64_t changed_ms; // the newest fact about any of it; 0 when empty
};

// Each takes a folded body; missing or odd fields become defaults, so these cannot fail.
void event_info_parse(const json_t *body, struct event_info *out);
void room_parse(const json_t *body, struct room *out);
void session_parse(const char *id, const json_t *body, struct session *out);
void notice_parse(const char *id, const json_t *body, struct notice *out);
void sponsor_parse(const char *id, const json_t *body, struct sponsor *out);
void gate_parse(const char *id, const json_t *body, struct gate *out);

// Adds one folded entity (kind, subject, body); unknown kinds and withdrawn ones are left
// out. was is NULL or the earlier body of a session that moved.
void programme_add(struct programme *p, const char *kind, const char *subject,
                   const json_t *body, const json_t *was, int64_t at_ms);
void programme_sort(struct programme *p); // once, after the last add
void programme_finish(struct programme *p);
// finish, and frees a heap one; NULL is fine.
void programme_destroy(struct programme *p);

const struct room *programme_find_room(const struct programme *p, const char *name);
const struct gate *programme_find_gate(const struct programme *p, const char *id);

// A word in a blank-separated list, as json_copy_list makes them.
bool list_has(const char *list, const char *word);

#endif

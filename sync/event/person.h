// A registered person as a value, and the folded key that search runs over. Any thread; no
// state.
#ifndef SYNC_EVENT_PERSON_H
#define SYNC_EVENT_PERSON_H

#include "sync/event/programme.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PERSON_ID_CHARS = 16, PERSON_ID_SIZE = 17, PERSON_KEY_MAX = 512 };

enum person_status { PERSON_OK, PERSON_CANCELLED, PERSON_BLOCKED };

struct person {
    char id[PERSON_ID_SIZE];
    char name[TITLE_SIZE], given[TITLE_SIZE], family[TITLE_SIZE], latin[TITLE_SIZE];
    char org[TITLE_SIZE], country[8], kind[32], lang[16];
    char days[LIST_SIZE]; // blank-separated local days; empty = all
    char roles[LIST_SIZE], gates[LIST_SIZE];
    char note[LINE_SIZE]; // staff must see this person
    char ticket[17];      // 16 hex digits or ""
    enum person_status status;
    bool is_paid, is_newcomer, no_photo;
};

void person_parse(const char *id, const json_t *body, struct person *out);

// The search key of a person: name, Latin form, given, family, organisation, folded.
void person_key(const struct person *p, char out[PERSON_KEY_MAX]);
// Folds any text for search: NFKD, marks stripped, lower case, own table for ł ø đ ß æ þ ı …,
// width; words separated by one blank, one blank at both ends. Cut at size.
void person_fold(const char *text, char *out, size_t size);

#endif

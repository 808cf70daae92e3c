// Any number of invented people with names in many scripts, the same in every run: for
// measurements. Pure; any thread.
#ifndef TESTS_SUPPORT_CROWD_H
#define TESTS_SUPPORT_CROWD_H

#include "sync/event/person.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct crowd_person {
    char id[PERSON_ID_SIZE];
    char name[TITLE_SIZE], latin[TITLE_SIZE], given[TITLE_SIZE], family[TITLE_SIZE];
    char org[TITLE_SIZE], ticket[17];
    const char *country, *kind;
};

// Person number i, below a million.
void crowd_make(uint32_t i, struct crowd_person *out);
json_t *crowd_body(const struct crowd_person *p); // fresh reference

// What someone types to find person i: the first `keys` characters of a family name, a given
// name or both; now and then with a slip. Returns false when the word has no more letters.
bool crowd_type(uint32_t i, size_t keys, char *out, size_t size);

#endif

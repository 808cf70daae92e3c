// Inside the store only: the folded keys of all people in RAM. Store thread.
// people.c makes store_search and store_search_load of it.
#ifndef SYNC_STORE_SEARCH_H
#define SYNC_STORE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

struct search;

struct search *search_create(void);
void search_destroy(struct search *x);                           // NULL is fine
void search_put(struct search *x, int64_t row, const char *key); // replaces
void search_remove(struct search *x, int64_t row);
void search_clear(struct search *x); // nobody is left
// Rows whose key holds every word of the folded text, best first; how many.
size_t search_find(const struct search *x, const char *folded, int64_t *out_rows,
                   size_t max);

#endif

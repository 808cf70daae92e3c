// What the tests of the connectors share: reading a feed from the tree, finding a draft.
// Main thread of a test.
#ifndef TESTS_SUPPORT_FEEDS_H
#define TESTS_SUPPORT_FEEDS_H

#include "sync/connectors/import.h"

#include <stdbool.h>

typedef enum err feed_fn(const void *bytes, size_t len, const struct import_options *o,
                         struct drafts *out, struct import_report *report);

// Outcome of one read. Zero it before the first use.
struct feed_result {
    enum err e;
    struct drafts drafts;
    struct import_report report;
};

// Reads text with exact bounds (a heap copy, so that a sanitizer sees an overrun), twice,
// and fails the test unless both give the same drafts. NULL options: all zero.
struct feed_result *feed_read(feed_fn *read, const void *bytes, size_t len,
                              const struct import_options *o);
struct feed_result *feed_read_text(feed_fn *read, const char *text,
                                   const struct import_options *o);
// path is relative to the tree's root.
struct feed_result *feed_read_file(feed_fn *read, const char *path,
                                   const struct import_options *o);
void feed_free(struct feed_result *r);

// The body of a draft, canonical JSON; NULL when there is none. Borrowed.
const char *feed_body(const struct feed_result *r, const char *kind, const char *subject);
size_t feed_count(const struct feed_result *r, const char *kind);
// A message that contains the words.
bool feed_says(const struct feed_result *r, const char *words);

#endif

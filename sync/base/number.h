// Reading a whole number from text that a person or a file gave. Any thread; no state.
// For callers that have a sensible fallback; parsers of formats report errors themselves.
#ifndef SYNC_BASE_NUMBER_H
#define SYNC_BASE_NUMBER_H

#include <stdint.h>

// Decimal with an optional sign, nothing after it; fallback when it is not that.
int64_t number_parse(const char *text, int64_t fallback);

#endif

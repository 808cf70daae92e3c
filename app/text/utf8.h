// Untrusted bytes to clean code points. Called by app/text.
// Pure; any thread.
#ifndef APP_TEXT_UTF8_H
#define APP_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

// The next code point of text[*at..len), advancing *at by at least one byte. Anything that
// is not shortest-form UTF-8 of a scalar value gives U+FFFD, one per broken sequence.
uint32_t utf8_next(const char *text, size_t len_bytes, size_t *at);

// Writes 1..4 bytes, no NUL; returns how many.
size_t utf8_put(uint32_t cp, char out[4]);

// What a text may hold: tab, CR and vertical space become ' ' or '\n', other controls,
// noncharacters and bidi overrides become 0 (= drop), the rest stays.
uint32_t utf8_clean(uint32_t cp);

#endif

// Byte buffers and the encodings used in records and on the wire. Any thread; no state.
// Sources: base45 RFC 9285; base32 is Crockford's alphabet (crockford.com/base32),
// most significant bit first; integers are big-endian.
#ifndef SYNC_BASE_BYTES_H
#define SYNC_BASE_BYTES_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A growing buffer the caller owns. All zero is a valid empty one.
struct bytes {
    uint8_t *data;
    size_t len;
    size_t cap;
};

void bytes_finish(struct bytes *b); // frees and zeroes
void bytes_clear(struct bytes *b);  // keeps the memory
void bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_add_text(struct bytes *b, const char *text); // without the NUL
void bytes_add_u8(struct bytes *b, uint8_t v);
void bytes_add_u16(struct bytes *b, uint16_t v);
void bytes_add_u32(struct bytes *b, uint32_t v);
void bytes_add_u64(struct bytes *b, uint64_t v);
// Makes room for len bytes at the end, returns where they start; contents undefined.
uint8_t *bytes_grow(struct bytes *b, size_t len);

// A bounded reader over borrowed bytes. After the first short read every get_ returns
// zero and is_short stays true: check once, at the end.
struct reader {
    const uint8_t *data;
    size_t len;
    size_t at;
    bool is_short;
};

struct reader reader_make(const void *data, size_t len);
uint8_t reader_get_u8(struct reader *r);
uint16_t reader_get_u16(struct reader *r);
uint32_t reader_get_u32(struct reader *r);
uint64_t reader_get_u64(struct reader *r);
// Borrowed pointer into the data, or NULL when short.
const uint8_t *reader_get_bytes(struct reader *r, size_t len);

// Lower-case hexadecimal with NUL: out has 2*len+1 bytes.
void hex_format(const void *data, size_t len, char *out);
// Exactly 2*len digits, either case. ERR_INPUT otherwise; out untouched on failure.
MUST_CHECK enum err hex_parse(const char *text, void *out, size_t len);
void hex_format_u64(uint64_t v, char out[17]);
MUST_CHECK enum err hex_parse_u64(const char *text, uint64_t *out);

// len*8/5 characters (rounded up) and NUL.
void base32_format(const void *data, size_t len, char *out);
// Accepts lower case and the look-alikes O, I, L. ERR_INPUT on any other character.
MUST_CHECK enum err base32_parse(const char *text, size_t chars, void *out, size_t len);
// Value 0..31 of one character, or -1.
int base32_value(char c);
extern const char base32_alphabet[33];

// Upper bound incl. NUL for len bytes.
#define BASE45_SIZE(len) (((len) / 2) * 3 + ((len) % 2) * 2 + 1)
void base45_format(const void *data, size_t len, char *out);
// ERR_INPUT on bad characters or values; ERR_LIMIT when out_max is too small.
MUST_CHECK enum err base45_parse(const char *text, size_t chars, void *out,
                                 size_t out_max, size_t *out_len);

#endif

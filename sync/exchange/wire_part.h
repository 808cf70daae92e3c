// Reading and writing the parts that requests and responses share as JSON. Used by
// request.c and response.c only. Any thread; no state. Parsing: ERR_INPUT for a wrong type
// or range, ERR_LIMIT for a list that is too long; an absent part leaves zeroes.
#ifndef SYNC_EXCHANGE_WIRE_PART_H
#define SYNC_EXCHANGE_WIRE_PART_H

#include "sync/base/json.h"
#include "sync/exchange/message.h"

// Fresh JSON values; the caller owns the reference.
json_t *wire_hex(const void *data, size_t len);
json_t *wire_u64(uint64_t v); // 16 hex digits: streams, devices, boots
json_t *wire_mark(const struct exchange_mark *m);
json_t *wire_batches(const struct exchange_batches *b); // array of base64 texts
json_t *wire_channels(uint32_t channels);               // array of names

// Each reads object[key] when it is there.
MUST_CHECK enum err wire_parse_hex(const json_t *object, const char *key, void *out,
                                   size_t len);
MUST_CHECK enum err wire_parse_u64(const json_t *object, const char *key, uint64_t *out);
// A whole number 0..max.
MUST_CHECK enum err wire_parse_count(const json_t *object, const char *key, uint64_t max,
                                     uint64_t *out);
MUST_CHECK enum err wire_parse_mark(const json_t *object, const char *key,
                                    struct exchange_mark *out);
MUST_CHECK enum err wire_parse_batches(const json_t *object, const char *key,
                                       struct exchange_batches *out);
// Names that are not known here are left out: a newer hub may have more channels.
MUST_CHECK enum err wire_parse_channels(const json_t *object, const char *key,
                                        uint32_t *out);
// The array object[key] of at most max items, or NULL in *out when absent.
MUST_CHECK enum err wire_parse_array(const json_t *object, const char *key, size_t max,
                                     const json_t **out);

#endif

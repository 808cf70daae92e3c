// The messages as JSON, byte for byte as PROTOCOL.md part 2 says. Both ends use these.
// Any thread; no state. Unknown fields are ignored, absent ones mean zero or empty.
#ifndef SYNC_EXCHANGE_WIRE_H
#define SYNC_EXCHANGE_WIRE_H

#include "sync/exchange/message.h"

// Appends canonical JSON (keys sorted, no blanks) to out.
void wire_format_request(const struct exchange_request *r, struct bytes *out);
void wire_format_response(const struct exchange_response *r, struct bytes *out);

// out must be zeroed or used before; its memory is used again. On failure its content is
// undefined but may be cleared or finished. ERR_INPUT: not JSON, a wrong type or range, no
// device. ERR_LIMIT: longer than EXCHANGE_MESSAGE_MAX, or a list beyond its maximum.
MUST_CHECK enum err wire_parse_request(const void *text, size_t len,
                                       struct exchange_request *out);
MUST_CHECK enum err wire_parse_response(const void *text, size_t len,
                                        struct exchange_response *out);

#endif

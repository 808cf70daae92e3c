// Facts as a file, for places that the network does not reach: the requests of /v1/sync with
// their `push`, one after the other. Pure; any thread; owned by one.
//   "foyer stick 1\n" || event id (16) || device id (u64) || frames || u32 0
//   frame: u32 length, then one zstd frame of the request's JSON (big-endian)
// A file without its last four bytes was cut. Batches verify by themselves.
#ifndef SYNC_EXCHANGE_STICK_H
#define SYNC_EXCHANGE_STICK_H

#include "sync/exchange/message.h"

enum { STICK_MAGIC_BYTES = 14, STICK_HEAD_BYTES = STICK_MAGIC_BYTES + 16 + 8 };

struct stick_head {
    uint8_t event[FACT_EVENT_BYTES];
    uint64_t dev; // who wrote it
};

// Each appends to out; start once, a frame for each request, end once.
void stick_format_start(const struct stick_head *head, struct bytes *out);
void stick_format_add(const struct exchange_request *r, struct bytes *out);
void stick_format_end(struct bytes *out);

// ERR_INPUT: no such file.
MUST_CHECK enum err stick_parse_start(struct reader *r, struct stick_head *out);
// The next request into out (zeroed or used before); false at the end, or where it is cut or
// a frame is not of the form. *out_err: ERR_NONE at the end; ERR_INPUT, ERR_LIMIT. A frame
// that is damaged inside is stepped over by the next call; a cut file is not.
bool stick_parse_next(struct reader *r, struct exchange_request *out, enum err *out_err);

#endif

// A light device for load: one key, one keep-alive connection, real signed requests and
// facts, no store. One thread drives many; nothing blocks but light_connect and light_ask.
// Failures end the program (CHECK): a load that does not arrive measures nothing.
#ifndef TESTS_SUPPORT_LIGHT_H
#define TESTS_SUPPORT_LIGHT_H

#include "sync/exchange/message.h"

struct light {
    int fd; // -1: not connected
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES];
    uint64_t dev;
    struct exchange_cursor cur;
    struct exchange_mark seen;
    // Its one stream in the desk channel.
    uint64_t stream, n;
    uint8_t h[FACT_HASH_BYTES];
    // The answer being read.
    struct bytes in;
    int status;
    size_t body_at, body_len;
};

void light_init(struct light *l, const uint8_t event[FACT_EVENT_BYTES]); // fresh key
void light_finish(struct light *l);
// From 127.0.0.<1 + part>: a hub limits the connections of one address.
void light_connect(struct light *l, unsigned port, unsigned part);

// A whole signed HTTP request, appended to out.
void light_format(const struct light *l, const char *method, const char *path,
                  const struct bytes *body, struct bytes *out);
// The next fact of its stream, an admission of this person, as a batch of one.
void light_admit(struct light *l, const char *person, struct bytes *out);
// POST /v1/sync from its cursor with these batches (NULL: none).
void light_format_sync(const struct light *l, const struct bytes *batch,
                       struct bytes *out);

void light_send(struct light *l, const struct bytes *request); // forgets the last answer
// Reads what is there; true when an answer is complete: status, body_at and body_len in `in`.
bool light_read(struct light *l);
// Sends and waits for the answer.
void light_ask(struct light *l, const struct bytes *request);
// The answer to a sync: adopts cursor, channels and seen.
void light_take_sync(struct light *l, struct exchange_response *scratch);

#endif

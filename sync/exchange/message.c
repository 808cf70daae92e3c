#include "sync/exchange/message.h"

#include "sync/base/mem.h"

#include <string.h>

bool exchange_batches_fit(const struct exchange_batches *b, size_t len) {
    return b->count < EXCHANGE_BATCHES_MAX && len <= EXCHANGE_BYTES_MAX &&
           b->data.len <= EXCHANGE_BYTES_MAX - len;
}

enum err exchange_batches_add(struct exchange_batches *b, const void *bytes, size_t len) {
    if (!exchange_batches_fit(b, len)) {
        return ERR_LIMIT;
    }
    bytes_add(&b->data, bytes, len);
    b->lens[b->count++] = (uint32_t)len;
    return ERR_NONE;
}

const uint8_t *exchange_batches_get(const struct exchange_batches *b, size_t i,
                                    size_t *len) {
    CHECK(i < b->count);
    size_t at = 0;
    for (size_t k = 0; k < i; k++) {
        at += b->lens[k];
    }
    *len = b->lens[i];
    return b->data.data + at;
}

static void batches_clear(struct exchange_batches *b) {
    bytes_clear(&b->data);
    b->count = 0;
}

void exchange_request_clear(struct exchange_request *r) {
    struct bytes push = r->push.data;
    struct bytes grants = r->grants.data;
    memset(r, 0, sizeof *r);
    r->push.data = push;
    r->grants.data = grants;
    batches_clear(&r->push);
    batches_clear(&r->grants);
}

void exchange_request_finish(struct exchange_request *r) {
    bytes_finish(&r->push.data);
    bytes_finish(&r->grants.data);
    memset(r, 0, sizeof *r);
}

void exchange_response_clear(struct exchange_response *r) {
    struct bytes facts = r->facts.data;
    memset(r, 0, sizeof *r);
    r->facts.data = facts;
    batches_clear(&r->facts);
}

void exchange_response_finish(struct exchange_response *r) {
    bytes_finish(&r->facts.data);
    memset(r, 0, sizeof *r);
}

void exchange_response_have(struct exchange_response *r, uint64_t stream, uint64_t n,
                            bool is_forked) {
    size_t i = 0;
    while (i < r->have_count && r->have[i].stream != stream) {
        i++;
    }
    if (i == EXCHANGE_HAVE_MAX) {
        return;
    }
    if (i == r->have_count) {
        r->have_count++;
    }
    r->have[i] = (struct exchange_have){.stream = stream, .n = n, .is_forked = is_forked};
}

bool exchange_is_about_batch(enum err e) {
    return e == ERR_FORK || e == ERR_SIGNATURE || e == ERR_INPUT || e == ERR_LIMIT ||
           e == ERR_DENIED;
}

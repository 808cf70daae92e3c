#include "sync/exchange/stick.h"

#include "sync/base/zip.h"
#include "sync/exchange/wire.h"

#include <string.h>

static const char magic[STICK_MAGIC_BYTES + 1] = "foyer stick 1\n";

void stick_format_start(const struct stick_head *head, struct bytes *out) {
    bytes_add(out, magic, STICK_MAGIC_BYTES);
    bytes_add(out, head->event, sizeof head->event);
    bytes_add_u64(out, head->dev);
}

void stick_format_add(const struct exchange_request *r, struct bytes *out) {
    struct bytes text = {0};
    struct bytes packed = {0};
    wire_format_request(r, &text);
    zip_pack(text.data, text.len, &packed);
    bytes_add_u32(out, (uint32_t)packed.len);
    bytes_add(out, packed.data, packed.len);
    bytes_finish(&text);
    bytes_finish(&packed);
}

void stick_format_end(struct bytes *out) {
    bytes_add_u32(out, 0);
}

enum err stick_parse_start(struct reader *r, struct stick_head *out) {
    const uint8_t *at = reader_get_bytes(r, STICK_MAGIC_BYTES);
    const uint8_t *event = reader_get_bytes(r, FACT_EVENT_BYTES);
    uint64_t dev = reader_get_u64(r);
    if (r->is_short || memcmp(at, magic, STICK_MAGIC_BYTES) != 0) {
        return ERR_INPUT;
    }
    memcpy(out->event, event, sizeof out->event);
    out->dev = dev;
    return ERR_NONE;
}

bool stick_parse_next(struct reader *r, struct exchange_request *out, enum err *out_err) {
    uint32_t len = reader_get_u32(r);
    const uint8_t *frame = len ? reader_get_bytes(r, len) : NULL;
    struct bytes text = {0};
    if (r->is_short || !frame) {
        *out_err = r->is_short ? ERR_INPUT : ERR_NONE;
        return false;
    }
    enum err e = zip_unpack(frame, len, EXCHANGE_MESSAGE_MAX, &text);
    if (e == ERR_NONE) {
        e = wire_parse_request(text.data, text.len, out);
    }
    bytes_finish(&text);
    *out_err = e;
    return e == ERR_NONE;
}

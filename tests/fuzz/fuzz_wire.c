// Any bytes as a request, a response and a zstd body. What is taken must come out the same
// when written and read again.
#include "sync/base/mem.h"
#include "sync/base/zip.h"
#include "sync/exchange/wire.h"

#include <stdint.h>
#include <string.h>

enum { PLAIN_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_request(const uint8_t *data, size_t len) {
    static struct exchange_request r;
    struct bytes once = {0};
    struct bytes twice = {0};
    if (wire_parse_request(data, len, &r) == ERR_NONE) {
        wire_format_request(&r, &once);
        CHECK(wire_parse_request(once.data, once.len, &r) == ERR_NONE);
        wire_format_request(&r, &twice);
        CHECK(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    }
    bytes_finish(&once);
    bytes_finish(&twice);
}

static void try_response(const uint8_t *data, size_t len) {
    static struct exchange_response r;
    struct bytes once = {0};
    struct bytes twice = {0};
    if (wire_parse_response(data, len, &r) == ERR_NONE) {
        wire_format_response(&r, &once);
        CHECK(wire_parse_response(once.data, once.len, &r) == ERR_NONE);
        wire_format_response(&r, &twice);
        CHECK(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    }
    bytes_finish(&once);
    bytes_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    if (len >= sizeof magic && memcmp(data, magic, sizeof magic) == 0) {
        struct bytes plain = {0};
        if (zip_unpack(data, len, PLAIN_MAX, &plain) == ERR_NONE) {
            CHECK(plain.len <= PLAIN_MAX);
        }
        bytes_finish(&plain);
        return 0;
    }
    try_request(data, len);
    try_response(data, len);
    return 0;
}

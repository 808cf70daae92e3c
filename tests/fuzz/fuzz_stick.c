// Any bytes as a file of `stick save`. It is read to its end, and what is taken comes out the
// same when written and read again.
#include "sync/base/mem.h"
#include "sync/exchange/stick.h"
#include "sync/exchange/wire.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_again(const struct exchange_request *r) {
    static struct exchange_request again;
    struct bytes file = {0};
    struct bytes once = {0};
    struct bytes twice = {0};
    struct stick_head head = {.dev = r->dev};
    enum err e = ERR_NONE;
    stick_format_start(&head, &file);
    stick_format_add(r, &file);
    stick_format_end(&file);
    struct reader in = reader_make(file.data, file.len);
    CHECK(stick_parse_start(&in, &head) == ERR_NONE && head.dev == r->dev);
    CHECK(stick_parse_next(&in, &again, &e));
    wire_format_request(r, &once);
    wire_format_request(&again, &twice);
    CHECK(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    CHECK(!stick_parse_next(&in, &again, &e) && e == ERR_NONE && in.at == in.len);
    bytes_finish(&file);
    bytes_finish(&once);
    bytes_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static struct exchange_request r;
    struct reader in = reader_make(data, len);
    struct stick_head head;
    enum err e = stick_parse_start(&in, &head);
    size_t parts = 0;
    while (e == ERR_NONE && !in.is_short && parts++ <= len) {
        if (stick_parse_next(&in, &r, &e)) {
            check_again(&r);
        } else if (e == ERR_NONE) {
            break; // the end
        }
        e = ERR_NONE; // a damaged frame is stepped over
    }
    CHECK(parts <= len + 1);
    return 0;
}

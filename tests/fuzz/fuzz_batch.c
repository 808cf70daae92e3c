// Any bytes as a signed batch, as one header and as one body: what the store meets when a
// peer sends it something.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"
#include "sync/event/fold.h"
#include "sync/event/person.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A header that parses is written again to the very same bytes.
static void try_header(const uint8_t *data, size_t len) {
    struct fact_header h;
    uint8_t again[FACT_HEADER_MAX];
    if (fact_parse_header(data, len, &h) != ERR_NONE || h.is_future_version) {
        return;
    }
    CHECK(utf8_is_plain(h.kind, strlen(h.kind)));
    CHECK(fact_format_header(&h, again) == len && memcmp(again, data, len) == 0);
    channel_of_kind(h.kind);
}

static void try_body(const void *text, size_t len) {
    static struct programme p;
    json_t *body = NULL;
    if (json_parse(text, len, &body) != ERR_NONE) {
        return;
    }
    static const char *const kinds[] = {"event",  "room",    "session",
                                        "notice", "sponsor", "gate"};
    struct person person;
    char key[PERSON_KEY_MAX];
    person_parse("0123456789ABCDEF", body, &person);
    person_key(&person, key);
    CHECK(strlen(key) < sizeof key && utf8_is_valid(key, strlen(key)));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        programme_add(&p, kinds[i], "s1", body, body, 1);
    }
    programme_sort(&p);
    programme_finish(&p);
    struct fact_ref ref;
    if (ref_parse(json_get_text(body, "of", ""), &ref) == ERR_NONE) {
        CHECK(ref.n);
    }
    json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct batch_view b;
    try_header(data, size);
    try_body(data, size);
    if (batch_parse(data, size, &b) != ERR_NONE) {
        return 0;
    }
    uint8_t *hashes = mem_alloc(b.count, FACT_HASH_BYTES);
    enum err e = batch_verify(&b, hashes);
    CHECK(e == ERR_NONE || e == ERR_INPUT || e == ERR_SIGNATURE);
    mem_free(hashes);
    struct fact_view f;
    for (size_t at = 0; batch_next(&b, &at, &f);) {
        try_header(f.header, f.header_len);
        if (!f.is_erased) {
            try_body(f.body, f.body_len);
            if (f.body_len >= FACT_SALT_BYTES) {
                try_body(f.body + FACT_SALT_BYTES, f.body_len - FACT_SALT_BYTES);
            }
        }
    }
    return 0;
}

// Any bytes as a scanned code: always some class, and what it says holds together. The key
// is fixed, so that the corpus can hold a ticket that verifies.
#include "sync/base/mem.h"
#include "sync/base/utf8.h"
#include "sync/event/code.h"

#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ticket_key keys[1];

static void make_key(void) {
    uint8_t seed[32];
    uint8_t secret[FACT_SECRET_BYTES];
    CHECK(sodium_init() >= 0);
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)i;
    }
    crypto_sign_seed_keypair(keys[0].key, secret, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool is_ready;
    if (!is_ready) {
        make_key();
        is_ready = true;
    }
    struct code_keys known = {.keys = keys, .count = 1};
    struct code code;
    memcpy(known.event, "foyer test event", FACT_EVENT_BYTES);
    code_parse(data, size, &known, &code);
    CHECK((unsigned)code.class <= CODE_OPAQUE);
    CHECK(strlen(code.text) < sizeof code.text &&
          utf8_is_plain(code.text, strlen(code.text)));
    if (code.class == CODE_BADGE || code.class == CODE_BADGE_TYPO) {
        char again[BADGE_CODE_CHARS + 1];
        CHECK(strlen(code.person) == PERSON_ID_CHARS && code.serial < 1024);
        badge_code_format(code.person, code.serial, again);
    }
    if (code.class == CODE_TICKET || code.class == CODE_FORGED) {
        CHECK(code.ticket.key_id == ticket_key_id(keys[0].key));
        CHECK(strlen(code.ticket_hex) == 16);
    }
    if (code.class == CODE_NONE) {
        CHECK(!code.text[0]);
    }
    return 0;
}

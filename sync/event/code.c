#include "sync/event/code.h"

#include "sync/base/bytes.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <sodium.h>
#include <string.h>

const char *const ticket_kinds[] = {
    "week",   "early", "student", "day",   "companion", "hackathon",
    "social", "staff", "press",   "guest", "remote",    "invited",
};
const size_t ticket_kind_count = sizeof ticket_kinds / sizeof *ticket_kinds;

uint8_t ticket_kind_find(const char *name) {
    for (size_t i = 0; i < ticket_kind_count; i++) {
        if (strcmp(name, ticket_kinds[i]) == 0) {
            return (uint8_t)i;
        }
    }
    return 0;
}

uint16_t ticket_key_id(const uint8_t key[FACT_KEY_BYTES]) {
    return (uint16_t)(device_id(key) >> 48);
}

// The two check characters of the first 18.
static void badge_check(const char *first18, char out[2]) {
    uint8_t digest[32];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, (const uint8_t *)"foyer badge 1", 13);
    crypto_generichash_update(&state, (const uint8_t *)first18, 18);
    crypto_generichash_final(&state, digest, sizeof digest);
    unsigned top = (unsigned)digest[0] << 2 | digest[1] >> 6;
    out[0] = base32_alphabet[top >> 5];
    out[1] = base32_alphabet[top & 31];
}

void badge_code_format(const char person[PERSON_ID_SIZE], unsigned serial,
                       char out[BADGE_CODE_CHARS + 1]) {
    CHECK(strlen(person) == PERSON_ID_CHARS && serial < 1024);
    memcpy(out, person, PERSON_ID_CHARS);
    out[16] = base32_alphabet[serial >> 5];
    out[17] = base32_alphabet[serial & 31];
    badge_check(out, out + 18);
    out[BADGE_CODE_CHARS] = '\0';
}

enum { TICKET_SIGNED = 17, TICKET_TEXT = 14 + FACT_EVENT_BYTES + TICKET_SIGNED };

static void ticket_text(const uint8_t event[FACT_EVENT_BYTES], const uint8_t *head,
                        uint8_t out[TICKET_TEXT]) {
    memcpy(out, "foyer ticket 1", 14);
    memcpy(out + 14, event, FACT_EVENT_BYTES);
    memcpy(out + 14 + FACT_EVENT_BYTES, head, TICKET_SIGNED);
}

void ticket_format(const struct ticket *t, const uint8_t event[FACT_EVENT_BYTES],
                   const uint8_t secret[FACT_SECRET_BYTES], char out[TICKET_CHARS + 1]) {
    uint8_t raw[TICKET_BYTES];
    uint8_t text[TICKET_TEXT];
    struct bytes b = {.data = raw, .cap = sizeof raw};
    bytes_add_u8(&b, 1);
    bytes_add_u16(&b, t->key_id);
    bytes_add(&b, t->id, sizeof t->id);
    bytes_add_u8(&b, t->kind);
    bytes_add_u8(&b, t->day_mask);
    bytes_add_u32(&b, t->expiry_s);
    ticket_text(event, raw, text);
    crypto_sign_detached(raw + TICKET_SIGNED, NULL, text, sizeof text, secret);
    base45_format(raw, sizeof raw, out);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool has_eci(const char *text, size_t len) {
    if (len < 8 || text[0] != '\\') {
        return false;
    }
    for (size_t i = 1; i < 7; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return true;
}

// Removes what scanners add around a code: blanks and line ends, an AIM symbology id
// ("]Q1": AIM ISO/IEC 15424), an ECI escape ("\000026": AIM ECI) at the start.
static void clean(const char **text, size_t *len) {
    bool again = true;
    while (again) {
        again = false;
        while (*len && is_blank(**text)) {
            (*text)++;
            (*len)--;
        }
        if (*len > 3 && **text == ']' && (*text)[1] >= 'A' && (*text)[1] <= 'z') {
            *text += 3;
            *len -= 3;
            again = true;
        }
        if (has_eci(*text, *len)) {
            *text += 7;
            *len -= 7;
            again = true;
        }
    }
    while (*len && is_blank((*text)[*len - 1])) {
        (*len)--;
    }
}

static bool parse_badge(const char *text, struct code *out) {
    char plain[BADGE_CODE_CHARS + 1];
    for (size_t i = 0; i < BADGE_CODE_CHARS; i++) {
        int v = base32_value(text[i]);
        if (v < 0) {
            return false;
        }
        plain[i] = base32_alphabet[v];
    }
    char check[2];
    badge_check(plain, check);
    out->class = memcmp(check, plain + 18, 2) == 0 ? CODE_BADGE : CODE_BADGE_TYPO;
    memcpy(out->person, plain, PERSON_ID_CHARS);
    out->person[PERSON_ID_CHARS] = '\0';
    out->serial = (unsigned)(base32_value(plain[16]) << 5 | base32_value(plain[17]));
    return true;
}

static enum code_class judge_ticket(const uint8_t raw[TICKET_BYTES], uint16_t key_id,
                                    const struct code_keys *keys) {
    uint8_t text[TICKET_TEXT];
    ticket_text(keys->event, raw, text);
    enum code_class class = CODE_OTHER_EVENT;
    for (size_t i = 0; i < keys->count; i++) {
        const uint8_t *key = keys->keys[i].key;
        if (ticket_key_id(key) != key_id) {
            continue;
        }
        class = CODE_FORGED;
        if (crypto_sign_verify_detached(raw + TICKET_SIGNED, text, sizeof text, key) ==
            0) {
            return CODE_TICKET;
        }
    }
    return class;
}

// A scanner on the wrong layout may turn letters to lower case; base45 has upper case only.
static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool parse_ticket(const char *text, const struct code_keys *keys,
                         struct code *out) {
    char plain[TICKET_CHARS];
    for (size_t i = 0; i < TICKET_CHARS; i++) {
        plain[i] = upper(text[i]);
    }
    uint8_t raw[TICKET_BYTES];
    size_t len = 0;
    if (base45_parse(plain, sizeof plain, raw, sizeof raw, &len) != ERR_NONE ||
        len != TICKET_BYTES || raw[0] != 1) {
        return false;
    }
    struct reader r = reader_make(raw, sizeof raw);
    reader_get_u8(&r);
    out->ticket.key_id = reader_get_u16(&r);
    memcpy(out->ticket.id, reader_get_bytes(&r, 8), 8);
    out->ticket.kind = reader_get_u8(&r);
    out->ticket.day_mask = reader_get_u8(&r);
    out->ticket.expiry_s = reader_get_u32(&r);
    hex_format(out->ticket.id, 8, out->ticket_hex);
    out->class = judge_ticket(raw, out->ticket.key_id, keys);
    return true;
}

void code_parse(const void *bytes, size_t len, const struct code_keys *keys,
                struct code *out) {
    *out = (struct code){.class = CODE_NONE};
    if (len > CODE_MAX) {
        return;
    }
    const char *text = bytes;
    clean(&text, &len);
    if (len == 0 || !utf8_is_plain(text, len)) {
        return;
    }
    if (len < sizeof out->text) {
        memcpy(out->text, text, len);
    }
    if (len == BADGE_CODE_CHARS && parse_badge(text, out)) {
        return;
    }
    if (len == TICKET_CHARS && parse_ticket(text, keys, out)) {
        return;
    }
    // base45 knows the blank: one that a ticket began with was cleaned away.
    if (len == TICKET_CHARS - 1) {
        char whole[TICKET_CHARS] = {' '};
        memcpy(whole + 1, text, len);
        if (parse_ticket(whole, keys, out)) {
            return;
        }
    }
    out->class = CODE_OPAQUE;
}

#include "sync/base/bytes.h"

#include "sync/base/mem.h"

#include <string.h>

void bytes_finish(struct bytes *b) {
    mem_free(b->data);
    *b = (struct bytes){0};
}

void bytes_clear(struct bytes *b) {
    b->len = 0;
}

uint8_t *bytes_grow(struct bytes *b, size_t len) {
    if (!b->data || b->cap - b->len < len) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap - b->len < len) {
            CHECK(cap <= SIZE_MAX / 2);
            cap *= 2;
        }
        b->data = mem_resize(b->data, cap, 1);
        b->cap = cap;
    }
    uint8_t *at = b->data + b->len;
    b->len += len;
    return at;
}

void bytes_add(struct bytes *b, const void *data, size_t len) {
    uint8_t *at = bytes_grow(b, len);
    if (len) {
        memcpy(at, data, len);
    }
}

void bytes_add_text(struct bytes *b, const char *text) {
    bytes_add(b, text, strlen(text));
}

static void add_be(struct bytes *b, uint64_t v, size_t len) {
    uint8_t *at = bytes_grow(b, len);
    for (size_t i = 0; i < len; i++) {
        at[len - 1 - i] = (uint8_t)(v >> (8 * i));
    }
}

void bytes_add_u8(struct bytes *b, uint8_t v) {
    add_be(b, v, 1);
}

void bytes_add_u16(struct bytes *b, uint16_t v) {
    add_be(b, v, 2);
}

void bytes_add_u32(struct bytes *b, uint32_t v) {
    add_be(b, v, 4);
}

void bytes_add_u64(struct bytes *b, uint64_t v) {
    add_be(b, v, 8);
}

struct reader reader_make(const void *data, size_t len) {
    return (struct reader){.data = data, .len = len};
}

const uint8_t *reader_get_bytes(struct reader *r, size_t len) {
    if (r->is_short || r->len - r->at < len) {
        r->is_short = true;
        return NULL;
    }
    const uint8_t *at = r->data + r->at;
    r->at += len;
    return at;
}

static uint64_t get_be(struct reader *r, size_t len) {
    const uint8_t *at = reader_get_bytes(r, len);
    uint64_t v = 0;
    for (size_t i = 0; at && i < len; i++) {
        v = v << 8 | at[i];
    }
    return v;
}

uint8_t reader_get_u8(struct reader *r) {
    return (uint8_t)get_be(r, 1);
}

uint16_t reader_get_u16(struct reader *r) {
    return (uint16_t)get_be(r, 2);
}

uint32_t reader_get_u32(struct reader *r) {
    return (uint32_t)get_be(r, 4);
}

uint64_t reader_get_u64(struct reader *r) {
    return get_be(r, 8);
}

void hex_format(const void *data, size_t len, char *out) {
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = data;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum err hex_parse(const char *text, void *out, size_t len) {
    if (strnlen(text, 2 * len + 1) != 2 * len) {
        return ERR_INPUT;
    }
    for (size_t i = 0; i < 2 * len; i++) {
        if (hex_value(text[i]) < 0) {
            return ERR_INPUT;
        }
    }
    uint8_t *to = out;
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    }
    return ERR_NONE;
}

void hex_format_u64(uint64_t v, char out[17]) {
    uint8_t be[8];
    for (size_t i = 0; i < 8; i++) {
        be[7 - i] = (uint8_t)(v >> (8 * i));
    }
    hex_format(be, 8, out);
}

enum err hex_parse_u64(const char *text, uint64_t *out) {
    uint8_t be[8];
    enum err e = hex_parse(text, be, 8);
    if (e == ERR_NONE) {
        struct reader r = reader_make(be, 8);
        *out = reader_get_u64(&r);
    }
    return e;
}

const char base32_alphabet[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

int base32_value(char c) {
    if (c >= 'a' && c <= 'z') {
        c = (char)(c - 'a' + 'A');
    }
    if (c == 'O') {
        c = '0';
    } else if (c == 'I' || c == 'L') {
        c = '1';
    }
    const char *at = c ? strchr(base32_alphabet, c) : NULL;
    return at ? (int)(at - base32_alphabet) : -1;
}

void base32_format(const void *data, size_t len, char *out) {
    const uint8_t *in = data;
    unsigned acc = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < len; i++) {
        acc = (acc & 31u) << 8 | in[i];
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            *out++ = base32_alphabet[acc >> bits & 31];
        }
    }
    if (bits) {
        *out++ = base32_alphabet[acc << (5 - bits) & 31];
    }
    *out = '\0';
}

enum err base32_parse(const char *text, size_t chars, void *out, size_t len) {
    if (chars != (len * 8 + 4) / 5) {
        return ERR_INPUT;
    }
    for (size_t i = 0; i < chars; i++) {
        if (base32_value(text[i]) < 0) {
            return ERR_INPUT;
        }
    }
    uint8_t *to = out;
    unsigned acc = 0;
    unsigned bits = 0;
    for (size_t i = 0, done = 0; i < chars && done < len; i++) {
        acc = (acc & 255u) << 5 | (unsigned)base32_value(text[i]);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            to[done++] = (uint8_t)(acc >> bits);
        }
    }
    return ERR_NONE;
}

static const char base45_alphabet[46] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

void base45_format(const void *data, size_t len, char *out) {
    const uint8_t *in = data;
    for (size_t i = 0; i < len; i += 2) {
        bool is_pair = i + 1 < len;
        unsigned v = is_pair ? in[i] * 256u + in[i + 1] : in[i];
        *out++ = base45_alphabet[v % 45];
        *out++ = base45_alphabet[v / 45 % 45];
        if (is_pair) {
            *out++ = base45_alphabet[v / 2025];
        }
    }
    *out = '\0';
}

static int base45_value(char c) {
    const char *at = c ? strchr(base45_alphabet, c) : NULL;
    return at ? (int)(at - base45_alphabet) : -1;
}

// One group of 2 or 3 characters; its value, or -1.
static long base45_group(const char *text, size_t chars) {
    long v = 0;
    for (size_t i = chars; i-- > 0;) {
        int digit = base45_value(text[i]);
        if (digit < 0) {
            return -1;
        }
        v = v * 45 + digit;
    }
    return v <= (chars == 3 ? 65535 : 255) ? v : -1;
}

enum err base45_parse(const char *text, size_t chars, void *out, size_t out_max,
                      size_t *out_len) {
    if (chars % 3 == 1) {
        return ERR_INPUT;
    }
    size_t len = chars / 3 * 2 + (chars % 3 == 2);
    if (len > out_max) {
        return ERR_LIMIT;
    }
    uint8_t *to = out;
    size_t done = 0;
    for (size_t i = 0; i < chars; i += 3) {
        size_t group = chars - i < 3 ? chars - i : 3;
        long v = base45_group(text + i, group);
        if (v < 0) {
            return ERR_INPUT;
        }
        if (group == 3) {
            to[done++] = (uint8_t)(v >> 8);
        }
        to[done++] = (uint8_t)(v & 255);
    }
    *out_len = done;
    return ERR_NONE;
}

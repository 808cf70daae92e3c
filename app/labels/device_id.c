#include "app/labels/device_id.h"

#include <string.h>

static const struct {
    const char *key;
    size_t offset, size;
} keys[] = {
#define FIELD(name) offsetof(struct device_id, name), sizeof((struct device_id *)0)->name
    {"MFG", FIELD(maker)},           {"MANUFACTURER", FIELD(maker)},
    {"MDL", FIELD(model)},           {"MODEL", FIELD(model)},
    {"CMD", FIELD(commands)},        {"COMMAND SET", FIELD(commands)},
    {"SN", FIELD(serial)},           {"SERN", FIELD(serial)},
    {"SERIALNUMBER", FIELD(serial)}, {"SERIAL NUMBER", FIELD(serial)},
#undef FIELD
};

static int upper(int c) {
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

bool device_id_begins(const char *haystack, const char *word) {
    while (*word && upper(*haystack) == upper(*word)) {
        haystack++;
        word++;
    }
    return !*word;
}

bool device_id_speaks(const struct device_id *id, const char *word) {
    const char *at = id->commands;
    while (*at) {
        at += strspn(at, " ,");
        if (*at && device_id_begins(at, word)) {
            return true;
        }
        at += strcspn(at, ",");
    }
    return false;
}

struct piece {
    const char *text;
    size_t len;
};

static struct piece piece_trim(struct piece p) {
    while (p.len > 0 && (p.text[0] == ' ' || p.text[0] == '\t' || p.text[0] == '\r' ||
                         p.text[0] == '\n')) {
        p.text++;
        p.len--;
    }
    while (p.len > 0 && (p.text[p.len - 1] == ' ' || p.text[p.len - 1] == '\t' ||
                         p.text[p.len - 1] == '\r' || p.text[p.len - 1] == '\n')) {
        p.len--;
    }
    return p;
}

static bool piece_is(struct piece p, const char *key) {
    if (strlen(key) != p.len) {
        return false;
    }
    for (size_t i = 0; i < p.len; i++) {
        if (upper(p.text[i]) != key[i]) {
            return false;
        }
    }
    return true;
}

static bool id_take(struct device_id *id, struct piece key, struct piece value) {
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (!piece_is(key, keys[i].key)) {
            continue;
        }
        char *out = (char *)id + keys[i].offset;
        if (out[0]) {
            return true; // the first of several stands
        }
        size_t len = value.len < keys[i].size - 1 ? value.len : keys[i].size - 1;
        for (size_t c = 0; c < len; c++) {
            out[c] = value.text[c] >= ' ' && value.text[c] <= '~' ? value.text[c] : '?';
        }
        return len > 0;
    }
    return false;
}

// Where the text ends. A length that includes itself is the rule; Linux's own gadget leaves
// its two bytes out, some printers swap them, and some send fewer bytes than they say.
static size_t text_end(const unsigned char *data, size_t len) {
    size_t big = (size_t)data[0] << 8 | data[1];
    size_t little = (size_t)data[1] << 8 | data[0];
    if (big == len || big + 2 == len || little == len || little + 2 == len) {
        return len;
    }
    size_t said = big >= 2 && big < len ? big : len;
    return little >= 2 && little < len && (big < 2 || big > len) ? little : said;
}

enum err device_id_parse(const void *data, size_t len, struct device_id *out) {
    if (len < 2) {
        return ERR_INPUT;
    }
    struct device_id id = {{0}, {0}, {0}, {0}};
    bool is_any = false;
    size_t end = text_end(data, len);
    end = end < DEVICE_ID_MAX_BYTES ? end : DEVICE_ID_MAX_BYTES;
    const char *text = (const char *)data + 2;
    const char *stop = (const char *)data + end;
    const char *nul = memchr(text, '\0', (size_t)(stop - text));
    stop = nul ? nul : stop;
    while (text < stop) {
        const char *next = memchr(text, ';', (size_t)(stop - text));
        next = next ? next : stop;
        const char *colon = memchr(text, ':', (size_t)(next - text));
        if (colon) {
            struct piece key = {text, (size_t)(colon - text)};
            struct piece value = {colon + 1, (size_t)(next - colon - 1)};
            is_any |= id_take(&id, piece_trim(key), piece_trim(value));
        }
        text = next + 1;
    }
    if (!is_any) {
        return ERR_INPUT;
    }
    *out = id;
    return ERR_NONE;
}

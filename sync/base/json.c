#include "sync/base/json.h"

#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum err json_parse(const void *text, size_t len, json_t **out) {
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (!value) {
        return ERR_INPUT;
    }
    *out = value;
    return ERR_NONE;
}

char *json_format(const json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    CHECK(text);
    return text;
}

const char *json_get_text(const json_t *object, const char *key, const char *fallback) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : fallback;
}

int64_t json_get_int(const json_t *object, const char *key, int64_t fallback) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_get_bool(const json_t *object, const char *key, bool fallback) {
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

void json_copy_text(const json_t *object, const char *key, char *out, size_t size) {
    utf8_copy(json_get_text(object, key, ""), out, size);
}

void json_copy_list(const json_t *object, const char *key, char *out, size_t size) {
    const json_t *list = json_object_get(object, key);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        size_t len = item ? strlen(item) : 0;
        if (!len || used + len + 2 > size) {
            continue;
        }
        if (used) {
            out[used++] = ' ';
        }
        memcpy(out + used, item, len + 1);
        used += len;
    }
}

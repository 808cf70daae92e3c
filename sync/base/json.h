// Thin glue over jansson: bounded parsing and typed reading with defaults. Any thread.
// jansson refuses invalid UTF-8, duplicate keys and nesting deeper than 2048.
#ifndef SYNC_BASE_JSON_H
#define SYNC_BASE_JSON_H

#include "sync/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Fresh reference in *out. ERR_INPUT when it is not one JSON object or array.
MUST_CHECK enum err json_parse(const void *text, size_t len, json_t **out);

// Canonical text: compact, keys sorted. Caller frees with mem_free.
char *json_format(const json_t *value);

// Borrowed string, or fallback when absent or of another type.
const char *json_get_text(const json_t *object, const char *key, const char *fallback);
int64_t json_get_int(const json_t *object, const char *key, int64_t fallback);
bool json_get_bool(const json_t *object, const char *key, bool fallback);
// Copies a string field, cut at a UTF-8 border to fit size; empty when absent.
void json_copy_text(const json_t *object, const char *key, char *out, size_t size);
// Joins an array of strings with one blank between; whole items only.
void json_copy_list(const json_t *object, const char *key, char *out, size_t size);

#endif

#include "sync/base/err.h"

#include <assert.h>
#include <stddef.h>

static const char *const texts[] = {
    "no error",
    "not in the expected format",
    "over the limit",
    "not found",
    "exists already",
    "not allowed",
    "signature does not match",
    "an earlier fact is missing",
    "two facts claim one address",
    "made by a newer version",
    "input/output failed",
    "full",
    "stored data is damaged",
    "busy",
    "cannot reach the other side",
    "no answer in time",
    "stopped",
    "not supported here",
    "read-only now, nothing was written",
    "sealed, and its key is not here",
};
static_assert(sizeof texts / sizeof *texts == ERR_COUNT, "one text per code");

const char *err_text(enum err e) {
    return (size_t)e < ERR_COUNT ? texts[e] : "unknown error";
}

#include "sync/base/number.h"

#include <errno.h>
#include <stdlib.h>

int64_t number_parse(const char *text, int64_t fallback) {
    char *end = NULL;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    return end == text || *end || errno ? fallback : v;
}

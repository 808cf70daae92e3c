#include "sync/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level most_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level most) {
    most_level = most;
}

void log_line(enum log_level level, const char *format, ...) {
    if (level > most_level) {
        return;
    }
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "<%d>%s\n", (int)level, line);
}

// One line per happening to standard error, with a systemd priority prefix. Any thread.
// Logged once, at the edge where the cause is known. Never names, mail addresses or codes.
#ifndef SYNC_BASE_LOG_H
#define SYNC_BASE_LOG_H

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

// Lines above this level are dropped. Default LOG_LEVEL_INFO. Set once, before threads start.
void log_set_level(enum log_level most);

void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif

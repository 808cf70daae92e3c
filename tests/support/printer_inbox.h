// What a printer posts, kept in order for the test that started it. Any thread.
#ifndef TESTS_SUPPORT_PRINTER_INBOX_H
#define TESTS_SUPPORT_PRINTER_INBOX_H

#include "app/devices/printer.h"

#include <pthread.h>
#include <stdbool.h>

enum { PRINTER_INBOX_KEPT = 100 };

struct printer_inbox {
    pthread_mutex_t lock;
    pthread_cond_t more;
    int count, seen;
    struct printer_news news[PRINTER_INBOX_KEPT];
};

void printer_inbox_init(struct printer_inbox *inbox);
void printer_inbox_finish(struct printer_inbox *inbox);

// For printer_setup; context is the inbox. What is more than PRINTER_INBOX_KEPT is dropped.
void printer_inbox_post(void *context, const struct printer_news *news);

// The next news, in order. False: none came in ms.
bool printer_inbox_next(struct printer_inbox *inbox, int ms, struct printer_news *out);

#endif

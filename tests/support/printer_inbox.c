#include "tests/support/printer_inbox.h"

#include <string.h>
#include <time.h>

void printer_inbox_init(struct printer_inbox *inbox) {
    memset(inbox, 0, sizeof *inbox);
    pthread_mutex_init(&inbox->lock, NULL);
    pthread_cond_init(&inbox->more, NULL);
}

void printer_inbox_finish(struct printer_inbox *inbox) {
    pthread_cond_destroy(&inbox->more);
    pthread_mutex_destroy(&inbox->lock);
}

void printer_inbox_post(void *context, const struct printer_news *news) {
    struct printer_inbox *inbox = context;
    pthread_mutex_lock(&inbox->lock);
    if (inbox->count < PRINTER_INBOX_KEPT) {
        inbox->news[inbox->count++] = *news;
    }
    pthread_cond_signal(&inbox->more);
    pthread_mutex_unlock(&inbox->lock);
}

bool printer_inbox_next(struct printer_inbox *inbox, int ms, struct printer_news *out) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    int e = 0;
    pthread_mutex_lock(&inbox->lock);
    while (inbox->seen >= inbox->count && e == 0) {
        e = pthread_cond_timedwait(&inbox->more, &inbox->lock, &until);
    }
    if (e == 0) {
        *out = inbox->news[inbox->seen++];
    }
    pthread_mutex_unlock(&inbox->lock);
    return e == 0;
}

// Inside app/ui only: real sleep for video drivers that can only be polled (SDL 2 looks
// every millisecond on KMSDRM, dummy and offscreen: 1 to 2 % of a core for nothing).
// Main thread, but for sleep_wake. Linux: eventfd, inotify, evdev.
#ifndef APP_UI_SLEEP_H
#define APP_UI_SLEEP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum { SLEEP_DEVICES_MAX = 32, SLEEP_BLIND_MS = 10, SLEEP_CHECK_MS = 60000 };

// sleep_init to sleep_finish.
struct sleep {
    int wake_fd;   // eventfd
    int watch_fd;  // inotify on the folder of input devices, -1: none
    int folder_fd; // -1: no input devices to watch
    int device_fds
        [SLEEP_DEVICES_MAX]; // each also open in SDL; read here only to know when
    int device_count;
    bool is_blind; // a device could not be opened: look every SLEEP_BLIND_MS
    bool is_open;
    sigset_t mask;     // the signals let in while asleep
    sigset_t old_mask; // as before sleep_init
};

// Before sleep_init and after sleep_finish: wakes and finishes do nothing.
#define SLEEP_CLOSED ((struct sleep){.wake_fd = -1, .watch_fd = -1, .folder_fd = -1})

// input_folder: "/dev/input" where SDL reads evdev itself, NULL where no input can come but
// from sleep_wake. SIGINT and SIGTERM are blocked but while asleep, so that one that comes
// just before is not slept over; start other threads afterwards.
void sleep_init(struct sleep *sleep, const char *input_folder);
void sleep_finish(struct sleep *sleep);

// Returns after timeout_ms (-1: never), a wake, a signal or an input event; early is fine.
void sleep_for(struct sleep *sleep, int64_t timeout_ms);

// From any thread, or a signal handler: the present or next sleep_for returns at once.
void sleep_wake(struct sleep *sleep);

#endif

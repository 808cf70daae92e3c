#include "app/ui/sleep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static void close_devices(struct sleep *sleep) {
    for (int i = 0; i < sleep->device_count; i++) {
        close(sleep->device_fds[i]);
    }
    sleep->device_count = 0;
}

static void open_device(struct sleep *sleep, const char *name) {
    int fd = openat(sleep->folder_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fd < FD_SETSIZE && sleep->device_count < SLEEP_DEVICES_MAX) {
        sleep->device_fds[sleep->device_count++] = fd;
        return;
    }
    sleep->is_blind = true;
    if (fd >= 0) {
        close(fd);
    }
}

static void open_devices(struct sleep *sleep) {
    close_devices(sleep);
    int copy = dup(sleep->folder_fd);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    sleep->is_blind = dir == NULL;
    if (dir == NULL) {
        return;
    }
    rewinddir(dir);
    struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        if (strncmp(entry->d_name, "event", 5) == 0) {
            open_device(sleep, entry->d_name);
        }
    }
    closedir(dir);
}

void sleep_init(struct sleep *sleep, const char *input_folder) {
    *sleep = SLEEP_CLOSED;
    sleep->is_open = true;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, &sleep->old_mask);
    sleep->mask = sleep->old_mask;
    sigdelset(&sleep->mask, SIGINT);
    sigdelset(&sleep->mask, SIGTERM);
    sleep->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (sleep->wake_fd < 0 || sleep->wake_fd >= FD_SETSIZE) {
        sleep->is_blind = true;
    }
    if (input_folder != NULL) {
        sleep->folder_fd = open(input_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        sleep->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (sleep->watch_fd >= 0) {
            // udev sets the group after the node was made: IN_ATTRIB is the second chance.
            (void)inotify_add_watch(sleep->watch_fd, input_folder,
                                    IN_CREATE | IN_ATTRIB | IN_DELETE);
        }
        open_devices(sleep);
    }
}

static void close_fd(int fd) {
    if (fd >= 0) {
        close(fd);
    }
}

void sleep_finish(struct sleep *sleep) {
    if (!sleep->is_open) {
        return;
    }
    pthread_sigmask(SIG_SETMASK, &sleep->old_mask, NULL);
    close_devices(sleep);
    close_fd(sleep->wake_fd);
    close_fd(sleep->watch_fd);
    close_fd(sleep->folder_fd);
    *sleep = SLEEP_CLOSED;
}

static void watch(fd_set *set, int fd, int *highest) {
    if (fd >= 0 && fd < FD_SETSIZE) {
        FD_SET(fd, set);
        *highest = fd > *highest ? fd : *highest;
    }
}

// Empties a descriptor; false when the device is gone.
static bool drain(int fd) {
    char bytes[4096];
    for (int i = 0; i < 64; i++) {
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got <= 0) {
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        }
    }
    return true;
}

static void after_ready(struct sleep *sleep, const fd_set *set) {
    bool has_changed = false;
    if (sleep->wake_fd >= 0 && FD_ISSET(sleep->wake_fd, set)) {
        (void)drain(sleep->wake_fd);
    }
    if (sleep->watch_fd >= 0 && FD_ISSET(sleep->watch_fd, set)) {
        (void)drain(sleep->watch_fd);
        has_changed = true;
    }
    for (int i = 0; i < sleep->device_count; i++) {
        if (FD_ISSET(sleep->device_fds[i], set) && !drain(sleep->device_fds[i])) {
            has_changed = true;
        }
    }
    if (has_changed) {
        open_devices(sleep);
    }
}

void sleep_for(struct sleep *sleep, int64_t timeout_ms) {
    int64_t most = sleep->is_blind ? SLEEP_BLIND_MS : SLEEP_CHECK_MS;
    int64_t ms = timeout_ms < 0 || timeout_ms > most ? most : timeout_ms;
    struct timespec timeout = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    fd_set set;
    int highest = -1;
    FD_ZERO(&set);
    watch(&set, sleep->wake_fd, &highest);
    watch(&set, sleep->watch_fd, &highest);
    for (int i = 0; i < sleep->device_count; i++) {
        watch(&set, sleep->device_fds[i], &highest);
    }
    if (pselect(highest + 1, &set, NULL, NULL, &timeout, &sleep->mask) > 0) {
        after_ready(sleep, &set);
    }
}

void sleep_wake(struct sleep *sleep) {
    const uint64_t one = 1;
    if (sleep->wake_fd >= 0) {
        ssize_t written = write(sleep->wake_fd, &one, sizeof one);
        (void)written; // a full counter is awake already
    }
}

#include "app/devices/printer_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/devices/printer_jobs.h"
#include "app/devices/printer_teller.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

enum { LABEL_NUMBER_MAX = 999999, STATE_BYTES = 160 };

struct file_printer {
    struct printer base;
    const struct label_format *format;
    struct printer_jobs jobs;
    char *dir;
    int dir_fd;
    int watch_fd;   // inotify: somebody wrote or removed the state file
    int wake_fd[2]; // a byte in it wakes the thread
    uint64_t delay_ms;
    pthread_t thread;

    // Only the thread touches these.
    struct printer_teller teller;
    enum printer_state state; // last word of the state file
    bool is_unplugged;        // which said so
    char reason[PRINTER_REASON_SIZE];
    uint64_t due_ms; // when the label under way is out; 0: none is
    int next_number;
};

static void file_set_state(struct file_printer *p, enum printer_state state,
                           const char *reason) {
    p->state = state;
    (void)snprintf(p->reason, sizeof p->reason, "%s", reason);
}

// An empty or unknown word changes nothing: a writer may be half way.
static void file_parse_state(struct file_printer *p, char *line) {
    line[strcspn(line, "\r\n")] = '\0';
    size_t len = strcspn(line, " \t");
    const char *reason = line[len] ? line + len + 1 : "";
    line[len] = '\0';
    bool is_unplugged = strcmp(line, "unplugged") == 0;
    if (is_unplugged) {
        file_set_state(p, PRINTER_OFFLINE, reason);
    }
    for (int i = 0; i < PRINTER_STATE_COUNT; i++) {
        if (strcmp(line, printer_state_name((enum printer_state)i)) == 0) {
            file_set_state(p, (enum printer_state)i, reason);
            p->is_unplugged = false;
        }
    }
    p->is_unplugged = p->is_unplugged || is_unplugged;
}

static void file_read_state(struct file_printer *p) {
    char line[STATE_BYTES] = "";
    int fd = openat(p->dir_fd, "state", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno == ENOENT) {
            file_set_state(p, PRINTER_READY, "");
            p->is_unplugged = false;
        }
        return;
    }
    ssize_t got = read(fd, line, sizeof line - 1);
    (void)close(fd);
    line[got > 0 ? got : 0] = '\0';
    file_parse_state(p, line);
}

static enum err sync_path(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    bool is_bad = fsync(fd) != 0;
    return close(fd) != 0 || is_bad ? ERR_IO : ERR_NONE;
}

// A label appears whole or not at all, and stays after a power cut.
static enum err file_write_label(struct file_printer *p, const struct label *label) {
    const char *ending = p->format->ending;
    char *temporary = mem_format("%s/.label.%s", p->dir, ending);
    char *path = mem_format("%s/label-%06d.%s", p->dir, p->next_number, ending);
    enum err e = p->format->write(label, temporary);
    if (e == ERR_NONE) {
        e = sync_path(temporary, O_RDONLY);
    }
    if (e == ERR_NONE && rename(temporary, path) != 0) {
        e = ERR_IO;
    }
    if (e == ERR_NONE) {
        p->next_number++;
        e = sync_path(p->dir, O_RDONLY | O_DIRECTORY);
    }
    if (e != ERR_NONE) {
        log_error("printer file: cannot write %s: %s", path, err_text(e));
        (void)unlink(temporary);
    }
    mem_free(path);
    mem_free(temporary);
    return e;
}

static void file_print(struct file_printer *p, const struct label *label) {
    enum err e =
        p->next_number > LABEL_NUMBER_MAX ? ERR_FULL : file_write_label(p, label);
    bool is_out = e == ERR_NONE;
    p->due_ms = 0;
    printer_teller_end_job(&p->teller, is_out ? PRINTER_JOB_PRINTED : PRINTER_JOB_FAILED,
                           printer_jobs_take(&p->jobs),
                           is_out ? "" : "The label could not be written");
}

// What was under way is printed anew when the cause is gone. But when the cable was pulled
// under it, nobody knows what is on the paper.
static void file_interrupt(struct file_printer *p) {
    if (p->is_unplugged && p->due_ms != 0) {
        printer_teller_end_job(&p->teller, PRINTER_JOB_UNKNOWN,
                               printer_jobs_take(&p->jobs),
                               "The printer was unplugged while it printed");
    }
    printer_jobs_put_off(&p->jobs);
    p->due_ms = 0;
}

// Does what is due; returns how long the thread may sleep, -1 = until woken.
static int file_step(struct file_printer *p, uint64_t now_ms) {
    bool is_ready = p->state == PRINTER_READY;
    if (!is_ready) {
        file_interrupt(p);
    }
    printer_teller_end_cancelled(&p->teller, &p->jobs);
    const struct printer_job *job = is_ready ? printer_jobs_first(&p->jobs, true) : NULL;
    (void)printer_teller_tell(&p->teller, job ? PRINTER_BUSY : p->state, p->reason);
    if (!job) {
        return -1;
    }
    if (p->due_ms == 0) {
        p->due_ms = now_ms + p->delay_ms;
    }
    if (now_ms < p->due_ms) {
        return (int)(p->due_ms - now_ms);
    }
    file_print(p, &job->label);
    return 0;
}

static void drain(int fd) {
    char bytes[4096];
    while (read(fd, bytes, sizeof bytes) > 0) {
    }
}

static void *file_run(void *arg) {
    struct file_printer *p = arg;
    struct pollfd fds[] = {{.fd = p->wake_fd[0], .events = POLLIN},
                           {.fd = p->watch_fd, .events = POLLIN}};
    file_read_state(p);
    (void)printer_teller_tell(&p->teller, p->state, p->reason);
    for (;;) {
        drain(p->wake_fd[0]);
        drain(p->watch_fd);
        if (printer_jobs_is_closed(&p->jobs)) {
            return NULL;
        }
        file_read_state(p);
        int wait_ms = file_step(p, clock_mono_ms());
        if (poll(fds, 2, wait_ms) < 0 && errno != EINTR) {
            log_error("printer file: poll: %s; nothing is printed any more",
                      strerror(errno));
            return NULL;
        }
    }
}

static void file_wake(struct file_printer *p) {
    // A full pipe wakes as well as one more byte would.
    ssize_t put = write(p->wake_fd[1], "", 1);
    (void)put;
}

static enum err file_submit(struct printer *printer, uint64_t job,
                            const struct label *label) {
    struct file_printer *p = (struct file_printer *)printer;
    enum err e = printer_jobs_put(&p->jobs, job, label);
    file_wake(p);
    return e;
}

static void file_cancel(struct printer *printer, uint64_t job) {
    struct file_printer *p = (struct file_printer *)printer;
    printer_jobs_cancel(&p->jobs, job);
    file_wake(p);
}

static void file_stop(struct printer *printer) {
    struct file_printer *p = (struct file_printer *)printer;
    printer_jobs_close(&p->jobs);
    file_wake(p);
}

static void file_free(struct file_printer *p) {
    int fds[] = {p->dir_fd, p->watch_fd, p->wake_fd[0], p->wake_fd[1]};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    printer_jobs_finish(&p->jobs);
    mem_free(p->dir);
    mem_free(p);
}

static void file_join(struct printer *printer) {
    struct file_printer *p = (struct file_printer *)printer;
    file_stop(printer);
    CHECK(pthread_join(p->thread, NULL) == 0);
    file_free(p);
}

// 0 for files that are no labels.
static int label_number(const char *name) {
    if (strncmp(name, "label-", strlen("label-")) != 0) {
        return 0;
    }
    long number = strtol(name + strlen("label-"), NULL, 10);
    return number > 0 && number <= LABEL_NUMBER_MAX ? (int)number : 0;
}

// Labels of an earlier run are never written over.
static void file_find_number(struct file_printer *p, DIR *dir) {
    p->next_number = 1;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        int number = label_number(entry->d_name);
        if (number >= p->next_number) {
            p->next_number = number + 1;
        }
    }
}

// "DIR" or "DIR,delay=MS".
static enum err file_parse_place(struct file_printer *p, const char *place) {
    const char *option = strstr(place, ",delay=");
    size_t dir_len = option ? (size_t)(option - place) : strlen(place);
    if (option) {
        char *end = NULL;
        long ms = strtol(option + strlen(",delay="), &end, 10);
        if (end == option + strlen(",delay=") || *end || ms < 0 ||
            ms > PRINTER_FILE_DELAY_MAX_MS) {
            log_error("--printer file:%s: delay is 0 to %d ms", place,
                      PRINTER_FILE_DELAY_MAX_MS);
            return ERR_INPUT;
        }
        p->delay_ms = (uint64_t)ms;
    }
    if (dir_len == 0) {
        log_error("--printer file: needs a folder: %s", printer_file.usage);
        return ERR_INPUT;
    }
    p->dir = mem_copy_text_n(place, dir_len);
    return ERR_NONE;
}

static enum err file_open(struct file_printer *p) {
    if (mkdir(p->dir, 0700) != 0 && errno != EEXIST) {
        return ERR_IO;
    }
    p->dir_fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = p->dir_fd < 0 ? NULL : opendir(p->dir);
    if (!dir) {
        return ERR_IO;
    }
    file_find_number(p, dir);
    (void)closedir(dir);
    p->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (p->watch_fd < 0 ||
        inotify_add_watch(p->watch_fd, p->dir, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) <
            0) {
        return ERR_IO;
    }
    if (pipe(p->wake_fd) != 0) {
        return ERR_IO;
    }
    for (int i = 0; i < 2; i++) {
        if (fcntl(p->wake_fd[i], F_SETFL, O_NONBLOCK) != 0 ||
            fcntl(p->wake_fd[i], F_SETFD, FD_CLOEXEC) != 0) {
            return ERR_IO;
        }
    }
    return ERR_NONE;
}

static enum err file_start(const char *place, const struct printer_setup *setup,
                           struct printer **out_printer) {
    struct file_printer *p = mem_alloc(1, sizeof *p);
    p->base.kind = &printer_file;
    p->format = setup->format ? setup->format : &label_pbm;
    printer_teller_init(&p->teller, setup);
    printer_jobs_init(&p->jobs);
    p->dir_fd = p->watch_fd = p->wake_fd[0] = p->wake_fd[1] = -1;
    enum err e = file_parse_place(p, place);
    if (e == ERR_NONE) {
        e = file_open(p);
        if (e != ERR_NONE) {
            log_error("--printer file:%s: %s", p->dir, strerror(errno));
        }
    }
    if (e == ERR_NONE && pthread_create(&p->thread, NULL, file_run, p) != 0) {
        log_error("--printer file:%s: no thread could be started", p->dir);
        e = ERR_IO;
    }
    if (e != ERR_NONE) {
        file_free(p);
        return e;
    }
    *out_printer = &p->base;
    return ERR_NONE;
}

const struct printer_kind printer_file = {
    .scheme = "file",
    .usage = "file:DIR[,delay=MS]",
    .start = file_start,
    .submit = file_submit,
    .cancel = file_cancel,
    .stop = file_stop,
    .join = file_join,
};

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

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

enum { LABEL_NUMBER_MAX = 999999, STATE_BYTES = 160 };

struct job {
    uint64_t id;
    struct label label;
    uint8_t *bits; // our copy, what label.bits points to
    bool is_cancelled;
};

struct file_printer {
    struct printer base;
    struct printer_setup setup;
    char *dir;
    int dir_fd;
    int watch_fd;   // inotify: somebody wrote or removed the state file
    int wake_fd[2]; // a byte in it wakes the thread
    uint64_t delay_ms;
    pthread_t thread;

    pthread_mutex_t lock; // guards the four below
    struct job jobs[PRINTER_JOBS_MAX];
    int job_count;
    bool is_under_way; // jobs[0] is being printed
    bool is_stopping;

    // Only the thread touches these.
    enum printer_state state; // last word of the state file
    bool is_unplugged;        // which said so
    char reason[PRINTER_REASON_SIZE];
    enum printer_state told; // last state posted, or PRINTER_STATE_COUNT
    char told_reason[PRINTER_REASON_SIZE];
    uint64_t due_ms; // when the label under way is out
    int next_number;
};

static void file_post(struct file_printer *p, enum printer_news_kind kind, uint64_t job,
                      const char *reason) {
    struct printer_news news = {.kind = kind, .job = job, .state = p->told};
    (void)snprintf(news.reason, sizeof news.reason, "%s", reason);
    p->setup.post(p->setup.context, &news);
}

static void file_tell_state(struct file_printer *p, enum printer_state state) {
    const char *reason = state == p->state ? p->reason : "";
    if (p->told != state || strcmp(p->told_reason, reason) != 0) {
        p->told = state;
        (void)snprintf(p->told_reason, sizeof p->told_reason, "%s", reason);
        file_post(p, PRINTER_STATE_CHANGED, 0, reason);
    }
}

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
    const char *ending = p->setup.format->ending;
    char *temporary = mem_format("%s/.label.%s", p->dir, ending);
    char *path = mem_format("%s/label-%06d.%s", p->dir, p->next_number, ending);
    enum err e = p->setup.format->write(label, temporary);
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

// Takes job i out of the queue; its bits are the caller's. Needs the lock.
static struct job job_take(struct file_printer *p, int i) {
    struct job job = p->jobs[i];
    p->job_count--;
    (void)memmove(&p->jobs[i], &p->jobs[i + 1],
                  (size_t)(p->job_count - i) * sizeof p->jobs[0]);
    return job;
}

static void job_free(struct job *job) {
    mem_free(job->bits);
}

static void file_print_first(struct file_printer *p) {
    (void)pthread_mutex_lock(&p->lock);
    struct label label = p->jobs[0].label; // stays: nothing removes a job under way
    (void)pthread_mutex_unlock(&p->lock);
    enum err e =
        p->next_number > LABEL_NUMBER_MAX ? ERR_FULL : file_write_label(p, &label);
    (void)pthread_mutex_lock(&p->lock);
    struct job job = job_take(p, 0);
    p->is_under_way = false;
    (void)pthread_mutex_unlock(&p->lock);
    p->due_ms = 0;
    job_free(&job);
    if (e == ERR_NONE) {
        file_post(p, PRINTER_JOB_PRINTED, job.id, "");
    } else {
        file_post(p, PRINTER_JOB_FAILED, job.id, "The label could not be written");
    }
}

// The cable was pulled under a label: nobody knows what is on the paper.
static void file_lose_first(struct file_printer *p) {
    (void)pthread_mutex_lock(&p->lock);
    bool is_under_way = p->is_under_way;
    struct job job = {0};
    if (is_under_way) {
        job = job_take(p, 0);
        p->is_under_way = false;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (is_under_way) {
        job_free(&job);
        file_post(p, PRINTER_JOB_UNKNOWN, job.id,
                  "The printer was unplugged while it printed");
    }
}

// All of them, or those that were taken back.
static void file_fail_jobs(struct file_printer *p, bool is_all) {
    int i = 0;
    while (i >= 0) {
        (void)pthread_mutex_lock(&p->lock);
        i = 0;
        while (i < p->job_count && !is_all && !p->jobs[i].is_cancelled) {
            i++;
        }
        i = i < p->job_count ? i : -1;
        struct job job = {0};
        if (i >= 0) {
            job = job_take(p, i);
        }
        (void)pthread_mutex_unlock(&p->lock);
        if (i >= 0) {
            const char *reason = job.is_cancelled ? "Taken back"
                                 : p->reason[0]   ? p->reason
                                                  : "The printer reports an error";
            job_free(&job);
            file_post(p, PRINTER_JOB_FAILED, job.id, reason);
        }
    }
}

// Does what is due; returns how long the thread may sleep, -1 = until woken.
static int file_step(struct file_printer *p, uint64_t now_ms) {
    if (p->is_unplugged) {
        file_lose_first(p);
    }
    file_fail_jobs(p, false);
    (void)pthread_mutex_lock(&p->lock);
    bool has_job = p->job_count > 0;
    p->is_under_way = has_job && p->state == PRINTER_READY;
    (void)pthread_mutex_unlock(&p->lock);
    if (p->state != PRINTER_READY) {
        p->due_ms = 0; // a label that was interrupted is printed anew
        file_tell_state(p, p->state);
        if (p->state == PRINTER_ERROR) {
            file_fail_jobs(p, true);
        }
        return -1;
    }
    if (!has_job) {
        file_tell_state(p, PRINTER_READY);
        return -1;
    }
    file_tell_state(p, PRINTER_BUSY);
    if (p->due_ms == 0) {
        p->due_ms = now_ms + p->delay_ms;
    }
    if (now_ms < p->due_ms) {
        return (int)(p->due_ms - now_ms);
    }
    file_print_first(p);
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
    file_tell_state(p, p->state);
    for (;;) {
        drain(p->wake_fd[0]);
        drain(p->watch_fd);
        (void)pthread_mutex_lock(&p->lock);
        bool is_stopping = p->is_stopping;
        (void)pthread_mutex_unlock(&p->lock);
        if (is_stopping) {
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
    enum err e = ERR_NONE;
    (void)pthread_mutex_lock(&p->lock);
    if (p->is_stopping) {
        e = ERR_CLOSED;
    } else if (p->job_count == PRINTER_JOBS_MAX) {
        e = ERR_FULL;
    } else {
        struct job *j = &p->jobs[p->job_count++];
        j->id = job;
        j->is_cancelled = false;
        j->label = *label;
        j->bits = mem_copy(label->bits, (size_t)label->stride_bytes * (size_t)label->h);
        j->label.bits = j->bits;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (e == ERR_NONE) {
        file_wake(p);
    }
    return e;
}

static void file_cancel(struct printer *printer, uint64_t job) {
    struct file_printer *p = (struct file_printer *)printer;
    (void)pthread_mutex_lock(&p->lock);
    for (int i = p->is_under_way ? 1 : 0; i < p->job_count; i++) {
        p->jobs[i].is_cancelled |= p->jobs[i].id == job;
    }
    (void)pthread_mutex_unlock(&p->lock);
    file_wake(p);
}

static void file_stop(struct printer *printer) {
    struct file_printer *p = (struct file_printer *)printer;
    (void)pthread_mutex_lock(&p->lock);
    p->is_stopping = true;
    (void)pthread_mutex_unlock(&p->lock);
    file_wake(p);
}

static void file_free(struct file_printer *p) {
    int fds[] = {p->dir_fd, p->watch_fd, p->wake_fd[0], p->wake_fd[1]};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    for (int i = 0; i < p->job_count; i++) {
        job_free(&p->jobs[i]);
    }
    (void)pthread_mutex_destroy(&p->lock);
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
    p->setup = *setup;
    p->setup.format = setup->format ? setup->format : &label_pbm;
    p->dir_fd = p->watch_fd = p->wake_fd[0] = p->wake_fd[1] = -1;
    p->told = PRINTER_STATE_COUNT;
    CHECK(pthread_mutex_init(&p->lock, NULL) == 0);
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

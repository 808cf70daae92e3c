#include "app/devices/scanner_fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

struct fifo {
    struct scanner base;
    scan_post *post;
    void *context;
    int read_fd;
    int hold_fd;    // our own writing end: without it every leaving writer ends the pipe
    int stop_fd[2]; // a byte in it ends the thread
    pthread_t thread;
    struct scan line; // being read; only the thread touches it
};

static void fifo_free(struct fifo *f) {
    int fds[] = {f->read_fd, f->hold_fd, f->stop_fd[0], f->stop_fd[1]};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    mem_free(f);
}

static void fifo_end_line(struct fifo *f) {
    // A lone CR is the empty line of a writer with CR LF.
    bool is_empty = f->line.len == 0 || (f->line.len == 1 && f->line.bytes[0] == '\r');
    if (!is_empty) {
        f->line.mono_ms = clock_mono_ms();
        f->post(f->context, &f->line);
    }
    f->line.len = 0;
}

static void fifo_take_bytes(struct fifo *f, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n') {
            fifo_end_line(f);
        } else if (f->line.len < sizeof f->line.bytes) {
            f->line.bytes[f->line.len++] = bytes[i];
        }
    }
}

// False when the pipe is broken.
static bool fifo_read(struct fifo *f) {
    uint8_t bytes[1024];
    ssize_t got = read(f->read_fd, bytes, sizeof bytes);
    if (got > 0) {
        fifo_take_bytes(f, bytes, (size_t)got);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        log_error("scanner fifo: read: %s; no more scans",
                  got < 0 ? strerror(errno) : "the pipe ended");
        return false;
    }
    return true;
}

static void *fifo_run(void *arg) {
    struct fifo *f = arg;
    struct pollfd fds[] = {{.fd = f->read_fd, .events = POLLIN},
                           {.fd = f->stop_fd[0], .events = POLLIN}};
    for (;;) {
        int ready = poll(fds, 2, f->line.len > 0 ? SCANNER_FIFO_QUIET_MS : -1);
        if (ready < 0 && errno != EINTR) {
            log_error("scanner fifo: poll: %s; no more scans", strerror(errno));
            return NULL;
        }
        if (ready < 0) {
            continue;
        }
        if (fds[1].revents) {
            return NULL;
        }
        if (ready == 0) {
            fifo_end_line(f);
            continue;
        }
        if (!fifo_read(f)) {
            return NULL;
        }
    }
}

static enum err fifo_open(struct fifo *f, const char *path) {
    if (mkfifo(path, 0600) != 0 && errno != EEXIST) {
        log_error("--scanner fifo:%s: cannot make the pipe: %s", path, strerror(errno));
        return ERR_IO;
    }
    struct stat st;
    f->read_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (f->read_fd < 0 || fstat(f->read_fd, &st) != 0) {
        log_error("--scanner fifo:%s: %s", path, strerror(errno));
        return ERR_IO;
    }
    if (!S_ISFIFO(st.st_mode)) {
        log_error("--scanner fifo:%s: this is no named pipe; name a free path", path);
        return ERR_INPUT;
    }
    f->hold_fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (f->hold_fd < 0 || pipe(f->stop_fd) != 0 ||
        fcntl(f->stop_fd[0], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(f->stop_fd[1], F_SETFD, FD_CLOEXEC) != 0) {
        log_error("--scanner fifo:%s: %s", path, strerror(errno));
        return ERR_IO;
    }
    return ERR_NONE;
}

static enum err fifo_start(const char *place, scan_post *post, void *context,
                           struct scanner **out_scanner) {
    if (!*place) {
        log_error("--scanner fifo: needs a path: fifo:PATH");
        return ERR_INPUT;
    }
    struct fifo *f = mem_alloc(1, sizeof *f);
    f->base.kind = &scanner_fifo;
    f->post = post;
    f->context = context;
    f->read_fd = f->hold_fd = f->stop_fd[0] = f->stop_fd[1] = -1;
    (void)memcpy(f->line.source, "fifo", sizeof "fifo");
    enum err e = fifo_open(f, place);
    if (e == ERR_NONE && pthread_create(&f->thread, NULL, fifo_run, f) != 0) {
        log_error("--scanner fifo:%s: no thread could be started", place);
        e = ERR_IO;
    }
    if (e != ERR_NONE) {
        fifo_free(f);
        return e;
    }
    *out_scanner = &f->base;
    return ERR_NONE;
}

static void fifo_stop(struct scanner *scanner) {
    struct fifo *f = (struct fifo *)scanner;
    ssize_t put;
    do {
        put = write(f->stop_fd[1], "", 1);
    } while (put < 0 && errno == EINTR);
    CHECK(put == 1);
}

static void fifo_join(struct scanner *scanner) {
    struct fifo *f = (struct fifo *)scanner;
    fifo_stop(scanner);
    CHECK(pthread_join(f->thread, NULL) == 0);
    fifo_free(f);
}

const struct scanner_kind scanner_fifo = {
    .scheme = "fifo",
    .usage = "fifo:PATH",
    .start = fifo_start,
    .stop = fifo_stop,
    .join = fifo_join,
};

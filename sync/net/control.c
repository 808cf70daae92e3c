#include "sync/net/control.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { READ_STEP = 65536, SILENCE_MS = 10000 };

struct control {
    int listen_fd;
    int stop_pipe[2];
    char *path;
    control_handler *handler;
    void *arg;
    pthread_t thread;
};

static bool fill_address(const char *path, struct sockaddr_un *out) {
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    if (strlen(path) > CONTROL_PATH_MAX) {
        return false;
    }
    memcpy(out->sun_path, path, strlen(path) + 1);
    return true;
}

// Until the newline, which is cut off; or ERR_IO, ERR_LIMIT, ERR_TIMEOUT (wait_ms of
// silence; -1: none).
static enum err read_line(int fd, int wait_ms, struct bytes *out) {
    while (out->len == 0 || out->data[out->len - 1] != '\n') {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, wait_ms) == 0) {
            return ERR_TIMEOUT;
        }
        uint8_t *at = bytes_grow(out, READ_STEP);
        ssize_t got = read(fd, at, READ_STEP);
        out->len -= READ_STEP - (size_t)(got > 0 ? got : 0);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return ERR_IO;
        }
        if (out->len > CONTROL_BYTES_MAX) {
            return ERR_LIMIT;
        }
    }
    out->len--;
    return ERR_NONE;
}

static enum err write_all(int fd, const void *data, size_t len) {
    const char *at = data;
    while (len) {
        ssize_t put = send(fd, at, len, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return ERR_IO;
        }
        at += put;
        len -= (size_t)put;
    }
    return ERR_NONE;
}

static enum err write_json(int fd, const json_t *value) {
    char *text = json_format(value);
    size_t len = strlen(text);
    text[len] = '\n'; // in the place of the NUL
    enum err e = write_all(fd, text, len + 1);
    mem_free(text);
    return e;
}

static void answer(int fd, bool is_ok, struct bytes *text) {
    bytes_add_u8(text, 0);
    json_t *object = json_object();
    json_t *words = json_string((const char *)text->data);
    json_object_set_new(object, "ok", json_boolean(is_ok));
    json_object_set_new(object, "text", words ? words : json_string("(not UTF-8)"));
    if (write_json(fd, object) != ERR_NONE) {
        log_debug("control: the caller went away");
    }
    json_decref(object);
}

static void serve_one(struct control *c, int fd) {
    struct bytes line = {0};
    struct bytes text = {0};
    json_t *object = NULL;
    bool is_ok = false;
    enum err e = read_line(fd, SILENCE_MS, &line);
    if (e == ERR_NONE) {
        e = json_parse(line.data, line.len, &object);
    }
    struct control_request request = {
        .verb = json_get_text(object, "verb", ""),
        .args = json_object_get(object, "args"),
        .data = json_object_get(object, "data"),
    };
    if (e != ERR_NONE) {
        bytes_add_text(&text, "not a request: ");
        bytes_add_text(&text, err_text(e));
    } else {
        is_ok = c->handler(c->arg, &request, &text);
    }
    answer(fd, is_ok, &text);
    json_decref(object);
    bytes_finish(&line);
    bytes_finish(&text);
}

static void *control_run(void *arg) {
    struct control *c = arg;
    for (;;) {
        struct pollfd fds[2] = {{.fd = c->listen_fd, .events = POLLIN},
                                {.fd = c->stop_pipe[0], .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            log_error("control: poll: %s", strerror(errno));
            return NULL;
        }
        if (fds[1].revents) {
            return NULL;
        }
        int fd = fds[0].revents ? accept(c->listen_fd, NULL, NULL) : -1;
        if (fd >= 0) {
            serve_one(c, fd);
            close(fd);
        }
    }
}

static int try_connect(const char *path) {
    struct sockaddr_un address;
    if (!fill_address(path, &address)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static enum err listen_at(const char *path, int *out_fd) {
    struct sockaddr_un address;
    if (!fill_address(path, &address)) {
        return ERR_LIMIT;
    }
    int other = try_connect(path);
    if (other >= 0) {
        close(other);
        return ERR_BUSY;
    }
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    // Nobody may connect between bind and chmod.
    mode_t before = umask(0177);
    bool is_bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    umask(before);
    if (!is_bound || listen(fd, 8) != 0) {
        log_error("control: %s: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return ERR_IO;
    }
    *out_fd = fd;
    return ERR_NONE;
}

enum err control_start(const char *path, control_handler *handler, void *arg,
                       struct control **out) {
    int fd = -1;
    enum err e = listen_at(path, &fd);
    if (e != ERR_NONE) {
        return e;
    }
    struct control *c = mem_alloc(1, sizeof *c);
    c->listen_fd = fd;
    c->path = mem_copy_text(path);
    c->handler = handler;
    c->arg = arg;
    CHECK(pipe(c->stop_pipe) == 0);
    CHECK(pthread_create(&c->thread, NULL, control_run, c) == 0);
    *out = c;
    return ERR_NONE;
}

void control_stop(struct control *c) {
    if (c && write(c->stop_pipe[1], "x", 1) != 1) {
        log_error("control: cannot stop: %s", strerror(errno));
    }
}

void control_join(struct control *c) {
    if (!c) {
        return;
    }
    pthread_join(c->thread, NULL);
    unlink(c->path);
    close(c->listen_fd);
    close(c->stop_pipe[0]);
    close(c->stop_pipe[1]);
    mem_free(c->path);
    mem_free(c);
}

static enum err call_on(int fd, const struct control_request *request, bool *out_ok,
                        struct bytes *out) {
    struct bytes line = {0};
    json_t *answered = NULL;
    json_t *object = json_object();
    json_object_set_new(object, "verb", json_string(request->verb));
    json_object_set_new(object, "args",
                        request->args ? json_deep_copy(request->args) : json_array());
    if (request->data) {
        json_object_set_new(object, "data", json_deep_copy(request->data));
    }
    enum err e = write_json(fd, object);
    json_decref(object);
    if (e == ERR_NONE) {
        e = read_line(fd, -1, &line);
    }
    if (e == ERR_NONE) {
        e = json_parse(line.data, line.len, &answered);
    }
    if (e == ERR_NONE) {
        *out_ok = json_get_bool(answered, "ok", false);
        bytes_add_text(out, json_get_text(answered, "text", ""));
    }
    json_decref(answered);
    bytes_finish(&line);
    return e;
}

enum err control_call(const char *path, const struct control_request *request,
                      bool *out_ok, struct bytes *out) {
    int fd = try_connect(path);
    if (fd < 0) {
        return ERR_NOT_FOUND;
    }
    enum err e = call_on(fd, request, out_ok, out);
    close(fd);
    return e;
}

#include "sync/base/file.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 65536 };

enum err file_read(const char *path, uint64_t from, size_t max, struct bytes *out) {
    FILE *f = fopen(path, "re");
    if (!f) {
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    size_t start = out->len;
    enum err e = fseek(f, (long)from, SEEK_SET) == 0 ? ERR_NONE : ERR_IO;
    for (size_t got = STEP; e == ERR_NONE && got == STEP;) {
        uint8_t *at = bytes_grow(out, STEP);
        got = fread(at, 1, STEP, f);
        out->len -= STEP - got;
        if (ferror(f)) {
            e = ERR_IO;
        } else if (out->len - start > max) {
            e = ERR_LIMIT;
        }
    }
    fclose(f);
    return e;
}

// ---- writing --------------------------------------------------------------------------

static enum err say_errno(const char *path) {
    int why = errno;
    log_error("file: %s: %s", path, strerror(why));
    switch (why) {
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case EEXIST:
        return ERR_EXISTS;
    case ENOENT:
        return ERR_NOT_FOUND;
    default:
        return ERR_IO;
    }
}

static bool write_all(int fd, const uint8_t *data, size_t len) {
    while (len) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        data += put;
        len -= (size_t)put;
    }
    return true;
}

enum err file_sync_parent(const char *path) {
    char *dir = mem_copy_text(path);
    char *slash = strrchr(dir, '/');
    if (slash) {
        slash[slash == dir] = '\0';
    }
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // A FAT stick may refuse to sync a folder; then its files were synced, no more is had.
    bool is_kept = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    enum err e = is_kept ? ERR_NONE : say_errno(dir);
    if (fd >= 0) {
        close(fd);
    }
    mem_free(dir);
    return e;
}

enum err file_write(const char *path, const void *data, size_t len) {
    char *temp = mem_format("%s.new", path);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_kept = fd >= 0 && write_all(fd, data, len) && fsync(fd) == 0;
    enum err e = is_kept ? ERR_NONE : say_errno(temp);
    if (fd >= 0 && close(fd) != 0 && e == ERR_NONE) {
        e = say_errno(temp);
    }
    if (e == ERR_NONE && rename(temp, path) != 0) {
        e = say_errno(path);
    }
    e = e == ERR_NONE ? file_sync_parent(path) : e;
    if (e != ERR_NONE) {
        unlink(temp);
    }
    mem_free(temp);
    return e;
}

static enum err copy_bytes(int in, int out, const char *to) {
    uint8_t *step = mem_alloc(STEP, 1);
    ssize_t got = 0;
    enum err e = ERR_NONE;
    while (e == ERR_NONE && (got = read(in, step, STEP)) > 0) {
        e = write_all(out, step, (size_t)got) ? ERR_NONE : say_errno(to);
    }
    if (e == ERR_NONE && (got < 0 || fsync(out) != 0)) {
        e = say_errno(to);
    }
    mem_free(step);
    return e;
}

enum err file_copy(const char *from, const char *to) {
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    enum err e = in < 0    ? say_errno(from)
                 : out < 0 ? say_errno(to)
                           : copy_bytes(in, out, to);
    if (in >= 0) {
        close(in);
    }
    if (out >= 0 && close(out) != 0 && e == ERR_NONE) {
        e = say_errno(to);
    }
    if (out >= 0 && e != ERR_NONE) {
        unlink(to);
    }
    return e;
}
